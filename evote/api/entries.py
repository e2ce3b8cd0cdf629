"""Entries that somebody signed, their addenda, and grants. Spec: board.md §5.4, §5.5"""

import asyncio
import re
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from bulletin_board.answers import EntryAnswer, WantedAnswer
from bulletin_board.errors import AddendaWanted, AppendRefused
from bulletin_board.outcome import Acknowledged
from bulletin_board.store.port import Refusal
from evote.api.answers import json_answer
from evote.api.body import read_body
from evote.election.accept_entry import MAX_GRANT_BYTES, MAX_REQUEST_BYTES, EntryAcceptance
from evote.election.beat_bell import BeatBell

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def entry_routes(acceptance: EntryAcceptance, bell: BeatBell) -> APIRouter:
    """Posting what is signed."""
    router = APIRouter()

    @router.post("/entries")
    async def post(request: Request) -> Response:
        body = await read_body(request, MAX_REQUEST_BYTES)
        try:
            leaf_hash = await asyncio.to_thread(acceptance.accept, body)
        except AddendaWanted as exc:
            return _waits(*(name.hex() for name in exc.sizes))
        outcome = await bell.settled(leaf_hash)
        if isinstance(outcome, Refusal):
            raise AppendRefused(outcome.code, outcome.detail)
        if isinstance(outcome, Acknowledged):
            receipt = outcome.receipt
            return json_answer(EntryAnswer(index=receipt.index, receipt=receipt.to_text()))
        return _waits()

    @router.put("/addenda/{name}")
    async def bring(name: str, request: Request) -> Response:
        if not _SHA256.fullmatch(name):
            raise AppendRefused("malformed", "an addendum is named by its SHA-256 in hex")
        sha256 = bytes.fromhex(name)
        size = await asyncio.to_thread(acceptance.wanted_size, sha256)
        data = await read_body(request, size)
        await asyncio.to_thread(acceptance.keep_addendum, sha256, data)
        return json_answer({"sha256": name})

    @router.post("/grants")
    async def grant(request: Request) -> Response:
        body = await read_body(request, MAX_GRANT_BYTES)
        kept = await asyncio.to_thread(acceptance.grant, body)
        return json_answer({"credential": kept.credential.to_json()})

    return router


def _waits(*wanted: str) -> Response:
    """Not on the board yet: for want of these addenda, or, with none, for a beat or its witnesses."""
    return json_answer(WantedAnswer(wanted=wanted), HTTPStatus.ACCEPTED)

"""Ballots over HTTP. Spec: board.md §5.1, §5.2"""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from bulletin_board.answers import BallotPendingAnswer, BallotReceiptAnswer
from bulletin_board.errors import AppendRefused
from bulletin_board.outcome import Acknowledged, Outcome
from bulletin_board.records.fields import Bytes64, decode_base64url
from bulletin_board.store.port import Refusal
from evote.api.answers import json_answer
from evote.api.body import read_body
from evote.election.accept_ballot import MAX_REQUEST_BYTES, BallotAcceptance, PostedBallot


def ballot_routes(acceptance: BallotAcceptance) -> APIRouter:
    """Casting, and asking what has become of a ballot."""
    router = APIRouter()

    @router.post("/ballots")
    async def cast(request: Request) -> Response:
        body = await read_body(request, MAX_REQUEST_BYTES)
        # In a thread: a large ballot takes its time, and so does a large heap of nothing.
        posted = await asyncio.to_thread(PostedBallot.decode, body)
        return _told(posted.digest, await acceptance.accept(posted))

    @router.get("/ballots/{digest}")
    async def look_up(digest: str) -> Response:
        try:
            wanted = decode_base64url(digest)
        except ValueError:
            wanted = b""
        outcome = await asyncio.to_thread(acceptance.known, wanted)
        if outcome is None:
            raise AppendRefused("not-found", "no such ballot is on the log or waits for it")
        return _told(wanted, outcome)

    return router


def _told(digest: bytes, outcome: Outcome) -> Response:
    if isinstance(outcome, Refusal):
        raise AppendRefused(outcome.code, outcome.detail)
    named = Bytes64(digest)
    if isinstance(outcome, Acknowledged):
        return json_answer(BallotReceiptAnswer(digest=named, receipt=outcome.receipt.to_text()))
    return json_answer(BallotPendingAnswer(digest=named, status="not yet acknowledged"), HTTPStatus.ACCEPTED)

"""A witness over HTTP, a thin layer around `bulletin_board/witness.py`.

    POST /add-checkpoint                     a log asks for a cosignature
    GET  /<hex SHA-256 of origin>/checkpoint the last one that was given, for monitors

Spec: board.md §2.5; c2sp.org/tlog-witness
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request, Response

from bulletin_board.errors import AppendRefused
from bulletin_board.witness import MAX_REQUEST_BYTES, TEXT, Witness, WitnessAnswer
from evote.api.access_log import AccessLog
from evote.api.body import read_body


def create_witness_app(witness: Witness, clock: Callable[[], float]) -> FastAPI:
    """The app of one witness.

    Args:
        witness: with its key and memory.
        clock: POSIX seconds; cosignatures carry them.
    """
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.add_middleware(AccessLog)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        try:
            body = await read_body(request, MAX_REQUEST_BYTES)
        except AppendRefused as exc:
            status = (
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE if exc.code == "too-large" else HTTPStatus.BAD_REQUEST
            )
            return _plain(WitnessAnswer(status, TEXT, f"{exc.detail}\n".encode()))
        return _plain(await asyncio.to_thread(witness.add_checkpoint, body, now=int(clock())))

    @app.get("/{origin_digest}/checkpoint")
    async def latest(origin_digest: str) -> Response:
        return _plain(await asyncio.to_thread(witness.latest_checkpoint, origin_digest))

    return app


def _plain(answer: WitnessAnswer) -> Response:
    # As raw headers: a framework that knows better would add a charset to the type.
    headers = {"content-type": answer.content_type, "cache-control": "no-store"}
    return Response(answer.body, answer.status, headers)

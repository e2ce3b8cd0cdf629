"""The identity service over HTTP: two requests, JSON in and out.

    POST /sessions            {"personal_number", "reference"}  →  202 {"session"}
    POST /sessions/<session>  {"code"}                          →  200 {"part", "credential"}

Nothing is logged about a request but the kind of an unforeseen failure: a traceback could carry what people
typed.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bulletin_board.records.fields import encode_base64url
from evote.api.problems import PROBLEM_JSON
from evote.errors import RateLimitError
from evote.identity.desk import HandedPart, IdentityDesk
from evote.identity.problems import STATUS_OF, code_of, problem

MAX_BODY = 1024  # bytes

_LOG = logging.getLogger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
T = TypeVar("T", bound=msgspec.Struct)


class SessionRequest(msgspec.Struct, forbid_unknown_fields=True):
    personal_number: str
    reference: str  # of the letter


class CodeRequest(msgspec.Struct, forbid_unknown_fields=True):
    code: str


class Refusal(Exception):  # noqa: N818 an answer, not a failure of ours
    """An answer other than success."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def create_app(desk: IdentityDesk, languages: tuple[str, ...], lifespan: Lifespan | None = None) -> FastAPI:
    """The application around a desk.

    Args:
        desk: whose two requests it serves.
        languages: of the election.
        lifespan: what runs beside it, such as reading the log.
    """
    app = FastAPI(openapi_url=None, lifespan=lifespan)
    # Sessions are named by unguessable tokens, not by cookies, so pages of any origin may ask.
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["POST"], allow_headers=["Content-Type"]
    )
    answers = _Answers(languages)
    app.add_exception_handler(HTTPException, answers.not_found)

    @app.post("/sessions")
    async def begin(request: Request) -> Response:
        async def answer() -> Response:
            asked = await _read(request, SessionRequest)
            session = await run_in_threadpool(desk.begin, asked.personal_number, asked.reference)
            return _json({"session": session}, 202)

        return await answers.give(request, answer)

    @app.post("/sessions/{session}")
    async def finish(request: Request, session: str) -> Response:
        async def answer() -> Response:
            asked = await _read(request, CodeRequest)
            handed: HandedPart = await run_in_threadpool(desk.finish, session, asked.code)
            part, credential = encode_base64url(handed.bits), encode_base64url(handed.credential)
            return _json({"part": part, "credential": credential}, 200)

        return await answers.give(request, answer)

    return app


@dataclass(frozen=True, slots=True)
class _Answers:
    """Turns whatever an endpoint raises into a problem."""

    languages: tuple[str, ...]

    async def give(self, request: Request, answer: Callable[[], Awaitable[Response]]) -> Response:
        try:
            return await answer()
        except Refusal as exc:
            return self._refused(request, exc.code)
        except Exception as exc:  # noqa: BLE001 whatever it is, the person gets an answer and the log no data
            return self._failed(request, exc)

    async def not_found(self, request: Request, _exc: Exception) -> Response:
        return self._refused(request, "not-found")

    def _failed(self, request: Request, exc: Exception) -> Response:
        code = code_of(exc)
        if code == "unavailable":
            _LOG.error("identification: %s", type(exc).__name__)
        response = self._refused(request, code)
        if isinstance(exc, RateLimitError):
            response.headers["Retry-After"] = str(exc.retry_after)
        return response

    def _refused(self, request: Request, code: str) -> Response:
        body = problem(code, request.headers.get("Accept-Language", ""), self.languages)
        return _json(body, STATUS_OF[code], media_type=PROBLEM_JSON)


async def _read(request: Request, kind: type[T]) -> T:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Refusal("too-large")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The reason would quote what was typed.
        raise Refusal("malformed") from None


def _json(body: object, status: int, media_type: str = "application/json") -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"}, media_type=media_type)

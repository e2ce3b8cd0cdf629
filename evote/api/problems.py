"""Refusals: one table of codes, and the board's signature under each, so that none can be denied later.

Spec: board.md §5.7
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from types import MappingProxyType

from fastapi import FastAPI, Request, Response
from msgspec.structs import replace
from starlette.exceptions import HTTPException

from bulletin_board.errors import AppendRefused, StoreError
from bulletin_board.problem import REFUSAL, Problem
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.manifest import Manifest
from crypto.signing import SigningKey, record_message
from evote.api.language import negotiate_language
from evote.errors import DatabaseError
from evote.texts import catalogue

STATUS: Mapping[str, int] = MappingProxyType(
    {
        "malformed": 400,
        "too-large": 413,
        "non-canonical": 400,
        "wrong-election": 422,
        "wrong-style": 422,
        "unknown-credential": 403,
        "revoked-credential": 403,
        "not-identified": 403,
        "stale-previous": 409,
        "repeated-pad": 409,
        "bad-proof": 422,
        "not-open": 403,
        "closed": 403,
        "bad-signature": 403,
        "out-of-order": 409,
        "not-found": 404,
        "unavailable": 503,
    }
)
"""Every code of a refusal, and the status it is sent with."""

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "https://evote.example/problems/"

MAX_DETAIL = 500  # characters: what is quoted of a request may be as long as the request

_LOG = logging.getLogger(__name__)
_EMPTY = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class RefusalWriter:
    """Writes problems in the board's name."""

    manifest: Manifest
    key: SigningKey  # the board's

    def refuse(self, request: Request, code: str, detail: str) -> Response:
        """The answer to a request that is refused, in the reader's language where people read it."""
        language = negotiate_language(request.headers.get("accept-language", ""), self.manifest.languages)
        problem = Problem(
            type=f"{TYPE_PREFIX}{code}",
            title=catalogue(language).text(f"problem-{code}"),
            status=STATUS[code],
            detail=detail[:MAX_DETAIL],
            code=code,
            digest=Bytes32(getattr(request.state, "body_digest", _EMPTY)),
            election_id=self.manifest.election_id,
        )
        message = record_message(REFUSAL, self.manifest.digest, jcs(problem))
        signed = replace(problem, signature=Bytes64(self.key.sign(message)))
        headers = {"content-type": PROBLEM_JSON, "content-language": language, "cache-control": "no-store"}
        return Response(jcs(signed), STATUS[code], headers)


def install_refusals(app: FastAPI, writer: RefusalWriter) -> None:
    """Turn every error of an app into a problem.

    What the requester is to blame for was made an `AppendRefused` where it was found. Anything else that gets
    as far as here is our own fault; it is logged, and nobody hears more of it.
    """

    async def refused(request: Request, exc: Exception) -> Response:
        if isinstance(exc, AppendRefused):
            return writer.refuse(request, exc.code, exc.detail)
        _LOG.error("unavailable: %s: %.300r", type(exc).__name__, str(exc))
        return writer.refuse(request, "unavailable", "the board cannot take this for the moment")

    async def unrouted(request: Request, exc: Exception) -> Response:
        if not isinstance(exc, HTTPException):
            return unexplained(HTTPStatus.INTERNAL_SERVER_ERROR)
        if exc.status_code == HTTPStatus.NOT_FOUND:
            return writer.refuse(request, "not-found", "there is nothing at this address")
        return unexplained(HTTPStatus(exc.status_code), exc.headers)

    for kind in (AppendRefused, StoreError, DatabaseError):
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(Exception, unrouted)


def unexplained(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> Response:
    """A problem that says nothing but its status, and that the board does not vouch for."""
    problem = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    return Response(
        jcs(problem), status, {**(headers or {}), "content-type": PROBLEM_JSON, "cache-control": "no-store"}
    )

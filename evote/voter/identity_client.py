"""Talking with the identity service: it sends a one-time code, and for the code a part of the credential."""

from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Annotated, Self, TypeVar

import httpx
import msgspec

from bulletin_board.client import bounded_request
from bulletin_board.errors import ExchangeError
from bulletin_board.records.fields import decode_base64url
from crypto.crockford import CODE_BYTES
from evote.errors import IdentificationRefused

_TIMEOUT = httpx.Timeout(60, connect=10)
_MAX_ANSWER = 64 << 10
_CREDENTIAL_BYTES = 32

_Token = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{1,128}\Z")]

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class IdentifiedVoter:
    """What the identity service gives for a right code; the roll says whether it is true.

    bits:       its part of the credential, 16 bytes
    credential: S, encoded
    """

    bits: bytes = field(repr=False)
    credential: bytes


class IdentityClient:
    """The identity service, as a voter speaks with it."""

    def __init__(self, url: str, *, timeout: httpx.Timeout = _TIMEOUT) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def begin(self, personal_number: str, reference: str, *, language: str) -> str:
        """Ask for a one-time code; the name of the session.

        Args:
            personal_number: of the voter.
            reference: the number of the letter.
            language: of refusals.

        Raises:
            IdentificationRefused: the service says no.
            ExchangeError: no answer, or one that is none.
        """
        asked = {"personal_number": personal_number, "reference": reference}
        return self._post("/sessions", asked, language, _SessionAnswer).session

    def finish(self, session: str, code: str, *, language: str) -> IdentifiedVoter:
        """Bring the code; raises as `begin`."""
        answer = self._post(f"/sessions/{session}", {"code": code}, language, _PartAnswer)
        try:
            bits, credential = decode_base64url(answer.part), decode_base64url(answer.credential)
        except ValueError as exc:
            raise ExchangeError(f"identity service: {exc}") from exc
        if len(bits) != CODE_BYTES or len(credential) != _CREDENTIAL_BYTES:
            raise ExchangeError("identity service: a part or a credential of another length")
        return IdentifiedVoter(bits, credential)

    def _post(self, path: str, content: dict[str, str], language: str, kind: type[T]) -> T:
        answer = bounded_request(
            self._http,
            "POST",
            path,
            content=msgspec.json.encode(content),
            headers={"content-type": "application/json", "accept-language": language},
            limit=_MAX_ANSWER,
        )
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ExchangeError(f"identity service: answers {answer.status_code}")
        if answer.is_success:
            return _decode(answer.content, kind)
        problem = _decode(answer.content, _Problem)
        raise IdentificationRefused(problem.code, problem.detail)


class _SessionAnswer(msgspec.Struct):
    session: _Token


class _PartAnswer(msgspec.Struct):
    part: str
    credential: str


class _Problem(msgspec.Struct):
    code: Annotated[str, msgspec.Meta(pattern=r"\A[a-z-]{1,64}\Z")]
    detail: str


def _decode(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # What is wrong would be quoted, and a part stands in the answer.
        raise ExchangeError("identity service: an answer that is none") from None

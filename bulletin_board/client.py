"""Talking with a board over HTTP: reading its log, and bringing it ballots and records.

Nothing that comes back is believed here: readers authenticate what they read, receipts are verified against
what was sent, refusals by their signature.

Spec: board.md §5
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from bulletin_board.answers import (
    BallotReceiptAnswer,
    BoardStatus,
    CredentialAnswer,
    EntryAnswer,
    WantedAnswer,
)
from bulletin_board.envelope_file import encode_envelope
from bulletin_board.errors import ExchangeError, MissingFile, RecordError, RequestRefused
from bulletin_board.folder import MAX_FILE_BYTES
from bulletin_board.log.receipt import Receipt, verify_receipt
from bulletin_board.policy import BoardPolicy
from bulletin_board.problem import open_problem
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.envelope import Envelope, encode_record
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.witness import WitnessAnswer

_TIMEOUT = httpx.Timeout(60, connect=10)
_MAX_ANSWER = 4 << 20

T = TypeVar("T")


class BoardClient:
    """One board, as a voter, an official or a trustee speaks with it."""

    def __init__(self, url: str, *, timeout: httpx.Timeout = _TIMEOUT) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def paths(self) -> None:
        """A board does not list its files; with `read` this makes it one of `RecordFiles`."""

    def read(self, path: str) -> bytes:
        """A file of the log.

        Raises:
            MissingFile: the board has none of this path.
            ExchangeError: no answer, or another one.
        """
        answer = self._send("GET", f"/{path}", limit=MAX_FILE_BYTES)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise MissingFile(path)
        if answer.status_code != HTTPStatus.OK:
            raise ExchangeError(f"{path}: the board answers {answer.status_code}")
        return answer.content

    def status(self) -> BoardStatus:
        """How far the election is, by the board's word."""
        return self._typed(self._send("GET", "/status"), BoardStatus)

    def credential(self, credential: bytes, manifest: Manifest) -> CredentialAnswer:
        """What the log says of a credential; the row's proof is still to be verified.

        Raises:
            RequestRefused: the board does not know it.
            ExchangeError: no answer, or one beside the protocol.
        """
        answer = self._send("GET", f"/credentials/{encode_base64url(credential)}")
        found = self._typed(answer, CredentialAnswer, manifest)
        if found.credential != credential:
            raise ExchangeError("credential: the board answers about another one")
        return found

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        """Cast a ballot: its receipt, verified against what was sent, or None while it is not acknowledged.

        The same body may be sent again at any time; it gets the same receipt.

        Raises:
            RequestRefused: the board says no, and signs that.
            ExchangeError: no answer (the ballot may be in: ask `ballot_receipt`), or one beside the protocol.
            BoardError: a receipt that does not prove what it should.
        """
        bulk = [encode_base64url(addenda[bytes(ref.sha256)]) for ref in body.addenda()]
        content = jcs({"addenda": bulk, "body": body})
        answer = self._send("POST", "/ballots", content=content, media_type="application/json")
        return self._ballot_receipt(answer, body, manifest)

    def ballot_receipt(self, body: BallotBody, manifest: Manifest) -> Receipt | None:
        """What became of a ballot that was sent: its receipt, or None while it waits.

        Raises:
            RequestRefused: `not-found`: it is neither on the log nor waiting.
            ExchangeError, BoardError: as `post_ballot`.
        """
        answer = self._send("GET", f"/ballots/{encode_base64url(body.digest)}")
        return self._ballot_receipt(answer, body, manifest)

    def post_entry(self, envelope: Envelope, addenda: Mapping[bytes, bytes], manifest: Manifest) -> Receipt:
        """Bring a signed record and what it names; its receipt, verified.

        Raises:
            RequestRefused: the board says no, and signs that.
            ExchangeError: no answer, not acknowledged in time, or an answer beside the protocol.
            BoardError: a receipt that does not prove what it should.
        """
        content = encode_envelope(envelope)
        answer = self._send("POST", "/entries", content=content, media_type="application/json")
        if answer.status_code == HTTPStatus.ACCEPTED and b'"wanted"' in answer.content:
            for name in self._typed(answer, WantedAnswer).wanted:
                self._put_addendum(bytes.fromhex(name), addenda, manifest)
            answer = self._send("POST", "/entries", content=content, media_type="application/json")
        if answer.status_code == HTTPStatus.ACCEPTED:
            raise ExchangeError(f"{envelope.type}: not acknowledged yet; send it again")
        receipt = Receipt.from_text(self._typed(answer, EntryAnswer, manifest).receipt)
        require_receipt(receipt, encode_record(envelope), manifest)
        return receipt

    def post_grant(self, credential: bytes, signature: bytes, manifest: Manifest) -> None:
        """Tell the board that the holder of a credential was identified.

        Raises:
            RequestRefused: the board says no, and signs that.
            ExchangeError: no answer, or one beside the protocol.
        """
        content = jcs({"credential": encode_base64url(credential), "signature": encode_base64url(signature)})
        answer = self._send("POST", "/grants", content=content, media_type="application/json")
        self._require_taken(answer, manifest)

    def _put_addendum(self, name: bytes, addenda: Mapping[bytes, bytes], manifest: Manifest) -> None:
        if name not in addenda:
            raise ExchangeError(f"addendum {name.hex()[:16]}: the board wants it, and we do not have it")
        self._require_taken(
            self._send(
                "PUT",
                f"/addenda/{name.hex()}",
                content=addenda[name],
                media_type="application/octet-stream",
            ),
            manifest,
        )

    def _ballot_receipt(self, answer: httpx.Response, body: BallotBody, manifest: Manifest) -> Receipt | None:
        if answer.status_code == HTTPStatus.ACCEPTED:
            return None
        found = self._typed(answer, BallotReceiptAnswer, manifest)
        receipt = Receipt.from_text(found.receipt)
        require_receipt(receipt, encode_record(Envelope(body.record_type, body, ())), manifest)
        return receipt

    def _require_taken(self, answer: httpx.Response, manifest: Manifest) -> None:
        if not answer.is_success:
            raise self._refusal(answer, manifest)

    def _typed(self, answer: httpx.Response, kind: type[T], manifest: Manifest | None = None) -> T:
        if not answer.is_success:
            raise self._refusal(answer, manifest)
        try:
            return decode_json(answer.content, kind, limit=_MAX_ANSWER)
        except RecordError as exc:
            raise ExchangeError(f"board: an answer beside the protocol: {exc}") from exc

    @staticmethod
    def _refusal(answer: httpx.Response, manifest: Manifest | None) -> ExchangeError:
        if manifest is None or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ExchangeError(f"board: answers {answer.status_code}")
        try:
            sent = answer.request.content
            problem = open_problem(answer.content, manifest, request_body=sent)
            return RequestRefused(problem.code, problem.detail, answer.content)
        except ExchangeError as exc:
            return exc

    def _send(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        media_type: str | None = None,
        limit: int = _MAX_ANSWER,
    ) -> httpx.Response:
        headers = {"content-type": media_type} if media_type else {}
        return bounded_request(self._http, method, path, content=content, headers=headers, limit=limit)


class WitnessClient:
    """A witness at an address; `WitnessLink` asks it through here."""

    def __init__(self, url: str, *, timeout: httpx.Timeout = httpx.Timeout(5)) -> None:  # noqa: B008 -- immutable
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, follow_redirects=False)

    def ask(self, body: bytes) -> WitnessAnswer:
        """Send one add-checkpoint request.

        Raises:
            ExchangeError: no answer.
        """
        answer = bounded_request(
            self._http, "POST", "/add-checkpoint", content=body, headers={}, limit=_MAX_ANSWER
        )
        return WitnessAnswer(answer.status_code, answer.headers.get("content-type", ""), answer.content)

    def close(self) -> None:
        self._http.close()


def require_receipt(receipt: Receipt, entry: bytes, manifest: Manifest) -> None:
    """Check a receipt against the entry that was sent.

    Raises:
        BoardError: it does not prove that this entry stands in this board's log, under a quorum.

    Spec: board.md §6.1
    """
    policy = BoardPolicy.of(manifest)
    verify_receipt(
        receipt,
        entry,
        log_key=policy.log_key,
        witness_keys=policy.witness_keys,
        quorum=policy.quorum,
        origin=manifest.board.origin,
    )


def bounded_request(
    http: httpx.Client,
    method: str,
    path: str,
    *,
    content: bytes | None,
    headers: Mapping[str, str],
    limit: int,
) -> httpx.Response:
    """One request whose answer is read no further than `limit` bytes.

    Raises:
        ExchangeError: no connection, no answer in time, or a longer one.
    """
    try:
        with http.stream(method, path, content=content, headers=dict(headers)) as answer:
            received = bytearray()
            for chunk in answer.iter_bytes():
                received += chunk
                if len(received) > limit:
                    raise ExchangeError(f"{path}: an answer of more than {limit} bytes")
            return _complete(answer, bytes(received))
    except httpx.HTTPError as exc:
        raise ExchangeError(f"{path}: {type(exc).__name__}: no answer") from exc


def _complete(answer: httpx.Response, content: bytes) -> httpx.Response:
    kept: dict[str, Any] = {
        name: value
        for name, value in answer.headers.items()
        if name.lower() not in {"content-encoding", "transfer-encoding", "content-length"}
    }
    return httpx.Response(answer.status_code, headers=kept, content=content, request=answer.request)

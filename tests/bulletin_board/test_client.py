"""Clients against a real server on the loopback: an honest one, and one that answers anything."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from msgspec.structs import replace

from bulletin_board.client import BoardClient, WitnessClient
from bulletin_board.cosigning import WitnessLink
from bulletin_board.envelope_file import decode_envelope
from bulletin_board.errors import (
    AddendaWanted,
    AppendRefused,
    ExchangeError,
    LogProofError,
    MissingFile,
    RequestRefused,
)
from bulletin_board.log.receipt import Receipt
from bulletin_board.log_reader import VerifiedLog, read_manifest
from bulletin_board.outcome import Acknowledged, Waiting
from bulletin_board.policy import BoardPolicy
from bulletin_board.problem import REFUSAL, Problem
from bulletin_board.records.bulk import fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import encode_record, sign_body
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.roll import IssuerPledge, encode_roll
from bulletin_board.serving import read_path
from bulletin_board.witness import TREE_SIZE
from crypto.signing import SigningKey, record_message
from tests.bulletin_board.live_board import LiveBoard, credential_of, voter
from tests.support import records
from tests.tools.vector_files import drawn

Answer = tuple[int, str, bytes]  # status, content type, body
Respond = Callable[[str, str, bytes], Answer]  # method, path, body → answer
JSON = "application/json"


@contextmanager
def serving(respond: Respond) -> Iterator[str]:
    """A server on a free port of the loopback; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, content_type, answer = respond(self.command, self.path, body)
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 -- http.server looks for these names

        def log_request(self, *_: object) -> None:
            """Nothing: tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def problem(code: str, body: bytes, status: int = 403, key: SigningKey = records.BOARD) -> Answer:
    unsigned = Problem(
        type=f"https://evote.example/problems/{code}",
        title=code,
        status=status,
        detail="because",
        code=code,
        digest=Bytes32(sha256(body).digest()),
        election_id=records.MANIFEST.election_id,
    )
    message = record_message(REFUSAL, records.MANIFEST.digest, jcs(unsigned))
    signed = replace(unsigned, signature=Bytes64(key.sign(message)))
    return status, "application/problem+json", jcs(signed)


class BoardServer:
    """As much of a board's HTTP side as the clients speak with; every submission gets a beat of its own."""

    def __init__(self, board: LiveBoard) -> None:
        self.board = board

    def respond(self, method: str, path: str, body: bytes) -> Answer:
        if method == "GET":
            file = read_path(self.board.store, path.removeprefix("/"))
            return (200, file.content_type, file.content) if file else problem("not-found", b"", 404)
        try:
            if method == "PUT":
                self.board.sequencer.desk.keep_addendum(bytes.fromhex(path.rpartition("/")[2]), body)
                return 204, JSON, b""
            return self.take(path, body)
        except AddendaWanted as wanted:
            return 202, JSON, jcs({"wanted": [name.hex() for name in wanted.sizes]})
        except AppendRefused as refused:
            return problem(refused.code, body, 409)

    def take(self, path: str, body: bytes) -> Answer:
        raise NotImplementedError


class EntryServer(BoardServer):
    def take(self, path: str, body: bytes) -> Answer:
        assert path == "/entries"
        entry = encode_record(decode_envelope(body))
        hashed = self.board.sequencer.submit(entry, now=self.board.now)
        self.board.beat()
        outcome = self.board.sequencer.outcome(hashed)
        if isinstance(outcome, Acknowledged):
            receipt = outcome.receipt
            return 200, JSON, jcs({"index": receipt.index, "receipt": receipt.to_text()})
        if isinstance(outcome, Waiting):
            return 202, JSON, jcs({"wanted": []})
        assert outcome
        return problem(outcome.code, body, 409)


@contextmanager
def client_of(respond: Respond) -> Iterator[BoardClient]:
    with serving(respond) as url, BoardClient(url, timeout=httpx.Timeout(5)) as client:
        yield client


def test_a_log_is_read_and_verified_over_http(voting: LiveBoard) -> None:
    with client_of(BoardServer(voting).respond) as client:
        manifest = read_manifest(client, records.MANIFEST.digest)
        log = VerifiedLog.open(client, BoardPolicy.of(manifest))
        assert [record.type for _, record in log.records(15)] == ["roll", "open"]
        with pytest.raises(MissingFile):
            client.read("tile/0/001")


@pytest.mark.parametrize("status", [301, 403, 410, 500, 503])
def test_only_a_plain_404_is_a_missing_file(status: int) -> None:
    with (
        client_of(lambda *_: (status, "text/html", b"<html>")) as client,
        pytest.raises(ExchangeError, match=str(status)),
    ):
        client.read("checkpoint")


def test_endless_answers_are_cut_off() -> None:
    with (
        client_of(lambda *_: (200, JSON, b" " * (5 << 20))) as client,
        pytest.raises(ExchangeError, match="more than"),
    ):
        client.status()


def test_nobody_answers() -> None:
    with serving(lambda *_: (200, JSON, b"")) as url:
        pass
    with BoardClient(url) as client, pytest.raises(ExchangeError, match="no answer"):
        client.read("checkpoint")


def test_an_entry_with_addenda_is_posted(board: LiveBoard) -> None:
    board.found()
    board.hold_ceremony()
    board.post(*(IssuerPledge(issuer=name, digest=records.b64(name)) for name in records.ISSUERS))
    roll, addenda = encode_roll(sorted((voter(place) for place in range(3)), key=credential_of))
    envelope = sign_body("roll", roll, records.MANIFEST.digest, tuple(records.ISSUERS.values()))
    with client_of(EntryServer(board).respond) as client:
        with pytest.raises(ExchangeError, match="we do not have it"):
            client.post_entry(envelope, {}, records.MANIFEST)
        receipt = client.post_entry(envelope, addenda, records.MANIFEST)
        assert receipt.index == 15
        assert client.post_entry(envelope, {}, records.MANIFEST) == receipt


def test_a_refusal_is_the_boards(board: LiveBoard) -> None:
    board.found()
    envelope = records.signed(records.BODIES["commit"])
    with client_of(EntryServer(board).respond) as client:
        with pytest.raises(RequestRefused, match="out-of-order") as caught:
            client.post_entry(envelope, {}, records.MANIFEST)
        assert caught.value.code == "out-of-order"
    for answer in (
        problem("closed", b"another request"),
        problem("closed", b"", key=records.STRANGER),
        (403, "application/problem+json", b"{}"),
        (403, "text/html", b"<html>"),
    ):
        with client_of(lambda *_, answer=answer: answer) as client:
            with pytest.raises(ExchangeError) as other:
                client.post_entry(envelope, {}, records.MANIFEST)
            assert not isinstance(other.value, RequestRefused)


def test_no_quorum_is_no_success(board: LiveBoard) -> None:
    board.found()
    for witness in board.witnesses:
        witness.reachable = False
    notice = records.signed(records.notice("incident", "Кабар"))
    with (
        client_of(EntryServer(board).respond) as client,
        pytest.raises(ExchangeError, match="not acknowledged yet"),
    ):
        client.post_entry(notice, {}, records.MANIFEST)


def ballot_answer(board: LiveBoard, hashed: bytes, digest: bytes) -> Answer:
    receipt = board.sequencer.receipt(hashed)
    assert receipt
    return 200, JSON, jcs({"digest": Bytes64(digest), "receipt": receipt.to_text()})


def test_a_receipt_is_checked_against_what_was_sent(voting: LiveBoard) -> None:
    body, addenda = fold(voting.ballot(0, ciphertexts=drawn("large", 64 * 800)))
    other = voting.ballot(1)
    hashed = voting.submit(body, addenda.values())
    other_hashed = voting.submit(other)
    voting.beat()
    true = ballot_answer(voting, hashed, body.digest)
    with client_of(lambda *_: true) as client:
        receipt = client.post_ballot(body, addenda, records.MANIFEST)
        assert receipt == voting.sequencer.receipt(hashed)
        assert client.ballot_receipt(body, records.MANIFEST) == receipt
    false = ballot_answer(voting, other_hashed, body.digest)
    with client_of(lambda *_: false) as client, pytest.raises(LogProofError):
        client.post_ballot(body, addenda, records.MANIFEST)
    waiting = jcs({"digest": Bytes64(body.digest), "status": "not yet acknowledged"})
    with client_of(lambda *_: (202, JSON, waiting)) as client:
        assert client.post_ballot(body, addenda, records.MANIFEST) is None


def test_a_witness_over_http(voting: LiveBoard) -> None:
    live = voting.witnesses[0]

    def respond(method: str, path: str, body: bytes) -> Answer:
        assert (method, path) == ("POST", "/add-checkpoint")
        answer = live.ask(body)
        charset = "; charset=utf-8" if answer.content_type == TREE_SIZE else ""
        return answer.status, answer.content_type + charset, answer.body

    with serving(respond) as url:
        client = WitnessClient(url)
        key = BoardPolicy.of(records.MANIFEST).witness_keys[0]
        for place in (1, 2, 3):
            voting.witnesses[place].reachable = place != 3
        links = [WitnessLink(key, client.ask), *(voting.witnesses[place].link() for place in (1, 2))]
        voting.sequencer._pool.sources = links
        voting.submit(voting.ballot(0))
        report = voting.beat()
        assert report.published
        assert report.failures == ()
        client.close()
    with pytest.raises(ExchangeError, match="no answer"):
        WitnessClient(url).ask(b"")


def test_receipts_have_the_third_party_format(voting: LiveBoard) -> None:
    (hashed,) = voting.post(voting.ballot(0))
    receipt = voting.sequencer.receipt(hashed)
    assert receipt
    assert Receipt.from_text(receipt.to_text()) == receipt
    assert receipt.to_text().startswith("c2sp.org/tlog-proof@v1\nextra ")

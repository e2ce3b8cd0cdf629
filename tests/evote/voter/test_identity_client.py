"""What a voter's program makes of the answers of an identity service that does not keep to its interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bulletin_board.errors import ExchangeError
from bulletin_board.records.fields import encode_base64url
from evote.errors import IdentificationRefused
from evote.voter.identity_client import IdentityClient

PART = encode_base64url(bytes(range(16)))
CREDENTIAL = encode_base64url(bytes(range(32)))


@contextmanager
def answering(status: int, content: bytes) -> Iterator[IdentityClient]:
    """A client of a service that always answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with IdentityClient(f"http://127.0.0.1:{server.server_port}/") as client:
            yield client
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_part_and_credential() -> None:
    content = f'{{"part":"{PART}","credential":"{CREDENTIAL}"}}'.encode()
    with answering(200, content) as client:
        voter = client.finish("session", "12345678", language="ky")
    assert (voter.bits, voter.credential) == (bytes(range(16)), bytes(range(32)))
    assert "bits" not in repr(voter)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        f'{{"part":"{PART}="}}'.encode(),
        f'{{"part":"{PART}=","credential":"{CREDENTIAL}"}}'.encode(),
        f'{{"part":"{CREDENTIAL}","credential":"{CREDENTIAL}"}}'.encode(),
        f'{{"part":"{PART}","credential":"{PART}"}}'.encode(),
    ],
)
def test_answer_that_is_none(content: bytes) -> None:
    with answering(200, content) as client, pytest.raises(ExchangeError, match="identity service"):
        client.finish("session", "12345678", language="ky")


@pytest.mark.parametrize("session", ["", "../sessions", "a/b", "ж", "x" * 129])
def test_session_that_would_lead_elsewhere(session: str) -> None:
    with answering(202, f'{{"session":"{session}"}}'.encode()) as client, pytest.raises(ExchangeError):
        client.begin("10101199000011", "V-000001", language="ky")


def test_refusal_and_failure() -> None:
    with answering(429, b'{"code":"too-many-attempts","detail":"Wait."}') as client:
        with pytest.raises(IdentificationRefused, match=r"^too-many-attempts: Wait\.$") as caught:
            client.begin("10101199000011", "V-000001", language="ky")
        assert (caught.value.code, caught.value.detail) == ("too-many-attempts", "Wait.")
    with answering(400, b"<html>") as client, pytest.raises(ExchangeError, match="none"):
        client.begin("10101199000011", "V-000001", language="ky")
    with answering(500, b"") as client, pytest.raises(ExchangeError, match="answers 500"):
        client.begin("10101199000011", "V-000001", language="ky")

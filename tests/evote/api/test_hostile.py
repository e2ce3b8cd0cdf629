"""Whatever is sent, the answer is typed: never a 500, never a stack trace, and the board goes on."""

import random
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.support.ballots import bytes_for
from tests.support.live_election import LiveElection, ballot_request

PATHS = ("/ballots", "/entries", "/grants")


def mutations(request: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Requests with bytes changed, dropped, doubled, or cut."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(request)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data))
            match chance.randrange(5):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    del data[place : place + chance.randint(1, 40)]
                case 2:
                    data[place:place] = data[place : place + chance.randint(1, 40)]
                case 3:
                    del data[place:]
                case _:
                    data[place : place + 1] = chance.choice([b'"', b"{", b"]", b"\\u0000", b"1e999", b"-"])
            if not data:
                data = bytearray(b" ")
        yield bytes(data)


@pytest.mark.parametrize("path", PATHS)
def test_mutated_requests_are_refused_by_code(voting: LiveElection, path: str) -> None:
    request = ballot_request(voting.ballot("v12", f"fuzz {path}"))
    size = voting.status()["tree_size"]
    seen = set()
    for mutated in mutations(request, 150, seed=len(path)):
        answer = voting.post(path, mutated)
        seen.add(voting.refusal(answer).code)
    assert "malformed" in seen
    assert voting.settle() == size


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [1, 33, 70_000])
def test_random_bytes_are_refused_by_code(voting: LiveElection, path: str, size: int) -> None:
    answer = voting.post(path, bytes_for(f"noise {path}", size))
    assert voting.refusal(answer).code in {"malformed", "too-large"}


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/ballots/%00%ff",
        "/credentials/%2e%2e%2f",
        "/tile/%2e%2e/%2e%2e/etc/passwd",
        "/addenda/%2e%2e/%2e%2e/" + "a" * 64,
        "/browse/%2e%2e/base.html",
        "/browse/entries/-1",
        "/browse/entries/99999999999999999999",
        "/browse/entries?start=%00",
        "/browse/entries?start=9" + "9" * 40,
        "/?language=<script>",
    ],
)
def test_strange_addresses(voting: LiveElection, path: str) -> None:
    answer = httpx.get(f"{voting.url}{path}")
    assert answer.status_code in {200, 404}, answer.text
    assert "Traceback" not in answer.text
    assert "<script>" not in answer.text


def test_strange_headers(voting: LiveElection) -> None:
    for value in ("", "*", ";;q=2", "ru;q=0", "x" * 8_000, "ky-KG-u-nu-latn;q=1.000, \xff"):
        headers = {b"accept-language": value.encode("latin-1")}
        answer = voting.http.post("/ballots", content=b"{}", headers=headers)
        assert voting.refusal(answer).code == "malformed"


def test_a_connection_that_breaks_off_is_forgotten(voting: LiveElection) -> None:
    host, port = voting.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST /ballots HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"\x16\x03\x01 not http at all\r\n\r\n")
        assert connection.recv(1_000).startswith(b"HTTP/1.1 400")
    assert voting.http.get("/status").status_code == 200


def test_an_endless_body_is_cut_off(voting: LiveElection) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(1 << 20)

    try:
        answer = voting.http.post("/ballots", content=endless())
    except httpx.TransportError:
        pass  # the server hung up while we were still sending
    else:
        assert voting.refusal(answer).code == "too-large"
    assert voting.http.get("/status").status_code == 200

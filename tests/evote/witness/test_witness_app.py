"""A witness over HTTP: status, literal content types, bounds, and what it cosigns. The core has tests of its own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.cosignature import Cosigner
from bulletin_board.log.merkle import EMPTY_ROOT, leaf_hash, root_hash
from bulletin_board.log.note import NoteSigner
from bulletin_board.policy import BoardPolicy
from bulletin_board.store.witness import SqlWitnessStore
from bulletin_board.witness import (
    MAX_REQUEST_BYTES,
    Witness,
    decode_cosignatures,
    encode_add_checkpoint,
    origin_name,
)
from crypto.signing import SigningKey
from evote.api.witness_app import create_witness_app
from tests.support.ballots import bytes_for
from tests.support.live_election import Clock, serving, training_manifest
from tests.support.sample_manifest import BOARD, ORIGIN, WITNESSES

NOW = 1_900_000_000
LEAVES = [leaf_hash(bytes([place])) for place in range(8)]
WITNESS = WITNESSES[0]


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[httpx.Client]:
    store = SqlWitnessStore.open(f"sqlite:///{tmp_path / 'witness.db'}")
    trusted = {ORIGIN: (BoardPolicy.of(training_manifest()).log_key,)}
    app = create_witness_app(Witness(WITNESS, trusted, store), Clock(NOW))
    with serving(app) as url, httpx.Client(base_url=url) as client:
        yield client
    store.close()


def request(size: int, old: int = 0, signer: NoteSigner = BOARD, origin: str = ORIGIN) -> bytes:
    root = root_hash(LEAVES[:size]) if size else EMPTY_ROOT
    note = sign_checkpoint(Checkpoint(origin, size, root), signer)
    return encode_add_checkpoint(old, (), note.to_text())


def test_it_cosigns_and_remembers(witness: httpx.Client) -> None:
    answer = witness.post("/add-checkpoint", content=request(4))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    text = Checkpoint(ORIGIN, 4, root_hash(LEAVES[:4])).to_text()
    (line,) = decode_cosignatures(answer.content, WITNESS.key, checkpoint_text=text)
    assert line.name == WITNESS.name
    latest = witness.get(f"/{origin_name(ORIGIN)}/checkpoint")
    assert latest.status_code == 200
    assert latest.headers["content-type"] == "text/plain; charset=utf-8"
    assert latest.text.startswith(text)
    assert answer.text in latest.text


def test_a_conflict_says_the_size_in_its_literal_type(witness: httpx.Client) -> None:  # N35
    assert witness.post("/add-checkpoint", content=request(4)).status_code == 200
    answer = witness.post("/add-checkpoint", content=request(5, old=3))
    assert (answer.status_code, answer.content) == (409, b"4\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"
    raw = [value for name, value in answer.headers.raw if name.lower() == b"content-type"]
    assert raw == [b"text/x.tlog.size"]


def test_it_knows_only_the_logs_of_its_manifests(witness: httpx.Client) -> None:
    stranger = NoteSigner("elsewhere.example/log", SigningKey(bytes_for("elsewhere")))
    answer = witness.post("/add-checkpoint", content=request(2, signer=stranger, origin=stranger.name))
    assert answer.status_code == 404
    forged = NoteSigner(ORIGIN, SigningKey(bytes_for("forger")))
    assert witness.post("/add-checkpoint", content=request(2, signer=forged)).status_code == 403
    assert witness.get(f"/{origin_name(stranger.name)}/checkpoint").status_code == 404
    assert witness.get(f"/{origin_name(ORIGIN)}/checkpoint").status_code == 404  # nothing cosigned yet


def test_it_does_not_follow_a_fork(witness: httpx.Client) -> None:  # N35, N36
    assert witness.post("/add-checkpoint", content=request(4)).status_code == 200
    other = sign_checkpoint(Checkpoint(ORIGIN, 4, root_hash(LEAVES[1:5])), BOARD)
    answer = witness.post("/add-checkpoint", content=encode_add_checkpoint(4, (), other.to_text()))
    assert answer.status_code == 422
    assert "charset" in answer.headers["content-type"]


@pytest.mark.parametrize("body", [b"", b"old 0\n", b"\xff\xfe", b"old 99\n\n" + b"x" * 100])
def test_what_is_no_request_is_refused(witness: httpx.Client, body: bytes) -> None:
    assert witness.post("/add-checkpoint", content=body).status_code == 400


def test_bounds(witness: httpx.Client) -> None:
    answer = witness.post("/add-checkpoint", content=bytes(MAX_REQUEST_BYTES + 1))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert witness.post("/add-checkpoint", content=bytes(MAX_REQUEST_BYTES)).status_code == 400


def test_nothing_else_is_here(witness: httpx.Client) -> None:
    assert witness.get("/add-checkpoint").status_code == 405
    assert witness.get("/").status_code == 404
    assert witness.get("/openapi.json").status_code == 404


def test_it_goes_on_after_a_restart(tmp_path: Path) -> None:
    trusted = {ORIGIN: (BoardPolicy.of(training_manifest()).log_key,)}
    cosigner = Cosigner(WITNESS.name, WITNESS.signing_key)
    for old, size in ((0, 2), (2, 2)):
        store = SqlWitnessStore.open(f"sqlite:///{tmp_path / 'witness.db'}")
        app = create_witness_app(Witness(cosigner, trusted, store), Clock(NOW + size))
        with serving(app) as url:
            answer = httpx.post(f"{url}/add-checkpoint", content=request(size, old=old))
            assert answer.status_code == 200
        store.close()

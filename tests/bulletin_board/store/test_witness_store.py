"""A witness's memory: compare-and-set, also by many at once, and evidence that stays."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bulletin_board.errors import StoreError
from bulletin_board.store.witness import SqlWitnessStore
from bulletin_board.witness import (
    ForkEvidence,
    Witness,
    WitnessedCheckpoint,
    WitnessStore,
    encode_add_checkpoint,
)
from tests.bulletin_board.log.sample_log import LOG, ORIGIN, TIME, WITNESS, signed
from tests.bulletin_board.memory_witness_store import MemoryWitnessStore
from tests.tools.vector_files import drawn


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'witness.db'}"


@pytest.fixture(params=["sql", "memory"])
def store(request: pytest.FixtureRequest, url: str) -> Iterator[WitnessStore]:
    if request.param == "memory":
        yield MemoryWitnessStore()
        return
    opened = SqlWitnessStore.open(url)
    yield opened
    opened.close()


def checkpoint(size: int, label: str = "") -> WitnessedCheckpoint:
    return WitnessedCheckpoint(size, drawn(f"root {size}", 32), f"note {size}{label}\n")


def test_the_first_checkpoint(store: WitnessStore) -> None:
    assert store.latest("log") is None
    assert not store.advance("log", old_size=3, new=checkpoint(5))
    assert store.advance("log", old_size=0, new=checkpoint(5))
    assert store.latest("log") == checkpoint(5)
    assert store.latest("other") is None


def test_it_advances_from_what_it_is(store: WitnessStore) -> None:
    assert store.advance("log", old_size=0, new=checkpoint(0))
    assert store.advance("log", old_size=0, new=checkpoint(5))
    assert not store.advance("log", old_size=0, new=checkpoint(9))
    assert not store.advance("log", old_size=4, new=checkpoint(9))
    assert store.latest("log") == checkpoint(5)
    assert store.advance("log", old_size=5, new=checkpoint(5, " later"))
    assert store.advance("log", old_size=5, new=checkpoint(9))
    assert store.latest("log") == checkpoint(9)


def test_of_many_at_once_one_wins(store: WitnessStore) -> None:
    store.advance("log", old_size=0, new=checkpoint(5))
    with ThreadPoolExecutor(8) as threads:
        won = list(
            threads.map(lambda size: store.advance("log", old_size=5, new=checkpoint(size)), range(6, 30))
        )
    assert won.count(True) == 1
    assert store.latest("log") == checkpoint(6 + won.index(True))


def test_memory_survives_a_restart(url: str) -> None:
    evidence = ForkEvidence("log", "known\n", "offered\n")
    first = SqlWitnessStore.open(url)
    first.advance("log", old_size=0, new=checkpoint(5))
    first.keep_evidence(evidence)
    first.keep_evidence(evidence)
    first.keep_evidence(ForkEvidence("other", "known\n", "offered\n"))
    first.close()
    second = SqlWitnessStore.open(url)
    assert second.latest("log") == checkpoint(5)
    assert second.evidence("log") == (evidence,)
    assert second.evidence("nobody") == ()
    second.close()


def test_a_witness_that_restarts_does_not_forget_what_it_signed(url: str) -> None:
    statuses = []
    for old, size in ((0, 5), (0, 7), (5, 7)):
        store = SqlWitnessStore.open(url)
        witness = Witness(WITNESS, {ORIGIN: (LOG.key,)}, store)
        body = encode_add_checkpoint(old, _proof(old, size), signed(size).to_text())
        statuses.append(witness.add_checkpoint(body, now=TIME).status)
        store.close()
    assert statuses == [200, 409, 200]


def test_a_broken_database_is_our_error(url: str, tmp_path: Path) -> None:
    store = SqlWitnessStore.open(url)
    store.close()
    for file in tmp_path.iterdir():
        file.write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreError, match="witness store"):
        store.latest("log")
    store.close()


def _proof(old: int, size: int) -> tuple[bytes, ...]:
    from bulletin_board.log.merkle import consistency_proof
    from tests.bulletin_board.log.sample_log import leaves

    return consistency_proof(old, size, leaves(size))

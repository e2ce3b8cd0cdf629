"""Asking witnesses: those that are behind, ahead, slow, wrong or gone."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest

from bulletin_board.cosigning import CosignatureSource, Cosigning, SignedCheckpoint, WitnessLink, WitnessPool
from bulletin_board.errors import BoardError, ExchangeError, NoteError, RecordError
from bulletin_board.log.merkle import consistency_proof
from bulletin_board.log.note import NoteSignature
from bulletin_board.witness import TEXT, TREE_SIZE, Witness, WitnessAnswer
from tests.bulletin_board.log.sample_log import (
    LOG,
    ORIGIN,
    OTHER_WITNESS,
    TIME,
    WITNESS,
    checkpoint,
    leaves,
    signed,
)
from tests.bulletin_board.memory_witness_store import MemoryWitnessStore


def asked(size: int) -> SignedCheckpoint:
    return SignedCheckpoint(
        checkpoint(size), signed(size), lambda old: consistency_proof(old, size, leaves(size))
    )


def real_witness() -> Callable[[bytes], WitnessAnswer]:
    witness = Witness(WITNESS, {ORIGIN: (LOG.key,)}, MemoryWitnessStore())
    return lambda body: witness.add_checkpoint(body, now=TIME)


def test_a_witness_is_followed_from_size_to_size() -> None:
    ask, requests = real_witness(), []

    def listening(body: bytes) -> WitnessAnswer:
        requests.append(body.split(b"\n", 1)[0])
        return ask(body)

    link = WitnessLink(WITNESS.key, listening)
    for size in (5, 5, 9, 300):
        line = link.cosign(asked(size))
        assert line == WITNESS.cosign(checkpoint(size).to_text(), time=TIME)
    assert requests == [b"old 0", b"old 5", b"old 5", b"old 9"]


def test_a_link_that_forgot_is_told_where_the_witness_stands() -> None:
    ask = real_witness()
    WitnessLink(WITNESS.key, ask).cosign(asked(7))
    fresh = WitnessLink(WITNESS.key, ask)
    assert fresh.cosign(asked(12)).name == WITNESS.name


def test_a_witness_that_forgot_starts_anew() -> None:
    answers = [real_witness(), real_witness()]

    def ask(body: bytes) -> WitnessAnswer:
        return answers[0](body)

    link = WitnessLink(WITNESS.key, ask)
    link.cosign(asked(7))
    answers.pop(0)
    assert link.cosign(asked(12)).name == WITNESS.name


def test_a_witness_that_is_ahead_is_an_alarm() -> None:
    ask = real_witness()
    WitnessLink(WITNESS.key, ask).cosign(asked(12))
    with pytest.raises(ExchangeError, match="has cosigned size 12, beyond our 7"):
        WitnessLink(WITNESS.key, ask).cosign(asked(7))


def answering(status: int, body: bytes, content_type: str = TEXT) -> Callable[[bytes], WitnessAnswer]:
    return lambda _: WitnessAnswer(status, content_type, body)


WRONG_ANSWERS: dict[str, tuple[Callable[[bytes], WitnessAnswer], type[BoardError], str]] = {
    "refusal": (answering(403, b"no"), ExchangeError, "answers 403"),
    "conflict without a size": (answering(409, b"5\n"), ExchangeError, "answers 409"),
    "conflict for ever": (answering(409, b"3\n", TREE_SIZE), ExchangeError, "a new size each time"),
    "no number": (answering(409, b"five\n", TREE_SIZE), RecordError, "tree size"),
    "no line": (answering(200, b""), RecordError, "0 signatures"),
    "no note line": (answering(200, b"hello\n"), RecordError, "malformed line"),
    "not utf-8": (answering(200, b"\xff\n"), RecordError, "not UTF-8"),
    "by another": (
        answering(200, f"{OTHER_WITNESS.cosign(checkpoint(7).to_text(), time=1).to_line()}\n".encode()),
        NoteError,
        "not signed",
    ),
    "of another checkpoint": (
        answering(200, f"{WITNESS.cosign(checkpoint(8).to_text(), time=1).to_line()}\n".encode()),
        NoteError,
        "does not verify",
    ),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_wrong_answers(name: str) -> None:
    ask, error, message = WRONG_ANSWERS[name]
    with pytest.raises(error, match=message):
        WitnessLink(WITNESS.key, ask).cosign(asked(7))


class Source:
    """A witness of the pool: answers when its gate opens."""

    def __init__(self, name: str, gate: Event | None = None, failure: BoardError | None = None) -> None:
        self.name = name
        self.gate = gate
        self.failure = failure

    def cosign(self, signed: SignedCheckpoint) -> NoteSignature:
        if self.gate:
            self.gate.wait(10)
        if self.failure:
            raise self.failure
        return NoteSignature(self.name, bytes(4), signed.note.text.encode())


@pytest.fixture
def gate() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def collect(sources: list[CosignatureSource], quorum: int, deadline: float = 5.0) -> Cosigning:
    pool = WitnessPool(sources, patience=0.05, deadline=deadline)
    try:
        return pool.collect(asked(7), quorum=quorum)
    finally:
        pool.close()


def names(cosigning: Cosigning) -> set[str]:
    return {line.name for line in cosigning.lines}


def test_all_are_asked() -> None:
    cosigning = collect([Source("a"), Source("b"), Source("c", failure=ExchangeError("gone"))], quorum=2)
    assert names(cosigning) == {"a", "b"}
    assert [(each.witness, each.reason) for each in cosigning.failures] == [("c", "gone")]


def test_a_slow_witness_does_not_hold_up_a_quorum(gate: Event) -> None:
    cosigning = collect([Source("a"), Source("slow", gate), Source("b")], quorum=2, deadline=60)
    assert names(cosigning) == {"a", "b"}
    assert [(each.witness, each.reason) for each in cosigning.failures] == [("slow", "no answer in time")]


def test_without_a_quorum_the_round_ends(gate: Event) -> None:
    cosigning = collect([Source("a"), Source("slow", gate)], quorum=2, deadline=0.1)
    assert names(cosigning) == {"a"}
    assert [each.witness for each in cosigning.failures] == ["slow"]


def test_nobody_to_ask() -> None:
    assert collect([], quorum=1) == Cosigning()


def test_a_witness_that_is_still_busy_is_left_out(gate: Event) -> None:
    pool = WitnessPool([Source("a"), Source("slow", gate)], patience=0.05, deadline=0.1)
    pool.collect(asked(7), quorum=1)
    second = pool.collect(asked(9), quorum=2)
    assert [each.reason for each in second.failures] == ["still busy with an earlier checkpoint"]
    gate.set()
    pool._working["slow"].result(5)
    third = pool.collect(asked(9), quorum=2)
    assert names(third) == {"a", "slow"}
    assert all(line.signature == checkpoint(9).to_text().encode() for line in third.lines)
    pool.close()


def test_our_own_faults_are_not_swallowed() -> None:
    class Faulty(Source):
        def cosign(self, signed: SignedCheckpoint) -> NoteSignature:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collect([Faulty("a")], quorum=1)

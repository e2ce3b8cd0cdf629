"""A witness in conversation with an honest log, a broken one and a forking one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import NoteError, RecordError
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.cosignature import open_checkpoint
from bulletin_board.log.merkle import consistency_proof, leaf_hash, root_hash
from bulletin_board.log.note import NoteSignature, NoteSigner, SignedNote, encode_signature_lines
from bulletin_board.witness import (
    MAX_REQUEST_BYTES,
    TEXT,
    TREE_SIZE,
    AddCheckpoint,
    ForkEvidence,
    Witness,
    WitnessAnswer,
    WitnessedCheckpoint,
    decode_cosignatures,
    decode_tree_size,
    encode_add_checkpoint,
    origin_name,
)
from crypto.signing import SigningKey
from tests.bulletin_board.log.sample_log import (
    LOG,
    ORIGIN,
    OTHER_WITNESS,
    TIME,
    WITNESS,
    checkpoint,
    cosigned,
    leaves,
    signed,
)
from tests.bulletin_board.memory_witness_store import MemoryWitnessStore
from tests.support.vectors import vectors

IMPOSTOR = NoteSigner(ORIGIN, SigningKey(bytes(32)))
FORK = (*leaves(3), leaf_hash(b"another fourth entry"), *leaves(1000)[4:])


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.fixture
def store() -> MemoryWitnessStore:
    return MemoryWitnessStore()


@pytest.fixture
def witness(store: MemoryWitnessStore) -> Witness:
    return Witness(WITNESS, {ORIGIN: (LOG.key,)}, store)


def fork_head(tree_size: int) -> SignedNote:
    return sign_checkpoint(Checkpoint(ORIGIN, tree_size, root_hash(FORK[:tree_size])), LOG)


def request(old: int, new: int, *, note: SignedNote | None = None) -> bytes:
    proof = consistency_proof(old, new, leaves(new)) if old <= new else ()
    return encode_add_checkpoint(old, proof, (note or signed(new)).to_text())


def ask(
    witness: Witness, old: int, new: int, *, note: SignedNote | None = None, now: int = TIME
) -> WitnessAnswer:
    return witness.add_checkpoint(request(old, new, note=note), now=now)


def test_the_request_vector_is_what_we_send() -> None:
    (case,) = vectors("tlog/add-checkpoint")
    old, new = case["input"]["old"], case["input"]["new"]
    body = request(old, new)
    assert body.decode() == case["expect"]
    decoded = AddCheckpoint.decode(body)
    assert (decoded.old_size, decoded.checkpoint) == (old, checkpoint(new))


@pytest.mark.parametrize("case", vectors("tlog/add-checkpoint-refused"), ids=ident)
def test_refused_request_vector(case: dict[str, Any], witness: Witness, store: MemoryWitnessStore) -> None:
    body = case["input"]["text"].encode()
    with pytest.raises(getattr(errors, case["expect"])):
        AddCheckpoint.decode(body)
    answer = witness.add_checkpoint(body, now=TIME)
    assert (answer.status, answer.content_type) == (400, TEXT)
    assert store.latest(ORIGIN) is None


def test_a_growing_log_is_cosigned_at_every_step(witness: Witness, store: MemoryWitnessStore) -> None:
    sizes = [0, 5, 9, 512, 700]
    for step, (old, new) in enumerate(zip([0, *sizes], sizes, strict=False)):
        answer = ask(witness, old, new, now=TIME + step)
        assert (answer.status, answer.content_type) == (200, TEXT)
        lines = decode_cosignatures(answer.body, WITNESS.key, checkpoint_text=signed(new).text)
        note = SignedNote(signed(new).text, (*signed(new).signatures, *lines))
        head = open_checkpoint(note.to_text(), log_key=LOG.key, witness_keys=(WITNESS.key,), quorum=1)
        assert head.cosignatures == ((WITNESS.name, TIME + step),)
        assert store.latest(ORIGIN) == WitnessedCheckpoint(new, checkpoint(new).root_hash, note.to_text())
    assert store.evidence == []


@pytest.mark.parametrize("case", vectors("tlog/cosignature"), ids=ident)
def test_the_answer_is_the_cosignature_of_the_vectors(case: dict[str, Any], witness: Witness) -> None:
    note = SignedNote.from_text(case["input"]["note"])
    body = encode_add_checkpoint(0, (), note.to_text())
    answer = witness.add_checkpoint(body, now=case["input"]["time"])
    assert answer == WitnessAnswer(200, TEXT, case["expect"].encode())


def test_a_repeat_at_the_same_size_gets_a_fresh_time(witness: Witness, store: MemoryWitnessStore) -> None:
    ask(witness, 0, 5)
    answer = ask(witness, 5, 5, now=TIME + 60)
    assert answer == WitnessAnswer(
        200, TEXT, encode_signature_lines((WITNESS.cosign(signed(5).text, time=TIME + 60),)).encode()
    )
    assert store.evidence == []


def test_503_when_the_clock_was_set_back(witness: Witness, store: MemoryWitnessStore) -> None:
    ask(witness, 0, 5)
    known = store.latest(ORIGIN)
    for new in (5, 9):
        assert ask(witness, 5, new, now=TIME - 1) == WitnessAnswer(
            503, TEXT, b"witness: the clock is behind\n"
        )
        assert store.latest(ORIGIN) == known
    assert ask(witness, 5, 9, now=TIME).status == 200


def test_a_new_key_of_the_witness_starts_its_times_afresh(
    witness: Witness, store: MemoryWitnessStore
) -> None:
    ask(witness, 0, 5)
    assert ask(replace(witness, cosigner=OTHER_WITNESS), 5, 9, now=TIME - 1).status == 200


def test_400_when_the_old_size_is_above_the_checkpoint(witness: Witness) -> None:
    ask(witness, 0, 9)
    answer = ask(witness, 9, 5)
    assert (answer.status, answer.content_type) == (400, TEXT)


def test_400_when_the_request_is_too_long_or_not_text(witness: Witness) -> None:
    for body in (b"", b"\xff", b"a" * (MAX_REQUEST_BYTES + 1), request(0, 5) + b"\n"):
        assert witness.add_checkpoint(body, now=TIME).status == 400


@pytest.mark.parametrize(("count", "status"), [(60, 200), (99, 400)])
def test_400_for_a_long_request_that_is_otherwise_right(count: int, status: int, witness: Witness) -> None:
    note = signed(5)
    filler = NoteSignature("filler.example", bytes(4), bytes(600))
    body = request(0, 5, note=replace(note, signatures=(*note.signatures, *[filler] * count)))
    assert (len(body) > MAX_REQUEST_BYTES) is (status == 400)
    assert witness.add_checkpoint(body, now=TIME).status == status


@pytest.mark.parametrize(
    "note",
    [
        sign_checkpoint(checkpoint(5), IMPOSTOR),
        SignedNote(signed(5).text, signed(9).signatures),
        SignedNote(signed(5).text, (*signed(5).signatures, *signed(9).signatures)),
        SignedNote(signed(5).text, (WITNESS.cosign(signed(5).text, time=TIME),)),
    ],
    ids=["unknown-key", "bad-signature", "good-and-bad-signature", "witness-only"],
)
def test_403_without_a_good_signature_of_the_log(
    note: SignedNote, witness: Witness, store: MemoryWitnessStore
) -> None:
    answer = ask(witness, 0, 5, note=note)
    assert (answer.status, answer.content_type) == (403, TEXT)
    assert store.latest(ORIGIN) is None


def test_404_for_an_unknown_origin(witness: Witness) -> None:
    note = sign_checkpoint(replace(checkpoint(5), origin="log.test/other"), LOG)
    assert ask(witness, 0, 5, note=note) == WitnessAnswer(404, TEXT, b"unknown log\n")


@pytest.mark.parametrize("old", [0, 3, 9])
def test_409_with_the_size_when_the_old_size_is_stale(old: int, witness: Witness) -> None:
    ask(witness, 0, 5)
    answer = ask(witness, old, 9)
    # The content type is compared literally by clients.
    assert answer == WitnessAnswer(409, "text/x.tlog.size", b"5\n")
    assert answer.content_type == TREE_SIZE
    assert decode_tree_size(answer.body) == 5
    assert ask(witness, decode_tree_size(answer.body), 9).status == 200


def test_409_with_0_when_nothing_was_cosigned_yet(witness: Witness) -> None:
    assert ask(witness, 5, 9) == WitnessAnswer(409, TREE_SIZE, b"0\n")


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [(5, 9, ()), (5, 9, (bytes(32),) * 5), (5, 5, (bytes(32),)), (5, 9, consistency_proof(4, 9, leaves(9)))],
    ids=["missing", "forged", "superfluous", "of-another-size"],
)
def test_422_when_the_proof_does_not_hold(
    old: int, new: int, proof: tuple[bytes, ...], witness: Witness, store: MemoryWitnessStore
) -> None:
    ask(witness, 0, old)
    answer = witness.add_checkpoint(encode_add_checkpoint(old, proof, signed(new).to_text()), now=TIME)
    assert (answer.status, answer.content_type) == (422, TEXT)
    known = store.latest(ORIGIN)
    assert known is not None
    assert known.tree_size == old
    # Kept for whoever asks the log for a better proof, but not called a fork: anyone can send a bad proof.
    assert [item.proves_fork for item in store.evidence] == [False]


def test_422_for_a_proof_from_nothing(witness: Witness, store: MemoryWitnessStore) -> None:
    answer = witness.add_checkpoint(encode_add_checkpoint(0, (bytes(32),), signed(5).to_text()), now=TIME)
    assert answer.status == 422
    assert store.latest(ORIGIN) is None
    assert store.evidence == []


def test_422_for_an_empty_tree_with_another_root(witness: Witness, store: MemoryWitnessStore) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), LOG)
    assert ask(witness, 0, 0, note=note).status == 422
    assert store.latest(ORIGIN) is None


def test_two_roots_at_one_size_are_refused_and_both_notes_kept(
    witness: Witness, store: MemoryWitnessStore
) -> None:
    ask(witness, 0, 5)
    answer = ask(witness, 5, 5, note=fork_head(5))
    assert answer.status == 422
    expected = ForkEvidence(ORIGIN, cosigned(5, WITNESS).to_text(), fork_head(5).to_text())
    assert store.evidence == [expected]
    assert expected.proves_fork
    assert ask(witness, 5, 9).status == 200  # the branch it knows goes on


def test_a_fork_is_kept_even_when_the_request_is_stale(witness: Witness, store: MemoryWitnessStore) -> None:
    ask(witness, 0, 5)
    assert ask(witness, 0, 5, note=fork_head(5)) == WitnessAnswer(409, TREE_SIZE, b"5\n")
    assert [item.proves_fork for item in store.evidence] == [True]


def test_a_split_view_at_a_larger_size_is_refused_and_kept(
    witness: Witness, store: MemoryWitnessStore
) -> None:
    ask(witness, 0, 5)
    for tree in (leaves(9), FORK[:9]):
        proof = consistency_proof(5, 9, tree)
        answer = witness.add_checkpoint(encode_add_checkpoint(5, proof, fork_head(9).to_text()), now=TIME)
        assert answer.status == 422
    # The same pair of notes is kept once, whatever proof came with it.
    assert store.evidence == [ForkEvidence(ORIGIN, cosigned(5, WITNESS).to_text(), fork_head(9).to_text())]


def test_unknown_lines_are_neither_cosigned_nor_kept(witness: Witness, store: MemoryWitnessStore) -> None:
    ask(witness, 0, 5)
    noisy = cosigned(9, OTHER_WITNESS)
    assert ask(witness, 5, 9, note=noisy).status == 200
    known = store.latest(ORIGIN)
    assert known is not None
    assert known.note_text == cosigned(9, WITNESS).to_text()
    for number in range(3):
        fork = fork_head(9)
        lines = (*fork.signatures, OTHER_WITNESS.cosign(fork.text, time=number))
        ask(witness, 9, 9, note=SignedNote(fork.text, lines))
    assert len(store.evidence) == 1


def test_a_second_key_of_the_log_is_enough(store: MemoryWitnessStore) -> None:
    witness = Witness(WITNESS, {ORIGIN: (IMPOSTOR.key, LOG.key)}, store)
    assert ask(witness, 0, 5).status == 200


def test_logs_do_not_mix(store: MemoryWitnessStore) -> None:
    other = NoteSigner("log.test/other", SigningKey(bytes([9]) * 32))
    witness = Witness(WITNESS, {ORIGIN: (LOG.key,), other.name: (other.key,)}, store)
    ask(witness, 0, 9)
    head = replace(checkpoint(5), origin=other.name)
    assert ask(witness, 0, 5, note=sign_checkpoint(head, LOG)).status == 403
    assert ask(witness, 0, 5, note=sign_checkpoint(head, other)).status == 200
    assert {origin: item.tree_size for origin in (ORIGIN, other.name) if (item := store.latest(origin))} == {
        ORIGIN: 9,
        other.name: 5,
    }


def test_logs_sign_with_log_keys(store: MemoryWitnessStore) -> None:
    with pytest.raises(NoteError, match="not of type 0x01"):
        Witness(WITNESS, {ORIGIN: (WITNESS.key,)}, store)


class OvertakenStore(MemoryWitnessStore):
    """A store in which another request is served between the decision and its persistence."""

    def __init__(self, rival: WitnessedCheckpoint | None) -> None:
        super().__init__()
        self._rival = rival

    def advance(self, origin: str, *, old_size: int, new: WitnessedCheckpoint) -> bool:
        if self._rival is None:
            return False
        super().advance(origin, old_size=old_size, new=self._rival)
        return super().advance(origin, old_size=old_size, new=new)


def test_a_request_that_is_overtaken_does_not_roll_the_witness_back() -> None:
    rival = WitnessedCheckpoint(9, checkpoint(9).root_hash, cosigned(9, WITNESS).to_text())
    store = OvertakenStore(rival)
    witness = Witness(WITNESS, {ORIGIN: (LOG.key,)}, store)
    assert ask(witness, 0, 5) == WitnessAnswer(409, TREE_SIZE, b"9\n")
    assert store.latest(ORIGIN) == rival


def test_nothing_is_cosigned_that_the_store_did_not_take() -> None:
    witness = Witness(WITNESS, {ORIGIN: (LOG.key,)}, OvertakenStore(None))
    assert ask(witness, 0, 5) == WitnessAnswer(409, TREE_SIZE, b"0\n")


def test_of_two_branches_at_once_one_is_cosigned(witness: Witness, store: MemoryWitnessStore) -> None:
    bodies = [
        request(0, size, note=note) for size in range(4, 12) for note in (signed(size), fork_head(size))
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda body: witness.add_checkpoint(body, now=TIME), bodies))
    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} == {200, 409}


def test_the_last_checkpoint_can_be_read(witness: Witness) -> None:
    name = sha256(ORIGIN.encode()).hexdigest()
    assert origin_name(ORIGIN) == name
    assert witness.latest_checkpoint(name) == WitnessAnswer(404, TEXT, b"unknown log\n")
    ask(witness, 0, 5)
    assert witness.latest_checkpoint(name) == WitnessAnswer(
        200, TEXT, cosigned(5, WITNESS).to_text().encode()
    )
    assert witness.latest_checkpoint(origin_name("log.test/other")).status == 404


def test_the_log_takes_only_verified_lines_of_the_witness_it_asked() -> None:
    text = signed(5).text
    mine, other = WITNESS.cosign(text, time=TIME), OTHER_WITNESS.cosign(text, time=TIME)
    stale = WITNESS.cosign(signed(4).text, time=TIME)

    def decoded(*lines: Any) -> Any:
        body = encode_signature_lines(lines).encode()
        return decode_cosignatures(body, WITNESS.key, checkpoint_text=text)

    assert decoded(other, mine) == (mine,)
    for lines, reason in (
        ((other,), "not signed by any expected key"),
        ((stale,), "does not verify"),
        ((mine, stale), "two signatures"),
    ):
        with pytest.raises(NoteError, match=reason):
            decoded(*lines)
    with pytest.raises(RecordError):
        decoded()
    with pytest.raises(NoteError, match="not of type 0x04"):
        decode_cosignatures(b"", LOG.key, checkpoint_text=text)


@pytest.mark.parametrize(
    "body", [b"", b"5", b"05\n", b"5\n\n", b" 5\n", b"-1\n", b"\xff\n", b"9223372036854775808\n"]
)
def test_a_size_answer_has_one_form(body: bytes) -> None:
    with pytest.raises(RecordError):
        decode_tree_size(body)


def test_requests_that_no_witness_would_read_are_not_written() -> None:
    for old, proof in ((-1, ()), (2**63, ()), (5, (bytes(32),) * 64), (5, (bytes(31),))):
        with pytest.raises(RecordError):
            encode_add_checkpoint(old, proof, signed(9).to_text())


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_request_round_trip(old: int, proof: list[bytes]) -> None:
    decoded = AddCheckpoint.decode(encode_add_checkpoint(old, tuple(proof), signed(5).to_text()))
    assert decoded == AddCheckpoint(old, tuple(proof), signed(5), checkpoint(5))


@given(st.data())
def test_bent_requests_change_nothing_or_are_what_they_were(data: st.DataObject) -> None:
    store = MemoryWitnessStore()
    witness = Witness(WITNESS, {ORIGIN: (LOG.key,)}, store)
    ask(witness, 0, 5)
    good = request(5, 9)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 60, len(good))))
    body = good[:start] + data.draw(st.binary(max_size=4)) + good[end:]
    answer = witness.add_checkpoint(body, now=TIME)
    assert answer.status in (200, 400, 403, 404, 409, 422)
    assert (answer.content_type == TREE_SIZE) is (answer.status == 409)
    known = store.latest(ORIGIN)
    assert known is not None
    assert known.tree_size == (9 if answer.status == 200 else 5)
    try:
        decoded = AddCheckpoint.decode(body)
    except RecordError:
        assert answer.status == 400
        return
    assert encode_add_checkpoint(decoded.old_size, decoded.proof, decoded.note.to_text()) == body

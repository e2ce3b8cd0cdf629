"""Cosignatures, and opening a checkpoint under a quorum of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import BoardError, NoteError, QuorumError, RecordError
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.cosignature import (
    CosignedCheckpoint,
    Cosigner,
    open_checkpoint,
    verify_cosignature,
)
from bulletin_board.log.note import (
    KeyType,
    NoteKey,
    NoteSignature,
    NoteSigner,
    SignedNote,
    cosignature_message,
    cosignature_time,
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
    signed,
)
from tests.support.vectors import vectors

WITNESSES = tuple(Cosigner(f"w{i}.example", SigningKey(bytes([i]) * 32)) for i in range(1, 5))
KEYS = tuple(witness.key for witness in WITNESSES)


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


def opened(note: SignedNote, quorum: int = 3) -> CosignedCheckpoint:
    return open_checkpoint(note.to_text(), log_key=LOG.key, witness_keys=KEYS, quorum=quorum)


@pytest.mark.parametrize("case", vectors("tlog/cosignature"), ids=ident)
def test_cosignature_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    note = SignedNote.from_text(given["note"])
    assert WITNESS.key == NoteKey.from_vkey(given["vkey"])
    line = WITNESS.cosign(note.text, time=given["time"])
    assert f"{line.to_line()}\n" == case["expect"]
    assert verify_cosignature(note.text, line, WITNESS.key) == (WITNESS.name, given["time"])
    head = open_checkpoint(
        note.to_text() + case["expect"], log_key=LOG.key, witness_keys=(WITNESS.key,), quorum=1
    )
    assert head.cosignatures == ((WITNESS.name, given["time"]),)


@given(st.integers(0, 2**63 - 1))
def test_every_time_below_2_to_63_can_be_signed(time: int) -> None:
    text = checkpoint(5).to_text()
    assert verify_cosignature(text, WITNESS.cosign(text, time=time), WITNESS.key).time == time


@pytest.mark.parametrize("time", [-1, 2**63])
def test_no_other_time_is_signed(time: int) -> None:
    with pytest.raises(RecordError, match="cosignature time"):
        WITNESS.cosign(checkpoint(5).to_text(), time=time)


def test_a_cosignature_is_bound_to_text_time_and_key() -> None:
    text = checkpoint(5).to_text()
    line = WITNESS.cosign(text, time=TIME)
    other_time = replace(line, signature=(TIME + 1).to_bytes(8, "big") + line.signature[8:])
    huge_time = replace(line, signature=b"\xff" + line.signature[1:])
    impostor = replace(OTHER_WITNESS.cosign(text, time=TIME), name=line.name, key_id=line.key_id)
    for wrong_text, wrong_line in (
        (checkpoint(6).to_text(), line),
        (text, other_time),
        (text, huge_time),
        (text, impostor),
        (text, replace(line, signature=line.signature[:-1])),
        (text, replace(line, signature=line.signature + b"\0")),
        (text, replace(line, signature=b"x")),
        (text, OTHER_WITNESS.cosign(text, time=TIME)),
    ):
        with pytest.raises(NoteError):
            verify_cosignature(wrong_text, wrong_line, WITNESS.key)


def test_a_time_beyond_2_to_63_is_refused_though_it_is_signed() -> None:
    text = checkpoint(5).to_text()
    signature = WITNESS.signing_key.sign(cosignature_message(text, 2**63))
    line = NoteSignature(WITNESS.name, WITNESS.key.key_id, (2**63).to_bytes(8, "big") + signature)
    with pytest.raises(NoteError, match="cosignature: malformed"):
        verify_cosignature(text, line, WITNESS.key)


@pytest.mark.parametrize("size", [0, 7, 8, 71, 73])
def test_a_cosignature_has_72_bytes(size: int) -> None:
    with pytest.raises(NoteError, match="cosignature: malformed"):
        cosignature_time(bytes(size))


def test_a_log_signature_is_no_cosignature_and_the_other_way_round() -> None:
    """One secret key in both roles: the type is part of the id and of what is signed."""
    text = checkpoint(5).to_text()
    log, witness = (
        NoteSigner("same.example", WITNESS.signing_key),
        Cosigner("same.example", WITNESS.signing_key),
    )
    with pytest.raises(NoteError, match=r"not by same\.example"):
        verify_cosignature(text, log.sign(text), witness.key)
    with pytest.raises(NoteError, match="malformed"):
        witness.key.verify_signature(text, log.sign(text).signature)
    with pytest.raises(NoteError, match="does not verify"):
        log.key.verify_signature(text, witness.cosign(text, time=TIME).signature[8:])
    with pytest.raises(NoteError, match="not of type 0x04"):
        verify_cosignature(text, log.sign(text), log.key)


def test_a_secret_key_does_not_print() -> None:
    assert "seed" not in repr(WITNESS)


def test_a_witness_has_a_name_that_fits_a_line() -> None:
    with pytest.raises(RecordError, match=r"^key name: "):
        Cosigner("two words", WITNESS.signing_key)


@pytest.mark.parametrize("count", [3, 4])
def test_a_quorum_opens_a_checkpoint(count: int) -> None:
    note = cosigned(5, *WITNESSES[:count])
    head = opened(note)
    assert head.checkpoint == checkpoint(5)
    assert head.note == note
    assert head.cosignatures == tuple((witness.name, TIME) for witness in WITNESSES[:count])
    assert head.unknown_lines == ()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_do_not(count: int) -> None:
    with pytest.raises(QuorumError, match=f"{count} cosignatures, 3 are needed"):
        opened(cosigned(5, *WITNESSES[:count]))


def test_a_quorum_of_none_asks_for_the_log_alone() -> None:
    assert opened(signed(5), quorum=0).cosignatures == ()


def test_unknown_witnesses_do_not_count_and_are_reported() -> None:
    note = cosigned(5, *WITNESSES[:2], OTHER_WITNESS)
    with pytest.raises(QuorumError, match="2 cosignatures"):
        opened(note)
    assert opened(note, quorum=2).unknown_lines == (note.signatures[-1],)


def test_each_witness_counts_once() -> None:
    text = checkpoint(5).to_text()
    lines = (WITNESSES[0].cosign(text, time=TIME + i) for i in range(3))
    with pytest.raises(NoteError, match=r"two signatures by w1\.example"):
        opened(SignedNote(text, (LOG.sign(text), *lines)))


def test_a_witness_key_under_two_names_is_refused() -> None:
    twin = Cosigner("twin.example", WITNESSES[0].signing_key)
    note = cosigned(5, WITNESSES[0], twin)
    with pytest.raises(QuorumError, match="twice in the policy"):
        open_checkpoint(note.to_text(), log_key=LOG.key, witness_keys=(KEYS[0], twin.key), quorum=2)


def test_a_quorum_without_the_log_is_refused() -> None:
    note = cosigned(5, *WITNESSES)
    with pytest.raises(NoteError, match=f"not signed by the log {ORIGIN}"):
        opened(replace(note, signatures=note.signatures[1:]))


def test_a_bad_line_of_log_or_witness_refuses_the_checkpoint() -> None:
    note, other = cosigned(5, *WITNESSES), cosigned(6, *WITNESSES)
    for place in range(len(note.signatures)):
        lines = list(note.signatures)
        lines[place] = other.signatures[place]
        with pytest.raises(NoteError, match="does not verify"):
            opened(replace(note, signatures=tuple(lines)))


def test_the_origin_is_the_name_of_the_log_key() -> None:
    """A log must not pass off a head of another election that the same key signed."""
    note = sign_checkpoint(replace(checkpoint(5), origin="log.test/other"), LOG)
    with pytest.raises(NoteError, match=f"of another log than {ORIGIN}"):
        opened(note, quorum=0)


def test_the_empty_tree_has_one_root() -> None:
    assert opened(signed(0), quorum=0).checkpoint.tree_size == 0
    with pytest.raises(RecordError, match="empty tree with another root"):
        opened(sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), LOG), quorum=0)


def test_keys_in_the_wrong_role_are_refused() -> None:
    note = cosigned(5, *WITNESSES).to_text()
    with pytest.raises(NoteError, match="not of type 0x01"):
        open_checkpoint(note, log_key=KEYS[0], witness_keys=KEYS, quorum=3)
    with pytest.raises(NoteError, match="not of type 0x04"):
        open_checkpoint(note, log_key=LOG.key, witness_keys=(*KEYS, LOG.key), quorum=3)


def test_a_public_key_of_small_order_vouches_for_nothing() -> None:
    """With the neutral element as key, one signature would fit every text on lenient verifiers."""
    neutral = (1).to_bytes(32, "little")
    key = NoteKey("strange.example", KeyType.ED25519, neutral)
    with pytest.raises(NoteError, match="does not verify"):
        key.verify_signature("any\n", neutral + bytes(32))


@given(st.data())
def test_hostile_notes_raise_nothing_else(data: st.DataObject) -> None:
    good = cosigned(5, *WITNESSES).to_text()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 80, len(good))))
    text = good[:start] + data.draw(st.text(max_size=5)) + good[end:]
    try:
        head = opened(SignedNote.from_text(text))
    except BoardError:
        return
    assert head.checkpoint == checkpoint(5)

"""Receipts: the file, and what it proves."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import BoardError, LogProofError, NoteError, QuorumError, RecordError
from bulletin_board.log.cosignature import CosignedCheckpoint
from bulletin_board.log.merkle import inclusion_proof
from bulletin_board.log.note import NoteKey
from bulletin_board.log.receipt import Receipt, verify_receipt
from tests.bulletin_board.log.sample_log import LOG, ORIGIN, WITNESS, checkpoint, cosigned, entry, leaves
from tests.support.vectors import vectors

GOOD = Receipt(345, inclusion_proof(345, leaves(700)), cosigned(700, WITNESS).to_text(), b"ballot receipt")


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


def verified(receipt: Receipt, data: bytes, *, quorum: int = 1, origin: str = ORIGIN) -> CosignedCheckpoint:
    keys = (WITNESS.key,)
    return verify_receipt(receipt, data, log_key=LOG.key, witness_keys=keys, quorum=quorum, origin=origin)


@pytest.mark.parametrize("case", vectors("tlog/receipt"), ids=ident)
def test_receipt_vector(case: dict[str, Any]) -> None:
    given, expected = case["input"], case["expect"]
    receipt = Receipt.from_text(given["receipt"])
    assert receipt.to_text() == given["receipt"]
    assert receipt == GOOD
    assert (receipt.index, receipt.extra) == (expected["index"], bytes.fromhex(expected["extra"]))
    head = verify_receipt(
        receipt,
        entry(receipt.index),
        log_key=NoteKey.from_vkey(given["log_vkey"]),
        witness_keys=[NoteKey.from_vkey(key) for key in given["witness_vkeys"]],
        quorum=given["quorum"],
        origin=ORIGIN,
    )
    assert head.checkpoint.tree_size == expected["tree_size"]
    assert [list(item) for item in head.cosignatures] == expected["cosignatures"]


@pytest.mark.parametrize("case", vectors("tlog/receipt-refused"), ids=ident)
def test_refused_receipt_vector(case: dict[str, Any]) -> None:
    with pytest.raises(getattr(errors, case["expect"])):
        Receipt.from_text(case["input"]["text"])


def test_the_only_entry_of_a_log_needs_no_proof() -> None:
    receipt = Receipt(0, (), cosigned(1, WITNESS).to_text())
    assert Receipt.from_text(receipt.to_text()) == receipt
    assert verified(receipt, entry(0)).checkpoint == checkpoint(1)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.sampled_from([0, 1, 5, 700]),
    st.none() | st.binary(min_size=1),
)
def test_receipt_round_trip(index: int, proof: list[bytes], tree_size: int, extra: bytes | None) -> None:
    receipt = Receipt(index, tuple(proof), cosigned(tree_size, WITNESS).to_text(), extra)
    assert Receipt.from_text(receipt.to_text()) == receipt


@given(st.data())
def test_a_receipt_has_one_text_and_cannot_be_bent(data: st.DataObject) -> None:
    good = GOOD.to_text()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 60, len(good))))
    text = good[:start] + data.draw(st.text(max_size=4)) + good[end:]
    try:
        receipt = Receipt.from_text(text)
        assert receipt.to_text() == text
        verified(receipt, entry(345))
    except BoardError:
        return
    # All that may differ is what nobody vouches for.
    assert replace(receipt, extra=None) == replace(GOOD, extra=None)


@given(st.text())
def test_hostile_texts_raise_nothing_else(text: str) -> None:
    for prefix in ("", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nindex 1\n"):
        with pytest.raises(RecordError):
            Receipt.from_text(prefix + text)


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": 2**63},
        {"proof": (bytes(31),)},
        {"proof": (bytes(32),) * 64},
        {"extra": b""},
        {"note_text": "no note"},
        {"note_text": "no\ncheckpoint\n\n— a AAAAAAAA\n"},
    ],
    ids=str,
)
def test_a_receipt_is_well_formed_from_birth(change: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        replace(GOOD, **change)


def test_a_receipt_is_for_one_entry_at_one_index() -> None:
    verified(GOOD, entry(345))
    for receipt, data in (
        (GOOD, entry(346)),
        (GOOD, entry(345) + b"\0"),
        (GOOD, b""),
        (replace(GOOD, index=344), entry(345)),
        (replace(GOOD, index=700), entry(345)),
        (replace(GOOD, proof=GOOD.proof[:-1]), entry(345)),
        (replace(GOOD, proof=(bytes(32), *GOOD.proof[1:])), entry(345)),
        (replace(GOOD, note_text=cosigned(701, WITNESS).to_text()), entry(345)),
    ):
        with pytest.raises(LogProofError):
            verified(receipt, data)


def test_a_receipt_needs_the_log_the_quorum_and_the_origin() -> None:
    with pytest.raises(QuorumError):
        verified(GOOD, entry(345), quorum=2)
    with pytest.raises(NoteError, match=r"of another log than log\.test/other"):
        verified(GOOD, entry(345), origin="log.test/other")
    unsigned = replace(GOOD, note_text=GOOD.note_text.replace("— log.test/board", "— log.test/other"))
    with pytest.raises(NoteError, match="not signed by the log"):
        verified(unsigned, entry(345))

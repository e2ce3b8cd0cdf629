"""The text of a checkpoint, and the log's signature under it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import RecordError
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.note import NoteKey, SignedNote, verify_note
from tests.bulletin_board.log.sample_log import LOG, ORIGIN, checkpoint
from tests.support.vectors import vectors


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


origins = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1)


@pytest.mark.parametrize("case", vectors("tlog/checkpoint"), ids=ident)
def test_checkpoint_vector(case: dict[str, Any]) -> None:
    note = SignedNote.from_text(case["input"]["note"])
    expected = case["expect"]
    head = Checkpoint(expected["origin"], expected["tree_size"], bytes.fromhex(expected["root_hash"]))
    assert Checkpoint.from_text(note.text) == head == checkpoint(head.tree_size)
    assert head.to_text() == note.text
    assert LOG.key == NoteKey.from_vkey(case["input"]["vkey"])
    assert sign_checkpoint(head, LOG) == note
    verify_note(note, (LOG.key,))


@pytest.mark.parametrize("case", vectors("tlog/checkpoint-refused"), ids=ident)
def test_refused_checkpoint_vector(case: dict[str, Any]) -> None:
    with pytest.raises(getattr(errors, case["expect"])):
        Checkpoint.from_text(case["input"]["text"])


@given(origins, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoint_round_trip(origin: str, tree_size: int, root: bytes) -> None:
    head = Checkpoint(origin, tree_size, root)
    assert Checkpoint.from_text(head.to_text()) == head


@given(st.data())
def test_a_checkpoint_has_one_text(data: st.DataObject) -> None:
    good = checkpoint(5).to_text()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 3, len(good))))
    text = good[:start] + data.draw(st.text(max_size=3)) + good[end:]
    try:
        head = Checkpoint.from_text(text)
    except RecordError:
        return
    assert head.to_text() == text


@given(st.text())
def test_hostile_texts_raise_nothing_else(text: str) -> None:
    with pytest.raises(RecordError):
        Checkpoint.from_text(text)


@pytest.mark.parametrize(
    ("origin", "tree_size", "root"),
    [
        ("", 0, bytes(32)),
        ("two\nlines", 0, bytes(32)),
        ("tab\t", 0, bytes(32)),
        (ORIGIN, -1, bytes(32)),
        (ORIGIN, 2**63, bytes(32)),
        (ORIGIN, 0, bytes(31)),
    ],
)
def test_a_checkpoint_is_valid_from_birth(origin: str, tree_size: int, root: bytes) -> None:
    with pytest.raises(RecordError, match=r"^checkpoint "):
        Checkpoint(origin, tree_size, root)

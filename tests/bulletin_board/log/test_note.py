"""Signed notes, their keys and the rule by which lines count."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import NoteError, RecordError
from bulletin_board.log.note import (
    MAX_SIGNATURES,
    KeyType,
    NoteKey,
    NoteSignature,
    NoteSigner,
    SignedNote,
    decode_signature_lines,
    encode_signature_lines,
    verify_note,
)
from crypto.signing import SigningKey
from tests.support.vectors import vectors

ANN = NoteSigner("ann.example/a", SigningKey(bytes([1]) * 32))
BEN = NoteSigner("ben.example/b", SigningKey(bytes([2]) * 32))
TEXT = "one\n\ntwo\n"


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


def note_by(*signers: NoteSigner) -> SignedNote:
    return SignedNote(TEXT, tuple(signer.sign(TEXT) for signer in signers))


def forged(line: NoteSignature) -> NoteSignature:
    return replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))


names = st.text(
    st.characters(codec="utf-8", exclude_characters="+", exclude_categories=("Cc", "Z")),
    min_size=1,
    max_size=20,
)
lines = st.builds(NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
note_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n")).map(
    lambda text: text + "\n"
)


@pytest.mark.parametrize("case", vectors("tlog/note"), ids=ident)
def test_note_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    key = NoteKey.from_vkey(given["vkey"])
    assert key.to_vkey() == given["vkey"]
    note = SignedNote.from_text(case["expect"])
    assert note.text == given["text"]
    assert note.to_text() == case["expect"]
    assert verify_note(note, (key,)) == ((key, note.signatures[0]),)
    if "seed" in given:
        signer = NoteSigner(key.name, SigningKey(bytes.fromhex(given["seed"])))
        assert signer.key == key
        assert SignedNote(given["text"], (signer.sign(given["text"]),)) == note


@pytest.mark.parametrize("case", vectors("tlog/note-refused"), ids=ident)
def test_refused_note_vector(case: dict[str, Any]) -> None:
    with pytest.raises(getattr(errors, case["expect"])):
        SignedNote.from_text(case["input"]["text"])


@pytest.mark.parametrize("case", vectors("tlog/vkey-refused"), ids=ident)
def test_refused_vkey_vector(case: dict[str, Any]) -> None:
    with pytest.raises(getattr(errors, case["expect"])):
        NoteKey.from_vkey(case["input"]["text"])


@given(note_texts, st.lists(lines, min_size=1, max_size=5))
def test_note_round_trip(text: str, signatures: list[NoteSignature]) -> None:
    note = SignedNote(text, tuple(signatures))
    assert SignedNote.from_text(note.to_text()) == note


@given(st.one_of(st.text(), st.text("a\n— +=AQ", max_size=40)))
def test_a_note_has_one_text(text: str) -> None:
    try:
        note = SignedNote.from_text(text)
    except RecordError:
        return
    assert note.to_text() == text


@given(st.data())
def test_no_changed_character_leaves_a_note_as_it_was(data: st.DataObject) -> None:
    good = note_by(ANN, BEN).to_text()
    place = data.draw(st.integers(0, len(good) - 1))
    changed = good[:place] + data.draw(st.characters()) + good[place + 1 :]
    try:
        note = SignedNote.from_text(changed)
        verified = verify_note(note, (ANN.key, BEN.key))
    except (RecordError, NoteError):
        return
    # A changed name or id makes one line unknown; what was signed cannot change.
    assert note.text == TEXT
    assert changed == good or len(verified) == 1


@given(names, st.sampled_from(KeyType), st.binary(min_size=32, max_size=32))
def test_vkey_round_trip(name: str, key_type: KeyType, public_key: bytes) -> None:
    key = NoteKey(name, key_type, public_key)
    assert NoteKey.from_vkey(key.to_vkey()) == key


@given(st.one_of(st.text(), st.from_regex(r"\w+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}", fullmatch=True)))
def test_a_key_has_one_text(text: str) -> None:
    try:
        key = NoteKey.from_vkey(text)
    except RecordError:
        return
    assert key.to_vkey() == text


def test_one_public_key_has_another_id_in_each_role() -> None:
    plain, cosigning = (NoteKey("w.example", kind, bytes(range(32))) for kind in KeyType)
    assert plain.key_id != cosigning.key_id


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2028b", "a\u3000", "a\x01", "a\ud800", "\x85"]
)
def test_names_that_would_break_a_line_are_refused(name: str) -> None:
    with pytest.raises(RecordError, match=r"^key name: "):
        NoteKey(name, KeyType.ED25519, bytes(32))
    with pytest.raises(RecordError, match=r"^key name: "):
        NoteSignature(name, bytes(4), b"x")
    with pytest.raises(RecordError, match=r"^key name: "):
        NoteSigner(name, ANN.signing_key)


def test_lengths_are_checked_at_birth() -> None:
    with pytest.raises(RecordError, match="31 bytes instead of 32"):
        NoteKey("a", KeyType.ED25519, bytes(31))
    for key_id, signature in ((bytes(3), b"x"), (bytes(5), b"x"), (bytes(4), b"")):
        with pytest.raises(RecordError, match="too short"):
            NoteSignature("a", key_id, signature)


@pytest.mark.parametrize("text", ["", "no newline", "control\x07\n", "cr\r\n", "\ud800\n"])
def test_texts_that_cannot_be_signed_are_refused(text: str) -> None:
    with pytest.raises(RecordError, match=r"^note text: "):
        SignedNote(text, note_by(ANN).signatures)


def test_a_note_has_1_to_100_signatures() -> None:
    line = ANN.sign(TEXT)
    assert len(SignedNote.from_text(SignedNote(TEXT, (line,) * 100).to_text()).signatures) == MAX_SIGNATURES
    for count in (0, 101):
        with pytest.raises(RecordError, match=r"outside 1\.\.100"):
            SignedNote(TEXT, (line,) * count)


def test_a_secret_key_does_not_print() -> None:
    assert repr(ANN.signing_key.seed) not in repr(ANN)
    assert "seed" not in repr(ANN)


def test_the_verified_lines_are_those_of_the_given_keys() -> None:
    note = note_by(BEN, ANN)
    assert verify_note(note, (ANN.key,)) == ((ANN.key, note.signatures[1]),)
    assert verify_note(note, (ANN.key, BEN.key)) == tuple(
        zip((BEN.key, ANN.key), note.signatures, strict=True)
    )


def test_lines_of_unknown_keys_are_passed_over_even_if_they_share_name_or_id() -> None:
    good = ANN.sign(TEXT)
    noise = (replace(good, key_id=b"none"), replace(good, name="ann.example/other"), forged(BEN.sign(TEXT)))
    note = SignedNote(TEXT, (*noise, good))
    assert verify_note(note, (ANN.key,)) == ((ANN.key, good),)


def test_a_note_without_an_expected_key_is_refused() -> None:
    with pytest.raises(NoteError, match="not signed by any expected key"):
        verify_note(note_by(ANN), (BEN.key,))
    with pytest.raises(NoteError, match="not signed by any expected key"):
        verify_note(note_by(ANN), ())


def test_one_bad_line_of_a_known_key_refuses_the_note() -> None:
    note = SignedNote(TEXT, (ANN.sign(TEXT), forged(BEN.sign(TEXT))))
    with pytest.raises(NoteError, match=r"signature by ben\.example/b does not verify"):
        verify_note(note, (ANN.key, BEN.key))


def test_a_signature_of_another_text_or_length_is_refused() -> None:
    line = ANN.sign(TEXT)
    for bad in (
        ANN.sign("other\n"),
        replace(line, signature=line.signature[:-1]),
        replace(line, signature=b"x"),
    ):
        with pytest.raises(NoteError, match=r"signature by ann\.example/a does not verify"):
            verify_note(SignedNote(TEXT, (bad,)), (ANN.key,))


def test_a_second_line_of_a_known_key_refuses_the_note() -> None:
    with pytest.raises(NoteError, match=r"two signatures by ann\.example/a"):
        verify_note(note_by(ANN, BEN, ANN), (ANN.key,))
    verify_note(note_by(ANN, BEN, BEN), (ANN.key,))  # unknown lines are not looked at


def test_keys_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(NoteError, match="same name and id"):
        verify_note(note_by(ANN), (ANN.key, ANN.key))


@given(st.lists(lines, max_size=5))
def test_signature_lines_round_trip(signatures: list[NoteSignature]) -> None:
    assert decode_signature_lines(encode_signature_lines(signatures)) == tuple(signatures)


def test_signature_lines_end_in_a_newline_and_are_at_most_100() -> None:
    text = encode_signature_lines((ANN.sign(TEXT),))
    with pytest.raises(RecordError, match="no newline at the end"):
        decode_signature_lines(text.rstrip("\n"))
    with pytest.raises(RecordError, match="over 100 lines"):
        decode_signature_lines(text * 101)

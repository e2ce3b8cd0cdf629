"""Fields: the repertoire of text, ids, and bytes in their one spelling."""

import re
import unicodedata
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import (
    IDENTIFIER_PATTERN,
    TEXT_RANGES,
    Base64Bytes,
    Bytes32,
    Bytes64,
    FixedBytes,
    Identifier,
    Localized,
    SealedShare,
    Text,
    decode_base64url,
    encode_base64url,
    is_text,
)
from bulletin_board.records.record import Part
from tests.support.vectors import vectors

REPERTOIRE = [chr(code) for first, last in TEXT_RANGES for code in range(first, last + 1)]


class OneText(Part):
    text: Text


class OneIdentifier(Part):
    text: Identifier


class OneKey(Part):
    text: Bytes32


class OneLocalized(Part):
    text: Localized


KINDS: dict[str, type[Part]] = {"text": OneText, "identifier": OneIdentifier, "bytes32": OneKey}


@pytest.mark.parametrize("case", vectors("records-fields"), ids=lambda case: case["id"])
def test_field_vector(case: dict[str, Any]) -> None:
    kind, data = KINDS[case["input"]["kind"]], jcs({"text": case["input"]["text"]})
    if case["expect"] == "ok":
        assert jcs(decode_json(data, kind, limit=9_999)) == data
    else:
        with pytest.raises(RecordError, match="text"):
            decode_json(data, kind, limit=9_999)


def test_every_character_of_the_repertoire_is_plain() -> None:
    for character in REPERTOIRE:
        assert unicodedata.combining(character) == 0, hex(ord(character))
        assert unicodedata.normalize("NFC", character) == character, hex(ord(character))
        # No marks, no controls, no format characters, no separators but the two spaces.
        category = unicodedata.category(character)
        assert category[0] in "LNPS" or character in " \u00a0", (hex(ord(character)), category)
        assert unicodedata.bidirectional(character) in {"L", "EN", "ES", "ET", "CS", "ON", "WS"}


def test_every_pair_of_neighbours_stays_in_nfc() -> None:
    """All pairs: NFC looks no further than from a starter to what follows it."""
    for first in REPERTOIRE:
        pairs = "".join(first + second for second in REPERTOIRE)
        assert unicodedata.normalize("NFC", pairs) == pairs


def test_no_character_of_the_repertoire_can_ever_compose() -> None:
    """Composition of two starters exists for Hangul and a closed list; none has its second half here."""
    seconds = {
        decomposition.split()[1]
        for code in range(0x110000)
        for decomposition in [unicodedata.decomposition(chr(code))]
        if decomposition and not decomposition.startswith("<") and " " in decomposition
    }
    assert {chr(int(second, 16)) for second in seconds}.isdisjoint(REPERTOIRE)


def test_the_ranges_are_those_of_the_specification() -> None:
    spec = (
        "0020–007E 00A0–00AC 00AE–024F 0400–0482 048A–052F 2010–2015 2018–201F "
        "2026–2026 2030–2030 2039–203A 20A0–20C0 2116–2116"
    )
    ranges = tuple(tuple(int(end, 16) for end in part.split("–")) for part in spec.split())
    assert ranges == TEXT_RANGES


def test_text_is_exactly_the_repertoire() -> None:
    allowed = set(REPERTOIRE)
    for code in range(0x110000):
        assert is_text(f"a{chr(code)}b") == (chr(code) in allowed), hex(code)


def test_patterns_hold_where_msgspec_searches() -> None:
    for kind in (Text, Identifier):
        pattern = get_args(kind)[1].pattern
        assert pattern.startswith(r"\A") and pattern.endswith(r"\Z")
    assert not re.search(IDENTIFIER_PATTERN, "a\nb")


@given(st.binary())
def test_base64url_round_trip(data: bytes) -> None:
    text = encode_base64url(data)
    assert re.fullmatch("[A-Za-z0-9_-]*", text)
    assert decode_base64url(text) == data


@given(st.text(st.sampled_from("AQgw-_+/=\n !ЖZ09"), max_size=12))
def test_base64url_has_one_text_per_value(text: str) -> None:
    try:
        data = decode_base64url(text)
    except ValueError:
        return
    assert encode_base64url(data) == text


@pytest.mark.parametrize("kind", [Bytes32, Bytes64, SealedShare])
def test_fixed_bytes_have_one_length(kind: type[FixedBytes]) -> None:
    assert {Bytes32: 32, Bytes64: 64, SealedShare: 96}[kind] == kind.size
    for length in (0, kind.size - 1, kind.size + 1):
        with pytest.raises(RecordError, match=f"{length} bytes instead of {kind.size}"):
            kind(bytes(length))
    value = kind(bytes(range(kind.size)))
    assert kind.from_json(value.to_json()) == value == bytes(range(kind.size))


@pytest.mark.parametrize("value", [None, 7, ["AA"], {"a": "AA"}, True])
def test_bytes_come_from_strings_only(value: Any) -> None:
    with pytest.raises(TypeError, match="base64url"):
        Base64Bytes.from_json(value)


@pytest.mark.parametrize("value", [None, 7, "текст", ["текст"]])
def test_localized_texts_come_from_objects_only(value: Any) -> None:
    with pytest.raises(RecordError, match="text: not an object of texts"):
        decode_json(jcs({"text": value}), OneLocalized, limit=999)


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({"KY": "a"}, "language tag"),
        ({"": "a"}, "language tag"),
        ({"ky": " a"}, "plain text"),
        ({"ky": ""}, "plain text"),
        ({"ky": 7}, "plain text"),
        ({"ky": "a", "ru": "\u202e"}, "ru is not"),
    ],
)
def test_localized_texts_are_valid_from_birth(texts: dict[str, Any], wrong: str) -> None:
    with pytest.raises(RecordError, match=wrong):
        Localized(texts)
    with pytest.raises(RecordError, match=rf"onelocalized\.text: .*{wrong}"):
        decode_json(jcs({"text": texts}), OneLocalized, limit=999)


def test_localized_texts_are_frozen_mappings() -> None:
    source = {"ru": "да", "ky": "ооба"}
    text = Localized(source)
    source["ru"] = "нет"
    assert dict(text) == {"ky": "ооба", "ru": "да"}
    assert len(text) == 2 and text["ru"] == "да" and list(text) == ["ru", "ky"]
    assert text == Localized({"ky": "ооба", "ru": "да"})
    assert hash(text) == hash(Localized({"ky": "ооба", "ru": "да"}))
    assert repr(text) == "Localized({'ru': 'да', 'ky': 'ооба'})"
    with pytest.raises(TypeError):
        text["ru"] = "нет"  # type: ignore[index]
    text.require_languages(("ky", "ru"), subject="x")
    for languages in [("ky",), ("ky", "ru", "en"), ("ky", "en"), ()]:
        with pytest.raises(RecordError, match=r"^x: languages"):
            text.require_languages(languages, subject="x")

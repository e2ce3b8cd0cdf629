"""One text per value: what is written is read back, and nothing else is."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import JsonValue, decode_json, encode_decoded, jcs
from bulletin_board.records.envelope import TYPES, decode_record
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.record import Part, Record
from bulletin_board.records.voting import Identified
from tests.bulletin_board.records.strategies import BODIES, any_body
from tests.support.records import MANIFEST, both
from tests.support.vectors import vectors

LIMIT = 1 << 20


def plain_of(body: Record) -> Any:
    return json.loads(jcs(body))


def test_there_is_a_strategy_for_every_type() -> None:
    assert BODIES.keys() == TYPES.keys()


@pytest.mark.parametrize("kind", sorted(TYPES))
@given(data=st.data())
def test_every_body_survives_the_round_trip(kind: str, data: st.DataObject) -> None:
    body = data.draw(BODIES[kind])
    written = jcs(body)
    assert decode_json(written, TYPES[kind], limit=LIMIT) == body
    assert hash(decode_json(written, TYPES[kind], limit=LIMIT)) == hash(body)


@given(any_body)
def test_the_fast_writer_writes_what_rfc_8785_says(body: Record) -> None:
    assert encode_decoded(body) == jcs(body) == rfc8785.dumps(plain_of(body))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_fast_writer_escapes_as_rfc_8785_says(text: str) -> None:
    assert encode_decoded(text) == rfc8785.dumps(text)


@given(any_body, st.data())
def test_another_layout_is_refused(body: Record, data: st.DataObject) -> None:
    plain = plain_of(body)
    layouts = {
        "spaces": json.dumps(plain, ensure_ascii=False, sort_keys=True).encode(),
        "lines": json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=0).encode(),
        "order": json.dumps(
            dict(sorted(plain.items(), reverse=True)), ensure_ascii=False, separators=(",", ":")
        ).encode(),
    }
    written = jcs(body)
    chosen = data.draw(st.sampled_from(sorted(layouts)))
    if layouts[chosen] == written:  # one key only: there is no other order
        return
    with pytest.raises(RecordError, match="canonical"):
        decode_json(layouts[chosen], type(body), limit=LIMIT)


@given(any_body, st.data())
def test_a_changed_byte_is_refused_or_is_another_value(body: Record, data: st.DataObject) -> None:
    written = bytearray(jcs(body))
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= data.draw(st.integers(1, 255))
    try:
        other = decode_json(bytes(written), type(body), limit=LIMIT)
    except RecordError:
        return
    assert other != body
    assert jcs(other) == bytes(written)


@given(any_body, st.data())
def test_a_field_missing_or_too_many_is_refused(body: Record, data: st.DataObject) -> None:
    plain = plain_of(body)
    removed = data.draw(st.sampled_from(sorted(plain)))
    with pytest.raises(RecordError):
        decode_json(jcs({key: plain[key] for key in plain if key != removed}), type(body), limit=LIMIT)
    with pytest.raises(RecordError):
        decode_json(jcs(plain | {"extra": 1}), type(body), limit=LIMIT)


@given(any_body, st.data())
def test_null_and_other_kinds_of_value_are_refused(body: Record, data: st.DataObject) -> None:
    plain = plain_of(body)
    field = data.draw(st.sampled_from(sorted(plain)))
    wrong: Any = data.draw(st.sampled_from([None, True, [None], {"": 0}, [[]], -1, ""]))
    value = plain | {field: wrong}
    try:
        decoded = decode_json(jcs(value), type(body), limit=LIMIT)
    except RecordError:
        return
    # An empty list, an empty bulk field, `training` as true and the like are values of their own.
    assert plain_of(decoded) == value


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    for kind in TYPES.values():
        with pytest.raises(RecordError):
            decode_json(noise, kind, limit=LIMIT)


@pytest.mark.parametrize("case", vectors("records-canonical"), ids=lambda case: case["id"])
def test_canonical_vector(case: dict[str, Any]) -> None:
    content = bytes.fromhex(case["input"]["content"])
    if case["expect"] == "ok":
        assert jcs(json.loads(content)) == content
        decode_record(content + b"\0")
    else:
        with pytest.raises(RecordError):
            decode_record(content + b"\0")


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"a":', b"1}")])
def test_deep_nesting_is_contained(depth: int, brackets: tuple[bytes, bytes]) -> None:
    opening, closing = brackets
    data = b'{"count":' + opening * depth + closing * depth + b"}"
    with pytest.raises(RecordError):
        decode_json(data, Identified, limit=LIMIT)


def test_deep_nesting_of_an_untyped_value_is_contained() -> None:
    class Anything(Part):
        value: Any

    with pytest.raises(RecordError, match="deep"):
        decode_json(b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}", Anything, limit=LIMIT)


def test_length_is_looked_at_first() -> None:
    with pytest.raises(RecordError, match="200 bytes, at most 100"):
        decode_json(b"{" * 200, Identified, limit=100)


def test_messages_name_the_field() -> None:
    with pytest.raises(RecordError, match=r"^identified\.count: "):
        decode_json(b'{"count":"12"}', Identified, limit=LIMIT)
    with pytest.raises(RecordError, match=r"^manifest\.contests\[0\]\.options\[1\]\.weight: "):
        plain = plain_of(MANIFEST)
        plain["contests"][0]["options"][1]["weight"] = "1"
        decode_json(jcs(plain), TYPES["manifest"], limit=LIMIT)
    with pytest.raises(RecordError, match=r"^pledge\.digest: Bytes64: 32 bytes instead of 64"):
        decode_json(jcs({"digest": Bytes32(bytes(32)), "trustee": 1}), TYPES["pledge"], limit=LIMIT)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        {"a": 0.5},
        [float("nan")],
        2**53,
        -1,
        [[-1]],
        "\ud800",
        {"\ud800": 1},
        b"raw",
        [b"raw"],
        {1: 2},
        object(),
    ],
    ids=lambda value: "object" if type(value) is object else repr(value),
)
def test_values_without_canonical_form_are_refused(value: Any) -> None:
    with pytest.raises(RecordError, match="canonical JSON"):
        jcs(value)


def test_a_circle_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(RecordError, match="canonical JSON"):
        jcs(circle)


def test_keys_are_ordered_by_utf_16() -> None:
    assert jcs({"\ue000": 1, "\U0001f5f3": 2, "a": 3}) == '{"a":3,"\U0001f5f3":2,"\ue000":1}'.encode()


def test_plain_values_have_their_canonical_form() -> None:
    assert jcs({"b": [1, None, True], "a": both("x")}) == (
        '{"a":{"ky":"x (кыргызча)","ru":"x (по-русски)"},"b":[1,null,true]}'.encode()
    )


class Foreign:
    """A type that is no `JsonValue`."""


def test_types_without_json_form_cannot_be_fields() -> None:
    class Strange(Part):
        value: Foreign

    with pytest.raises(RecordError, match="no JSON form"):
        decode_json(b'{"value":1}', Strange, limit=LIMIT)


def test_json_values_must_say_how() -> None:
    with pytest.raises(TypeError, match="abstract"):
        JsonValue()  # type: ignore[abstract]

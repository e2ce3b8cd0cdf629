import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.hashing import Tag, digest, le64
from crypto.scalar import hash_to_scalar
from tests.support.vectors import vectors

PROTOCOL = Path(__file__).parents[2] / "specs" / "protocol.md"

part_lists = st.lists(st.binary(max_size=20), max_size=4)


@pytest.mark.parametrize("case", vectors("hash"), ids=lambda case: case["id"])
def test_hash_vector(case: dict[str, Any]) -> None:
    tag = Tag(case["input"]["tag"].encode())
    parts = [bytes.fromhex(part) for part in case["input"]["parts"]]
    assert digest(tag, *parts).hex() == case["output"]["digest"]
    assert hash_to_scalar(tag, *parts).encoded.hex() == case["output"]["scalar"]


def test_the_tags_are_those_of_the_specification() -> None:
    rule = re.search(r"\{#1\.7\}(.*?)\n- ", PROTOCOL.read_text(), re.DOTALL)
    assert rule is not None
    assert [tag.value for tag in Tag] == [
        f"evote/v1/{name}".encode() for name in re.findall(r"`(.*?)`", rule[1])
    ]


def test_the_tags_are_named_by_their_values_and_sorted() -> None:
    assert [tag.name for tag in Tag] == sorted(tag.name for tag in Tag)
    for tag in Tag:
        assert tag.value == b"evote/v1/" + tag.name.lower().replace("_", "-").encode()


@given(part_lists, part_lists)
def test_different_parts_have_different_digests(one: list[bytes], other: list[bytes]) -> None:
    assert (digest(Tag.BASE, *one) == digest(Tag.BASE, *other)) == (one == other)


@given(part_lists)
def test_different_tags_have_different_digests(parts: list[bytes]) -> None:
    assert len({digest(tag, *parts) for tag in Tag}) == len(Tag)


@pytest.mark.parametrize(
    ("number", "encoded"), [(0, "00" * 8), (258, "0201" + "00" * 6), (2**64 - 1, "ff" * 8)]
)
def test_le64(number: int, encoded: str) -> None:
    assert le64(number).hex() == encoded


@pytest.mark.parametrize("number", [-1, 2**64])
def test_le64_refuses_what_does_not_fit(number: int) -> None:
    with pytest.raises(ValueError, match="le64"):
        le64(number)

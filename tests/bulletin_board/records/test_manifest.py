"""The manifest: each rule of consistency broken alone, the digest, and the look-ups."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.contests import AbsoluteMajority, Plurality, Referendum
from bulletin_board.records.fields import MAX_INTEGER, Bytes32, Bytes64
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import ContestResult, Outcome, Result, ResultCell, TraceLine
from bulletin_board.records.units import UnitTree
from tests.evote import kyrgyzstan
from tests.support.records import MANIFEST, manifest_json, manifest_of
from tests.support.vectors import vectors
from tests.tools import record_manifest_cases


@pytest.mark.parametrize("case", vectors("records-manifest"), ids=lambda case: case["id"])
def test_manifest_vector(case: dict[str, Any]) -> None:
    changes = [(change["path"], change["value"]) for change in case["input"]["changes"]]
    plain = record_manifest_cases.changed(changes)
    if case["expect"] == "ok":
        manifest = manifest_of(plain)
        assert jcs(manifest) == jcs(plain)
        return
    data = jcs(plain) if case["id"] not in NOT_EVEN_JCS else jcs_with_negative(plain)
    with pytest.raises(RecordError) as caught:
        decode_json(data, Manifest, limit=65_535)
    assert case["subject"] in str(caught.value)


NOT_EVEN_JCS = {"minimum-negative", "grace-negative"}


def jcs_with_negative(plain: Any) -> bytes:
    return msgspec.json.encode(plain, order="sorted")


def test_the_digest_is_sha_256_of_the_canonical_body() -> None:
    assert MANIFEST.digest == sha256(jcs(MANIFEST)).digest()
    assert MANIFEST.digest is MANIFEST.digest
    plain = manifest_json()
    plain["beat"] += 1
    assert manifest_of(plain).digest != MANIFEST.digest


def test_a_manifest_is_frozen_and_a_value() -> None:
    with pytest.raises(AttributeError):
        MANIFEST.beat = 7
    assert manifest_of(manifest_json()) == MANIFEST
    assert hash(manifest_of(manifest_json())) == hash(MANIFEST)


def test_a_manifest_made_in_python_is_checked_too() -> None:
    changes: list[dict[str, Any]] = [
        {"threshold": 1},
        {"witness_quorum": 2},
        {"identity_key": MANIFEST.board.key},
    ]
    for change in changes:
        with pytest.raises(RecordError):
            msgspec.structs.replace(MANIFEST, **change)


def test_look_ups() -> None:
    assert MANIFEST.contest("council").maximum == 2
    assert MANIFEST.style("village").contests == ("council",)
    assert MANIFEST.unit("north-1").parent == "north"
    assert MANIFEST.issuer("registrar").name == "Issuer registrar"
    assert [MANIFEST.trustee(index).name for index in (1, 2, 3)] == ["Trustee 1", "Trustee 2", "Trustee 3"]
    assert MANIFEST.schedule.closes_at == 1_800_129_600


@pytest.mark.parametrize("look_up", ["contest", "style", "unit", "issuer", "shape"])
def test_unknown_ids_are_named(look_up: str) -> None:
    with pytest.raises(RecordError, match="nowhere: not in the manifest"):
        getattr(MANIFEST, look_up)("nowhere")


@pytest.mark.parametrize("index", [-1, 0, 4])
def test_unknown_trustees_are_named(index: int) -> None:
    with pytest.raises(RecordError, match=f"trustee {index}: not in the manifest"):
        MANIFEST.trustee(index)


def test_shapes_are_what_a_style_asks() -> None:
    city = MANIFEST.shape("city")
    assert city.style_id == "city"
    assert [contest.contest_id for contest in city.contests] == ["mayor", "council", "bridge"]
    assert city.options == 3 + 4 + 2
    assert [(contest.minimum, contest.maximum) for contest in city.contests] == [(1, 1), (0, 2), (1, 1)]
    assert [option.weight for option in city.contests[1].options] == [1, 1, 1, 2]
    assert MANIFEST.shape("village").options == 4
    assert MANIFEST.shape("village") is MANIFEST.shape("village")


def test_counting_rules_are_types() -> None:
    mayor, council, bridge = (contest.counting for contest in MANIFEST.contests)
    assert mayor == AbsoluteMajority(against_all="none-of-them")
    assert council == Plurality(against_all="against")
    assert bridge == Referendum(against_all=None, turnout_percent=30)


def test_a_huge_contest_is_refused_at_once() -> None:
    plain = manifest_json()
    plain["contests"][0] |= {"minimum": MAX_INTEGER, "maximum": MAX_INTEGER}
    with pytest.raises(RecordError, match="contest mayor"):
        manifest_of(plain)


def with_units(count: int) -> dict[str, Any]:
    plain = manifest_json()
    root = plain["reporting_units"][0]
    units = [
        {"id": f"unit-{place:04}", "parent": root["id"], "title": root["title"]} for place in range(count)
    ]
    return plain | {"reporting_units": [root | {"parent": None}, *units]}


def largest_result(manifest: Manifest) -> bytes:
    """The entry that the rule is about, cell by cell."""
    cells = tuple(
        ResultCell(
            contest=contest.id,
            node=max(manifest.units.path(unit.id), key=len),
            members=(unit.id,),
            counts=(9_999_999,) * len(contest.options),
        )
        for contest in manifest.contests
        for unit in manifest.reporting_units
    )
    line = TraceLine(label="against-all", left=999_999_900, right=999_999_900)
    contests = tuple(
        ContestResult(
            contest=contest.id,
            totals=(9_999_999,) * len(contest.options),
            outcome=Outcome(
                kind="second-round",
                options=tuple(option.id for option in contest.options),
                trace=(line, line),
            ),
        )
        for contest in manifest.contests
    )
    body = Result(aggregate=Bytes64(bytes(64)), trustees=(2, 3), cells=cells, contests=contests)
    signature = {"key": Bytes32(bytes(32)), "signature": Bytes64(bytes(64))}
    return jcs({"body": body, "signatures": [signature], "type": "result"})


def test_a_result_fits_an_entry_exactly_when_the_manifest_is_good() -> None:
    """The entry is the JSON and the count of its addenda, one byte."""
    good = 0
    for step in (256, 128, 64, 32, 16, 8, 4, 2, 1):
        try:
            manifest_of(with_units(good + step))
        except RecordError:
            continue
        good += step
    assert 200 < good < 300
    fits = len(largest_result(manifest_of(with_units(good)))) + 1
    assert fits <= 65_535
    per_unit = fits - len(largest_result(manifest_of(with_units(good - 1)))) - 1
    assert fits + per_unit > 65_535
    with pytest.raises(
        RecordError, match=f"manifest: with {good + 2} units and 3 contests a result would not fit"
    ):
        manifest_of(with_units(good + 1))


def test_the_example_election_has_a_result() -> None:
    manifest = kyrgyzstan.manifest()
    assert (len(manifest.reporting_units), len(manifest.contests)) == (77, 2)
    assert len(largest_result(manifest)) < 65_535


TREE = UnitTree([("country", None), ("north", "country"), ("south", "country"), ("north-1", "north")])


def test_the_tree_of_units() -> None:
    assert TREE.root == "country"
    assert [TREE.depth(unit) for unit in ("country", "north", "south", "north-1")] == [0, 1, 1, 2]
    assert [TREE.parent(unit) for unit in ("country", "north", "north-1")] == [None, "country", "north"]
    assert TREE.path("north-1") == ("north-1", "north", "country")
    assert TREE.is_within("north-1", "north") and TREE.is_within("north", "north")
    assert not TREE.is_within("north", "north-1") and not TREE.is_within("south", "north")
    assert "north" in TREE and "west" not in TREE
    assert MANIFEST.units.depth("south-1") == 2


@pytest.mark.parametrize("look_up", ["parent", "depth", "path"])
def test_units_outside_the_tree_are_named(look_up: str) -> None:
    with pytest.raises(RecordError, match="unit west: not in the manifest"):
        getattr(TREE, look_up)("west")
    with pytest.raises(RecordError, match="unit west: not in the manifest"):
        TREE.is_within("north", "west")


def test_keys_are_bytes() -> None:
    assert isinstance(MANIFEST.board.key, Bytes32)

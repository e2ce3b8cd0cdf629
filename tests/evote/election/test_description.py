"""What two people see before they sign: everything in which two manifests may differ to a voter."""

from collections.abc import Callable
from typing import Any

import pytest

from evote.election.description import describe, digest_lines
from tests.support.sample_manifest import manifest_json, manifest_of

SHOWN = tuple(describe(manifest_of(manifest_json())))


def test_titles_are_shown_in_all_languages() -> None:
    manifest = manifest_of(manifest_json())
    titles = [manifest.title, *(contest.title for contest in manifest.contests)]
    titles += [option.title for contest in manifest.contests for option in contest.options]
    lines = [line.strip() for line in SHOWN]
    for title in titles:
        for language, text in title.items():
            assert f"{language}: {text}" in lines


def test_contest_is_shown_as_it_is_counted() -> None:
    manifest = manifest_of(manifest_json())
    for contest in manifest.contests:
        bounds = f"{contest.minimum} to {contest.maximum}"
        head = SHOWN.index(f"  contest {contest.id}: {len(contest.options)} options, {bounds}")
        places = [
            SHOWN.index(f"    option {place}: {option.id}, weight {option.weight}", head)
            for place, option in enumerate(contest.options, start=1)
        ]
        assert places == sorted(places)
    assert "    counted by absolute-majority, against all: against-all" in SHOWN
    assert "    counted by referendum with a turnout of 30 %, against all: none" in SHOWN


def test_times_are_shown_by_two_clocks() -> None:
    plain = manifest_json()
    plain["schedule"] |= {"answers_by": 1_610_200_000, "opens_at": 1_610_250_000, "closes_at": 1_610_300_000}
    shown = list(describe(manifest_of(plain)))
    assert "  voting opens 2021-01-10 03:40:00 UTC, 2021-01-10 09:40:00 in Bishkek" in shown
    assert "  voting closes 2021-01-10 17:33:20 UTC, 2021-01-10 23:33:20 in Bishkek" in shown


def test_everybody_who_takes_part_is_named() -> None:
    manifest, text = manifest_of(manifest_json()), "\n".join(SHOWN)
    names = [party.name for party in manifest.trustees] + [party.name for party in manifest.authorities]
    names += [party.name for party in manifest.issuers] + [party.name for party in manifest.witnesses]
    assert all(name in text for name in names)
    assert f"  {manifest.threshold} of {len(manifest.trustees)} trustees" in text
    assert f"  {manifest.witness_quorum} of {len(manifest.witnesses)} witnesses" in text
    assert f"  board {manifest.board.origin}" in text
    assert f"  {len(manifest.reporting_units)} units below and with {manifest.units.root}" in text
    for style in manifest.ballot_styles:
        assert f"  ballot style {style.id}: {', '.join(style.contests)}" in SHOWN
    assert manifest.digest.hex() in "".join("".join(digest_lines(manifest)).split())


def _swap_options(plain: dict[str, Any]) -> None:
    options = plain["contests"][0]["options"]
    options[0], options[1] = options[1], options[0]


def _swap_witness(plain: dict[str, Any]) -> None:
    plain["witnesses"][0]["name"] = "another.example"


CHANGES: list[Callable[[dict[str, Any]], object]] = [
    _swap_options,
    _swap_witness,
    lambda plain: (
        plain["contests"][0]["options"][0].update(weight=2) or plain["contests"][0].update(maximum=2)
    ),
    lambda plain: plain["contests"][0]["counting"].update(against_all=None),
    lambda plain: plain["contests"][0]["counting"].update(rule="plurality"),
    lambda plain: plain["contests"][2]["counting"].update(turnout_percent=31),
    lambda plain: plain["contests"][0].update(minimum=0),
    lambda plain: plain["contests"][0]["title"].update(ky="Башка"),
    lambda plain: plain["ballot_styles"][0]["contests"].pop(),
    lambda plain: plain["reporting_units"].pop(),
    lambda plain: plain["schedule"].update(closes_at=plain["schedule"]["closes_at"] + 1),
    lambda plain: plain["schedule"].update(grace=plain["schedule"]["grace"] + 1),
    lambda plain: plain.update(threshold=3),
    lambda plain: plain.update(min_unit_size=plain["min_unit_size"] + 1),
]


@pytest.mark.parametrize("change", CHANGES)
def test_two_manifests_that_differ_are_shown_differently(change: Callable[[dict[str, Any]], object]) -> None:
    plain = manifest_json()
    change(plain)
    assert tuple(describe(manifest_of(plain))) != SHOWN

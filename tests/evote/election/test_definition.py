"""From what an official wrote down to a manifest, and everything that can be wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bulletin_board.records.manifest import Schedule
from evote.election.definition import Definition, Terms, load_definition, make_manifest
from evote.errors import DefinitionError
from evote.keys import Role
from tests.evote.election.cards import all_cards, card
from tests.evote.kyrgyzstan import FOLDER

DEFINITION = load_definition(FOLDER / "election.toml")
SCHEDULE = Schedule(answers_by=900, opens_at=1000, closes_at=2000, grace=3)
TERMS = Terms(threshold=2, schedule=SCHEDULE, beat=1000, origin_prefix="demo.example/board")

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> Definition:
    plain = msgspec.to_builtins(DEFINITION)
    change(plain)
    return msgspec.convert(plain, Definition)


def test_manifest_of_the_example() -> None:
    manifest = make_manifest(DEFINITION, all_cards(), replace(TERMS, id_suffix="-rerun"))
    assert manifest.election_id == "kg-2021-01-10-rerun"
    assert manifest.board.origin == "demo.example/board/kg-2021-01-10-rerun"
    assert [trustee.name for trustee in manifest.trustees] == ["Aida", "Bakyt", "Cholpon"]
    assert [issuer.id for issuer in manifest.issuers] == ["registrar", "identity"]
    assert (manifest.witness_quorum, manifest.threshold) == (1, 2)
    assert manifest.schedule == SCHEDULE


def test_quorum_is_the_smallest_of_more_than_two_thirds_unless_said() -> None:
    for more, quorum in ((3, 3), (4, 3), (5, 4), (6, 5)):
        cards = [*all_cards(), *(card(Role.WITNESS, f"w.example/{place}") for place in range(2, more + 1))]
        assert make_manifest(DEFINITION, cards, TERMS).witness_quorum == quorum
        assert make_manifest(DEFINITION, cards, replace(TERMS, witness_quorum=more)).witness_quorum == more


def test_weights_and_against_all_may_be_left_out() -> None:
    def change(plain: dict[str, Any]) -> None:
        for option in plain["contests"][0]["options"]:
            option.pop("weight")
        plain["contests"][0]["counting"].pop("against_all")

    contest = make_manifest(changed(change), all_cards(), TERMS).contests[0]
    assert {option.weight for option in contest.options} == {1}
    assert contest.counting.against_all is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda plain: plain.update(id="Kyrgyzstan"), "election_id"),
        (lambda plain: plain["title"].pop("ky"), "title: languages"),
        (
            lambda plain: plain["contests"][0]["options"].append(plain["contests"][0]["options"][0]),
            "stands twice",
        ),
        (lambda plain: plain["contests"][0].update(maximum=0), "contest president"),
        (lambda plain: plain["contests"][0].update(color="red"), "color"),
        (lambda plain: plain["contests"][0].pop("options"), "president"),
        (lambda plain: plain["contests"][0]["counting"].update(against_all="nobody"), "against_all"),
        (lambda plain: plain["ballot_styles"][0]["contests"].append("mayor"), "mayor"),
        (lambda plain: plain["reporting_units"][1].update(parent="moon"), "moon"),
        (lambda plain: plain.update(training=False), "witnesses"),
        (lambda plain: plain["title"].update(en="Combining accent: e\u0301"), "plain text"),
        (lambda plain: plain["contests"][0].update(minimum=1.5), "canonical JSON"),
    ],
)
def test_inconsistent_definition_is_refused(change: Change, reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason):
        make_manifest(changed(change), all_cards(), TERMS)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_needed(role: Role) -> None:
    with pytest.raises(DefinitionError, match=f"nobody is {role}"):
        make_manifest(DEFINITION, [each for each in all_cards() if each.role is not role], TERMS)


@pytest.mark.parametrize("role", [Role.BOARD, Role.IDENTITY])
def test_there_is_one_board_and_one_identity_service(role: Role) -> None:
    with pytest.raises(DefinitionError, match="2 for the role"):
        make_manifest(DEFINITION, [*all_cards(), card(role, "Another")], TERMS)


@pytest.mark.parametrize("threshold", [1, 4])
def test_threshold_is_a_majority(threshold: int) -> None:
    with pytest.raises(DefinitionError, match="threshold"):
        make_manifest(DEFINITION, all_cards(), replace(TERMS, threshold=threshold))


def test_one_key_has_one_role() -> None:
    twice = card(Role.AUTHORITY, "Chair").__class__(
        role=Role.TRUSTEE, name="Twice", key=all_cards()[0].key, box_key=all_cards()[-1].key
    )
    with pytest.raises(DefinitionError, match="keys"):
        make_manifest(DEFINITION, [*all_cards(), twice], replace(TERMS, threshold=3))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id = ", "definition"),
        (b'id = "x"\n', "missing required field"),
        (b"\xff", "decode"),
        (b"training = 1\n", "definition"),
    ],
)
def test_unreadable_definition_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "election.toml"
    path.write_bytes(content)
    with pytest.raises(DefinitionError, match=reason):
        load_definition(path)


def test_unknown_field_of_a_definition_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "election.toml"
    path.write_bytes(b'colour = "red"\n' + (FOLDER / "election.toml").read_bytes())
    with pytest.raises(DefinitionError, match="colour"):
        load_definition(path)
    with pytest.raises(DefinitionError, match="No such file"):
        load_definition(tmp_path / "absent.toml")

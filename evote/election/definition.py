"""What an official writes down before anybody has a key: contests, texts, units; and the manifest made of it.

The definition is TOML, so that sources and reasons can stand beside the names. Keys come from cards, times
from the command line.

Spec: records.md §2.1
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec

from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.manifest import VERSION, Manifest, Schedule
from evote.errors import DefinitionError
from evote.keys import Card, Role

MOST_BYTES = 4 << 20

Table = dict[str, Any]


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, field by field; what it says is judged when it becomes a manifest."""

    id: str
    training: bool
    languages: list[str]
    title: dict[str, str]
    contests: list[Table]
    ballot_styles: list[Table]
    reporting_units: list[Table]
    min_unit_size: Annotated[int, msgspec.Meta(ge=1)]
    identity_methods: list[str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What else the manifest fixes."""

    threshold: int
    schedule: Schedule
    beat: int  # milliseconds
    origin_prefix: str  # the origin is this, a slash and the election id
    witness_quorum: int | None = None  # None: the smallest that is more than two thirds
    id_suffix: str = ""  # makes the id of a rerun its own


def load_definition(path: Path) -> Definition:
    """Read a definition.

    Raises:
        DefinitionError: not readable, not TOML, or a field is missing, unknown or of another type.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
        return msgspec.convert(tomllib.loads(data.decode("utf-8")), Definition)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as exc:
        raise DefinitionError(f"definition {path.name}: {exc}") from exc


def make_manifest(definition: Definition, cards: Sequence[Card], terms: Terms) -> Manifest:
    """The manifest of an election, unsigned.

    Args:
        definition: as the official wrote it.
        cards: of everybody who has a part in it; parties stand in the order of the cards.
        terms: times, thresholds, origin.

    Raises:
        DefinitionError: a party is missing or superfluous, or the whole is not consistent.
    """
    election_id = definition.id + terms.id_suffix
    witnesses = _parties(cards, Role.WITNESS)
    quorum = terms.witness_quorum or 2 * len(witnesses) // 3 + 1
    body = {
        "version": VERSION,
        "election_id": election_id,
        "training": definition.training,
        "languages": definition.languages,
        "title": definition.title,
        "contests": [_contest(contest) for contest in definition.contests],
        "ballot_styles": definition.ballot_styles,
        "reporting_units": [{"parent": None, **unit} for unit in definition.reporting_units],
        "min_unit_size": definition.min_unit_size,
        "merge_rule": "tree-v1",
        "schedule": terms.schedule,
        "beat": terms.beat,
        "authorities": [{"name": card.name, "key": card.key} for card in _parties(cards, Role.AUTHORITY)],
        "trustees": [
            {"name": card.name, "signing_key": card.key, "box_key": card.box_key}
            for card in _parties(cards, Role.TRUSTEE)
        ],
        "threshold": terms.threshold,
        "issuers": [
            {"id": card.id, "name": card.name, "key": card.key} for card in _parties(cards, Role.ISSUER)
        ],
        "board": {
            "origin": f"{terms.origin_prefix}/{election_id}",
            "key": _only(cards, Role.BOARD).key,
        },
        "witnesses": [{"name": card.name, "key": card.key} for card in witnesses],
        "witness_quorum": quorum,
        "identity_key": _only(cards, Role.IDENTITY).key,
        "identity_methods": definition.identity_methods,
        "client_release": [],
    }
    try:
        # Through the gate that everybody else's manifest goes through.
        return decode_json(jcs(body), Manifest, limit=MOST_BYTES)
    except RecordError as exc:
        raise DefinitionError(str(exc)) from exc


def _contest(contest: Table) -> Table:
    """With what may be left out: weights of 1, no option against all."""
    counting = {"against_all": None, **contest.get("counting", {})}
    options = [{"weight": 1, **option} for option in contest.get("options", [])]
    return {**contest, "counting": counting, "options": options}


def _parties(cards: Sequence[Card], role: Role) -> list[Card]:
    found = [card for card in cards if card.role is role]
    if not found:
        raise DefinitionError(f"cards: nobody is {role}")
    return found


def _only(cards: Sequence[Card], role: Role) -> Card:
    found = _parties(cards, role)
    if len(found) > 1:
        raise DefinitionError(f"cards: {len(found)} for the role {role}, one is needed")
    return found[0]

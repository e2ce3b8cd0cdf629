"""How the issuers' lists become the roll.

The registrar makes it; the identity service makes it again and compares.

Spec: protocol.md §2.10 to §2.12
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bulletin_board.records.fields import Bytes32
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.merging import merge_groups
from bulletin_board.records.roll import Roll, RollRow, encode_roll
from crypto.credential import join_public
from crypto.errors import EncodingError
from crypto.group import GroupElement
from evote.errors import MismatchError
from evote.issuing.credential import RollMember


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a voter votes: the ballot style, and the polling place before coarsening."""

    style: str
    unit: str


def too_small_styles(seats: Mapping[str, Seat], manifest: Manifest) -> tuple[str, ...]:
    """Styles with so few voters that they cannot be offered. Spec: protocol.md §2.12"""
    counts = Counter(seat.style for seat in seats.values())
    return tuple(sorted(style for style, count in counts.items() if count < manifest.min_unit_size))


def coarsen(seats: Mapping[str, Seat], manifest: Manifest) -> dict[str, str]:
    """Reference → node: the unit under which each voter's row stands.

    Raises:
        MismatchError: a style has fewer voters than `min_unit_size`.

    Spec: protocol.md §2.12
    """
    small = too_small_styles(seats, manifest)
    if small:
        raise MismatchError(f"roll: fewer than {manifest.min_unit_size} voters have the style {small[0]}")
    sizes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for seat in seats.values():
        sizes[seat.style][seat.unit] += 1
    node_of: dict[Seat, str] = {}
    for style, units in sizes.items():
        groups, _ = merge_groups(units, manifest.units, manifest.min_unit_size)
        node_of.update({Seat(style, unit): group.node for group in groups for unit in group.members})
    return {reference: node_of[seat] for reference, seat in seats.items()}


def join_lists(
    manifest: Manifest, seats: Mapping[str, Seat], lists: Sequence[Mapping[str, bytes]]
) -> tuple[RollMember, ...]:
    """The members of the roll, ascending by reference.

    Args:
        manifest: of the election.
        seats: of every voter, by reference.
        lists: reference → S_j of every issuer, in issuer order.

    Raises:
        MismatchError: the lists are not about the same voters, or two parts or credentials are the same.
    """
    for issuer, parts in zip(manifest.issuers, lists, strict=True):
        if parts.keys() != seats.keys():
            strangers = sorted(parts.keys() ^ seats.keys())
            raise MismatchError(f"list of {issuer.id}: not of the same voters, see {strangers[0]}")
    nodes = coarsen(seats, manifest)
    members = tuple(
        RollMember(
            reference,
            seats[reference].style,
            nodes[reference],
            tuple(parts[reference] for parts in lists),
            join_credential([parts[reference] for parts in lists], reference),
        )
        for reference in sorted(seats)
    )
    _require_all_distinct(members)
    return members


def join_credential(parts: Sequence[bytes], reference: str) -> bytes:
    """S of its parts.

    Raises:
        MismatchError: a part is not an element, or the identity, or they cancel out.
    """
    try:
        return join_public([GroupElement.decode(part) for part in parts]).encoded
    except EncodingError as exc:
        raise MismatchError(f"voter {reference}: {exc}") from exc


def roll_of(members: Sequence[RollMember]) -> tuple[Roll, dict[bytes, bytes]]:
    """The record of the roll, and its addenda: SHA-256 → bytes.

    Rows ascend by credential, so their order says nothing of the voters.
    """
    return encode_roll([row_of(member) for member in sorted(members, key=lambda member: member.credential)])


def row_of(member: RollMember) -> RollRow:
    """The row as it is posted."""
    return RollRow(parts=tuple(Bytes32(part) for part in member.parts), style=member.style, unit=member.node)


def _require_all_distinct(members: Sequence[RollMember]) -> None:
    seen: dict[bytes, str] = {}
    for member in members:
        for value in (member.credential, *member.parts):
            if value in seen:
                raise MismatchError(
                    f"voter {member.reference}: shares a part or a credential with {seen[value]}"
                )
            seen[value] = member.reference

"""The registrar's side of the roll: what it hands over, its list, and the join with the other issuer's.

Spec: protocol.md §2.10 to §2.12
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bulletin_board.records.fields import Bytes32
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import Roll
from evote.errors import MismatchError, RegistrarError
from evote.issuing.credential import IDENTITY, REGISTRAR, RollMember, issuer_place
from evote.issuing.files import Handover, HandoverPerson, PartList
from evote.issuing.pledges import require_pledged
from evote.issuing.roll import Seat, join_lists, roll_of
from evote.registrar.voter import Voter


class Ledger(Protocol):
    """What making the roll needs of `evote.db.registrar`."""

    def voters(self) -> tuple[Voter, ...]: ...

    def issued_parts(self) -> dict[str, bytes]: ...

    def keep_members(self, members: Sequence[RollMember], *, own_place: int) -> None: ...


@dataclass(frozen=True, slots=True)
class MadeRoll:
    """The roll, before it is signed.

    addenda: SHA-256 → bytes
    """

    members: tuple[RollMember, ...]
    record: Roll
    addenda: Mapping[bytes, bytes]


def handover_of(voters: Sequence[Voter], manifest: Manifest) -> Handover:
    """What the identity service learns of the voters.

    Raises:
        RegistrarError: there are none.
    """
    if not voters:
        raise RegistrarError("voter list: nothing was imported yet")
    return Handover(
        manifest_digest=Bytes32(manifest.digest),
        persons=tuple(
            HandoverPerson(
                reference=voter.reference,
                personal_number=voter.personal_number,
                email=voter.email,
                language=voter.language,
                style=voter.style,
                unit=voter.unit,
            )
            for voter in voters
        ),
    )


def complete_parts(ledger: Ledger) -> dict[str, bytes]:
    """Reference → S_j of everybody.

    Raises:
        RegistrarError: letters are still to be written.
    """
    voters, parts = ledger.voters(), ledger.issued_parts()
    if not voters or len(parts) != len(voters):
        raise RegistrarError(
            f"letters: {len(parts)} of {len(voters)} voters have one; issue the others first"
        )
    return parts


def make_roll(ledger: Ledger, manifest: Manifest, theirs: PartList, pledges: Mapping[str, bytes]) -> MadeRoll:
    """Join our list with the identity service's, and note whose row is whose.

    Args:
        ledger: of the registrar.
        manifest: of the election; its issuers are the registrar and the identity service.
        theirs: the list of the identity service.
        pledges: of both, from the board.

    Raises:
        MismatchError: a list is not the one that was pledged, or they do not fit together.
    """
    lists = {REGISTRAR: complete_parts(ledger), IDENTITY: theirs.by_reference()}
    if theirs.issuer != IDENTITY or {issuer.id for issuer in manifest.issuers} != lists.keys():
        raise MismatchError("list: not of the identity service, or the manifest has other issuers")
    for issuer, parts in lists.items():
        require_pledged(manifest, issuer, parts, pledges)
    seats = {voter.reference: Seat(voter.style, voter.unit) for voter in ledger.voters()}
    members = join_lists(manifest, seats, [lists[issuer.id] for issuer in manifest.issuers])
    ledger.keep_members(members, own_place=issuer_place(manifest, REGISTRAR))
    record, addenda = roll_of(members)
    return MadeRoll(members, record, addenda)

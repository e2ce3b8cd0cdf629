"""The identity service as an issuer: its parts, its list, and what it checks before it signs.

Spec: protocol.md §2.8 to §2.13
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Reissue, Revocation
from evote.errors import IdentityError, MismatchError
from evote.identity.person import KeptPart, Person
from evote.identity.sealed_parts import PartSafe
from evote.issuing.credential import (
    IDENTITY,
    REGISTRAR,
    RandomBytes,
    RollMember,
    Standing,
    draw_part,
    issuer_place,
)
from evote.issuing.files import Handover, Join, PartList, ReissuePart, join_of
from evote.issuing.pledges import require_pledged
from evote.issuing.reissue import contribute, verify_reissue
from evote.issuing.roll import Seat, join_lists, roll_of

BATCH = 500  # parts per commit


class Ledger(Protocol):
    """What issuing needs of `evote.db.identity`."""

    def persons(self) -> tuple[Person, ...]: ...

    def references_without_part(self) -> tuple[str, ...]: ...

    def keep_parts(self, parts: Sequence[KeptPart]) -> None: ...

    def issued_parts(self) -> dict[str, bytes]: ...

    def join_members(self, members: Sequence[RollMember], *, own_place: int) -> None: ...

    def current_part(self, reference: str) -> KeptPart | None: ...

    def prepare_part(self, part: KeptPart) -> None: ...

    def part(self, public_part: bytes) -> tuple[KeptPart, Standing] | None: ...

    def member_in_force(self, credential: bytes) -> RollMember | None: ...


def persons_of(handover: Handover) -> tuple[Person, ...]:
    """The persons of a handover."""
    return tuple(
        Person(
            reference=person.reference,
            personal_number=person.personal_number,
            email=person.email,
            language=person.language,
            style=person.style,
            unit=person.unit,
        )
        for person in handover.persons
    )


def issue_parts(
    ledger: Ledger, safe: PartSafe, manifest: Manifest, random_bytes: RandomBytes
) -> Iterator[int]:
    """Draw and seal a part for everybody who has none; yields how many are done, batch by batch."""
    waiting = ledger.references_without_part()
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        drawn = [(reference, draw_part(manifest, IDENTITY, random_bytes)) for reference in batch]
        ledger.keep_parts(
            [KeptPart(reference, part.public.encoded, safe.seal(part)) for reference, part in drawn]
        )
        yield start + len(batch)


def complete_parts(ledger: Ledger) -> dict[str, bytes]:
    """Reference → S_j of everybody.

    Raises:
        IdentityError: parts are still to be drawn.
    """
    persons, parts = ledger.persons(), ledger.issued_parts()
    if not persons or len(parts) != len(persons):
        raise IdentityError(f"parts: {len(parts)} of {len(persons)} persons have one; issue the others first")
    return parts


def check_roll(
    ledger: Ledger,
    manifest: Manifest,
    roll: Record,
    addenda: Mapping[bytes, bytes],
    *,
    join: Join,
    theirs: PartList,
    pledges: Mapping[str, bytes],
) -> tuple[RollMember, ...]:
    """Make the roll again from our own parts, and compare it to the last byte.

    Args:
        ledger: of the identity service.
        manifest: of the election.
        roll: what we are asked to sign.
        addenda: its rows, SHA-256 → bytes.
        join: whose row is whose, by the registrar's word.
        theirs: the list of the registrar.
        pledges: of both issuers, from the board.

    Returns:
        Who is on it.

    Raises:
        MismatchError: our parts, the registrar's list, the join file and the roll do not fit together.
    """
    lists = {IDENTITY: complete_parts(ledger), REGISTRAR: theirs.by_reference()}
    if theirs.issuer != REGISTRAR or {issuer.id for issuer in manifest.issuers} != lists.keys():
        raise MismatchError("list: not of the registrar, or the manifest has other issuers")
    for issuer, parts in lists.items():
        require_pledged(manifest, issuer, parts, pledges)
    seats = {person.reference: Seat(person.style, person.unit) for person in ledger.persons()}
    members = join_lists(manifest, seats, [lists[issuer.id] for issuer in manifest.issuers])
    if join != join_of(manifest, members):
        raise MismatchError("join: a voter's row is not the one that our own parts and units make")
    own_roll, own_addenda = roll_of(members)
    if not isinstance(roll, Roll) or roll != own_roll or dict(addenda) != own_addenda:
        raise MismatchError("roll: its rows are not exactly those of the join file")
    return members


def check_change(ledger: Ledger, manifest: Manifest, body: Record) -> str:
    """Check a revocation or a reissue before it is signed; the reference of the voter.

    Raises:
        MismatchError: not of a credential that is in force, or a reissue without our own new part.
        IdentityError: a record of another type.
    """
    if isinstance(body, Revocation):
        return _member_in_force(ledger, bytes(body.credential)).reference
    if not isinstance(body, Reissue):
        raise IdentityError(f"{body.record_type}: revocations and reissues only are signed here")
    old = _member_in_force(ledger, bytes(body.old))
    verify_reissue(manifest, body, old)
    known = ledger.part(bytes(body.row.parts[issuer_place(manifest, IDENTITY)]))
    if known is None or known[1] is not Standing.PREPARED or known[0].reference != old.reference:
        raise MismatchError(f"reissue of {old.reference}: not with the part that we prepared for it")
    return old.reference


def prepare_reissue(
    ledger: Ledger, safe: PartSafe, manifest: Manifest, reference: str, random_bytes: RandomBytes
) -> ReissuePart:
    """Draw and seal a new part for a voter, to be put in force by a reissue.

    Raises:
        IdentityError: the voter has no credential in force.
    """
    current = ledger.current_part(reference)
    if current is None or current.credential is None:
        raise IdentityError(f"person {reference}: has no credential in force")
    drawn = draw_part(manifest, IDENTITY, random_bytes)
    ledger.prepare_part(KeptPart(reference, drawn.public.encoded, safe.seal(drawn)))
    return contribute(
        manifest, IDENTITY, drawn, reference=reference, old=current.credential, random_bytes=random_bytes
    )


def _member_in_force(ledger: Ledger, credential: bytes) -> RollMember:
    member = ledger.member_in_force(credential)
    if member is None:
        raise MismatchError("credential: not one that is in force")
    return member

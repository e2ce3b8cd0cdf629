"""What the identity service refuses to sign: every way in which a roll or a change can be another than agreed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from bulletin_board.records.fields import Bytes32
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll, RollRow, encode_roll
from bulletin_board.records.voting import Identified, Reissue, Revocation
from crypto.ceremony import issuer_pledge_digest
from evote.db.identity import IdentityStore
from evote.errors import IdentityError, MismatchError
from evote.identity.issuing import check_change, check_roll, issue_parts, prepare_reissue
from evote.identity.person import Person
from evote.identity.sealed_parts import PartSafe
from evote.issuing.credential import IDENTITY, REGISTRAR, DrawnPart, RollMember, draw_part
from evote.issuing.files import Join, PartList, ReissuePart, join_of, part_list
from evote.issuing.reissue import contribute, join_reissue
from evote.issuing.roll import Seat, join_lists, roll_of, row_of
from tests.evote.identity.stage import STORAGE_KEY, counted
from tests.evote.kyrgyzstan import manifest

COUNT = 12
UNITS = ("ru-moscow-1", "de-berlin")


@dataclass(frozen=True)
class Offer:
    """What the registrar asks the identity service to sign."""

    roll: Record
    addenda: dict[bytes, bytes]
    join: Join
    theirs: PartList
    pledges: dict[str, bytes]


@dataclass(frozen=True)
class Office:
    store: IdentityStore
    safe: PartSafe
    letters: dict[str, DrawnPart]  # the registrar's
    members: tuple[RollMember, ...]

    def offer(self, members: tuple[RollMember, ...] | None = None) -> Offer:
        members = members or self.members
        roll, addenda = roll_of(members)
        public = {reference: part.public.encoded for reference, part in self.letters.items()}
        pledges = {
            issuer: issuer_pledge_digest(manifest().digest, issuer, tuple(parts.values()))
            for issuer, parts in ((REGISTRAR, public), (IDENTITY, self.store.issued_parts()))
        }
        theirs = part_list(manifest(), REGISTRAR, public)
        return Offer(roll, addenda, join_of(manifest(), members), theirs, pledges)

    def check(self, offer: Offer) -> tuple[RollMember, ...]:
        return check_roll(
            self.store,
            manifest(),
            offer.roll,
            offer.addenda,
            join=offer.join,
            theirs=offer.theirs,
            pledges=offer.pledges,
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    store = IdentityStore.open(tmp_path / "identity.db", manifest().digest)
    persons = [
        Person(f"V-{place:02d}", f"{place:014d}", "x@example.org", "ky", "abroad", UNITS[place % 2])
        for place in range(COUNT)
    ]
    store.replace_persons(persons)
    safe = PartSafe(STORAGE_KEY, manifest(), counted(7))
    assert list(issue_parts(store, safe, manifest(), counted(1000))) == [COUNT]
    letters = {
        person.reference: draw_part(manifest(), REGISTRAR, counted(2000 + i))
        for i, person in enumerate(persons)
    }
    public = {reference: part.public.encoded for reference, part in letters.items()}
    seats = {person.reference: Seat(person.style, person.unit) for person in persons}
    members = join_lists(manifest(), seats, [public, store.issued_parts()])
    yield Office(store, safe, letters, members)
    store.close()


def test_honest_roll_is_accepted(office: Office) -> None:
    assert office.check(office.offer()) == office.members


def swapped(members: tuple[RollMember, ...]) -> tuple[RollMember, ...]:
    first, second, *others = members
    return (replace(first, node=second.node), replace(second, node=first.node), *others)


def other_parts(members: tuple[RollMember, ...]) -> tuple[RollMember, ...]:
    """Our parts under each other's names; every row is one that we could have made."""
    first, _, third, *others = members
    second = members[1]
    return (replace(first, parts=third.parts), second, replace(third, parts=first.parts), *others)


@pytest.mark.parametrize("bend", [swapped, other_parts])
def test_row_of_another_voter_is_refused(
    office: Office, bend: Callable[[tuple[RollMember, ...]], tuple[RollMember, ...]]
) -> None:
    with pytest.raises(MismatchError, match="join"):
        office.check(office.offer(bend(office.members)))


def rows_of(office: Office) -> list[RollRow]:
    return [row_of(member) for member in sorted(office.members, key=lambda member: member.credential)]


@pytest.mark.parametrize(
    "bend",
    [
        lambda rows: rows[1:],
        lambda rows: [*rows, rows[0]],
        lambda rows: [rows[1], rows[0], *rows[2:]],
        lambda rows: [changed(rows[0], unit="abroad"), *rows[1:]],
        lambda rows: [changed(rows[0], parts=(rows[0].parts[1], rows[0].parts[0])), *rows[1:]],
        lambda rows: [changed(rows[0], parts=(Bytes32(bytes(32)), rows[0].parts[1])), *rows[1:]],
    ],
    ids=["one less", "one twice", "out of order", "another unit", "parts exchanged", "a part of their own"],
)
def test_roll_with_other_rows_than_the_join_is_refused(
    office: Office, bend: Callable[[list[RollRow]], list[RollRow]]
) -> None:
    roll, addenda = encode_roll(bend(rows_of(office)))
    with pytest.raises(MismatchError, match="roll: its rows"):
        office.check(replace(office.offer(), roll=roll, addenda=addenda))


def test_roll_without_its_addenda_or_of_another_type_is_refused(office: Office) -> None:
    offer = office.offer()
    assert isinstance(offer.roll, Roll)
    for other in (
        replace(offer, addenda={}),
        replace(offer, addenda={name: data + b" " for name, data in offer.addenda.items()}),
        replace(offer, roll=Identified(count=1)),
        replace(offer, roll=changed(offer.roll, root=Bytes32(bytes(32)))),
    ):
        with pytest.raises(MismatchError, match="roll: its rows"):
            office.check(other)


def test_list_that_was_not_pledged_is_refused(office: Office) -> None:
    offer = office.offer()
    first, second, *others = offer.theirs.parts
    swapped_list = changed(
        offer.theirs,
        parts=(
            changed(first, part=draw_part(manifest(), REGISTRAR, counted(9)).public.encoded),
            second,
            *others,
        ),
    )
    with pytest.raises(MismatchError, match="not the parts that were pledged"):
        office.check(replace(offer, theirs=swapped_list))
    with pytest.raises(MismatchError, match="not of the registrar"):
        office.check(replace(offer, theirs=changed(offer.theirs, issuer=IDENTITY)))
    with pytest.raises(MismatchError, match="list of identity"):
        office.check(replace(offer, pledges=offer.pledges | {IDENTITY: bytes(64)}))


def test_list_under_other_names_is_refused(office: Office) -> None:
    """The pledge does not cover names, so the join must."""
    offer = office.offer()
    first, second, *others = offer.theirs.parts
    renamed = changed(
        offer.theirs, parts=(changed(first, part=second.part), changed(second, part=first.part), *others)
    )
    with pytest.raises(MismatchError, match="join"):
        office.check(replace(offer, theirs=renamed))


def test_parts_must_be_complete(tmp_path: Path, office: Office) -> None:
    empty = IdentityStore.open(tmp_path / "empty.db", manifest().digest)
    with pytest.raises(IdentityError, match="0 of 0 persons"):
        Office(empty, office.safe, office.letters, office.members).check(office.offer())
    empty.close()


def reissued(office: Office) -> tuple[RollMember, ReissuePart, ReissuePart]:
    """A member, and both issuers' new parts."""
    office.store.join_members(office.members, own_place=1)
    old = office.members[3]
    theirs = prepare_reissue(office.store, office.safe, manifest(), old.reference, counted(3000))
    drawn = draw_part(manifest(), REGISTRAR, counted(4000))
    ours = contribute(
        manifest(), REGISTRAR, drawn, reference=old.reference, old=old.credential, random_bytes=counted(5)
    )
    return old, ours, theirs


def test_honest_changes_are_accepted(office: Office) -> None:
    old, ours, theirs = reissued(office)
    body = join_reissue(manifest(), old, {REGISTRAR: ours, IDENTITY: theirs})
    assert check_change(office.store, manifest(), body) == old.reference
    revocation = Revocation(credential=Bytes32(old.credential), reason="deceased")
    assert check_change(office.store, manifest(), revocation) == old.reference


@pytest.mark.parametrize(
    "bend",
    [
        lambda body, office: changed(body, old=Bytes32(office.members[4].credential)),
        lambda body, office: changed(body, row=changed(body.row, unit="abroad")),
        lambda body, office: changed(body, row=changed(body.row, style="other")),
        lambda body, office: changed(body, row=changed(body.row, parts=body.row.parts[::-1])),
        lambda body, office: changed(body, proofs=body.proofs[::-1]),
        lambda body, office: changed(
            body, row=changed(body.row, parts=(Bytes32(office.members[3].parts[0]), body.row.parts[1]))
        ),
        lambda body, office: changed(
            body, row=changed(body.row, parts=(body.row.parts[0], Bytes32(office.members[5].parts[1])))
        ),
        lambda body, office: Identified(count=3),
        lambda body, office: Revocation(credential=Bytes32(bytes(32)), reason="deceased"),
    ],
)
def test_bent_change_is_refused(office: Office, bend: Callable[[Reissue, Office], Record]) -> None:
    old, ours, theirs = reissued(office)
    body = join_reissue(manifest(), old, {REGISTRAR: ours, IDENTITY: theirs})
    with pytest.raises((MismatchError, IdentityError)):
        check_change(office.store, manifest(), bend(body, office))


def test_reissue_with_a_part_that_was_prepared_for_nobody_is_refused(office: Office) -> None:
    old, ours, _ = reissued(office)
    strange = contribute(
        manifest(),
        IDENTITY,
        draw_part(manifest(), IDENTITY, counted(6000)),
        reference=old.reference,
        old=old.credential,
        random_bytes=counted(5),
    )
    body = join_reissue(manifest(), old, {REGISTRAR: ours, IDENTITY: strange})
    with pytest.raises(MismatchError, match="not with the part that we prepared"):
        check_change(office.store, manifest(), body)


def test_contributions_must_be_complete_and_for_the_same_credential(office: Office) -> None:
    old, ours, theirs = reissued(office)
    for parts in (
        {REGISTRAR: ours},
        {REGISTRAR: ours, IDENTITY: ours},
        {REGISTRAR: ours, IDENTITY: changed(theirs, reference="V-99")},
        {REGISTRAR: ours, IDENTITY: changed(theirs, old=Bytes32(office.members[4].credential))},
        {REGISTRAR: ours, IDENTITY: changed(theirs, part=ours.part)},
    ):
        with pytest.raises(MismatchError):
            join_reissue(manifest(), old, parts)


def test_ended_credential_is_not_reissued(office: Office) -> None:
    old, ours, theirs = reissued(office)
    body = join_reissue(manifest(), old, {REGISTRAR: ours, IDENTITY: theirs})
    office.store.end_credential(old.credential)
    with pytest.raises(IdentityError, match="no credential in force"):
        prepare_reissue(office.store, office.safe, manifest(), old.reference, counted(1))
    with pytest.raises(MismatchError, match="not one that is in force"):
        check_change(office.store, manifest(), body)
    with pytest.raises(IdentityError, match="not handed over"):
        office.store.person("V-99")

"""Tampered rolls, revocations and reissues."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from bulletin_board.records.bulk import AddendumRef
from bulletin_board.records.ceremony import EncodedPossessionProof
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, Roll, RollRow, encode_roll, encode_rows
from bulletin_board.records.voting import Reissue, Revocation
from crypto.credential import part_public
from crypto.group import GENERATOR, IDENTITY, GroupElement
from tests.support.ballots import bytes_for, scalar_for
from tests.support.election import World, build_election, credential_of
from tests.support.sample_manifest import AUTHORITIES, ISSUERS
from tests.tamper.harness import tampered

AUTHORISED = (*ISSUERS.values(), AUTHORITIES[0])


def with_rows(change: Callable[[list[RollRow]], Sequence[RollRow]]) -> World:
    """Issuers who pledge and sign another roll together; nothing is checked after it."""

    def do(world: World) -> None:
        world.rows = list(change(list(world.rows)))

    return build_election(before={"rows": do}, until="roll")


def with_roll(change: Callable[[Roll, World], Roll]) -> World:
    """A roll entry that does not say what its rows say."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, Roll)
        return change(body, world)

    return build_election(bend={"roll": bend}, until="roll")


def other_rows(body: Roll, world: World, addendum: bytes) -> Roll:
    """The same entry with another addendum."""
    for ref in body.rows:
        del world.board.addenda[bytes(ref.sha256)]
    ref = AddendumRef.of(addendum)
    world.board.addenda[bytes(ref.sha256)] = addendum
    return replace(body, rows=(ref,))


def part(label: str) -> Bytes32:
    return Bytes32(part_public(scalar_for(label)).encoded)


@tampered("5.1", "pledge of issuer registrar: not of the parts")
def other_pledge() -> World:
    """An issuer pledged other parts, as if it had chosen its own after seeing the others'."""
    pledge = IssuerPledge(issuer="registrar", digest=Bytes64(bytes_for("others", 64)))
    return build_election(bend={"issuer-pledge registrar": lambda _body, _world: pledge})


@tampered("5.1", "issuer pledges: no kept checkpoint covers all of them")
def unwitnessed_pledges() -> World:
    """The roll follows before any witness has seen the issuers' pledges."""
    return build_election(before={"roll": lambda world: world.board.kept.pop()})


@tampered("5.1", "pledge of issuer registrar: not of the parts")
def replaced_roll() -> World:
    """N28: one voter's row is replaced after the pledges, same length."""

    def change(body: Roll, world: World) -> Roll:
        stranger = replace(world.rows[0], parts=(part("stranger a"), part("stranger b")))
        rows = sorted((stranger, *world.rows[1:]), key=lambda row: credential_of(row).encoded)
        roll, addenda = encode_roll(rows)
        world.board.addenda.clear()
        world.board.addenda.update(addenda)
        assert roll.length == body.length
        return roll

    return with_roll(change)


@tampered("5.2", "row 0: a part or the credential is the identity")
def identity_part() -> World:
    """N5: a part that everybody knows the secret of."""
    return with_rows(
        lambda rows: [replace(rows[0], parts=(Bytes32(IDENTITY.encoded), rows[0].parts[1])), *rows[1:]]
    )


@tampered("5.2", "a part or the credential is the identity")
def identity_credential() -> World:
    """N5: parts that cancel."""

    def change(rows: list[RollRow]) -> list[RollRow]:
        first = GroupElement.decode(bytes(rows[0].parts[0]))
        return [replace(rows[0], parts=(rows[0].parts[0], Bytes32((-first).encoded))), *rows[1:]]

    return with_rows(change)


@tampered("5.2", "no canonical ristretto255 encoding at 2")
def part_outside_the_group() -> World:
    """N6: a credential list entry outside the group."""
    rows = list(build_election(until="roll").rows)
    rows[2] = replace(rows[2], parts=(Bytes32(b"\xff" * 32), rows[2].parts[1]))
    return with_roll(lambda body, world: other_rows(body, world, encode_rows(rows)))


@tampered("5.2", "rows are not strictly ascending")
def unsorted_rows() -> World:
    """Rows in another order, which tells the order of registration."""
    return with_rows(lambda rows: [rows[1], rows[0], *rows[2:]])


@tampered("5.2", "rows are not strictly ascending")
def duplicate_credential() -> World:
    """N27: one credential for two voters."""
    return with_rows(lambda rows: [rows[0], *rows])


@tampered("5.2", "the part [0-9a-f]{64} stands twice")
def duplicate_part() -> World:
    """N27: two voters got the same part from one issuer."""

    def change(rows: list[RollRow]) -> list[RollRow]:
        same = [replace(rows[1], parts=(rows[0].parts[0], rows[1].parts[1])), rows[0], *rows[2:]]
        return sorted(same, key=lambda row: credential_of(row).encoded)

    return with_rows(change)


@tampered("5.2", "another number of parts than there are issuers")
def missing_part() -> World:
    """A credential without the identity service's part."""
    rows = build_election(until="roll").rows

    def change(body: Roll, world: World) -> Roll:
        return other_rows(body, world, encode_rows([replace(rows[0], parts=rows[0].parts[:1]), *rows[1:]]))

    return with_roll(change)


@tampered("5.2", "ballot style province")
def unknown_style() -> World:
    """A row of a style that the manifest does not have."""
    return with_rows(lambda rows: [replace(row, style="province") for row in rows])


@tampered("5.2", "unit moon")
def unknown_unit() -> World:
    """A row of a unit that the manifest does not have."""
    return with_rows(lambda rows: [replace(row, unit="moon") for row in rows])


@tampered("5.2", "style city in unit north-2: 2 voters, fewer than 3")
def small_unit() -> World:
    """A cell of the roll in which two voters would see each other's votes."""
    gone = next(row for row in build_election(until="roll").rows if row.unit == "north-2")
    return with_rows(lambda rows: [row for row in rows if row != gone])


@tampered("5.2", "its root is not that of the rows")
def other_root() -> World:
    """The entry binds another tree than its rows make."""
    return with_roll(lambda body, _: replace(body, root=Bytes32(bytes_for("root"))))


@tampered("5.2", "its counts are not those of the rows")
def other_counts() -> World:
    """The entry claims other numbers of voters."""

    def change(body: Roll, _: World) -> Roll:
        first, second, *others = body.counts
        shifted = (replace(first, count=first.count + 1), replace(second, count=second.count - 1), *others)
        return replace(body, counts=shifted)

    return with_roll(change)


@tampered("5.2", "addendum 0: 13 rows instead of 14")
def missing_row() -> World:
    """N38: a row is missing from the addendum."""
    rows = build_election(until="roll").rows
    return with_roll(lambda body, world: other_rows(body, world, encode_rows(rows[1:])))


@tampered("5.2", "addendum 0: roll row 13 of the addendum: cut short")
def cut_rows() -> World:
    """N39: the addendum ends inside a row."""
    rows = build_election(until="roll").rows
    return with_roll(lambda body, world: other_rows(body, world, encode_rows(rows)[:-1]))


@tampered("5.2", "other bytes than the record names")
def wrong_size() -> World:
    """The entry gives another size for its addendum."""
    return with_roll(lambda body, _: replace(body, rows=(replace(body.rows[0], size=body.rows[0].size + 1),)))


def with_change(body_of: Callable[[World], Record]) -> World:
    """An election with one more revocation or reissue."""
    return build_election(before={"notice extend": lambda world: world.log(body_of(world), AUTHORISED)})


def reissue_of(world: World, voter: str, **changes: Any) -> Reissue:
    """The reissue that stood on the log, for another voter."""
    honest = world.board.entries[world.index["reissue"]]
    body = decode_record(honest).body
    assert isinstance(body, Reissue)
    return replace(body, old=Bytes32(world.secret(voter).public().encoded), **changes)


@tampered("5.3", "revocation: its credential is not on the roll")
def unknown_revocation() -> World:
    """A revocation of nobody."""
    unknown = Revocation(credential=Bytes32((GENERATOR + GENERATOR).encoded), reason="deceased")
    return with_change(lambda _: unknown)


@tampered("5.3", "revocation: its credential was revoked by entry")
def second_revocation() -> World:
    """A credential is revoked twice."""
    return with_change(
        lambda world: Revocation(
            credential=Bytes32(world.secret("v1").public().encoded), reason="at-own-request"
        )
    )


@tampered("5.3", "reissue: its credential was revoked by entry")
def reissue_of_a_revoked() -> World:
    """A revoked voter gets a new credential."""
    return with_change(lambda world: reissue_of(world, "v1"))


@tampered("5.3", "another style or unit")
def reissue_elsewhere() -> World:
    """A voter is moved to another unit."""
    return with_change(lambda world: reissue_of(world, "v4"))


@tampered("5.3", "a part that was used before")
def reissue_of_used_parts() -> World:
    """N27: a second voter gets the new credential of another."""
    return with_change(lambda world: reissue_of(world, "v12"))


@tampered("5.3", "a part that was used before")
def reissue_with_an_old_part() -> World:
    """Only one part of a lost credential is replaced."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, Reissue)
        kept = next(row for row in world.rows if credential_of(row).encoded == body.old).parts[0]
        return replace(body, row=replace(body.row, parts=(kept, body.row.parts[1])))

    return _with_bad_reissue(bend)


@tampered("5.3", "possession: the proof does not hold")
def reissue_without_possession() -> World:
    """N42: an issuer names a part whose secret it does not know."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Reissue)
        return replace(body, proofs=(body.proofs[1], body.proofs[0]))

    return _with_bad_reissue(bend)


@tampered("5.3", "1 parts for 2 issuers")
def reissue_of_one_part() -> World:
    """A new credential by one issuer alone."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Reissue)
        proofs: tuple[EncodedPossessionProof, ...] = body.proofs[:1]
        return replace(body, row=replace(body.row, parts=body.row.parts[:1]), proofs=proofs)

    return _with_bad_reissue(bend)


@tampered("5.3", "the sum of the parts is the identity|credential: ")
def reissue_that_cancels() -> World:
    """N5: new parts that cancel."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, Reissue)
        first = GroupElement.decode(bytes(body.row.parts[0]))
        return replace(body, row=replace(body.row, parts=(body.row.parts[0], Bytes32((-first).encoded))))

    return _with_bad_reissue(bend)


@tampered("5.3", "a credential that was used before")
def reissue_of_a_used_credential() -> World:
    """N27: new parts whose sum is another voter's credential."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, Reissue)
        taken = credential_of(world.rows[0])
        new = GENERATOR + GENERATOR
        parts = (Bytes32(new.encoded), Bytes32((taken - new).encoded))
        return replace(body, row=replace(body.row, parts=parts))

    return _with_bad_reissue(bend)


def _with_bad_reissue(bend: Callable[[Record, World], Record]) -> World:
    """A bad reissue, in an election whose voters do not rely on it."""

    def bend_and_forget(body: Record, world: World) -> Record:
        world.log(bend(body, world), AUTHORISED)
        return body

    return build_election(bend={"reissue": bend_and_forget})

"""Entries that are malformed, badly signed, or in the wrong place."""

from bulletin_board.log.addenda import encode_entry
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Complaint, Pledge
from bulletin_board.records.envelope import sign_record
from bulletin_board.records.fields import Bytes64
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Aggregate
from bulletin_board.records.voting import Close, Identified, Notice, Open
from tests.support.ballots import bytes_for
from tests.support.election import CASTS, MANIFEST, World, build_election, make_ballot, make_result
from tests.support.election_tally import make_confirm, make_decryption
from tests.support.sample_manifest import (
    AUTHORITIES,
    BOARD_KEY,
    IDENTITY,
    STRANGER,
    TRUSTEES,
    localized,
)
from tests.tamper.harness import tampered

INCIDENT = Notice(kind="incident", closes_at=None, text=localized("Drill"))


@tampered("3.1", "entry 16: envelope: JSON is malformed")
def garbage() -> World:
    """N39: an entry that is nothing."""
    return build_election(before={"open": lambda world: world.board.append(b"\xffgarbage\0")})


@tampered("3.1", "not in canonical form")
def another_spelling() -> World:
    """N8: a record with a space in its JSON, signed and all."""
    return build_election(
        before={"open": lambda world: world.log(INCIDENT, AUTHORITIES[:2])},
        # Entries beside the named steps have the empty name.
        wrap={"": lambda entry, _: entry.replace(b'{"body":', b'{"body": ', 1)},
    )


@tampered("3.1", "signed by 0 instead of 2")
def unsigned_notice() -> World:
    """A notice that nobody signed."""
    return build_election(before={"open": lambda world: world.log(INCIDENT, ())})


@tampered("3.1", "signed by 3 instead of 2")
def superfluous_signature() -> World:
    """A notice with a signature too many."""
    return build_election(before={"open": lambda world: world.log(INCIDENT, AUTHORITIES)})


@tampered("3.1", "signed by a key that has no say")
def strange_signature() -> World:
    """A notice that a stranger signed too."""
    return build_election(before={"open": lambda world: world.log(INCIDENT, (*AUTHORITIES[:2], STRANGER))})


@tampered("3.1", "signature: does not verify")
def notice_of_another_election() -> World:
    """N14: a notice that was signed for another manifest."""

    def post(world: World) -> None:
        signatures = sorted(
            (sign_record(INCIDENT, bytes_for("another manifest"), key) for key in AUTHORITIES[:2]),
            key=lambda each: each.key,
        )
        content = {"body": INCIDENT, "signatures": signatures, "type": "notice"}
        world.board.append(encode_entry(jcs(content)))

    return build_election(before={"open": post})


@tampered("3.1", "trustee 9: not in the manifest")
def unknown_trustee() -> World:
    """N47: a pledge in the name of a trustee that does not exist."""
    pledge = Pledge(trustee=9, digest=Bytes64(bytes_for("pledge", 64)))
    return build_election(before={"commit 1": lambda world: world.log(pledge, [STRANGER])})


@tampered("3.1", "manifest: not the one|a second manifest")
def second_manifest() -> World:
    """N37: the manifest stands twice."""
    return build_election(before={"open": lambda world: world.log(MANIFEST, AUTHORITIES[:2])})


@tampered("3.1", "pledge: out of place: for the second time")
def second_pledge() -> World:
    """N56: a trustee pledges twice."""
    pledge = Pledge(trustee=1, digest=Bytes64(bytes_for("again", 64)))
    return build_election(before={"commit 1": lambda world: world.log(pledge, [TRUSTEES[0]])})


@tampered("3.1", "complaint: out of place: by a trustee that has confirmed")
def complaint_after_confirm() -> World:
    """A trustee confirms and complains."""
    complaint = Complaint(trustee=1, dealer=2)
    return build_election(before={"roll": lambda world: world.log(complaint, [TRUSTEES[0]])})


@tampered("3.1", "ballot: out of place: before open")
def ballot_before_open() -> World:
    """N32: a ballot before voting begins."""

    def post(world: World) -> None:
        body = make_ballot(world, "early", "v6", CASTS[0].selections)
        world.log(body, ())

    return build_election(before={"open": post})


@tampered("3.1", "ballot: out of place: after close")
def ballot_after_close() -> World:
    """N31: a ballot after the close entry."""

    def post(world: World) -> None:
        body = make_ballot(world, "late", "v6", CASTS[0].selections)
        world.log(body, ())

    return build_election(before={"aggregate": post})


@tampered("3.1", "open: out of place: after open")
def second_open() -> World:
    """N37: voting opens twice."""

    def post(world: World) -> None:
        world.log(Open(checkpoint=world.board.kept[-1].decode()), AUTHORITIES[:2])

    return build_election(before={"notice extend": post})


@tampered("3.1", "close: out of place: after close")
def second_close() -> World:
    """N37: voting closes twice."""

    def post(world: World) -> None:
        world.log(Close(checkpoint=world.board.kept[-1].decode()), AUTHORITIES[:2])

    return build_election(before={"aggregate": post})


@tampered("3.1", "identified: out of place: after close")
def identified_after_close() -> World:
    """The identity service goes on counting."""
    body = Identified(count=20)
    return build_election(before={"aggregate": lambda world: world.log(body, [IDENTITY])})


@tampered("3.1", "aggregate: out of place: before close")
def aggregate_before_close() -> World:
    """N52: sums are posted while voting goes on."""

    def post(world: World) -> None:
        empty = Aggregate(cells=(), withheld=(), ciphertexts=Bulk(b""))
        world.log(empty, [BOARD_KEY])

    return build_election(before={"notice extend": post})


@tampered("3.1", "tally-confirm: out of place: before aggregate")
def confirm_before_aggregate() -> World:
    """N37: a tally-confirm of an aggregate that is not there yet."""

    def post(world: World) -> None:
        world.aggregates.append(Aggregate(cells=(), withheld=(), ciphertexts=Bulk(b"")))
        world.log(make_confirm(world, 1), [TRUSTEES[0]])
        world.aggregates.clear()

    return build_election(before={"aggregate": post})


@tampered("3.1", "decryption: out of place: before the tally-confirm of enough")
def decryption_before_confirms() -> World:
    """N37: a decryption before anybody confirmed."""

    def post(world: World) -> None:
        _, body = make_decryption(world, 1)
        world.log(body, [TRUSTEES[0]])

    return build_election(before={"tally-confirm 1": post})


@tampered("3.1", "tally-confirm: out of place: after a decryption")
def confirm_after_release() -> World:
    """A trustee confirms another sum after it has released."""

    def post(world: World) -> None:
        world.log(make_confirm(world, 1), [TRUSTEES[0]])

    return build_election(before={"result": post})


@tampered("3.1", "result: out of place: before the decryption of enough")
def result_before_decryptions() -> World:
    """N57: a result out of nothing."""

    def post(world: World) -> None:
        partial, _ = make_decryption(world, 1)
        second, _ = make_decryption(world, 2)
        world.partials = [partial, second]
        world.log(make_result(world), [BOARD_KEY])
        world.partials = []

    return build_election(before={"decryption 1": post})


@tampered("3.1", "result: out of place: after the result")
def second_result() -> World:
    """Two results."""

    def post_twice(body: Record, world: World) -> Record:
        world.log(body, [BOARD_KEY])
        return body

    return build_election(bend={"result": post_twice})

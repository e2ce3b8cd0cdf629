"""Tampered chains, openings and closes."""

from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.record import Record
from bulletin_board.records.voting import Close, Identified, Notice, Open
from crypto.ballot_encryption import PlaintextBallot
from tests.support.ballots import bytes_for
from tests.support.election import CASTS, EXTENDED, World, build_election
from tests.support.sample_manifest import AUTHORITIES, CLOSES_AT, IDENTITY, OPENS_AT, localized
from tests.tamper.cases.check_01_log import resigned
from tests.tamper.cases.check_06_ballots import CITY, body_of, casting, sample_of
from tests.tamper.harness import tampered
from verifier.report import Severity

excluded, warning = Severity.EXCLUSION, Severity.WARNING


@tampered("7.1", "does not follow the last valid ballot", severity=excluded)
def stale_previous() -> World:
    """N29: a voter's device does not know the head of its chain."""

    def make(world: World) -> BallotBody:
        plaintext = PlaintextBallot(world.manifest.shape("city"), CITY)
        return body_of(world, sample_of(world, "stale", plaintext, secret=world.secret("v4")))

    return casting(make)


@tampered("7.1", "does not follow the last valid ballot", severity=excluded)
def invented_previous() -> World:
    """A first ballot that claims to follow another."""

    def make(world: World) -> BallotBody:
        plaintext = PlaintextBallot(world.manifest.shape("city"), CITY)
        return body_of(
            world, sample_of(world, "invented", plaintext, previous=bytes_for("no such ballot", 64))
        )

    return casting(make)


@tampered("7.1", "does not follow the last valid ballot", severity=excluded)
def held_back_ballot() -> World:
    """N29: the board logs a voter's first ballot only after the second that replaced it."""

    def post_older(world: World) -> None:
        # v12's only ballot went through honestly; another, made before it, comes now.
        plaintext = PlaintextBallot(world.manifest.shape("village"), CASTS[3].selections)
        older = sample_of(world, "older", plaintext, secret=world.secret("v12"), previous=NO_PREVIOUS)
        world.log(body_of(world, older), ())

    return build_election(before={"identified 2": post_older})


@tampered("7.2", "open: its checkpoint was not cosigned at or after the time of opening")
def opened_early() -> World:
    """N32: open embeds a checkpoint of before the time of opening."""

    def bend(_: Record, world: World) -> Record:
        return Open(checkpoint=world.board.note(now=OPENS_AT - 1).to_text())

    return build_election(bend={"open": bend})


@tampered("7.2", "open: its checkpoint was not cosigned at or after")
def opened_by_a_minority() -> World:
    """Only two witnesses cosigned after the time of opening."""

    def bend(_: Record, world: World) -> Record:
        text = world.board.checkpoint().to_text()
        early, late = (resigned(text, time=OPENS_AT + shift).decode() for shift in (-5, 5))
        lines = early.split("\n")[:7] + late.split("\n")[7:]
        return Open(checkpoint="\n".join(lines))

    return build_election(bend={"open": bend})


@tampered("7.2", "open: checkpoint: 2 cosignatures, 3 are needed")
def opened_without_quorum() -> World:
    """open embeds a checkpoint that too few have seen."""

    def bend(_: Record, world: World) -> Record:
        return Open(checkpoint=world.board.note(witnesses=(0, 1)).to_text())

    return build_election(bend={"open": bend})


@tampered("7.2", "open: its checkpoint of size .* is of another log")
def opened_on_another_log() -> World:
    """N35: open embeds a checkpoint of a fork."""

    def bend(_: Record, world: World) -> Record:
        fork = replace_root(world.board.checkpoint(len(world.board.entries) - 1).to_text())
        return Open(checkpoint=resigned(fork, time=world.board.now).decode())

    return build_election(bend={"open": bend})


@tampered("7.2", "open: its checkpoint of size .* covers the entry itself")
def opened_on_the_future() -> World:
    """open embeds a checkpoint of a longer log."""

    def bend(_: Record, world: World) -> Record:
        origin, size, root, _end = world.board.checkpoint().to_text().split("\n")
        longer = f"{origin}\n{int(size) + 5}\n{root}\n"
        return Open(checkpoint=resigned(longer, time=world.board.now).decode())

    return build_election(bend={"open": bend})


def replace_root(text: str) -> str:
    origin, size, root, _ = text.split("\n")
    other = "A" if root[0] != "A" else "B"
    return f"{origin}\n{size}\n{other}{root[1:]}\n"


@tampered("7.2", "close: it embeds size 36, but size 37 was cosigned in time")
def closed_early() -> World:
    """N31: close leaves out the last ballots that came in time; everything after it agrees with that."""

    def bend(_: Record, world: World) -> Record:
        earlier = next(note for note in reversed(world.board.kept) if b"\n36\n" in note)
        world.size_in_time = 36
        return Close(checkpoint=earlier.decode())

    return build_election(before={"ballot 14": lambda world: world.publish()}, bend={"close": bend})


@tampered("7.2", "close: its checkpoint has no quorum of cosignatures in time")
def closed_late() -> World:
    """N31: close embeds a checkpoint of after the grace, with a ballot more."""

    def bend(_: Record, world: World) -> Record:
        world.size_in_time = len(world.board.entries)
        return Close(checkpoint=world.board.kept[-1].decode())

    return build_election(bend={"close": bend})


@tampered("7.2", "close: its checkpoint .* is of another log|close: note")
def closed_on_another_log() -> World:
    """N35: close embeds a checkpoint of a fork, and nothing can be counted."""

    def bend(_: Record, world: World) -> Record:
        fork = replace_root(world.board.checkpoint(world.size_in_time - 1).to_text())
        return Close(checkpoint=resigned(fork, time=EXTENDED).decode())

    return build_election(bend={"close": bend})


@tampered("7.2", "close: it embeds size")
def extension_ignored() -> World:
    """The board closes at the first time although the authorities extended it."""

    def bend(_: Record, world: World) -> Record:
        size = world.index["notice extend"]
        earlier = next(note for note in reversed(world.board.kept) if int(note.split(b"\n")[1]) <= size)
        world.size_in_time = int(earlier.split(b"\n")[1])
        return Close(checkpoint=earlier.decode())

    return build_election(bend={"close": bend})


def _notice(kind: str, closes_at: int | None = None) -> Notice:
    return Notice(kind=kind, closes_at=closes_at, text=localized(kind))  # type: ignore[arg-type] # a test's word


@tampered("7.3", "notice of annul: no effect", severity=warning)
def late_annulment() -> World:
    """An annulment after the close has no effect."""

    def post(world: World) -> None:
        world.log(_notice("annul"), AUTHORITIES[:2])
        world.publish()

    return build_election(before={"close": post})


@tampered("7.3", "notice of extend: no effect: it names no later close", severity=warning)
def extension_backwards() -> World:
    """A notice that would close voting earlier has no effect."""
    earlier = _notice("extend", CLOSES_AT - 3_600)
    return build_election(before={"identified 2": lambda world: world.log(earlier, AUTHORITIES[:2])})


@tampered("7.4", "identified: 5 persons identified, but 1[0-9] voted", severity=warning)
def unidentified_voters() -> World:
    """More credentials voted than persons were identified."""
    few = Identified(count=5)
    return build_election(bend={"identified 1": lambda _b, _w: few, "identified 2": lambda _b, _w: few})


@tampered("7.4", "the number of persons identified falls", severity=warning)
def falling_count() -> World:
    """The identity service forgets people."""
    less = Identified(count=13)
    return build_election(before={"ballot 14": lambda world: world.log(less, [IDENTITY])})


@tampered("7.4", "not in the order that hides", severity=warning)
def order_of_arrival() -> World:
    """N78: the board logs other entries and ballots in the order in which they came."""
    return build_election(
        bend={"identified 1": None},
        before={"ballot 6": lambda world: world.log(Identified(count=7), [IDENTITY])},
    )

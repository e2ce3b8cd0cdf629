"""One run of the program: the sealed file beside the verified board; and what each step makes of them.

A step returns what is to be posted. What it has to remember is in the sealed file, durably, by then.

Spec: protocol.md §2, §5.5, §5.6
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bulletin_board.records.ceremony import Commit, Pledge, Share
from bulletin_board.records.record import Record
from crypto.errors import DealerError
from trustees import dealing, receiving, releasing
from trustees.board import Board
from trustees.ceremony_log import CeremonyLog
from trustees.errors import BoardFaultError, SecretFileError, TrusteeError
from trustees.fingerprint import fingerprint, grouped
from trustees.secret import CeremonySecret, TrusteeSecret, ceremony_randomness_size, draw_ceremony_secret
from trustees.store import RandomBytes, SecretStore

COMPLAINTS = frozenset({"4.5"})  # a complaint is a fault of the ceremony, and the very matter of some steps
BOXES = frozenset({"4.3"})  # so is a box that its recipient complains about


@dataclass(frozen=True, slots=True)
class Line:
    """One fact for the trustee: a key of the catalogue with its arguments."""

    key: str
    arguments: Mapping[str, str | int]

    @classmethod
    def of(cls, key: str, **arguments: str | int) -> "Line":
        return cls(key, arguments)


@dataclass(frozen=True, slots=True)
class Made:
    """What a step has made.

    body:    to be signed and posted
    line:    what it means
    refusal: why it is not what was asked for
    """

    body: Record
    line: Line
    refusal: TrusteeError | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """What every step stands on.

    index: ours, 1-based
    now:   POSIX seconds by our own clock
    """

    store: SecretStore
    secret: TrusteeSecret
    board: Board
    index: int
    now: int
    random_bytes: RandomBytes

    @property
    def ceremony_secret(self) -> CeremonySecret:
        """Our part of this ceremony.

        Raises:
            SecretFileError: we have not pledged.
        """
        if self.secret.ceremony is None:
            raise SecretFileError("no-ceremony")
        return self.secret.ceremony


Step = Callable[[Sitting], Made]


def sit_down(
    store: SecretStore, secret: TrusteeSecret, board: Board, *, now: int, random_bytes: RandomBytes
) -> Sitting:
    """Put the file and the board together.

    Raises:
        SecretFileError: they are of different elections.
    """
    require_election(secret, board.manifest.digest)
    index = dealing.own_index(secret, board.manifest)
    return Sitting(store, secret, board, index, now, random_bytes)


def require_election(secret: TrusteeSecret, manifest_digest: bytes) -> None:
    """Refuse a second election with the same file: keys are never used again.

    Raises:
        SecretFileError: the file is of another one.
    """
    if secret.ceremony is not None and secret.ceremony.manifest_digest != manifest_digest:
        raise SecretFileError("other-election", digest=grouped(secret.ceremony.manifest_digest))


def pledge(sitting: Sitting) -> Made:
    """Step 1. The secret that everything follows from is drawn and kept before its pledge is shown."""
    log = _running(sitting)
    manifest = sitting.board.manifest
    if not manifest.training and manifest.min_unit_size < releasing.LEAST_CELL:
        raise BoardFaultError("least-unit", ballots=manifest.min_unit_size, floor=releasing.LEAST_CELL)
    ceremony = sitting.secret.ceremony
    if ceremony is None:
        if sitting.index in log.step(Pledge):
            raise BoardFaultError("record-foreign", step=Pledge.record_type)
        size = ceremony_randomness_size(len(manifest.trustees), manifest.threshold)
        ceremony = draw_ceremony_secret(
            manifest.digest,
            sitting.index,
            trustees=len(manifest.trustees),
            threshold=manifest.threshold,
            randomness=sitting.random_bytes(size),
        )
        sitting.store.save(replace(sitting.secret, ceremony=ceremony), sitting.random_bytes)
    return Made(dealing.pledge(ceremony, manifest), Line.of("done-pledge", trustees=len(manifest.trustees)))


def commit(sitting: Sitting) -> Made:
    """Step 2, when all pledges are witnessed and ours is among them. Spec: protocol.md §2.2"""
    log, ceremony, manifest = _running(sitting), sitting.ceremony_secret, sitting.board.manifest
    log.require_witnessed(Pledge)
    log.require_own(dealing.pledge(ceremony, manifest))
    return Made(dealing.commit(ceremony, manifest), Line.of("done-commit", trustees=len(manifest.trustees)))


def share(sitting: Sitting) -> Made:
    """Step 3, when all have committed."""
    log, ceremony, manifest = _running(sitting), sitting.ceremony_secret, sitting.board.manifest
    log.require_all(Commit)
    log.require_own(dealing.commit(ceremony, manifest))
    body = dealing.share(ceremony, log)
    return Made(body, Line.of("done-share", boxes=len(body.boxes), trustees=len(manifest.trustees)))


def confirm(sitting: Sitting) -> Made:
    """Step 4; a bad share turns it into a complaint."""
    log, ceremony = _running(sitting, BOXES), sitting.ceremony_secret
    log.require_all(Share)
    log.require_own(dealing.share(ceremony, log))
    try:
        body = receiving.confirm(sitting.secret, ceremony, log)
    except DealerError as exc:
        complaint = receiving.complain(sitting.secret, ceremony, log, dealer=exc.culprit)
        refusal = BoardFaultError("share-bad", dealer=exc.culprit, reason=str(exc))
        return Made(complaint, Line.of("done-complain", dealer=exc.culprit), refusal)
    # Our own boxes are good; a flaw in somebody else's stops us all the same.
    sitting.board.require_sound()
    return Made(body, Line.of("done-confirm", fingerprint=fingerprint(body.base)))


def complain(sitting: Sitting, *, dealer: int) -> Made:
    """Step 4 instead, about one more dealer."""
    sitting.board.require_sound(apart_from=COMPLAINTS | BOXES)
    log = sitting.board.ceremony
    body = receiving.complain(sitting.secret, sitting.ceremony_secret, log, dealer=dealer)
    return Made(body, Line.of("done-complain", dealer=dealer))


def answer(sitting: Sitting, *, complainant: int) -> Made:
    """The answer to a complaint about us."""
    sitting.board.require_sound(apart_from=COMPLAINTS | BOXES)
    body = receiving.answer(sitting.ceremony_secret, sitting.board.ceremony, complainant=complainant)
    return Made(body, Line.of("done-answer", complainant=complainant))


def tally_confirm(sitting: Sitting) -> Made:
    """After the close: our word on the sums that we recomputed."""
    count = releasing.recount(sitting.board, sitting.index, now=sitting.now)
    body = releasing.tally_confirm(count, sitting.secret, sitting.index, sitting.board)
    line = Line.of(
        "done-tally-confirm",
        ballots=count.ballots,
        cells=count.cells,
        fingerprint=fingerprint(count.digest),
        threshold=sitting.board.manifest.threshold,
    )
    return Made(body, line)


def decrypt(sitting: Sitting) -> Made:
    """Our part of the decryption, once in a life. What we release is kept before it is shown."""
    count = releasing.recount(sitting.board, sitting.index, now=sitting.now)
    log, ceremony = sitting.board.ceremony, sitting.ceremony_secret
    log.require_own(dealing.commit(ceremony, sitting.board.manifest))
    try:
        own_share = receiving.receive_shares(sitting.secret, ceremony, log)
    except DealerError as exc:
        raise SecretFileError("share-lost", dealer=exc.culprit, reason=str(exc)) from exc
    released = releasing.release(
        count, sitting.secret, sitting.index, sitting.board, sitting.random_bytes(32)
    )
    if released != sitting.secret.release:
        sitting.store.save(replace(sitting.secret, release=released), sitting.random_bytes)
    body = releasing.decryption(count, own_share, released)
    return Made(body, Line.of("done-decrypt", cells=count.cells))


def _running(sitting: Sitting, apart_from: frozenset[str] = frozenset()) -> CeremonyLog:
    """The ceremony of a log without faults, as long as nobody has complained."""
    sitting.board.require_sound(apart_from=COMPLAINTS | apart_from)
    log = sitting.board.ceremony
    log.require_running()
    return log

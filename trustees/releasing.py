"""The count: confirming the sums that we computed ourselves, and opening them, once in a life.

Nothing here takes a ciphertext from the board: what is confirmed and opened are the sums of all counted
ballots, cell by cell, as this machine added them up. So nobody can have one ballot opened, or a selection.

Spec: protocol.md §5.3 to §5.7
"""

from dataclasses import dataclass
from typing import Literal

from bulletin_board.records.bulk import Bulk, fold
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import Aggregate, Decryption, TallyConfirm
from crypto.decryption import TallyStatement, partially_decrypt, verify_partial_decryption
from crypto.errors import CryptoError
from crypto.group import GroupElement
from crypto.sharing import SecretShare
from trustees.board import TALLY_CHECKS, Board
from trustees.errors import BoardFaultError, NotYetError, ReleaseError
from trustees.fingerprint import fingerprint
from trustees.secret import Release, TrusteeSecret
from verifier.checks.check_04_ceremony import CeremonyView
from verifier.checks.check_05_roll import RollView
from verifier.checks.check_07_chain import BoxView
from verifier.checks.check_08_aggregates import TallyView

ROUND: Literal[1] = 1
LEAST_CELL = 5
"""Outside training no cell with fewer ballots is opened, whatever the manifest says."""

_OWN_DECISION = frozenset({"8.1", "8.2"})  # which aggregate is right is decided below


@dataclass(frozen=True, slots=True)
class Count:
    """What this trustee recomputed from the log, and may confirm and open.

    statement:        the sums, bound to this election and to their digest
    verification_key: X_l of this trustee, from the ceremony
    base:             64 bytes
    size, root:       of the log right after close
    cells:            how many are opened
    ballots:          how many are counted
    """

    statement: TallyStatement
    verification_key: GroupElement
    base: bytes
    size: int
    root: bytes
    cells: int
    ballots: int

    @property
    def digest(self) -> bytes:
        """Of the aggregate, 64 bytes."""
        return self.statement.aggregate_digest


def recount(board: Board, trustee_index: int, *, now: int) -> Count:
    """Everything that comes before a word or a share of ours.

    Args:
        board: verified up to check 8.
        trustee_index: ours, 1-based.
        now: POSIX seconds by our own clock.

    Raises:
        BoardFaultError: the log has a fault, lacks something, or its sums are not ours.
        NotYetError: voting is not over, by the log or by our clock, or the board has no sums yet.
        ReleaseError: a cell is too small for us.

    Spec: protocol.md §5.1 to §5.6
    """
    board.require_sound(apart_from=_OWN_DECISION)
    ceremony, roll, box, closed_at = _closed(board)
    if now <= box.bounds.closes_at:
        raise NotYetError("clock-early", seconds=box.bounds.closes_at + 1 - now)
    if not board.order.all_of(Aggregate):
        raise NotYetError("no-aggregate")
    board.require_whole(range(1, TALLY_CHECKS + 1))
    tally = board.view.tally
    if tally is None:
        raise BoardFaultError("log-incomplete", reason="check 8")
    _require_floor(tally, board.manifest)
    digest = _own_aggregate(tally).digest(roll.context)
    if all(posted.body.digest(roll.context) != digest for posted in board.order.all_of(Aggregate)):
        raise BoardFaultError("aggregate-wrong")
    return Count(
        statement=TallyStatement(roll.context, ROUND, digest, tally.sums),
        verification_key=ceremony.verification_keys[trustee_index - 1],
        base=ceremony.base,
        size=closed_at + 1,
        root=board.log.root_at(closed_at + 1),
        cells=len(tally.cells),
        ballots=len(box.counted or ()),
    )


def tally_confirm(count: Count, secret: TrusteeSecret, trustee_index: int, board: Board) -> TallyConfirm:
    """Our word that these are the sums. Spec: protocol.md §5.5

    Raises:
        ReleaseError: we have released for other sums, as the file knows or the log shows.
    """
    _require_unreleased(count, secret, trustee_index, board)
    return TallyConfirm(
        trustee=trustee_index,
        base=Bytes64(count.base),
        round=ROUND,
        size=count.size,
        root=Bytes32(count.root),
        aggregate=Bytes64(count.digest),
    )


def release(
    count: Count, secret: TrusteeSecret, trustee_index: int, board: Board, randomness: bytes
) -> Release:
    """What our sealed file must say before anything is put out; in a retry, what it says already.

    Args:
        count: recomputed by us.
        secret: as the sealed file has it.
        trustee_index: ours, 1-based.
        board: on which t trustees must stand by these sums.
        randomness: 32 fresh random bytes; of no use in a retry.

    Raises:
        ReleaseError: we have released for other sums, as the file knows or the log shows.
        NotYetError: fewer than t trustees stand by these sums.

    Spec: protocol.md §5.6
    """
    _require_unreleased(count, secret, trustee_index, board)
    _require_confirms(count, board)
    return secret.release or Release(count.digest, randomness)


def decryption(count: Count, share: SecretShare, released: Release) -> Decryption:
    """Our part of the decryption of all sums; the same bytes whenever it is made.

    Args:
        count: recomputed by us.
        share: x_l.
        released: as the sealed file has it, durably.

    Raises:
        ReleaseError: of other sums, or this machine has computed wrongly.

    Spec: protocol.md §5.7
    """
    if released.aggregate_digest != count.digest:
        raise ReleaseError("released-other", fingerprint=fingerprint(released.aggregate_digest))
    partial, proof = partially_decrypt(share, count.statement, released.randomness)
    try:
        # After a slip of the machine the next good run would answer another challenge with the same nonce,
        # and the two answers tell our secret.
        verify_partial_decryption(partial, proof, count.statement, count.verification_key)
    except CryptoError as exc:
        raise ReleaseError("proof-wrong", reason=str(exc)) from exc
    return Decryption(
        trustee=share.trustee_index,
        aggregate=Bytes64(count.digest),
        partials=Bulk(partial.partials.encode()),
        commitments=Bulk(proof.commitments.encode()),
        response=Bytes32(proof.response.encoded),
    )


def _closed(board: Board) -> tuple[CeremonyView, RollView, BoxView, int]:
    view = board.view
    if view.ceremony is None or view.roll is None or view.box is None or view.box.bounds.closed_at is None:
        raise NotYetError("not-closed")
    return view.ceremony, view.roll, view.box, view.box.bounds.closed_at


def _require_floor(tally: TallyView, manifest: Manifest) -> None:
    smallest = min((cell.group.size for cell in tally.cells), default=LEAST_CELL)
    if smallest < LEAST_CELL and not manifest.training:
        raise ReleaseError("too-small", ballots=smallest, floor=LEAST_CELL)


def _own_aggregate(tally: TallyView) -> Aggregate:
    """The aggregate as we would post it. Spec: records.md §5.1"""
    inline = Aggregate(
        cells=tuple(cell.as_posted() for cell in tally.cells),
        withheld=tuple(cell.as_posted() for cell in tally.withheld),
        ciphertexts=Bulk(tally.sums.encode()),
    )
    return fold(inline)[0]


def _require_unreleased(count: Count, secret: TrusteeSecret, trustee_index: int, board: Board) -> None:
    # The file may be an old copy; the log forgets nothing.
    digests = [
        bytes(posted.body.aggregate)
        for posted in board.order.all_of(Decryption)
        if posted.body.trustee == trustee_index
    ]
    if secret.release is not None:
        digests.append(secret.release.aggregate_digest)
    for digest in digests:
        if digest != count.digest:
            raise ReleaseError("released-other", fingerprint=fingerprint(digest))


def _require_confirms(count: Count, board: Board) -> None:
    """At least t trustees whose last confirm under a published checkpoint is this one."""
    covered = max((published.size for published in board.log.published), default=0)
    current = {
        posted.body.trustee: posted.body
        for posted in board.order.all_of(TallyConfirm)
        if posted.index < covered
    }
    expected = (count.base, count.size, count.root, count.digest)
    have = sum((body.base, body.size, body.root, body.aggregate) == expected for body in current.values())
    if have < board.manifest.threshold:
        raise NotYetError("confirms-missing", have=have, threshold=board.manifest.threshold)

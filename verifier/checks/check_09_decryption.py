"""Check 9: enough trustees agreed on one aggregate before any opened it, and opened exactly that.

Spec: verification.md §9; protocol.md §5.5 to §5.7; records.md §5.2, §5.3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bulletin_board.errors import MissingFile, RecordError
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.tally import Decryption, Result, TallyConfirm
from crypto.decryption import DecryptionProof, PartialDecryption, TallyStatement, verify_partial_decryption
from crypto.errors import CryptoError
from crypto.group import ElementArray, Scalar
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView, Posted
from verifier.checks.check_04_ceremony import CeremonyView
from verifier.checks.check_05_roll import RollView
from verifier.checks.check_08_aggregates import PostedAggregate
from verifier.journal import Journal
from verifier.record import Record


@dataclass(frozen=True, slots=True)
class DecryptionView:
    """The valid releases of the aggregate that counts, by trustee_index, ascending."""

    valid: Mapping[int, PartialDecryption]
    combined: tuple[int, ...]  # the lowest t trustees with one; empty while there are too few


def right_confirms(
    order: OrderView, log: LogView, ceremony: CeremonyView, closed_at: int
) -> tuple[tuple[Posted[TallyConfirm], ...], tuple[Posted[TallyConfirm], ...]]:
    """The tally-confirms with the right base, size and root, and the others; close stands at `closed_at`."""
    expected = (ceremony.base, closed_at + 1)
    right: list[Posted[TallyConfirm]] = []
    wrong: list[Posted[TallyConfirm]] = []
    for posted in order.all_of(TallyConfirm):
        body = posted.body
        fits = (body.base, body.size) == expected and log.has(body.size, body.root)
        (right if fits else wrong).append(posted)
    return tuple(right), tuple(wrong)


def check_decryption(
    record: Record,
    order: OrderView,
    log: LogView,
    ceremony: CeremonyView,
    roll: RollView,
    deciding: PostedAggregate,
    closed_at: int,
    manifest: Manifest,
    journal: Journal,
) -> DecryptionView:
    """Run check 9 on the aggregate that counts."""
    right, wrong = right_confirms(order, log, ceremony, closed_at)
    journal.ran("tally-confirms", len(right) + len(wrong))
    for posted in wrong:
        subject = f"entry {posted.index}, tally-confirm of trustee {posted.body.trustee}"
        journal.exclude(1, subject, "of another base, size or root than this log has at its close")
    agreed_at = _agreed_at(right, deciding, log, manifest)
    if agreed_at is None:
        journal.miss("tally-confirms", "too few of this aggregate under a published checkpoint")
    statement = TallyStatement(roll.context, 1, deciding.digest, deciding.ciphertexts)
    valid: dict[int, PartialDecryption] = {}
    unread = False
    releases = order.all_of(Decryption)
    journal.expect("decryptions", len(releases))
    for release in releases:
        journal.ran("decryptions")
        subject = f"entry {release.index}, decryption of trustee {release.body.trustee}"
        try:
            _require_agreed(release, agreed_at)
            partial = _verify(release.body, record, statement, ceremony)
        except MissingFile as exc:
            journal.miss(exc.path, f"part of {subject}")
            unread = True
        except (RecordError, CryptoError) as exc:
            journal.exclude(2, subject, exc)
        else:
            valid.setdefault(release.body.trustee, partial)
    _refuse_second(releases, deciding, manifest, journal)
    combined = tuple(sorted(valid))[: manifest.threshold]
    if len(combined) < manifest.threshold:
        few = f"{len(combined)} valid ones, {manifest.threshold} are needed"
        if order.all_of(Result) and not unread:
            journal.fault(2, "decryptions", few)
        else:
            journal.miss("decryptions", few)
        combined = ()
    return DecryptionView(dict(sorted(valid.items())), combined)


def _agreed_at(
    confirms: Sequence[Posted[TallyConfirm]], deciding: PostedAggregate, log: LogView, manifest: Manifest
) -> int | None:
    """The first published size at which the last confirms of t trustees name this aggregate."""
    if not log.dated:
        return 0
    for size in sorted({each.size for each in log.published}):
        current = {posted.body.trustee: posted.body for posted in confirms if posted.index < size}
        if sum(body.aggregate == deciding.digest for body in current.values()) >= manifest.threshold:
            return size
    return None


def _require_agreed(release: Posted[Decryption], agreed_at: int | None) -> None:
    if agreed_at is None or release.index < agreed_at:
        raise RecordError("released before enough trustees had confirmed under a published checkpoint")


def _refuse_second(
    releases: Sequence[Posted[Decryption]], deciding: PostedAggregate, manifest: Manifest, journal: Journal
) -> None:
    """Two sums of overlapping ballots, both opened, tell what their difference holds."""
    by_digest: dict[bytes, set[int]] = {}
    for posted in releases:
        by_digest.setdefault(bytes(posted.body.aggregate), set()).add(posted.body.trustee)
    for digest, trustees in by_digest.items():
        if digest != deciding.digest and len(trustees) >= manifest.threshold:
            journal.fault(2, "decryptions", f"{len(trustees)} trustees opened a second aggregate")


def _verify(
    body: Decryption, record: Record, statement: TallyStatement, ceremony: CeremonyView
) -> PartialDecryption:
    if body.aggregate != statement.aggregate_digest:
        raise RecordError("of another aggregate than the one that counts")
    due = len(statement.ciphertexts)
    if body.partials.size != 32 * due:
        raise RecordError(f"{body.partials.size // 32} partials for {due} ciphertexts")
    if body.commitments.size != 32 * (due + 1):
        raise RecordError(f"{body.commitments.size // 32} commitments for {due} ciphertexts")
    partials = ElementArray.decode(body.partials.read(record.addendum), subject="partials")
    commitments = ElementArray.decode(body.commitments.read(record.addendum), subject="commitments")
    partial = PartialDecryption(body.trustee, partials)
    proof = DecryptionProof(commitments, Scalar.decode(bytes(body.response)))
    verify_partial_decryption(partial, proof, statement, ceremony.verification_keys[body.trustee - 1])
    return partial

"""Check 4: the trustees made the key together, step by step, and all saw the same.

Spec: verification.md §4; protocol.md §2.1 to §2.7
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Commit, Complaint, Confirm, Pledge, Share
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record as Body
from crypto.boxes import require_box_key
from crypto.ceremony import election_base, pledge_digest, transcript_digest
from crypto.errors import CryptoError
from crypto.group import ElementArray, GroupElement
from crypto.possession import PossessionProof, verify_dealer_possession
from crypto.sharing import joint_key, require_commitments, verification_keys
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView, Posted
from verifier.complaints import judge_complaint
from verifier.journal import Journal

Step = Mapping[int, Posted[Any]]  # one step of the ceremony, by trustee_index


@dataclass(frozen=True, slots=True)
class CeremonyView:
    """What the ceremony made, recomputed from the commitments.

    commitments:       C_ij of every dealer, in trustee order
    joint_key:         h
    verification_keys: X_l, in trustee order
    base:              64 bytes
    """

    commitments: tuple[ElementArray, ...]
    joint_key: GroupElement
    verification_keys: tuple[GroupElement, ...]
    base: bytes


def check_ceremony(
    order: OrderView, log: LogView, manifest: Manifest, journal: Journal
) -> CeremonyView | None:
    """Run check 4; None where the commitments do not make a key."""
    pledges, commits, shares, confirms = (
        _step(kind, order, manifest, journal) for kind in (Pledge, Commit, Share, Confirm)
    )
    _check_witnessed(pledges, commits, log, journal)
    commitments = {
        trustee: _check_commit(pledges, posted, manifest, journal) for trustee, posted in commits.items()
    }
    _check_boxes(shares, manifest, journal)
    complaints = order.all_of(Complaint)
    for complaint in complaints:
        journal.ran("complaints")
        journal.fault(5, *judge_complaint(complaint.body, order, commitments, log, manifest))
    sound = [each for _, each in sorted(commitments.items()) if each is not None]
    if len(sound) < len(manifest.trustees):
        return None
    view = _keys(sound, manifest, journal)
    if view is not None and len(shares) == len(manifest.trustees):
        steps = (pledges, commits, shares)
        leaves = [log.leaf_hashes[posted.index] for step in steps for _, posted in sorted(step.items())]
        _check_confirms(confirms, view.base, transcript_digest([log.leaf_hashes[0], *leaves]), journal)
    return view


def check_witnessed(
    subject: str,
    step: Iterable[Posted[Any]],
    following: Iterable[Posted[Any]],
    log: LogView,
    journal: Journal,
) -> None:
    """Rules 4.1 and 5.1: a kept checkpoint covers every entry of a step and none of the next."""
    covered = max(posted.index for posted in step) + 1
    limit = min(posted.index for posted in following)
    if any(covered <= published.size <= limit for published in log.published):
        return
    if log.dated:
        journal.fault(1, subject, "no kept checkpoint covers all of them and nothing that must come later")
    else:
        journal.miss(subject, "kept checkpoints are missing, which may show that they were witnessed")


def _step(kind: type[Body], order: OrderView, manifest: Manifest, journal: Journal) -> Step:
    every: Sequence[Posted[Any]] = order.all_of(kind)
    step = {posted.body.trustee: posted for posted in every}
    journal.expect(f"{kind.record_type} entries", len(step))
    for trustee in range(1, len(manifest.trustees) + 1):
        if trustee not in step:
            journal.miss(f"{kind.record_type} of trustee {trustee}", "not in the record")
    return step


def _check_witnessed(pledges: Step, commits: Step, log: LogView, journal: Journal) -> None:
    journal.ran("pledge entries", len(pledges))
    if commits and pledges:
        check_witnessed("pledges", pledges.values(), commits.values(), log, journal)


def _check_commit(
    pledges: Step, posted: Posted[Commit], manifest: Manifest, journal: Journal
) -> ElementArray | None:
    """The commitments of one dealer; None where they cannot make a key."""
    commit = posted.body
    subject = f"entry {posted.index}, commit of trustee {commit.trustee}"
    journal.ran("commit entries")
    pledge = pledges.get(commit.trustee)
    if pledge and pledge.body.digest != pledge_digest(manifest.digest, commit.trustee, jcs(commit)):
        journal.fault(1, subject, "not what this trustee pledged")
    try:
        commitments = ElementArray.decode(b"".join(commit.coefficient_commitments), subject="commitments")
        require_commitments(commitments, dealer=commit.trustee, threshold=manifest.threshold)
        verify_dealer_possession(
            PossessionProof.decode(commit.proof.commitment, commit.proof.response),
            manifest_digest=manifest.digest,
            trustees=len(manifest.trustees),
            threshold=manifest.threshold,
            trustee_index=commit.trustee,
            coefficient_commitments=tuple(commitments),
        )
    except CryptoError as exc:
        journal.fault(2, subject, exc)
        return None
    return commitments


def _check_boxes(shares: Step, manifest: Manifest, journal: Journal) -> None:
    seen: set[bytes] = set()
    everyone = set(range(1, len(manifest.trustees) + 1))
    for trustee, posted in sorted(shares.items()):
        subject = f"entry {posted.index}, share of trustee {trustee}"
        journal.ran("share entries")
        if {box.trustee for box in posted.body.boxes} != everyone - {trustee}:
            journal.fault(3, subject, "not one box for every other trustee")
        for box in posted.body.boxes:
            key = bytes(box.ephemeral_key)
            try:
                require_box_key(key)
            except CryptoError as exc:
                journal.fault(3, subject, f"box for trustee {box.trustee}: {exc}")
            if key in seen:
                journal.fault(3, subject, f"box for trustee {box.trustee}: its ephemeral key stands twice")
            seen.add(key)


def _keys(commitments: list[ElementArray], manifest: Manifest, journal: Journal) -> CeremonyView | None:
    try:
        h, keys = joint_key(commitments), verification_keys(commitments)
    except CryptoError as exc:
        journal.fault(2, "commitments of all trustees", exc)
        return None
    return CeremonyView(tuple(commitments), h, keys, election_base(manifest.digest, h, commitments))


def _check_confirms(confirms: Step, base: bytes, transcript: bytes, journal: Journal) -> None:
    for trustee, posted in sorted(confirms.items()):
        journal.ran("confirm entries")
        subject = f"entry {posted.index}, confirm of trustee {trustee}"
        if posted.body.base != base:
            journal.fault(4, subject, "of another base than the commitments give")
        if posted.body.transcript != transcript:
            journal.fault(4, subject, "of another transcript than the log holds")

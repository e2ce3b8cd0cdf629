"""Whose fault a complaint of the key ceremony shows, from what stands on the log.

Spec: protocol.md §2.6
"""

from __future__ import annotations

from collections.abc import Mapping

from bulletin_board.records.ceremony import Answer, Complaint, Share, ShareBox
from bulletin_board.records.manifest import Manifest
from crypto.boxes import BoxSecretKey, open_with_ephemeral
from crypto.errors import CryptoError
from crypto.group import ElementArray
from crypto.sharing import parse_share_plaintext, verify_dealt_share
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView, Posted


def judge_complaint(
    complaint: Complaint,
    order: OrderView,
    commitments: Mapping[int, ElementArray | None],
    log: LogView,
    manifest: Manifest,
) -> tuple[str, str]:
    """(subject, what the log shows); commitments are None where they are faulty themselves."""
    dealer, complainant = complaint.dealer, complaint.trustee
    subject = f"complaint of trustee {complainant} about trustee {dealer}"
    answer = next(
        (
            posted
            for posted in order.all_of(Answer)
            if (posted.body.trustee, posted.body.complainant) == (dealer, complainant)
        ),
        None,
    )
    if answer is None or not _in_time(answer, log, manifest):
        if _now(log, manifest) <= manifest.schedule.answers_by:
            return subject, f"trustee {dealer} has not answered yet"
        return subject, f"trustee {dealer} is at fault: no answer in time"
    box, dealt = _box(order, dealer, complainant), commitments.get(dealer)
    if box is None or dealt is None:
        return subject, f"trustee {dealer} is at fault: no box, or no commitments to hold it against"
    try:
        plaintext = open_with_ephemeral(
            box.box,
            box.ephemeral_key,
            BoxSecretKey(bytes(answer.body.ephemeral_secret)),
            manifest.trustee(complainant).box_key,
        )
        share = parse_share_plaintext(
            plaintext, manifest_digest=manifest.digest, dealer=dealer, recipient=complainant
        )
        verify_dealt_share(share, dealt)
    except CryptoError as exc:
        return subject, f"trustee {dealer} is at fault: {exc}"
    return subject, f"trustee {complainant} is at fault: the box holds a good share"


def _in_time(answer: Posted[Answer], log: LogView, manifest: Manifest) -> bool:
    quorum, deadline = manifest.witness_quorum, manifest.schedule.answers_by
    return not log.dated or any(
        each.size > answer.index and each.since(quorum) <= deadline for each in log.published
    )


def _now(log: LogView, manifest: Manifest) -> int:
    """The time up to which the record is known to tell everything."""
    return max((each.until(manifest.witness_quorum) for each in log.published), default=0)


def _box(order: OrderView, dealer: int, recipient: int) -> ShareBox | None:
    boxes = (
        box
        for posted in order.all_of(Share)
        if posted.body.trustee == dealer
        for box in posted.body.boxes
        if box.trustee == recipient
    )
    return next(boxes, None)

"""Check 13: the ballot of a receipt is in this log, and what became of it; a credential was never used.

Spec: verification.md §13; board.md §6; records.md §4.5, §4.6
"""

from __future__ import annotations

from collections.abc import Sequence

from bulletin_board.errors import BoardError, LogProofError, RecordError
from bulletin_board.log.proofs import verify_inclusion
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.fields import decode_base64url
from bulletin_board.records.manifest import Manifest
from verifier.checks.check_01_log import LogView, Published, open_published
from verifier.checks.check_05_roll import RollView
from verifier.checks.check_07_chain import BoxView, ValidBallot, last_counted
from verifier.journal import Journal
from verifier.voter_files import VoterFile


def check_receipts(
    files: Sequence[VoterFile],
    unused: Sequence[str],
    log: LogView,
    roll: RollView,
    box: BoxView,
    manifest: Manifest,
    journal: Journal,
) -> None:
    """Run check 13."""
    owners = _owners(box) if files else {}
    for file in files:
        journal.ran("receipts")
        try:
            receipt = _decode(file)
            published = Published.of(open_published(receipt.note_text, manifest))
        except BoardError as exc:
            journal.fault(1, file.name, exc)
            continue
        if receipt.index >= len(log.leaf_hashes):
            journal.miss(
                file.name, f"it is for entry {receipt.index}, the record shows {len(log.leaf_hashes)}"
            )
            continue
        try:
            _require_in_log(receipt, published, log)
        except LogProofError as exc:
            journal.fault(1, file.name, f"{exc}: the board signed what this record contradicts")
            continue
        if published.size > len(log.leaf_hashes):
            journal.miss(file.name, f"cosigned at size {published.size}, beyond what the record shows")
        _check_close(file.name, published, box, manifest, journal)
        _tell(file.name, receipt, owners, roll, box, journal)
    for text in unused:
        journal.ran("unused credentials")
        _check_unused(text, roll, box, journal)


def _decode(file: VoterFile) -> Receipt:
    try:
        return Receipt.from_text(file.content.decode())
    except UnicodeDecodeError as exc:
        raise RecordError("receipt: not text") from exc


def _require_in_log(receipt: Receipt, published: Published, log: LogView) -> None:
    if published.size <= len(log.leaf_hashes) and not log.has(published.size, published.root):
        raise LogProofError(f"another root at size {published.size}")
    leaf = log.leaf_hashes[receipt.index]
    verify_inclusion(receipt.index, published.size, leaf, receipt.proof, published.root)


def _check_close(name: str, published: Published, box: BoxView, manifest: Manifest, journal: Journal) -> None:
    """What was acknowledged in time must count."""
    bounds = box.bounds
    in_time = published.since(manifest.witness_quorum) <= bounds.deadline
    if bounds.m is not None and in_time and published.size > bounds.m:
        journal.fault(1, name, f"cosigned in time at size {published.size}, but close embeds size {bounds.m}")


def _owners(box: BoxView) -> dict[int, tuple[bytes, int]]:
    """entry_index of each valid ballot → its credential, and its place in the chain."""
    return {
        ballot.index: (credential, place)
        for credential, chain in box.chains.items()
        for place, ballot in enumerate(chain)
    }


def _tell(
    name: str,
    receipt: Receipt,
    owners: dict[int, tuple[bytes, int]],
    roll: RollView,
    box: BoxView,
    journal: Journal,
) -> None:
    """Rule 13.2."""
    index = receipt.index
    if index in box.excluded:
        journal.note(f"{name}: ballot entry {index} is excluded: {box.excluded[index]}")
        return
    if index not in owners:
        journal.fault(1, name, f"entry {index} is no ballot that stands in its place")
        return
    credential, place = owners[index]
    chain = box.chains[credential]
    if receipt.extra is not None and receipt.extra != chain[place].digest:
        journal.fault(1, name, f"it names another ballot than entry {index}")
        return
    journal.note(f"{name}: ballot entry {index} {_fate(chain[place], credential, chain, roll, box)}")


def _fate(
    ballot: ValidBallot, credential: bytes, chain: Sequence[ValidBallot], roll: RollView, box: BoxView
) -> str:
    ended = roll.standings.ended.get(credential)
    if ended is not None:
        return f"does not count: its credential was {ended.how} by entry {ended.index}"
    if box.bounds.m is not None and ballot.index >= box.bounds.m:
        return "does not count: it came after the close"
    if box.bounds.excluded_by_notice(ballot.index):
        return "does not count: a notice excludes it"
    counted = last_counted(chain, box.bounds)
    if counted is not None and counted != ballot:
        return f"was replaced by ballot entry {counted.index} of the same credential"
    return "counts" if box.bounds.m is not None else "counts if it is the last when voting ends"


def _check_unused(text: str, roll: RollView, box: BoxView, journal: Journal) -> None:
    """Rule 13.3."""
    subject = f"credential {text}"
    try:
        credential = decode_base64url(text)
    except ValueError as exc:
        journal.fault(3, subject, exc)
        return
    if credential not in roll.standings.rows:
        journal.fault(3, subject, "not on the roll")
    elif chain := box.chains.get(credential):
        entries = ", ".join(str(ballot.index) for ballot in chain)
        journal.fault(3, subject, f"it was used: ballot entries {entries}")
    else:
        journal.note(f"{subject}: no valid ballot of it is on the log")

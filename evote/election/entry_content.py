"""Whether the content of an entry can be what its type says, before the board takes it in.

This keeps off the log what nobody could use: a commitment that is no element, boxes for the wrong trustees,
a list of another length than the aggregate's, a confirm of something else than the log holds. It judges
nobody: who reads the record checks all of it again.

Spec: records.md §2.4, §3.3, §5; protocol.md §2.1 to §2.5, §2.7, §2.13
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from bulletin_board.errors import AppendRefused, RecordError
from bulletin_board.records.bulk import ReadAddendum
from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Commit, Confirm, Pledge, Share
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Aggregate, AggregateCell, Decryption, Result, ResultCell
from bulletin_board.records.voting import Reissue
from bulletin_board.store.port import LoggedEntry, LogReader
from crypto.boxes import require_box_key
from crypto.ceremony import election_base, pledge_digest, transcript_digest
from crypto.elgamal import CIPHERTEXT_BYTES, CiphertextArray
from crypto.group import ElementArray, GroupElement, Scalar
from crypto.possession import PossessionProof, verify_dealer_possession, verify_reissue_possession
from crypto.sharing import joint_key, require_commitments

_ELEMENT_BYTES = 32

Step = TypeVar("Step", Pledge, Commit, Share)


def require_content(body: Record, manifest: Manifest, log: LogReader, read_addendum: ReadAddendum) -> None:
    """Refuse a body that cannot stand for what it says.

    Args:
        body: its signatures are verified.
        manifest: of this board.
        log: of this board; confirms are about its ceremony, releases and results about its newest aggregate.
        read_addendum: has all of its addenda.

    Raises:
        AppendRefused: what it is about is not all on the log yet.
        RecordError: it does not fit the manifest or the log.
        crypto.errors.EncodingError: an element or scalar that is none.
        crypto.errors.ProofError: a proof of possession that does not hold.
        crypto.errors.DealerError: commitments that cannot make a key.
    """
    check = _CHECKS.get(type(body))
    if check:
        check(body, _Surroundings(manifest, log, read_addendum))


@dataclass(frozen=True)
class _Surroundings:
    manifest: Manifest
    log: LogReader
    read_addendum: ReadAddendum

    @cached_property
    def aggregate(self) -> Aggregate:
        newest = self.log.last_entry_of(Aggregate.record_type)
        found = None if newest is None else decode_record(newest.data).body
        if not isinstance(found, Aggregate):
            raise RecordError("there is no aggregate on the log")
        return found

    def step(self, kind: type[Step]) -> dict[int, tuple[Step, LoggedEntry]]:
        """What each trustee has posted as one step of the ceremony, by trustee_index, ascending."""
        posted: dict[int, tuple[Step, LoggedEntry]] = {}
        for entry in self.log.entries_of([kind.record_type]):
            body = decode_record(entry.data).body
            if isinstance(body, kind):
                posted[body.trustee] = body, entry
        return dict(sorted(posted.items()))

    def width(self, cell: AggregateCell | ResultCell) -> int:
        """How many options the contest of a cell has."""
        return len(self.manifest.contest(cell.contest).options)

    def ciphertext_count(self, aggregate: Aggregate) -> int:
        return sum(self.width(cell) for cell in aggregate.cells)


def _check_commit(commit: Commit, around: _Surroundings) -> None:
    manifest = around.manifest
    commitments = _commitments(commit)
    verify_dealer_possession(
        PossessionProof.decode(commit.proof.commitment, commit.proof.response),
        manifest_digest=manifest.digest,
        trustees=len(manifest.trustees),
        threshold=manifest.threshold,
        trustee_index=commit.trustee,
        coefficient_commitments=list(commitments),
    )
    require_commitments(commitments, dealer=commit.trustee, threshold=manifest.threshold)
    pledge, _ = around.step(Pledge).get(commit.trustee, (None, None))
    if pledge is None:
        raise AppendRefused("out-of-order", f"commit: trustee {commit.trustee} has not pledged")
    if pledge.digest != pledge_digest(manifest.digest, commit.trustee, jcs(commit)):
        raise RecordError("commit: not what this trustee has pledged")


def _commitments(commit: Commit) -> ElementArray:
    return ElementArray.decode(b"".join(commit.coefficient_commitments), subject="commit")


def _check_share(share: Share, around: _Surroundings) -> None:
    everybody = range(1, len(around.manifest.trustees) + 1)
    if [box.trustee for box in share.boxes] != [index for index in everybody if index != share.trustee]:
        raise RecordError("share: not one box for every other trustee")
    for box in share.boxes:
        require_box_key(box.ephemeral_key)


def _check_confirm(confirm: Confirm, around: _Surroundings) -> None:
    """One wrong word would end the ceremony for everybody, so only the true one is taken."""
    manifest, commits = around.manifest, around.step(Commit)
    steps = (around.step(Pledge), commits, around.step(Share))
    if any(len(step) != len(manifest.trustees) for step in steps):
        raise AppendRefused("out-of-order", "confirm: not all shares have been dealt")
    commitments = [_commitments(commit) for commit, _ in commits.values()]
    if confirm.base != election_base(manifest.digest, joint_key(commitments), commitments):
        raise RecordError("confirm: another base than the commitments on the log give")
    (first,) = around.log.entries(0, 1)
    leaves = [entry.leaf_hash for step in steps for _, entry in step.values()]
    if confirm.transcript != transcript_digest([first.leaf_hash, *leaves]):
        raise RecordError("confirm: another transcript than the log gives")


def _check_reissue(reissue: Reissue, around: _Surroundings) -> None:
    manifest = around.manifest
    if len(reissue.row.parts) != len(manifest.issuers):
        raise RecordError(f"reissue: {len(reissue.row.parts)} parts for {len(manifest.issuers)} issuers")
    old = GroupElement.decode(reissue.old)
    for issuer, part, proof in zip(manifest.issuers, reissue.row.parts, reissue.proofs, strict=True):
        verify_reissue_possession(
            PossessionProof.decode(proof.commitment, proof.response),
            manifest_digest=manifest.digest,
            issuer_id=issuer.id,
            old_credential=old,
            part=GroupElement.decode(part),
        )


def _check_aggregate(aggregate: Aggregate, around: _Surroundings) -> None:
    for cell in (*aggregate.cells, *aggregate.withheld):
        around.width(cell)
        for unit in (cell.node, *cell.members):
            around.manifest.unit(unit)
    packed = aggregate.ciphertexts.read(around.read_addendum)
    _require_size(packed, CIPHERTEXT_BYTES * around.ciphertext_count(aggregate), subject="aggregate")
    CiphertextArray.decode(packed, subject="aggregate")


def _check_decryption(decryption: Decryption, around: _Surroundings) -> None:
    count = around.ciphertext_count(around.aggregate)
    partials = decryption.partials.read(around.read_addendum)
    commitments = decryption.commitments.read(around.read_addendum)
    _require_size(partials, _ELEMENT_BYTES * count, subject="decryption: partials")
    _require_size(commitments, _ELEMENT_BYTES * (count + 1), subject="decryption: commitments")
    ElementArray.decode(partials, subject="decryption: partials")
    ElementArray.decode(commitments, subject="decryption: commitments")
    Scalar.decode(decryption.response)


def _check_result(result: Result, around: _Surroundings) -> None:
    due = [(cell.contest, cell.node, cell.members) for cell in around.aggregate.cells]
    if [(cell.contest, cell.node, cell.members) for cell in result.cells] != due:
        raise RecordError("result: its cells are not those of the aggregate")
    contests = around.manifest.contests
    if [each.contest for each in result.contests] != [contest.id for contest in contests]:
        raise RecordError("result: its contests are not those of the manifest")
    counted = [(len(cell.counts), around.width(cell)) for cell in result.cells]
    counted += [
        (len(each.totals), len(contest.options))
        for each, contest in zip(result.contests, contests, strict=True)
    ]
    if any(found != width for found, width in counted):
        raise RecordError("result: not one count for every option")


def _require_size(packed: bytes, size: int, *, subject: str) -> None:
    if len(packed) != size:
        raise RecordError(f"{subject}: {len(packed)} bytes where {size} are due")


_CHECKS: Mapping[type[Record], Callable[[Any, _Surroundings], None]] = {
    Commit: _check_commit,
    Share: _check_share,
    Confirm: _check_confirm,
    Reissue: _check_reissue,
    Aggregate: _check_aggregate,
    Decryption: _check_decryption,
    Result: _check_result,
}

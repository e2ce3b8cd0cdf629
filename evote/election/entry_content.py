"""Whether the content of an entry can be what its type says, before the board takes it in.

This keeps off the log what nobody could use: a commitment that is no element, boxes for the wrong trustees,
a list of another length than the aggregate's. It judges nobody: who reads the record checks all of it again.

Spec: records.md §2.4, §3.3, §5; protocol.md §2.2 to §2.4, §2.13
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bulletin_board.errors import RecordError
from bulletin_board.records.bulk import ReadAddendum
from bulletin_board.records.ceremony import Commit, Share
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Aggregate, AggregateCell, Decryption, Result, ResultCell
from bulletin_board.records.voting import Reissue
from crypto.boxes import require_box_key
from crypto.elgamal import CIPHERTEXT_BYTES, CiphertextArray
from crypto.group import ElementArray, GroupElement, Scalar
from crypto.possession import PossessionProof, verify_dealer_possession, verify_reissue_possession

_ELEMENT_BYTES = 32


def require_content(
    body: Record, manifest: Manifest, aggregate_entry: bytes | None, read_addendum: ReadAddendum
) -> None:
    """Refuse a body that cannot stand for what it says.

    Args:
        body: its signatures are verified.
        manifest: of this board.
        aggregate_entry: the newest aggregate on the log, which releases and results are about.
        read_addendum: has all of its addenda.

    Raises:
        RecordError: it does not fit the manifest or the aggregate.
        crypto.errors.EncodingError: an element or scalar that is none.
        crypto.errors.ProofError: a proof of possession that does not hold.
    """
    check = _CHECKS.get(type(body))
    if check:
        check(body, _Surroundings(manifest, aggregate_entry, read_addendum))


@dataclass(frozen=True)
class _Surroundings:
    manifest: Manifest
    aggregate_entry: bytes | None
    read_addendum: ReadAddendum

    @cached_property
    def aggregate(self) -> Aggregate:
        found = None if self.aggregate_entry is None else decode_record(self.aggregate_entry).body
        if not isinstance(found, Aggregate):
            raise RecordError("there is no aggregate on the log")
        return found

    def width(self, cell: AggregateCell | ResultCell) -> int:
        """How many options the contest of a cell has."""
        return len(self.manifest.contest(cell.contest).options)

    def ciphertext_count(self, aggregate: Aggregate) -> int:
        return sum(self.width(cell) for cell in aggregate.cells)


def _check_commit(commit: Commit, around: _Surroundings) -> None:
    manifest = around.manifest
    packed = b"".join(commit.coefficient_commitments)
    verify_dealer_possession(
        PossessionProof.decode(commit.proof.commitment, commit.proof.response),
        manifest_digest=manifest.digest,
        trustees=len(manifest.trustees),
        threshold=manifest.threshold,
        trustee_index=commit.trustee,
        coefficient_commitments=list(ElementArray.decode(packed, subject="commit")),
    )


def _check_share(share: Share, around: _Surroundings) -> None:
    everybody = range(1, len(around.manifest.trustees) + 1)
    if [box.trustee for box in share.boxes] != [index for index in everybody if index != share.trustee]:
        raise RecordError("share: not one box for every other trustee")
    for box in share.boxes:
        require_box_key(box.ephemeral_key)


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
    Reissue: _check_reissue,
    Aggregate: _check_aggregate,
    Decryption: _check_decryption,
    Result: _check_result,
}

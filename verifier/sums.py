"""Adding up the ballots that count, group by group, in many workers at once.

Spec: protocol.md §5.4
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import decode_entry
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.envelope import decode_record
from crypto.elgamal import CiphertextArray, vartime_sum_ciphertexts
from verifier.checks.check_07_chain import CountedBallot
from verifier.parallel import Workers
from verifier.record import Record

_SLICE = 256


@dataclass(frozen=True, slots=True)
class Addend:
    """A ballot that counts, and the group whose sum it goes into."""

    group: int
    entry: bytes
    addenda: Mapping[bytes, bytes]  # SHA-256 → bytes


def sum_groups(
    record: Record,
    counted: Sequence[CountedBallot],
    group_of: Mapping[tuple[str, str], int],
    widths: Mapping[int, int],
    workers: Workers,
) -> tuple[dict[int, CiphertextArray], int]:
    """The sum of the ballots of each group, and how many ballots were added up.

    `group_of` gives the group by style and unit, `widths` the number of ciphertexts by group.
    """
    rows: dict[int, list[CiphertextArray]] = {group: [] for group in widths}
    added = 0
    for sums, number in workers.map(partial(sum_slice, widths), _slices(record, counted, group_of)):
        added += number
        for group, packed in sums.items():
            rows[group].append(CiphertextArray.decode(packed))
    return {group: vartime_sum_ciphertexts(rows[group], widths[group]) for group in rows}, added


def sum_slice(widths: Mapping[int, int], addends: Sequence[Addend]) -> tuple[dict[int, bytes], int]:
    """What a worker does: the packed sum of each group within one slice."""
    rows: dict[int, list[CiphertextArray]] = {}
    for addend in addends:
        body = decode_record(addend.entry).body
        if not isinstance(body, BallotBody):
            raise RecordError("a ballot that counts is not one")
        packed = body.ciphertexts.read(addend.addenda.__getitem__)
        rows.setdefault(addend.group, []).append(CiphertextArray.decode(packed))
    sums = {group: vartime_sum_ciphertexts(items, widths[group]).encode() for group, items in rows.items()}
    return sums, len(addends)


def _slices(
    record: Record, counted: Sequence[CountedBallot], group_of: Mapping[tuple[str, str], int]
) -> Iterator[tuple[Addend, ...]]:
    addends = _addends(record, counted, group_of)
    while batch := tuple(islice(addends, _SLICE)):
        yield batch


def _addends(
    record: Record, counted: Sequence[CountedBallot], group_of: Mapping[tuple[str, str], int]
) -> Iterator[Addend]:
    wanted = iter(counted)
    ballot = next(wanted, None)
    start = ballot.index if ballot else record.tree_size
    for index, entry in record.entries(start):
        if ballot is None:
            return
        if index == ballot.index:
            addenda = {digest: record.addendum(digest) for digest in decode_entry(entry)[1]}
            yield Addend(group_of[ballot.style, ballot.unit], entry, addenda)
            ballot = next(wanted, None)

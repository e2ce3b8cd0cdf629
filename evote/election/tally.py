"""From the closed box to the aggregate, and from the trustees' releases to the result.

Spec: protocol.md §5; records.md §5
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bulletin_board.records.bulk import Bulk, ReadAddendum
from bulletin_board.records.contests import Contest
from bulletin_board.records.fields import Bytes64
from bulletin_board.records.merging import UnitGroup, merge_groups
from bulletin_board.records.tally import (
    Aggregate,
    AggregateCell,
    ContestResult,
    Decryption,
    Result,
    ResultCell,
)
from crypto.decryption import (
    DecryptionProof,
    PartialDecryption,
    TallyStatement,
    combine,
    verify_partial_decryption,
)
from crypto.dlog import recover_counts
from crypto.elgamal import CiphertextArray, vartime_sum_ciphertexts
from crypto.errors import CryptoError
from crypto.group import ElementArray, GroupElement, Scalar
from evote.counting.outcome import Tally, decide_outcome
from evote.election.ballot_box import CountedBallot, electorate_of
from evote.election.parameters import ElectionParameters
from evote.errors import BoardStateError
from verifier.standings import Place

ROUND = 1


@dataclass(frozen=True, slots=True)
class _Vote:
    """One contest of a counted ballot."""

    unit: str
    ciphertexts: CiphertextArray


def make_aggregate(
    parameters: ElectionParameters, counted: Sequence[CountedBallot], read_addendum: ReadAddendum
) -> Aggregate:
    """Cells, withheld groups and sums, with the ciphertexts inline; `fold` gives the posted form.

    Raises:
        crypto.errors.EncodingError: a ballot with elements that are none.
        RecordError: an addendum that is not what its ballot names.
    """
    manifest = parameters.manifest
    votes = _votes_by_contest(parameters, counted, read_addendum)
    cells: list[AggregateCell] = []
    withheld: list[AggregateCell] = []
    sums: list[bytes] = []
    for contest in manifest.contests:
        cast = votes[contest.id]
        sizes = Counter(vote.unit for vote in cast)
        groups, too_small = merge_groups(sizes, manifest.units, manifest.min_unit_size)
        withheld += [_cell(contest, group) for group in too_small]
        for group in groups:
            members = frozenset(group.members)
            rows = [vote.ciphertexts for vote in cast if vote.unit in members]
            cells.append(_cell(contest, group))
            sums.append(vartime_sum_ciphertexts(rows, len(contest.options)).encode())
    return Aggregate(cells=tuple(cells), withheld=tuple(withheld), ciphertexts=Bulk(b"".join(sums)))


def make_result(
    parameters: ElectionParameters,
    effective: Sequence[Place],
    aggregate: Aggregate,
    decryptions: Sequence[Decryption],
    verification_keys: Sequence[GroupElement],
    read_addendum: ReadAddendum,
) -> Result:
    """Combine the releases of the lowest t trustees whose proofs hold, and apply the counting rules.

    Args:
        parameters: of the election.
        effective: style and unit of every credential effective at close.
        aggregate: the one that the decryptions name.
        decryptions: as posted, oldest first; those of other aggregates or with bad proofs are left out.
        verification_keys: X_l by trustee, from the ceremony.
        read_addendum: for what lies beside the log.

    Raises:
        BoardStateError: fewer than t releases hold.
        crypto.errors.DecryptionError: a combination is no count within its cell.
    """
    manifest = parameters.manifest
    digest = aggregate.digest(parameters.context)
    ciphertexts = CiphertextArray.decode(aggregate.ciphertexts.read(read_addendum))
    statement = TallyStatement(parameters.context, ROUND, digest, ciphertexts)
    valid: dict[int, PartialDecryption] = {}
    for decryption in decryptions:
        if decryption.aggregate == digest and decryption.trustee not in valid:
            partial = _checked(decryption, statement, verification_keys, read_addendum)
            if partial is not None:
                valid[decryption.trustee] = partial
    if len(valid) < manifest.threshold:
        raise BoardStateError(
            f"board: {len(valid)} valid partial decryptions, {manifest.threshold} are needed"
        )
    chosen = sorted(valid)[: manifest.threshold]
    plain = combine([valid[index] for index in chosen], ciphertexts.datas, threshold=manifest.threshold)
    cells = _result_cells(parameters, aggregate, plain)
    return Result(
        aggregate=Bytes64(digest),
        trustees=tuple(chosen),
        cells=cells,
        contests=tuple(
            _contest_result(parameters, effective, aggregate, cells, c) for c in manifest.contests
        ),
    )


def _votes_by_contest(
    parameters: ElectionParameters, counted: Sequence[CountedBallot], read_addendum: ReadAddendum
) -> dict[str, list[_Vote]]:
    votes: dict[str, list[_Vote]] = {contest.id: [] for contest in parameters.manifest.contests}
    for ballot in counted:
        shape = parameters.manifest.shape(ballot.style)
        packed = ballot.body.ciphertexts.read(read_addendum)
        subject = f"ballot at {ballot.entry_index}"
        elements = CiphertextArray.decode(packed, subject=subject).elements
        for contest, places in zip(shape.contests, shape.slices, strict=True):
            own = CiphertextArray(elements[2 * places.start : 2 * places.stop])
            votes[contest.contest_id].append(_Vote(ballot.unit, own))
    return votes


def _cell(contest: Contest, group: UnitGroup) -> AggregateCell:
    return AggregateCell(contest=contest.id, node=group.node, members=group.members, ballots=group.size)


def _checked(
    decryption: Decryption,
    statement: TallyStatement,
    verification_keys: Sequence[GroupElement],
    read_addendum: ReadAddendum,
) -> PartialDecryption | None:
    """The release, if its proof holds. Who reads the record sees whose did not; it only is left out here."""
    try:
        partial = PartialDecryption(
            decryption.trustee, ElementArray.decode(decryption.partials.read(read_addendum))
        )
        proof = DecryptionProof(
            ElementArray.decode(decryption.commitments.read(read_addendum)),
            Scalar.decode(decryption.response),
        )
        key = verification_keys[decryption.trustee - 1]
        verify_partial_decryption(partial, proof, statement=statement, verification_key=key)
    except CryptoError:
        return None
    return partial


def _result_cells(
    parameters: ElectionParameters, aggregate: Aggregate, plain: ElementArray
) -> tuple[ResultCell, ...]:
    widths = [len(parameters.manifest.contest(cell.contest).options) for cell in aggregate.cells]
    bounds = [cell.ballots for cell, width in zip(aggregate.cells, widths, strict=True) for _ in range(width)]
    counts = iter(recover_counts(plain, bounds))
    return tuple(
        ResultCell(
            contest=cell.contest,
            node=cell.node,
            members=cell.members,
            counts=tuple(next(counts) for _ in range(width)),
        )
        for cell, width in zip(aggregate.cells, widths, strict=True)
    )


def _contest_result(
    parameters: ElectionParameters,
    effective: Sequence[Place],
    aggregate: Aggregate,
    cells: Sequence[ResultCell],
    contest: Contest,
) -> ContestResult:
    own = [cell.counts for cell in cells if cell.contest == contest.id]
    totals = tuple(map(sum, zip(*own, strict=True))) if own else (0,) * len(contest.options)
    ballots = sum(cell.ballots for cell in aggregate.cells if cell.contest == contest.id)
    electorate = electorate_of(contest.id, effective, parameters.manifest)
    outcome = decide_outcome(Tally(contest, totals, ballots, electorate))
    return ContestResult(contest=contest.id, totals=totals, outcome=outcome)

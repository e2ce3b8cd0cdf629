"""The count of the sample election: sums, confirmations, decryptions and result, by the honest steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.merging import merge_groups
from bulletin_board.records.tally import (
    Aggregate,
    AggregateCell,
    ContestResult,
    Decryption,
    Result,
    ResultCell,
    TallyConfirm,
)
from crypto.decryption import PartialDecryption, TallyStatement, combine, partially_decrypt
from crypto.dlog import recover_counts
from crypto.elgamal import CiphertextArray, vartime_sum_ciphertexts
from crypto.group import ElementArray
from crypto.sharing import (
    SecretShare,
    combine_shares,
    deal,
)
from evote.counting.outcome import Tally, decide_outcome
from tests.support.ballots import bytes_for
from tests.support.election_world import World
from tests.support.sample_manifest import (
    BOARD_KEY,
    TRUSTEES,
)


def run_tally(world: World) -> None:
    aggregate = make_aggregate(world)
    posted = world.post("aggregate", aggregate, [BOARD_KEY])
    if isinstance(posted, Aggregate):
        world.aggregates.append(posted)
    world.publish()
    for trustee in (1, 2, 3):
        world.post(f"tally-confirm {trustee}", make_confirm(world, trustee), [TRUSTEES[trustee - 1]])
    world.publish()
    for trustee in (1, 3):
        partial, body = make_decryption(world, trustee)
        if world.post(f"decryption {trustee}", body, [TRUSTEES[trustee - 1]]) is not None:
            world.partials.append(partial)
    world.publish()


def make_aggregate(world: World) -> Aggregate:
    """What an honest board sums up."""
    return aggregate_of(world, counted_ballots(world))


def counted_ballots(world: World) -> tuple[BallotBody, ...]:
    """The last ballot in time of every effective credential, read from the log."""
    counted: dict[bytes, BallotBody] = {}
    for step, index in world.index.items():
        if step.startswith("ballot ") and index < world.size_in_time:
            body = decode_ballot(world.board.entries[index])
            if bytes(body.credential) not in world.ended:
                counted[bytes(body.credential)] = body
    return tuple(counted.values())


def decode_ballot(entry: bytes) -> BallotBody:
    body = decode_record(entry).body
    assert isinstance(body, BallotBody)
    return body


def aggregate_of(world: World, ballots: Sequence[BallotBody]) -> Aggregate:
    """The sums of these ballots, in the cells that they make."""
    manifest = world.manifest
    cells: list[AggregateCell] = []
    withheld: list[AggregateCell] = []
    sums: list[ElementArray] = []
    for contest in manifest.contests:
        own = [each for each in ballots if contest.id in manifest.style(each.style).contests]
        sizes = Counter(world.places[bytes(each.credential)][1] for each in own)
        merged, too_small = merge_groups(sizes, manifest.units, manifest.min_unit_size)
        withheld += (
            AggregateCell(contest=contest.id, node=each.node, members=each.members, ballots=each.size)
            for each in too_small
        )
        for group in merged:
            inside = [each for each in own if world.places[bytes(each.credential)][1] in group.members]
            rows = [_of_contest(world, each, contest.id) for each in inside]
            cell = AggregateCell(
                contest=contest.id, node=group.node, members=group.members, ballots=group.size
            )
            cells.append(cell)
            sums.append(vartime_sum_ciphertexts(rows, len(contest.options)).elements)
    packed = ElementArray.concat(sums).encode()
    return Aggregate(cells=tuple(cells), withheld=tuple(withheld), ciphertexts=Bulk(packed))


def _of_contest(world: World, ballot: BallotBody, contest_id: str) -> CiphertextArray:
    shape = world.manifest.shape(ballot.style)
    place = [contest.contest_id for contest in shape.contests].index(contest_id)
    part = shape.slices[place]
    packed = ballot.ciphertexts.read(world.board.addenda.__getitem__)
    return CiphertextArray.decode(packed[64 * part.start : 64 * part.stop])


def make_confirm(world: World, trustee: int) -> TallyConfirm:
    size = world.index["close"] + 1
    return TallyConfirm(
        trustee=trustee,
        base=Bytes64(world.base),
        round=1,
        size=size,
        root=Bytes32(world.board.checkpoint(size).root_hash),
        aggregate=Bytes64(world.aggregates[-1].digest(world.context)),
    )


def secret_share(world: World, trustee: int) -> SecretShare:
    return combine_shares([deal(polynomial, trustee) for polynomial in world.polynomials])


def statement_of(world: World, aggregate: Aggregate) -> TallyStatement:
    ciphertexts = CiphertextArray.decode(aggregate.ciphertexts.read(world.board.addenda.__getitem__))
    return TallyStatement(world.context, 1, aggregate.digest(world.context), ciphertexts)


def make_decryption(
    world: World, trustee: int, aggregate: Aggregate | None = None
) -> tuple[PartialDecryption, Decryption]:
    aggregate = aggregate or world.aggregates[-1]
    statement = statement_of(world, aggregate)
    partial, proof = partially_decrypt(
        secret_share(world, trustee), statement, bytes_for(f"decryption {trustee}")
    )
    body = Decryption(
        trustee=trustee,
        aggregate=Bytes64(statement.aggregate_digest),
        partials=Bulk(partial.partials.encode()),
        commitments=Bulk(proof.commitments.encode()),
        response=Bytes32(proof.response.encoded),
    )
    return partial, body


def run_result(world: World) -> None:
    world.post("result", make_result(world), [BOARD_KEY])
    world.publish()


def make_result(world: World) -> Result:
    manifest, aggregate = world.manifest, world.aggregates[-1]
    combined = sorted(world.partials, key=lambda each: each.trustee_index)[: manifest.threshold]
    statement = statement_of(world, aggregate)
    plain = combine(combined, statement.ciphertexts.datas, threshold=manifest.threshold)
    options = [len(manifest.contest(cell.contest).options) for cell in aggregate.cells]
    bounds = [
        cell.ballots for cell, width in zip(aggregate.cells, options, strict=True) for _ in range(width)
    ]
    counts = iter(recover_counts(plain, bounds))
    cells = tuple(
        ResultCell(
            contest=cell.contest,
            node=cell.node,
            members=cell.members,
            counts=tuple(next(counts) for _ in range(width)),
        )
        for cell, width in zip(aggregate.cells, options, strict=True)
    )
    return result_of(world, cells, tuple(partial.trustee_index for partial in combined))


def result_of(world: World, cells: tuple[ResultCell, ...], trustees: tuple[int, ...]) -> Result:
    """The result that follows from these counts."""
    manifest, aggregate = world.manifest, world.aggregates[-1]
    ballots = Counter[str]()
    for cell in aggregate.cells:
        ballots[cell.contest] += cell.ballots
    effective = [place for credential, place in world.places.items() if credential not in world.ended]
    contests = []
    for contest in manifest.contests:
        own = [cell.counts for cell in cells if cell.contest == contest.id]
        totals = tuple(sum(column) for column in zip(*own, strict=True)) or (0,) * len(contest.options)
        electorate = sum(contest.id in manifest.style(style).contests for style, _ in effective)
        outcome = decide_outcome(Tally(contest, totals, ballots[contest.id], electorate))
        contests.append(ContestResult(contest=contest.id, totals=totals, outcome=outcome))
    digest = Bytes64(aggregate.digest(world.context))
    return Result(aggregate=digest, trustees=trustees, cells=cells, contests=tuple(contests))

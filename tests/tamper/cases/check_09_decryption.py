"""Tampered confirmations and decryptions."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bulletin_board.records.bulk import Bulk
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Decryption, TallyConfirm
from crypto.decryption import partially_decrypt
from crypto.elgamal import CiphertextArray
from crypto.group import GENERATOR, ElementArray
from tests.support.ballots import bytes_for
from tests.support.election import World, build_election
from tests.support.election_tally import (
    aggregate_of,
    counted_ballots,
    make_confirm,
    make_decryption,
    make_result,
    secret_share,
    statement_of,
)
from tests.support.sample_manifest import BOARD_KEY, TRUSTEES
from tests.tamper.harness import tampered
from verifier.report import Severity

excluded = Severity.EXCLUSION


def confirming(trustee: int, **changes: Any) -> World:
    """One trustee confirms something else."""

    def bend(body: Record, _: World) -> Record:
        assert isinstance(body, TallyConfirm)
        return replace(body, **changes)

    return build_election(bend={f"tally-confirm {trustee}": bend})


def with_bad_share(change: Callable[[Decryption, World], Decryption]) -> World:
    """Trustee 2 releases a bad share; 1 and 3 release good ones, and the result is theirs."""

    def post(world: World) -> None:
        _, body = make_decryption(world, 2)
        world.log(change(body, world), [TRUSTEES[1]])

    return build_election(before={"decryption 1": post})


def elements(bulk: Bulk) -> list[Any]:
    assert isinstance(bulk.form, bytes)
    return list(ElementArray.decode(bulk.form))


def packed(items: list[Any]) -> Bulk:
    return Bulk(ElementArray.of(items).encode())


@tampered("9.1", "tally-confirm of trustee 2: of another base, size or root", severity=excluded)
def confirm_of_another_base() -> World:
    """A trustee confirms for another key; two good ones remain."""
    return confirming(2, base=Bytes64(bytes_for("base", 64)))


@tampered("9.1", "tally-confirm of trustee 2: of another base, size or root", severity=excluded)
def confirm_of_another_log() -> World:
    """N35: a trustee saw another log."""
    return confirming(2, root=Bytes32(bytes_for("root")))


@tampered("9.1", "tally-confirm of trustee 2: of another base, size or root", severity=excluded)
def confirm_of_a_longer_log() -> World:
    """A trustee confirms a log that goes on after the close."""

    def bend(body: Record, world: World) -> Record:
        assert isinstance(body, TallyConfirm)
        size = body.size + 1
        return replace(body, size=size, root=Bytes32(world.board.checkpoint(size).root_hash))

    return build_election(bend={"tally-confirm 2": bend})


@tampered("9.2", "decryption of trustee 2: released before enough trustees had confirmed", severity=excluded)
def one_early_release() -> World:
    """A trustee releases before the confirms are published; the others wait, and the result is theirs."""

    def early(world: World) -> None:
        _, body = make_decryption(world, 2)
        world.log(body, [TRUSTEES[1]])

    return build_election(before={"tally-confirm 3": early})


@tampered("9.2", "0 valid ones, 2 are needed")
def nobody_waited() -> World:
    """N52: the trustees release before their confirms are under a published checkpoint."""
    return build_election(before={"decryption 1": lambda world: world.board.kept.pop()})


@tampered("9.2", "0 valid ones, 2 are needed")
def superseded_confirms() -> World:
    """All trustees take their confirms back before these are published, and release all the same."""

    def post(world: World) -> None:
        world.board.kept.pop()
        for trustee in (1, 2, 3):
            other = replace(make_confirm(world, trustee), aggregate=Bytes64(bytes_for("other", 64)))
            world.log(other, [TRUSTEES[trustee - 1]])
        world.publish()

    return build_election(before={"decryption 1": post})


@tampered("9.2", "decryption of trustee 2: partial .* does not hold", severity=excluded)
def wrong_share() -> World:
    """N55: one bad share among enough good ones: the trustee is named, and the result stands."""

    def change(body: Decryption, _: World) -> Decryption:
        first, *others = elements(body.partials)
        return replace(body, partials=packed([first + GENERATOR, *others]))

    return with_bad_share(change)


@tampered("9.2", "the equation of the verification key does not hold", severity=excluded)
def share_of_another_key() -> World:
    """N54: a share made with another trustee's secret."""

    def change(body: Decryption, world: World) -> Decryption:
        _, others = make_decryption(world, 3)
        return replace(others, trustee=body.trustee)

    return with_bad_share(change)


@tampered("9.2", "does not hold", severity=excluded)
def share_in_another_order() -> World:
    """N54: two partials change places."""

    def change(body: Decryption, _: World) -> Decryption:
        first, second, *others = elements(body.partials)
        return replace(body, partials=packed([second, first, *others]))

    return with_bad_share(change)


@tampered("9.2", "of another aggregate than the one that counts", severity=excluded)
def share_of_other_ciphertexts() -> World:
    """N52, N54: a share of the sum without one ballot, which would tell that ballot."""

    def change(body: Decryption, world: World) -> Decryption:
        _, other = make_decryption(world, body.trustee, aggregate_of(world, counted_ballots(world)[1:]))
        return other

    return with_bad_share(change)


@tampered("9.2", "does not hold", severity=excluded)
def unbound_statement() -> World:
    """N53: a proof over other data halves, under the right digest."""

    def change(body: Decryption, world: World) -> Decryption:
        honest = statement_of(world, world.aggregates[-1])
        rows = list(honest.ciphertexts)
        moved = CiphertextArray.of([type(each)(each.pad, each.data + GENERATOR) for each in rows])
        statement = type(honest)(honest.context, 1, honest.aggregate_digest, moved)
        _, proof = partially_decrypt(secret_share(world, 2), statement, bytes_for("unbound"))
        return replace(
            body, commitments=Bulk(proof.commitments.encode()), response=Bytes32(proof.response.encoded)
        )

    return with_bad_share(change)


@tampered("9.2", "partials for 23 ciphertexts|partials for", severity=excluded)
def short_share() -> World:
    """N20: a partial is missing."""
    return with_bad_share(lambda body, _: replace(body, partials=packed(elements(body.partials)[1:])))


@tampered("9.2", "commitments for", severity=excluded)
def short_proof() -> World:
    """N19: a commitment is missing."""
    return with_bad_share(lambda body, _: replace(body, commitments=packed(elements(body.commitments)[1:])))


@tampered("9.2", "partials: no canonical ristretto255 encoding", severity=excluded)
def share_outside_the_group() -> World:
    """N4, N6: a partial that is no element."""

    def change(body: Decryption, _: World) -> Decryption:
        assert isinstance(body.partials.form, bytes)
        return replace(body, partials=Bulk(b"\xff" * 32 + body.partials.form[32:]))

    return with_bad_share(change)


@tampered("9.2", "scalar", severity=excluded)
def unreduced_response() -> World:
    """N7: a response that is not below the group order."""
    return with_bad_share(lambda body, _: replace(body, response=Bytes32(b"\xff" * 32)))


@tampered("9.2", "decryptions: 1 valid ones, 2 are needed")
def one_trustee_twice() -> World:
    """N56: the same trustee releases twice, and a result is posted."""

    def again(body: Record, world: World) -> Record:
        # In place of trustee 3, whose secret the result was made with.
        _, first = make_decryption(world, 1)
        world.log(first, [TRUSTEES[0]])
        return replace_first(body)

    return build_election(bend={"decryption 3": again})


def replace_first(body: Record) -> Record:
    assert isinstance(body, Decryption)
    first, *others = elements(body.partials)
    return replace(body, partials=packed([first + GENERATOR, *others]))


@tampered("9.2", "2 trustees opened a second aggregate", others=(8,))
def second_count() -> World:
    """N52: the trustees open another sum as well; the difference of the two tells a ballot."""

    def bend(_body: Record, world: World) -> Record:
        other = aggregate_of(world, counted_ballots(world)[1:])
        world.log(other, [BOARD_KEY])
        for trustee in (1, 2):
            _, body = make_decryption(world, trustee, other)
            world.log(body, [TRUSTEES[trustee - 1]])
        partial, third = make_decryption(world, 2, world.aggregates[-1])
        world.log(third, [TRUSTEES[1]])
        world.partials.append(partial)
        return make_result(world)

    return build_election(bend={"result": bend})

"""Confirming and opening the sums: what a trustee recomputes, waits for, and never does twice."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from bulletin_board.records.bulk import Bulk
from bulletin_board.records.ceremony import Confirm
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.tally import Aggregate, Decryption, TallyConfirm
from bulletin_board.records.voting import Close
from crypto.group import GENERATOR
from crypto.sharing import SecretShare
from tests.support.ballots import bytes_for
from tests.support.ceremony_hall import PASSPHRASE, Hall, size_of
from tests.support.election import EXTENDED
from tests.support.election_tally import make_aggregate
from tests.support.election_world import World
from tests.support.sample_manifest import AUTHORITIES, BOARD_KEY, STRANGER
from tests.trustees.test_complaints import BAD_BOXES, DEALER, VICTIM, honest_share, with_box
from trustees import receiving, releasing, sitting
from trustees.board import CEREMONY_CHECKS, TALLY_CHECKS, Board, open_board
from trustees.errors import BoardFaultError, NotYetError, ReleaseError
from trustees.secret import Release
from trustees.store import SecretStore

ROOT = Path(__file__).parents[2]
OTHER = bytes_for("another aggregate", 64)


def board_of(hall: Hall) -> Board:
    return open_board(str(hall.stick()), hall.manifest.digest, until=TALLY_CHECKS)


# Waiting.


@pytest.mark.parametrize("step", ["close", "open", "roll", "issuer-pledge registrar"])
def test_nothing_is_confirmed_before_the_close(added_up: Hall, step: str) -> None:
    """N52: no sums exist before a close that witnesses have seen."""
    added_up.rewind(step)
    for command in ("tally-confirm", "decrypt"):
        assert "the election is not closed" in added_up.refuse(command, 1)


def test_nothing_is_confirmed_before_the_board_has_added_up(added_up: Hall) -> None:
    added_up.rewind("aggregate")
    assert "has not posted the sums" in added_up.refuse("tally-confirm", 1)


@pytest.mark.parametrize(("now", "seconds"), [(EXTENDED, 1), (EXTENDED - 99, 100)])
def test_own_clock_must_be_past_the_close_in_force(added_up: Hall, now: int, seconds: int) -> None:
    """The witnesses may all lie about the time; our own clock does not."""
    added_up.now = now
    for command in ("tally-confirm", "decrypt"):
        assert f"Closing time is {seconds} seconds away" in added_up.refuse(command, 1)
    added_up.now = EXTENDED + 1
    added_up.take("tally-confirm", 1)


# The sums.


def confirmed(hall: Hall, trustee: int = 1) -> TallyConfirm:
    hall.take("tally-confirm", trustee)
    body = hall.body("tally-confirm", trustee)
    assert isinstance(body, TallyConfirm)
    return body


def test_what_is_confirmed_is_what_the_log_gives(added_up: Hall) -> None:
    body = confirmed(added_up)
    size = added_up.world.index["close"] + 1
    assert body == TallyConfirm(
        trustee=1,
        base=Bytes64(added_up.world.base),
        round=1,
        size=size,
        root=Bytes32(added_up.board.checkpoint(size).root_hash),
        aggregate=Bytes64(added_up.body_at("aggregate").digest(added_up.world.context)),
    )


def one_ballot_only(aggregate: Aggregate, world: World) -> Aggregate:
    """One ballot's ciphertexts, passed off as the first cell."""
    ballot = world.encrypted["ballot 9"].ciphertexts.encode()[: 3 * 64]
    packed = aggregate.ciphertexts.read(lambda _: b"")
    return changed(aggregate, ciphertexts=Bulk(ballot + packed[3 * 64 :]))


def one_added_twice(aggregate: Aggregate, world: World) -> Aggregate:
    packed = bytearray(aggregate.ciphertexts.read(lambda _: b""))
    packed[:64], packed[64:128] = packed[64:128], packed[:64]
    return changed(aggregate, ciphertexts=Bulk(bytes(packed)))


def one_cell_only(aggregate: Aggregate, world: World) -> Aggregate:
    packed = aggregate.ciphertexts.read(lambda _: b"")
    return changed(aggregate, cells=aggregate.cells[:1], ciphertexts=Bulk(packed[: 3 * 64]))


def one_ballot_fewer(aggregate: Aggregate, world: World) -> Aggregate:
    first = changed(aggregate.cells[0], ballots=aggregate.cells[0].ballots - 1)
    return changed(aggregate, cells=(first, *aggregate.cells[1:]))


WRONG = [one_ballot_only, one_added_twice, one_cell_only, one_ballot_fewer]


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_sums_are_refused_and_right_ones_taken_later(added_up: Hall, wrong: Any) -> None:
    """N52: a single ballot, a subset, or anything but the whole, is neither confirmed nor opened."""
    added_up.rewind("aggregate")
    right = make_aggregate(added_up.world)
    added_up.world.log(wrong(right, added_up.world), [BOARD_KEY])
    added_up.world.publish()
    for command in ("tally-confirm", "decrypt"):
        assert "not those of the counted ballots" in added_up.refuse(command, 1)
    added_up.world.log(right, [BOARD_KEY])
    added_up.world.publish()
    assert confirmed(added_up).aggregate == right.digest(added_up.world.context)


def test_wrong_sums_after_the_right_ones_change_nothing(added_up: Hall) -> None:
    added_up.world.log(one_ballot_only(added_up.body_at("aggregate"), added_up.world), [BOARD_KEY])
    added_up.world.publish()
    assert confirmed(added_up).aggregate == added_up.body_at("aggregate").digest(added_up.world.context)


def test_small_cells_are_not_opened_outside_training(added_up: Hall) -> None:
    """The manifest of this election allows cells of three."""
    board = board_of(added_up)
    real = replace(board, manifest=changed(board.manifest, training=False))
    releasing.recount(board, 1, now=added_up.now)
    with pytest.raises(ReleaseError, match="too-small: ballots 3, floor 5"):
        releasing.recount(real, 1, now=added_up.now)


def test_sums_that_were_not_recomputed_are_not_confirmed(added_up: Hall) -> None:
    board = board_of(added_up)
    with pytest.raises(BoardFaultError, match="log-incomplete: reason check 8"):
        releasing.recount(replace(board, view=replace(board.view, tally=None)), 1, now=added_up.now)


# The log.


def spoilt_ballot(body: Any, _: World) -> Any:
    proof = bytearray(body.proof.read(lambda _: b""))
    proof[-1] ^= 1
    return changed(body, proof=Bulk(bytes(proof)))


def test_excluded_ballots_do_not_stop_the_count(committed: Hall) -> None:
    """A board that lets one bad ballot in cannot block the election by it."""
    committed.take_all("share")
    committed.take_all("confirm")
    committed.make_key()
    committed.world.bend = {"ballot 9": spoilt_ballot}
    committed.vote()
    del committed.world.index["ballot 9"]  # the honest board does not count it
    committed.add_up()
    done = committed.take("tally-confirm", 1)
    assert "Invalid ballots, which do not count: 1" in done.out
    assert "6.3 ballot entry" in done.out
    committed.take("tally-confirm", 2)
    committed.take("decrypt", 3)


def test_an_election_without_a_ballot_is_counted(committed: Hall) -> None:
    committed.take_all("share")
    committed.take_all("confirm")
    committed.make_key()
    committed.world.bend = {f"ballot {place}": None for place in range(16)}
    committed.vote()
    nothing = Aggregate(cells=(), withheld=(), ciphertexts=Bulk(b""))
    committed.world.log(nothing, [BOARD_KEY])
    committed.world.publish()
    committed.take_all("tally-confirm", (1, 2))
    committed.take("decrypt", 1)
    assert len(committed.body("decrypt", 1).partials.form) == 0


def test_a_faulty_log_stops_it(added_up: Hall) -> None:
    stick = added_up.stick()
    (stick / "tile" / "surplus").write_bytes(b"")
    said = added_up.refuse("tally-confirm", 1, board=stick)
    assert "1.1 tile/surplus: a file that no record of this size has" in said


def test_wrong_bounds_stop_it(added_up: Hall) -> None:
    """The board closes with an earlier checkpoint than the last in time, to lose the last ballots."""
    added_up.rewind("close")
    earlier = [note for note in added_up.board.kept if size_of(note) < added_up.world.size_in_time][-1]
    added_up.world.log(Close(checkpoint=earlier.decode()), AUTHORITIES[:2])
    added_up.world.publish()
    assert "7.2 entry" in added_up.refuse("tally-confirm", 1)


@pytest.mark.parametrize("part", ["addenda", "tile/entries"])
def test_an_incomplete_record_stops_it(added_up: Hall, part: str) -> None:
    stick = added_up.stick()
    for path in (stick / part).rglob("*"):
        if path.is_file():
            path.unlink()
    assert "The record is not complete" in added_up.refuse("tally-confirm", 1, board=stick)


# Enough trustees.


def test_fewer_than_t_confirms_open_nothing(added_up: Hall) -> None:
    """N56: one trustee, even twice, is not two."""
    assert "0 of 2 trustees have confirmed" in added_up.refuse("decrypt", 1)
    body = confirmed(added_up)
    assert "1 of 2 trustees have confirmed" in added_up.refuse("decrypt", 1)
    added_up.post(body, 1)
    assert "1 of 2 trustees have confirmed" in added_up.refuse("decrypt", 1)
    assert added_up.secret(1).release is None
    added_up.take("tally-confirm", 3)
    added_up.take("decrypt", 2)  # which need not have confirmed itself


@pytest.mark.parametrize("field", ["base", "size", "root", "aggregate"])
def test_confirms_of_something_else_do_not_count(added_up: Hall, field: str) -> None:
    body = confirmed(added_up)
    value = (
        body.size - 1 if field == "size" else type(getattr(body, field))(bytes(getattr(body, field))[::-1])
    )
    added_up.post(changed(body, trustee=2, **{field: value}), 2)
    assert "1 of 2 trustees have confirmed" in added_up.refuse("decrypt", 1)


def test_only_the_last_confirm_of_a_trustee_counts(added_up: Hall) -> None:
    """A confirm is superseded by the next one of the same trustee, for better or worse."""
    body = confirmed(added_up)
    wrong = changed(body, trustee=2, aggregate=Bytes64(OTHER))
    added_up.post(wrong, 2)
    added_up.take("tally-confirm", 2)
    added_up.post(wrong, 2)
    assert "1 of 2 trustees have confirmed" in added_up.refuse("decrypt", 1)
    added_up.take("tally-confirm", 2)
    added_up.take("decrypt", 1)


def test_a_strangers_confirm_is_a_fault(added_up: Hall) -> None:
    """N56: only trustees of the manifest have a say."""
    body = confirmed(added_up)
    added_up.world.log(changed(body, trustee=2), [STRANGER])
    added_up.world.publish()
    assert "3.1 entry" in added_up.refuse("decrypt", 1)


def test_confirms_count_only_when_witnessed(added_up: Hall) -> None:
    added_up.take_all("tally-confirm", (1, 2))
    board = board_of(added_up)
    count = releasing.recount(board, 3, now=added_up.now)
    secret = added_up.secret(3)
    releasing.release(count, secret, 3, board, bytes(32))
    early = tuple(each for each in board.log.published if each.size < board.log.tree_size)
    unseen = replace(board, log=replace(board.log, published=early))
    with pytest.raises(NotYetError, match="confirms-missing: have 1, threshold 2"):
        releasing.release(count, secret, 3, unseen, bytes(32))


# Once in a life.


def test_a_release_is_kept_before_it_is_put_out(added_up: Hall) -> None:
    added_up.take_all("tally-confirm")
    done = added_up.run("decrypt", 1, "--out", added_up.folder / "no" / "such" / "folder.json")
    assert done.code == 64
    kept = added_up.secret(1).release
    assert kept is not None
    added_up.take("decrypt", 1)
    assert added_up.secret(1).release == kept
    assert added_up.body("decrypt", 1).aggregate == kept.aggregate_digest


def test_nothing_is_put_out_that_could_not_be_kept(added_up: Hall, tmp_path: Path) -> None:
    added_up.take_all("tally-confirm")
    gone = SecretStore(tmp_path / "gone", PASSPHRASE)
    at = sitting.sit_down(gone, added_up.secret(1), board_of(added_up), now=added_up.now, random_bytes=bytes)
    with pytest.raises(FileNotFoundError):
        sitting.decrypt(at)


def test_a_second_release_is_refused_for_ever(added_up: Hall) -> None:
    """The file remembers the sums that it released, whatever the board says today."""
    added_up.take_all("tally-confirm")
    added_up.change_secret(1, lambda secret: replace(secret, release=Release(OTHER, bytes(32))))
    for _ in range(2):
        for command in ("decrypt", "tally-confirm"):
            said = added_up.refuse(command, 1)
            assert "You have released your part for other sums" in said
            assert OTHER.hex()[:4] in said
    assert "Released for the sums" in added_up.run("status", 1).out


def test_the_log_remembers_a_release_that_the_file_forgot(added_up: Hall) -> None:
    """The file was set back to an old copy; our own decryption of other sums stands on the log."""
    added_up.take_all("tally-confirm")
    forged = Decryption(
        trustee=1,
        aggregate=Bytes64(OTHER),
        partials=Bulk(b""),
        commitments=Bulk(GENERATOR.encoded),
        response=Bytes32(bytes(32)),
    )
    added_up.post(forged, 1)
    assert added_up.secret(1).release is None
    assert "You have released your part for other sums" in added_up.refuse("decrypt", 1)
    assert added_up.secret(1).release is None
    added_up.take("decrypt", 2)  # the others go on


def test_a_release_of_other_sums_makes_no_decryption(added_up: Hall) -> None:
    count = releasing.recount(board_of(added_up), 1, now=added_up.now)
    with pytest.raises(ReleaseError, match="released-other"):
        releasing.decryption(count, own_share(added_up), Release(OTHER, bytes(32)))


def test_a_wrong_computation_is_not_put_out(added_up: Hall) -> None:
    """Two answers to two challenges under one nonce would tell the share."""
    count = releasing.recount(board_of(added_up), 1, now=added_up.now)
    other_key = replace(count, verification_key=GENERATOR)
    with pytest.raises(ReleaseError, match="proof-wrong"):
        releasing.decryption(other_key, own_share(added_up), Release(count.digest, bytes(32)))
    releasing.decryption(count, own_share(added_up), Release(count.digest, bytes(32)))


def own_share(hall: Hall) -> SecretShare:
    secret = hall.secret(1)
    assert secret.ceremony is not None
    return receiving.receive_shares(secret, secret.ceremony, board_of(hall).ceremony)


def test_a_share_that_does_not_open_decrypts_nothing(committed: Hall) -> None:
    """A trustee that confirmed without looking finds out at the count, and tells."""
    committed.take_all("share", (VICTIM, 3))
    committed.post(with_box(honest_share(committed), box=BAD_BOXES["does not open"](committed)), DEALER)
    log = open_board(str(committed.stick()), committed.manifest.digest, until=CEREMONY_CHECKS).ceremony
    for trustee in committed.everyone:
        body = Confirm(trustee=trustee, base=Bytes64(log.base()), transcript=Bytes64(log.transcript()))
        committed.post(body, trustee)
    committed.world.base = log.base()
    committed.world.commitments = [log.commitments(trustee) for trustee in committed.everyone]
    committed.vote()
    committed.add_up()
    committed.take_all("tally-confirm", (1, 3))
    assert f"The share of trustee {DEALER} does not open any more" in committed.refuse("decrypt", VICTIM)
    committed.take("decrypt", 3)


def test_decryption_asks_for_the_own_part_of_the_ceremony(added_up: Hall) -> None:
    added_up.take_all("tally-confirm")
    added_up.change_secret(2, lambda secret: replace(secret, ceremony=None))
    assert "You have not pledged yet" in added_up.refuse("decrypt", 2)


def test_there_is_one_way_to_decrypt() -> None:
    """R10, N52: partial decryption is called in one place, on the recomputed sums of all cells."""
    callers = [
        path.relative_to(ROOT).as_posix()
        for package in ("bulletin_board", "verifier", "trustees", "evote")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "partially_decrypt"
    ]
    assert callers == ["trustees/releasing.py"]

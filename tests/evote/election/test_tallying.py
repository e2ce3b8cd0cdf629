"""What counts and what comes out, computed by the board from the log, beside what others make of the same log."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import encode_entry
from bulletin_board.records.bulk import Bulk, fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.tally import Aggregate, Decryption, Result
from bulletin_board.records.voting import Close, Notice
from evote.election.ballot_box import count_ballots, credential_of, effective_places, electorate_of
from evote.election.public_log import PublicLog
from evote.election.tallying import aggregate_of, result_of
from evote.errors import BoardStateError
from tests.support.election import CASTS, LAST_IN_TIME, World, build_election, make_ballot
from tests.support.election_tally import make_decryption
from tests.support.sample_manifest import AUTHORITIES, TRUSTEES, localized
from tests.support.small_board import MemoryFiles
from verifier.election import verify_record
from verifier.report import Grade, Severity


def public(world: World) -> PublicLog:
    return PublicLog.open(MemoryFiles(world.board.files()), world.manifest)


def counted(world: World) -> set[int]:
    return {ballot.entry_index for ballot in count_ballots(public(world))}


def last_casts(world: World, excluded: Callable[[int], bool] = lambda _: False) -> set[int]:
    """By reading the script: the last ballot in time of everybody but who was struck or lost the credential."""
    last: dict[str, int] = {}
    for place, cast in enumerate(CASTS):
        lost = cast.voter == "v13" and cast.beat == 1
        if cast.beat <= LAST_IN_TIME and cast.voter != "v1" and not lost:
            index = world.index[f"ballot {place}"]
            assert index is not None
            if not excluded(index):
                last[cast.voter] = index
    return set(last.values())


def notice(kind: str, beat: int) -> dict[str, Callable[[World], object]]:
    """Post a notice before the first ballot of a beat."""

    def post(world: World) -> None:
        body = Notice(kind=kind, closes_at=None, text=localized("Notice"))  # type: ignore[arg-type] # a literal
        world.post(f"notice {kind}", body, AUTHORITIES[:2])
        world.publish()

    first = min(place for place, cast in enumerate(CASTS) if cast.beat == beat)
    return {f"ballot {first}": post}


def test_box_holds_the_last_ballot_of_everybody_effective() -> None:
    world = build_election(until="close")
    assert counted(world) == last_casts(world)
    effective = effective_places(public(world))
    assert len(effective) == 13  # fourteen voters, one struck, one credential replaced by another
    assert electorate_of("bridge", effective, world.manifest) == 6
    assert electorate_of("president", effective, world.manifest) == 13


def test_aggregate_is_what_the_verifier_recomputes() -> None:
    world = build_election()
    log = public(world)
    _, view = verify_record(MemoryFiles(world.board.files()))
    assert view.tally is not None
    posted = log.last(Aggregate)
    parameters = log.parameters()
    aggregate, addenda = aggregate_of(log)
    assert aggregate == posted
    assert addenda == fold(aggregate)[1] == {}
    assert parameters.context == world.context


def test_result_is_the_verified_one() -> None:
    world = build_election()
    report, _ = verify_record(MemoryFiles(world.board.files()))
    assert report.verdict is Grade.PASSED
    assert result_of(public(world)) == public(world).last(Result)


def test_parameters_are_there_only_after_the_roll() -> None:
    world = build_election(until="ceremony")
    with pytest.raises(BoardStateError, match="not complete"):
        public(world).parameters()


def test_nothing_is_counted_before_the_close() -> None:
    with pytest.raises(BoardStateError, match="not closed"):
        aggregate_of(public(build_election(until="voting")))


def test_no_result_without_releases() -> None:
    with pytest.raises(BoardStateError, match="no trustee has released"):
        result_of(public(build_election(until="close")))
    with pytest.raises(BoardStateError, match="1 valid partial decryptions, 2 are needed"):
        result_of(public(build_election(bend={"decryption 2": None, "decryption 3": None}, until="tally")))


def test_bad_release_is_left_out_and_the_lowest_good_ones_are_combined() -> None:
    def spoil(body: Decryption, _: World) -> Decryption:
        return replace(body, response=Bytes32(bytes(32)))

    def post_another(world: World) -> None:
        _, body = make_decryption(world, 2)
        world.post("decryption 2", body, [TRUSTEES[1]])

    world = build_election(bend={"decryption 1": spoil}, before={"decryption 3": post_another}, until="tally")
    result, honest = result_of(public(world)), public(build_election()).last(Result)
    assert isinstance(honest, Result)
    assert (honest.trustees, result.trustees) == ((1, 3), (2, 3))
    assert replace(result, trustees=honest.trustees) == honest


def test_ballots_of_a_suspension_do_not_count() -> None:
    world = build_election(before=notice("suspend", 1) | notice("resume", 2), until="close")
    start, end = world.index["notice suspend"], world.index["notice resume"]
    assert start is not None
    assert end is not None
    assert counted(world) == last_casts(world, lambda index: start < index < end)
    assert counted(world) != last_casts(world)


def test_an_incident_changes_nothing() -> None:
    world = build_election(before=notice("incident", 1), until="close")
    assert counted(world) == last_casts(world)


def test_ballots_after_an_annulment_do_not_count() -> None:
    world = build_election(before=notice("annul", 3), until="close")
    annulled = world.index["notice annul"]
    assert annulled is not None
    assert counted(world) == last_casts(world, lambda index: index > annulled)


def test_notice_that_came_too_late_has_no_effect() -> None:
    (post,) = notice("annul", 3).values()
    world = build_election(before={"close": post}, until="close")
    assert world.index["notice annul"] is not None
    assert counted(world) == last_casts(world)


def with_bad_ballots(until: str) -> World:
    """A board that logged a ballot whose proof does not hold, then one that nobody can read."""

    def post(world: World) -> None:
        good = make_ballot(world, "spoilt", "v6", CASTS[0].selections)
        assert isinstance(good.proof.form, bytes)
        world.log(replace(good, proof=Bulk(bytes(32) + good.proof.form[32:])), ())
        content = jcs({"body": {"no": "ballot"}, "signatures": [], "type": "ballot"})
        world.board.append(encode_entry(content))
        world.publish()

    return build_election(before={"notice extend": post}, until=until)


def test_bad_ballots_on_the_log_do_not_stop_the_tally() -> None:
    world = with_bad_ballots("close")
    assert counted(world) == last_casts(world)
    aggregate, _ = aggregate_of(public(world))
    report, view = verify_record(MemoryFiles(world.board.files()), until=8)
    assert len([each for each in report.findings if each.severity is Severity.EXCLUSION]) == 2
    assert view.tally is not None
    assert aggregate.cells == tuple(cell.as_posted() for cell in view.tally.cells)
    assert aggregate.ciphertexts.form == view.tally.sums.encode()


def test_bad_ballots_on_the_log_do_not_stop_the_result() -> None:
    world = with_bad_ballots("result")
    assert result_of(public(world)) == public(world).last(Result)


def test_fault_of_the_close_stops_the_tally() -> None:
    def too_early(body: Close, world: World) -> Close:
        return replace(body, checkpoint=world.board.note(world.size_in_time - 1).to_text())

    with pytest.raises(BoardStateError, match=r"board: 7\.2 "):
        aggregate_of(public(build_election(bend={"close": too_early}, until="close")))


def test_missing_file_stops_the_tally() -> None:
    world = build_election(until="close")
    files = {path: data for path, data in world.board.files().items() if path != "checkpoint"}
    whole = public(world)
    with pytest.raises(BoardStateError, match="no file named checkpoint"):
        count_ballots(PublicLog(whole.manifest, MemoryFiles(files), whole.log))
    with pytest.raises(BoardStateError, match="board: "):
        notes = {path: data for path, data in world.board.files().items() if "checkpoints/" not in path}
        effective_places(PublicLog(whole.manifest, MemoryFiles(notes), whole.log))


def test_another_entry_that_is_no_record_is_named() -> None:
    world = build_election(wrap={"identified 2": lambda entry, _: b"?" + entry}, until="close")
    with pytest.raises(RecordError, match=f"entry {world.index['identified 2']}: "):
        list(public(world).records())


def test_signature_that_does_not_hold_is_noticed() -> None:
    world = build_election(sign={"identified 2": [TRUSTEES[0]]}, until="close")
    with pytest.raises(RecordError, match=f"entry {world.index['identified 2']}: "):
        list(public(world).records())


def test_rows_stand_in_order_of_their_credentials() -> None:
    log = public(build_election(until="roll"))
    credentials = [credential_of(row) for row in log.rows(log.parameters().roll)]
    assert credentials == sorted(set(credentials))

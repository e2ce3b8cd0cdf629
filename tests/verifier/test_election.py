"""Honest elections pass, and what the verifier recomputes of them is what happened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bulletin_board.errors import ArchiveError
from bulletin_board.folder import FolderFiles
from bulletin_board.log.addenda import addendum_path, decode_entry
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.openings import encode_opening
from bulletin_board.records.record import Record
from bulletin_board.records.voting import Notice
from crypto.ballot_shape import MAX_BRANCHES
from crypto.group import base_multiply
from tests.support import election
from tests.support.election import (
    CASTS,
    EXTENDED,
    MANIFEST,
    World,
    build_election,
    make_ballot,
    opening_of,
)
from tests.support.election_tally import aggregate_of, counted_ballots, secret_share
from tests.support.sample_manifest import (
    AUTHORITIES,
    GRACE,
    localized,
    manifest_json,
    manifest_of,
    texts,
)
from tests.support.small_board import MemoryFiles, write_folder
from tests.tamper.cases.check_01_log import long_election
from tests.tamper.cases.check_06_ballots import errors_that_cancel
from tests.tamper.cases.check_08_aggregates import withholding
from tests.tamper.cases.check_13_receipts import brings, brings_unused, receipt_of
from tests.tamper.harness import describe, verify
from verifier.checks.check_07_chain import last_counted
from verifier.election import ElectionView, Options, Pins, verify_record
from verifier.errors import UnreadableError
from verifier.parallel import Processes
from verifier.report import ExitCode, Grade, Report, Severity
from verifier.voter_files import VoterFile, VoterFiles

ROOT = Path(__file__).parent.parent.parent


def passing(made: Any, **options: Any) -> tuple[Report, ElectionView]:
    report, view = verify(made, **options)
    assert report.exit_code == ExitCode.PASS, describe(report)
    return report, view


def test_an_honest_election_passes_without_a_word() -> None:
    report, view = passing(build_election())
    assert report.findings == ()
    assert report.gaps == ()
    assert view.outcome is not None
    assert [(each.contest, each.ballots, each.effective, each.totals) for each in view.outcome] == [
        ("president", 11, 13, (5, 4, 2)),
        ("council", 11, 13, (5, 3, 3, 2)),
        ("bridge", 4, 6, (3, 1)),
    ]
    assert [each.outcome.kind for each in view.outcome] == ["second-round", "elected", "adopted"]


def test_what_trustees_get_to_see() -> None:
    world = build_election()
    _, view = verify_record(world.files, until=8)
    assert view.ceremony is not None
    assert view.roll is not None
    assert view.box is not None
    assert view.tally is not None
    assert view.manifest == MANIFEST
    assert view.ceremony.base == world.base
    assert view.ceremony.joint_key == world.key
    for trustee, key in enumerate(view.ceremony.verification_keys, start=1):
        assert key == base_multiply([secret_share(world, trustee).value])[0]
    assert view.roll.context == world.context
    assert view.roll.length == 14
    assert dict(view.roll.standings.rows) == world.places
    assert view.box.bounds.m == world.size_in_time
    assert view.box.bounds.deadline == EXTENDED + GRACE
    assert view.box.counted is not None
    counted = {ballot.index for ballot in view.box.counted}
    assert counted == {world.index[f"ballot {place}"] for place in (2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 14)}
    posted = world.aggregates[0]
    assert tuple(cell.as_posted() for cell in view.tally.cells) == posted.cells
    assert view.tally.sums.encode() == posted.ciphertexts.form
    assert view.tally.deciding is not None
    assert view.tally.deciding.digest == posted.digest(world.context)


@pytest.mark.parametrize("until", [1, 2, 3, 5, 8, 11])
def test_until(until: int) -> None:
    report, _ = verify_record(build_election().files, until=until)
    assert [check.number for check in report.checks] == list(range(1, until + 1))
    assert report.verdict is Grade.PASSED


def test_strict_is_as_content() -> None:
    alone, _ = passing(build_election(), strict=True)
    batch, _ = passing(build_election())
    assert alone == batch


def test_progress_is_told() -> None:
    begun: list[int] = []
    done: list[tuple[int, int]] = []
    verify_record(
        build_election().files,
        options=Options(begin=begun.append, advance=lambda at, of: done.append((at, of))),
    )
    assert begun == list(range(1, 12))
    assert done[-1] == (16, 16)


def test_pinned_digest() -> None:
    report, _ = verify_record(build_election().files, pins=Pins(manifest_digest=MANIFEST.digest))
    assert report.exit_code == ExitCode.PASS
    assert not [note for check in report.checks for note in check.notes if "not pinned" in note]
    unpinned, _ = verify_record(build_election().files)
    assert [note for check in unpinned.checks for note in check.notes if "not pinned" in note]


def test_checkpoints_from_outside() -> None:
    world = build_election()
    early = world.board.note(30).to_text()
    report, _ = verify_record(world.files, pins=Pins(checkpoints=(early,)))
    assert report.exit_code == ExitCode.PASS


def test_a_longer_checkpoint_from_outside_is_a_gap() -> None:
    """N35: somebody saw more of this log than the record shows."""
    whole, part = build_election(), build_election(until="close")
    report, _ = verify_record(part.files, pins=Pins(checkpoints=(whole.board.kept[-1].decode(),)))
    assert report.exit_code == ExitCode.INCOMPLETE
    assert "checkpoint from outside" in {gap.subject for gap in report.gaps}
    assert not [finding for finding in report.findings if finding.severity is Severity.FAULT]


def test_a_log_of_several_bundles() -> None:
    report, _ = passing(long_election())
    assert {count.noun: count.ran for count in report.checks[0].counts}["entries"] == 346


def test_a_withheld_group_is_no_fault() -> None:
    _, view = passing(withholding(lambda body: body))
    assert view.tally is not None
    assert [(cell.contest, cell.group.size) for cell in view.tally.withheld] == [("bridge", 1)]
    assert view.outcome is not None
    assert view.outcome[2].totals == (0, 0)
    assert view.outcome[2].outcome.kind == "not-held"


def test_the_tally_goes_on_without_an_excluded_ballot() -> None:
    """N39: one bad entry cannot block an election, and is the board's fault."""
    report, view = verify(errors_that_cancel())
    assert report.exit_code == ExitCode.FAIL
    assert list(report.stages.values()) == [
        Grade.PASSED,
        Grade.FAILED,
        Grade.PASSED,
        Grade.PASSED,
    ]
    assert view.outcome is not None
    assert view.outcome[0].totals == (5, 4, 2)


def test_a_bad_pad_does_not_spoil_an_honest_one() -> None:
    """An invalid ballot with a copied pad comes before the honest ballot that it was copied from."""
    honest = build_election()
    stolen = honest.board.entries[honest.index["ballot 14"]]

    def front_run(world: World) -> None:
        changed = stolen.replace(b'"style":"city"', b'"style":"village"')
        assert changed != stolen
        world.board.append(changed)

    report, view = verify(build_election(before={"notice extend": front_run}))
    assert {finding.rule for finding in report.findings} == {"6.1", "7.4"}
    assert view.outcome is not None
    assert view.outcome[0].ballots == 11


def test_an_election_without_a_ballot_is_no_pass() -> None:
    """N61: every step is there, and no ballot check ever ran."""
    none: dict[str, Any] = {f"ballot {place}": None for place in range(len(CASTS))}
    report, view = verify(build_election(bend=none))
    assert report.exit_code == ExitCode.INCOMPLETE, describe(report)
    assert report.findings == ()
    assert view.outcome is not None
    assert [each.totals for each in view.outcome] == [(0, 0, 0), (0, 0, 0, 0), (0, 0)]


def test_an_election_in_which_everything_is_withheld() -> None:
    """Two ballots, where three are the least: nothing is opened, and nothing is claimed to be counted."""
    gone: dict[str, Any] = {f"ballot {place}": None for place in range(len(CASTS)) if place not in (2, 3)}
    report, view = verify(build_election(bend=gone))
    assert report.exit_code == ExitCode.INCOMPLETE, describe(report)
    assert report.findings == ()
    assert view.tally is not None
    assert view.tally.cells == ()
    assert {cell.contest for cell in view.tally.withheld} == {"president", "council", "bridge"}


# Notices.


def notice(kind: str, closes_at: int | None = None) -> Callable[[World], None]:
    def post(world: World) -> None:
        body = Notice(kind=kind, closes_at=closes_at, text=localized(kind))  # type: ignore[arg-type] # a test's word
        world.log(body, AUTHORITIES[:2])
        world.publish()

    return post


def ballots_of(view: ElectionView) -> set[int]:
    assert view.box is not None
    return {ballot.index for ballot in view.box.counted or ()}


def suspended(steps: tuple[str, ...], first: str, last: str) -> World:
    """Voting is suspended from just before one step to just before another; the board knows what counts."""

    def forget(body: Record, world: World) -> Record:
        hidden = {name: world.index.pop(name) for name in steps}
        made = aggregate_of(world, counted_ballots(world))
        world.index |= hidden
        assert body != made
        return made

    return build_election(
        bend={"aggregate": forget}, before={first: notice("suspend"), last: notice("resume")}
    )


def test_ballots_of_a_suspension_do_not_count() -> None:
    """v2's ballot in the suspension falls away, and its earlier one counts again."""
    world = suspended(("ballot 14",), "ballot 14", "ballot 15")
    report, view = verify(world)
    # The resume is dated only within the grace, and that is said.
    assert report.exit_code == ExitCode.INCOMPLETE, describe(report)
    assert [gap.subject for gap in report.gaps] == [f"entry {world.index['ballot 15'] - 1}, notice of resume"]
    assert world.index["ballot 14"] not in ballots_of(view)
    assert world.index["ballot 5"] in ballots_of(view)


def test_a_suspension_that_never_ends() -> None:
    def forget(_: Record, world: World) -> Record:
        hidden = world.index.pop("ballot 14")
        made = aggregate_of(world, counted_ballots(world))
        world.index["ballot 14"] = hidden
        return made

    world = build_election(bend={"aggregate": forget}, before={"ballot 14": notice("suspend")})
    _, view = passing(world)
    assert world.index["ballot 14"] not in ballots_of(view)


def test_a_second_suspension_changes_nothing_and_neither_does_an_idle_resume() -> None:
    world = build_election(
        before={
            "identified 1": notice("resume"),
            "notice extend": notice("suspend"),
            "identified 2": notice("incident"),
        },
        until="voting",
    )
    notice("suspend")(world)
    notice("resume")(world)
    _, view = verify(world)
    assert view.box is not None
    (excluded,) = view.box.bounds.excluded
    assert excluded.start < world.index["notice extend"]
    assert excluded.stop == len(world.board.entries) - 1


def test_an_annulment_in_time() -> None:
    world = build_election(before={"ballot 14": notice("annul")}, until="close")
    _, view = verify(world)
    assert view.box is not None
    assert world.index["ballot 14"] not in ballots_of(view)
    assert world.index["ballot 5"] in ballots_of(view)


def test_a_record_without_a_close_says_what_would_count() -> None:
    world = build_election(until="voting")
    report, view = verify(world)
    assert report.exit_code == ExitCode.INCOMPLETE
    assert view.box is not None
    assert view.box.counted is None
    chain = view.box.chains[world.secret("v0").public().encoded]
    counted = last_counted(chain, view.box.bounds)
    assert counted is not None
    assert counted.index == world.index["ballot 4"]


# What voters bring.


def notes(report: Report, number: int) -> str:
    (check,) = (check for check in report.checks if check.number == number)
    return "\n".join(check.notes)


@pytest.mark.parametrize(
    ("step", "fate"),
    [
        ("ballot 2", "counts"),
        ("ballot 0", "was replaced by ballot entry"),
        ("ballot 1", "does not count: its credential was revoked by entry"),
        ("ballot 8", "does not count: its credential was replaced by entry"),
        ("ballot 15", "does not count: it came after the close"),
    ],
)
def test_a_receipt_tells_the_fate_of_its_ballot(step: str, fate: str) -> None:
    report, _ = passing(brings(build_election(), receipt_of(build_election(), step)))
    assert fate in notes(report, 13)


def test_a_receipt_of_a_ballot_that_a_notice_excludes() -> None:
    world = suspended(("ballot 14",), "ballot 14", "ballot 15")
    report, _ = verify(brings(world, receipt_of(world, "ballot 14")))
    assert "does not count: a notice excludes it" in notes(report, 13)


def test_a_receipt_of_an_excluded_ballot() -> None:
    world = errors_that_cancel()
    index = world.index["notice extend"] - 1
    report, _ = verify(brings(world, world.board.receipt(index, None)))
    assert "is excluded: ballot: equation" in notes(report, 13)


def test_a_receipt_while_voting_goes_on() -> None:
    world = build_election(until="voting")
    report, _ = verify(brings(world, receipt_of(world, "ballot 14")))
    assert "counts if it is the last when voting ends" in notes(report, 13)


def test_a_receipt_from_beyond_the_record() -> None:
    early, late = build_election(until="roll"), build_election()
    voting = build_election(until="voting")
    report, _ = verify(brings(voting, receipt_of(late, "ballot 15")))
    assert [gap.subject for gap in report.gaps if gap.check == 13] == ["receipt.tlog-proof"]
    # An entry that the record shows, under a head that it does not: that may be a fork, so it is no pass.
    report, _ = verify(brings(voting, late.board.receipt(late.index["ballot 5"], None)))
    assert [gap.subject for gap in report.gaps if gap.check == 13] == ["receipt.tlog-proof"]
    # Before there is a roll and an open, nothing can be said of any ballot.
    report, _ = verify(brings(early, receipt_of(late, "ballot 2")))
    assert [gap.check for gap in report.gaps if gap.check == 13]


def test_an_unused_credential() -> None:
    credential = encode_base64url(build_election().secret("v6").public().encoded)
    report, _ = passing(brings_unused(credential))
    assert "no valid ballot of it is on the log" in notes(report, 13)


@pytest.mark.parametrize(
    ("language", "name"), [(None, "Aida кыргызча"), ("ru", "Aida по-русски"), ("en", "Aida in")]
)
def test_an_opening_shows_the_choices(language: str | None, name: str) -> None:
    world = build_election()
    make_ballot(world, "checked for show", "v6", CASTS[0].selections)
    content = encode_opening(opening_of(world, "checked for show"))
    report, _ = verify_record(
        world.files,
        options=Options(language=language),
        brought=VoterFiles(openings=(VoterFile("mine.json", content),)),
    )
    assert report.exit_code == ExitCode.PASS
    assert name in notes(report, 12)


# Ballots too large for an entry.


def large_manifest() -> Manifest:
    plain = manifest_json()
    names = [f"party-{place:03}" for place in range(400)]
    plain["contests"] = [
        {
            "id": "parliament",
            "title": texts("Parliament"),
            "minimum": 0,
            "maximum": MAX_BRANCHES - 1,
            "options": [
                {"id": name, "title": {"ky": name, "ru": name, "en": name}, "weight": 1} for name in names
            ],
            "counting": {"rule": "plurality", "against_all": None},
        }
    ]
    plain["ballot_styles"] = [{"id": name, "contests": ["parliament"]} for name in ("city", "village")]
    return manifest_of(plain)


@pytest.fixture(scope="module")
def large_election() -> World:
    """Every ballot has 400 options and 64 branches, more than an entry can hold."""
    casts = election.CASTS
    wide = tuple(
        election.Cast(cast.voter, cast.beat, (1, *[0] * 399)) for cast in casts[:12] if cast.beat < 2
    )
    patch = pytest.MonkeyPatch()
    patch.setattr(election, "CASTS", wide)
    try:
        return build_election(manifest=large_manifest())
    finally:
        patch.undo()


def test_ballots_with_addenda(large_election: World) -> None:
    refs = large_election.board.addenda
    assert len(refs) > 10
    report, view = passing(large_election)
    assert view.outcome is not None
    assert view.outcome[0].totals[0] == view.outcome[0].ballots > 3
    assert report.findings == ()


def test_a_ballot_without_its_addendum_is_a_gap(large_election: World) -> None:
    """N61: nothing is said of a ballot whose bytes are not there, and nothing passes."""
    files = large_election.board.files()
    _, digests = decode_entry(large_election.board.entries[large_election.index["ballot 2"]])
    path = addendum_path(digests[0])
    report, _ = verify_record(MemoryFiles({name: data for name, data in files.items() if name != path}))
    assert report.exit_code == ExitCode.INCOMPLETE
    assert report.findings == ()
    assert path in {gap.subject for gap in report.gaps}


# The interpreter.


@pytest.mark.parametrize("flags", [["-O"], ["-OO"]])
def test_optimisation_changes_nothing(flags: list[str], tmp_path: Path) -> None:
    """N63: no check is an assert."""
    good = write_folder(build_election().board.files(), tmp_path / "good")
    bad = write_folder(errors_that_cancel().board.files(), tmp_path / "bad")
    program = "import sys; from verifier.cli import run; sys.exit(run(sys.argv[1:]))"
    codes = [
        subprocess.run(
            [sys.executable, *flags, "-c", program, str(record), "--jobs", "1"],
            cwd=ROOT,
            capture_output=True,
            timeout=120,
        ).returncode
        for record in (good, bad)
    ]
    assert codes == [ExitCode.PASS, ExitCode.FAIL]


def test_many_processes_over_a_folder(tmp_path: Path) -> None:
    folder = write_folder(build_election().board.files(), tmp_path / "record")
    report, _ = verify_record(FolderFiles(folder), options=Options(workers=Processes(2)))
    assert report.exit_code == ExitCode.PASS


@pytest.mark.parametrize("step", ["aggregate", "decryption 1"])
def test_a_tally_without_its_addendum_is_a_gap(step: str, large_election: World) -> None:
    """N61: sums and decryptions whose bytes are not there are neither right nor wrong."""
    _, digests = decode_entry(large_election.board.entries[large_election.index[step]])
    path = addendum_path(digests[0])
    files = {name: data for name, data in large_election.board.files().items() if name != path}
    report, _ = verify_record(MemoryFiles(files))
    assert path in {gap.subject for gap in report.gaps}
    assert not [finding for finding in report.findings if finding.check == (8 if step == "aggregate" else 9)]
    assert report.exit_code == ExitCode.INCOMPLETE


@pytest.fixture(scope="module")
def patient_election() -> World:
    """More kept checkpoints than one bundle holds."""

    def wait(world: World) -> None:
        for _ in range(260):
            world.publish()

    return build_election(before={"roll": wait})


def test_kept_checkpoints_in_several_bundles(patient_election: World) -> None:
    report, _ = passing(patient_election)
    assert {count.noun: count.ran for count in report.checks[0].counts}["kept checkpoints"] == 280


@pytest.mark.parametrize("path", ["checkpoints/000", "checkpoints/001.p/24"])
def test_missing_kept_checkpoints_are_a_gap(path: str, patient_election: World) -> None:
    """N61: without them nothing tells when an entry was witnessed, and nothing is held against anybody."""
    files = {name: data for name, data in patient_election.board.files().items() if name != path}
    assert len(files) < len(patient_election.board.files())
    report, _ = verify_record(MemoryFiles(files))
    assert report.findings == ()
    assert report.exit_code == ExitCode.INCOMPLETE
    assert any("checkpoints/000" in gap.subject for gap in report.gaps)


# Files that fail under way.


class Failing:
    """A record that can be listed, of which one file cannot be read."""

    def __init__(self, path: str) -> None:
        self.files, self.path = build_election().files, path

    def paths(self) -> Iterator[str]:
        return self.files.paths()

    def read(self, path: str) -> bytes:
        if path == self.path:
            raise ArchiveError(f"{path}: too large")
        return self.files.read(path)


@pytest.mark.parametrize(
    "path", ["checkpoint", "tile/entries/000.p/46", "tile/0/000.p/46", "checkpoints/000.p/20"]
)
def test_a_file_that_cannot_be_read_within_bounds(path: str) -> None:
    with pytest.raises(UnreadableError, match="too large"):
        verify_record(Failing(path))


def test_files_that_cannot_be_listed() -> None:
    class Unlisted(Failing):
        def paths(self) -> None:  # type: ignore[override] # the protocol allows it
            return None

    with pytest.raises(UnreadableError, match="cannot be listed"):
        verify_record(Unlisted(""))

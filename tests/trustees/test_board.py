"""Opening the board from wherever it is, and bringing records to it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from bulletin_board.envelope_file import read_addenda, read_envelope
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.ceremony import Pledge
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.tally import Decryption
from tests.support.ballots import bytes_for
from tests.support.ceremony_hall import PASSPHRASE, Hall, run
from tests.support.live_election import LiveElection, live_election
from tests.support.sample_manifest import AUTHORITIES, STRANGER
from tests.support.small_board import write_archive
from trustees import board as board_module
from trustees.board import CEREMONY_CHECKS, TALLY_CHECKS, open_board
from trustees.errors import BoardFaultError, UsageError
from trustees.outgoing import Destination, Outgoing
from verifier.parallel import Processes


@pytest.mark.parametrize("name", ["record.tar", "record.tar.gz"])
def test_an_archive_is_as_good_as_a_folder(opened: Hall, name: str) -> None:
    archive = write_archive(opened.board.files(), opened.folder / name)
    done = opened.run("pledge", 1, "--out", opened.out("pledge", 1), board=archive)
    assert done.code == 0, done.text


def test_what_is_no_record_is_said_to_be_none(opened: Hall) -> None:
    empty = opened.folder / "empty"
    empty.mkdir()
    assert "The board cannot be read: no file named checkpoint" in opened.refuse("pledge", 1, board=empty)
    (opened.folder / "text").write_text("no archive")
    assert "The board cannot be read" in opened.refuse("pledge", 1, board=opened.folder / "text")
    assert "The board cannot be read" in opened.refuse("pledge", 1, board=opened.folder / "absent")
    nobody = "http://127.0.0.1:9"
    assert "The board cannot be read: /status: ConnectError" in opened.refuse("pledge", 1, board=nobody)


def test_a_record_without_its_first_bundle_is_incomplete(opened: Hall) -> None:
    stick = opened.stick()
    (stick / "tile" / "entries" / "000.p" / "1").unlink()
    assert "The record is not complete: this check: needs the manifest" in opened.refuse(
        "pledge", 1, board=stick
    )


def test_a_manifest_that_nobody_signed_is_a_fault(opened: Hall) -> None:
    hall = replace(opened, world=Hall.world_with(opened.manifest))
    hall.world.post("manifest", hall.manifest, (AUTHORITIES[0], STRANGER))
    hall.world.publish()
    assert "2.1 entry 0, manifest" in hall.refuse("pledge", 1)


def test_a_log_that_witnesses_have_not_seen_is_a_fault(opened: Hall) -> None:
    opened.board.publish(witnesses=(0, 1))
    assert "1.2 " in opened.refuse("pledge", 1)


def test_many_ballots_are_verified_by_many_processes(added_up: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same board comes out, whoever did the work."""
    monkeypatch.setattr(board_module, "_SHORT_LOG", 10)
    stick, digest = str(added_up.stick()), added_up.manifest.digest
    many = open_board(stick, digest, until=TALLY_CHECKS)
    alone = open_board(stick, digest, until=TALLY_CHECKS, workers=Processes(1))
    assert many.view.tally is not None
    assert alone.view.tally is not None
    assert many.view.tally.sums.encode() == alone.view.tally.sums.encode()
    many.require_sound()


def test_fewer_items_checked_than_there_are_is_a_fault(opened: Hall) -> None:
    """A check that skipped something has not passed."""
    board = open_board(str(opened.stick()), opened.manifest.digest, until=CEREMONY_CHECKS)
    board.require_sound()
    first, *others = board.report.checks
    skipped = replace(first, counts=tuple(replace(each, expected=each.ran + 1) for each in first.counts))
    bad = replace(board, report=replace(board.report, checks=(skipped, *others)))
    with pytest.raises(BoardFaultError, match="log-faults") as refused:
        bad.require_sound()
    assert refused.value.findings[0].startswith("1 ")


# Over the network.


@pytest.fixture
def live(opened: Hall, tmp_path: Path) -> Iterator[LiveElection]:
    """A running board for the trustees of the hall."""
    plain = changed(opened.manifest, witnesses=opened.manifest.witnesses[:1], witness_quorum=1, beat=100)
    folder = tmp_path / "live"
    folder.mkdir()
    with live_election(folder, until="manifest", manifest=plain) as election:
        yield election


def online(hall: Hall, live: LiveElection, command: str, trustee: int, *extra: object) -> Any:
    return run(
        *(command, "--home", hall.homes[trustee - 1], "--board", live.url, *extra),
        *("--manifest-digest", live.manifest.digest.hex()),
        *("--passphrase-file", hall.folder / "passphrase"),
    )


def test_a_ceremony_over_the_network(opened: Hall, live: LiveElection) -> None:
    """Every step reads the board, verifies it, and is told its index when witnesses have seen it."""
    for place, step in enumerate(("pledge", "commit", "share", "confirm")):
        for trustee in opened.everyone:
            done = online(opened, live, step, trustee, "--post")
            assert done.code == 0, done.text
            assert f"On the board as entry {3 * place + trustee}, witnessed." in done.out
    again = online(opened, live, "confirm", 1, "--post", "--out", opened.out("confirm", 1))
    assert "On the board as entry 10, witnessed." in again.out
    assert opened.body("confirm", 1).trustee == 1
    status = online(opened, live, "status", 2)
    assert "confirm: 3 of 3" in status.out


def test_a_refusal_of_the_board_is_told(opened: Hall, live: LiveElection) -> None:
    """A record that does not belong there now: the board signs its refusal."""
    early = Outgoing.sign(Pledge(trustee=1, digest=Bytes64(bytes(64))), live.manifest, STRANGER)
    with pytest.raises(BoardFaultError, match="board-refused: reason bad-signature"):
        early.post(live.url, live.manifest)


def test_a_board_cannot_fill_the_disk(
    opened: Hall, live: LiveElection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_MOST_MIRRORED", 1_000)
    done = online(opened, live, "pledge", 1, "--post")
    assert done.code == 1
    assert "larger than 1000 bytes" in done.err


# What is put out.


def test_a_large_decryption_is_carried_with_its_addenda(opened: Hall) -> None:
    body = Decryption(
        trustee=1,
        aggregate=Bytes64(bytes(64)),
        partials=Bulk(bytes_for("partials", 32 * 1_000)),
        commitments=Bulk(bytes_for("commitments", 32 * 1_001)),
        response=Bytes32(bytes(32)),
    )
    file = opened.folder / "decryption.json"
    key = opened.secret(1).signing_key
    Outgoing.sign(body, opened.manifest, key).write(file)
    envelope = read_envelope(file)
    addenda = read_addenda(file, envelope.body)
    assert isinstance(envelope.body, Decryption)
    assert len(addenda) == 2
    assert envelope.body.partials.read(addenda.__getitem__) == body.partials.form
    assert Outgoing.sign(body, opened.manifest, key).envelope == envelope


@pytest.mark.parametrize(
    ("board", "file", "post"),
    [("folder", None, False), ("folder", None, True), ("folder", Path("x"), True), ("http://x", None, False)],
)
def test_a_record_must_go_somewhere(board: str, file: Path | None, post: bool) -> None:
    with pytest.raises(UsageError, match="where"):
        Destination.of(board, file, post=post)


def test_a_record_may_go_to_both() -> None:
    both = Destination.of("https://x", Path("x"), post=True)
    assert both == Destination(Path("x"), "https://x")
    assert Destination.of("https://x", Path("x"), post=False).address is None
    assert PASSPHRASE not in repr(both)

"""One election from its first entry to its result over HTTP, with what is refused when it is not the time for it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from msgspec.structs import replace

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import encode_envelope
from bulletin_board.folder import FolderFiles
from bulletin_board.log_reader import VerifiedLog
from bulletin_board.policy import BoardPolicy
from bulletin_board.publish import publish_folder
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.envelope import decode_record, sign_body
from bulletin_board.records.fields import Bytes32, encode_base64url
from bulletin_board.records.tally import Result
from bulletin_board.records.voting import Notice, Open
from bulletin_board.store.sql import SqlBoardStore
from evote.errors import DatabaseError, SettingsError
from tests.support.ballots import bytes_for
from tests.support.election import run_ceremony, run_roll
from tests.support.live_election import (
    BEAT,
    LiveElection,
    ballot_request,
    live_election,
    running_server,
    server_settings,
    training_manifest,
    wait_until,
)
from tests.support.sample_manifest import AUTHORITIES, BOARD_KEY, CLOSES_AT, OPENS_AT, localized

FORMAL = BallotBody(
    version="evote/v1",
    election_id="sample-2031",
    style="city",
    credential=Bytes32(bytes_for("nobody")),
    previous=NO_PREVIOUS,
    ciphertexts=Bulk(b""),
    proof=Bulk(b""),
)


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveElection]:
    with live_election(tmp_path_factory.mktemp("lifecycle"), until="manifest") as running:
        yield running


def refused(election: LiveElection, body: BallotBody, code: str, status: int) -> None:
    size = election.status()["tree_size"]
    answer = election.post("/ballots", ballot_request(body))
    assert (election.refusal(answer).code, answer.status_code) == (code, status)
    assert election.settle() == size


def test_an_election_runs_its_course(election: LiveElection, tmp_path: Path) -> None:
    world = election.world
    assert election.status()["phase"] == "ceremony"
    refused(election, FORMAL, "not-open", 403)  # N32
    run_ceremony(world)
    run_roll(world)
    assert election.status()["phase"] == "ready"
    early = election.ballot("v0", "early")
    refused(election, early, "not-open", 403)  # N32

    election.open_voting()
    assert election.status()["phase"] == "voting"
    for voter in ("v0", "v4", "v7", "v8", "v9", "v10", "v11", "v12"):
        assert election.cast(election.ballot(voter, f"{voter} votes")).status_code == 200
    assert election.status()["ballots"] == 8

    pending_while_the_witness_is_away(election)
    suspended_and_resumed(election)

    in_time = election.ballot("v3", "too late")
    election.clock.advance_to(CLOSES_AT)
    refused(election, in_time, "closed", 403)  # N31
    election.close_voting()
    assert election.status()["phase"] == "closed"
    refused(election, in_time, "closed", 403)  # N31
    # What was acknowledged before stays acknowledged.
    assert election.post("/ballots", ballot_request(in_time)).status_code == 403

    election.count()
    assert election.status()["phase"] == "finished"
    refused(election, in_time, "closed", 403)
    no_second_result(election)
    the_record_holds(election, tmp_path)


def pending_while_the_witness_is_away(election: LiveElection) -> None:
    """Nothing is called a success without a quorum; afterwards the same request gets its receipt."""
    election.settle()
    election.witness.stop()
    body = election.ballot("v1", "patience")
    before = election.status()
    began = monotonic()
    answer = election.cast(body, patient=False)
    assert monotonic() - began >= 2 * BEAT / 1000
    name = encode_base64url(body.digest)
    pending = {"digest": name, "status": "not yet acknowledged"}
    assert (answer.status_code, answer.json()) == (202, pending)
    look = election.http.get(f"/ballots/{name}")
    assert (look.status_code, look.json()) == (202, pending)
    again = election.cast(body, patient=False)
    assert again.status_code == 202
    status = election.status()
    assert [status[key] for key in ("tree_size", "ballots")] == [
        before[key] for key in ("tree_size", "ballots")
    ]

    note = Notice(kind="incident", closes_at=None, text=localized("Nobody answers"))
    entry = encode_envelope(sign_body("notice", note, election.manifest.digest, AUTHORITIES[:2]))
    waits = election.post("/entries", entry, patient=False)
    assert (waits.status_code, waits.json()) == (202, {"wanted": []})

    election.witness.start()
    wait_until(lambda: election.http.get(f"/ballots/{name}").status_code == 200)
    receipt = election.http.get(f"/ballots/{name}").json()
    assert election.cast(body).json() == receipt
    assert election.status()["ballots"] == before["ballots"] + 1
    wait_until(lambda: election.post("/entries", entry).status_code == 200)


def suspended_and_resumed(election: LiveElection) -> None:
    world = election.world
    body = election.ballot("v2", "meanwhile")
    notice = Notice(kind="suspend", closes_at=None, text=localized("Power cut"))
    world.post("suspend", notice, AUTHORITIES[:2])
    refused(election, body, "not-open", 403)
    world.post("resume", replace(notice, kind="resume"), AUTHORITIES[:2])
    election.settle()
    assert election.cast(body).status_code == 200


def no_second_result(election: LiveElection) -> None:
    """Not even in form: its cells must be those of the aggregate, one count for every option."""
    election.board.sync()
    result = decode_record(election.board.entries[-1]).body
    assert isinstance(result, Result)
    cell, contest = result.cells[0], result.contests[0]
    bent = {
        "malformed": [
            replace(result, cells=result.cells[1:]),
            replace(result, cells=(replace(cell, counts=cell.counts[1:]), *result.cells[1:])),
            replace(result, contests=result.contests[1:]),
            replace(result, contests=(replace(contest, totals=contest.totals[1:]), *result.contests[1:])),
        ],
        "out-of-order": [replace(result, trustees=(1, 2))],
    }
    for code, bodies in bent.items():
        for body in bodies:
            envelope = sign_body("result", body, election.manifest.digest, [BOARD_KEY])
            assert election.refusal(election.post("/entries", encode_envelope(envelope))).code == code


def the_record_holds(election: LiveElection, folder: Path) -> None:
    """The published folder is the log that was served, and everything on it was acknowledged."""
    policy = BoardPolicy.of(election.manifest)
    with BoardClient(election.url) as client:
        served = VerifiedLog.open(client, policy)
        entries = [entry for _, entry in served.entries()]
    store = SqlBoardStore.open(f"sqlite:///{election.settings.board_db}")
    try:
        publish_folder(store, folder / "record")
    finally:
        store.close()
    log = VerifiedLog.open(FolderFiles(folder / "record"), policy)
    assert [entry for _, entry in log.entries()] == entries
    kinds = [envelope.type for _, envelope in log.records()]
    assert (kinds[0], kinds[-1], kinds.count("ballot")) == ("manifest", "result", 10)


def test_voting_does_not_open_before_its_hour(tmp_path: Path) -> None:
    with live_election(tmp_path, until="roll") as election:
        note = election.world.publish()
        election.clock.advance_to(OPENS_AT - 1)
        answer = election.post("/entries", signed_opening(election, note))
        assert election.refusal(answer).code == "out-of-order"
        assert election.status()["phase"] == "ready"


def signed_opening(election: LiveElection, note: str) -> bytes:
    return encode_envelope(
        sign_body("open", Open(checkpoint=note), election.manifest.digest, AUTHORITIES[:2])
    )


def test_a_restart_goes_on_where_the_board_stood(tmp_path: Path) -> None:
    with live_election(tmp_path, until="ceremony") as election:
        before = election.status()
        settings, clock = election.settings, election.clock
        witness = election.witness
        # A second process on the same database, after the first has ended.
        election.board.client.close()
    witness_again = type(witness)(tmp_path, settings.manifest, clock)
    witness_again.url = witness.url
    try:
        witness_again.start()
        with running_server(settings, clock) as url, BoardClient(url) as client:
            wait_until(lambda: client.status().checkpoints > before["checkpoints"])
            status = client.status()
            assert (status.tree_size, status.phase) == (before["tree_size"], before["phase"])
    finally:
        witness_again.close()
    other = server_settings(tmp_path, training_manifest(min_unit_size=4), witness.url)
    with pytest.raises(DatabaseError, match="another election"), running_server(other, clock):
        pass
    no_grants = dataclasses.replace(other, grants_db=tmp_path / "others.db")
    with pytest.raises(SettingsError, match="the log of another election"), running_server(no_grants, clock):
        pass

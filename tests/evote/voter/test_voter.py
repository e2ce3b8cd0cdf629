"""Headless voters against a running voting server, witness and identity service."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from typer.testing import CliRunner

from bulletin_board.answers import CredentialAnswer
from bulletin_board.client import BoardClient, require_receipt
from bulletin_board.errors import ExchangeError
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.fields import Bytes32, Bytes64, encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.openings import decode_opening
from bulletin_board.records.voting import Revocation
from crypto.elgamal import CiphertextArray
from crypto.group import GroupElement
from crypto.opening import CheckedBallot
from evote.cli import app
from evote.errors import IdentificationRefused
from evote.voter.plan import PlannedVoter, Result
from evote.voter.voter import HeadlessVoter
from tests.evote.voter.stage import CITY, PollingStage, letter_code, person, planned, polling_stage
from tests.support.sample_manifest import AUTHORITIES, CLOSES_AT, ISSUERS


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PollingStage]:
    with polling_stage(tmp_path_factory.mktemp("polling")) as running:
        yield running


def entry(stage: PollingStage, result: Result) -> bytes:
    assert result.index is not None
    stage.election.board.sync()
    return stage.election.board.entries[result.index]


def refusal(results: list[Result]) -> tuple[str, str | None, str]:
    (result,) = results
    assert result.receipt_file is None
    return result.outcome, result.code, result.detail or ""


def test_cast(stage: PollingStage) -> None:
    (result,) = stage.vote(planned("v0"))
    assert (result.action, result.outcome, result.code, result.detail) == ("cast", "receipt", None, None)
    assert (result.votes_before, result.votes_after) == (0, 1)
    assert result.choices == CITY
    logged = entry(stage, result)
    assert result.receipt_file is not None
    receipt = Receipt.from_text(Path(result.receipt_file).read_text())
    require_receipt(receipt, logged, stage.election.manifest)
    assert receipt.index == result.index
    assert receipt.extra is not None
    assert encode_base64url(receipt.extra) == result.ballot_digest


def test_voting_again_continues_the_chain(stage: PollingStage) -> None:
    results = [stage.vote(planned("v1"))[0] for _ in range(3)]
    assert [(result.outcome, result.votes_before, result.votes_after) for result in results] == [
        ("receipt", 0, 1),
        ("receipt", 1, 2),
        ("receipt", 2, 3),
    ]
    assert len({result.tracking_code for result in results}) == 3


def test_check_gives_the_ballot_away_and_casts_another(stage: PollingStage) -> None:
    checked, cast = stage.vote(planned("v2", action="check-then-cast"))
    assert (checked.action, checked.outcome) == ("check", "checked")
    assert (cast.action, cast.outcome) == ("cast", "receipt")
    assert checked.tracking_code != cast.tracking_code
    assert checked.opening_file is not None
    opening = decode_opening(Path(checked.opening_file).read_bytes())
    place = stage.tools().place
    ballot = CheckedBallot(
        place.parameters.manifest.shape(opening.style),
        GroupElement.decode(opening.credential),
        opening.seed,
        CiphertextArray.decode(opening.ciphertexts),
        opening.tracking_code,
    )
    selections = ballot.open(key=place.parameters.key, context=place.parameters.context)
    assert selections == (0, 1, 0, 1, 0, 0, 0, 1, 0)
    assert opening.tracking_code == checked.tracking_code
    assert Path(checked.opening_file).stat().st_mode & 0o077 == 0


def test_check_alone_sends_nothing(stage: PollingStage) -> None:
    (checked,) = stage.vote(planned("v3", action="check"))
    assert checked.outcome == "checked"
    credential = stage.election.world.secret("v3").public().encoded
    assert stage.election.board.client.credential(credential, stage.election.manifest).ballots == ()


class LostAnswers(BoardClient):
    """A line on which the answer to the first ballot is lost, after the board has taken it."""

    lost = 0

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        receipt = super().post_ballot(body, addenda, manifest)
        if not self.lost:
            self.lost += 1
            raise ExchangeError("/ballots: ReadTimeout: no answer")
        return receipt


def test_lost_answer_makes_no_second_ballot(stage: PollingStage) -> None:
    with LostAnswers(stage.election.url) as board:
        (result,) = stage.vote(planned("v4"), board)
        assert board.lost == 1
    assert (result.outcome, result.votes_before, result.votes_after) == ("receipt", 0, 1)


class LostRequests(BoardClient):
    """A line on which nothing about ballots gets through in time, for a while or for ever."""

    fail = 2

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        if self.fail:
            self.fail -= 1
            raise ExchangeError("/ballots: ConnectTimeout: no answer")
        return super().post_ballot(body, addenda, manifest)


def test_lost_request_is_sent_again(stage: PollingStage) -> None:
    with LostRequests(stage.election.url) as board:
        (result,) = stage.vote(planned("v5"), board)
        assert board.fail == 0
    assert (result.outcome, result.votes_after) == ("receipt", 1)


def test_nobody_knows_what_became_of_it(stage: PollingStage) -> None:
    with LostRequests(stage.election.url) as board:
        board.fail = 10**6
        tools = stage.tools(board)
        (result,) = HeadlessVoter(planned("v6"), replace(tools, patience=0.3)).run()
    assert (result.outcome, result.detail) == ("unknown", "the board did not answer in time")
    assert result.ballot_digest is not None
    assert result.receipt_file is None


class Overtaken(BoardClient):
    """A voter whose second device votes between the first one's look-up and its ballot."""

    overtake: PollingStage | None = None

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        if self.overtake is not None:
            stage, self.overtake = self.overtake, None
            (other,) = stage.vote(planned("v7"))
            assert other.outcome == "receipt"
        return super().post_ballot(body, addenda, manifest)


def test_overtaken_ballot_gets_a_new_proof(stage: PollingStage) -> None:
    with Overtaken(stage.election.url) as board:
        board.overtake = stage
        (result,) = stage.vote(planned("v7"), board)
    assert (result.outcome, result.votes_before, result.votes_after) == ("receipt", 1, 2)


class AlwaysOvertaken(BoardClient):
    """A board that never tells the head of a chain."""

    def credential(self, credential: bytes, manifest: Manifest) -> CredentialAnswer:
        return structs.replace(super().credential(credential, manifest), ballots=())


def test_voter_gives_up_on_a_board_that_hides_the_chain(stage: PollingStage) -> None:
    assert stage.vote(planned("v8"))[0].outcome == "receipt"
    with AlwaysOvertaken(stage.election.url) as board:
        outcome, code, _ = refusal(stage.vote(planned("v8"), board))
    assert (outcome, code) == ("refused", "stale-previous")


class Misnaming(BoardClient):
    """A board that names a false digest for the head of a chain."""

    def credential(self, credential: bytes, manifest: Manifest) -> CredentialAnswer:
        found = super().credential(credential, manifest)
        false = tuple(structs.replace(ballot, digest=Bytes64(bytes(64))) for ballot in found.ballots)
        return structs.replace(found, ballots=false)


def test_false_head_is_noticed_before_anything_is_sent(stage: PollingStage) -> None:
    assert stage.vote(planned("v3"))[0].outcome == "receipt"
    with Misnaming(stage.election.url) as board:
        (result,) = stage.vote(planned("v3"), board)
    assert (result.outcome, result.ballot_digest, result.receipt_file) == ("unknown", None, None)
    assert "is not the ballot" in (result.detail or "")


class Replaying(BoardClient):
    """A board that names no chain, and answers a new ballot with the receipt of an old one's sequel."""

    def credential(self, credential: bytes, manifest: Manifest) -> CredentialAnswer:
        found = super().credential(credential, manifest)
        self.index = found.ballots[-1].index + 1 if found.ballots else 0
        return structs.replace(found, ballots=())

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        return Receipt(self.index, (), self.read("checkpoint").decode(), bytes(body.digest))


def test_omitted_ballot_makes_no_receipt(stage: PollingStage) -> None:
    assert stage.vote(planned("v13"))[0].outcome == "receipt"
    with Replaying(stage.election.url) as board:
        (result,) = stage.vote(planned("v13"), board)
    assert result.outcome == "unknown"
    assert result.ballot_digest is not None
    assert result.index is not None


class Forgetful(BoardClient):
    """A board that answers about no credential any more, once it has a ballot."""

    has_ballot = False

    def post_ballot(
        self, body: BallotBody, addenda: Mapping[bytes, bytes], manifest: Manifest
    ) -> Receipt | None:
        self.has_ballot = True
        return super().post_ballot(body, addenda, manifest)

    def credential(self, credential: bytes, manifest: Manifest) -> CredentialAnswer:
        if self.has_ballot:
            raise ExchangeError("/credentials: no answer")
        return super().credential(credential, manifest)


def test_receipt_stands_without_a_look_up(stage: PollingStage) -> None:
    with Forgetful(stage.election.url) as board:
        (result,) = stage.vote(planned("v9"), board)
    assert (result.outcome, result.votes_before, result.votes_after) == ("receipt", 0, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": letter_code("v11")}, "part from registrar does not belong"),
        ({"code": "0000-0000-0000-0000-0000-0000-0001"}, "check symbols"),
        ({"personal_number": "nobody"}, "no mail"),
        ({"personal_number": person("v11").personal_number}, "no mail"),
        ({"reference": person("v11").reference}, "no mail"),
        ({"email": "thief@example.org"}, "somebody else"),
    ],
)
def test_what_does_not_fit_together_is_not_sent(
    stage: PollingStage, changes: dict[str, str], reason: str
) -> None:
    for mail in stage.outbox.glob("*-v10-code.eml"):
        mail.unlink()
    outcome, code, detail = refusal(stage.vote(planned("v10", None, **changes)))
    assert (outcome, code) == ("refused", "voter")
    assert reason in detail


@pytest.mark.parametrize("choices", [{"president": ["nobody"]}, {"president": ["aida", "bakyt"]}])
def test_choices_that_the_ballot_does_not_allow_are_not_sent(
    stage: PollingStage, choices: dict[str, list[str]]
) -> None:
    assert refusal(stage.vote(planned("v10", choices)))[:2] == ("refused", "voter")


def test_wrong_one_time_code_is_the_services_refusal(stage: PollingStage) -> None:
    identity = stage.tools().identity
    voter = person("v10")
    session = identity.begin(voter.personal_number, voter.reference, language="ru")
    with pytest.raises(IdentificationRefused) as caught:
        identity.finish(session, "00000000", language="ru")
    assert caught.value.code == "wrong-code"
    assert caught.value.detail


def test_identity_service_that_cannot_reach_the_board_is_asked_again(stage: PollingStage) -> None:
    stage.failing_grants[:] = ["no answer"] * 3
    assert stage.vote(planned("v6"))[0].outcome == "receipt"
    assert stage.failing_grants == []
    stage.failing_grants[:] = ["no answer"] * 5
    (result,) = stage.vote(planned("v6"))
    assert (result.outcome, result.detail) == ("unknown", "identity service: answers 503")


def test_struck_voter_is_refused_by_the_board(stage: PollingStage) -> None:
    credential = Bytes32(stage.election.world.secret("v12").public().encoded)
    stage.election.world.log(
        Revocation(credential=credential, reason="voted-on-paper"), (*ISSUERS.values(), AUTHORITIES[0])
    )
    assert refusal(stage.vote(planned("v12")))[:2] == ("refused", "revoked-credential")


def plan_file(folder: Path, *voters: PlannedVoter) -> Path:
    path = folder / "plan.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(voter) + b"\n" for voter in voters))
    return path


def run(
    stage: PollingStage, folder: Path, *voters: PlannedVoter, **options: str
) -> tuple[int, list[dict[str, object]]]:
    results = folder / "results.jsonl"
    arguments = {
        "server": stage.election.url,
        "identity": stage.identity_url,
        "manifest-digest": stage.election.manifest.digest.hex(),
        "outbox": str(stage.outbox),
        "plan": str(plan_file(folder, *voters)),
        "results": str(results),
        "concurrency": "3",
    } | options
    flat = [text for name, value in arguments.items() for text in (f"--{name}", value)]
    done = CliRunner().invoke(app, ["vote", *flat])
    lines = results.read_text().splitlines() if results.exists() else []
    return done.exit_code, [json.loads(line) for line in lines]


def test_command_acts_for_all_voters_of_a_plan(stage: PollingStage, tmp_path: Path) -> None:
    status, results = run(
        stage,
        tmp_path,
        planned("v10"),
        planned("v11", action="check-then-cast"),
        planned("v13", code="nonsense"),
    )
    assert status == 0
    found = sorted((str(result["reference"]), str(result["outcome"])) for result in results)
    assert found == [
        ("v10", "receipt"),
        ("v11", "checked"),
        ("v11", "receipt"),
        ("v13", "refused"),
    ]
    files = {
        Path(str(result[key]))
        for result in results
        for key in ("receipt_file", "opening_file")
        if key in result
    }
    assert {path.parent for path in files} == {tmp_path / "results.files"}
    assert all(path.exists() for path in files)
    assert (tmp_path / "results.jsonl").stat().st_mode & 0o077 == 0


def test_command_refuses_another_election(stage: PollingStage, tmp_path: Path) -> None:
    assert run(stage, tmp_path, planned("v10"), **{"manifest-digest": "00" * 32})[0] == 1
    assert run(stage, tmp_path, planned("v10"), **{"manifest-digest": "00"})[0] == 64


def test_command_fails_when_nobody_knows(stage: PollingStage, tmp_path: Path) -> None:
    status, results = run(stage, tmp_path, planned("v10"), identity="http://127.0.0.1:1")
    assert status == 1
    assert [result["outcome"] for result in results] == ["unknown"]


def test_after_the_close_nothing_is_taken(tmp_path: Path) -> None:
    with polling_stage(tmp_path) as stage:
        stage.election.clock.advance_to(CLOSES_AT)
        assert refusal(stage.vote(planned("v0")))[:2] == ("refused", "closed")

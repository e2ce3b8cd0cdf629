"""The forgers of the demonstration against a running board: every one is refused, and for the right reason."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from bulletin_board.records.fields import Bytes32
from bulletin_board.records.voting import Revocation
from examples.demo import forger
from examples.demo.forgeries import Forgery
from tests.evote.voter.stage import PollingStage, planned, polling_stage
from tests.support.sample_manifest import AUTHORITIES, CLOSES_AT, ISSUERS


def forge(stage: PollingStage, when: str, capsys: pytest.CaptureFixture[str]) -> Counter[str]:
    plan = stage.folder / "forgers.jsonl"
    plan.write_bytes(b"".join(msgspec.json.encode(planned(voter)) + b"\n" for voter in ("v0", "v1", "v2")))
    digest = stage.election.manifest.digest.hex()
    forger.main(when, plan, stage.election.url, stage.identity_url, digest, stage.outbox)
    return Counter(json.loads(capsys.readouterr().out))


@pytest.mark.slow
def test_forgers_are_refused_before_during_and_after(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with polling_stage(tmp_path, until="roll") as stage:
        assert forge(stage, "before", capsys) == {"not-open": 2}
        stage.election.open_voting()
        for voter in ("v0", "v1", "v2", "v4"):
            assert stage.vote(planned(voter))[0].outcome == "receipt"
        credential = Bytes32(stage.election.world.secret("v2").public().encoded)
        struck = Revocation(credential=credential, reason="voted-on-paper")
        stage.election.world.log(struck, (*ISSUERS.values(), AUTHORITIES[0]))
        assert forge(stage, "during", capsys) == {
            "bad-proof": 3,
            "repeated-pad": 2,
            "unknown-credential": 1,
            "not-identified": 1,
            "revoked-credential": 1,
            "stale-previous": 1,
            "wrong-style": 1,
            "wrong-election": 1,
            "non-canonical": 1,
            "malformed": 1,
            "too-large": 1,
        }
        size = stage.election.status()["ballots"]
        stage.election.clock.advance_to(CLOSES_AT)
        assert forge(stage, "after", capsys) == {"closed": 2}
        assert (size, stage.election.status()["ballots"]) == (4, 4)


def test_what_is_taken_or_refused_for_another_reason_is_told(tmp_path: Path) -> None:
    with polling_stage(tmp_path) as stage:
        manifest, url = stage.election.manifest, stage.election.url
        good = stage.election.ballot("v0", "good")
        with pytest.raises(forger.TakenError, match="refused as malformed, not closed"):
            forger.attempt(Forgery("half a ballot", b"{", "closed"), url, manifest)
        with pytest.raises(forger.TakenError, match="not refused"):
            forger.attempt(Forgery.of("a good ballot", good, "closed"), url, manifest)

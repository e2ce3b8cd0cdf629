"""Everything that is read over HTTP: status, credentials, and the files of the log as a static host would serve them."""

import json
import logging
from hashlib import sha256
from typing import Any

import pytest

from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.proofs import verify_inclusion
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import decode_base64url, encode_base64url
from tests.support.election import _reissue as reissue
from tests.support.live_election import LiveElection


def test_status_says_how_far_the_election_is(voting: LiveElection) -> None:
    status = voting.status()
    assert status.keys() == {
        "election_id",
        "phase",
        "now",
        "opens_at",
        "closes_at",
        "beat",
        "tree_size",
        "ballots",
        "checkpoints",
    }
    manifest = voting.manifest
    assert status["election_id"] == manifest.election_id
    assert (status["phase"], status["beat"]) == ("voting", manifest.beat)
    assert (status["opens_at"], status["closes_at"]) == (
        manifest.schedule.opens_at,
        manifest.schedule.closes_at,
    )
    assert status["now"] == int(voting.clock.now)


def test_a_row_of_the_roll_is_proved(voting: LiveElection) -> None:
    roll = voting.world.rows
    voting.board.sync()
    body = next(body for body in map(_body, voting.board.entries) if "root" in body)
    root, length = decode_base64url(body["root"]), body["length"]
    for voter in ("v5", "v13"):
        credential = voting.world.secret(voter).public().encoded
        found = voting.http.get(f"/credentials/{encode_base64url(credential)}").json()
        row = found["row"]
        assert (found["credential"], found["standing"]) == (encode_base64url(credential), "effective")
        assert row["text"].encode() == jcs(roll[row["index"]])
        proof = [decode_base64url(item) for item in row["proof"]]
        verify_inclusion(row["index"], length, leaf_hash(row["text"].encode()), proof, root)
        assert found["tree_size"] >= voting.status()["tree_size"] - 1


def _body(entry: bytes) -> dict[str, Any]:
    return dict(json.loads(entry[: entry.rindex(b"}") + 1])["body"])


@pytest.mark.parametrize("name", [encode_base64url(bytes(32)), "A", "я", "A" * 5_000])
def test_a_credential_that_is_not_on_the_roll_is_not_found(voting: LiveElection, name: str) -> None:
    problem = voting.refusal(voting.http.get(f"/credentials/{name}"))
    assert problem.code == "not-found"


def test_the_checkpoint_is_never_cached(voting: LiveElection) -> None:
    answer = voting.http.get("/checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    opened = BoardPolicy.of(voting.manifest).open(answer.text)
    assert opened.checkpoint.tree_size <= voting.status()["tree_size"]


def test_files_of_the_log_are_octets_for_ever(voting: LiveElection) -> None:
    roll = next(body for body in map(_body, voting.board.entries) if "rows" in body)
    name = decode_base64url(roll["rows"][0]["sha256"]).hex()
    paths = [
        "/addenda.v1",
        "/tile/0/000.p/3",
        "/tile/entries/000.p/1",
        "/checkpoints/000.p/2",
        f"/addenda/{name[:2]}/{name[2:4]}/{name}",
    ]
    for path in paths:
        answer = voting.http.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        head = voting.http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(answer.content))
    assert sha256(voting.http.get(paths[-1]).content).hexdigest() == name


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/000",
        "/tile/0/999.p/1",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/0.p/1",
        "/tile/0/000.p/01",
        "/tile/00/000.p/1",
        "/tile/entries/000.p/255",
        "/tile/entries/",
        "/tile/0/000.p/1/",
        "/checkpoints/001",
        "/checkpoints/",
        "/addenda/ab/cd/" + "0" * 64,
        "/addenda/00/00/" + "0" * 63,
        "/addenda/" + "0" * 64,
    ],
)
def test_what_the_log_does_not_have_is_a_plain_404(voting: LiveElection, path: str) -> None:
    answer = voting.http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_pages_of_any_origin_may_read_and_ask(voting: LiveElection) -> None:
    origin = {"origin": "https://elsewhere.example"}
    for path in ("/checkpoint", "/tile/0/000.p/1", "/tile/0/999", "/status", "/ballots/x"):
        assert voting.http.get(path, headers=origin).headers["access-control-allow-origin"] == "*"
    asked = origin | {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    answer = voting.http.options("/ballots", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/ballots", "/docs", "/openapi.json", "/entries", "/favicon.ico"]
)
def test_elsewhere_is_nothing(voting: LiveElection, path: str) -> None:
    answer = voting.http.get(path)
    if answer.status_code == 405:
        assert answer.json() == {"type": "about:blank", "title": "Method Not Allowed", "status": 405}
    else:
        assert voting.refusal(answer).code == "not-found"


def test_the_access_log_tells_neither_who_nor_which(
    voting: LiveElection, caplog: pytest.LogCaptureFixture
) -> None:  # N78
    name = encode_base64url(voting.world.secret("v5").public().encoded)
    with caplog.at_level(logging.INFO, "evote.access"):
        voting.http.get(f"/credentials/{name}")
        voting.http.get(f"/ballots/{name}")
        voting.http.get("/nowhere")
    lines = {record.getMessage() for record in caplog.records if record.name == "evote.access"}
    assert {
        "GET /credentials/{name} 200",
        "GET /ballots/{digest} 404",
        "GET elsewhere 404",
    } <= lines
    assert not [line for line in lines if name in line or "127.0.0.1" in line]


def test_nobody_says_what_server_this_is(voting: LiveElection) -> None:
    assert "server" not in voting.http.get("/status").headers


def test_a_reissued_credential_has_its_row_in_its_own_entry(voting: LiveElection) -> None:
    old = voting.world.secret("v13").public().encoded
    reissue(voting.world, "v13")
    new = voting.world.secret("v13").public().encoded
    replaced = voting.http.get(f"/credentials/{encode_base64url(old)}").json()
    assert replaced["standing"] == "replaced"
    found = voting.http.get(f"/credentials/{encode_base64url(new)}").json()
    assert (found["standing"], found["row"]["index"], found["row"]["proof"]) == ("effective", None, [])
    row = next(_body(entry)["row"] for entry in voting.board.entries if b'"type":"reissue"' in entry)
    assert json.loads(found["row"]["text"]) == row

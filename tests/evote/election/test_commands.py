"""What officials type, from the first key to the result."""

import json
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bulletin_board.envelope_file import load_manifest, read_envelope, write_envelope
from bulletin_board.log_reader import VerifiedLog
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.envelope import sign_body
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.tally import Aggregate
from bulletin_board.records.tally import Result as ElectionResult
from bulletin_board.records.voting import Notice, Revocation
from crypto.sealing import FLOOR, MODERATE, sealing_parameters
from evote.cli import app
from evote.election.public_log import PublicLog
from evote.keys import Role, create_key, load_cards, load_key
from tests.evote.kyrgyzstan import FOLDER
from tests.support.ballots import bytes_for
from tests.support.election_tally import make_confirm, make_decryption
from tests.support.live_election import LiveElection, live_election, wait_until
from tests.support.sample_manifest import AUTHORITIES, OPENS_AT, TRUSTEES, localized

PARTIES = (
    ("authority", "Chair", None),
    ("authority", "Secretary", None),
    ("board", "Board", None),
    ("witness", "witness.example/1", None),
    ("issuer", "Registrar", "registrar"),
    ("issuer", "Identity service", "identity"),
    ("identity", "Identity service, grants", None),
    ("trustee", "Aida", None),
)


def evote(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def good(*arguments: object) -> str:
    done = evote(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*arguments: object) -> str:
    done = evote(*arguments)
    assert done.exit_code == 1, done.output
    assert done.stderr.startswith("refused: ")
    return done.stderr


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key of every party, and their cards."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "passphrase").write_text("төрт ат чабат\n")
    for place, (role, name, issuer) in enumerate(PARTIES):
        path = folder / f"{place}.key"
        more = ("--id", issuer) if issuer else ()
        printed = good(
            *("key", "new", "--role", role, "--name", name, *more, "--out", path),
            *("--passphrase-file", folder / "passphrase", "--sealing", "floor"),
        )
        assert str(path) in printed
    return folder


def create(desk: Path, out: Path, **changes: object) -> Result:
    options: dict[str, object] = {
        "cards": desk,
        "threshold": 1,
        "origin": "demo.example/board",
        "beat": 1000,
        "opens-at": "+90s",
        "closes-at": "+2h",
        "answers-by": 1_700_000_000,
        "grace": 3,
        "election-id-suffix": "-test",
        "out": out,
    }
    flat = [text for name, value in (options | changes).items() for text in (f"--{name}", value)]
    return evote("create", FOLDER / "election.toml", *flat)


def sign(desk: Path, file: Path, place: int, *more: object) -> tuple[object, ...]:
    return "sign", file, "--key", desk / f"{place}.key", "--passphrase-file", desk / "passphrase", *more


def test_keys_have_cards(desk: Path) -> None:
    assert [(card.role, card.name, card.id) for card in load_cards(desk)] == list(PARTIES)
    key = load_key(desk / "0.key", "төрт ат чабат")
    assert key.role is Role.AUTHORITY
    assert "there already" in refused(
        *("key", "new", "--role", "board", "--name", "Board", "--out", desk / "2.key"),
        *("--passphrase-file", desk / "passphrase"),
    )


def test_manifest_from_definition_to_two_signatures(desk: Path, tmp_path: Path) -> None:
    out = tmp_path / "manifest.json"
    done = create(desk, out)
    assert done.exit_code == 0, done.output
    shown = good(*sign(desk, out, 0))
    assert "manifest of kg-2021-01-10-test (training)" in shown
    assert "still to sign: 1 of the authorities" in shown
    second = evote(*sign(desk, out, 1, "--json"))
    told, manifest = json.loads(second.stdout), load_manifest(out)
    assert second.stderr == shown.partition("still to sign")[0]
    assert told == {"manifest_digest": manifest.digest.hex(), "type": "manifest", "signatures": 2}
    digest = "".join(shown.split("everybody:")[1].split("still")[0].split())
    assert digest == manifest.digest.hex()
    assert "no say in it" in refused(*sign(desk, out, 2))


def test_key_is_costly_to_open_unless_it_is_for_a_rehearsal(desk: Path, tmp_path: Path) -> None:
    new = ("key", "new", "--role", "board", "--name", "Board", "--passphrase-file", desk / "passphrase")
    good(*new, "--out", tmp_path / "real.key")
    good(*new, "--out", tmp_path / "rehearsal.key", "--sealing", "floor")
    assert sealing_parameters((tmp_path / "real.key").read_bytes()) == MODERATE
    assert sealing_parameters((tmp_path / "rehearsal.key").read_bytes()) == FLOOR
    assert evote(*new, "--out", tmp_path / "x.key", "--sealing", "none").exit_code == 64
    (tmp_path / "short").write_text("7 знако\n")
    told = refused(*new[:-1], tmp_path / "short", "--out", tmp_path / "x.key")
    assert "at least 8 characters" in told
    assert not (tmp_path / "x.key").exists()


def test_nothing_is_written_over(desk: Path, tmp_path: Path) -> None:
    out = tmp_path / "manifest.json"
    out.write_text("signed by somebody")
    done = create(desk, out)
    assert (done.exit_code, out.read_text()) == (1, "signed by somebody")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"threshold": 2}, 1),
        ({"closes-at": "+1s"}, 1),
        ({"opens-at": "tomorrow"}, 64),
        ({"threshold": 0}, 64),
        ({"cards": "/nowhere"}, 1),
    ],
)
def test_unusable_terms(desk: Path, tmp_path: Path, changes: dict[str, object], status: int) -> None:
    assert create(desk, tmp_path / "manifest.json", **changes).exit_code == status
    assert not (tmp_path / "manifest.json").exists()


def test_notice_is_drafted_and_signed(desk: Path, tmp_path: Path) -> None:
    manifest, draft = tmp_path / "manifest.json", tmp_path / "notice.json"
    assert create(desk, manifest).exit_code == 0
    for place in (0, 1):
        good(*sign(desk, manifest, place))
    texts = ("--text-ky", "Узартылды", "--text-ru", "Продлено", "--text-en", "Extended")
    options = ("--manifest", manifest, "--out", draft, "--kind", "extend")
    good("draft", "notice", *options, "--closes-at", "+3h", *texts)
    shown = good(*sign(desk, draft, 1, "--manifest", manifest))
    assert "Узартылды" in shown
    body = read_envelope(draft).body
    assert isinstance(body, Notice)
    assert (body.kind, body.text["ru"]) == ("extend", "Продлено")
    other = ("--manifest", manifest, "--out", tmp_path / "other.json", "--kind", "incident")
    assert "languages" in refused("draft", "notice", *other, "--text-ky", "Билдирүү")
    assert evote("draft", "notice", *other[:-1], "party").exit_code == 64


def test_pinned_digest_is_compared(desk: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert create(desk, manifest).exit_code == 0
    assert "signed by 0" in refused(*sign(desk, manifest, 0, "--manifest", manifest))
    for place in (0, 1):
        good(*sign(desk, manifest, place))
    pinned = ("--manifest", manifest, "--manifest-digest")
    assert "another one was given" in refused(*sign(desk, manifest, 1, *pinned, "00" * 32))
    assert evote(*sign(desk, manifest, 1, *pinned, "zz")).exit_code == 64


def test_server_that_is_not_there(desk: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert create(desk, manifest).exit_code == 0
    for place in (0, 1):
        good(*sign(desk, manifest, place))
    told = refused(
        "draft",
        "close",
        "--server",
        "http://127.0.0.1:1",
        "--manifest",
        manifest,
        "--out",
        tmp_path / "c.json",
    )
    assert "no answer" in told


def role_key(folder: Path, label: str, role: Role) -> tuple[object, ...]:
    """A key file of the sample election, as options."""
    path = folder / f"{label}.key"
    if not path.exists():
        (folder / "passphrase").write_text("төрт ат чабат\n")
        draw = partial(bytes_for, label)
        create_key(path, role, label, "төрт ат чабат", random_bytes=draw, parameters=FLOOR)
    return "--key", path, "--passphrase-file", folder / "passphrase"


def on(election: LiveElection, folder: Path) -> tuple[object, ...]:
    return "--server", election.url, "--manifest", folder / "manifest.json"


def test_opening_to_result_against_a_running_board(tmp_path: Path) -> None:
    with live_election(tmp_path, until="roll") as election:
        election.clock.advance_to(OPENS_AT + 1)
        _open(election, tmp_path)
        for voter in ("v0", "v2", "v4", "v7", "v8"):
            ballot = election.ballot(voter, f"{voter} ballot")
            wait_until(partial(taken, election, ballot))
        assert "grace" in refused("draft", "close", *on(election, tmp_path), "--out", tmp_path / "close.json")
        election.close_voting()
        _count(election, tmp_path)


def taken(election: LiveElection, ballot: BallotBody) -> bool:
    """Whether the board acknowledges a ballot; the same bytes may be sent as often as it takes."""
    answer = election.cast(ballot)
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.ACCEPTED}
    return answer.status_code == HTTPStatus.OK


def _open(election: LiveElection, folder: Path) -> None:
    draft = folder / "open.json"
    good("draft", "open", *on(election, folder), "--out", draft)
    assert "signed by 0" in refused("post", draft, *on(election, folder))
    for place in (1, 2):
        key = role_key(folder, f"authority {place}", Role.AUTHORITY)
        good("sign", draft, *key, "--manifest", folder / "manifest.json")
    first = good("post", draft, *on(election, folder))
    assert first == good("post", draft, *on(election, folder))  # the same entry, the same receipt
    assert first == f"{election.status()['tree_size'] - 1} open.json\n"


def _count(election: LiveElection, folder: Path) -> None:
    board = (*on(election, folder), *role_key(folder, "board", Role.BOARD))
    world = election.world
    assert "no trustee has released" in refused("tally", "result", *board)
    authority = (*on(election, folder), *role_key(folder, "authority 1", Role.AUTHORITY))
    assert "board is needed" in refused("tally", "aggregate", *authority)
    assert "aggregate: 3 cells, 0 ballots withheld" in good("tally", "aggregate", *board)
    election.board.sync()
    public = PublicLog.open(election.board.client, election.manifest)
    aggregate = public.last(Aggregate)
    assert isinstance(aggregate, Aggregate)
    world.aggregates.append(aggregate)
    for trustee in (1, 2):
        key = TRUSTEES[trustee - 1]
        world.post(f"tally-confirm {trustee}", make_confirm(world, trustee), [key])
    world.publish()
    for trustee in (1, 2):
        _, release = make_decryption(world, trustee)
        world.post(f"decryption {trustee}", release, [TRUSTEES[trustee - 1]])
    world.publish()
    assert "president: elected aida" in good("tally", "result", *board)
    result = PublicLog.open(election.board.client, election.manifest).last(ElectionResult)
    assert isinstance(result, ElectionResult)
    assert {each.contest: each.totals for each in result.contests} == {
        "president": (5, 0, 0),
        "council": (5, 0, 0, 0),
        "bridge": (3, 0),
    }
    assert isinstance(public.log, VerifiedLog)


def test_board_says_no_to_what_is_out_of_order(tmp_path: Path) -> None:
    with live_election(tmp_path, until="manifest") as election:
        manifest = election.manifest
        path = tmp_path / "notice.json"
        body = Notice(kind="extend", closes_at=manifest.schedule.closes_at, text=localized("Longer"))
        write_envelope(path, sign_body("notice", body, manifest.digest, AUTHORITIES[:2]))
        assert "out-of-order" in refused("post", path, *on(election, tmp_path))
        stranger = Revocation(credential=Bytes32(bytes(32)), reason="deceased")
        write_envelope(path, sign_body("revocation", stranger, manifest.digest, AUTHORITIES[:1]))
        assert "signed by 0 instead of 2" in refused("post", path, *on(election, tmp_path))

"""From the voter list to the roll, to paper and to new letters: the issuers' commands with a real board."""

import json
import re
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from shutil import copytree

import httpx
import pytest
from pypdf import PdfReader

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import read_envelope
from bulletin_board.errors import ExchangeError
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Reissue, Revocation
from crypto.credential import credential_part, join_parts
from crypto.crockford import decode_code
from crypto.group import Scalar
from evote.db.identity import IdentityStore
from evote.identity.commands import _sender
from evote.identity.sealed_parts import StorageKey
from evote.identity.server import IdentitySettings, identity_server
from evote.keys import load_key
from evote.registrar.issuing_lock import issuing_lock
from evote.registrar.voter import Voter
from evote.registrar.voter_list import parse_voter_list
from evote.voter.identity_client import IdentifiedVoter, IdentityClient
from evote.voter.mailbox import read_newest_code
from tests.evote.issuing.town import PASSPHRASE, VOTER_COUNT, Town, build_town, done, refused, serving


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with build_town(tmp_path_factory.mktemp("town")) as town:
        yield town


def test_journey_of_the_issuers(town: Town) -> None:
    import_and_issue(town)
    exchange(town)
    make_the_roll(town)
    identify(town)
    vote_on_paper(town)
    lose_a_letter(town)
    serve_as_a_process(town)
    nothing_leaks(town)


def import_and_issue(town: Town) -> None:
    assert "nothing was imported" in refused(town.registrar("handover", "--out", town.path("x.json")))
    said = done(town.registrar("import", town.path("voters.csv")))
    assert f"{VOTER_COUNT} voters: {VOTER_COUNT} added" in said
    assert f"manifest {town.manifest.digest.hex()} (not pinned" in said
    again = done(
        town.registrar("import", town.path("voters.csv"), "--manifest-digest", town.manifest.digest.hex())
    )
    assert f"0 added, 0 removed, 0 changed, {VOTER_COUNT} unchanged" in again
    assert "(as pinned)" in again
    assert "issue the others first" in refused(
        town.registrar("pledge", *town.key("registrar"), "--out", town.path("registrar-pledge.json"))
    )
    issue = ("issue", "--letters", town.path("letters"), "--website", "https://vote.test")
    with issuing_lock(town.path("registrar.db")):
        assert "another run is issuing letters" in refused(town.registrar(*issue))
    said = done(town.registrar(*issue))
    assert f"done: {VOTER_COUNT} new letters" in said
    assert "done: 0 new letters" in done(town.registrar("issue", "--letters", town.path("letters")))
    assert "the list is fixed" in refused(town.registrar("import", town.path("voters.csv")))
    done(town.registrar("handover", "--out", town.path("handover.json")))
    done(town.identity("import", town.path("handover.json")))
    assert "parts" in refused(town.identity("pledge", *town.key("identity"), "--out", town.path("x.json")))
    assert f"done: {VOTER_COUNT} new parts" in done(town.identity("issue", *town.key("identity")))
    assert "fixed" in refused(town.identity("import", town.path("handover.json")))
    assert "issuer identity is needed" in refused(town.identity("issue", *town.key("registrar")))


def exchange(town: Town) -> None:
    for issuer, command in (("registrar", town.registrar), ("identity", town.identity)):
        # No list leaves before both pledges are on the board.
        refusal = refused(command("list", "--server", town.url, "--out", town.path(f"{issuer}-list.json")))
        assert "is not under a witnessed checkpoint yet" in refusal
        assert not town.path(f"{issuer}-list.json").exists()
        done(command("pledge", *town.key(issuer), "--out", town.path(f"{issuer}-pledge.json")))
        town.post(f"{issuer}-pledge.json")
    for issuer, command in (("registrar", town.registrar), ("identity", town.identity)):
        done(command("list", "--server", town.url, "--out", town.path(f"{issuer}-list.json")))


def make_the_roll(town: Town) -> None:
    out, join = ("--out", town.path("roll.json")), ("--join", town.path("join.json"))
    theirs = ("--their-list", town.path("identity-list.json"))
    wrong_list = ("--their-list", town.path("registrar-list.json"))
    roll = ("roll", "--server", town.url, *town.key("registrar"), *out, *join)
    assert "not of the identity service" in refused(town.registrar(*roll, *wrong_list))
    assert "not the parts that were pledged" in refused(
        town.registrar(*roll, "--their-list", bent_list(town, "identity-list.json"))
    )
    said = done(town.registrar(*roll, *theirs))
    assert f"roll of {VOTER_COUNT} rows" in said
    sign = ("sign-roll", town.path("roll.json"), "--server", town.url, *town.key("identity"))
    right = (*join, "--their-list", town.path("registrar-list.json"))
    assert "join" in refused(
        town.identity(*sign, "--join", bent_join(town), "--their-list", town.path("registrar-list.json"))
    )
    unsigned = town.path("roll.json").read_bytes()
    said = done(town.identity(*sign, *right))
    assert f"roll of {VOTER_COUNT} rows checked and signed" in said
    assert "has signed it already" in refused(town.identity(*sign, *right))
    town.path("unsigned.json").write_bytes(unsigned)
    town.post("roll.json")
    body = read_envelope(town.path("roll.json")).body
    assert isinstance(body, Roll)
    assert min(count.count for count in body.counts) >= town.manifest.min_unit_size


def bent_list(town: Town, name: str) -> object:
    """One part in place of another voter's."""
    content = json.loads(town.path(name).read_bytes())
    content["parts"][0]["part"] = content["parts"][1]["part"]
    return written(town, "bent-list.json", content)


def bent_join(town: Town) -> object:
    """Two voters of the same unit get each other's rows."""
    content = json.loads(town.path("join.json").read_bytes())
    rows = content["rows"]
    first, second = next(
        (a, b) for a in rows for b in rows if a["reference"] < b["reference"] and a["unit"] == b["unit"]
    )
    first["parts"], second["parts"] = second["parts"], first["parts"]
    return written(town, "bent-join.json", content)


def written(town: Town, name: str, content: object) -> object:
    town.path(name).write_text(
        json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")), encoding="utf-8"
    )
    return town.path(name)


def identify(town: Town) -> None:
    voter = voters(town)[0]
    bits, credential = hand_over(town, voter.reference)
    letter = code_of_letter(town, voter.reference)
    assert secret_of(town, letter, bits) == credential
    connection = sqlite3.connect(town.path("grants.db"))
    assert connection.execute("SELECT credential FROM grants").fetchall() == [(credential,)]
    connection.close()
    # Identified again, to vote again.
    assert hand_over(town, voter.reference) == (bits, credential)


def hand_over(town: Town, reference: str) -> tuple[bytes, bytes]:
    """What the service gives over HTTP for the code that it mails."""
    voter = next(voter for voter in voters(town) if voter.reference == reference)
    key = load_key(town.path("identity.key"), PASSPHRASE)
    assert key.storage_key is not None
    settings = IdentitySettings(
        manifest=town.manifest,
        db=town.path("identity.db"),
        server=town.url,
        outbox=town.path("outbox"),
        storage_key=StorageKey(key.storage_key),
        identity_key=load_key(town.path("service.key"), PASSPHRASE).signing_key,
        sender=_sender(None, town.manifest),
    )
    with identity_server(settings) as app, serving(app) as url, IdentityClient(url) as client:
        wait_until_read(town)
        session = client.begin(voter.personal_number, voter.reference, language=voter.language)
        code = read_newest_code(town.path("outbox"), voter.reference, voter.email)
        handed = client.finish(session, code, language=voter.language)
        assert httpx.get(f"{url}/docs").status_code == 404
    return handed.bits, handed.credential


def wait_until_read(town: Town) -> None:
    """The service reads the log beside its work."""
    with BoardClient(town.url) as client:
        tree_size = client.status().tree_size
    store = IdentityStore.open(town.path("identity.db"), town.manifest.digest)
    deadline = time.monotonic() + 20
    while (progress := store.progress()) is None or progress.tree_size < tree_size:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    store.close()


def secret_of(town: Town, letter: bytes, handed: bytes) -> bytes:
    """The public half of what the voter joins."""
    election = town.manifest.election_id
    parts: list[Scalar] = [
        credential_part(election, issuer, bits)
        for issuer, bits in (("registrar", letter), ("identity", handed))
    ]
    return join_parts(parts).public().encoded


def code_of_letter(town: Town, reference: str) -> bytes:
    text = PdfReader(BytesIO(town.path(f"letters/{reference}.pdf").read_bytes())).pages[0].extract_text()
    found = re.search(r"((?:[0-9A-Z]{4}\s+){6}[0-9A-Z]{4})\s", text)
    assert found
    return decode_code(found[1].replace("\n", " "))


def voters(town: Town) -> tuple[Voter, ...]:
    return parse_voter_list(town.path("voters.csv").read_bytes(), town.manifest)


def vote_on_paper(town: Town) -> None:
    count = ("count", "--server", town.url, "--identity-key", town.path("service.key"))
    # Voting has not opened yet, so the board takes no count.
    assert "out-of-order" in refused(town.identity(*count, "--passphrase-file", town.path("passphrase")))
    references = [voter.reference for voter in voters(town)[1:3]]
    paper = ("paper", *references, *town.key("registrar"), "--out-dir", town.path("paper"))
    done(town.registrar(*paper))
    assert "not on the list" in refused(
        town.registrar("paper", "V-000000", *town.key("registrar"), "--out-dir", town.path("paper"))
    )
    for reference in references:
        said = done(town.identity("sign", town.path(f"paper/{reference}.json"), *town.key("identity")))
        assert f"revocation of {reference} checked and signed" in said
        town.sign_as_authority(f"paper/{reference}.json")
        town.post(f"paper/{reference}.json")
    with pytest.raises(Exception, match="revoked-credential"):
        hand_over(town, references[0])
    sign_the_roll_again(town)
    with pytest.raises(Exception, match="revoked-credential"):
        hand_over(town, references[0])
    assert "no credential in force" in refused(
        town.identity("reissue", references[0], *town.key("identity"), "--out", town.path("x.json"))
    )


def sign_the_roll_again(town: Town) -> None:
    """A copy without our signature: it is signed as before, and what happened since stays."""
    copytree(town.path("roll.json.addenda"), town.path("unsigned.json.addenda"))
    lists = ("--join", town.path("join.json"), "--their-list", town.path("registrar-list.json"))
    sign = ("sign-roll", town.path("unsigned.json"), "--server", town.url, *town.key("identity"))
    done(town.identity(*sign, *lists))
    assert town.path("unsigned.json").read_bytes() == town.path("roll.json").read_bytes()


def lose_a_letter(town: Town) -> None:
    reference = voters(town)[4].reference
    _, old = hand_over(town, reference)
    old_code = code_of_letter(town, reference)
    done(town.identity("reissue", reference, *town.key("identity"), "--out", town.path("part.json")))
    other = voters(town)[5].reference
    again = (
        *town.key("registrar"),
        "--their-part",
        town.path("part.json"),
        "--letters",
        town.path("letters"),
    )
    assert "for another credential" in refused(
        town.registrar("reissue", other, *again, "--out", town.path("x.json"))
    )
    done(town.registrar("reissue", reference, *again, "--out", town.path("reissue.json")))
    # Until the record is on the board, the old part is the one that is handed out.
    assert hand_over(town, reference)[1] == old
    done(town.identity("sign", town.path("reissue.json"), *town.key("identity")))
    town.sign_as_authority("reissue.json")
    town.post("reissue.json")
    body = read_envelope(town.path("reissue.json")).body
    assert isinstance(body, Reissue)
    bits, new = hand_over(town, reference)
    assert code_of_letter(town, reference) != old_code
    assert secret_of(town, code_of_letter(town, reference), bits) == new != old
    with BoardClient(town.url) as client:
        assert client.credential(new, town.manifest).standing == "effective"
        assert client.credential(old, town.manifest).standing == "replaced"
    # Whose row is in force, only the board can tell from now on.
    paper = (
        "paper",
        reference,
        *town.key("registrar"),
        "--out-dir",
        town.path("paper"),
        "--reason",
        "deceased",
    )
    assert "name the board" in refused(town.registrar(*paper))
    done(town.registrar(*paper, "--server", town.url))
    revocation = read_envelope(town.path(f"paper/{reference}.json")).body
    assert isinstance(revocation, Revocation)
    assert bytes(revocation.credential) == new
    done(town.identity("sign", town.path(f"paper/{reference}.json"), *town.key("identity")))
    assert "credential: not one that is in force" in refused(
        town.identity("sign", town.path("reissue.json"), *town.key("identity"))
    )


def serve_as_a_process(town: Town) -> None:
    """As its people start it; what it prints and logs names nobody."""
    voter = voters(town)[7]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "--db": town.path("identity.db"),
        "--manifest": town.path("manifest.json"),
        "--manifest-digest": town.manifest.digest.hex(),
        "--server": town.url,
        "--outbox": town.path("outbox"),
        "--key": town.path("identity.key"),
        "--identity-key": town.path("service.key"),
        "--passphrase-file": town.path("passphrase"),
        "--port": port,
    }
    program = [sys.executable, "-c", "from evote.cli import main; main()", "identity", "serve"]
    arguments = [str(each) for option in options.items() for each in option]
    with subprocess.Popen(
        [*program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            handed = asked_until_answered(f"http://127.0.0.1:{port}", voter, town)
        finally:
            process.terminate()
            said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert secret_of(town, code_of_letter(town, voter.reference), handed.bits) == handed.credential
    assert f"identity service of {town.manifest.election_id} on http://127.0.0.1:{port}" in said
    for personal in (voter.personal_number, voter.email, voter.reference, "sessions"):
        assert personal not in said


def asked_until_answered(url: str, voter: Voter, town: Town) -> IdentifiedVoter:
    deadline = time.monotonic() + 30
    with IdentityClient(url) as client:
        while True:
            try:
                session = client.begin(voter.personal_number, voter.reference, language=voter.language)
                break
            except ExchangeError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        code = read_newest_code(town.path("outbox"), voter.reference, voter.email)
        return client.finish(session, code, language=voter.language)


def nothing_leaks(town: Town) -> None:
    """What lies where: names with the registrar only, secrets nowhere in clear, nothing at the voting server."""
    people = voters(town)
    letter, part = code_of_letter(town, people[0].reference), hand_over(town, people[0].reference)[0]
    content = {
        name: b"".join(path.read_bytes() for path in town.folder.glob(f"{name}.db*"))
        for name in ("registrar", "identity", "board", "grants")
    }
    for person in people:
        assert person.surname.encode() in content["registrar"]
        for name in ("identity", "grants"):
            assert person.surname.encode() not in content[name]
        for name in ("identity", "board", "grants"):
            assert person.postal_address.encode() not in content[name]
        for name in ("board", "grants"):
            for known in (person.reference, person.personal_number, person.email):
                assert known.encode() not in content[name]
    for name, data in content.items():
        assert letter not in data, name
        assert part not in data, name
    databases = ("registrar.db", "identity.db", "grants.db")
    for private in ("letters", "outbox", "handover.json", "join.json", "part.json", *databases):
        assert stat.S_IMODE(town.path(private).stat().st_mode) & 0o077 == 0, private
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in town.path("letters").iterdir())

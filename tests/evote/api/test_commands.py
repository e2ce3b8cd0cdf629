"""The commands as people start them: real processes, ended by their ids."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from typer.testing import CliRunner

from bulletin_board.archive import ArchiveFiles
from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import encode_envelope, write_envelope
from bulletin_board.folder import FolderFiles
from bulletin_board.records.envelope import sign_body
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Notice
from crypto.sealing import FLOOR
from crypto.signing import SigningKey
from evote.cli import app
from evote.keys import Role, create_key
from evote.settings import WitnessAddress
from tests.support.ballots import bytes_for
from tests.support.live_election import training_manifest
from tests.support.sample_manifest import (
    AUTHORITIES,
    BOARD_KEY,
    STRANGER,
    WITNESSES,
    localized,
    manifest_json,
    manifest_of,
)

ROOT = Path(__file__).parents[3]
PASSPHRASE = "пароль for tests"
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def key_file(folder: Path, role: Role, name: str, key: SigningKey) -> Path:
    """A sealed file around a key that is known already."""
    path = folder / f"{role}-{name.replace('/', '-')}.key"
    drawn = iter([key.seed])
    create_key(
        path,
        role,
        name,
        PASSPHRASE,
        random_bytes=lambda size: next(drawn, bytes_for(f"{name} {size}", size)),
        parameters=FLOOR,
    )
    return path


class Files:
    """What a server is started with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = training_manifest()
        self.manifest_file = self.write_manifest("manifest.json", self.manifest)
        self.board_key = key_file(folder, Role.BOARD, "board", BOARD_KEY)
        self.witness_key = key_file(folder, Role.WITNESS, WITNESSES[0].name, WITNESSES[0].signing_key)
        self.stranger_key = key_file(folder, Role.BOARD, "stranger", STRANGER)
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
        self.board_db = folder / "board.db"

    def write_manifest(self, name: str, manifest: Manifest) -> Path:
        path = self.folder / name
        write_envelope(path, sign_body("manifest", manifest, manifest.digest, AUTHORITIES[:2]))
        return path

    def serve(
        self, port: int, witness_url: str, *, key: Path | None = None, name: str | None = None
    ) -> list[str]:
        name = name or WITNESSES[0].name
        return [
            "serve",
            *("--manifest", str(self.manifest_file)),
            *("--board-db", str(self.board_db)),
            *("--key", str(key or self.board_key)),
            *("--passphrase-file", str(self.passphrase)),
            *("--witness", f"{name}={witness_url}"),
            *("--port", str(port)),
            *("--workers-verify", "1"),
        ]

    def witness(self, port: int) -> list[str]:
        return [
            "witness",
            *("--db", str(self.folder / "witness.db")),
            *("--key", str(self.witness_key)),
            *("--passphrase-file", str(self.passphrase)),
            *("--manifest", str(self.manifest_file)),
            *("--port", str(port)),
        ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("commands"))


@contextmanager
def program(arguments: Sequence[str], log: Path, *, end: int = signal.SIGTERM) -> Iterator[None]:
    """A command as a process, which ends well when it is told to."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from evote.cli import main; main()", *arguments],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        try:
            yield
        finally:
            process.send_signal(end)
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert code == 0, log.read_text()


def answer_of(url: str) -> httpx.Response:
    end = monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            assert monotonic() < end, f"{url}: nobody answers"
            sleep(0.05)


@pytest.mark.slow
def test_a_board_with_its_witness_from_first_start_to_published_record(files: Files, tmp_path: Path) -> None:
    board_port, witness_port = free_port(), free_port()
    board_url, witness_url = f"http://127.0.0.1:{board_port}", f"http://127.0.0.1:{witness_port}"
    log = tmp_path / "log"
    notice = Notice(kind="incident", closes_at=None, text=localized("Process"))
    with program(files.witness(witness_port), log):
        with program(files.serve(board_port, witness_url), log):
            answer_of(f"{board_url}/status")
            with BoardClient(board_url) as client:
                envelope = sign_body("notice", notice, files.manifest.digest, AUTHORITIES[:2])
                receipt = client.post_entry(envelope, {}, files.manifest)
                assert receipt.index == 1
        # It goes on with the same log: the same entry has the place that it had.
        with program(files.serve(board_port, witness_url), log, end=signal.SIGINT):
            answer_of(f"{board_url}/status")
            again = httpx.post(f"{board_url}/entries", content=encode_envelope(envelope))
            assert again.json() == {"index": 1, "receipt": receipt.to_text()}
            assert "Training election" in httpx.get(f"{board_url}/?language=en").text
    lines = log.read_text().splitlines()
    requests = [line for line in lines if "evote.access" in line]
    assert any("POST /entries 200" in line for line in requests)
    # Who asked is nobody's business; the only addresses are those that the programs listen on.
    assert not [line for line in lines if "127.0.0.1" in line and "://127.0.0.1" not in line]
    assert not [line for line in requests if "127.0.0.1" in line]
    assert "Traceback" not in log.read_text()
    the_record_is_published_and_shown(files, tmp_path)


def the_record_is_published_and_shown(files: Files, folder: Path) -> None:
    record, archive = folder / "record", folder / "record.tar.gz"
    arguments = ["publish", str(record), "--board-db", str(files.board_db), "--archive", str(archive)]
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 0, ran.output
    assert "2 entries" in ran.output
    paths = sorted(FolderFiles(record).paths())
    with ArchiveFiles(archive) as packed:
        assert sorted(packed.paths()) == paths
    # An earlier cut, in place of the record that was there.
    ran = CliRunner().invoke(app, ["publish", str(record), "--board-db", str(files.board_db), "--at", "1"])
    assert (ran.exit_code, "1 entries" in ran.output) == (0, True)
    ran = CliRunner().invoke(app, ["publish", str(record), "--board-db", str(files.board_db), "--at", "99"])
    assert ran.exit_code == 1
    port = free_port()
    for shown in (record, archive):
        with program(["show", str(shown), "--port", str(port)], folder / "show-log"):
            assert answer_of(f"http://127.0.0.1:{port}/").status_code == 200
            assert httpx.get(f"http://127.0.0.1:{port}/checkpoint").text.startswith(
                files.manifest.board.origin
            )


def refused(arguments: Sequence[str], reason: str) -> None:
    ran = CliRunner().invoke(app, list(arguments))
    assert ran.exit_code == 1, ran.output
    assert f"refused: {reason}" in ran.stderr


def test_a_server_that_does_not_fit_its_election_does_not_start(files: Files, tmp_path: Path) -> None:
    url = "http://127.0.0.1:1"
    refused(files.serve(1, url, key=files.stranger_key), "key of stranger: the manifest names another key")
    refused(files.serve(1, url, key=files.witness_key), f"key of {WITNESSES[0].name}: made for witness")
    refused(files.serve(1, url, name="somebody.example"), "witness somebody.example: not in the manifest")
    refused(files.serve(1, "ftp://x"), f"witness {WITNESSES[0].name}=ftp://x: not NAME=URL")
    twice = [*files.serve(1, url), "--witness", f"{WITNESSES[0].name}={url}"]
    refused(twice, "witnesses: 1 different ones given, 1 must cosign")
    four = manifest_of(manifest_json())
    other = files.write_manifest("four.json", four)
    few = [str(other) if part == str(files.manifest_file) else part for part in files.serve(1, url)]
    refused(few, "witnesses: 1 different ones given, 3 must cosign")


def test_a_witness_with_a_key_of_no_manifest_does_not_start(files: Files) -> None:
    arguments = files.witness(1)
    strange = [str(files.stranger_key) if part == str(files.witness_key) else part for part in arguments]
    refused(strange, "key of stranger: made for board")


def test_a_witness_must_be_named_in_every_manifest(files: Files, tmp_path: Path) -> None:
    strange = key_file(tmp_path, Role.WITNESS, "other.example", STRANGER)
    arguments = [str(strange) if part == str(files.witness_key) else part for part in files.witness(1)]
    refused(arguments, "key of other.example: sample-2031 names no such witness")


def test_a_taken_port_is_said_so(files: Files, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(files.witness(port), f"127.0.0.1:{port}: cannot listen there")


def test_publishing_what_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    refused(["publish", str(tmp_path / "record"), "--board-db", str(missing)], f"{missing}: no such file")


@pytest.mark.parametrize("text", ["", "name", "=http://x", "a b=http://x", "name=http://", "name=//x"])
def test_witnesses_are_given_as_name_and_address(text: str) -> None:
    with pytest.raises(Exception, match="not NAME=URL"):
        WitnessAddress.parse(text, training_manifest())


def test_a_name_may_hold_an_equals_sign() -> None:
    plain = manifest_json()
    plain["witnesses"][0]["name"] = "odd=name"
    address = WitnessAddress.parse("odd=name=http://127.0.0.1:9/=", manifest_of(plain))
    assert (address.key.name, address.url) == ("odd=name", "http://127.0.0.1:9/=")

"""A town with an election: a real board and witness on loopback, the key ceremony done, key files for the issuers.

Registrar and identity service are run as commands, as their people type them.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import uvicorn
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import read_addenda, read_envelope, write_envelope
from bulletin_board.log.receipt import Receipt
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.envelope import decode_record, sign_body
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.store.witness import SqlWitnessStore
from bulletin_board.witness import Witness
from crypto.sealing import FLOOR
from evote.api.web_server import server_config
from evote.api.witness_app import create_witness_app
from evote.app import voting_server
from evote.election.posting import post_record
from evote.election.signing import sign_file
from evote.identity.commands import app as identity_commands
from evote.keys import Role, RoleKey, create_key
from evote.registrar.commands import app as registrar_commands
from evote.settings import ServerSettings, WitnessAddress
from tests.evote.kyrgyzstan import VOTERS, manifest_fields
from tests.support.election import build_election
from tests.support.sample_manifest import AUTHORITIES, BOARD_KEY, WITNESSES, manifest_json

PASSPHRASE = "сегиз кыр, бир сыр"
VOTER_COUNT = 40

ISSUERS = (("registrar", "Шайлоо комиссиясы"), ("identity", "Identity service"))


@dataclass
class Town:
    folder: Path
    manifest: Manifest
    url: str

    def path(self, name: str) -> Path:
        return self.folder / name

    def registrar(self, *arguments: object) -> Result:
        return self._run(registrar_commands, "registrar", arguments)

    def identity(self, *arguments: object) -> Result:
        return self._run(identity_commands, "identity", arguments)

    def key(self, name: str) -> tuple[object, ...]:
        return "--key", self.path(f"{name}.key"), "--passphrase-file", self.path("passphrase")

    def _run(self, app: typer.Typer, program: str, arguments: tuple[object, ...]) -> Result:
        common = ("--db", self.path(f"{program}.db"), "--manifest", self.path("manifest.json"))
        return CliRunner().invoke(app, [str(each) for each in (*arguments, *common)])

    def post(self, name: str) -> Receipt:
        envelope = read_envelope(self.path(name))
        with BoardClient(self.url) as client:
            return post_record(client, envelope, read_addenda(self.path(name), envelope.body), self.manifest)

    def sign_as_authority(self, name: str) -> None:
        key = RoleKey(Role.AUTHORITY, "Authority 1", AUTHORITIES[0])
        sign_file(self.path(name), read_envelope(self.path(name)), key, self.manifest)


def done(result: Result) -> str:
    """What a command said, if it did what it was told."""
    assert result.exit_code == 0, result.output
    return result.output


def refused(result: Result) -> str:
    """Why a command did not."""
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("refused: "), result.output
    return result.stderr


@contextmanager
def build_town(folder: Path) -> Iterator[Town]:
    """The town up to the end of the key ceremony."""
    (folder / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    (folder / "voters.csv").write_text(
        "".join(VOTERS.read_text(encoding="utf-8").splitlines(keepends=True)[: VOTER_COUNT + 1]),
        encoding="utf-8",
    )
    manifest = _manifest(folder)
    write_envelope(
        folder / "manifest.json", sign_body("manifest", manifest, manifest.digest, AUTHORITIES[:2])
    )
    memory = SqlWitnessStore.open(f"sqlite:///{folder}/witness.db")
    trusted = {manifest.board.origin: (BoardPolicy.of(manifest).log_key,)}
    with serving(create_witness_app(Witness(WITNESSES[0], trusted, memory), time.time)) as witness:
        settings = ServerSettings(
            manifest=manifest,
            manifest_envelope=read_envelope(folder / "manifest.json"),
            board_key=BOARD_KEY,
            board_db=folder / "board.db",
            grants_db=folder / "grants.db",
            witnesses=(WitnessAddress(WITNESSES[0].key, witness),),
        )
        with voting_server(settings) as server, serving(server) as url:
            _hold_ceremony(manifest, url)
            yield Town(folder, manifest, url)
    memory.close()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """An app on a free port of loopback; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(server_config(app, host="127.0.0.1", port=port, grace=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive() and time.monotonic() < deadline
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def _manifest(folder: Path) -> Manifest:
    cards = {
        name: create_key(
            folder / f"{name}.key", Role.ISSUER, title, PASSPHRASE, issuer_id=name, parameters=FLOOR
        )
        for name, title in ISSUERS
    }
    service = create_key(
        folder / "service.key", Role.IDENTITY, "Identification", PASSPHRASE, parameters=FLOOR
    )
    sample, now = manifest_json(), int(time.time())
    fields: dict[str, Any] = manifest_fields() | {
        name: sample[name] for name in ("authorities", "trustees", "threshold", "board", "election_id")
    }
    fields |= {
        "schedule": {"answers_by": now, "opens_at": now + 3600, "closes_at": now + 7200, "grace": 10},
        "beat": 100,
        "issuers": [
            {"id": name, "name": title, "key": encode_base64url(cards[name].key)} for name, title in ISSUERS
        ],
        "identity_key": encode_base64url(service.key),
        "witnesses": sample["witnesses"][:1],
        "witness_quorum": 1,
    }
    return decode_json(jcs(fields), Manifest, limit=1 << 20)


def _hold_ceremony(manifest: Manifest, url: str) -> None:
    """The trustees' records, made beforehand; the real board checks and sequences them."""
    entries = build_election(manifest=manifest, until="ceremony").board.entries
    with BoardClient(url) as client:
        for entry in entries[1:]:
            post_record(client, decode_record(entry), {}, manifest)

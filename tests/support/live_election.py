"""A small election as it runs: a voting server and its witness over HTTP on loopback, and everything posted to it.

The steps, keys and ballots are those of `tests.support.election`; here they go to a real server. All programs share
one clock, which tests hold in their hands: an hour passes when a test says so.

    with live_election(tmp_path, until="voting") as election:
        answer = election.cast(election.ballot("v0", "first"))
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from msgspec.structs import replace

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import write_envelope
from bulletin_board.log.receipt import Receipt
from bulletin_board.log.tile import TILE_WIDTH
from bulletin_board.log_files import bundle_at, read_bundle, read_newest_note
from bulletin_board.policy import BoardPolicy
from bulletin_board.problem import Problem, open_problem
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import decode_record, sign_body
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Close, Open
from bulletin_board.store.witness import SqlWitnessStore
from bulletin_board.witness import Witness
from crypto.ballot_encryption import encrypt_ballot
from crypto.ballot_prover import prove_ballot
from crypto.ballot_statement import BallotStatement
from crypto.signing import record_message
from evote.api.web_server import server_config
from evote.api.witness_app import create_witness_app
from evote.app import voting_server
from evote.election.posting import post_record
from evote.keys import Role, RoleKey
from evote.settings import ServerSettings
from tests.support.ballots import bytes_for
from tests.support.cheating_prover import unchecked_plaintext
from tests.support.election import VOTERS, make_ballot, run_ceremony, run_roll
from tests.support.election_tally import run_result, run_tally
from tests.support.election_world import World
from tests.support.sample_manifest import (
    ANSWERS_BY,
    AUTHORITIES,
    BOARD,
    BOARD_KEY,
    CLOSES_AT,
    GRACE,
    IDENTITY,
    OPENS_AT,
    WITNESSES,
    manifest_json,
    manifest_of,
)
from tests.support.small_board import SmallBoard

BEAT = 100  # milliseconds, the shortest there is
PATIENCE = 20.0  # seconds until a test gives up on what should have come


def training_manifest(**changes: Any) -> Manifest:
    """The sample election with one witness, and beats as short as can be."""
    plain = manifest_json() | {"training": True, "witness_quorum": 1, "beat": BEAT} | changes
    plain["witnesses"] = plain["witnesses"][:1]
    return manifest_of(plain)


@dataclass
class Clock:
    """POSIX seconds for everybody; it never goes back."""

    now: float

    def __call__(self) -> float:
        return self.now

    def advance_to(self, time: float) -> None:
        self.now = max(self.now, time)


def ballot_request(body: BallotBody, *addenda: bytes) -> bytes:
    """What is posted to cast a ballot."""
    return jcs({"addenda": [encode_base64url(data) for data in addenda], "body": body})


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """An app behind uvicorn in a thread, as the programs run it; its address."""
    server = uvicorn.Server(server_config(app, host="127.0.0.1", port=port, grace=2))
    # Named as TCP, so that asyncio sends without waiting for more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    thread = Thread(target=server.run, args=([listener],), name="uvicorn")
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def wait_until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    end = monotonic() + patience
    while not condition():
        assert monotonic() < end, "it did not come in time"
        sleep(0.01)


class RunningWitness:
    """A witness that can go away and come back at its address."""

    def __init__(self, folder: Path, manifest: Manifest, clock: Clock) -> None:
        self._store = SqlWitnessStore.open(f"sqlite:///{folder / 'witness.db'}")
        trusted = {manifest.board.origin: (BoardPolicy.of(manifest).log_key,)}
        self.witness = Witness(WITNESSES[0], trusted, self._store)
        self._clock = clock
        self._running = ExitStack()
        self.url = ""

    def start(self) -> None:
        port = int(self.url.rpartition(":")[2]) if self.url else 0
        self.url = self._running.enter_context(serving(create_witness_app(self.witness, self._clock), port))

    def stop(self) -> None:
        self._running.close()

    def close(self) -> None:
        self.stop()
        self._store.close()


@dataclass
class LiveBoard(SmallBoard):
    """What the steps of the election are posted to: the server. `entries` are those of its log."""

    client: BoardClient = field(kw_only=True)
    manifest: Manifest = field(kw_only=True)
    clock: Clock = field(kw_only=True)

    def append(self, entry: bytes, addenda: Mapping[bytes, bytes] | None = None) -> int:
        self.addenda |= addenda or {}
        envelope = decode_record(entry)
        receipt: Receipt | None = None
        if isinstance(envelope.body, BallotBody):
            self.grant(envelope.body.credential)
            end = monotonic() + PATIENCE
            while receipt is None:
                assert monotonic() < end
                receipt = self.client.post_ballot(envelope.body, self.addenda, self.manifest)
        else:
            receipt = post_record(self.client, envelope, self.addenda, self.manifest)
        self.sync()
        assert self.entries[receipt.index] == entry
        return receipt.index

    def sync(self) -> None:
        """Take over what the server has published."""
        _, newest = read_newest_note(self.client)
        bundles = range(-(-newest.tree_size // TILE_WIDTH))
        self.entries = [
            entry
            for index in bundles
            for entry in read_bundle(self.client, bundle_at(index, newest.tree_size))
        ]

    def grant(self, credential: bytes) -> None:
        body = jcs({"credential": encode_base64url(credential)})
        signature = IDENTITY.sign(record_message("grant", self.manifest.digest, body))
        self.client.post_grant(credential, signature, self.manifest)

    def publish(self, *, now: int | None = None, witnesses: tuple[int, ...] = (0,)) -> str:
        """The newest checkpoint of the server, once it has everything and is cosigned since `now`."""
        del witnesses
        if now is not None:
            self.clock.advance_to(now)
        policy = BoardPolicy.of(self.manifest)
        found: list[str] = []

        def fresh() -> bool:
            text = self.client.read("checkpoint").decode()
            opened = policy.open(text)
            found[:] = [text]
            return opened.checkpoint.tree_size >= len(self.entries) and (
                now is None or policy.quorum_since(opened.cosignatures) >= now
            )

        wait_until(fresh)
        self.sync()
        return found[0]


@dataclass
class LiveElection:
    """One running election."""

    url: str
    world: World
    board: LiveBoard
    witness: RunningWitness
    clock: Clock
    http: httpx.Client
    settings: ServerSettings

    @property
    def manifest(self) -> Manifest:
        return self.world.manifest

    def identify(self, voter: str) -> None:
        """Let the identity service vouch for a voter."""
        self.board.grant(self.world.secret(voter).public().encoded)

    def ballot(self, voter: str, label: str, *, identified: bool = True) -> BallotBody:
        """A good ballot, continuing the voter's chain; nothing of it is sent."""
        if identified:
            self.identify(voter)
        width = self.manifest.shape(VOTERS[voter][0]).options
        return make_ballot(self.world, label, voter, (1, 0, 0, 1, 0, 0, 0, 1, 0)[:width])

    def forged_ballot(self, voter: str, label: str, selections: Sequence[int]) -> BallotBody:
        """A ballot with forbidden selections, encrypted and proved by the honest steps."""
        self.identify(voter)
        secret = self.world.secret(voter)
        plaintext = unchecked_plaintext(self.manifest.shape(VOTERS[voter][0]), selections)
        honest = self.ballot(voter, f"{label} honest")
        encrypted = encrypt_ballot(
            plaintext,
            key=self.world.key,
            context=self.world.context,
            credential=secret.public(),
            seed=bytes_for(f"{label} seed"),
        )
        statement = BallotStatement(
            self.world.context,
            plaintext.shape,
            self.world.key,
            secret.public(),
            honest.previous,
            encrypted.ciphertexts,
        )
        proof = prove_ballot(statement, plaintext, encrypted.nonces, secret, bytes_for(f"{label} proof"))
        return replace(honest, ciphertexts=Bulk(encrypted.ciphertexts.encode()), proof=Bulk(proof.encode()))

    def cast(self, body: BallotBody, *, patient: bool = True) -> httpx.Response:
        """Post a ballot; if it is acknowledged, it is the head of its chain from now on."""
        answer = self.post("/ballots", ballot_request(body), patient=patient)
        if answer.status_code == HTTPStatus.OK:
            index = Receipt.from_text(answer.json()["receipt"]).index
            self.world.index[f"ballot {index}"] = index
            self.world.heads[bytes(body.credential)] = body.digest
        return answer

    def post(
        self,
        path: str,
        content: bytes,
        *,
        patient: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Post; with patience again and again while the answer is that it waits, as it may on a busy machine."""
        end = monotonic() + (PATIENCE if patient else 0)
        while True:
            answer = self.http.post(path, content=content, headers=headers)
            waits = answer.status_code == HTTPStatus.ACCEPTED and not answer.json().get("wanted")
            if not waits or monotonic() > end:
                return answer

    def refusal(self, answer: httpx.Response) -> Problem:
        """The refusal in an answer, its signature verified."""
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = open_problem(answer.content, self.manifest)
        assert problem.status == answer.status_code
        assert problem.type == f"https://evote.example/problems/{problem.code}"
        return problem

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get("/status").json()
        return answer

    def settle(self) -> int:
        """Let two beats pass; the size of the log then."""
        sleep(2.5 * BEAT / 1000)
        return int(self.status()["tree_size"])

    def open_voting(self) -> None:
        note = self.world.publish(OPENS_AT + 1)
        self.world.post("open", Open(checkpoint=note), AUTHORITIES[:2])

    def close_voting(self) -> None:
        """Let the time run out, and close with the last checkpoint in time."""
        deadline = CLOSES_AT + GRACE
        note = self.world.board.publish(now=deadline - 1)
        self.world.size_in_time = len(self.board.entries)
        self.clock.advance_to(deadline + 1)
        self.world.post("close", Close(checkpoint=note), AUTHORITIES[:2])

    def count(self) -> None:
        """From the close to the result."""
        run_tally(self.world)
        run_result(self.world)


@contextmanager
def live_election(
    folder: Path, *, until: str = "voting", manifest: Manifest | None = None
) -> Iterator[LiveElection]:
    """An election that runs: with its manifest ("manifest"), its keys ("ceremony"), its roll ("roll"), or open.

    Args:
        folder: for databases and files.
        until: "manifest", "ceremony", "roll" or "voting".
        manifest: of the election; training, with one witness.
    """
    manifest = manifest or training_manifest()
    clock = Clock(ANSWERS_BY - 10_000)
    with ExitStack() as stack:
        witness = RunningWitness(folder, manifest, clock)
        stack.callback(witness.close)
        witness.start()
        settings = server_settings(folder, manifest, witness.url)
        url = stack.enter_context(running_server(settings, clock))
        client = stack.enter_context(BoardClient(url))
        http = stack.enter_context(httpx.Client(base_url=url, timeout=30))
        board = LiveBoard(BOARD, WITNESSES, int(clock.now), client=client, manifest=manifest, clock=clock)
        world = World(manifest, board, {}, {}, {})
        election = LiveElection(url, world, board, witness, clock, http, settings)
        steps = {
            "manifest": lambda: world.post("manifest", manifest, AUTHORITIES[:2]),
            "ceremony": lambda: run_ceremony(world),
            "roll": lambda: run_roll(world),
            "voting": election.open_voting,
        }
        for name in list(steps)[(0 if until == "manifest" else 1) : list(steps).index(until) + 1]:
            steps[name]()
        yield election


def server_settings(folder: Path, manifest: Manifest, witness_url: str) -> ServerSettings:
    path = folder / "manifest.json"
    write_envelope(path, sign_body("manifest", manifest, manifest.digest, AUTHORITIES[:2]))
    return ServerSettings.gather(
        path,
        RoleKey(Role.BOARD, "board", BOARD_KEY),
        board_db=folder / "board.db",
        grants_db=folder / "grants.db",
        witnesses=(f"{manifest.witnesses[0].name}={witness_url}",),
        verify_workers=0,
    )


@contextmanager
def running_server(settings: ServerSettings, clock: Clock) -> Iterator[str]:
    """A voting server in this process; its address."""
    with voting_server(settings, clock=clock) as app, serving(app) as url:
        yield url

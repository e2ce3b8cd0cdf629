"""The voting server put together: one process with the board, its sequencer and everything over HTTP.

Spec: board.md §3, §5
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from time import time

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from bulletin_board.beat_loop import BeatLoop
from bulletin_board.client import WitnessClient
from bulletin_board.cosigning import WitnessLink
from bulletin_board.log.note import NoteSigner
from bulletin_board.records.envelope import decode_record, encode_record
from bulletin_board.sequencer import Sequencer
from bulletin_board.serving import read_path
from bulletin_board.store.sql import SqlBoardStore
from evote.api.access_log import AccessLog
from evote.api.ballots import ballot_routes
from evote.api.credentials import credential_routes
from evote.api.entries import entry_routes
from evote.api.live_record import LiveRecord
from evote.api.pages import page_routes
from evote.api.problems import RefusalWriter, install_refusals
from evote.api.record_files import record_file_routes
from evote.api.status import status_routes
from evote.db.grants import GrantStore
from evote.election.accept_ballot import BallotAcceptance
from evote.election.accept_entry import EntryAcceptance
from evote.election.beat_bell import BeatBell
from evote.election.beat_log import BeatLog
from evote.election.proof_queue import ProofQueue
from evote.errors import SettingsError
from evote.settings import ServerSettings, WitnessAddress

Clock = Callable[[], float]


@contextmanager
def voting_server(settings: ServerSettings, *, clock: Clock = time) -> Iterator[FastAPI]:
    """The voting server as an app, its databases open while the block runs.

    Beats go on from the start of the app to its end, whose last one is finished.

    Raises:
        SettingsError: the database holds the log of another election.
        ReadOnlyError: the log contradicts itself; see board.md §3.5.
        StoreError, DatabaseError: a database that cannot be opened.
    """
    manifest = settings.manifest
    with ExitStack() as stack:
        store = SqlBoardStore.open(f"sqlite:///{settings.board_db.absolute()}")
        stack.callback(store.close)
        grants = GrantStore.open(settings.grants_db, manifest.digest)
        stack.callback(grants.close)
        signer = NoteSigner(manifest.board.origin, settings.board_key)
        links = [_link(address, stack) for address in settings.witnesses]
        sequencer = Sequencer(store, signer=signer, witnesses=links)
        stack.callback(sequencer.close)
        sequencer.start()
        _begin_log(store, sequencer, settings, int(clock()))
        proofs = ProofQueue(settings.verify_workers)
        stack.callback(proofs.close)
        yield _assemble(settings, store, grants, sequencer, proofs, clock)


def _assemble(
    settings: ServerSettings,
    store: SqlBoardStore,
    grants: GrantStore,
    sequencer: Sequencer,
    proofs: ProofQueue,
    clock: Clock,
) -> FastAPI:
    manifest = settings.manifest
    beats = BeatLoop(sequencer, beat_ms=manifest.beat, clock=clock)
    bell = BeatBell(sequencer.outcome, patience=2 * manifest.beat / 1000)
    beats.add_listener(bell.ring)
    beats.add_listener(BeatLog(beats).note)
    ballots = BallotAcceptance(
        store, sequencer, manifest, grants=grants, proofs=proofs, bell=bell, clock=clock
    )
    entries = EntryAcceptance(store, sequencer, manifest, grants, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        beats.start()
        yield
        await asyncio.to_thread(beats.stop)

    app = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    # Nothing here knows a visitor again, so pages of any origin may ask.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT"],
        allow_headers=["content-type"],
    )
    app.add_middleware(AccessLog)
    install_refusals(app, RefusalWriter(manifest, settings.board_key))
    for router in (
        record_file_routes(partial(read_path, store)),
        ballot_routes(ballots),
        credential_routes(store),
        entry_routes(entries, bell),
        status_routes(store, sequencer, manifest, clock),
        page_routes(LiveRecord(store)),
    ):
        app.include_router(router)
    return app


def _begin_log(store: SqlBoardStore, sequencer: Sequencer, settings: ServerSettings, now: int) -> None:
    """On the first start the manifest waits to become entry 0; later, entry 0 must be this manifest."""
    with store.snapshot() as tables:
        first = tables.log.entries(0, 1) if tables.log.head().tree_size else ()
    if not first:
        sequencer.submit(encode_record(settings.manifest_envelope), now=now)
    elif decode_record(first[0].data).body != settings.manifest:
        raise SettingsError(f"{settings.board_db}: holds the log of another election")


def _link(address: WitnessAddress, stack: ExitStack) -> WitnessLink:
    client = WitnessClient(address.url)
    stack.callback(client.close)
    return WitnessLink(address.key, client.ask)

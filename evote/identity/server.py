"""The identity service put together: the desk over HTTP, and beside it the reader of the log."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path

from fastapi import FastAPI

from bulletin_board.client import BoardClient
from bulletin_board.errors import BoardError
from bulletin_board.records.manifest import Manifest
from crypto.errors import CryptoError
from crypto.signing import SigningKey
from evote.db.identity import IdentityStore, open_identity_database
from evote.db.sessions import SessionStore
from evote.errors import EvoteError, IdentityError
from evote.identity.app import create_app
from evote.identity.desk import DeskTools, IdentityDesk
from evote.identity.outbox import Outbox
from evote.identity.reporting import CountReporter, Granter
from evote.identity.sealed_parts import PartSafe, StorageKey
from evote.identity.watch import LogWatch

STEP_BEATS = 3  # the log is read once in so many beats
SESSIONS_PER_HOUR = 10

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """What the service is started with.

    server: address of the voting server
    sender: whom mails are from
    """

    manifest: Manifest
    db: Path
    server: str
    outbox: Path
    storage_key: StorageKey = field(repr=False)
    identity_key: SigningKey = field(repr=False)
    sender: Address
    sessions_per_hour: int = SESSIONS_PER_HOUR


@contextmanager
def identity_server(settings: IdentitySettings) -> Iterator[FastAPI]:
    """The service as an app, its database open while the block runs.

    Raises:
        DatabaseError: a database that cannot be opened.
        IdentityError: the roll was not signed yet, so there is no credential to hand a part of.
    """
    manifest = settings.manifest
    with ExitStack() as stack:
        database = open_identity_database(settings.db, manifest.digest)
        stack.callback(database.close)
        client = stack.enter_context(BoardClient(settings.server))
        store = IdentityStore(database)
        if not store.is_joined():
            raise IdentityError("identity service: the roll is not signed yet, so nobody has a credential")
        outbox = Outbox(settings.outbox, sender=settings.sender, election_id=manifest.election_id, clock=_now)
        tools = DeskTools(
            sessions=SessionStore(database),
            persons=store,
            post=outbox,
            safe=PartSafe(settings.storage_key, manifest),
            storage_key=settings.storage_key,
            grant=Granter(manifest, client, settings.identity_key).grant,
            clock=_now,
        )
        desk = IdentityDesk(manifest, tools, sessions_per_hour=settings.sessions_per_hour)
        rounds = Rounds(
            LogWatch(manifest, client, store, outbox.put),
            CountReporter(manifest, client, store, time.monotonic, settings.identity_key),
            desk,
            pause=STEP_BEATS * manifest.beat / 1000,
        )
        yield create_app(desk, manifest.languages, rounds.lifespan)


@dataclass(slots=True)
class Rounds:
    """Reads the log, reports, and forgets old sessions again and again, in a thread of its own."""

    watch: LogWatch
    reporter: CountReporter
    desk: IdentityDesk
    pause: float  # seconds between rounds
    _stop: threading.Event = field(default_factory=threading.Event)

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Go round while the app runs; the round that is going on is finished."""
        thread = threading.Thread(target=self._run, name="log watch")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            await asyncio.to_thread(thread.join)

    def _run(self) -> None:
        while not self._stop.is_set():
            for step in (self.watch.step, self.reporter.step, self.desk.forget_sessions):
                try:
                    step()
                except (BoardError, CryptoError, EvoteError, OSError) as exc:
                    # The next round tries again. The board's words are public; ours name references only.
                    _LOG.warning("log watch: %s", exc)
            self._stop.wait(self.pause)


def _now() -> int:
    return int(time.time())

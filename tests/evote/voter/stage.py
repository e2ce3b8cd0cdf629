"""A running election with its identity service, and voters who bring what they got by post."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path

from bulletin_board.client import BoardClient
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import encode_base64url
from crypto.credential import part_public
from crypto.crockford import encode_code
from crypto.signing import record_message
from evote.db.identity import IdentityStore, open_identity_database
from evote.db.sessions import SessionStore
from evote.errors import GrantError
from evote.identity.app import create_app
from evote.identity.desk import DeskTools, IdentityDesk
from evote.identity.outbox import Outbox
from evote.identity.person import KeptPart, Person
from evote.identity.sealed_parts import PartSafe, StorageKey
from evote.issuing.credential import IDENTITY as IDENTITY_ISSUER
from evote.issuing.credential import RollMember, open_part
from evote.voter.identity_client import IdentityClient
from evote.voter.plan import PlannedVoter, Result
from evote.voter.polling import PollingPlace
from evote.voter.voter import HeadlessVoter, VoterTools
from tests.support.ballots import bytes_for
from tests.support.election import VOTERS
from tests.support.live_election import LiveElection, live_election, serving
from tests.support.sample_manifest import IDENTITY, ISSUERS

CITY = {"president": ["bakyt"], "council": ["list-a"], "bridge": ["yes"]}
VILLAGE = {"president": ["aida"], "council": []}


def person(voter: str) -> Person:
    return Person(voter, f"number of {voter}", f"{voter}@example.org", "en", *VOTERS[voter])


def letter_code(voter: str) -> str:
    return encode_code(bytes_for(f"registrar {voter}", 16))


def planned(voter: str, choices: Mapping[str, Sequence[str]] | None = None, **changes: str) -> PlannedVoter:
    """A voter who does everything right."""
    default = CITY if VOTERS[voter][0] == "city" else VILLAGE
    line = {
        "reference": voter,
        "personal_number": person(voter).personal_number,
        "language": "en",
        "email": person(voter).email,
        "code": letter_code(voter),
    }
    chosen = {contest: list(options) for contest, options in (choices or default).items()}
    return PlannedVoter(**(line | changes), choices=chosen)  # type: ignore[arg-type] # the action is one of the literals


@dataclass
class PollingStage:
    """Everything that a voter needs, and the election behind it."""

    election: LiveElection
    identity_url: str
    store: IdentityStore
    folder: Path
    failing_grants: list[str]  # one for each grant that the voting server will not take
    clients: ExitStack = field(default_factory=ExitStack)

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def tools(self, board: BoardClient | None = None) -> VoterTools:
        board = board or self.clients.enter_context(BoardClient(self.election.url))
        identity = self.clients.enter_context(IdentityClient(self.identity_url))
        place = PollingPlace.enter(board, self.election.manifest.digest)
        return VoterTools(place, board, identity, self.outbox, self.files, patience=10)

    def vote(self, voter: PlannedVoter, board: BoardClient | None = None) -> list[Result]:
        return list(HeadlessVoter(voter, self.tools(board)).run())


@contextmanager
def polling_stage(folder: Path, until: str = "voting") -> Iterator[PollingStage]:
    """An election, open unless said otherwise, whose identity service knows every voter."""
    with ExitStack() as stack:
        election = stack.enter_context(live_election(folder, until=until))
        database = open_identity_database(folder / "identity.db", election.manifest.digest)
        store = IdentityStore(database)
        stack.callback(store.close)
        failing: list[str] = []
        desk = _desk(election, store, SessionStore(database), folder, failing)
        identity_url = stack.enter_context(serving(create_app(desk, election.manifest.languages)))
        (folder / "files").mkdir()
        yield PollingStage(election, identity_url, store, folder, failing, stack.enter_context(ExitStack()))


def _desk(
    election: LiveElection, store: IdentityStore, sessions: SessionStore, folder: Path, failing: list[str]
) -> IdentityDesk:
    manifest = election.manifest
    storage_key = StorageKey(bytes_for("storage"))
    safe = PartSafe(storage_key, manifest)
    parts = {
        voter: open_part(manifest, IDENTITY_ISSUER, bytes_for(f"{IDENTITY_ISSUER} {voter}", 16))
        for voter in VOTERS
    }
    store.replace_persons([person(voter) for voter in VOTERS])
    store.keep_parts([KeptPart(voter, part.public.encoded, safe.seal(part)) for voter, part in parts.items()])
    members = [
        RollMember(
            voter,
            *VOTERS[voter],
            tuple(part_public(part).encoded for part in election.world.parts[voter]),
            election.world.secret(voter).public().encoded,
        )
        for voter in VOTERS
    ]
    store.join_members(members, own_place=list(ISSUERS).index(IDENTITY_ISSUER))

    def grant(credential: bytes) -> None:
        if failing:
            raise GrantError(failing.pop())
        body = jcs({"credential": encode_base64url(credential)})
        signature = IDENTITY.sign(record_message("grant", manifest.digest, body))
        election.board.client.post_grant(credential, signature, manifest)

    sender = Address("Identity service", "identity", "example.org")
    outbox = Outbox(
        folder / "outbox",
        sender=sender,
        election_id=manifest.election_id,
        clock=lambda: int(election.clock()),
    )
    tools = DeskTools(
        sessions=sessions,
        persons=store,
        post=outbox,
        safe=safe,
        storage_key=storage_key,
        grant=grant,
        clock=lambda: int(election.clock()),
    )
    return IdentityDesk(manifest, tools, sessions_per_hour=50)

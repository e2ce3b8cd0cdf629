"""A desk with everything real but the voting server and the clock."""

import email
import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from evote.db.identity import IdentityStore, open_identity_database
from evote.db.sessions import SessionStore
from evote.errors import GrantError
from evote.identity.desk import DeskTools, IdentityDesk
from evote.identity.outbox import Outbox
from evote.identity.person import KeptPart, Person
from evote.identity.sealed_parts import PartSafe, StorageKey
from evote.issuing.credential import IDENTITY, RandomBytes, RollMember, draw_part
from tests.evote.kyrgyzstan import manifest

NOW = 1_610_250_000
STORAGE_KEY = StorageKey(bytes(range(32)))
SENDER = Address("Шайлоо", "noreply", "identity.example.org")

AIDA = Person("V-000001", "20101199000011", "aida@example.org", "ky", "abroad", "ru-moscow-1")
BORIS = Person("V-000002", "10202198000022", "boris@example.org", "ru", "abroad", "ru-moscow-1")
UNKNOWN_NUMBER = "10303197000033"
PERSONS = (AIDA, BORIS)


def counted(start: int = 1) -> RandomBytes:
    """Random bytes that are not: a counter, so that tests repeat."""
    state = [start]

    def draw(size: int) -> bytes:
        state[0] += 1
        return state[0].to_bytes(8, "big").rjust(size, b"\1")

    return draw


@dataclass
class Server:
    """The voting server as the desk sees it."""

    granted: list[bytes] = field(default_factory=list)
    down: bool = False

    def grant(self, credential: bytes) -> None:
        if self.down:
            raise GrantError("voting server: no answer")
        self.granted.append(credential)


@dataclass
class Stage:
    folder: Path
    desk: IdentityDesk
    store: IdentityStore
    server: Server
    clock: list[int]

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox"

    def mails(self) -> list[EmailMessage]:
        return [read_mail(path) for path in sorted(self.outbox.glob("*.eml"))]

    def last_code(self) -> str:
        found = re.search(r"\d{4} \d{4}", self.mails()[-1].get_content())
        assert found
        return found[0]


def read_mail(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def credential_of(person: Person) -> bytes:
    return person.reference.encode().rjust(32, b"S")


def member_of(person: Person, part: bytes) -> RollMember:
    other = person.reference.encode().rjust(32, b"R")
    return RollMember(person.reference, person.style, person.unit, (other, part), credential_of(person))


def set_stage(folder: Path, *, sessions_per_hour: int = 3) -> Stage:
    """Aida and Boris have parts and credentials; nobody else is known."""
    database = open_identity_database(folder / "identity.db", manifest().digest)
    store, server, clock = IdentityStore(database), Server(), [NOW]
    safe = PartSafe(STORAGE_KEY, manifest(), counted(100))
    if not store.persons():
        store.replace_persons(PERSONS)
        drawn = {
            person: draw_part(manifest(), IDENTITY, counted(int(person.reference[2:]))) for person in PERSONS
        }
        store.keep_parts(
            [
                KeptPart(person.reference, part.public.encoded, safe.seal(part))
                for person, part in drawn.items()
            ]
        )
        store.join_members(
            [member_of(person, part.public.encoded) for person, part in drawn.items()], own_place=1
        )
    tools = DeskTools(
        sessions=SessionStore(database),
        persons=store,
        post=Outbox(
            folder / "outbox", sender=SENDER, election_id=manifest().election_id, clock=lambda: clock[0]
        ),
        safe=safe,
        storage_key=STORAGE_KEY,
        grant=server.grant,
        clock=lambda: clock[0],
    )
    desk = IdentityDesk(manifest(), tools, sessions_per_hour=sessions_per_hour)
    return Stage(folder, desk, store, server, clock)

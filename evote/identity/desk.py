"""The desk: where a person asks for a one-time code, and is handed her part of the credential for it.

She says her personal number and the number of her letter. Others may know the first; with the second, nobody
can use up the attempts of somebody else.

A pair that nobody has is treated exactly like a real one, down to the writing of a mail, which then goes
nowhere: neither the answer nor its time tells whether somebody is on the list.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import Protocol

from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from evote.errors import RateLimitError, RevokedError, WrongCodeError
from evote.identity.mails import CODE_DIGITS, code_mail
from evote.identity.outbox import Clock, Mail
from evote.identity.person import KeptPart, OpenedSession, Person
from evote.identity.sealed_parts import PartSafe, StorageKey
from evote.issuing.credential import RandomBytes

CODE_LIFE = 600  # seconds
MAX_TRIES = 5
WINDOW = 3600  # seconds over which sessions of a person are counted

_TOKEN_BYTES = 16


class Sessions(Protocol):
    """What the desk needs of `evote.db.sessions`."""

    def open_session(self, session: OpenedSession, *, since: int, limit: int) -> int | None: ...

    def try_code(
        self, token_digest: bytes, code_digest: bytes, *, opened_since: int, max_tries: int
    ) -> str | None: ...

    def give_back(self, token_digest: bytes) -> None: ...

    def forget(self, *, before: int) -> None: ...


class Persons(Protocol):
    """What the desk needs of `evote.db.identity`."""

    def person_of_number(self, personal_number: str) -> Person | None: ...

    def current_part(self, reference: str) -> KeptPart | None: ...

    def mark_identified(self, reference: str) -> None: ...


class Post(Protocol):
    """What the desk needs of the outbox."""

    def put(self, mail: Mail) -> None: ...

    def discard(self, mail: Mail) -> None: ...


@dataclass(frozen=True, slots=True)
class HandedPart:
    """What an identified person receives.

    bits:       the 16 bytes of the identity service's part
    credential: S, public
    """

    bits: bytes = field(repr=False)
    credential: bytes


@dataclass(frozen=True, slots=True)
class DeskTools:
    """What the desk works with.

    grant: tells the voting server, durably, that the holder of a credential was identified
    draw_code: a number below its argument, from a source that nobody can guess
    """

    sessions: Sessions
    persons: Persons
    post: Post
    safe: PartSafe
    storage_key: StorageKey = field(repr=False)
    grant: Callable[[bytes], None]
    clock: Clock
    random_bytes: RandomBytes = secrets.token_bytes
    draw_code: Callable[[int], int] = secrets.randbelow


class IdentityDesk:
    """Identifies the persons of one election by one-time codes."""

    def __init__(self, manifest: Manifest, tools: DeskTools, *, sessions_per_hour: int) -> None:
        self._manifest = manifest
        self._tools = tools
        self._limit = sessions_per_hour
        self._subject_key = tools.storage_key.derive(b"subjects")
        self._code_key = tools.storage_key.derive(b"one-time codes")
        # Mails for pairs that nobody has are written as if to this person.
        self._nobody = Person("V-000000", "", "nobody@example.org", manifest.languages[0], "", "")

    def begin(self, personal_number: str, reference: str) -> str:
        """Send a one-time code; the secret name of the session.

        Args:
            personal_number: of the person.
            reference: the number of her letter, in capitals or not.

        Raises:
            RateLimitError: too many sessions for this pair, whether it is anybody's or not.
        """
        tools = self._tools
        reference = reference.strip().upper()
        person = tools.persons.person_of_number(personal_number)
        if person is not None and person.reference.upper() != reference:
            person = None
        token = encode_base64url(tools.random_bytes(_TOKEN_BYTES))
        code = f"{tools.draw_code(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        now = tools.clock()
        session = OpenedSession(
            token_digest=_token_digest(token),
            subject=_keyed(self._subject_key, f"{personal_number}\0{reference}"),
            reference=person.reference if person else "",
            code_digest=self._code_digest(token, code),
            opened_at=now,
        )
        number = tools.sessions.open_session(session, since=now - WINDOW, limit=self._limit)
        if number is None:
            raise RateLimitError("identification: too many sessions", retry_after=WINDOW)
        to = person or self._nobody
        mail = code_mail(self._manifest, to, code, sequence=number, minutes=CODE_LIFE // 60)
        (tools.post.put if person else tools.post.discard)(mail)
        return token

    def finish(self, token: str, code: str) -> HandedPart:
        """Hand over the part for the right code, after the voting server has been told.

        Raises:
            WrongCodeError: wrong, late, used, too often tried, or of no session; which one is not told.
            RevokedError: the right code, and a credential that was revoked.
            GrantError: the voting server does not take the grant now; the code stays good.
        """
        tools = self._tools
        token_digest = _token_digest(token)
        reference = tools.sessions.try_code(
            token_digest,
            self._code_digest(token, code),
            opened_since=tools.clock() - CODE_LIFE,
            max_tries=MAX_TRIES,
        )
        if reference is None:
            raise WrongCodeError("identification: the code is not valid")
        try:
            return self._hand_over(reference)
        except BaseException:
            tools.sessions.give_back(token_digest)
            raise

    def forget_sessions(self) -> None:
        """Delete what is too old to be counted."""
        self._tools.sessions.forget(before=self._tools.clock() - WINDOW)

    def _hand_over(self, reference: str) -> HandedPart:
        kept = self._tools.persons.current_part(reference)
        if kept is None or kept.credential is None:
            raise RevokedError(f"person {reference}: has no credential in force")
        part = self._tools.safe.open(kept.sealed, kept.part)
        self._tools.grant(kept.credential)
        self._tools.persons.mark_identified(reference)
        return HandedPart(part.bits, kept.credential)

    def _code_digest(self, token: str, code: str) -> bytes:
        # Spaces are how the mail shows it.
        return _keyed(self._code_key, f"{token} {code.replace(' ', '')}")


def _token_digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _keyed(key: bytes, text: str) -> bytes:
    return blake2b(text.encode(), key=key, digest_size=32).digest()

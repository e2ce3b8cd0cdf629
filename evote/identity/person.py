"""Persons as the identity service knows them: a personal number and a way to reach them, no name."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the registrar handed over. Of all this only `reference` may stand in messages."""

    reference: str
    personal_number: str = field(repr=False)
    email: str = field(repr=False)
    language: str
    style: str
    unit: str


@dataclass(frozen=True, slots=True)
class KeptPart:
    """One part of the identity service, at rest.

    part:       S_j
    sealed:     the bits, sealed
    credential: S, once the parts of all issuers are joined
    """

    reference: str
    part: bytes
    sealed: bytes = field(repr=False)
    credential: bytes | None = None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """One attempt to identify, as it is written down.

    token_digest: of the secret name that the browser holds
    subject:      keyed hash of both numbers that were typed, for counting attempts; nobody can turn it back
    reference:    of the person; empty where nobody has both numbers, and the code then opens nothing
    code_digest:  keyed hash of the one-time code
    opened_at:    POSIX seconds
    """

    token_digest: bytes
    subject: bytes
    reference: str
    code_digest: bytes
    opened_at: int


@dataclass(frozen=True, slots=True)
class LogProgress:
    """Up to where the log was read: a checkpoint that must stay a part of it."""

    tree_size: int
    root_hash: bytes

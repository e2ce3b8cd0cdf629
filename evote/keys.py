"""Keys of the people and programs of an election: a sealed file each, with a public card beside it.

`registrar.key` is a sealed file around a JSON object with the secrets. `registrar.key.card.json` holds what
the manifest needs: `{"key", "name", "role"}`, for an issuer also its `"id"`, for a trustee its `"box_key"`.

Spec: protocol.md §1.10
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bulletin_board.durable_file import PRIVATE, PUBLIC, write_durably
from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Bytes32, Identifier, Text
from bulletin_board.records.record import Part
from crypto.boxes import BoxSecretKey
from crypto.errors import CryptoError
from crypto.sealing import MODERATE, NONCE_SIZE, SALT_SIZE, SealingParameters, seal, unseal
from crypto.signing import SigningKey
from evote.errors import KeyFileError
from trustees.sealing import MIN_PASSPHRASE, is_too_short

RandomBytes = Callable[[int], bytes]

_MOST_BYTES = 4096  # a key file or a card is far smaller


class Role(StrEnum):
    AUTHORITY = "authority"
    BOARD = "board"
    WITNESS = "witness"
    ISSUER = "issuer"
    IDENTITY = "identity"
    TRUSTEE = "trustee"


class Card(Part, omit_defaults=True):
    """The public half of a key, as it enters the manifest."""

    role: Role
    name: Text
    key: Bytes32  # Ed25519
    id: Identifier | None = None  # issuers
    box_key: Bytes32 | None = None  # trustees, X25519


@dataclass(frozen=True, slots=True)
class RoleKey:
    """The secret half of a key, opened."""

    role: Role
    name: str
    signing_key: SigningKey = field(repr=False)
    id: str | None = None
    box_key: BoxSecretKey | None = field(default=None, repr=False)  # trustees
    storage_key: bytes | None = field(default=None, repr=False)  # issuers: what they keep is sealed under it

    def require_role(self, role: Role, *, issuer_id: str | None = None) -> None:
        """Refuse a key that was made for something else.

        Raises:
            KeyFileError: another role, or another issuer.
        """
        if self.role is not role or self.id != issuer_id:
            wanted = f"{role} {issuer_id}" if issuer_id else role
            made = f"{self.role} {self.id}" if self.id else self.role
            raise KeyFileError(f"key of {self.name}: made for {made}, {wanted} is needed")

    def require_public(self, public_key: bytes) -> None:
        """Refuse a key that is not the one of the manifest.

        Raises:
            KeyFileError: another key.
        """
        if self.signing_key.public != public_key:
            raise KeyFileError(f"key of {self.name}: not the one that the manifest names")


class _Secrets(Part, omit_defaults=True):
    role: Role
    name: Text
    seed: Bytes32
    id: Identifier | None = None
    box_secret: Bytes32 | None = None
    storage_key: Bytes32 | None = None


def card_path(key_path: Path) -> Path:
    return key_path.with_name(f"{key_path.name}.card.json")


def create_key(
    path: Path,
    role: Role,
    name: str,
    passphrase: str,
    *,
    issuer_id: str | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
    parameters: SealingParameters = MODERATE,
) -> Card:
    """Draw a key for a role, write its sealed file and its card, never over files that are there.

    Args:
        path: of the sealed file; its card is put beside it.
        role: what the key may sign.
        name: as it will stand in the manifest.
        passphrase: opens the file again.
        issuer_id: of an issuer, `registrar` or `identity`; nobody else has one.
        random_bytes: where the secrets come from.
        parameters: the cost of opening the file.

    Raises:
        KeyFileError: a file is there already, the name or id is not usable, the passphrase is
            too short.
    """
    if is_too_short(passphrase):
        raise KeyFileError(f"key file: the passphrase needs at least {MIN_PASSPHRASE} characters")
    if (role is Role.ISSUER) != (issuer_id is not None):
        raise KeyFileError("key file: issuers have an id, nobody else has")
    kept = _Secrets(
        role=role,
        name=name,
        seed=Bytes32(random_bytes(32)),
        id=issuer_id,
        box_secret=Bytes32(random_bytes(32)) if role is Role.TRUSTEE else None,
        storage_key=Bytes32(random_bytes(32)) if role is Role.ISSUER else None,
    )
    plaintext = _checked(kept)
    key = _open(kept)
    card = Card(
        role=role,
        name=name,
        key=Bytes32(key.signing_key.public),
        id=issuer_id,
        box_key=Bytes32(key.box_key.public) if key.box_key else None,
    )
    salt, nonce = random_bytes(SALT_SIZE), random_bytes(NONCE_SIZE)
    sealed = seal(plaintext, passphrase, salt=salt, nonce=nonce, parameters=parameters)
    try:
        write_durably(path, sealed, mode=PRIVATE, replace=False)
        write_durably(card_path(path), jcs(card), mode=PUBLIC, replace=False)
    except FileExistsError as exc:
        raise KeyFileError(f"key file {path}: it is there already") from exc
    return card


def load_key(path: Path, passphrase: str) -> RoleKey:
    """Open a key file.

    Raises:
        KeyFileError: not there, not a key file, or the passphrase is another.
    """
    try:
        plaintext = unseal(_read(path), passphrase)
        return _open(decode_json(plaintext, _Secrets, limit=_MOST_BYTES, subject="key file"))
    except (CryptoError, RecordError) as exc:
        raise KeyFileError(f"key file {path}: {exc}") from exc


def load_card(path: Path) -> Card:
    """Read a card.

    Raises:
        KeyFileError: not there, or not a card.
    """
    try:
        return decode_json(_read(path), Card, limit=_MOST_BYTES, subject="card")
    except RecordError as exc:
        raise KeyFileError(f"card {path}: {exc}") from exc


def load_cards(folder: Path) -> tuple[Card, ...]:
    """All cards of a folder, in order of their file names.

    Raises:
        KeyFileError: there is none, or one cannot be read.
    """
    cards = tuple(load_card(path) for path in sorted(folder.glob("*.card.json")))
    if not cards:
        raise KeyFileError(f"cards {folder}: there are none")
    return cards


def _checked(kept: _Secrets) -> bytes:
    """The file's content, which is what `load_key` will accept."""
    plaintext = jcs(kept)
    try:
        decode_json(plaintext, _Secrets, limit=_MOST_BYTES, subject="key file")
    except RecordError as exc:
        raise KeyFileError(str(exc)) from exc
    return plaintext


def _open(kept: _Secrets) -> RoleKey:
    return RoleKey(
        role=kept.role,
        name=kept.name,
        signing_key=SigningKey(bytes(kept.seed)),
        id=kept.id,
        box_key=BoxSecretKey(bytes(kept.box_secret)) if kept.box_secret else None,
        storage_key=bytes(kept.storage_key) if kept.storage_key else None,
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as exc:
        raise KeyFileError(f"key file {path}: {exc.strerror}") from exc

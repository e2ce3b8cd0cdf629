"""The sealed file of a trustee: the only place where its secrets are written down.

Spec: protocol.md §1.10
"""

import fcntl
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bulletin_board.durable_file import PRIVATE, write_durably
from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Bytes32, Bytes64, Text, TrusteeIndex
from bulletin_board.records.record import Part
from crypto.boxes import BoxSecretKey
from crypto.errors import CryptoError
from crypto.scalar import Scalar
from crypto.sealing import (
    MODERATE,
    NONCE_SIZE,
    SALT_SIZE,
    SealingParameters,
    seal,
    sealing_parameters,
    unseal,
)
from crypto.sharing import Polynomial
from crypto.signing import SigningKey
from trustees.errors import SecretFileError
from trustees.sealing import MIN_PASSPHRASE, is_too_short
from trustees.secret import CeremonySecret, Release, TrusteeSecret

FILE_NAME = "secret.sealed"
_LOCK_NAME = ".lock"
_MOST_BYTES = 64 << 10

RandomBytes = Callable[[int], bytes]


class _Ceremony(Part):
    manifest_digest: Bytes32
    trustee_index: TrusteeIndex
    coefficients: tuple[Bytes32, ...]
    possession_randomness: Bytes32
    ephemeral_secrets: tuple[Bytes32, ...]


class _Release(Part):
    aggregate_digest: Bytes64
    randomness: Bytes32


class _File(Part):
    name: Text
    signing_seed: Bytes32
    box_secret: Bytes32
    ceremony: _Ceremony | None
    release: _Release | None


@dataclass(frozen=True, slots=True)
class SecretStore:
    """A trustee's folder and the passphrase that opens its sealed file.

    parameters: the cost of opening a file that is made new; one that is there keeps its own
    """

    folder: Path
    passphrase: str = field(repr=False)
    parameters: SealingParameters = MODERATE

    @property
    def path(self) -> Path:
        return self.folder / FILE_NAME

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other run of the program away from the file: two at once could release twice.

        Raises:
            SecretFileError: another run is under way, or there is no such folder.
        """
        try:
            file = (self.folder / _LOCK_NAME).open("wb")
        except OSError as exc:
            raise SecretFileError("file-unreadable", file=str(self.path), reason=str(exc.strerror)) from exc
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise SecretFileError("file-busy", file=str(self.path)) from exc
            yield

    def create(self, secret: TrusteeSecret, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        """Write a new file, never over one that is there.

        Raises:
            SecretFileError: it is there already, the passphrase is too short, or the name is not usable.
        """
        if is_too_short(self.passphrase):
            raise SecretFileError("passphrase-short", least=MIN_PASSPHRASE)
        sealed = self._sealed(secret, self.parameters, random_bytes)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            write_durably(self.path, sealed, mode=PRIVATE, replace=False)
        except FileExistsError as exc:
            raise SecretFileError("file-exists", file=str(self.path)) from exc

    def save(self, secret: TrusteeSecret, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        """Put a new state in place of the old one, durably, before anything that follows from it is shown.

        Raises:
            SecretFileError: what is there is no sealed file.
        """
        try:
            parameters = sealing_parameters(self._read())
        except CryptoError as exc:
            raise SecretFileError("file-unreadable", file=str(self.path), reason=str(exc)) from exc
        write_durably(self.path, self._sealed(secret, parameters, random_bytes), mode=PRIVATE)

    def load(self) -> TrusteeSecret:
        """Open the file.

        Raises:
            SecretFileError: not there, damaged, or the passphrase is another.
        """
        try:
            plaintext = unseal(self._read(), self.passphrase)
            return _open(decode_json(plaintext, _File, limit=_MOST_BYTES, subject="secret file"))
        except OSError as exc:
            raise SecretFileError("file-unreadable", file=str(self.path), reason=str(exc.strerror)) from exc
        except (CryptoError, RecordError, ValueError) as exc:
            raise SecretFileError("file-unreadable", file=str(self.path), reason=str(exc)) from exc

    def _read(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(_MOST_BYTES)

    def _sealed(
        self, secret: TrusteeSecret, parameters: SealingParameters, random_bytes: RandomBytes
    ) -> bytes:
        plaintext = jcs(_written(secret))
        try:
            decode_json(plaintext, _File, limit=_MOST_BYTES, subject="secret file")
        except RecordError as exc:
            raise SecretFileError("name-unusable", reason=str(exc)) from exc
        salt, nonce = random_bytes(SALT_SIZE), random_bytes(NONCE_SIZE)
        return seal(plaintext, self.passphrase, salt=salt, nonce=nonce, parameters=parameters)


def _written(secret: TrusteeSecret) -> _File:
    return _File(
        name=secret.name,
        signing_seed=Bytes32(secret.signing_key.seed),
        box_secret=Bytes32(secret.box_key.secret),
        ceremony=_written_ceremony(secret.ceremony) if secret.ceremony else None,
        release=_written_release(secret.release) if secret.release else None,
    )


def _written_ceremony(ceremony: CeremonySecret) -> _Ceremony:
    return _Ceremony(
        manifest_digest=Bytes32(ceremony.manifest_digest),
        trustee_index=ceremony.trustee_index,
        coefficients=tuple(Bytes32(each.encoded) for each in ceremony.polynomial.coefficients),
        possession_randomness=Bytes32(ceremony.possession_randomness),
        ephemeral_secrets=tuple(Bytes32(each.secret) for each in ceremony.ephemeral_secrets),
    )


def _written_release(release: Release) -> _Release:
    return _Release(
        aggregate_digest=Bytes64(release.aggregate_digest), randomness=Bytes32(release.randomness)
    )


def _open(file: _File) -> TrusteeSecret:
    return TrusteeSecret(
        name=file.name,
        signing_key=SigningKey(bytes(file.signing_seed)),
        box_key=BoxSecretKey(bytes(file.box_secret)),
        ceremony=_open_ceremony(file.ceremony) if file.ceremony else None,
        release=_open_release(file.release) if file.release else None,
    )


def _open_ceremony(ceremony: _Ceremony) -> CeremonySecret:
    coefficients = tuple(Scalar.decode(each) for each in ceremony.coefficients)
    return CeremonySecret(
        bytes(ceremony.manifest_digest),
        ceremony.trustee_index,
        Polynomial(ceremony.trustee_index, coefficients),
        bytes(ceremony.possession_randomness),
        tuple(BoxSecretKey(bytes(each)) for each in ceremony.ephemeral_secrets),
    )


def _open_release(release: _Release) -> Release:
    return Release(bytes(release.aggregate_digest), bytes(release.randomness))

"""Secrets at rest: one file under a passphrase, with Argon2id and XSalsa20-Poly1305.

The file tells its own parameters, so that the cost can grow without losing old files:

    "evote/v1/sealed-file" ‖ newline ‖ le64 passes ‖ le64 memory in bytes ‖ salt (16) ‖ nonce (24)
        ‖ le64 length of the box ‖ box

Parameters, salt and nonce need no authentication of their own: with a changed one, the box stays shut.

Spec: protocol.md §1.10
"""

import struct
import unicodedata
from dataclasses import dataclass

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from crypto.errors import DecryptionError, EncodingError

SALT_SIZE = 16
NONCE_SIZE = 24

_MAGIC = b"evote/v1/sealed-file\n"
_HEADER = struct.Struct(f"<{len(_MAGIC)}sQQ{SALT_SIZE}s{NONCE_SIZE}sQ")
_KEY_SIZE = 32
_TAG_SIZE = 16
_MEBIBYTE = 1 << 20

_MIN_PASSES, _MAX_PASSES = 2, 16
_MIN_MEMORY, _MAX_MEMORY = 64 * _MEBIBYTE, 1024 * _MEBIBYTE


@dataclass(frozen=True, slots=True)
class SealingParameters:
    """The cost of one guess of the passphrase, between a floor for safety and a ceiling for hostile files."""

    passes: int  # over the memory, 2..16
    memory: int  # bytes, 64 MiB..1 GiB, a multiple of 1 KiB

    def __post_init__(self) -> None:
        if not _MIN_PASSES <= self.passes <= _MAX_PASSES:
            raise ValueError(f"sealed file: {self.passes} passes are not in {_MIN_PASSES}..{_MAX_PASSES}")
        if not _MIN_MEMORY <= self.memory <= _MAX_MEMORY:
            raise ValueError(f"sealed file: {self.memory} bytes of memory are not in 64 MiB..1 GiB")
        # Argon2 counts in KiB: two values that round to one would make two encodings of one file.
        if self.memory % 1024:
            raise ValueError(f"sealed file: {self.memory} bytes of memory are not whole KiB")


FLOOR = SealingParameters(passes=_MIN_PASSES, memory=_MIN_MEMORY)
INTERACTIVE = FLOOR  # about 0.1 s; libsodium's name for this cost
MODERATE = SealingParameters(passes=3, memory=256 * _MEBIBYTE)  # about 1 s: for keys that guard an election


def seal(
    plaintext: bytes,
    passphrase: str,
    *,
    salt: bytes,
    nonce: bytes,
    parameters: SealingParameters = MODERATE,
) -> bytes:
    """The sealed file.

    Args:
        plaintext: of any length, which the file shows.
        passphrase: taken in Unicode form NFC, since keyboards differ in how they write й.
        salt: 16 fresh random bytes.
        nonce: 24 fresh random bytes.
        parameters: the cost of opening it.
    """
    if len(salt) != SALT_SIZE or len(nonce) != NONCE_SIZE:
        raise ValueError("sealed file: salt is 16 bytes, nonce 24")
    key = _derive_key(passphrase, salt, parameters)
    box = bindings.crypto_secretbox_easy(plaintext, nonce, key)
    return _HEADER.pack(_MAGIC, parameters.passes, parameters.memory, salt, nonce, len(box)) + box


def unseal(data: bytes, passphrase: str) -> bytes:
    """The plaintext of a sealed file.

    Raises:
        EncodingError: not a sealed file of this version, cut off, or with parameters out of bounds; found
            before any costly work is done.
        DecryptionError: wrong passphrase, or damaged; the two cannot be told apart.
        MemoryError: this machine has not the memory that the parameters ask for.
    """
    parameters, salt, nonce, box = _split(data)
    try:
        return bindings.crypto_secretbox_open_easy(box, nonce, _derive_key(passphrase, salt, parameters))
    except SodiumError:
        raise DecryptionError("sealed file: wrong passphrase or damaged file") from None


def sealing_parameters(data: bytes) -> SealingParameters:
    """What a sealed file says of its own cost, so that it is sealed again at the same.

    Raises:
        EncodingError: as for `unseal`.
    """
    return _split(data)[0]


def _split(data: bytes) -> tuple[SealingParameters, bytes, bytes, bytes]:
    """(parameters, salt, nonce, box)"""
    if not data.startswith(_MAGIC):
        raise EncodingError("sealed file: not a sealed file of this version")
    if len(data) < _HEADER.size:
        raise EncodingError("sealed file: cut off in its header")
    _, passes, memory, salt, nonce, box_size = _HEADER.unpack_from(data)
    box = data[_HEADER.size :]
    if len(box) != box_size or box_size < _TAG_SIZE:
        raise EncodingError(f"sealed file: {len(box)} bytes of content, {box_size} announced")
    try:
        return SealingParameters(passes, memory), salt, nonce, box
    except ValueError as exc:
        raise EncodingError(str(exc)) from None


def _derive_key(passphrase: str, salt: bytes, parameters: SealingParameters) -> bytes:
    text = unicodedata.normalize("NFC", passphrase).encode()
    try:
        return bindings.crypto_pwhash_alg(
            _KEY_SIZE,
            text,
            salt,
            parameters.passes,
            parameters.memory,
            bindings.crypto_pwhash_ALG_ARGON2ID13,
        )
    except SodiumError:
        # The sizes are right by construction; what is left is that the memory could not be had.
        raise MemoryError(f"sealed file: needs {parameters.memory // _MEBIBYTE} MiB of memory") from None

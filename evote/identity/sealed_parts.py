"""Secret parts at rest, and what else hangs on the storage key of the identity service's issuer key.

The key is in the sealed key file and never in the database: the database alone gives away neither a part nor
a one-time code nor whether a personal number was asked for.
"""

import secrets
from dataclasses import dataclass, field
from hashlib import blake2b

from nacl.exceptions import CryptoError as SodiumError
from nacl.secret import SecretBox

from bulletin_board.records.manifest import Manifest
from evote.errors import IdentityError
from evote.issuing.credential import IDENTITY, DrawnPart, RandomBytes, open_part


@dataclass(frozen=True, slots=True)
class StorageKey:
    """Gives every use a key of its own."""

    master: bytes = field(repr=False)  # 32 bytes

    def derive(self, use: bytes) -> bytes:
        """A 32-byte key for one use, named in at most 16 bytes."""
        return blake2b(key=self.master, person=use, digest_size=32).digest()


class PartSafe:
    """Seals and opens the identity service's parts."""

    def __init__(
        self, storage_key: StorageKey, manifest: Manifest, random_bytes: RandomBytes = secrets.token_bytes
    ) -> None:
        self._box = SecretBox(storage_key.derive(b"parts"))
        self._manifest = manifest
        self._random_bytes = random_bytes

    def seal(self, part: DrawnPart) -> bytes:
        """Nonce ‖ box of the 16 bytes that the voter will be handed."""
        return bytes(self._box.encrypt(part.bits, self._random_bytes(SecretBox.NONCE_SIZE)))

    def open(self, sealed: bytes, public_part: bytes) -> DrawnPart:
        """The part again.

        Raises:
            IdentityError: sealed with another key, damaged, or another voter's: it is not the logarithm of
                `public_part`.
        """
        try:
            bits = self._box.decrypt(sealed)
        except (SodiumError, ValueError):
            raise IdentityError("sealed part: does not open with this key") from None
        part = open_part(self._manifest, IDENTITY, bits)
        if part.public.encoded != public_part:
            raise IdentityError("sealed part: belongs to another public part")
        return part

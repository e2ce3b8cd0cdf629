"""Public-key boxes for dealt shares: libsodium's crypto_box with a fresh ephemeral key and a zero nonce.

A box opens with either secret of the pair. So a dealer who is accused of a bad box can publish its
ephemeral secret, and everybody reads what was posted.

Spec: protocol.md §2.4 and §2.6
"""

from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import CryptoError as SodiumError

from crypto.errors import DecryptionError, EncodingError

KEY_SIZE = 32
OVERHEAD = 16  # bytes of the Poly1305 tag in front of the ciphertext

# Every box has an ephemeral key of its own, so the key of the cipher never meets a second message.
_ZERO_NONCE = bytes(24)

_FIELD_PRIME = 2**255 - 19

# u-coordinates whose order divides 8, on the curve and on its twist: a shared secret with any of them is
# zero, so that everybody could open the box.
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _FIELD_PRIME - 1,
        0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
        0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
    },
)


@dataclass(frozen=True, slots=True)
class BoxSecretKey:
    """An X25519 secret, long-term or ephemeral, as 32 random bytes; clamping is libsodium's."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_SIZE:
            raise ValueError("box key: the secret is not 32 bytes")

    @property
    def public(self) -> bytes:
        """The 32-byte u-coordinate, canonical."""
        return bindings.crypto_scalarmult_base(self.secret)


def require_box_key(public_key: bytes) -> None:
    """Refuse an X25519 public key that is not in its one encoding, or that makes every shared secret zero.

    X25519 itself ignores the top bit and reduces modulo p; one key in two encodings would pass as two keys
    where keys must be distinct.

    Raises:
        EncodingError: not 32 bytes, not below p, or of small order.
    """
    if len(public_key) != KEY_SIZE:
        raise EncodingError("box key: not 32 bytes")
    u = int.from_bytes(public_key, "little")
    if u >= _FIELD_PRIME:
        raise EncodingError("box key: not canonical")
    if u in _SMALL_ORDER:
        raise EncodingError("box key: of small order")


def seal_share(plaintext: bytes, recipient_public: bytes, ephemeral_secret: BoxSecretKey) -> bytes:
    """Close one box; `ephemeral_secret` must be fresh and serve no other box.

    Returns: 16 bytes more than the plaintext.

    Raises:
        EncodingError: `recipient_public` is not a usable key.
    """
    require_box_key(recipient_public)
    return bindings.crypto_box_easy(plaintext, _ZERO_NONCE, recipient_public, ephemeral_secret.secret)


def open_with_recipient(box: bytes, ephemeral_public: bytes, recipient_secret: BoxSecretKey) -> bytes:
    """Open a box addressed to us.

    Raises:
        EncodingError: `ephemeral_public` is not a usable key.
        DecryptionError: the box was not made with this pair of keys, or was changed.
    """
    require_box_key(ephemeral_public)
    return _open(box, ephemeral_public, recipient_secret)


def open_with_ephemeral(
    box: bytes,
    ephemeral_public: bytes,
    ephemeral_secret: BoxSecretKey,
    recipient_public: bytes,
) -> bytes:
    """Open a posted box with the secret that its dealer has published.

    A dealer could post one key beside a box made with another and answer with the secret of the latter: a
    good box that its recipient could never open. So the secret must belong to the posted key.

    Raises:
        EncodingError: a public key is not usable.
        DecryptionError: the secret is not that of `ephemeral_public`, or the box does not open.
    """
    require_box_key(ephemeral_public)
    require_box_key(recipient_public)
    if ephemeral_secret.public != ephemeral_public:
        raise DecryptionError("box: the secret is not that of the posted ephemeral key")
    return _open(box, recipient_public, ephemeral_secret)


def _open(box: bytes, public_key: bytes, secret_key: BoxSecretKey) -> bytes:
    try:
        return bindings.crypto_box_open_easy(box, _ZERO_NONCE, public_key, secret_key.secret)
    except SodiumError:
        raise DecryptionError("box: does not open with these keys") from None

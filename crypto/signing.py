"""Ed25519 signatures of records: who posted this, and for which election.

Everything that is signed is one 64-byte digest, so no signature can be read as one of another type or
election.

Spec: protocol.md §1.9
"""

from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import BadSignatureError

from crypto.errors import EncodingError, SignatureError
from crypto.hashing import Tag, digest

KEY_SIZE = 32
SEED_SIZE = 32
SIGNATURE_SIZE = 64  # R ‖ S


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key pair, kept as the 32-byte seed of RFC 8032."""

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_SIZE:
            raise ValueError("signing key: the seed is not 32 bytes")

    @property
    def public(self) -> bytes:
        """The 32-byte public key, as it stands in the manifest."""
        public_key, _ = bindings.crypto_sign_seed_keypair(self.seed)
        return public_key

    def sign(self, message: bytes) -> bytes:
        """The 64-byte deterministic signature of RFC 8032."""
        _, secret_key = bindings.crypto_sign_seed_keypair(self.seed)
        return bindings.crypto_sign(message, secret_key)[:SIGNATURE_SIZE]


def record_message(entry_type: str, manifest_digest: bytes, body_jcs: bytes) -> bytes:
    """The 64 bytes that the signatures of a record stand over.

    Args:
        entry_type: the `type` of the envelope.
        manifest_digest: SHA-256 of the manifest's body; for the manifest, of the very body that is signed.
        body_jcs: the body in its canonical form.

    Spec: protocol.md §1.9
    """
    return digest(Tag.SIGN, entry_type.encode(), manifest_digest, body_jcs)


def verify_signature(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check one signature, by the rule on which every verifier must agree.

    Libraries differ on signatures that only the owner of a strange key can make: with key or R outside the
    prime-order subgroup, with S + ℓ, or in a second encoding. libsodium refuses small orders, second
    encodings and S ≥ ℓ, reduces k modulo ℓ and compares enc(S·B − k·K) with R byte by byte; tests hold it to
    each of these.

    Raises:
        SignatureError: not a signature of this message under this key.

    Spec: protocol.md §1.9
    """
    # libsodium reads a fixed number of bytes and would not see a wrong length.
    if len(public_key) != KEY_SIZE:
        raise SignatureError("signature: the public key is not 32 bytes")
    if len(signature) != SIGNATURE_SIZE:
        raise SignatureError("signature: not 64 bytes")
    try:
        bindings.crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        raise SignatureError("signature: does not verify under the expected key") from None


def require_public_key(public_key: bytes) -> None:
    """Refuse a key of the manifest on which verifiers could ever disagree.

    A key with a part of small order has signatures that hold with and fail without the cofactor; a key of
    full order has none.

    Raises:
        EncodingError: not 32 bytes, not canonical, or not of order ℓ.
    """
    if len(public_key) != KEY_SIZE or not bindings.crypto_core_ed25519_is_valid_point(public_key):
        raise EncodingError("signing key: not a canonical Ed25519 key of full order")

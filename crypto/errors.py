"""Everything `crypto` raises about things that came from outside.

CryptoError
├── EncodingError      outside bytes or text not in their one canonical form
├── ProofError         a zero-knowledge proof that does not hold
├── SignatureError     no valid signature under the expected key
├── DealerError        a dealt share contradicts its dealer's commitments (.culprit)
└── DecryptionError    a sealed box, a sealed file or a result that does not open

A wrong argument from our own code is a ValueError, not one of these.
"""


class CryptoError(Exception):
    """Root of the package; catch it at a boundary, never inside `crypto`."""


class EncodingError(CryptoError): ...


class ProofError(CryptoError): ...


class SignatureError(CryptoError): ...


class DealerError(CryptoError):
    """The message names what contradicts; `culprit` is the trustee_index (1-based) of the dealer."""

    def __init__(self, message: str, *, culprit: int) -> None:
        super().__init__(f"{message} (trustee {culprit})")
        self.culprit = culprit


class DecryptionError(CryptoError): ...

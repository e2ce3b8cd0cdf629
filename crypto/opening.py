"""The opening of a checked ballot: its seed re-creates every ciphertext, and so shows every choice.

A checked ballot is never cast. Spec: protocol.md §3.13, §7.1
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crypto.ballot_encryption import selection_nonces
from crypto.ballot_shape import BallotShape
from crypto.elgamal import CIPHERTEXT_BYTES, CiphertextArray, encrypt
from crypto.errors import EncodingError, ProofError
from crypto.group import GroupElement, Scalar
from crypto.tracking import tracking_code


@dataclass(frozen=True, slots=True)
class CheckedBallot:
    """What the first device gives to the second, and the code that the voter wrote down before."""

    shape: BallotShape
    credential: GroupElement  # S
    seed: bytes = field(repr=False)  # 32 bytes
    ciphertexts: CiphertextArray
    tracking_code: str  # in its one form

    def open(self, *, key: GroupElement, context: bytes) -> tuple[int, ...]:
        """The selections, when the code is that of these ciphertexts and the seed opens all of them.

        Args:
            key: h.
            context: ctx, 64 bytes.

        Raises:
            EncodingError: another number of ciphertexts than the style has options.
            ProofError: the code or a ciphertext does not come out.
        """
        selections = open_ballot(
            self.shape,
            key=key,
            context=context,
            credential=self.credential,
            seed=self.seed,
            ciphertexts=self.ciphertexts,
        )
        packed = self.ciphertexts.encode()
        if tracking_code(context, self.shape.style_id, self.credential, packed) != self.tracking_code:
            raise ProofError("opening: the tracking code belongs to another ballot")
        return selections


def open_ballot(
    shape: BallotShape,
    *,
    key: GroupElement,
    context: bytes,
    credential: GroupElement,
    seed: bytes,
    ciphertexts: CiphertextArray,
) -> tuple[int, ...]:
    """The selections, 0 or 1 for every option, that the seed shows the ciphertexts to hold.

    Args:
        shape: of the ballot's style.
        key: h.
        context: ctx, 64 bytes.
        credential: S.
        seed: 32 bytes.
        ciphertexts: of the ballot.

    Raises:
        EncodingError: another number of ciphertexts than the style has options.
        ProofError: a pad is not the one that the seed gives, or a message is neither 0 nor 1.
    """
    if len(ciphertexts) != shape.options:
        raise EncodingError(f"opening: {len(ciphertexts)} ciphertexts for {shape.options} options")
    nonces = selection_nonces(seed, shape=shape, context=context, credential=credential)
    packed = ciphertexts.encode()
    found = [_halves(packed, j) for j in range(shape.options)]
    zeros, ones = (
        encrypt(key, [Scalar.from_int(message)] * len(nonces), nonces).encode() for message in (0, 1)
    )
    selections = []
    for j, (pad, data) in enumerate(found):
        expected_pad, data_of_zero = _halves(zeros, j)
        if pad != expected_pad:
            raise ProofError(f"opening: the pad of selection {j} does not come from the seed")
        if data not in (data_of_zero, _halves(ones, j)[1]):
            raise ProofError(f"opening: selection {j} is neither 0 nor 1")
        selections.append(int(data != data_of_zero))
    return tuple(selections)


def _halves(packed: bytes, index: int) -> tuple[bytes, bytes]:
    start = CIPHERTEXT_BYTES * index
    return packed[start : start + 32], packed[start + 32 : start + CIPHERTEXT_BYTES]

"""Hypothesis strategies for scalars and elements, with the edges where group code goes wrong."""

import rbcl
from hypothesis import strategies as st

from crypto.group import ORDER, GroupElement, Scalar

EDGES = (0, 1, 2, 8, (ORDER - 1) // 2, (ORDER + 1) // 2, 2**128 - 1, 2**128, 2**252, ORDER - 2, ORDER - 1)

integers = st.sampled_from(EDGES) | st.integers(0, ORDER - 1) | st.integers(0, 2**128)
scalars = integers.map(Scalar.from_int)
nonzero_scalars = integers.filter(bool).map(Scalar.from_int)

# Hashing to the group gives representatives with every part of small order.
hashed_encodings = st.binary(min_size=64, max_size=64).map(rbcl.crypto_core_ristretto255_from_hash)
multiple_encodings = st.integers(0, 20).map(
    lambda k: rbcl.crypto_scalarmult_ristretto255_base_allow_scalar_zero(k.to_bytes(32, "little"))
)
encodings = hashed_encodings | multiple_encodings
elements = encodings.map(GroupElement.decode)

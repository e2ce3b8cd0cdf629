"""Σ k·P over many public scalars and points by Pippenger's buckets. Variable time by nature.

Every scalar is written in signed digits of `width` bits. At each place, from the highest down, every point
goes into the bucket of its digit, and the buckets are summed with their digits as weights. Going down one
place multiplies what was summed so far by 2^width.
"""

from bisect import bisect_left
from operator import neg

from crypto.backend.portable.edwards import (
    IDENTITY,
    Addend,
    Point,
    add,
    add_addend,
    addends,
    double,
    negate_addend,
)
from crypto.scalar import ORDER


def vartime_multiscalar(scalars: list[int], points: list[Point]) -> Point:
    """The sum of scalar times point, for scalars in 0..ℓ−1."""
    if not scalars:
        return IDENTITY
    # ℓ·P stands for the identity, so k − ℓ does what k does; weights of a batch are short in one of the two.
    signed = [k if 2 * k < ORDER else k - ORDER for k in scalars]
    # Longest first: whatever still has a digit at a place stands before whatever has none.
    ranks = sorted(range(len(signed)), key=lambda i: -signed[i].bit_length())
    terms = addends([points[i] for i in ranks])
    lengths = [signed[i].bit_length() for i in ranks]

    # Digits lie in −half..half−1; adding `half` to each makes them unsigned, for a mask to cut out.
    # One bit more than the sign needs keeps the highest digit from overflowing.
    width = _best_width(lengths)
    half = 1 << width - 1
    places = [(length + 1) // width + 1 for length in lengths]
    bias = sum(half << width * place for place in range(places[0]))
    biased = [signed[i] + bias for i in ranks]

    total = IDENTITY
    for place in reversed(range(places[0])):
        for _ in range(width):
            total = double(total)
        reaching = bisect_left(places, -place, key=neg)  # how many have more places than `place`
        digits = [(k >> width * place & 2 * half - 1) - half for k in biased[:reaching]]
        total = add(total, _weighted_sum(digits, terms, half))
    return total


def _weighted_sum(digits: list[int], terms: list[Addend], half: int) -> Point:
    """Σ digit · term, with one bucket for each absolute value of a digit."""
    buckets: list[Point | None] = [None] * (half + 1)
    for digit, term in zip(digits, terms, strict=False):
        if digit > 0:
            buckets[digit] = add_addend(buckets[digit] or IDENTITY, term)
        elif digit < 0:
            buckets[-digit] = add_addend(buckets[-digit] or IDENTITY, negate_addend(term))

    # Summing the partial sums from the highest bucket down counts the first `half` times, the last once.
    # There is no bucket 0, for it would count for nothing.
    partial = total = IDENTITY
    for bucket in buckets[:0:-1]:
        if bucket is not None:
            partial = add(partial, bucket)
        if partial is not IDENTITY:
            total = add(total, partial)
    return total


def _best_width(lengths: list[int]) -> int:
    """The width that costs the fewest additions: one for every digit, about two for every bucket."""
    digits, longest = sum(lengths), lengths[0]
    return min(range(2, 17), key=lambda width: (digits + (longest << width)) / width)

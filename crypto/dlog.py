"""Small discrete logarithms: from v·B back to the count v, by baby steps and giant steps.

Spec: protocol.md §5.8
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crypto.errors import DecryptionError
from crypto.group import GENERATOR, IDENTITY, ElementArray, GroupElement, vartime_multiscalar


@dataclass(frozen=True, slots=True)
class DiscreteLogTable:
    """The baby steps 0·B, 1·B, … for logarithms in 0..bound; build once, use for many elements.

    Variable time throughout: the counts of an election are public.
    """

    bound: int  # the greatest logarithm that is looked for
    baby_steps: Mapping[bytes, int] = field(repr=False)  # encoding of v·B → v, for v below the stride

    @classmethod
    def build(cls, bound: int, *, lookups: int = 1) -> DiscreteLogTable:
        """A table whose size balances its own cost with that of the giant steps.

        Args:
            bound: ≥ 0.
            lookups: about how many logarithms will be asked for.
        """
        if bound < 0 or lookups < 1:
            raise ValueError(f"discrete logarithm: bound {bound} for {lookups} lookups")
        size = min(bound + 1, math.isqrt((bound + 1) * lookups) + 1)
        multiples = ElementArray.of([IDENTITY])
        step = GENERATOR
        while len(multiples) < size:  # doubling: [0, k)·B and its translate by k·B are [0, 2k)·B
            multiples = ElementArray.concat([multiples, multiples + _repeated(step, len(multiples))])
            step = step + step
        packed = multiples[:size].encode()
        return cls(bound, {packed[32 * v : 32 * v + 32]: v for v in range(size)})

    def vartime_logarithms(self, elements: ElementArray) -> tuple[int, ...]:
        """For every element the v with v·B = element and 0 ≤ v ≤ bound.

        Raises:
            DecryptionError: an element has no such logarithm; the first is named by its 0-based index.
        """
        stride = len(self.baby_steps)
        giant_step = vartime_multiscalar([-stride], ElementArray.of([GENERATOR]))
        found: dict[int, int] = {}
        open_indexes = list(range(len(elements)))
        remaining = elements
        for offset in range(0, self.bound + 1, stride):
            packed = remaining.encode()
            steps = [self.baby_steps.get(packed[place : place + 32]) for place in range(0, len(packed), 32)]
            found |= {
                index: offset + step
                for index, step in zip(open_indexes, steps, strict=True)
                if step is not None and offset + step <= self.bound
            }
            places = [place for place, step in enumerate(steps) if step is None]
            if not places:
                break
            open_indexes = [open_indexes[place] for place in places]
            remaining = ElementArray.of([remaining[place] for place in places])
            remaining = remaining + _repeated(giant_step, len(places))
        for index in range(len(elements)):
            if index not in found:
                raise DecryptionError(f"discrete logarithm of element {index}: none in 0..{self.bound}")
        return tuple(found[index] for index in range(len(elements)))


def recover_counts(elements: ElementArray, bounds: Sequence[int]) -> tuple[int, ...]:
    """The counts behind v·B, each held to its own bound.

    Args:
        elements: v·B for each count.
        bounds: for every element the greatest count that is possible: the ballots of its cell.

    Raises:
        DecryptionError: an element is no count within its bound.

    Spec: protocol.md §5.8
    """
    if len(elements) != len(bounds):
        raise ValueError(f"counts: {len(elements)} elements but {len(bounds)} bounds")
    if not bounds:
        return ()
    counts = DiscreteLogTable.build(max(bounds), lookups=len(bounds)).vartime_logarithms(elements)
    for index, (count, bound) in enumerate(zip(counts, bounds, strict=True)):
        if count > bound:
            raise DecryptionError(f"count {index}: {count} is more than the {bound} ballots of its cell")
    return counts


def _repeated(element: GroupElement, times: int) -> ElementArray:
    return ElementArray.of([element] * times)

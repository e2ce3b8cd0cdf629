"""The shape of a ballot: what a style asks, as far as encryption and proof depend on it.

Contests and options stand in manifest order; options are numbered j = 0, 1, … through the whole ballot.
Spec: protocol.md §3.7, §3.9
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

MAX_BRANCHES = 64
"""Of one contest's sum part: how many values minimum..maximum may hold. Spec: protocol.md §3.7"""

MAX_SUM = 65_535
"""The highest `maximum` of a contest. Spec: protocol.md §3.7"""

ITEM_BYTES = 32  # every element and every scalar on the wire


@dataclass(frozen=True, slots=True)
class OptionShape:
    option_id: str
    weight: int = 1  # what selecting it adds to the contest's sum

    def __post_init__(self) -> None:
        if not 1 <= self.weight <= MAX_SUM:
            raise ValueError(f"option {self.option_id}: weight {self.weight} is not in 1..{MAX_SUM}")


@dataclass(frozen=True, slots=True)
class ContestShape:
    """Options, and the bounds of the sum of weight · selection, both inclusive."""

    contest_id: str
    options: tuple[OptionShape, ...]
    minimum: int
    maximum: int

    def __post_init__(self) -> None:
        subject = f"contest {self.contest_id}"
        if len({option.option_id for option in self.options}) != len(self.options):
            # Two options of one name would be encrypted with one nonce.
            raise ValueError(f"{subject}: an option id stands twice")
        if not 0 <= self.minimum <= self.maximum <= MAX_SUM:
            raise ValueError(f"{subject}: bounds {self.minimum}..{self.maximum} are not in 0..{MAX_SUM}")
        if self.branch_count > MAX_BRANCHES:
            raise ValueError(f"{subject}: {self.branch_count} branches are more than {MAX_BRANCHES}")
        if not self.options or any(option.weight > self.maximum for option in self.options):
            raise ValueError(f"{subject}: no options, or one that is heavier than the maximum")
        if not self._reachable():
            raise ValueError(f"{subject}: no selection has a sum in {self.minimum}..{self.maximum}")

    @property
    def branches(self) -> range:
        """The values v of the sum part, in wire order."""
        return range(self.minimum, self.maximum + 1)

    @property
    def branch_count(self) -> int:
        return self.maximum - self.minimum + 1

    def _reachable(self) -> bool:
        sums = 1  # bit v is set when some selection has the sum v
        for option in self.options:
            sums |= sums << option.weight & (1 << self.maximum + 1) - 1
        return sums >> self.minimum != 0


@dataclass(frozen=True)
class BallotShape:
    """One ballot style."""

    style_id: str
    contests: tuple[ContestShape, ...]

    def __post_init__(self) -> None:
        if not self.contests:
            raise ValueError(f"ballot style {self.style_id}: no contests")
        if len({contest.contest_id for contest in self.contests}) != len(self.contests):
            raise ValueError(f"ballot style {self.style_id}: a contest id stands twice")

    @cached_property
    def options(self) -> int:
        """How many options, and so ciphertexts, the ballot has."""
        return sum(len(contest.options) for contest in self.contests)

    @cached_property
    def branch_count(self) -> int:
        """How many branches the sum parts of all contests have."""
        return sum(contest.branch_count for contest in self.contests)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """For each contest, where its options stand in the ballot."""
        ends = accumulate((len(contest.options) for contest in self.contests), initial=0)
        return tuple(slice(start, end) for start, end in pairwise(ends))

    @cached_property
    def option_weights(self) -> tuple[int, ...]:
        """The weight of every option of the ballot."""
        return tuple(option.weight for contest in self.contests for option in contest.options)

    @property
    def commitment_count(self) -> int:
        """Elements at the head of the proof: A, every α_j, γ, every a_v and b_v. Spec: protocol.md §3.9"""
        return 1 + 2 * self.options + 2 + 2 * self.branch_count

    @property
    def scalar_count(self) -> int:
        """Scalars after them: the free branch challenges, z, every f_j and y_j, u, every z_v."""
        free = self.branch_count - len(self.contests)
        return free + 1 + 2 * self.options + 1 + self.branch_count

    @property
    def ciphertext_bytes(self) -> int:
        return 2 * ITEM_BYTES * self.options

    @property
    def proof_bytes(self) -> int:
        return ITEM_BYTES * (self.commitment_count + self.scalar_count)

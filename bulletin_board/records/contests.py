"""What is voted on: contests with their options and counting rules, and the ballot styles that combine them.

Spec: records.md §2.1, §2.2
"""

from typing import Annotated

from msgspec import Meta

from bulletin_board.errors import RecordError
from bulletin_board.records.fields import Count, Identifier, Localized, PositiveCount
from bulletin_board.records.record import Part, require_distinct
from crypto.ballot_shape import ContestShape, OptionShape


class Option(Part):
    id: Identifier
    title: Localized
    weight: PositiveCount  # what selecting it adds to the contest's sum


class Plurality(Part, tag_field="rule", tag="plurality"):
    against_all: Identifier | None


class AbsoluteMajority(Part, tag_field="rule", tag="absolute-majority"):
    against_all: Identifier | None


class Referendum(Part, tag_field="rule", tag="referendum"):
    turnout_percent: Annotated[int, Meta(ge=0, le=100)]
    against_all: Identifier | None


Counting = Plurality | AbsoluteMajority | Referendum


class Contest(Part):
    """Voters select options so that the sum of their weights lies in minimum..maximum."""

    id: Identifier
    title: Localized
    minimum: Count
    maximum: Count
    options: tuple[Option, ...]
    counting: Counting

    def __post_init__(self) -> None:
        subject = f"contest {self.id}"
        ids = [option.id for option in self.options]
        require_distinct(ids, subject=f"{subject}: options")
        if self.counting.against_all not in {None, *ids}:
            raise RecordError(f"{subject}: against_all names no option of it")
        try:
            self.shape()
        except ValueError as exc:
            # Bounds, weights, number of branches, and a sum that no selection reaches.
            raise RecordError(str(exc)) from exc

    def shape(self) -> ContestShape:
        """The contest as encryption and proof see it."""
        options = tuple(OptionShape(option.id, option.weight) for option in self.options)
        return ContestShape(self.id, options, self.minimum, self.maximum)


class BallotStyle(Part):
    """One kind of ballot: some of the contests, in manifest order."""

    id: Identifier
    contests: Annotated[tuple[Identifier, ...], Meta(min_length=1)]

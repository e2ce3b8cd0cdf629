"""Check 7: each ballot follows its voter's last one, and of each voter the last ballot in time counts.

Spec: verification.md §7, §6.1, §6.2; protocol.md §3.14, §5.1; records.md §4
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bulletin_board.records.ballot import NO_PREVIOUS
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Identified
from verifier.bounds import Bounds, check_bounds
from verifier.checks.check_01_log import LogView
from verifier.checks.check_03_order import OrderView
from verifier.checks.check_05_roll import RollView
from verifier.checks.check_06_ballots import BallotFacts
from verifier.journal import Journal
from verifier.pads import PadCollector
from verifier.standings import NotEffectiveError, Standings


@dataclass(frozen=True, slots=True)
class ValidBallot:
    """A ballot that stands, whether or not it is the one that counts."""

    index: int  # entry_index
    digest: bytes  # 64 bytes


@dataclass(frozen=True, slots=True)
class CountedBallot:
    """A ballot whose votes are in the sums."""

    index: int
    style: str
    unit: str


@dataclass(frozen=True, slots=True)
class BoxView:
    """The ballot box.

    chains:    the valid ballots of every credential that has any, oldest first
    excluded:  entry_index → why that ballot is not valid
    codes:     tracking code → entry_index, of every ballot that could be read
    bounds:    until when ballots count
    counted:   by entry_index; None where there is no close yet
    """

    chains: Mapping[bytes, Sequence[ValidBallot]]
    excluded: Mapping[int, str]
    codes: Mapping[str, int]
    bounds: Bounds
    counted: tuple[CountedBallot, ...] | None


class _RefusedError(Exception):
    """A ballot is not valid, by a rule of the check whose journal this is."""

    def __init__(self, journal: Journal, part: int, reason: str) -> None:
        super().__init__(reason)
        self.journal = journal
        self.part = part


@dataclass(slots=True)
class _Box:
    """The ballots so far, in the order of the log."""

    standings: Standings
    form: Journal  # of check 6
    chain: Journal  # of check 7
    repeated: Mapping[int, set[bytes]]  # entry_index → its pads that stand more than once
    chains: dict[bytes, list[ValidBallot]] = field(default_factory=dict)
    excluded: dict[int, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    _used: set[bytes] = field(default_factory=set)  # of the repeated pads, those of valid ballots

    def add(self, facts: BallotFacts) -> None:
        self.chain.ran("ballots")
        if facts.tracking_code:
            self.codes.setdefault(facts.tracking_code, facts.index)
        try:
            self._require_valid(facts)
        except _RefusedError as exc:
            self.excluded[facts.index] = str(exc)
            exc.journal.exclude(exc.part, f"ballot entry {facts.index}", exc)
            return
        self._used |= self.repeated.get(facts.index, set())
        self.chains.setdefault(facts.credential, []).append(ValidBallot(facts.index, facts.digest))

    def _require_valid(self, facts: BallotFacts) -> None:
        if facts.credential:
            try:
                style, _ = self.standings.place_at(facts.credential, facts.index)
            except NotEffectiveError as exc:
                raise _RefusedError(self.form, 1, str(exc)) from exc
            if facts.style != style:
                raise _RefusedError(self.form, 1, f"of style {facts.style}, its voter's is {style}")
        if facts.flaw is not None:
            raise _RefusedError(self.form, facts.flaw.part, facts.flaw.reason)
        if self._used & self.repeated.get(facts.index, set()):
            raise _RefusedError(self.form, 2, "a pad that stands in an earlier valid ballot")
        chain = self.chains.get(facts.credential)
        if facts.previous != (chain[-1].digest if chain else NO_PREVIOUS):
            raise _RefusedError(self.chain, 1, "it does not follow the last valid ballot of its credential")


def check_box(
    ballots: Iterable[BallotFacts],
    order: OrderView,
    log: LogView,
    roll: RollView,
    manifest: Manifest,
    form: Journal,
    chain: Journal,
) -> BoxView:
    """Run check 7, and what of check 6 depends on other entries; `form` is the journal of check 6.

    The ballots come as check 6 gives them, in the order of the log.
    """
    pads = PadCollector()
    read: list[BallotFacts] = []
    for facts in ballots:
        if facts.flaw is None:
            pads.add(facts.index, facts.pads)
        read.append(replace(facts, pads=b""))
    box = _Box(roll.standings, form, chain, pads.repeated())
    chain.expect("ballots", order.ballots)
    for facts in read:
        box.add(facts)
    bounds = check_bounds(order, log, manifest, chain)
    _warn_identified(order, roll.standings.holders(box.chains), chain)
    _warn_order(read, log, chain)
    counted = None if bounds.m is None else _counted(box, bounds)
    return BoxView(box.chains, box.excluded, box.codes, bounds, counted)


def last_counted(chain: Sequence[ValidBallot], bounds: Bounds) -> ValidBallot | None:
    """The ballot of an effective credential that counts, or would if voting ended now."""
    in_time = [each for each in chain if bounds.m is None or each.index < bounds.m]
    return next((each for each in reversed(in_time) if not bounds.excluded_by_notice(each.index)), None)


def _counted(box: _Box, bounds: Bounds) -> tuple[CountedBallot, ...]:
    counted = []
    for credential, (style, unit) in box.standings.effective():
        ballot = last_counted(box.chains.get(credential, ()), bounds)
        if ballot is not None:
            counted.append(CountedBallot(ballot.index, style, unit))
    return tuple(sorted(counted, key=lambda each: each.index))


def _warn_identified(order: OrderView, voters: int, journal: Journal) -> None:
    """Rule 7.4, first half."""
    counts = [posted.body.count for posted in order.all_of(Identified)]
    journal.ran("identified entries", len(counts))
    if any(later < earlier for earlier, later in pairwise(counts)):
        journal.warn(4, "identified", "the number of persons identified falls")
    if max(counts, default=0) < voters:
        journal.warn(4, "identified", f"{max(counts, default=0)} persons identified, but {voters} voted")


def _warn_order(ballots: Sequence[BallotFacts], log: LogView, journal: Journal) -> None:
    """Rule 7.4, second half: under each checkpoint ballots last, by leaf hash, one per credential."""
    odd: list[int] = []
    place = 0
    for earlier, later in pairwise(sorted({0, *(published.size for published in log.published)})):
        inside: list[BallotFacts] = []
        while place < len(ballots) and ballots[place].index < later:
            inside.append(ballots[place])
            place += 1
        hashes = [log.leaf_hashes[facts.index] for facts in inside]
        credentials = [facts.credential for facts in inside if facts.credential]
        at_the_end = not inside or inside[0].index == later - len(inside)
        if not at_the_end or hashes != sorted(hashes) or len(set(credentials)) < len(credentials):
            odd.append(earlier)
    if odd:
        journal.warn(
            4,
            f"entries {odd[0]} and after",
            f"under {len(odd)} checkpoints the entries are not in the order that hides when ballots came",
        )

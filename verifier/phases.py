"""Where each type of entry may stand, decided anew from the log alone.

Spec: records.md §4.1
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bulletin_board.records.ceremony import Answer, Commit, Complaint, Confirm, Pledge, Share
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, Roll
from bulletin_board.records.tally import Aggregate, Decryption, Result, TallyConfirm
from bulletin_board.records.voting import Close, Identified, Notice, Open, Reissue, Revocation

Item = TypeVar("Item")


class OutOfPlaceError(Exception):
    """An entry may not stand where it does; the message says what is missing, or what went before."""


@dataclass(slots=True)
class Phases:
    """Everything that the place of the next entry depends on."""

    manifest: Manifest
    _by_trustee: dict[type[Record], set[int]] = field(default_factory=dict)
    _complaints: set[tuple[int, int]] = field(default_factory=set)  # (complainant, dealer)
    _answers: set[tuple[int, int]] = field(default_factory=set)
    _issuers: set[str] = field(default_factory=set)
    _seen: set[type[Record]] = field(default_factory=set)

    def accept(self, body: Record) -> None:
        """Go one entry further.

        Raises:
            OutOfPlaceError: the entry may not stand here; nothing has changed.
        """
        if Result in self._seen and not isinstance(body, Notice):
            raise OutOfPlaceError("after the result")
        self._places()[type(body)](body)
        self._seen.add(type(body))

    def accept_ballot(self) -> None:
        """Say whether a ballot may stand here.

        Raises:
            OutOfPlaceError: it may not.
        """
        self._require(Open)
        self._forbid(Close)

    def _places(self) -> dict[type[Record], Callable[[Any], None]]:
        return {
            Manifest: self._manifest,
            Pledge: self._step,
            Commit: self._step,
            Share: self._step,
            Confirm: self._confirm,
            Complaint: self._complaint,
            Answer: self._answer,
            IssuerPledge: self._issuer_pledge,
            Roll: self._roll,
            Open: self._open,
            Revocation: self._credential_change,
            Reissue: self._credential_change,
            Identified: self._identified,
            Close: self._close,
            Aggregate: self._aggregate,
            TallyConfirm: self._tally_confirm,
            Decryption: self._decryption,
            Result: self._result,
            Notice: self._anywhere,
        }

    def _manifest(self, _: Record) -> None:
        raise OutOfPlaceError("a second manifest")

    def _anywhere(self, _: Record) -> None:
        pass

    def _step(self, body: Pledge | Commit | Share) -> None:
        if isinstance(body, Commit):
            self._require_all(Pledge)
        if isinstance(body, Share):
            self._require_all(Commit)
        self._once_per_trustee(body)

    def _confirm(self, body: Confirm) -> None:
        self._require_all(Share)
        if any(complainant == body.trustee for complainant, _ in self._complaints):
            raise OutOfPlaceError("by a trustee that has complained")
        self._once_per_trustee(body)

    def _complaint(self, body: Complaint) -> None:
        self._require_all(Share)
        if body.trustee in self._trustees_of(Confirm):
            raise OutOfPlaceError("by a trustee that has confirmed")
        if body.dealer > len(self.manifest.trustees):
            raise OutOfPlaceError("about no trustee")
        _once((body.trustee, body.dealer), self._complaints)

    def _answer(self, body: Answer) -> None:
        pair = (body.complainant, body.trustee)
        if pair not in self._complaints:
            raise OutOfPlaceError("to no complaint")
        _once(pair, self._answers)

    def _issuer_pledge(self, body: IssuerPledge) -> None:
        self._forbid(Roll)
        _once(body.issuer, self._issuers)

    def _roll(self, _: Roll) -> None:
        self._require_all(Confirm)
        if self._complaints:
            raise OutOfPlaceError("after a complaint")
        if len(self._issuers) < len(self.manifest.issuers):
            raise OutOfPlaceError("before the pledges of all issuers")
        self._forbid(Roll)

    def _open(self, _: Open) -> None:
        self._require(Roll)
        self._forbid(Open)

    def _credential_change(self, _: Revocation | Reissue) -> None:
        self._require(Roll)
        self._forbid(Close)

    def _identified(self, _: Identified) -> None:
        self.accept_ballot()

    def _close(self, _: Close) -> None:
        self._require(Open)
        self._forbid(Close)

    def _aggregate(self, _: Aggregate) -> None:
        self._require(Close)

    def _tally_confirm(self, body: TallyConfirm) -> None:
        self._require(Aggregate)
        if body.trustee in self._trustees_of(Decryption):
            raise OutOfPlaceError("after a decryption of the same trustee")
        self._trustees_of(TallyConfirm).add(body.trustee)

    def _decryption(self, body: Decryption) -> None:
        self._require_threshold(TallyConfirm)
        self._trustees_of(Decryption).add(body.trustee)

    def _result(self, _: Result) -> None:
        self._require_threshold(Decryption)

    def _trustees_of(self, kind: type[Record]) -> set[int]:
        return self._by_trustee.setdefault(kind, set())

    def _once_per_trustee(self, body: Pledge | Commit | Share | Confirm) -> None:
        _once(body.trustee, self._trustees_of(type(body)))

    def _require(self, kind: type[Record]) -> None:
        if kind not in self._seen:
            raise OutOfPlaceError(f"before {kind.record_type}")

    def _forbid(self, kind: type[Record]) -> None:
        if kind in self._seen:
            raise OutOfPlaceError(f"after {kind.record_type}")

    def _require_all(self, kind: type[Record]) -> None:
        if len(self._trustees_of(kind)) < len(self.manifest.trustees):
            raise OutOfPlaceError(f"before the {kind.record_type} of every trustee")

    def _require_threshold(self, kind: type[Record]) -> None:
        if len(self._trustees_of(kind)) < self.manifest.threshold:
            raise OutOfPlaceError(f"before the {kind.record_type} of enough trustees")


def _once(item: Item, seen: set[Item]) -> None:
    if item in seen:
        raise OutOfPlaceError("for the second time")
    seen.add(item)

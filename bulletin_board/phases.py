"""The board's own account of how far an election has come: which type of entry may come now.

The account is read off the log and kept as a value: `require_admissible` says whether a body may come next,
`after` gives the account with it. What needs credentials, times or checkpoints is decided in `admission.py`.
What the rules leave open and a careful board need not accept is refused; the verifier decides for itself.

Spec: records.md §4.1, §4.2
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bulletin_board.errors import AppendRefused
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.ceremony import Answer, Commit, Complaint, Confirm, Pledge, Share
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, Roll
from bulletin_board.records.tally import Aggregate, Decryption, Result, TallyConfirm
from bulletin_board.records.voting import Close, Identified, Notice, Open, Reissue, Revocation

Step = Pledge | Commit | Share | Confirm

_EARLIER: Mapping[str, type[Step]] = MappingProxyType({"commit": Pledge, "share": Commit, "confirm": Share})


class Phase(StrEnum):
    """How far the election has come, in words for people."""

    EMPTY = "empty"
    CEREMONY = "ceremony"  # the manifest stands, trustees and issuers are at work
    FAILED = "failed"  # a complaint has ended the ceremony
    READY = "ready"  # the roll stands
    VOTING = "voting"
    CLOSED = "closed"
    TALLY = "tally"  # an aggregate stands
    FINISHED = "finished"


_MARKS: tuple[tuple[type[Record], Phase], ...] = (
    (Result, Phase.FINISHED),
    (Aggregate, Phase.TALLY),
    (Close, Phase.CLOSED),
    (Open, Phase.VOTING),
    (Roll, Phase.READY),
    (Manifest, Phase.CEREMONY),
)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A trustee's current word on an aggregate."""

    aggregate: bytes  # digest
    entry_index: int


@dataclass(frozen=True, slots=True)
class IndexedNotice:
    entry_index: int
    notice: Notice


@dataclass(frozen=True, slots=True)
class BoardState:
    """What the entries so far mean for the next one. Indexes are those of entries, 0-based.

    last:       type of an entry → index of the last one
    steps:      type of a ceremony step → trustee → index
    pledges_of: issuer → index of its pledge
    complaints: (complainant, dealer), answered or not; so are answers
    confirms:   trustee → its last tally-confirm
    releases:   trustee → digest of the aggregate it has released shares of
    identified: the last count
    """

    manifest: Manifest | None = None
    last: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    pledges_of: Mapping[str, int] = field(default_factory=dict)
    complaints: frozenset[tuple[int, int]] = frozenset()
    answers: frozenset[tuple[int, int]] = frozenset()
    confirms: Mapping[int, Confirmation] = field(default_factory=dict)
    releases: Mapping[int, bytes] = field(default_factory=dict)
    identified: int = 0
    notices: tuple[IndexedNotice, ...] = ()

    @property
    def phase(self) -> Phase:
        """The phase that these entries make."""
        if self.complaints:
            return Phase.FAILED
        return next((phase for mark, phase in _MARKS if mark.record_type in self.last), Phase.EMPTY)

    def index_of(self, kind: type[Record]) -> int | None:
        """Where the last entry of a type stands."""
        return self.last.get(kind.record_type)

    def step(self, kind: type[Step]) -> Mapping[int, int]:
        """Who has taken a step of the ceremony, and where."""
        return self.steps.get(kind.record_type, {})

    def require_admissible(self, body: Record, *, published_size: int) -> None:
        """Check that a body may come next, as far as the order of types goes.

        Args:
            body: its signatures and proofs are not looked at.
            published_size: of the newest checkpoint with a quorum; what lies below is witnessed.

        Raises:
            AppendRefused: it may not, or not yet.
        """
        if isinstance(body, Manifest):
            _require(self.manifest is None, "the log has its manifest already")
            return
        _require(self.manifest is not None, "the log begins with a manifest")
        if isinstance(body, Notice):
            return
        _require(not self._has(Result), "the result stands; only notices may follow")
        match body:
            case Pledge() | Commit() | Share() | Confirm():
                self._require_step(body, published_size)
            case Complaint() | Answer():
                self._require_dispute(body)
            case IssuerPledge() | Roll() | Open() | Close():
                self._require_milestone(body, published_size)
            case BallotBody() | Identified() | Revocation() | Reissue():
                self._require_voting(body)
            case _:
                self._require_tally(body, published_size)

    def after(self, body: Record, entry_index: int) -> BoardState:
        """The account with this body at this index; whether it may stand there was asked before."""
        account = replace(self, last={**self.last, body.record_type: entry_index})
        effect = _EFFECTS.get(type(body))
        return replace(account, **effect(self, body, entry_index)) if effect else account

    def _has(self, kind: type[Record]) -> bool:
        return kind.record_type in self.last

    @property
    def _policy(self) -> Manifest:
        if self.manifest is None:
            raise AppendRefused("out-of-order", "the log begins with a manifest")
        return self.manifest

    def _require_step(self, body: Step, published_size: int) -> None:
        name, trustees = body.record_type, len(self._policy.trustees)
        _require(body.trustee <= trustees, f"trustee {body.trustee} is not in the manifest")
        _require(not self.complaints, "a complaint has ended the ceremony")
        _require(body.trustee not in self.step(type(body)), f"trustee {body.trustee} has posted its {name}")
        earlier = _EARLIER.get(name)
        if earlier is None:
            return
        before = self.step(earlier)
        _require(len(before) == trustees, f"{name}: only {len(before)} of {trustees} {earlier.record_type}s")
        if isinstance(body, Commit):
            _require(max(before.values()) < published_size, "commit: not all pledges are witnessed yet")

    def _require_dispute(self, body: Complaint | Answer) -> None:
        trustees = len(self._policy.trustees)
        if isinstance(body, Answer):
            pair = (body.complainant, body.trustee)
            _require(pair in self.complaints, "answer: there is no such complaint")
            _require(pair not in self.answers, "answer: this complaint has been answered")
            return
        _require(max(body.trustee, body.dealer) <= trustees, "complaint: a trustee not in the manifest")
        _require(len(self.step(Share)) == trustees, "complaint: not all shares have been dealt")
        _require(body.trustee not in self.step(Confirm), f"trustee {body.trustee} has confirmed")
        _require((body.trustee, body.dealer) not in self.complaints, "complaint: stands already")

    def _require_milestone(self, body: IssuerPledge | Roll | Open | Close, published_size: int) -> None:
        policy = self._policy
        _require(not self.complaints, "a complaint has ended the ceremony")
        match body:
            case IssuerPledge():
                known = {issuer.id for issuer in policy.issuers}
                _require(body.issuer in known, f"issuer {body.issuer} is not in the manifest")
                _require(not self._has(Roll), "issuer-pledge: the roll stands")
                _require(body.issuer not in self.pledges_of, f"issuer {body.issuer} has pledged")
            case Roll():
                _require(not self._has(Roll), "the log has its roll already")
                _require(len(self.step(Confirm)) == len(policy.trustees), "roll: not all have confirmed")
                _require(len(self.pledges_of) == len(policy.issuers), "roll: not all issuers have pledged")
                witnessed = all(index < published_size for index in self.pledges_of.values())
                _require(witnessed, "roll: not all issuer pledges are witnessed yet")
            case Open():
                _require(self._has(Roll), "open: there is no roll")
                _require(not self._has(Open), "voting was opened already")
            case Close():
                _require(self._has(Open), "close: voting was not opened")
                _require(not self._has(Close), "voting was closed already")

    def _require_voting(self, body: BallotBody | Identified | Revocation | Reissue) -> None:
        ballot = isinstance(body, BallotBody)
        if isinstance(body, BallotBody | Identified):
            opened = self._has(Open)
            _require(opened, "voting has not been opened", code="not-open" if ballot else "out-of-order")
        else:
            _require(self._has(Roll), f"{body.record_type}: there is no roll")
        _require(not self._has(Close), "voting is closed", code="closed" if ballot else "out-of-order")
        if isinstance(body, Identified):
            _require(body.count >= self.identified, f"identified: fewer than the {self.identified} before")

    def _require_tally(self, body: Record, published_size: int) -> None:
        _require(self._has(Close), f"{body.record_type}: voting is not closed")
        match body:
            case TallyConfirm():
                _require(self._has(Aggregate), "tally-confirm: there is no aggregate")
                _require(body.trustee not in self.releases, f"trustee {body.trustee} has released its shares")
            case Decryption():
                self._require_release(body, published_size)
            case Result():
                released = sum(digest == body.aggregate for digest in self.releases.values())
                _require(
                    released >= self._policy.threshold, f"result: only {released} trustees have released"
                )

    def _require_release(self, body: Decryption, published_size: int) -> None:
        confirmed = sum(
            word.aggregate == body.aggregate and word.entry_index < published_size
            for word in self.confirms.values()
        )
        enough = confirmed >= self._policy.threshold
        _require(enough, f"decryption: only {confirmed} witnessed confirms of this aggregate")
        other = self.releases.get(body.trustee, body.aggregate) != body.aggregate
        _require(not other, f"trustee {body.trustee} has released shares of another aggregate")


def _step_taken(state: BoardState, body: Step, index: int) -> dict[str, Any]:
    taken = {**state.step(type(body)), body.trustee: index}
    return {"steps": {**state.steps, body.record_type: taken}}


_EFFECTS: Mapping[type[Record], Callable[[BoardState, Any, int], dict[str, Any]]] = {
    **dict.fromkeys((Pledge, Commit, Share, Confirm), _step_taken),
    Manifest: lambda _, body, _index: {"manifest": body},
    Complaint: lambda state, body, _: {"complaints": state.complaints | {(body.trustee, body.dealer)}},
    Answer: lambda state, body, _: {"answers": state.answers | {(body.complainant, body.trustee)}},
    IssuerPledge: lambda state, body, index: {"pledges_of": {**state.pledges_of, body.issuer: index}},
    Identified: lambda _, body, _index: {"identified": body.count},
    Notice: lambda state, body, index: {"notices": (*state.notices, IndexedNotice(index, body))},
    TallyConfirm: lambda state, body, index: {
        "confirms": {**state.confirms, body.trustee: Confirmation(body.aggregate, index)}
    },
    Decryption: lambda state, body, _: {"releases": {**state.releases, body.trustee: body.aggregate}},
}


def _require(holds: bool, detail: str, *, code: str = "out-of-order") -> None:  # noqa: FBT001 -- the very question
    if not holds:
        raise AppendRefused(code, detail)

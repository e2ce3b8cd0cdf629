"""Whether the ballots of one beat may be appended. Their proofs were verified before they were submitted.

Spec: board.md §3.2; records.md §4.6, §4.7; protocol.md §3.14
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bulletin_board.candidate import Candidate
from bulletin_board.errors import AppendRefused, RecordError
from bulletin_board.notices import InForce
from bulletin_board.phases import BoardState
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import ReadAddendum
from bulletin_board.records.manifest import Manifest
from bulletin_board.registration import require_effective
from bulletin_board.store.port import ElectorateReader, Refusal, RegisteredCredential

_CIPHERTEXT_BYTES = 64  # pad ‖ data
_PAD_BYTES = 32
_MAX_WAITING = 4  # ballots of one credential that may wait for further beats

_STALE = Refusal("stale-previous", "another ballot of this credential has come first")
_REPEATED_PAD = Refusal("repeated-pad", "a ciphertext begins like one that was cast before")
_TOO_MANY = Refusal("unavailable", "too many ballots of this credential are waiting")


@dataclass(frozen=True, slots=True)
class SubmittedBallot:
    """A ballot and what the board keeps of it."""

    candidate: Candidate
    body: BallotBody
    digest: bytes  # 64 bytes
    pads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class BallotDecisions:
    """What becomes of the ballots of one beat."""

    admitted: tuple[SubmittedBallot, ...]  # in the order of the log
    refused: Mapping[bytes, Refusal]  # by leaf hash


@dataclass(frozen=True, slots=True)
class BallotGate:
    """What the decision on one beat's ballots depends on."""

    manifest: Manifest
    state: BoardState
    in_force: InForce
    now: int  # POSIX seconds
    electorate: ElectorateReader
    read_addendum: ReadAddendum

    def decide(self, candidates: Iterable[Candidate]) -> BallotDecisions:
        """Sort the ballots of one beat into admitted and refused; the rest waits for another beat.

        Args:
            candidates: in order of arrival. Of each credential at most one is admitted, so that no
                checkpoint brings two, and only a few may wait, so that nobody fills the queue.
        """
        refused: dict[bytes, Refusal] = {}
        queues: dict[bytes, list[SubmittedBallot]] = {}
        for candidate in candidates:
            try:
                ballot = _read(candidate, self.read_addendum)
            except RecordError as exc:
                refused[candidate.leaf_hash] = Refusal("malformed", str(exc))
            else:
                queues.setdefault(ballot.body.credential, []).append(ballot)
        known = _Known.about([ballot for queue in queues.values() for ballot in queue], self.electorate)
        chosen = [self._choose(queue, known, refused) for queue in queues.values()]
        in_order = sorted(filter(None, chosen), key=lambda ballot: ballot.candidate.leaf_hash)
        admitted = _without_shared_pads(in_order, refused)
        heads = dict(known.heads) | {bytes(ballot.body.credential): ballot.digest for ballot in admitted}
        for credential, queue in queues.items():
            refused |= _thin_out(queue, heads.get(credential, NO_PREVIOUS))
        return BallotDecisions(tuple(admitted), refused)

    def _choose(
        self, queue: list[SubmittedBallot], known: _Known, refused: dict[bytes, Refusal]
    ) -> SubmittedBallot | None:
        """The first ballot of a credential that may be admitted; it and those before it leave the queue."""
        while queue:
            ballot = queue.pop(0)
            try:
                self._require_open(ballot.body)
                self._require_standing(ballot.body, known)
                _require_fresh(ballot, known)
            except AppendRefused as exc:
                refused[ballot.candidate.leaf_hash] = Refusal(exc.code, exc.detail)
            else:
                return ballot
        return None

    def _require_open(self, body: BallotBody) -> None:
        if body.election_id != self.manifest.election_id:
            raise AppendRefused("wrong-election", f"this board is that of {self.manifest.election_id}")
        self.state.require_admissible(body, published_size=0)
        if self.in_force.annulled:
            raise AppendRefused("closed", "the authorities have annulled the election")
        if self.in_force.suspended:
            raise AppendRefused("not-open", "the authorities have suspended voting")
        if self.now > self.in_force.last_flush(self.manifest):
            raise AppendRefused("closed", f"voting closed at {self.in_force.closes_at}")

    def _require_standing(self, body: BallotBody, known: _Known) -> None:
        row = require_effective(known.credentials.get(body.credential))
        if row.style != body.style:
            raise AppendRefused("wrong-style", f"the roll has this credential under {row.style}")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows about the ballots at hand, looked up at once."""

    credentials: Mapping[bytes, RegisteredCredential]
    heads: Mapping[bytes, bytes]
    pads: AbstractSet[bytes]

    @classmethod
    def about(cls, ballots: Sequence[SubmittedBallot], electorate: ElectorateReader) -> _Known:
        credentials = [ballot.body.credential for ballot in ballots]
        return cls(
            electorate.credentials(credentials),
            electorate.chain_heads(credentials),
            electorate.seen_pads([pad for ballot in ballots for pad in ballot.pads]),
        )


def _read(candidate: Candidate, read_addendum: ReadAddendum) -> SubmittedBallot:
    body = candidate.body
    if not isinstance(body, BallotBody):
        raise RecordError(f"ballot: a {body.record_type}")
    ciphertexts = body.ciphertexts.read(read_addendum)
    if not ciphertexts or len(ciphertexts) % _CIPHERTEXT_BYTES:
        raise RecordError(f"ballot: {len(ciphertexts)} bytes of ciphertexts")
    starts = range(0, len(ciphertexts), _CIPHERTEXT_BYTES)
    pads = tuple(ciphertexts[start : start + _PAD_BYTES] for start in starts)
    return SubmittedBallot(candidate, body, body.digest, pads)


def _require_fresh(ballot: SubmittedBallot, known: _Known) -> None:
    if ballot.body.previous != known.heads.get(ballot.body.credential, NO_PREVIOUS):
        raise AppendRefused(_STALE.code, _STALE.detail)
    if len(set(ballot.pads)) != len(ballot.pads) or not known.pads.isdisjoint(ballot.pads):
        raise AppendRefused(_REPEATED_PAD.code, _REPEATED_PAD.detail)


def _without_shared_pads(
    ballots: Sequence[SubmittedBallot], refused: dict[bytes, Refusal]
) -> list[SubmittedBallot]:
    """The ballots but those that share a pad with one before them."""
    admitted: list[SubmittedBallot] = []
    pads: set[bytes] = set()
    for ballot in ballots:
        if pads.isdisjoint(ballot.pads):
            pads.update(ballot.pads)
            admitted.append(ballot)
        else:
            refused[ballot.candidate.leaf_hash] = _REPEATED_PAD
    return admitted


def _thin_out(queue: Sequence[SubmittedBallot], head: bytes) -> dict[bytes, Refusal]:
    """Refusals for ballots of one credential that wait in vain: they continue neither head nor each other.

    Args:
        queue: in order of arrival.
        head: the chain head after this beat.
    """
    refused: dict[bytes, Refusal] = {}
    may_continue, waiting = {head}, 0
    for ballot in queue:
        if ballot.body.previous not in may_continue:
            refused[ballot.candidate.leaf_hash] = _STALE
        elif waiting == _MAX_WAITING:
            refused[ballot.candidate.leaf_hash] = _TOO_MANY
        else:
            may_continue.add(ballot.digest)
            waiting += 1
    return refused

"""Check 3: every entry that is no ballot has its one form and its signers, and all stand where they may.

Spec: verification.md §3; records.md §1, §4.1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bulletin_board.errors import BoardError
from bulletin_board.records.envelope import Envelope, decode_record, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record as Body
from bulletin_board.records.voting import Close, Open
from crypto.errors import CryptoError
from verifier.journal import Journal
from verifier.phases import OutOfPlaceError, Phases
from verifier.record import Record, is_ballot

B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class Posted(Generic[B]):
    """A record on the log that is signed and in its place."""

    index: int  # entry_index, 0-based
    body: B


@dataclass(frozen=True, slots=True)
class OrderView:
    """The entries that check 3 found nothing against; all others count as absent.

    read:    how many entries of the log could be read
    ballots: how many of them are ballots between open and close
    """

    posted: Mapping[type[Body], tuple[Posted[Body], ...]]
    read: int
    ballots: int

    def all_of(self, kind: type[B]) -> tuple[Posted[B], ...]:
        """The entries of one type, oldest first."""
        return self.posted.get(kind, ())  # type: ignore[return-value] # keyed by the very type

    def one_of(self, kind: type[B]) -> Posted[B] | None:
        """The entry of a type that stands at most once, if it is there."""
        found = self.all_of(kind)
        return found[0] if found else None

    def first_index(self, kind: type[Body]) -> int | None:
        """Where the first entry of a type stands."""
        first = self.one_of(kind)
        return None if first is None else first.index

    @property
    def voting(self) -> range:
        """The indexes between open and close, where ballots stand; to the end while voting goes on."""
        opened, closed = self.first_index(Open), self.first_index(Close)
        if opened is None:
            return range(0)
        return range(opened + 1, self.read if closed is None else closed)


def check_order(record: Record, manifest: Manifest, journal: Journal) -> OrderView:
    """Run check 3 over the entries up to the first that cannot be read."""
    posted: dict[type[Body], list[Posted[Body]]] = {}
    phases = Phases(manifest)
    ballots = read = 0
    for index, entry in record.entries(start=1):
        journal.ran("entries")
        read = index
        if is_ballot(entry):
            ballots += _ballot_in_place(index, phases, journal)
            continue
        try:
            envelope = _decode(entry, manifest)
            phases.accept(envelope.body)
        except (BoardError, CryptoError) as exc:
            journal.fault(1, f"entry {index}", exc)
        except OutOfPlaceError as exc:
            journal.fault(1, f"entry {index}, {envelope.type}", f"out of place: {exc}")
        else:
            posted.setdefault(type(envelope.body), []).append(Posted(index, envelope.body))
    journal.expect("entries", read)
    if read + 1 < record.tree_size:
        journal.miss(f"entries {read + 1} to {record.tree_size - 1}", "cannot be read")
    return OrderView({kind: tuple(items) for kind, items in posted.items()}, read + 1, ballots)


def _decode(entry: bytes, manifest: Manifest) -> Envelope:
    envelope = decode_record(entry)
    verify_envelope(envelope, manifest)
    return envelope


def _ballot_in_place(index: int, phases: Phases, journal: Journal) -> bool:
    try:
        phases.accept_ballot()
    except OutOfPlaceError as exc:
        journal.fault(1, f"entry {index}, ballot", f"out of place: {exc}")
        return False
    return True

"""The state of a board read off its log, for the next decision.

Spec: records.md §4
"""

from dataclasses import dataclass

from bulletin_board.notices import InForce, decisions_in_force
from bulletin_board.phases import BoardState
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.envelope import TYPES, decode_record
from bulletin_board.records.voting import Identified, Reissue, Revocation
from bulletin_board.store.port import LoggedEntry, LogReader

# Of these there may be very many, and only the last `identified` says anything about what may come next.
_MANY = frozenset(kind.record_type for kind in (BallotBody, Identified, Revocation, Reissue))


@dataclass(frozen=True, slots=True)
class Account:
    """A board at one moment.

    tree_size:      entries that are durable, published or not
    published_size: entries under the newest checkpoint with a quorum
    in_force:       None while there is no manifest
    """

    tree_size: int
    published_size: int
    state: BoardState
    in_force: InForce | None


EMPTY = Account(0, 0, BoardState(), None)


def read_account(log: LogReader, known: Account = EMPTY) -> Account:
    """The account of the log as it is.

    Args:
        log: the log.
        known: an earlier account of the same log; only what was added since is read.
    """
    tree_size, newest = log.head().tree_size, log.newest_checkpoint()
    state = known.state
    if tree_size != known.tree_size:
        for entry in _entries_since(log, known.tree_size):
            state = state.after(decode_record(entry.data).body, entry.entry_index)
    in_force = None
    if state.manifest is not None:
        in_force = decisions_in_force(state.notices, state.manifest.schedule, log.witnessed_by)
    return Account(tree_size, newest.tree_size if newest else 0, state, in_force)


def _entries_since(log: LogReader, tree_size: int) -> list[LoggedEntry]:
    """What was added and says anything about what may come next."""
    entries = list(log.entries_of(TYPES.keys() - _MANY, start=tree_size))
    identified = log.last_entry_of(Identified.record_type)
    return [*entries, identified] if identified else entries

"""What the board says about one credential: its standing, its row, its ballots, as far as published.

Spec: board.md §5.3
"""

from dataclasses import dataclass

from bulletin_board.log.merkle import stored_inclusion_proof
from bulletin_board.log.tile import Tile, subtrees_in_tiles
from bulletin_board.store.port import BoardSnapshot, BoardStore, LoggedBallot, Standing, Tree


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A credential at the newest published size.

    ballots:   valid ones, oldest first; the last one is the chain head
    row_index: leaf of the roll tree; None for a credential of a reissue, which stands in no tree
    row_proof: inclusion proof of `row_text` under the roll's root; empty for a reissue
    """

    credential: bytes
    standing: Standing
    ballots: tuple[LoggedBallot, ...]
    row_index: int | None
    row_text: str
    row_proof: tuple[bytes, ...]
    tree_size: int


def look_up(store: BoardStore, credential: bytes) -> CredentialView | None:
    """The credential; None if it is not on the roll as published."""
    with store.snapshot() as tables:
        newest = tables.log.newest_checkpoint()
        known = tables.electorate.credential(credential)
        if newest is None or known is None or known.entry_index >= newest.tree_size:
            return None
        ended = known.since_index is not None and known.since_index < newest.tree_size
        ballots = tables.electorate.ballots_of(credential)
        return CredentialView(
            credential=credential,
            standing=known.standing if ended else Standing.EFFECTIVE,
            ballots=tuple(ballot for ballot in ballots if ballot.entry_index < newest.tree_size),
            row_index=known.row_index,
            row_text=known.row_text,
            row_proof=_row_proof(tables, known.row_index),
            tree_size=newest.tree_size,
        )


def _row_proof(tables: BoardSnapshot, row_index: int | None) -> tuple[bytes, ...]:
    if row_index is None:
        return ()
    roll_size = tables.log.head(Tree.ROLL).tree_size

    def read_tile(tile: Tile) -> bytes:
        return tables.log.tile(tile, Tree.ROLL)

    return stored_inclusion_proof(row_index, roll_size, subtrees_in_tiles(read_tile, roll_size))

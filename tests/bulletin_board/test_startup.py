"""What a board has published must be what it holds, or it does not write."""

from dataclasses import replace

import pytest

from bulletin_board.errors import ReadOnlyError
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.startup import check_log
from tests.bulletin_board.live_board import LiveBoard


def publish_also(board: LiveBoard, tree_size: int, root: bytes) -> None:
    """Keep a checkpoint that the entries do not bear out."""
    note = sign_checkpoint(Checkpoint(board.signer.name, tree_size, root), board.signer).to_text()
    with board.store.transaction() as tables:
        newest = tables.log.newest_checkpoint()
        assert newest
        tables.log.keep_checkpoint(
            replace(newest, sequence=newest.sequence + 1, tree_size=tree_size, note=note.encode())
        )


def test_a_sound_log(voting: LiveBoard, board: LiveBoard) -> None:
    for live in (voting, board):
        with live.store.snapshot() as tables:
            check_log(tables.log)


@pytest.mark.parametrize(
    ("tree_size", "reason"), [(17, "do not lead to the checkpoint of size 17"), (18, "but 18 were published")]
)
def test_more_or_other_entries_were_published(voting: LiveBoard, tree_size: int, reason: str) -> None:
    publish_also(voting, tree_size, bytes(32))
    with voting.store.snapshot() as tables, pytest.raises(ReadOnlyError, match=reason):
        check_log(tables.log)
    with pytest.raises(ReadOnlyError):
        voting.restart()

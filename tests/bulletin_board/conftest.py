"""Boards at the points from which tests start."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bulletin_board.live_board import LiveBoard


@pytest.fixture
def board(tmp_path: Path) -> Iterator[LiveBoard]:
    """A board before its first entry."""
    live = LiveBoard(tmp_path)
    yield live
    live.close()


@pytest.fixture(scope="session")
def opened_board(tmp_path_factory: pytest.TempPathFactory) -> LiveBoard:
    """A board on which voting has just opened, closed down to be copied."""
    live = LiveBoard(tmp_path_factory.mktemp("opened")).until_open()
    live.close()
    return live


@pytest.fixture
def voting(opened_board: LiveBoard, tmp_path: Path) -> Iterator[LiveBoard]:
    """A board of its own on which voting has just opened, with four voters."""
    folder = tmp_path / "voting"
    folder.mkdir()
    live = opened_board.copy(folder)
    live.beat()
    yield live
    live.close()

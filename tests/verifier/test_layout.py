"""Which files belong to a record of a size, and which are missing. Spec: board.md §4.1"""

from __future__ import annotations

import pytest

from bulletin_board.log.tile import Bundle, new_bundles, tiles_for_size
from verifier.layout import sort_files


def complete(tree_size: int, kept: int) -> set[str]:
    tiles = {tile.path for tile in tiles_for_size(tree_size)}
    bundles = {bundle.path for bundle in new_bundles(0, tree_size)}
    checkpoints = {f"checkpoints/{each.path.removeprefix('tile/entries/')}" for each in new_bundles(0, kept)}
    return tiles | bundles | checkpoints | {"checkpoint", "addenda.v1"}


@pytest.mark.parametrize("tree_size", [1, 255, 256, 257, 70_000])
def test_a_complete_record(tree_size: int) -> None:
    layout = sort_files(complete(tree_size, 300), tree_size)
    assert layout.unexpected == layout.missing == ()
    assert not layout.kept_gaps
    assert [bundle.path for bundle in layout.bundles] == [bundle.path for bundle in new_bundles(0, tree_size)]
    assert {tile.path for tile in layout.tiles} == {tile.path for tile in tiles_for_size(tree_size)}
    assert layout.kept == (Bundle(0), Bundle(1, 44))


@pytest.mark.parametrize("tree_size", [1, 257, 70_000])
def test_each_missing_file_is_named(tree_size: int) -> None:
    everything = complete(tree_size, 300)
    for path in everything - {"checkpoint", "checkpoints/001.p/44"}:
        layout = sort_files(everything - {path}, tree_size)
        assert layout.missing == (path,)
        assert layout.unexpected == ()
        assert layout.kept_gaps == path.startswith("checkpoints/")


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint.old",
        "tile/0/000.p/256",
        "tile/0/001.p/2",
        "tile/1/000.p/2",
        "tile/64/000",
        "tile/00/000",
        "tile/entries/000.p/12",
        "tile/entries/002",
        "checkpoints/0",
        "checkpoints/000.p/7",
        "addenda/aa",
        f"addenda/00/00/{'ab' * 32}",
        f"addenda/ab/ab/{'AB' * 32}",
    ],
)
def test_strangers(path: str) -> None:
    layout = sort_files(complete(257, 300) | {path}, 257)
    assert layout.unexpected == (path,)
    assert layout.missing == ()


def test_an_absurd_size_does_not_make_an_endless_list() -> None:
    """N64: a checkpoint may claim 2^62 entries."""
    layout = sort_files(complete(257, 3), 2**62)
    assert 0 < len(layout.missing) <= 20
    assert "tile/entries/001" in layout.missing


def test_no_kept_checkpoint_at_all() -> None:
    layout = sort_files({"checkpoint", "addenda.v1"}, 1)
    assert "checkpoints/000" in layout.missing
    assert layout.kept == ()

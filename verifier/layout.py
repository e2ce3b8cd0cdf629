"""Which of a record's files belong to a log of its size, which do not, and which are absent.

Spec: board.md §4.1, verification.md §0.5
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import MARKER_PATH, addendum_path
from bulletin_board.log.tile import CHECKPOINT_PATH, TILE_WIDTH, Bundle, Tile, new_bundles, tiles_for_size
from bulletin_board.log_files import CHECKPOINTS, checkpoints_path

_ENTRIES = "tile/entries/"
_ADDENDUM = re.compile(r"addenda/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})", re.ASCII)
_NAMED_MISSING = 20  # an absurd size in a checkpoint must not make the list endless


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a record by what they are; those of each kind ascend."""

    bundles: tuple[Bundle, ...]
    tiles: tuple[Tile, ...]
    kept: tuple[Bundle, ...]  # of checkpoints; `checkpoints_path` tells where
    kept_gaps: bool  # whether some of these are missing
    addenda: tuple[bytes, ...]  # SHA-256, as their names say
    unexpected: tuple[str, ...]
    missing: tuple[str, ...]  # the first of those that the size promises


def sort_files(paths: Iterable[str], tree_size: int) -> Layout:
    """What the files of a record are, in a log of this size."""
    bundles: list[Bundle] = []
    tiles: list[Tile] = []
    kept: list[Bundle] = []
    addenda: list[bytes] = []
    unexpected: list[str] = []
    present = frozenset(paths)
    for path in present - {CHECKPOINT_PATH, MARKER_PATH}:
        try:
            if path.startswith(CHECKPOINTS):
                kept.append(Bundle.from_path(_ENTRIES + path.removeprefix(CHECKPOINTS)))
            elif path.startswith("addenda/"):
                addenda.append(_addendum(path))
            elif path.startswith(_ENTRIES):
                bundles.append(_bundle(path, tree_size))
            else:
                tiles.append(_tile(path, tree_size))
        except RecordError:
            unexpected.append(path)
    kept.sort(key=lambda bundle: (bundle.index, bundle.width))
    # Only the last bundle of kept checkpoints may be partial.
    partial = {bundle for bundle in kept[:-1] if bundle.width < TILE_WIDTH}
    in_order = tuple(bundle for bundle in kept if bundle not in partial)
    return Layout(
        tuple(sorted(bundles, key=lambda bundle: bundle.index)),
        tuple(sorted(tiles, key=lambda tile: (tile.level, tile.index))),
        in_order,
        [bundle.index for bundle in in_order] != list(range(len(in_order))),
        tuple(sorted(addenda)),
        tuple(sorted((*unexpected, *map(checkpoints_path, partial)))),
        tuple(islice(_missing(present, kept, tree_size), _NAMED_MISSING)),
    )


def _bundle(path: str, tree_size: int) -> Bundle:
    bundle = Bundle.from_path(path)
    if bundle.width != min(TILE_WIDTH, tree_size - bundle.start):
        raise RecordError(f"{path}: not of a log of this size")
    return bundle


def _tile(path: str, tree_size: int) -> Tile:
    tile = Tile.from_path(path)
    if tile.width != min(TILE_WIDTH, (tree_size >> 8 * tile.level) - tile.index * TILE_WIDTH):
        raise RecordError(f"{path}: not of a log of this size")
    return tile


def _addendum(path: str) -> bytes:
    match = _ADDENDUM.fullmatch(path)
    if not match or addendum_path(digest := bytes.fromhex(match[1])) != path:
        raise RecordError(f"{path}: not the place of an addendum")
    return digest


def _missing(present: frozenset[str], kept: list[Bundle], tree_size: int) -> Iterator[str]:
    """What should be there and is not, lazily."""
    if MARKER_PATH not in present:
        yield MARKER_PATH
    # How many checkpoints were kept is told by the files alone: at least one, and without a gap.
    for index in range(kept[-1].index if kept else 1):
        if checkpoints_path(Bundle(index)) not in present:
            yield checkpoints_path(Bundle(index))
    for coordinates in (new_bundles(0, tree_size), tiles_for_size(tree_size)):
        for item in coordinates:
            if item.path not in present:
                yield item.path

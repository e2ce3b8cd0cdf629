"""The files of a record by what they are, as a log of one size has them; nothing is judged.

A partial file may be gone where a fuller one has taken its place: then that is read, and cut.

Spec: board.md §1.2, §2.3; c2sp.org/tlog-tiles
"""

from bulletin_board.errors import MissingFile
from bulletin_board.folder import RecordFiles
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.note import SignedNote
from bulletin_board.log.text import HASH_BYTES, decode_utf8
from bulletin_board.log.tile import CHECKPOINT_PATH, TILE_WIDTH, Bundle, Tile, decode_bundle

_ENTRIES = "tile/entries/"
CHECKPOINTS = "checkpoints/"


def checkpoints_path(bundle: Bundle) -> str:
    """Where a bundle of kept checkpoints stands."""
    return CHECKPOINTS + bundle.path.removeprefix(_ENTRIES)


def bundle_at(index: int, tree_size: int) -> Bundle:
    """The bundle at this place as a log of this size has it."""
    return Bundle(index, min(TILE_WIDTH, tree_size - index * TILE_WIDTH))


def read_newest_note(files: RecordFiles) -> tuple[str, Checkpoint]:
    """The note at `checkpoint`, and what it says; nobody vouches for it yet.

    Raises:
        MissingFile: nothing was published.
        RecordError: not a note of a checkpoint.
    """
    text = decode_utf8(files.read(CHECKPOINT_PATH), subject=CHECKPOINT_PATH)
    return text, Checkpoint.from_text(SignedNote.from_text(text).text)


def read_tile(files: RecordFiles, tile: Tile) -> bytes:
    """The content of a tile."""
    try:
        return files.read(tile.path)
    except MissingFile:
        if tile.width == TILE_WIDTH:
            raise
    return files.read(Tile(tile.level, tile.index).path)[: tile.width * HASH_BYTES]


def read_bundle(files: RecordFiles, bundle: Bundle) -> tuple[bytes, ...]:
    """The entries of a bundle."""
    try:
        return decode_bundle(files.read(bundle.path), bundle)
    except MissingFile:
        if bundle.width == TILE_WIDTH:
            raise
    full = Bundle(bundle.index)
    return decode_bundle(files.read(full.path), full)[: bundle.width]


def read_kept_notes(files: RecordFiles) -> list[bytes]:
    """All kept checkpoints, oldest first. How many there are is found by asking for them.

    Raises:
        RecordError: a bundle that is none.
    """
    notes: list[bytes] = []
    bundle = Bundle(0)
    try:
        while True:
            notes += decode_bundle(files.read(checkpoints_path(bundle)), bundle)
            bundle = Bundle(bundle.index + 1)
    except MissingFile:
        pass
    # A running board has every width up to the newest, a folder only that.
    for width in range(TILE_WIDTH - 1, 0, -1):
        partial = Bundle(bundle.index, width)
        try:
            return [*notes, *decode_bundle(files.read(checkpoints_path(partial)), partial)]
        except MissingFile:
            continue
    return notes

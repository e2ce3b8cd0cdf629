"""Tampered logs."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

from bulletin_board.log.addenda import addendum_path
from bulletin_board.log.checkpoint import Checkpoint, sign_checkpoint
from bulletin_board.log.note import NoteSigner, SignedNote
from bulletin_board.log.tile import Bundle, decode_bundle, encode_bundle
from bulletin_board.records.voting import Notice
from tests.support.ballots import bytes_for
from tests.support.election import World, build_election
from tests.support.sample_manifest import AUTHORITIES, BOARD, ORIGIN, STRANGER, WITNESSES, localized
from tests.support.small_board import MemoryFiles
from tests.tamper.harness import Tampered, tampered
from verifier.election import Pins

TILE = "tile/0/000.p/46"
BUNDLE = "tile/entries/000.p/46"


def honest() -> dict[str, bytes]:
    return dict(build_election().board.files())


def flipped(data: bytes, place: int, bit: int = 0) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << bit
    return bytes(changed)


@cache
def long_election() -> World:
    """More entries than one bundle holds, so that a bundle can be wrong without the manifest."""

    def post_incidents(world: World) -> None:
        for number in range(300):
            notice = Notice(kind="incident", closes_at=None, text=localized(f"Drill {number}"))
            world.log(notice, AUTHORITIES[:2])
        world.publish()

    return build_election(before={"open": post_incidents})


def long_record() -> dict[str, bytes]:
    return dict(long_election().board.files())


def kept_changed(change: Callable[[list[bytes]], None]) -> dict[str, bytes]:
    """The honest record with another list of kept checkpoints; `checkpoint` follows the last."""
    world = build_election()
    kept = list(world.board.kept)
    change(kept)
    files = {path: data for path, data in honest().items() if not path.startswith("checkpoints/")}
    files[f"checkpoints/000.p/{len(kept)}"] = encode_bundle(kept)
    return files | {"checkpoint": kept[-1]}


def resigned(text: str, *, witnesses: tuple[int, ...] = (0, 1, 2, 3), time: int | None = None) -> bytes:
    """Another checkpoint text, signed by a board and witnesses who do as they are told."""
    when = build_election().board.now if time is None else time
    board = sign_checkpoint(Checkpoint.from_text(text), BOARD).signatures
    lines = (WITNESSES[place].cosign(text, time=when) for place in witnesses)
    return SignedNote(text, (*board, *lines)).to_text().encode()


def note_of(data: bytes) -> SignedNote:
    return SignedNote.from_text(data.decode())


@tampered("1.1", f"{TILE}: differs")
def flipped_tile() -> dict[str, bytes]:
    """N34: one bit of a tile of leaf hashes."""
    return honest() | {TILE: flipped(honest()[TILE], 100)}


@tampered("1.1", f"{TILE}: differs")
def short_tile() -> dict[str, bytes]:
    """A tile with a hash too few."""
    return honest() | {TILE: honest()[TILE][:-32]}


@tampered("1.1", "tile/1/000.p/1: differs")
def flipped_upper_tile() -> dict[str, bytes]:
    """One bit of a tile of the row above."""
    record = long_record()
    return record | {"tile/1/000.p/1": flipped(record["tile/1/000.p/1"], 5)}


@tampered("1.1", "tile/entries/001.p/90: ends inside entry")
def cut_bundle() -> dict[str, bytes]:
    """N39: a bundle that ends too early."""
    record = long_record()
    return record | {"tile/entries/001.p/90": record["tile/entries/001.p/90"][:-1]}


@tampered("1.1", "tile/entries/001.p/90: 1 bytes after")
def padded_bundle() -> dict[str, bytes]:
    """A byte after the last entry of a bundle."""
    record = long_record()
    return record | {"tile/entries/001.p/90": record["tile/entries/001.p/90"] + b"\0"}


@tampered("1.1", "tile/entries/001.p/90: ends inside entry")
def cut_bundle_and_tile() -> dict[str, bytes]:
    """Neither a bundle nor its tile can be read, so nothing tells its leaf hashes."""
    record = cut_bundle()
    return record | {"tile/0/001.p/90": record["tile/0/001.p/90"][:-1]}


@tampered("1.1", "tile/0/000: differs")
def swapped_entries() -> dict[str, bytes]:
    """N34: two entries that nothing depends on change places."""
    world = long_election()
    first = world.index["roll"] + 1
    entries = list(decode_bundle(long_record()["tile/entries/000"], Bundle(0)))
    entries[first], entries[first + 1] = entries[first + 1], entries[first]
    return long_record() | {"tile/entries/000": encode_bundle(entries)}


@tampered("1.1", "notes.txt: a file that no record")
def unexpected_file() -> dict[str, bytes]:
    """A file that does not belong there."""
    return honest() | {"notes.txt": b"hello"}


@tampered("1.1", r"tile/0/000.p/5: a file that no record")
def unexpected_partial_tile() -> dict[str, bytes]:
    """A tile of an earlier size."""
    return honest() | {"tile/0/000.p/5": honest()[TILE][: 5 * 32]}


@tampered("1.1", r"tile/entries/000.p/5: a file that no record")
def unexpected_partial_bundle() -> dict[str, bytes]:
    """A bundle of an earlier size."""
    entries = decode_bundle(honest()[BUNDLE], Bundle(0, 46))
    return honest() | {"tile/entries/000.p/5": encode_bundle(entries[:5])}


@tampered("1.1", r"checkpoints/000.p/3: a file that no record")
def unexpected_partial_checkpoints() -> dict[str, bytes]:
    """Kept checkpoints of an earlier time, beside the newest."""
    return honest() | {"checkpoints/000.p/3": encode_bundle(build_election().board.kept[:3])}


@tampered("1.1", r"addenda/00/00/zz: a file that no record")
def misnamed_addendum() -> dict[str, bytes]:
    """An addendum whose name is no SHA-256."""
    return honest() | {"addenda/00/00/zz": b"hello"}


@tampered("1.1", r"addenda/.*: a file that no record")
def misplaced_addendum() -> dict[str, bytes]:
    """An addendum in the wrong folder."""
    path, data = next((path, data) for path, data in honest().items() if path.startswith("addenda/"))
    return honest() | {f"addenda/{'00/00' if path[8:13] != '00/00' else '00/01'}/{path[14:]}": data}


@tampered("1.1", "no entry names it")
def unnamed_addendum() -> dict[str, bytes]:
    """N38: an addendum that no entry names."""
    data = b"nobody asked for this"
    return honest() | {addendum_path(sha256(data).digest()): data}


@tampered("1.1", "its SHA-256 is not its name")
def changed_addendum() -> dict[str, bytes]:
    """N28: the rows of the roll are changed, and nothing else."""
    path = next(path for path in honest() if path.startswith("addenda/"))
    return honest() | {path: flipped(honest()[path], 50)}


@tampered("1.1", "addenda.v1: not empty")
def marker_with_content() -> dict[str, bytes]:
    """The marker of addenda holds something."""
    return honest() | {"addenda.v1": b"\n"}


@tampered("1.2", "checkpoint 19: checkpoint: 2 cosignatures, 3 are needed")
def no_quorum() -> dict[str, bytes]:
    """N35: the newest checkpoint was seen by two witnesses only."""

    def change(kept: list[bytes]) -> None:
        kept[-1] = resigned(note_of(kept[-1]).text, witnesses=(0, 3))

    return kept_changed(change)


@tampered("1.2", "a line by stranger.example, which is no key of this log")
def unknown_line() -> dict[str, bytes]:
    """Somebody else's line under a kept checkpoint."""

    def change(kept: list[bytes]) -> None:
        note = note_of(kept[4])
        line = NoteSigner("stranger.example", STRANGER).sign(note.text)
        kept[4] = SignedNote(note.text, (*note.signatures, line)).to_text().encode()

    return kept_changed(change)


@tampered("1.2", "its lines are not the board's and then")
def lines_out_of_order() -> dict[str, bytes]:
    """The witnesses stand in another order than in the manifest."""

    def change(kept: list[bytes]) -> None:
        kept[3] = resigned(note_of(kept[3]).text, witnesses=(1, 0, 2, 3), time=_time(kept[3]))

    return kept_changed(change)


@tampered("1.2", "not signed by the log")
def other_board_key() -> dict[str, bytes]:
    """A checkpoint that the board did not sign."""

    def change(kept: list[bytes]) -> None:
        note = note_of(kept[0])
        kept[0] = SignedNote(note.text, note.signatures[1:]).to_text().encode()

    return kept_changed(change)


@tampered("1.2", "its root is not that of the first")
def other_root() -> dict[str, bytes]:
    """N36: the board and all witnesses signed another tree of the same size, once."""

    def change(kept: list[bytes]) -> None:
        size = int(note_of(kept[8]).text.split("\n")[1])
        kept[8] = resigned(Checkpoint(ORIGIN, size, bytes_for("fork")).to_text(), time=_time(kept[8]))

    return kept_changed(change)


@tampered("1.2", r"its size \d+ is below the \d+ of an earlier one")
def falling_size() -> dict[str, bytes]:
    """Kept checkpoints in another order."""

    def change(kept: list[bytes]) -> None:
        kept.insert(9, resigned(note_of(kept[6]).text, time=_time(kept[8])))

    return kept_changed(change)


@tampered("1.2", "its size 47 is beyond the 46 entries")
def size_beyond_the_record() -> dict[str, bytes]:
    """A kept checkpoint of a longer log than the record."""

    def change(kept: list[bytes]) -> None:
        kept.insert(-1, resigned(Checkpoint(ORIGIN, 47, bytes_for("longer")).to_text(), time=_time(kept[-2])))

    return kept_changed(change)


@tampered("1.2", "the cosignature of witness.example/2 is older")
def falling_time() -> dict[str, bytes]:
    """A witness's clock goes back."""

    def change(kept: list[bytes]) -> None:
        note = note_of(kept[7])
        lines = list(note.signatures)
        lines[2] = WITNESSES[1].cosign(note.text, time=_time(kept[6]) - 1)
        kept[7] = SignedNote(note.text, tuple(lines)).to_text().encode()

    return kept_changed(change)


@tampered("1.2", "checkpoint: is not the last kept checkpoint")
def newest_is_not_the_last() -> dict[str, bytes]:
    """`checkpoint` was cosigned again, and that is not kept."""
    board = build_election().board
    return honest() | {"checkpoint": board.note(now=board.now + 5).to_text().encode()}


@tampered("1.2", "checkpoints/000.p/20: does not hold 20 checkpoints")
def cut_checkpoints() -> dict[str, bytes]:
    """The list of kept checkpoints ends inside one."""
    return honest() | {"checkpoints/000.p/20": honest()["checkpoints/000.p/20"][:-1]}


@tampered("1.2", "kept checkpoint 2: note")
def checkpoint_that_is_no_text() -> dict[str, bytes]:
    """A kept checkpoint that is not UTF-8."""

    def change(kept: list[bytes]) -> None:
        kept[2] = b"\xff" + kept[2]

    return kept_changed(change)


@tampered("1.3", "the board signed another log of 30 entries")
def split_view() -> Tampered:
    """N35: an observer holds a checkpoint of this size with another root, signed by the board."""
    fork = sign_checkpoint(Checkpoint(ORIGIN, 30, bytes_for("split")), BOARD).to_text()
    return Tampered(MemoryFiles(honest()), Pins(checkpoints=(fork,)))


@tampered(
    "1.3", "checkpoint from outside: checkpoint: not signed by the log|note: not signed by any expected key"
)
def outside_checkpoint_of_another_board() -> Tampered:
    """A checkpoint from outside that the board did not sign."""
    text = build_election().board.checkpoint(30).to_text()
    note = SignedNote(text, (NoteSigner("other.example/log", STRANGER).sign(text),)).to_text()
    return Tampered(MemoryFiles(honest()), Pins(checkpoints=(note,)))


def _time(note: bytes) -> int:
    """Of the first cosignature of a kept checkpoint."""
    return int.from_bytes(note_of(note).signatures[1].signature[:8], "big")

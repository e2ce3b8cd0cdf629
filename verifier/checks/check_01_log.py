"""Check 1: every file is where and what it must be, and witnesses saw the log grow.

Spec: verification.md §1; board.md §1, §2, §4
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from bulletin_board.errors import BoardError, RecordError
from bulletin_board.log.addenda import MARKER_PATH, addendum_path, decode_entry
from bulletin_board.log.cosignature import CosignedCheckpoint, open_checkpoint
from bulletin_board.log.merkle import Frontier, leaf_hash, root_hash
from bulletin_board.log.note import KeyType, NoteKey
from bulletin_board.log.tile import CHECKPOINT_PATH, TILE_WIDTH, Tile, decode_bundle, grow_tiles, split_tile
from bulletin_board.log_files import checkpoints_path
from bulletin_board.records.manifest import Manifest
from verifier.journal import Journal
from verifier.layout import Layout, sort_files
from verifier.record import Record


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that the board signed and a quorum cosigned."""

    size: int
    root: bytes
    times: tuple[int, ...]  # of its cosignatures, POSIX seconds, ascending

    @classmethod
    def of(cls, opened: CosignedCheckpoint) -> Published:
        times = tuple(sorted(cosignature.time for cosignature in opened.cosignatures))
        return cls(opened.checkpoint.tree_size, opened.checkpoint.root_hash, times)

    def since(self, quorum: int) -> int:
        """When a quorum was complete: so many stand at or before this time."""
        return self.times[quorum - 1]

    def until(self, quorum: int) -> int:
        """The latest time at or after which a whole quorum stands."""
        return self.times[-quorum]


@dataclass(frozen=True, slots=True)
class LogView:
    """What is known of the log."""

    tree_size: int
    leaf_hashes: Sequence[bytes]  # of the entries, as far as they are known without a gap
    published: tuple[Published, ...] = ()  # the kept checkpoints that are in order, oldest first
    dated: bool = True  # whether the list of kept checkpoints is whole
    _roots: dict[int, bytes] = field(default_factory=dict, repr=False)

    def has(self, size: int, root: bytes) -> bool:
        """Whether the log has this root at this size, or a kept checkpoint says so, which check 1 judges."""
        if any((each.size, each.root) == (size, root) for each in self.published):
            return True
        return 0 <= size <= len(self.leaf_hashes) and self.root_at(size) == root

    def root_at(self, size: int) -> bytes:
        """The root of the log at a size that is known."""
        if size not in self._roots:
            self._roots[size] = root_hash(self.leaf_hashes[:size])
        return self._roots[size]


def open_published(note_text: str, manifest: Manifest, *, quorum: int | None = None) -> CosignedCheckpoint:
    """A checkpoint as the board of this election publishes it.

    Raises:
        BoardError: the form, the board's signature or the quorum is missing.
    """
    return open_checkpoint(
        note_text,
        log_key=NoteKey(manifest.board.origin, KeyType.ED25519, manifest.board.key),
        witness_keys=[NoteKey(each.name, KeyType.COSIGNATURE, each.key) for each in manifest.witnesses],
        quorum=manifest.witness_quorum if quorum is None else quorum,
    )


def check_log(record: Record, manifest: Manifest, outside: Sequence[str], journal: Journal) -> LogView:
    """Run check 1; `outside` are signed notes of checkpoints that somebody kept elsewhere."""
    layout = sort_files(record.paths, record.tree_size)
    journal.expect("files", len(record.paths))
    for path in layout.unexpected:
        journal.ran("files")
        journal.fault(1, path, "a file that no record of this size has")
    for path in layout.missing:
        journal.miss(path, "not in the record")
    leaf_hashes, named = _check_bundles(record, layout, journal)
    _check_tiles(record, layout, leaf_hashes, journal)
    _check_addenda(record, layout, named, journal)
    published, dated = _check_kept(record, layout, manifest, leaf_hashes, journal)
    log = LogView(record.tree_size, leaf_hashes, published, dated)
    for note_text in outside:
        _check_outside(note_text, manifest, log, journal)
    return log


def _check_bundles(record: Record, layout: Layout, journal: Journal) -> tuple[list[bytes], set[bytes] | None]:
    """Leaf hashes up to the first that nothing tells, and the addenda that the entries name.

    The names are None when an entry cannot be read: an addendum that none names is then no fault.
    """
    # Where a bundle is missing, its tile still tells the leaf hashes.
    known = {tile.index: tile for tile in layout.tiles if tile.level == 0}
    hashes_of: dict[int, Sequence[bytes]] = {}
    named: set[bytes] = set()
    all_read = True
    for bundle in layout.bundles:
        journal.expect("entries", bundle.width)
        journal.ran("files")
        try:
            entries = record.read_bundle(bundle)
        except RecordError as exc:
            journal.fault(1, bundle.path, exc)
            all_read = False
            continue
        journal.ran("entries", len(entries))
        hashes_of[bundle.index] = [leaf_hash(entry) for entry in entries]
        for entry in entries:
            named.update(_named_addenda(entry))
    leaf_hashes: list[bytes] = []
    while len(leaf_hashes) < record.tree_size:
        number = len(leaf_hashes) // TILE_WIDTH
        if number not in hashes_of:
            all_read = False
            if number not in known:
                break
            hashes_of[number] = _tile_hashes(record, known[number])
        leaf_hashes += hashes_of[number]
        if len(leaf_hashes) != min(record.tree_size, TILE_WIDTH * (number + 1)):
            break
    return leaf_hashes, named if all_read else None


def _named_addenda(entry: bytes) -> tuple[bytes, ...]:
    try:
        return decode_entry(entry)[1]
    except RecordError:
        return ()  # checks 3 and 6 say so


def _tile_hashes(record: Record, tile: Tile) -> Sequence[bytes]:
    try:
        return split_tile(tile, record.read(tile.path))
    except RecordError:
        return ()  # a wrong tile is named by `_check_tiles`


def _check_tiles(record: Record, layout: Layout, leaf_hashes: Sequence[bytes], journal: Journal) -> None:
    complete = len(leaf_hashes) == record.tree_size
    grown = grow_tiles(0, leaf_hashes, lambda tile: record.read(tile.path))
    # Over an incomplete log only the full tiles are those of the whole.
    expected = {
        tile: sha256(content).digest() for tile, content in grown if complete or tile.width == TILE_WIDTH
    }
    for tile in layout.tiles:
        journal.ran("files")
        content = record.read(tile.path)
        if tile not in expected:
            if len(content) != 32 * tile.width:
                journal.fault(1, tile.path, "not the hashes of so many entries")
        elif sha256(content).digest() != expected[tile]:
            journal.fault(1, tile.path, "differs from what the entries give")


def _check_addenda(record: Record, layout: Layout, named: set[bytes] | None, journal: Journal) -> None:
    for digest in layout.addenda:
        journal.ran("files")
        path = addendum_path(digest)
        if sha256(record.read(path)).digest() != digest:
            journal.fault(1, path, "its SHA-256 is not its name")
        elif named is not None and digest not in named:
            journal.fault(1, path, "no entry names it")
    for digest in sorted((named or set()) - set(layout.addenda)):
        journal.miss(addendum_path(digest), "an entry names it, but it is not in the record")
    if MARKER_PATH in record.paths:
        journal.ran("files")
        if record.read(MARKER_PATH):
            journal.fault(1, MARKER_PATH, "not empty")


def _check_kept(
    record: Record, layout: Layout, manifest: Manifest, leaf_hashes: Sequence[bytes], journal: Journal
) -> tuple[tuple[Published, ...], bool]:
    """Check every kept checkpoint and the newest one.

    Returns:
        Those that a quorum stands by, oldest first, and whether the list was whole.
    """
    history = _History(leaf_hashes, record.tree_size, journal)
    last_text: str | None = None
    seen = 0
    for subject, note_text in _kept_notes(record, layout, journal):
        journal.ran("kept checkpoints")
        seen += 1
        last_text = note_text
        try:
            opened = open_published(note_text, manifest)
        except BoardError as exc:
            journal.fault(2, subject, exc)
            continue
        _check_lines(subject, opened, manifest, journal)
        history.continue_with(subject, opened)
    journal.ran("files")  # `checkpoint` itself
    whole = seen > 0 and seen == sum(bundle.width for bundle in layout.kept) and not layout.kept_gaps
    if last_text is None:
        journal.miss("checkpoints", "no kept checkpoint can be read")
    elif last_text != record.note_text and layout.kept[-1].width == TILE_WIDTH:
        whole = False
        journal.miss(
            checkpoints_path(layout.kept[-1]), "what was kept after this bundle is not in the record"
        )
    elif last_text != record.note_text:
        journal.fault(2, CHECKPOINT_PATH, "is not the last kept checkpoint")
    return tuple(history.published), whole


def _kept_notes(record: Record, layout: Layout, journal: Journal) -> Iterator[tuple[str, str]]:
    """(subject, text) of every kept checkpoint."""
    for bundle in layout.kept:
        path = checkpoints_path(bundle)
        journal.ran("files")
        journal.expect("kept checkpoints", bundle.width)
        try:
            items = decode_bundle(record.read(path), bundle)
        except RecordError:
            journal.fault(2, path, f"does not hold {bundle.width} checkpoints and nothing else")
            continue
        for number, item in enumerate(items, start=bundle.start):
            # What is not UTF-8 becomes a character that no note may hold.
            yield f"kept checkpoint {number}", item.decode(errors="replace").replace("\ufffd", "\0")


def _check_lines(subject: str, opened: CosignedCheckpoint, manifest: Manifest, journal: Journal) -> None:
    for line in opened.unknown_lines:
        journal.fault(2, subject, f"a line by {line.name}, which is no key of this log")
    order = [manifest.board.origin, *(witness.name for witness in manifest.witnesses)]
    places = [order.index(line.name) for line in opened.note.signatures if line not in opened.unknown_lines]
    if places != sorted(places):
        journal.fault(2, subject, "its lines are not the board's and then the witnesses' in manifest order")


@dataclass(slots=True)
class _History:
    """The kept checkpoints so far: the tree and each witness's clock only ever go forward."""

    leaf_hashes: Sequence[bytes]
    tree_size: int
    journal: Journal
    published: list[Published] = field(default_factory=list)
    _tree: Frontier = field(default_factory=Frontier)
    _times: dict[str, int] = field(default_factory=dict)
    _forked: bool = False

    def continue_with(self, subject: str, opened: CosignedCheckpoint) -> None:
        for witness, time in opened.cosignatures:
            if time < self._times.get(witness, 0):
                self.journal.fault(2, subject, f"the cosignature of {witness} is older than its last one")
            self._times[witness] = time
        size = opened.checkpoint.tree_size
        if size > self.tree_size:
            self.journal.fault(
                2, subject, f"its size {size} is beyond the {self.tree_size} entries of the record"
            )
        elif size > len(self.leaf_hashes):
            self.journal.miss(subject, f"only {len(self.leaf_hashes)} of its {size} entries are known")
        elif size < self._tree.tree_size:
            self.journal.fault(
                2, subject, f"its size {size} is below the {self._tree.tree_size} of an earlier one"
            )
        else:
            self._check_root(subject, opened)
            # A wrong root is said once; the times of what a quorum signed still date the entries.
            self.published.append(Published.of(opened))

    def _check_root(self, subject: str, opened: CosignedCheckpoint) -> None:
        size = opened.checkpoint.tree_size
        self._tree = self._tree.extend(self.leaf_hashes[self._tree.tree_size : size])
        if self._tree.root_hash() != opened.checkpoint.root_hash and not self._forked:
            self._forked = True  # and so will be the root of every later one
            self.journal.fault(2, subject, f"its root is not that of the first {size} entries")


def _check_outside(note_text: str, manifest: Manifest, log: LogView, journal: Journal) -> None:
    journal.ran("checkpoints from outside")
    try:
        opened = open_published(note_text, manifest, quorum=0)
    except BoardError as exc:
        journal.fault(3, "checkpoint from outside", exc)
        return
    size, root = opened.checkpoint.tree_size, opened.checkpoint.root_hash
    if size > len(log.leaf_hashes):
        journal.miss(
            "checkpoint from outside", f"of its {size} entries the record shows {len(log.leaf_hashes)}"
        )
    elif not log.has(size, root):
        journal.fault(3, "checkpoint from outside", f"the board signed another log of {size} entries")

"""Credentials entering and leaving the electorate: the roll, revocations, reissues.

Spec: records.md §2.5, §3.2, §3.3; protocol.md §2.11, §2.13
"""

from collections.abc import Iterator, Sequence

from bulletin_board.errors import AppendRefused
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.tile import Tile, grow_tiles
from bulletin_board.records.bulk import ReadAddendum
from bulletin_board.records.canonical import jcs
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import Roll, RollRow, decode_roll
from bulletin_board.records.voting import Reissue, Revocation
from bulletin_board.store.port import (
    BoardTransaction,
    RegisteredCredential,
    Standing,
    Tree,
    TreeHead,
)
from crypto.credential import join_public
from crypto.errors import EncodingError
from crypto.group import GroupElement


def register_roll(
    roll: Roll, entry_index: int, *, manifest: Manifest, tables: BoardTransaction, read_addendum: ReadAddendum
) -> None:
    """Take in every row of the roll, and keep the tree of rows for voters' look-ups.

    Raises:
        RecordError: the addenda do not hold the rows that the roll names.
        AppendRefused: rows out of order, a part or credential twice, or one that the manifest does not know.
    """
    leaves: list[bytes] = []
    rows = _checked_rows(decode_roll(roll, read_addendum), entry_index, manifest=manifest, leaves=leaves)
    tables.electorate.register(rows)
    tables.log.keep_roll_head(TreeHead(roll.length, roll.root))
    tables.log.keep_tiles(grow_tiles(0, leaves, _no_tile), Tree.ROLL)


def revoke(revocation: Revocation, entry_index: int, *, tables: BoardTransaction) -> None:
    """End a credential.

    Raises:
        AppendRefused: it is unknown, or has ended before.
    """
    require_effective(tables.electorate.credential(revocation.credential))
    tables.electorate.end_credential(revocation.credential, Standing.REVOKED, since_index=entry_index)


def reissue(body: Reissue, entry_index: int, *, manifest: Manifest, tables: BoardTransaction) -> None:
    """End a credential and take in the one that replaces it.

    Raises:
        AppendRefused: the old one is unknown or has ended; another style or unit; a part used before.
    """
    old = require_effective(tables.electorate.credential(body.old))
    if (body.row.style, body.row.unit) != (old.style, old.unit):
        raise AppendRefused("out-of-order", "reissue: another style or unit than the old row")
    fresh = _registered(body.row, entry_index, None, manifest=manifest)
    parts = fresh.parts
    used = len(set(parts)) != len(parts) or tables.electorate.used_parts(parts)
    if used or tables.electorate.credential(fresh.credential):
        raise AppendRefused("out-of-order", "reissue: a part of the new row was used before")
    tables.electorate.end_credential(body.old, Standing.REPLACED, since_index=entry_index)
    tables.electorate.register((fresh,))


def require_effective(known: RegisteredCredential | None) -> RegisteredCredential:
    """The credential, if it may be used.

    Args:
        known: what the store has about it.

    Raises:
        AppendRefused: it is unknown, or has ended.
    """
    if known is None:
        raise AppendRefused("unknown-credential", "not on the roll")
    if known.standing is not Standing.EFFECTIVE:
        raise AppendRefused("revoked-credential", f"{known.standing} by entry {known.since_index}")
    return known


def _checked_rows(
    rows: Iterator[RollRow], entry_index: int, *, manifest: Manifest, leaves: list[bytes]
) -> Iterator[RegisteredCredential]:
    """The rows as credentials; `leaves` collects their hashes on the way."""
    before = b""
    parts: set[bytes] = set()
    for row_index, row in enumerate(rows):
        item = _registered(row, entry_index, row_index, manifest=manifest)
        if item.credential <= before:
            raise AppendRefused("malformed", f"roll: row {row_index} is not above the one before")
        size = len(parts)
        parts.update(item.parts)
        if len(parts) != size + len(item.parts):
            raise AppendRefused("malformed", f"roll: row {row_index} has a part that another row has")
        before = item.credential
        leaves.append(leaf_hash(item.row_text.encode()))
        yield item


def _registered(
    row: RollRow, entry_index: int, row_index: int | None, *, manifest: Manifest
) -> RegisteredCredential:
    manifest.style(row.style)
    manifest.unit(row.unit)
    if len(row.parts) != len(manifest.issuers):
        raise AppendRefused("malformed", f"row: {len(row.parts)} parts for {len(manifest.issuers)} issuers")
    return RegisteredCredential(
        credential=_join(row.parts),
        entry_index=entry_index,
        row_index=row_index,
        style=row.style,
        unit=row.unit,
        row_text=jcs(row).decode(),
        parts=row.parts,
    )


def _join(parts: Sequence[bytes]) -> bytes:
    try:
        return join_public([GroupElement.decode(part) for part in parts]).encoded
    except EncodingError as exc:
        raise AppendRefused("malformed", f"row: {exc}") from exc


def _no_tile(tile: Tile) -> bytes:
    raise ValueError(f"{tile.path}: an empty tree has no tiles")

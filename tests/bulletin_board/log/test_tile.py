"""Tiles and bundles: which ones a tree has, where they stand, and what is in them."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board import errors
from bulletin_board.errors import RecordError
from bulletin_board.log.merkle import (
    Frontier,
    inclusion_proof,
    leaf_hash,
    root_hash,
    stored_inclusion_proof,
    stored_root_hash,
)
from bulletin_board.log.tile import (
    MAX_LEVEL,
    Bundle,
    Tile,
    decode_bundle,
    encode_bundle,
    grow_tiles,
    new_bundles,
    new_tiles,
    split_tile,
    subtrees_in_tiles,
    tile_content,
    tiles_for_size,
)
from tests.bulletin_board.log.sample_log import entry, leaves
from tests.support.vectors import vectors


def ident(case: dict[str, Any]) -> str:
    return str(case["id"])


def subtree(level: int, index: int) -> bytes:
    lo, hi = index << level, (index + 1) << level
    assert hi <= 70_000
    return root_hash(leaves(70_000)[lo:hi])


def no_tile(tile: Tile) -> bytes:
    raise AssertionError(f"asked for {tile.path}")


def reader(files: dict[str, bytes]) -> Callable[[Tile], bytes]:
    return lambda tile: files[tile.path]


@pytest.mark.parametrize("case", vectors("tlog/tile"), ids=ident)
def test_tile_vector(case: dict[str, Any]) -> None:
    tile = Tile.from_path(case["input"]["path"])
    content = tile_content(tile, subtree)
    assert sha256(content).hexdigest() == case["expect"]
    assert b"".join(split_tile(tile, content)) == content


@pytest.mark.parametrize("case", vectors("tlog/bundle"), ids=ident)
def test_bundle_vector(case: dict[str, Any]) -> None:
    bundle = Bundle.from_path(case["input"]["path"])
    entries = tuple(entry(bundle.start + i) for i in range(bundle.width))
    data = encode_bundle(entries)
    assert sha256(data).hexdigest() == case["expect"]
    assert decode_bundle(data, bundle) == entries


@pytest.mark.parametrize("case", vectors("tlog/bundle-refused"), ids=ident)
def test_refused_bundle_vector(case: dict[str, Any]) -> None:
    with pytest.raises(getattr(errors, case["expect"])):
        decode_bundle(bytes.fromhex(case["input"]["bundle"]), Bundle.from_path(case["input"]["path"]))


@pytest.mark.parametrize("case", vectors("tlog/new-tiles"), ids=ident)
def test_new_tiles_vector(case: dict[str, Any]) -> None:
    old, new = case["input"]["old"], case["input"]["new"]
    paths = [tile.path for tile in new_tiles(old, new)]
    assert (paths if isinstance(case["expect"], list) else len(paths)) == case["expect"]
    written = list(grow_tiles(old, leaves(70_000)[old:new], lambda tile: tile_content(tile, subtree)))
    assert [tile.path for tile, _ in written] == paths
    assert all(content == tile_content(tile, subtree) for tile, content in written)


@pytest.mark.parametrize("case", vectors("tlog/path"), ids=ident)
def test_path_vector(case: dict[str, Any]) -> None:
    tile = Tile(**case["input"])
    assert tile.path == case["expect"]
    assert Tile.from_path(case["expect"]) == tile


@pytest.mark.parametrize("case", vectors("tlog/path-refused"), ids=ident)
def test_refused_path_vector(case: dict[str, Any]) -> None:
    for kind in (Tile, Bundle):
        with pytest.raises(getattr(errors, case["expect"])):
            kind.from_path(case["input"]["path"])


def test_a_tree_of_70_000_has_273_full_tiles_and_four_more() -> None:
    paths = [tile.path for tile in tiles_for_size(70_000)]
    assert paths[:273] == [Tile(0, i).path for i in range(273)]
    assert paths[273:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    bundles = [bundle.path for bundle in new_bundles(0, 70_000)]
    assert bundles == [*(Bundle(i).path for i in range(273)), "tile/entries/273.p/112"]


def test_nothing_is_written_when_nothing_grows() -> None:
    for size in (0, 1, 256, 70_000):
        assert list(new_tiles(size, size)) == []
        assert list(new_bundles(size, size)) == []
        assert list(grow_tiles(size, (), no_tile)) == []


@pytest.mark.parametrize(("old", "new"), [(-1, 0), (2, 1)])
def test_new_tiles_need_a_tree_that_grows(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="sizes"):
        list(new_tiles(old, new))


@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_however_a_log_grows_its_files_are_the_same(sizes: list[int]) -> None:
    files: dict[str, bytes] = {}
    size = 0
    for new in sorted(sizes):
        grown = list(grow_tiles(size, leaves(700)[size:new], reader(files)))
        assert [tile for tile, _ in grown] == list(new_tiles(size, new))
        files |= {tile.path: content for tile, content in grown}
        size = new
    for tile in tiles_for_size(size):
        assert files[tile.path] == tile_content(tile, subtree)


@pytest.mark.parametrize("tree_size", [1, 5, 255, 256, 257, 600, 65_536, 65_537, 70_000])
def test_a_store_of_tiles_answers_every_proof(tree_size: int) -> None:
    tree = leaves(70_000)[:tree_size]
    files = {tile.path: content for tile, content in grow_tiles(0, tree, no_tile)}
    stored = subtrees_in_tiles(reader(files), tree_size)
    assert stored_root_hash(tree_size, stored) == root_hash(tree)
    assert Frontier.stored(tree_size, stored) == Frontier().extend(tree)
    for index in {0, tree_size // 2, tree_size - 1}:
        assert stored_inclusion_proof(index, tree_size, stored) == inclusion_proof(index, tree)


def test_incomplete_subtrees_are_not_made_up() -> None:
    files = {tile.path: content for tile, content in grow_tiles(0, leaves(300), no_tile)}
    stored = subtrees_in_tiles(reader(files), 300)
    with pytest.raises(ValueError, match="not complete"):
        stored(6, 4)  # leaves 256..319
    with pytest.raises(ValueError, match="not in a tree"):
        stored(0, 512)


def test_a_tile_of_another_length_is_refused() -> None:
    tile = Tile(0, 0, 5)
    for content in (b"", bytes(159), bytes(161), bytes(192)):
        with pytest.raises(RecordError, match=r"tile/0/000\.p/5: \d+ bytes instead of 160"):
            split_tile(tile, content)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (MAX_LEVEL + 1, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)],
)
def test_coordinates_outside_the_format_are_refused(level: int, index: int, width: int) -> None:
    with pytest.raises(RecordError):
        Tile(level, index, width)
    if level == 0:
        with pytest.raises(RecordError):
            Bundle(index, width)


def test_tiles_and_bundles_do_not_share_paths() -> None:
    with pytest.raises(RecordError, match="names an entry bundle"):
        Tile.from_path("tile/entries/000")
    with pytest.raises(RecordError, match="names a tile"):
        Bundle.from_path("tile/0/000")


@given(st.integers(0, MAX_LEVEL), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_path_round_trip(level: int, index: int, width: int) -> None:
    assert Tile.from_path(Tile(level, index, width).path) == Tile(level, index, width)
    assert Bundle.from_path(Bundle(index, width).path) == Bundle(index, width)


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"tile/([0-9]{1,2}|entries)/(x?[0-9]{3}/)*[0-9]{3}(\.p/[0-9]+)?", fullmatch=True),
    )
)
def test_no_two_paths_name_one_file(path: str) -> None:
    for kind in (Tile, Bundle):
        try:
            place = kind.from_path(path)
        except RecordError:
            continue
        assert place.path == path


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20), st.integers(0, 1000))
def test_bundle_round_trip(entries: list[bytes], index: int) -> None:
    assert decode_bundle(encode_bundle(entries), Bundle(index, len(entries))) == tuple(entries)


@given(st.binary(max_size=40), st.integers(1, 5))
def test_a_bundle_has_one_encoding(data: bytes, width: int) -> None:
    try:
        entries = decode_bundle(data, Bundle(0, width))
    except RecordError:
        return
    assert encode_bundle(entries) == data


def test_the_broken_entry_is_named_by_its_place_in_the_log() -> None:
    data = encode_bundle([b"one", b"two", b"three"])
    with pytest.raises(RecordError, match=r"tile/entries/004\.p/3: ends inside entry 1026"):
        decode_bundle(data[:-1], Bundle(4, 3))
    with pytest.raises(RecordError, match="5 bytes after its 2 entries"):
        decode_bundle(encode_bundle([b"one", b"two", b"abc"]), Bundle(4, 2))


def test_bundles_hold_1_to_256_entries_of_at_most_65535_bytes() -> None:
    full = [b""] * 255 + [bytes(65_535)]
    assert decode_bundle(encode_bundle(full), Bundle(0)) == tuple(full)
    with pytest.raises(RecordError, match="entry 1 has 65536 bytes"):
        encode_bundle([b"", bytes(65_536)])
    for entries in ([], [b""] * 257):
        with pytest.raises(RecordError, match=r"outside 1\.\.256"):
            encode_bundle(entries)


def test_bundle_entries_are_what_the_tile_hashes() -> None:
    bundle = Bundle(1, 44)
    entries = decode_bundle(encode_bundle([entry(256 + i) for i in range(44)]), bundle)
    tile = tile_content(Tile(0, bundle.index, bundle.width), subtree)
    assert b"".join(map(leaf_hash, entries)) == tile

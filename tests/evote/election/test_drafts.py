"""Opening, close and notices as they are drawn up from a log."""

import itertools
from collections.abc import Iterator
from functools import cache

import pytest

from bulletin_board.errors import LogProofError, RecordError
from bulletin_board.log.addenda import encode_entry
from bulletin_board.records.canonical import jcs
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Close, Notice, Open
from evote.election.drafts import Waiting, draft_close, draft_notice, draft_open
from evote.election.public_log import PublicLog
from evote.errors import BoardStateError
from tests.support.election import EXTENDED, World, build_election
from tests.support.sample_manifest import CLOSES_AT, GRACE, OPENS_AT, texts
from tests.support.small_board import MemoryFiles


def files(world: World) -> MemoryFiles:
    return MemoryFiles(world.board.files())


@cache
def closed() -> World:
    return build_election(until="close")


def posted(world: World, kind: type[Open | Close]) -> Open | Close:
    found = [
        body for _, body in PublicLog.open(files(world), world.manifest).records() if isinstance(body, kind)
    ]
    return found[0]


def test_close_is_the_one_that_the_rules_ask_for() -> None:
    draft = draft_close(files(closed()), closed().manifest, lambda: EXTENDED + GRACE + 1)
    assert draft == posted(closed(), Close)


def test_drafts_survive_a_ballot_that_nobody_can_read() -> None:
    def unreadable(world: World) -> None:
        content = jcs({"body": {"no": "ballot"}, "signatures": [], "type": "ballot"})
        world.board.append(encode_entry(content))
        world.publish()

    world = build_election(before={"notice extend": unreadable}, until="close")
    draft = draft_close(files(world), world.manifest, lambda: EXTENDED + GRACE + 1)
    assert draft == posted(world, Close)
    assert draft_open(files(world), world.manifest, Waiting(0)).checkpoint.encode() == world.board.kept[-1]


def test_close_waits_for_the_end_of_the_extended_grace() -> None:
    for now in (CLOSES_AT + GRACE + 1, EXTENDED + GRACE):
        with pytest.raises(BoardStateError, match="grace"):
            draft_close(files(closed()), closed().manifest, itertools.repeat(now).__next__)


def test_close_needs_a_checkpoint_in_time() -> None:
    def nothing_in_time(world: World) -> None:
        world.board.kept.clear()
        world.publish(EXTENDED + GRACE + 100)

    world = build_election(before={"close": nothing_in_time}, until="close")
    with pytest.raises(BoardStateError, match="no checkpoint was cosigned"):
        draft_close(files(world), world.manifest, lambda: EXTENDED + GRACE + 200)


def test_opening_is_around_a_checkpoint_of_the_hour() -> None:
    world = build_election(until="roll", before={"roll": lambda _: None})
    world.publish(OPENS_AT)
    draft = draft_open(files(world), world.manifest, Waiting(0))
    assert draft.checkpoint.encode() == world.board.kept[-1]


def test_opening_waits_for_the_board_and_no_longer_than_patience() -> None:
    world = build_election(until="roll", before={"roll": lambda _: None})
    clock: Iterator[float] = iter(range(1000))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            world.publish(OPENS_AT + 1)

    class Live(MemoryFiles):
        def read(self, path: str) -> bytes:
            return files(world).read(path)

    draft = draft_open(Live({}), world.manifest, Waiting(10, lambda: next(clock), sleep))
    assert draft.checkpoint.encode() == world.board.kept[-1]
    assert slept == [world.manifest.beat / 1000] * 3


def test_opening_gives_up() -> None:
    world = build_election(until="roll", before={"roll": lambda _: None})
    clock: Iterator[float] = iter(range(1000))
    with pytest.raises(BoardStateError, match=f"at or after {OPENS_AT}"):
        draft_open(files(world), world.manifest, Waiting(3, lambda: next(clock), lambda _: None))


def test_nothing_is_opened_without_a_roll() -> None:
    world = build_election(until="ceremony", before={"roll": lambda _: None})
    world.publish(OPENS_AT + 1)
    with pytest.raises(BoardStateError, match="no roll"):
        draft_open(files(world), world.manifest, Waiting(0))


def test_checkpoint_of_another_log_is_noticed() -> None:
    world = build_election(until="close", before={"close": lambda _: None})
    content = world.board.files()
    other = build_election(until="roll", before={"roll": lambda _: None}, bend={"pledge 1": _other_pledge})
    other.publish(OPENS_AT + 5)
    world.board.kept[3] = other.board.kept[-1]
    path = next(path for path in content if path.startswith("checkpoints/"))
    forged = content | {path: world.board.files()[path]}
    with pytest.raises(LogProofError, match="of another log"):
        draft_close(MemoryFiles(forged), world.manifest, lambda: EXTENDED + GRACE + 1)


def test_checkpoints_that_came_after_the_log_was_read_are_left_out() -> None:
    early, late = build_election(until="roll"), closed()
    kept = {path: data for path, data in late.board.files().items() if path.startswith("checkpoints/")}
    old = {path: data for path, data in early.board.files().items() if not path.startswith("checkpoints/")}
    public = PublicLog.open(MemoryFiles(old | kept), early.manifest)
    dated = list(public.kept_checkpoints().newest_first())
    notes = [each.note_text.encode() for each in reversed(dated)]
    assert notes == late.board.kept[: len(notes)]
    assert max(each.tree_size for each in dated) == early.board.checkpoint().tree_size
    assert (
        public.kept_checkpoints().witnessed_by(public.log.tree_size - 1)
        == dated[1].quorum_by
        < dated[0].quorum_by
    )
    assert public.kept_checkpoints().witnessed_by(public.log.tree_size) is None


def _other_pledge(body: object, _world: World) -> object:
    from msgspec.structs import replace

    from tests.support.records import b64

    return replace(body, digest=b64("another"))  # type: ignore[type-var] # a record, which the builder types loosely


@pytest.mark.parametrize("kind", ["suspend", "resume", "incident", "annul"])
def test_notice(kind: str) -> None:
    manifest = closed().manifest
    notice = draft_notice(manifest, kind, texts("Notice"), None)  # type: ignore[arg-type] # one of the literals
    assert isinstance(notice, Notice)
    assert dict(notice.text) == texts("Notice")


def test_notice_of_another_close() -> None:
    manifest: Manifest = closed().manifest
    assert draft_notice(manifest, "extend", texts("Longer"), CLOSES_AT + 1).closes_at == CLOSES_AT + 1
    with pytest.raises(RecordError, match=f"closes at {CLOSES_AT} already"):
        draft_notice(manifest, "extend", texts("Longer"), CLOSES_AT)
    with pytest.raises(RecordError, match="extend with closes_at None"):
        draft_notice(manifest, "extend", texts("Longer"), None)
    with pytest.raises(RecordError, match="languages"):
        draft_notice(manifest, "incident", {"ky": "Билдирүү"}, None)


def test_last_of_a_kind() -> None:
    public = PublicLog.open(files(closed()), closed().manifest)
    assert isinstance(public.last(Roll), Roll)
    assert isinstance(public.last(Open, Close), Close)

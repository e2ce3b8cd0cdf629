"""How far the log was read, and what was posted of the count."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evote.db.identity import IdentityStore
from evote.errors import DatabaseError
from evote.identity.person import KeptPart, LogProgress, Person
from evote.issuing.credential import RollMember


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IdentityStore]:
    store = IdentityStore.open(tmp_path / "identity.db", bytes(32))
    yield store
    store.close()


def test_progress_never_goes_back(store: IdentityStore) -> None:
    assert store.progress() is None
    for tree_size in (7, 9, 8):
        store.keep_progress(LogProgress(tree_size, bytes([tree_size]) * 32))
    assert store.progress() == LogProgress(9, bytes([9]) * 32)


def test_count_is_kept_apart_from_progress(store: IdentityStore) -> None:
    assert store.posted_count() == 0
    store.keep_posted_count(3)
    assert store.progress() is None
    store.keep_progress(LogProgress(5, bytes(32)))
    store.keep_posted_count(4)
    assert (store.posted_count(), store.progress()) == (4, LogProgress(5, bytes(32)))


def test_persons_are_counted_once(store: IdentityStore) -> None:
    store.replace_persons(Person(f"V-{i}", f"{i:014d}", "x@example.org", "ky", "s", "u") for i in range(3))
    assert store.identified_count() == 0
    for reference in ("V-1", "V-2", "V-1"):
        store.mark_identified(reference)
    assert store.identified_count() == 2


def test_no_part_belongs_to_two_persons(store: IdentityStore) -> None:
    store.replace_persons(Person(f"V-{i}", f"{i:014d}", "x@example.org", "ky", "s", "u") for i in range(2))
    store.keep_parts([KeptPart("V-0", b"p" * 32, b"sealed")])
    with pytest.raises(DatabaseError, match="UNIQUE"):
        store.keep_parts([KeptPart("V-1", b"p" * 32, b"sealed")])
    with pytest.raises(DatabaseError, match="FOREIGN KEY"):
        store.keep_parts([KeptPart("V-9", b"q" * 32, b"sealed")])
    assert store.references_without_part() == ("V-1",)
    assert not store.is_joined()


def test_roll_that_is_joined_again_revives_nothing(store: IdentityStore) -> None:
    store.replace_persons(Person(f"V-{i}", f"{i:014d}", "x@example.org", "ky", "s", "u") for i in range(3))
    parts = [bytes([i]) * 32 for i in range(3)]
    store.keep_parts([KeptPart(f"V-{i}", part, b"sealed") for i, part in enumerate(parts)])
    members = [
        RollMember(f"V-{i}", "s", "u", (b"r" * 32, part), bytes([i + 10]) * 32)
        for i, part in enumerate(parts)
    ]
    store.join_members(members, own_place=1)
    store.end_credential(members[0].credential)
    store.prepare_part(KeptPart("V-1", b"p" * 32, b"sealed again"))
    new = replace(members[1], parts=(b"q" * 32, b"p" * 32), credential=b"n" * 32)
    store.end_credential(members[1].credential, replaced_by=new, own_place=1)
    store.join_members(members, own_place=1)
    assert store.current_part("V-0") is None
    replaced, kept = store.current_part("V-1"), store.current_part("V-2")
    assert replaced is not None
    assert kept is not None
    assert (replaced.credential, kept.credential) == (new.credential, members[2].credential)
    assert store.member_in_force(members[1].credential) is None

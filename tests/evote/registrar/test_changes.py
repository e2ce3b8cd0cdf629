"""Which row is a voter's now, when codes were reissued."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from operator import eq
from pathlib import Path

import pytest

from evote.db.registrar import RegistrarStore
from evote.errors import KeyFileError, MismatchError, RegistrarError
from evote.issuing.credential import RollMember
from evote.issuing.files import Handover, PartList, part_list, read_exchange, write_exchange
from evote.keys import Role, RoleKey
from evote.registrar.changes import member_in_force
from evote.registrar.letters import LetterPress, LetterSettings
from evote.registrar.voter_list import parse_voter_list
from tests.evote.kyrgyzstan import ISSUERS, VOTERS, key, manifest

VOTER = parse_voter_list(VOTERS.read_bytes(), manifest())[0]
FIRST = RollMember(VOTER.reference, VOTER.style, "ru", (b"a" * 32, b"b" * 32), b"S" * 32)
SECOND = replace(FIRST, parts=(b"c" * 32, b"d" * 32), credential=b"T" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RegistrarStore]:
    store = RegistrarStore.open(tmp_path / "registrar.db", manifest().digest)
    store.replace_voters([VOTER])
    store.keep_parts({VOTER.reference: FIRST.parts[0]})
    yield store
    store.close()


def test_row_of_the_roll_is_in_force_until_codes_are_reissued(store: RegistrarStore) -> None:
    with pytest.raises(RegistrarError, match="not on the roll yet"):
        member_in_force(store, VOTER.reference, None)
    store.keep_members([FIRST], own_place=0)
    assert member_in_force(store, VOTER.reference, None) == FIRST
    store.keep_reissue(SECOND, own_place=0)
    with pytest.raises(RegistrarError, match="name the board"):
        member_in_force(store, VOTER.reference, None)
    for member in (FIRST, SECOND):
        assert member_in_force(store, VOTER.reference, partial(eq, member.credential)) == member
    with pytest.raises(RegistrarError, match="no credential in force"):
        member_in_force(store, VOTER.reference, lambda _: False)
    with pytest.raises(RegistrarError, match="not on the list"):
        member_in_force(store, "V-0", None)


def test_roll_is_fixed_once_codes_are_reissued(store: RegistrarStore) -> None:
    store.keep_members([FIRST], own_place=0)
    store.keep_members([replace(FIRST, node="abroad")], own_place=0)
    store.keep_reissue(SECOND, own_place=0)
    with pytest.raises(RegistrarError, match="so it is fixed"):
        store.keep_members([FIRST], own_place=0)
    assert store.issued_parts() == {VOTER.reference: FIRST.parts[0]}


def test_exchanged_file_is_of_this_election_and_in_one_form(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    content = part_list(manifest(), "registrar", {"V-2": b"b" * 32, "V-1": b"a" * 32})
    write_exchange(path, content)
    assert read_exchange(path, PartList, manifest().digest) == content
    assert list(content.by_reference()) == ["V-1", "V-2"]
    with pytest.raises(MismatchError, match="another election"):
        read_exchange(path, PartList, bytes(32))
    with pytest.raises(MismatchError, match="list"):
        read_exchange(path, Handover, manifest().digest)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(MismatchError, match="canonical"):
        read_exchange(path, PartList, manifest().digest)
    with pytest.raises(MismatchError, match="absent"):
        read_exchange(tmp_path / "absent", PartList, manifest().digest)


def test_key_must_be_the_one_of_the_manifest() -> None:
    role_key = RoleKey(Role.ISSUER, "Registrar", ISSUERS["registrar"], id="registrar")
    role_key.require_public(manifest().issuer("registrar").key)
    with pytest.raises(KeyFileError, match="not the one that the manifest names"):
        replace(role_key, signing_key=key("another")).require_public(manifest().issuer("registrar").key)


def test_page_that_cannot_be_set_is_told_without_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    press = LetterPress(manifest(), LetterSettings("https://vote.test"))
    monkeypatch.setattr("evote.registrar.letters._qr_svg", lambda code: f"<svg {code}")
    with pytest.raises(RegistrarError, match=f"letter {VOTER.reference}: the page cannot be set") as caught:
        press.set_letter(VOTER, bytes(range(16)))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__

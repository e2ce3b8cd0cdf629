"""Letters and database: whatever stops the work, the letters that lie there open what the database holds."""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from crypto.crockford import decode_code
from evote.db.registrar import RegistrarStore
from evote.errors import DatabaseError, RegistrarError
from evote.issuing.credential import REGISTRAR, RollMember, open_part
from evote.registrar.issuing import PartLedger, Press, issue_letters
from evote.registrar.issuing_lock import issuing_lock, lock_path
from evote.registrar.letters import Letter, LetterPress, LetterSettings
from evote.registrar.voter import Voter
from evote.registrar.voter_list import parse_voter_list
from tests.evote.identity.stage import counted
from tests.evote.kyrgyzstan import VOTERS, manifest

FEW = parse_voter_list(VOTERS.read_bytes(), manifest())[:7]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegistrarStore]:
    monkeypatch.setattr("evote.registrar.issuing.BATCH", 3)
    store = RegistrarStore.open(tmp_path / "registrar.db", manifest().digest)
    store.replace_voters(FEW)
    yield store
    store.close()


class PowerCutError(Exception):
    pass


@dataclass
class CuttingPress:
    """A press that stops after so many letters, as when the power fails."""

    left: int
    press: LetterPress = field(
        default_factory=lambda: LetterPress(manifest(), LetterSettings("https://vote.test"))
    )

    def set_letter(self, voter: Voter, code_bits: bytes) -> Letter:
        if not self.left:
            raise PowerCutError
        self.left -= 1
        return self.press.set_letter(voter, code_bits)


@dataclass
class CuttingLedger:
    """A database that stops before its so-and-so-manieth commit."""

    store: RegistrarStore
    left: int

    def voters_without_part(self) -> tuple[Voter, ...]:
        return self.store.voters_without_part()

    def keep_parts(self, parts: Mapping[str, bytes]) -> None:
        if not self.left:
            raise PowerCutError
        self.left -= 1
        self.store.keep_parts(parts)


def issue(ledger: PartLedger, folder: Path, press: Press, start: int = 1) -> list[int]:
    return list(issue_letters(ledger, press, manifest(), folder, counted(start)))


def codes(folder: Path) -> dict[str, bytes]:
    found = {}
    for path in folder.glob("*.pdf"):
        text = PdfReader(BytesIO(path.read_bytes())).pages[0].extract_text()
        match = re.search(r"((?:[0-9A-Z]{4}\s+){6}[0-9A-Z]{4})\s", text)
        assert match
        found[path.stem] = decode_code(match[1].replace("\n", " "))
    return found


def assert_letters_open(store: RegistrarStore, folder: Path) -> None:
    """Every voter whose part is noted has the letter with its code."""
    letters = codes(folder)
    for reference, part in store.issued_parts().items():
        assert open_part(manifest(), REGISTRAR, letters[reference]).public.encoded == part


def test_everybody_gets_a_letter_of_her_own(store: RegistrarStore, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    assert issue(store, folder, CuttingPress(-1)) == [3, 6, 7]
    assert store.issued_parts().keys() == codes(folder).keys() == {voter.reference for voter in FEW}
    assert len(set(codes(folder).values())) == len(FEW)
    assert_letters_open(store, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert issue(store, folder, CuttingPress(0)) == []


@pytest.mark.parametrize("letters_before", [0, 1, 3, 4, 6])
def test_power_cut_between_letters_is_mended(
    store: RegistrarStore, tmp_path: Path, letters_before: int
) -> None:
    folder = tmp_path / "letters"
    with pytest.raises(PowerCutError):
        issue(store, folder, CuttingPress(letters_before))
    assert len(store.issued_parts()) == letters_before // 3 * 3
    assert_letters_open(store, folder)
    assert sum(1 for _ in issue(store, folder, CuttingPress(-1), start=500)) > 0
    assert store.issued_parts().keys() == {voter.reference for voter in FEW}
    assert_letters_open(store, folder)
    assert not [path for path in folder.iterdir() if path.suffix != ".pdf"]


@pytest.mark.parametrize("commits_before", [0, 1, 2])
def test_power_cut_before_a_commit_is_mended(
    store: RegistrarStore, tmp_path: Path, commits_before: int
) -> None:
    folder = tmp_path / "letters"
    with pytest.raises(PowerCutError):
        issue(CuttingLedger(store, commits_before), folder, CuttingPress(-1))
    # Letters lie there that no part belongs to; they are replaced, never completed.
    orphans = {name: code for name, code in codes(folder).items() if name not in store.issued_parts()}
    assert len(orphans) == (3, 3, 1)[commits_before]
    issue(store, folder, CuttingPress(-1), start=500)
    assert_letters_open(store, folder)
    assert all(codes(folder)[name] != code for name, code in orphans.items())


def test_codes_are_not_in_the_database(store: RegistrarStore, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    issue(store, folder, CuttingPress(-1))
    content = b"".join(path.read_bytes() for path in tmp_path.glob("registrar.db*"))
    assert FEW[0].surname.encode() in content
    for bits in codes(folder).values():
        assert bits not in content
        assert open_part(manifest(), REGISTRAR, bits).secret.encoded not in content


def test_list_is_fixed_once_letters_exist(store: RegistrarStore, tmp_path: Path) -> None:
    store.replace_voters(FEW[:6])
    assert len(store.voters()) == 6
    issue(store, tmp_path / "letters", CuttingPress(-1))
    with pytest.raises(RegistrarError, match="the list is fixed"):
        store.replace_voters(FEW)
    assert len(store.voters()) == 6
    with pytest.raises(RegistrarError, match="not on the list"):
        store.voter(FEW[6].reference)
    assert store.voter(FEW[0].reference) == FEW[0]


def test_one_run_at_a_time(tmp_path: Path) -> None:
    db = tmp_path / "registrar.db"
    with issuing_lock(db):
        with pytest.raises(RegistrarError, match="another run is issuing letters"), issuing_lock(db):
            pass
        with issuing_lock(tmp_path / "other.db"):
            pass
        assert stat.S_IMODE(lock_path(db).stat().st_mode) == 0o600
    with issuing_lock(db):
        pass
    with pytest.raises(RegistrarError, match="no lock beside"), issuing_lock(tmp_path / "no" / "x.db"):
        pass


def test_letter_that_somebody_has_is_not_issued_a_second_time(store: RegistrarStore) -> None:
    reference = FEW[0].reference
    store.keep_parts({reference: b"1" * 32})
    with pytest.raises(DatabaseError, match="UNIQUE"):
        store.keep_parts({reference: b"2" * 32})
    assert store.issued_parts() == {reference: b"1" * 32}
    member = RollMember(reference, FEW[0].style, FEW[0].unit, (b"3" * 32, b"4" * 32), b"5" * 32)
    store.keep_reissue(member, own_place=0)
    assert store.issued_parts() == {reference: b"1" * 32}

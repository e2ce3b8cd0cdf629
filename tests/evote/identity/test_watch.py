"""Notices: exactly one for every ballot on the log, whatever stops the reader; and credentials that end."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

import pytest

from bulletin_board.errors import ExchangeError, LogProofError, MissingFile, QuorumError, StoreError
from bulletin_board.folder import RecordFiles
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.voting import Revocation
from crypto.credential import credential_part, join_public, part_public
from crypto.group import GroupElement
from crypto.tracking import tracking_code
from evote.db.identity import IdentityStore
from evote.identity.outbox import SENT, Mail, Outbox
from evote.identity.person import KeptPart, LogProgress, Person
from evote.identity.watch import LogWatch
from evote.issuing.credential import RollMember
from evote.texts import catalogue
from tests.evote.identity.stage import NOW, read_mail
from tests.support.ballots import bytes_for
from tests.support.election import CASTS, LAST_IN_TIME, MANIFEST, VOTERS, World, build_election
from tests.support.sample_manifest import AUTHORITIES, STRANGER
from tests.support.small_board import MemoryFiles

OWN_PLACE = 1  # of the identity service among the issuers
LANGUAGES = ("ky", "ru", "en")
STRANGE = "v5"  # whom this service does not know


def part(issuer: str, voter: str, again: str = "") -> bytes:
    bits = bytes_for(f"{issuer} {voter}{again}", 16)
    return part_public(credential_part(MANIFEST.election_id, issuer, bits)).encoded


def member(voter: str, again: str = "") -> RollMember:
    parts = (part("registrar", voter, again), part("identity", voter, again))
    credential = join_public([GroupElement.decode(each) for each in parts]).encoded
    style, unit = VOTERS[voter]
    return RollMember(voter.upper(), style, unit, parts, credential)


@pytest.fixture(scope="module")
def world() -> World:
    return build_election(until="voting")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IdentityStore]:
    store = IdentityStore.open(tmp_path / "identity.db", MANIFEST.digest)
    known = [member(voter) for voter in VOTERS if voter != STRANGE]
    store.replace_persons(
        Person(
            each.reference,
            f"{place:014d}",
            f"{each.reference}@example.org",
            LANGUAGES[place % 3],
            each.style,
            each.node,
        )
        for place, each in enumerate(known)
    )
    store.keep_parts([KeptPart(each.reference, each.parts[OWN_PLACE], b"sealed") for each in known])
    store.join_members(known, own_place=OWN_PLACE)
    store.prepare_part(KeptPart("V13", part("identity", "v13", " again"), b"sealed again"))
    yield store
    store.close()


def outbox(folder: Path) -> Outbox:
    sender = Address("", "noreply", "example.org")
    return Outbox(folder / "outbox", sender=sender, election_id=MANIFEST.election_id, clock=lambda: NOW)


def watch(world: World, store: IdentityStore, put: Callable[[Mail], None]) -> LogWatch:
    return LogWatch(world.manifest, world.files, store, put)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "outbox").glob("*.eml"))


def expected(world: World) -> list[str]:
    casts = [(place, each) for place, each in enumerate(CASTS) if each.beat <= LAST_IN_TIME]
    return sorted(
        f"{world.index[f'ballot {place}']:08d}-{each.voter.upper()}-notice.eml"
        for place, each in casts
        if each.voter != STRANGE
    )


def test_every_ballot_of_ours_has_one_notice(world: World, store: IdentityStore, tmp_path: Path) -> None:
    reader = watch(world, store, outbox(tmp_path).put)
    assert reader.step() == len(expected(world))
    assert names(tmp_path) == expected(world)
    assert reader.step() == 0


def test_notice_names_the_ballot_and_not_the_choice(
    world: World, store: IdentityStore, tmp_path: Path
) -> None:
    watch(world, store, outbox(tmp_path).put).step()
    index = world.index["ballot 0"]
    mail = read_mail(tmp_path / "outbox" / f"{index:08d}-V0-notice.eml")
    body = decode_record(world.board.entries[index]).body
    assert isinstance(body, BallotBody)
    code = tracking_code(
        world.context,
        body.style,
        GroupElement.decode(body.credential),
        world.encrypted["ballot 0"].ciphertexts.encode(),
    )
    language = store.person("V0").language
    assert mail["To"] == "V0@example.org"
    assert mail["Subject"] == catalogue(language).text("mail-notice-subject")
    assert code in mail.get_content()
    assert str(index) in mail.get_content()
    assert MANIFEST.contests[0].options[0].title[language] not in mail.get_content()
    assert catalogue(language).text("mail-training") not in mail.get_content()


@pytest.mark.parametrize("after", [0, 1, 5, 13])
def test_reader_that_was_stopped_anywhere_goes_on_without_a_second_notice(
    world: World, store: IdentityStore, tmp_path: Path, after: int
) -> None:
    put, written = outbox(tmp_path).put, list[Mail]()

    def put_some(mail: Mail) -> None:
        if len(written) == after:
            raise OSError("the disk is full")
        written.append(mail)
        put(mail)

    with pytest.raises(OSError, match="disk is full"):
        watch(world, store, put_some).step()
    # The mail program has sent what there was.
    (tmp_path / "outbox" / SENT).mkdir()
    for path in (tmp_path / "outbox").glob("*.eml"):
        path.rename(path.parent / SENT / path.name)
    watch(world, store, put).step()
    sent = sorted(path.name for path in (tmp_path / "outbox" / SENT).iterdir())
    assert sorted([*sent, *names(tmp_path)]) == expected(world)
    assert len(sent) == after


def test_restarted_reader_reads_only_what_is_new(world: World, store: IdentityStore, tmp_path: Path) -> None:
    watch(world, store, outbox(tmp_path).put).step()
    for path in (tmp_path / "outbox").glob("*.eml"):
        path.unlink()
    assert watch(world, store, outbox(tmp_path).put).step() == 0
    assert names(tmp_path) == []
    assert store.progress() == LogProgress(len(world.board.entries), world.board.checkpoint().root_hash)


@dataclass
class FailingOnce:
    """A record's files, of which one read fails."""

    files: RecordFiles
    error: Exception
    reads_before: int

    def paths(self) -> Iterator[str] | None:
        return self.files.paths()

    def read(self, path: str) -> bytes:
        self.reads_before -= 1
        if self.reads_before == -1:
            raise self.error
        return self.files.read(path)


class Forgetful(IdentityStore):
    """The memory of a reader that begins at the first entry again."""

    known: LogProgress | None = None

    def progress(self) -> LogProgress | None:
        return self.known

    def keep_progress(self, progress: LogProgress) -> None:
        self.known = progress


@dataclass
class Names:
    """An outbox of names alone: a mail that is put there again is the same."""

    written: set[str]

    def put(self, mail: Mail) -> None:
        self.written.add(mail.file_name)


FAULTS = (ExchangeError("no answer"), MissingFile("x"), StoreError("busy"), LogProofError("a tile"))


def test_read_that_fails_once_passes_no_ballot_over(
    store: IdentityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ciphertexts lie beside the log, so that every notice takes a read of its own.
    monkeypatch.setattr("bulletin_board.records.bulk.MAX_ENTRY_BYTES", 1000)
    world = build_election(before={"nothing": repr}, until="voting")
    patient = FailingOnce(world.files, FAULTS[0], sys.maxsize)
    LogWatch(world.manifest, patient, Forgetful(store._database), lambda _: None).step()
    reads = sys.maxsize - patient.reads_before
    assert reads > len(expected(world))
    for reads_before in range(reads):
        error, memory, written = FAULTS[reads_before % 4], Forgetful(store._database), set[str]()
        files = FailingOnce(world.files, error, reads_before)
        reader = LogWatch(world.manifest, files, memory, Names(written).put)
        with pytest.raises(type(error)):
            reader.step()
        assert memory.known is None
        assert reader.step() == len(expected(world))
        assert sorted(written) == expected(world)
        assert reader.step() == 0


def test_ballot_before_the_roll_is_passed_over(
    world: World, store: IdentityStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ballot = decode_record(world.board.entries[world.index["ballot 0"]]).body
    hasty = build_election(before={"nothing": repr}, until="ceremony")
    hasty.log(ballot, ())
    hasty.publish()
    assert watch(hasty, store, outbox(tmp_path).put).step() == 0
    assert f"entry {len(hasty.board.entries) - 1} is passed over" in caplog.text


def test_ended_credentials_are_taken_over(world: World, store: IdentityStore, tmp_path: Path) -> None:
    watch(world, store, outbox(tmp_path).put).step()
    assert store.current_part("V1") is None
    reissued = store.current_part("V13")
    assert reissued is not None
    assert (reissued.part, reissued.sealed) == (part("identity", "v13", " again"), b"sealed again")
    new = member("v13", " again")
    assert reissued.credential == new.credential
    assert store.member_in_force(new.credential) == new
    assert store.member_in_force(member("v13").credential) is None
    # Notices still find the person of the old one.
    owner = store.person_of_credential(member("v13").credential)
    assert owner is not None
    assert owner.reference == "V13"


def test_record_that_nobody_signed_ends_nothing_and_stops_no_notice(
    store: IdentityStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    strange = build_election(sign={"revocation": [STRANGER, AUTHORITIES[0]]}, until="voting")
    watch(strange, store, outbox(tmp_path).put).step()
    assert store.current_part("V1") is not None
    assert names(tmp_path) == expected(strange)
    assert f"entry {strange.index['revocation']} is passed over" in caplog.text


def test_unreadable_entry_stops_no_notice(store: IdentityStore, tmp_path: Path) -> None:
    strange = build_election(
        wrap={"identified 1": lambda _entry, _world: b"\xff not a record"}, until="voting"
    )
    watch(strange, store, outbox(tmp_path).put).step()
    assert names(tmp_path) == expected(strange)


def test_other_history_is_refused(world: World, store: IdentityStore, tmp_path: Path) -> None:
    watch(world, store, outbox(tmp_path).put).step()
    progress = store.progress()
    other = build_election(
        bend={"revocation": lambda body, _: Revocation(credential=body.credential, reason="deceased")},
        until="voting",
    )
    with pytest.raises(LogProofError):
        watch(other, store, outbox(tmp_path).put).step()
    assert store.progress() == progress


def test_log_without_a_quorum_is_refused(world: World, store: IdentityStore, tmp_path: Path) -> None:
    files = world.board.files() | {"checkpoint": world.board.note(witnesses=(0, 1)).to_text().encode()}
    reader = LogWatch(world.manifest, MemoryFiles(files), store, outbox(tmp_path).put)
    with pytest.raises(QuorumError):
        reader.step()
    assert store.progress() is None


def test_missing_bundle_is_tried_again(world: World, store: IdentityStore, tmp_path: Path) -> None:
    files = {path: data for path, data in world.board.files().items() if "entries" not in path}
    with pytest.raises(MissingFile):
        LogWatch(world.manifest, MemoryFiles(files), store, outbox(tmp_path).put).step()
    assert watch(world, store, outbox(tmp_path).put).step() == len(expected(world))

"""Mails as files: whole, private, in the standard form, and never twice."""

import email
import stat
from email.headerregistry import Address
from email.policy import default
from pathlib import Path

import pytest

from evote.identity.mails import code_mail, notice_mail
from evote.identity.outbox import SENT, Mail, Outbox
from evote.identity.person import Person
from tests.evote.identity.stage import AIDA, BORIS, NOW
from tests.evote.kyrgyzstan import manifest

SENDER = Address("Инсанды ырастоо кызматы", "noreply", "identity.example.org")


def mail(sequence: int = 7, person: Person = AIDA) -> Mail:
    return code_mail(manifest(), person, "12345678", sequence=sequence, minutes=10)


def outbox(folder: Path) -> Outbox:
    return Outbox(folder, sender=SENDER, election_id="kg-2021-01-10", clock=lambda: NOW)


def test_mail_is_a_message_in_the_standard_form(tmp_path: Path) -> None:
    outbox(tmp_path / "out").put(mail())
    path = tmp_path / "out" / "00000007-V-000001-code.eml"
    data = path.read_bytes()
    assert data.isascii()
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = email.message_from_bytes(data, policy=default)
    assert message["From"] == f"{SENDER}"
    assert message["To"] == AIDA.email
    assert message["Date"].datetime.timestamp() == NOW
    assert message["Message-ID"] == "<code-7-kg-2021-01-10@identity.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert "1234 5678" in message.get_content()
    assert "12345678" not in message["Subject"].replace(" ", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not message.defects


def test_code_does_not_show_in_objects() -> None:
    assert "1234 5678" not in repr(mail())
    assert AIDA.email not in repr(mail())


def test_mail_that_was_sent_is_not_written_again(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    box.put(mail())
    (tmp_path / SENT).mkdir()
    (tmp_path / mail().file_name).rename(tmp_path / SENT / mail().file_name)
    box.put(mail())
    assert [path.name for path in tmp_path.glob("*.eml")] == []
    box.put(mail(8))
    assert [path.name for path in tmp_path.glob("*.eml")] == ["00000008-V-000001-code.eml"]


def test_discarded_mail_leaves_nothing(tmp_path: Path) -> None:
    outbox(tmp_path / "out").discard(mail())
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("person", [AIDA, BORIS], ids=lambda person: person.language)
def test_notice_tells_the_place_and_the_code(person: Person) -> None:
    notice = notice_mail(
        manifest(), person, entry_index=12_345, tracking_code="ABCD-EFGH-JKMN-PQRS-TVWX-YZ01"
    )
    assert "12345" in notice.body
    assert "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01" in notice.body
    assert manifest().title[person.language] in notice.body
    assert notice.file_name == f"00012345-{person.reference}-notice.eml"

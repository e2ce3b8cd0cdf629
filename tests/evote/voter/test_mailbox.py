"""Finding the newest one-time code among mails, as the identity service writes them."""

from dataclasses import replace
from email.headerregistry import Address
from pathlib import Path

import pytest

from evote.errors import VoterError
from evote.identity.mails import code_mail, notice_mail
from evote.identity.outbox import Mail, Outbox
from evote.identity.person import Person
from evote.voter.mailbox import read_newest_code
from tests.evote.kyrgyzstan import manifest

AIDA = Person("V-000001", "10101199000011", "aida@example.org", "ky", "", "")


def outbox(folder: Path) -> Outbox:
    sender = Address("Identity service", "identity", "example.org")
    return Outbox(folder, sender=sender, election_id="kg", clock=lambda: 1_610_244_000)


def mail(code: str, sequence: int, person: Person = AIDA) -> Mail:
    return code_mail(manifest(), person, code, sequence=sequence, minutes=10)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_code_is_read_in_every_language(tmp_path: Path, language: str) -> None:
    outbox(tmp_path).put(mail("12345678", 1, replace(AIDA, language=language)))
    assert read_newest_code(tmp_path, AIDA.reference, AIDA.email) == "12345678"


def test_newest_code_of_this_voter_is_read(tmp_path: Path) -> None:
    box = outbox(tmp_path)
    bakyt = replace(AIDA, reference="V-000002", email="bakyt@example.org")
    alike = replace(AIDA, reference="1-V-000001", email="alike@example.org")
    for code, sequence, person in (
        ("11111111", 9, AIDA),
        ("22222222", 10, AIDA),
        ("33333333", 11, bakyt),
        ("44444444", 12, alike),
    ):
        box.put(mail(code, sequence, person))
    box.put(notice_mail(manifest(), AIDA, entry_index=99, tracking_code="AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"))
    assert read_newest_code(tmp_path, AIDA.reference, AIDA.email) == "22222222"


def test_no_mail_and_mail_to_somebody_else(tmp_path: Path) -> None:
    with pytest.raises(VoterError, match="no mail"):
        read_newest_code(tmp_path, AIDA.reference, AIDA.email)
    outbox(tmp_path).put(mail("12345678", 1))
    with pytest.raises(VoterError, match="somebody else"):
        read_newest_code(tmp_path, AIDA.reference, "bakyt@example.org")


@pytest.mark.parametrize("text", ["no code", "1234 5678\n8765 4321", "1234 56789", "A1234 5678"])
def test_mail_without_exactly_one_code(tmp_path: Path, text: str) -> None:
    outbox(tmp_path).put(replace(mail("12345678", 1), body=text + "\n"))
    with pytest.raises(VoterError, match="one-time codes in the mail"):
        read_newest_code(tmp_path, AIDA.reference, AIDA.email)


def test_mail_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "1-V-000001-code.eml").write_bytes(b"1234 5678\n")
    with pytest.raises(VoterError, match="somebody else"):
        read_newest_code(tmp_path, AIDA.reference, AIDA.email)

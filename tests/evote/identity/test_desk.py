"""Identification: the right code, once, in time, by the right person; and nobody learns who is on the list."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evote.errors import GrantError, RateLimitError, RevokedError, WrongCodeError
from evote.identity.desk import CODE_LIFE, MAX_TRIES, WINDOW, DeskTools
from evote.issuing.credential import IDENTITY, open_part
from evote.texts import catalogue
from tests.evote.identity.stage import AIDA, BORIS, NOW, UNKNOWN_NUMBER, Stage, credential_of, set_stage
from tests.evote.kyrgyzstan import manifest


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = set_stage(tmp_path)
    yield stage
    stage.store.close()


def wrong(code: str) -> str:
    return ("1" if code[0] != "1" else "2") + code[1:]


def test_right_code_hands_over_the_part_after_the_grant(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    handed = stage.desk.finish(session, stage.last_code())
    kept = stage.store.current_part(AIDA.reference)
    assert kept is not None
    assert open_part(manifest(), IDENTITY, handed.bits).public.encoded == kept.part
    assert handed.credential == credential_of(AIDA)
    assert stage.server.granted == [credential_of(AIDA)]
    assert stage.store.identified_count() == 1
    assert str(handed.bits) not in repr(handed)


def test_mail_is_in_the_language_of_the_person(stage: Stage) -> None:
    for person in (AIDA, BORIS):
        stage.desk.begin(person.personal_number, person.reference)
    for mail, person in zip(stage.mails(), (AIDA, BORIS), strict=True):
        texts = catalogue(person.language)
        assert mail["To"] == person.email
        assert mail["Subject"] == texts.text("mail-code-subject")
        assert texts.text("mail-training") in mail.get_content()
        assert manifest().title[person.language] in mail.get_content()
        assert mail["Content-Language"] == person.language
        assert "10 мүнөт" in mail.get_content() or "10 минут" in mail.get_content()
    assert [path.name for path in sorted(stage.outbox.iterdir())] == [
        "00000001-V-000001-code.eml",
        "00000002-V-000002-code.eml",
    ]


def test_code_is_good_once(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    code = stage.last_code()
    stage.desk.finish(session, code)
    with pytest.raises(WrongCodeError):
        stage.desk.finish(session, code)


def test_voter_who_votes_again_is_handed_the_same_part(stage: Stage) -> None:
    handed = []
    for _ in range(2):
        session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
        handed.append(stage.desk.finish(session, stage.last_code()))
    assert handed[0] == handed[1]
    assert stage.store.identified_count() == 1


def test_code_of_one_session_does_not_open_another(stage: Stage) -> None:
    first = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    code = stage.last_code()
    second = stage.desk.begin(BORIS.personal_number, BORIS.reference)
    with pytest.raises(WrongCodeError):
        stage.desk.finish(second, code)
    assert stage.desk.finish(first, code).credential == credential_of(AIDA)


def test_five_wrong_tries_end_a_session(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    code = stage.last_code()
    for _ in range(MAX_TRIES):
        with pytest.raises(WrongCodeError):
            stage.desk.finish(session, wrong(code))
    with pytest.raises(WrongCodeError):
        stage.desk.finish(session, code)
    assert stage.server.granted == []


def test_fifth_try_may_still_be_right(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    code = stage.last_code()
    for _ in range(MAX_TRIES - 1):
        with pytest.raises(WrongCodeError):
            stage.desk.finish(session, wrong(code))
    assert stage.desk.finish(session, code.replace(" ", "")).credential == credential_of(AIDA)


@pytest.mark.parametrize(("age", "good"), [(CODE_LIFE, True), (CODE_LIFE + 1, False)])
def test_code_lives_ten_minutes(stage: Stage, age: int, good: bool) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    stage.clock[0] += age
    if good:
        stage.desk.finish(session, stage.last_code())
    else:
        with pytest.raises(WrongCodeError):
            stage.desk.finish(session, stage.last_code())


def test_sessions_are_limited_per_person_and_hour_known_or_not(stage: Stage) -> None:
    for number in (AIDA.personal_number, UNKNOWN_NUMBER):
        for _ in range(3):
            stage.desk.begin(number, AIDA.reference)
        with pytest.raises(RateLimitError) as caught:
            stage.desk.begin(number, AIDA.reference)
        assert caught.value.retry_after == WINDOW
    stage.desk.begin(BORIS.personal_number, BORIS.reference)
    stage.clock[0] += WINDOW + 1
    stage.desk.begin(AIDA.personal_number, AIDA.reference)


@pytest.mark.parametrize("reference", [BORIS.reference, "V-999999", ""])
def test_who_knows_the_personal_number_alone_locks_nobody_out(stage: Stage, reference: str) -> None:
    for _ in range(3):
        stage.desk.begin(AIDA.personal_number, reference)
    with pytest.raises(RateLimitError):
        stage.desk.begin(AIDA.personal_number, reference)
    assert list(stage.outbox.iterdir()) == []
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    assert stage.desk.finish(session, stage.last_code()).credential == credential_of(AIDA)


def test_letter_number_may_be_typed_carelessly(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, f" {AIDA.reference.lower()} ")
    assert stage.desk.finish(session, stage.last_code()).credential == credential_of(AIDA)
    for _ in range(2):
        stage.desk.begin(AIDA.personal_number, AIDA.reference)
    with pytest.raises(RateLimitError):
        stage.desk.begin(AIDA.personal_number, AIDA.reference.lower())


def test_unknown_number_gets_a_session_that_nothing_opens(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = stage.desk.begin(UNKNOWN_NUMBER, AIDA.reference)
    known = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    assert len(session) == len(known) == 22
    assert [path.name for path in stage.outbox.iterdir()] == ["00000002-V-000001-code.eml"]
    # Even the code that was drawn for nobody opens nothing.
    drawn: list[int] = []
    monkeypatch.setattr(stage.desk, "_tools", _with_code(stage, drawn))
    nobody = stage.desk.begin(UNKNOWN_NUMBER, AIDA.reference)
    with pytest.raises(WrongCodeError):
        stage.desk.finish(nobody, f"{drawn[0]:08d}")


def _with_code(stage: Stage, drawn: list[int]) -> DeskTools:
    def draw(below: int) -> int:
        assert below == 10**8
        drawn.append(7)
        return 7

    return replace(stage.desk._tools, draw_code=draw)


def test_known_and_unknown_do_the_same_work(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a stop-watch, which would flicker, but what takes time: writes, syncs and transactions."""
    calls: list[str] = []

    def watch(name: str, real: Callable[..., Any]) -> None:
        def watched(*args: Any, **options: Any) -> Any:
            calls.append(name)
            return real(*args, **options)

        monkeypatch.setattr(os, name, watched)

    for name in ("fsync", "open", "rename", "link", "unlink"):
        watch(name, getattr(os, name))
    stage.desk.begin(AIDA.personal_number, AIDA.reference)
    known, calls[:] = list(calls), []
    stage.desk.begin(UNKNOWN_NUMBER, AIDA.reference)
    assert known.count("fsync") == calls.count("fsync") == 2
    assert [call for call in calls if call != "unlink"] == known


def test_session_of_no_name_is_like_a_wrong_code(stage: Stage) -> None:
    with pytest.raises(WrongCodeError) as unknown:
        stage.desk.finish("AAAAAAAAAAAAAAAAAAAAAA", "12345678")
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    with pytest.raises(WrongCodeError) as mistyped:
        stage.desk.finish(session, wrong(stage.last_code()))
    assert str(unknown.value) == str(mistyped.value)


def test_part_is_kept_back_and_the_code_stays_good_while_the_server_is_away(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    stage.server.down = True
    for _ in range(MAX_TRIES + 1):
        with pytest.raises(GrantError):
            stage.desk.finish(session, stage.last_code())
    assert stage.store.identified_count() == 0
    stage.server.down = False
    assert stage.desk.finish(session, stage.last_code()).credential == credential_of(AIDA)


def test_person_without_credential_in_force_is_told_only_with_the_right_code(stage: Stage) -> None:
    stage.store.end_credential(credential_of(AIDA))
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    with pytest.raises(WrongCodeError):
        stage.desk.finish(session, wrong(stage.last_code()))
    with pytest.raises(RevokedError):
        stage.desk.finish(session, stage.last_code())
    assert stage.server.granted == []


def test_restart_changes_nothing(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    again = set_stage(stage.folder)
    assert again.desk.finish(session, again.last_code()).credential == credential_of(AIDA)
    again.store.close()


def test_database_holds_no_code_no_token_and_no_part_in_clear(stage: Stage) -> None:
    session = stage.desk.begin(AIDA.personal_number, AIDA.reference)
    stage.desk.begin(UNKNOWN_NUMBER, AIDA.reference)
    code = stage.last_code().replace(" ", "")
    handed = stage.desk.finish(session, code)
    content = b"".join(path.read_bytes() for path in stage.folder.glob("identity.db*"))
    assert AIDA.email.encode() in content
    for secret in (code.encode(), session.encode(), handed.bits, UNKNOWN_NUMBER.encode()):
        assert secret not in content
    rows = sqlite3.connect(stage.folder / "identity.db").execute("SELECT * FROM sessions").fetchall()
    assert len(rows) == 2


def test_old_sessions_are_forgotten(stage: Stage) -> None:
    stage.desk.begin(AIDA.personal_number, AIDA.reference)
    stage.clock[0] += WINDOW + 1
    stage.desk.begin(BORIS.personal_number, BORIS.reference)
    connection = sqlite3.connect(stage.folder / "identity.db")
    assert connection.execute("SELECT number, reference FROM sessions").fetchall() == [(2, BORIS.reference)]
    connection.close()


def test_old_sessions_are_forgotten_while_nobody_comes(stage: Stage) -> None:
    stage.desk.begin(AIDA.personal_number, AIDA.reference)
    stage.clock[0] += WINDOW
    stage.desk.begin(BORIS.personal_number, BORIS.reference)
    stage.desk.forget_sessions()
    connection = sqlite3.connect(stage.folder / "identity.db")
    assert connection.execute("SELECT number FROM sessions").fetchall() == [(1,), (2,)]
    stage.clock[0] += 1
    stage.desk.forget_sessions()
    assert connection.execute("SELECT number FROM sessions").fetchall() == [(2,)]
    connection.close()


def test_codes_are_spread_over_all_eight_digits(stage: Stage) -> None:
    codes = set()
    for hour in range(12):
        stage.clock[0] = NOW + hour * (WINDOW + 1)
        stage.desk.begin(AIDA.personal_number, AIDA.reference)
        codes.add(stage.last_code())
    assert len(codes) == 12
    assert len({code[0] for code in codes}) > 1

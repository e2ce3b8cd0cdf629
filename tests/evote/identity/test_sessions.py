"""Sessions under pressure: many threads, and still five tries and one success."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evote.db.identity import open_identity_database
from evote.db.sessions import SessionStore
from evote.identity.person import OpenedSession
from tests.evote.kyrgyzstan import manifest

TOKEN, CODE, WRONG = b"t" * 32, b"c" * 32, b"w" * 32
SESSION = OpenedSession(TOKEN, b"s" * 32, "V-000001", CODE, 1000)


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[SessionStore]:
    database = open_identity_database(tmp_path / "identity.db", manifest().digest)
    yield SessionStore(database)
    database.close()


def test_right_code_succeeds_once_however_often_it_comes_at_once(sessions: SessionStore) -> None:
    sessions.open_session(SESSION, since=0, limit=1)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: sessions.try_code(TOKEN, CODE, opened_since=0, max_tries=50), range(24))
        )
    assert sorted(answers, key=str) == [*[None] * 23, "V-000001"]


def test_guesses_at_once_are_all_counted(sessions: SessionStore) -> None:
    sessions.open_session(SESSION, since=0, limit=1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: sessions.try_code(TOKEN, WRONG, opened_since=0, max_tries=5), range(5)))
    assert sessions.try_code(TOKEN, CODE, opened_since=0, max_tries=5) is None


def test_limit_holds_against_requests_at_once(sessions: SessionStore) -> None:
    def open_one(place: int) -> int | None:
        session = OpenedSession(place.to_bytes(32, "big"), SESSION.subject, "V-000001", CODE, 1000)
        return sessions.open_session(session, since=0, limit=3)

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(open_one, range(20)))
    assert sorted(number for number in numbers if number) == [1, 2, 3]


def test_numbers_are_never_given_twice(sessions: SessionStore) -> None:
    assert sessions.open_session(SESSION, since=0, limit=1) == 1
    later = OpenedSession(b"u" * 32, b"s" * 32, "V-000001", CODE, 9000)
    assert sessions.open_session(later, since=5000, limit=1) == 2


def test_code_that_was_given_back_is_good_again(sessions: SessionStore) -> None:
    sessions.open_session(SESSION, since=0, limit=1)
    for _ in range(3):
        assert sessions.try_code(TOKEN, CODE, opened_since=0, max_tries=2) == "V-000001"
        sessions.give_back(TOKEN)
    sessions.give_back(b"x" * 32)
    assert sessions.try_code(TOKEN, WRONG, opened_since=0, max_tries=2) is None
    assert sessions.try_code(TOKEN, WRONG, opened_since=0, max_tries=2) is None
    assert sessions.try_code(TOKEN, CODE, opened_since=0, max_tries=2) is None

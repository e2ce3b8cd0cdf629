"""The service beside its desk: nothing is served before there are credentials, and a board that is away stops nobody."""

import logging
import sqlite3
import time
from email.headerregistry import Address
from pathlib import Path

import pytest

from evote.db.identity import IdentityStore
from evote.errors import IdentityError
from evote.identity.server import IdentitySettings, identity_server
from evote.voter.identity_client import IdentityClient
from tests.evote.identity.stage import AIDA, STORAGE_KEY, set_stage
from tests.evote.issuing.town import serving
from tests.evote.kyrgyzstan import IDENTITY, manifest

NOBODY = "http://127.0.0.1:9"  # the port of `discard`, where nobody listens


def settings(folder: Path) -> IdentitySettings:
    return IdentitySettings(
        manifest=manifest(),
        db=folder / "identity.db",
        server=NOBODY,
        outbox=folder / "outbox",
        storage_key=STORAGE_KEY,
        identity_key=IDENTITY,
        sender=Address("", "noreply", "example.org"),
    )


def test_service_waits_for_the_roll(tmp_path: Path) -> None:
    IdentityStore.open(tmp_path / "identity.db", manifest().digest).close()
    with (
        pytest.raises(IdentityError, match="the roll is not signed yet"),
        identity_server(settings(tmp_path)),
    ):
        pass


def test_codes_are_mailed_while_the_board_is_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    set_stage(tmp_path).store.close()
    with identity_server(settings(tmp_path)) as app, serving(app) as url, IdentityClient(url) as client:
        client.begin(AIDA.personal_number, AIDA.reference, language="ky")
        deadline = time.monotonic() + 20
        while "log watch" not in caplog.text:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert [path.name for path in (tmp_path / "outbox").glob("*.eml")] == ["00000001-V-000001-code.eml"]
    assert AIDA.personal_number not in caplog.text


def test_old_sessions_go_without_a_visitor_and_without_a_board(tmp_path: Path) -> None:
    stage = set_stage(tmp_path)
    stage.desk.begin(AIDA.personal_number, AIDA.reference)  # by the clock of the stage: years ago
    stage.store.close()
    connection = sqlite3.connect(tmp_path / "identity.db")
    assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    with identity_server(settings(tmp_path)) as app, serving(app):
        deadline = time.monotonic() + 20
        while connection.execute("SELECT count(*) FROM sessions").fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    connection.close()

"""Bringing a record again while the line is bad."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bulletin_board.envelope_file import write_envelope
from bulletin_board.errors import ExchangeError, RecordError
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from evote.election.posting import post_file, post_record
from tests.support.election import build_election
from tests.support.records import AUTHORITIES, ISSUERS, MANIFEST, ROLL, ROLL_ADDENDA, notice

RECEIPT = build_election(until="roll").board.receipt(3, None)
NOTICE = sign_body("notice", notice("incident", "Билдирүү"), MANIFEST.digest, AUTHORITIES[:2])


class BadLine:
    """The first answers are lost."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.brought: list[tuple[Record, set[bytes]]] = []

    def post_entry(self, envelope: Envelope, addenda: Mapping[bytes, bytes], manifest: Manifest) -> Receipt:
        assert manifest is MANIFEST
        self.brought.append((envelope.body, set(addenda)))
        if len(self.brought) <= self.lost:
            raise ExchangeError("/entries: ReadTimeout: no answer")
        return RECEIPT


def test_record_is_brought_until_it_is_acknowledged() -> None:
    line, slept = BadLine(2), list[float]()
    assert post_record(line, NOTICE, {}, MANIFEST, sleep=slept.append) is RECEIPT
    assert line.brought == [(NOTICE.body, set())] * 3
    assert len(slept) == 2


def test_patience_ends() -> None:
    line = BadLine(100)
    with pytest.raises(ExchangeError, match="no answer"):
        post_record(line, NOTICE, {}, MANIFEST, attempts=4, sleep=lambda _: None)
    assert len(line.brought) == 4


def test_file_is_brought_with_its_addenda(tmp_path: Path) -> None:
    path = tmp_path / "roll.json"
    write_envelope(path, sign_body("roll", ROLL, MANIFEST.digest, tuple(ISSUERS.values())), ROLL_ADDENDA)
    line = BadLine(0)
    assert post_file(line, path, MANIFEST) is RECEIPT
    assert line.brought == [(ROLL, set(ROLL_ADDENDA))]


def test_incomplete_file_is_not_brought(tmp_path: Path) -> None:
    path = tmp_path / "notice.json"
    write_envelope(path, sign_body("notice", NOTICE.body, MANIFEST.digest, AUTHORITIES[:1]))
    line = BadLine(0)
    with pytest.raises(RecordError, match="signed by 1 instead of 2"):
        post_file(line, path, MANIFEST)
    assert line.brought == []

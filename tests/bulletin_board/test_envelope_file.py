"""Records in files: one form, addenda beside them, manifests only with their two signatures."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from bulletin_board.envelope_file import (
    addenda_folder,
    decode_envelope,
    encode_envelope,
    load_manifest,
    read_addenda,
    read_envelope,
    write_envelope,
)
from bulletin_board.errors import RecordError
from bulletin_board.records.envelope import join_signatures, sign_body, sign_record
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.roll import Roll
from bulletin_board.records.voting import Identified
from crypto.errors import SignatureError
from tests.support.records import AUTHORITIES, IDENTITY, MANIFEST, ROLL, ROLL_ADDENDA, STRANGER

IDENTIFIED = sign_body("identified", Identified(count=3), MANIFEST.digest, [IDENTITY])


def test_file_is_the_envelope_in_canonical_form(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_envelope(path, IDENTIFIED)
    content = path.read_bytes()
    assert json.dumps(json.loads(content), sort_keys=True, separators=(",", ":")).encode() == content
    assert read_envelope(path) == IDENTIFIED
    assert read_addenda(path, IDENTIFIED.body) == {}
    assert not addenda_folder(path).exists()


def test_signatures_may_still_be_missing() -> None:
    unsigned = join_signatures(MANIFEST, [])
    assert decode_envelope(encode_envelope(unsigned)) == unsigned


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff",
        encode_envelope(IDENTIFIED) + b"\n",
        encode_envelope(IDENTIFIED).replace(b'"count":3', b'"count": 3'),
        encode_envelope(IDENTIFIED).replace(b'"count":3', b'"count":3,"count":3'),
        encode_envelope(IDENTIFIED).replace(b'"identified"', b'"idle"'),
        encode_envelope(IDENTIFIED).replace(b'"identified"', b'"close"'),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(RecordError):
        read_envelope(tmp_path / "x.json")


def test_absent_and_huge_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordError, match="No such file"):
        read_envelope(tmp_path / "absent")
    write_envelope(tmp_path / "x.json", IDENTIFIED)
    monkeypatch.setattr("bulletin_board.envelope_file.MAX_FILE_BYTES", 10)
    with pytest.raises(RecordError, match="over 10 bytes"):
        read_envelope(tmp_path / "x.json")
    with pytest.raises(RecordError, match="at most 10"):
        decode_envelope(encode_envelope(IDENTIFIED))


def test_addenda_lie_beside_the_file_and_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "roll.json"
    write_envelope(path, join_signatures(ROLL, []), ROLL_ADDENDA)
    body = read_envelope(path).body
    assert isinstance(body, Roll)
    assert read_addenda(path, body) == ROLL_ADDENDA
    (name,) = ROLL_ADDENDA
    addendum = addenda_folder(path) / name.hex()
    addendum.write_bytes(addendum.read_bytes() + b" ")
    with pytest.raises(RecordError, match="its content is another"):
        read_addenda(path, body)
    addendum.unlink()
    with pytest.raises(RecordError, match="No such file"):
        read_addenda(path, body)


def test_addendum_of_another_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roll.json"
    write_envelope(path, join_signatures(ROLL, []), ROLL_ADDENDA)
    bent = replace(ROLL, rows=(replace(ROLL.rows[0], size=ROLL.rows[0].size + 1),))
    with pytest.raises(RecordError, match="its content is another"):
        read_addenda(path, bent)


def test_manifest_needs_two_authorities_and_the_pin(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_envelope(path, sign_body("manifest", MANIFEST, MANIFEST.digest, AUTHORITIES[:2]))
    assert load_manifest(path) == MANIFEST
    assert load_manifest(path, MANIFEST.digest) == MANIFEST
    with pytest.raises(RecordError, match="another one was given"):
        load_manifest(path, bytes(32))
    for keys in (AUTHORITIES[:1], AUTHORITIES[:3], (AUTHORITIES[0], STRANGER)):
        write_envelope(path, sign_body("manifest", MANIFEST, MANIFEST.digest, keys))
        with pytest.raises(RecordError):
            load_manifest(path)
    forged = replace(
        sign_record(MANIFEST, MANIFEST.digest, AUTHORITIES[0]), key=Bytes32(AUTHORITIES[1].public)
    )
    genuine = sign_record(MANIFEST, MANIFEST.digest, AUTHORITIES[0])
    write_envelope(path, join_signatures(MANIFEST, [genuine, forged]))
    with pytest.raises(SignatureError):
        load_manifest(path)
    write_envelope(path, IDENTIFIED)
    with pytest.raises(RecordError, match="instead of a manifest"):
        load_manifest(path)

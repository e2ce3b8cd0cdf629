"""Signatures added to a file, one after the other."""

from dataclasses import replace
from pathlib import Path

import pytest

from bulletin_board.envelope_file import load_manifest, read_envelope, write_envelope
from bulletin_board.errors import RecordError
from bulletin_board.records.envelope import Envelope, Signature, join_signatures, sign_record
from bulletin_board.records.fields import Bytes64
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.voting import Revocation
from crypto.errors import SignatureError
from evote.election.definition import make_manifest
from evote.election.drafts import draft_notice
from evote.election.signing import SignedFile, printed_digest, sign_file
from evote.errors import SignedFileError
from evote.keys import RoleKey
from tests.evote.election.cards import all_cards, role_key, signing_key
from tests.evote.election.test_definition import DEFINITION, TERMS
from tests.support.records import b32

MANIFEST = make_manifest(DEFINITION, all_cards(), TERMS)
TEXTS = {"ky": "Билдирүү", "ru": "Уведомление", "en": "A notice"}


def draft(folder: Path, body: Record) -> Path:
    path = folder / f"{body.record_type}.json"
    write_envelope(path, Envelope(body.record_type, body, ()))
    return path


def sign(path: Path, key: RoleKey, manifest: Manifest | None) -> SignedFile:
    return sign_file(path, read_envelope(path), key, manifest)


def test_two_authorities_make_a_manifest(tmp_path: Path) -> None:
    path = draft(tmp_path, MANIFEST)
    first = sign(path, role_key("Secretary"), None)
    assert [(group.role, group.count) for group in first.missing] == [("the authorities", 1)]
    second = sign(path, role_key("Chair"), None)
    assert second.missing == ()
    assert second.envelope == read_envelope(path)
    assert load_manifest(path, MANIFEST.digest) == MANIFEST


def test_what_was_looked_at_is_what_is_signed(tmp_path: Path) -> None:
    path = draft(tmp_path, MANIFEST)
    looked_at = read_envelope(path)
    other = make_manifest(DEFINITION, all_cards(), replace(TERMS, id_suffix="-other"))
    write_envelope(path, Envelope("manifest", other, ()))
    assert sign_file(path, looked_at, role_key("Chair"), None).manifest == MANIFEST
    assert read_envelope(path).body == MANIFEST


def test_a_record_of_the_election_needs_its_manifest(tmp_path: Path) -> None:
    path = draft(tmp_path, draft_notice(MANIFEST, "incident", TEXTS, None))
    with pytest.raises(SignedFileError, match="manifest is needed"):
        sign(path, role_key("Chair"), None)
    assert len(sign(path, role_key("Chair"), MANIFEST).envelope.signatures) == 1


def test_nobody_signs_twice_or_more_than_is_due(tmp_path: Path) -> None:
    path = draft(tmp_path, MANIFEST)
    sign(path, role_key("Chair"), None)
    with pytest.raises(SignedFileError, match="Chair has signed it already"):
        sign(path, role_key("Chair"), None)
    with pytest.raises(SignedFileError, match="Board has no say"):
        sign(path, role_key("Board"), None)
    assert len(read_envelope(path).signatures) == 1


def test_one_authority_is_enough_for_a_revocation(tmp_path: Path) -> None:
    path = draft(tmp_path, Revocation(credential=b32("credential"), reason="voted-on-paper"))
    signed = sign(path, role_key("Chair"), MANIFEST)
    assert [(group.role, group.count) for group in signed.missing] == [("the issuers", 2)]
    with pytest.raises(SignedFileError, match="1 of the authorities have signed"):
        sign(path, role_key("Secretary"), MANIFEST)


def test_nobody_signs_beside_a_bad_signature(tmp_path: Path) -> None:
    path = draft(tmp_path, MANIFEST)
    good = sign_record(MANIFEST, MANIFEST.digest, signing_key("Chair"))
    bad = Signature(key=good.key, signature=Bytes64(bytes([good.signature[0] ^ 1]) + good.signature[1:]))
    write_envelope(path, join_signatures(MANIFEST, [bad]))
    with pytest.raises(SignatureError):
        sign(path, role_key("Secretary"), None)


def test_nobody_signs_for_addenda_that_are_not_there(tmp_path: Path) -> None:
    from tests.support.records import ROLL, ROLL_ADDENDA

    path = tmp_path / "roll.json"
    write_envelope(path, Envelope("roll", ROLL, ()), ROLL_ADDENDA)
    assert len(sign(path, role_key("Registrar"), MANIFEST).envelope.signatures) == 1
    for addendum in path.with_name("roll.json.addenda").iterdir():
        addendum.unlink()
    with pytest.raises(RecordError, match="No such file"):
        sign(path, role_key("Identity service"), MANIFEST)


def test_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    with pytest.raises(RecordError):
        sign(path, role_key("Chair"), MANIFEST)


def test_digest_in_print_is_the_digest() -> None:
    lines = printed_digest(MANIFEST.digest)
    assert [len(line) for line in lines] == [35, 35]
    assert bytes.fromhex("".join(lines).replace(" ", "")) == MANIFEST.digest


def test_sample_is_a_manifest() -> None:
    assert isinstance(MANIFEST, Manifest)

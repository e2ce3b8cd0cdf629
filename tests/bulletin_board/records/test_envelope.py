"""Envelopes: entry bytes, signatures, and who must sign what."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulletin_board.errors import RecordError, VersionError
from bulletin_board.log.addenda import decode_entry, encode_entry
from bulletin_board.records.bulk import BulkRecord, fold
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.envelope import (
    TYPES,
    Envelope,
    Signature,
    decode_record,
    encode_record,
    join_signatures,
    sign_body,
    sign_record,
    verify_envelope,
)
from bulletin_board.records.fields import Bytes32, Bytes64, Localized
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.signers import signer_groups
from bulletin_board.records.voting import Close, Identified, Notice, Open
from crypto.errors import SignatureError
from crypto.signing import SigningKey
from tests.bulletin_board.records.strategies import any_body
from tests.support.records import (
    AUTHORITIES,
    BOARD,
    BODIES,
    IDENTITY,
    ISSUERS,
    MANIFEST,
    STRANGER,
    TRUSTEES,
    WITNESSES,
    ballot,
    manifest_json,
    manifest_of,
    sample,
    signed,
    signers_of,
)

EVERYONE = (*AUTHORITIES, *TRUSTEES, *ISSUERS.values(), BOARD, IDENTITY, *WITNESSES, STRANGER)
SIGNED = [kind for kind in BODIES if kind != "ballot"]


def signed_by(body: Record, keys: Sequence[SigningKey]) -> Envelope:
    return sign_body(body.record_type, body, MANIFEST.digest, keys)


def entry_of(content: bytes) -> bytes:
    """Without our own gate in front."""
    return encode_entry(content)


def content_of(body: Any, signatures: Any, kind: Any) -> bytes:
    return msgspec.json.encode(
        {"body": body, "signatures": signatures, "type": kind},
        order="sorted",
        enc_hook=lambda each: each.to_json(),
    )


def test_the_table_of_types_is_that_of_the_specification() -> None:
    assert " ".join(TYPES) == (
        "manifest pledge commit share confirm complaint answer issuer-pledge roll open ballot revocation reissue "
        "notice identified close aggregate tally-confirm decryption result"
    )
    with pytest.raises(TypeError):
        TYPES["note"] = Open  # type: ignore[index]


@pytest.mark.parametrize("kind", BODIES)
def test_a_sample_of_every_type_is_posted_read_and_verified(kind: str) -> None:
    envelope = signed(BODIES[kind])
    entry = encode_record(envelope)
    assert decode_record(entry) == envelope
    assert encode_record(decode_record(entry)) == entry
    verify_envelope(decode_record(entry), MANIFEST)


@given(any_body)
def test_every_body_survives_its_entry(body: Record) -> None:
    envelope = Envelope(body.record_type, body, ())
    entry = encode_record(envelope)
    assert decode_record(entry) == envelope


@given(st.sampled_from(sorted(BODIES)), st.data())
def test_a_changed_byte_never_gives_the_same_record(kind: str, data: st.DataObject) -> None:
    envelope = signed(BODIES[kind])
    entry = bytearray(encode_record(envelope))
    place = data.draw(st.integers(0, len(entry) - 1))
    entry[place] ^= data.draw(st.integers(1, 255))
    try:
        other = decode_record(bytes(entry))
    except RecordError:
        return
    assert other != envelope
    assert encode_record(other) == bytes(entry)
    if kind != "ballot":  # nobody signs it; its proof tells
        with pytest.raises((RecordError, SignatureError)):
            verify_envelope(other, MANIFEST)


# ---- form ----


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b'{"body":{"count":12},"signatures":[]}', "type"),
        (b'{"body":{"count":12},"type":"identified"}', "signatures"),
        (b'{"signatures":[],"type":"identified"}', "body"),
        (b'{"body":{"count":12},"note":1,"signatures":[],"type":"identified"}', "unknown field `note`"),
        (
            b'{"body":{"count":12,"note":1},"signatures":[],"type":"identified"}',
            "identified: .*unknown field",
        ),
        (b'{"body":{},"signatures":[],"type":"identified"}', "identified: .*count"),
        (b'{"body":{"count":12},"signatures":[],"type":"counted"}', "not a type of record"),
        (b'{"body":{"count":12},"signatures":[],"type":"Identified"}', "not a type of record"),
        (b'{"body":{"count":12},"signatures":[],"type":null}', r"envelope\.type"),
        (b'{"body":{"count":12},"signatures":null,"type":"identified"}', r"envelope\.signatures"),
        (b'{"body":{"count":12},"signatures":[{}],"type":"identified"}', r"envelope\.signatures\[0\]"),
        (b'{"body":null,"signatures":[],"type":"identified"}', "identified: Expected"),
        (b'[{"count":12},[],"identified"]', "envelope: Expected"),
        (b"null", "envelope: Expected"),
    ],
)
def test_envelopes_in_any_other_form_are_refused(content: bytes, wrong: str) -> None:
    with pytest.raises(RecordError, match=wrong):
        decode_record(entry_of(content))


def test_entries_in_any_other_form_are_refused() -> None:
    entry = encode_record(signed(sample(Identified)))
    for wrong in [b"", entry[:-1], entry + b"\0", entry[:-1] + b"\1", b"\0" + entry, bytes(65_536)]:
        with pytest.raises(RecordError):
            decode_record(wrong)


def test_the_body_of_one_type_is_none_of_another() -> None:
    for kind, body in BODIES.items():
        for other in TYPES.keys() - {kind}:
            if {kind, other} == {"open", "close"}:
                continue  # of one form; the type is in what is signed
            content = content_of(body, [], other)
            with pytest.raises(RecordError):
                decode_record(entry_of(content))
            with pytest.raises(RecordError, match=f"as {other}"):
                Envelope(other, body, ())


def test_signatures_out_of_order_or_twice_are_refused() -> None:
    good = signed(BODIES["roll"])
    body = good.body
    for wrong in (good.signatures[::-1], good.signatures[:1] * 2):
        with pytest.raises(RecordError, match="signatures: not strictly ascending"):
            Envelope("roll", body, wrong)
        content, digests = decode_entry(encode_record(good))
        listed = content_of(body, wrong, "roll")
        assert len(listed) == len(content)
        with pytest.raises(RecordError, match="signatures: not strictly ascending"):
            decode_record(encode_entry(listed, digests))


def test_signatures_ascend_by_the_bytes_of_the_key() -> None:
    """Base64url symbols have another order than the bytes that they stand for."""
    keys = [bytes([first]) + bytes(31) for first in (0x03, 0x68, 0xD3, 0xF8, 0xFC)]
    signatures = [Signature(key=Bytes32(key), signature=Bytes64(bytes(64))) for key in keys]
    texts = [signature.key.to_json() for signature in signatures]
    assert texts != sorted(texts)
    Envelope("identified", sample(Identified), tuple(signatures))


def test_what_no_decoder_accepts_is_not_written() -> None:
    with pytest.raises(RecordError, match="not 0, 1, 2"):
        encode_record(Envelope("identified", Identified(count=-1), ()))
    with pytest.raises(RecordError, match=r"open\.checkpoint"):
        encode_record(Envelope("open", Open(checkpoint=""), ()))


def test_an_entry_too_large_is_refused() -> None:
    body = ballot(ciphertexts=60_000)
    with pytest.raises(RecordError, match="at most 65535"):
        encode_record(Envelope("ballot", body, ()))
    posted, _ = fold(body)
    assert isinstance(posted, BulkRecord)
    encode_record(Envelope("ballot", posted, ()))


@pytest.mark.parametrize("version", ["evote/v2", "", "evote/v1 "])
def test_a_manifest_of_another_version_is_not_covered(version: str) -> None:
    """Said before everything else that such a manifest may have otherwise."""
    content = content_of({"version": version, "novelty": True}, [], "manifest")
    with pytest.raises(VersionError, match="only version evote/v1 is covered"):
        decode_record(entry_of(content))


@pytest.mark.parametrize("body", [{}, {"version": 1}, [], None])
def test_a_manifest_without_a_version_is_no_manifest(body: Any) -> None:
    with pytest.raises(RecordError, match="manifest") as caught:
        decode_record(entry_of(content_of(body, [], "manifest")))
    assert not isinstance(caught.value, VersionError)


# ---- signers ----


def roles() -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The table of records.md §1.7 for the sample, written out."""
    two = [("the authorities", 2)]
    issuers = [("the issuers", 2)]
    yield from ((kind, two) for kind in ("manifest", "open", "close", "notice"))
    yield from ((kind, [("trustee 2", 1)]) for kind in ("pledge", "commit", "share", "confirm", "complaint"))
    yield "answer", [("trustee 3", 1)]
    yield from ((kind, [("trustee 1", 1)]) for kind in ("tally-confirm", "decryption"))
    yield "issuer-pledge", [("issuer registrar", 1)]
    yield "roll", issuers
    yield from ((kind, [*issuers, ("the authorities", 1)]) for kind in ("revocation", "reissue"))
    yield "identified", [("the identity service", 1)]
    yield from ((kind, [("the board", 1)]) for kind in ("aggregate", "result"))
    yield "ballot", []


def test_the_table_of_signers() -> None:
    table = dict(roles())
    assert table.keys() == TYPES.keys()
    for kind, wanted in table.items():
        groups = signer_groups(BODIES[kind], MANIFEST)
        assert [(group.role, group.count) for group in groups] == wanted
        needed = {key.public for key in signers_of(BODIES[kind])}
        assert needed <= {key for group in groups for key in group.keys}
        assert len(needed) == sum(group.count for group in groups)


@pytest.mark.parametrize("kind", SIGNED)
def test_every_signer_is_needed(kind: str) -> None:
    keys = signers_of(BODIES[kind])
    for missing in keys:
        envelope = signed_by(BODIES[kind], [key for key in keys if key != missing])
        with pytest.raises(RecordError, match=f"^{kind}: signed by"):
            verify_envelope(envelope, MANIFEST)


@pytest.mark.parametrize("kind", BODIES)
def test_nobody_else_may_sign_along(kind: str) -> None:
    keys = signers_of(BODIES[kind])
    extras = [key for key in EVERYONE if key not in keys]
    assert len(extras) >= 10
    for extra in extras:
        with pytest.raises(RecordError, match=f"^{kind}: signed by"):
            verify_envelope(signed_by(BODIES[kind], [*keys, extra]), MANIFEST)


@pytest.mark.parametrize("kind", SIGNED)
def test_nobody_else_may_sign_instead(kind: str) -> None:
    keys = signers_of(BODIES[kind])
    groups = signer_groups(BODIES[kind], MANIFEST)
    for replaced in keys:
        (group,) = (group for group in groups if replaced.public in group.keys)
        for other in EVERYONE:
            if other in keys or other.public in group.keys:
                continue
            wrong = [other if key == replaced else key for key in keys]
            with pytest.raises(RecordError, match=f"^{kind}: signed by"):
                verify_envelope(signed_by(BODIES[kind], wrong), MANIFEST)


@pytest.mark.parametrize("kind", ["open", "close", "notice", "manifest"])
def test_any_two_authorities_will_do_but_not_three(kind: str) -> None:
    for pair in [(0, 1), (0, 2), (1, 2)]:
        verify_envelope(signed_by(BODIES[kind], [AUTHORITIES[place] for place in pair]), MANIFEST)
    with pytest.raises(RecordError, match="signed by 3 instead of 2"):
        verify_envelope(signed_by(BODIES[kind], AUTHORITIES), MANIFEST)


@pytest.mark.parametrize("kind", ["revocation", "reissue"])
def test_any_one_authority_will_do(kind: str) -> None:
    for authority in AUTHORITIES:
        verify_envelope(signed_by(BODIES[kind], [*ISSUERS.values(), authority]), MANIFEST)


@pytest.mark.parametrize("kind", SIGNED)
def test_the_trustee_or_issuer_named_must_exist(kind: str) -> None:
    body = BODIES[kind]
    stranger: dict[str, Any] = {}
    if hasattr(body, "trustee") and not isinstance(body, Manifest):
        stranger = {"trustee": 4}
    elif hasattr(body, "issuer") and not isinstance(body, Manifest):
        stranger = {"issuer": "nobody"}
    else:
        return
    with pytest.raises(RecordError, match="not in the manifest"):
        verify_envelope(signed_by(msgspec.structs.replace(body, **stranger), [STRANGER]), MANIFEST)


# ---- signatures ----


@pytest.mark.parametrize("kind", SIGNED)
def test_a_changed_signature_is_refused(kind: str) -> None:
    envelope = signed(BODIES[kind])
    for place, signature in enumerate(envelope.signatures):
        for byte in (0, 31, 32, 63):
            bad = bytearray(signature.signature)
            bad[byte] ^= 1
            changed = list(envelope.signatures)
            changed[place] = Signature(key=signature.key, signature=Bytes64(bytes(bad)))
            with pytest.raises(SignatureError):
                verify_envelope(replace(envelope, signatures=tuple(changed)), MANIFEST)


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signature_is_bound_to_its_manifest(kind: str) -> None:
    plain = manifest_json()
    plain["beat"] += 1
    other = manifest_of(plain)
    with pytest.raises(RecordError if kind == "manifest" else SignatureError):
        verify_envelope(signed(BODIES[kind]), other)


def test_a_manifest_must_be_the_one_at_hand_and_signed_over_itself() -> None:
    with pytest.raises(SignatureError):
        verify_envelope(sign_body("manifest", MANIFEST, bytes(32), AUTHORITIES[:2]), MANIFEST)


def test_a_signature_is_bound_to_its_type() -> None:
    """Open and close have bodies of one form, and the same signers."""
    checkpoint = sample(Open).checkpoint
    opened = signed(sample(Open))
    moved = Envelope("close", Close(checkpoint=checkpoint), opened.signatures)
    assert jcs(moved.body) == jcs(opened.body)
    with pytest.raises(SignatureError):
        verify_envelope(moved, MANIFEST)


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signature_is_bound_to_every_field_of_its_body(kind: str) -> None:
    envelope = signed(BODIES[kind])
    changed = list(changed_bodies(envelope.body))
    assert changed
    for body in changed:
        manifest = body if isinstance(body, Manifest) else MANIFEST
        with pytest.raises((SignatureError, RecordError)):
            verify_envelope(replace(envelope, body=body), manifest)


def changed_bodies(body: Record) -> Iterator[Record]:
    """Every body that is right in form and differs in one value somewhere inside."""
    plain = msgspec.json.decode(jcs(body))
    for change in changed_values(plain):
        try:
            yield decode_json(jcs(change), type(body), limit=65_535)
        except RecordError:
            continue


def changed_values(plain: Any) -> Iterator[Any]:
    match plain:
        case dict():
            for key, value in plain.items():
                yield from (plain | {key: changed} for changed in changed_values(value))
        case list():
            for place, value in enumerate(plain):
                yield from (
                    [*plain[:place], changed, *plain[place + 1 :]] for changed in changed_values(value)
                )
        case bool():
            yield not plain
        case int():
            yield plain + 1
        case str():
            yield ("b" if plain[0] != "b" else "c") + plain[1:]
        case None:
            yield 1


def test_signatures_made_apart_are_joined() -> None:
    body = BODIES["roll"]
    apart = [sign_record(body, MANIFEST.digest, key) for key in reversed(ISSUERS.values())]
    assert join_signatures(body, apart) == join_signatures(body, apart[::-1]) == signed(body)
    verify_envelope(join_signatures(body, apart), MANIFEST)
    with pytest.raises(RecordError, match="not strictly ascending"):
        join_signatures(body, [*apart, apart[0]])


def test_a_body_is_not_signed_as_another_type() -> None:
    with pytest.raises(RecordError, match="a open as close"):
        sign_body("close", sample(Open), MANIFEST.digest, AUTHORITIES[:2])


@pytest.mark.parametrize("languages", [["ky"], ["ky", "ru", "en"], ["en", "ru"]])
def test_a_notice_stands_in_the_languages_of_the_manifest(languages: list[str]) -> None:
    text = Localized(dict.fromkeys(languages, "x"))
    body = Notice(kind="incident", closes_at=None, text=text)
    with pytest.raises(RecordError, match="notice: text: languages"):
        verify_envelope(signed(body), MANIFEST)

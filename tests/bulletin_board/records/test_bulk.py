"""Bulk fields: the one form that sizes decide, on both sides of 65,535 bytes, and reading them back."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bulletin_board.errors import RecordError
from bulletin_board.log.addenda import MAX_ENTRY_BYTES, decode_entry, encode_entry
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import AddendumRef, Bulk, BulkRecord, fold, inline_entry_size
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.envelope import decode_record, encode_record
from bulletin_board.records.fields import Bytes32, encode_base64url
from bulletin_board.records.record import Part
from bulletin_board.records.tally import Aggregate, Decryption
from tests.support.records import ballot, sample, signed
from tests.tools.vector_files import drawn


class OneBulk(Part):
    field: Bulk


def nothing(_digest: bytes) -> bytes:
    raise AssertionError("nothing is beside the log")


def entry_of(body: BulkRecord) -> bytes:
    return encode_record(signed(body))


def forced(body: BulkRecord) -> BulkRecord:
    """Everything in addenda, whether it may be or not."""
    return replace(body, **{name: folded(getattr(body, name)) for name in body.bulk_fields})


def folded(bulk: Bulk) -> Bulk:
    assert isinstance(bulk.form, bytes)
    return Bulk(AddendumRef.of(bulk.form))


def raw_entry(body: BulkRecord) -> bytes:
    """The entry bytes without our own gate in front."""
    envelope = signed(body)
    content = jcs({"body": body, "signatures": envelope.signatures, "type": envelope.type})
    digests = [bulk.form.sha256 for bulk in body.bulks() if isinstance(bulk.form, AddendumRef)]
    return encode_entry(content, tuple(bytes(digest) for digest in digests))


def sized(body: BulkRecord, target: int) -> BulkRecord | None:
    """The body with its last bulk field such that its inline entry has `target` bytes, if there is one."""
    name = body.bulk_fields[-1]
    empty = inline_entry_size(replace(body, **{name: Bulk(b"")}), signature_count=body.signature_count)
    size = (target - empty) * 3 // 4
    grown = replace(body, **{name: Bulk(drawn("bulk", size))})
    if inline_entry_size(grown, signature_count=body.signature_count) == target:
        return grown
    return None


BODIES: dict[str, BulkRecord] = {
    # Base64url has no text of 4k + 1 symbols, so each body needs its own start to reach both sizes.
    "ballot": ballot(ciphertexts=577),
    "aggregate": sample(Aggregate),
    "decryption": replace(sample(Decryption), commitments=Bulk(bytes(129))),
}


@pytest.mark.parametrize("kind", BODIES)
def test_the_rule_holds_on_both_sides_of_the_bound(kind: str) -> None:
    seen = 0
    for target in range(MAX_ENTRY_BYTES - 3, MAX_ENTRY_BYTES + 5):
        body = sized(BODIES[kind], target)
        if body is None:
            continue
        seen += 1
        posted, addenda = fold(body)
        entry = entry_of(posted)
        if target <= MAX_ENTRY_BYTES:
            assert posted is body
            assert not addenda
            assert len(entry) == target
            assert decode_record(entry).body == body
            with pytest.raises(RecordError, match="although they fit"):
                decode_record(raw_entry(forced(body)))
        else:
            assert len(addenda) == len(body.bulk_fields)
            assert len(entry) < 2_000
            assert decode_record(entry).body == posted == forced(body)
            with pytest.raises(RecordError, match="at most 65535"):
                encode_record(signed(body))
    assert seen >= 5


def test_the_bound_itself_is_met() -> None:
    """The two sizes that matter most are among those of the test above."""
    for target in (MAX_ENTRY_BYTES, MAX_ENTRY_BYTES + 1):
        assert any(sized(body, target) is not None for body in BODIES.values())


@pytest.mark.parametrize("kind", BODIES)
def test_inline_size_does_not_depend_on_the_form(kind: str) -> None:
    body = BODIES[kind]
    size = inline_entry_size(body, signature_count=body.signature_count)
    assert size == len(raw_entry(body))
    assert inline_entry_size(forced(body), signature_count=body.signature_count) == size


@given(st.integers(0, 300), st.integers(0, 300))
def test_inline_size_is_exact(ciphertexts: int, proof: int) -> None:
    body = ballot(ciphertexts=ciphertexts, proof=proof)
    assert inline_entry_size(body, signature_count=0) == len(entry_of(body))
    assert inline_entry_size(forced(body), signature_count=0) == len(entry_of(body))


def test_bulk_fields_are_listed_in_the_order_of_the_canonical_form() -> None:
    for body in BODIES.values():
        assert list(body.bulk_fields) == sorted(body.bulk_fields)
        assert all(isinstance(bulk, Bulk) for bulk in body.bulks())


def test_digests_stand_in_the_order_of_the_canonical_form() -> None:
    body, _ = fold(replace(sample(Decryption), partials=Bulk(drawn("p", 60_000)), commitments=Bulk(b"c")))
    content, digests = decode_entry(entry_of(body))
    assert digests == (sha256(b"c").digest(), sha256(drawn("p", 60_000)).digest())
    texts = [encode_base64url(digest).encode() for digest in digests]
    assert 0 < content.index(texts[0]) < content.index(texts[1])


@pytest.mark.parametrize("name", ["ciphertexts", "proof"])
def test_fields_in_two_forms_are_refused(name: str) -> None:
    body = ballot(ciphertexts=50_000, proof=50_000)
    small = replace(forced(body), **{name: Bulk(b"small")})
    with pytest.raises(RecordError, match="two forms"):
        decode_record(raw_entry(small))
    with pytest.raises(RecordError, match="two forms"):
        encode_record(signed(small))


def test_the_suffix_must_name_what_the_body_names() -> None:
    body = forced(ballot(ciphertexts=50_000, proof=50_000))
    content, digests = decode_entry(raw_entry(body))
    assert len(digests) == 2
    for wrong in [(), digests[:1], digests[::-1], (*digests, digests[0]), (digests[0], bytes(32))]:
        with pytest.raises(RecordError, match="addenda are not those that the body names"):
            decode_record(encode_entry(content, wrong))
    assert decode_record(encode_entry(content, digests)).body == body


def test_addenda_that_nobody_names_are_refused() -> None:
    content, _ = decode_entry(entry_of(ballot()))
    with pytest.raises(RecordError, match="addenda are not those that the body names"):
        decode_record(encode_entry(content, (bytes(32),)))


def test_reading_gives_the_bytes_in_either_form() -> None:
    data = drawn("bulk", 500)
    assert Bulk(data).read(nothing) == data
    store = {sha256(data).digest(): data}
    assert folded(Bulk(data)).read(store.__getitem__) == data
    assert Bulk(data).size == folded(Bulk(data)).size == 500


def test_what_fold_hands_out_is_what_reading_asks_for() -> None:
    body = ballot(ciphertexts=40_000, proof=40_000)
    posted, addenda = fold(body)
    assert [bulk.read(addenda.__getitem__) for bulk in posted.bulks()] == [bulk.form for bulk in body.bulks()]


@pytest.mark.parametrize("other", [b"", b"x" * 500, b"x" * 499])
def test_other_bytes_than_the_record_names_are_refused(other: bytes) -> None:
    with pytest.raises(RecordError, match="other bytes"):
        folded(Bulk(drawn("bulk", 500))).read(lambda _: other)


def test_a_wrong_size_is_refused() -> None:
    data = drawn("bulk", 500)
    ref = AddendumRef(sha256=Bytes32(sha256(data).digest()), size=499)
    with pytest.raises(RecordError, match="other bytes"):
        ref.read(lambda _: data)


def test_equal_fields_share_one_addendum() -> None:
    body = replace(ballot(), ciphertexts=Bulk(b"a" * 50_000), proof=Bulk(b"a" * 50_000))
    posted, addenda = fold(body)
    assert len(addenda) == 1
    assert decode_record(entry_of(posted)).body == posted


def test_folding_twice_is_a_mistake_of_ours() -> None:
    posted, _ = fold(ballot(ciphertexts=50_000))
    with pytest.raises(ValueError, match="folded already"):
        fold(posted)


DIGEST = encode_base64url(drawn("digest", 32))


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        ["AA"],
        "AAA=",
        "AB",
        "A",
        {},
        {"sha256": DIGEST},
        {"size": 7},
        {"sha256": DIGEST, "size": 7, "more": 1},
        {"sha256": DIGEST, "size": True},
        {"sha256": DIGEST, "size": "7"},
        {"sha256": DIGEST, "size": 2**53},
        {"sha256": DIGEST[:-1], "size": 7},
        {"sha256": 7, "size": 7},
    ],
    ids=repr,
)
def test_no_other_form_is_accepted(value: Any) -> None:
    data = msgspec.json.encode({"field": value}, order="sorted")
    with pytest.raises(RecordError, match=r"^onebulk\.field: "):
        decode_json(data, OneBulk, limit=999)


@pytest.mark.parametrize("form", [b"", b"\0", AddendumRef(sha256=Bytes32(bytes(32)), size=0)], ids=repr)
def test_bulk_is_a_value(form: bytes | AddendumRef) -> None:
    bulk = Bulk(form)
    assert decode_json(jcs(OneBulk(field=bulk)), OneBulk, limit=999).field == bulk
    assert hash(bulk) == hash(Bulk(form))
    assert bulk != Bulk(b"other")
    assert bulk != form


def test_bulk_does_not_fill_the_screen() -> None:
    assert repr(Bulk(bytes(5_000))) == "Bulk(5000 bytes)"
    assert "AddendumRef" in repr(folded(Bulk(bytes(5_000))))
    assert len(repr(ballot())) < 500


def test_a_ballot_is_named_by_its_posted_form() -> None:
    body = ballot(ciphertexts=50_000)
    posted, _ = fold(body)
    assert isinstance(posted, BallotBody)
    assert posted.digest != body.digest

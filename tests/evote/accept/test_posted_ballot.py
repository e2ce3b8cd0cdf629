"""Decoding what is posted as a ballot: exactly one text for each, and a typed refusal for everything else."""

from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bulletin_board.errors import AppendRefused
from bulletin_board.records.bulk import Bulk, fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import decode_record
from bulletin_board.records.fields import encode_base64url
from evote.election.accept_ballot import PostedBallot
from tests.support.records import ballot


def request_of(body: object, *addenda: bytes) -> bytes:
    return jcs({"addenda": [encode_base64url(data) for data in addenda], "body": body})


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_round_trip(ciphertexts: bytes, proof: bytes) -> None:
    body = replace(ballot(), ciphertexts=Bulk(ciphertexts), proof=Bulk(proof))
    posted = PostedBallot.decode(request_of(body))
    assert (posted.body, posted.ciphertexts, posted.proof) == (body, ciphertexts, proof)
    assert (posted.digest, posted.addenda) == (body.digest, ())
    assert decode_record(posted.entry).body == body


@given(st.binary(max_size=200))
def test_anything_else_is_refused_by_code(data: bytes) -> None:
    with pytest.raises(AppendRefused) as caught:
        PostedBallot.decode(data)
    assert caught.value.code in {"malformed", "non-canonical"}


@given(st.data())
def test_no_byte_can_be_changed_without_notice(data: st.DataObject) -> None:
    request = request_of(ballot())
    place = data.draw(st.integers(0, len(request) - 1))
    changed = request[:place] + bytes([data.draw(st.integers(0, 255))]) + request[place + 1 :]
    try:
        posted = PostedBallot.decode(changed)
    except AppendRefused:
        return
    assert (posted.body == ballot()) == (changed == request)
    assert request_of(posted.body) == changed


def test_a_large_ballot_comes_with_addenda_in_field_order() -> None:
    body = ballot(ciphertexts=64 * 300, proof=50_000)
    folded, addenda = fold(body)
    data = [addenda[bytes(ref.sha256)] for ref in folded.addenda()]
    posted = PostedBallot.decode(request_of(folded, *data))
    assert posted.addenda == tuple(data)
    assert [posted.ciphertexts, posted.proof] == [bulk.form for bulk in body.bulks()]
    for wrong in (data[:1], data[::-1], [*data, b"more"], []):
        with pytest.raises(AppendRefused) as caught:
            PostedBallot.decode(request_of(folded, *wrong))
        assert caught.value.code == "malformed"
    with pytest.raises(AppendRefused) as caught:
        PostedBallot.decode(request_of(body))
    assert caught.value.code == "non-canonical"


def test_a_heap_of_addenda_is_refused_before_it_is_decoded() -> None:
    heap = jcs({"addenda": [""] * 300_000, "body": ballot()})
    began = monotonic()
    with pytest.raises(AppendRefused) as caught:
        PostedBallot.decode(heap)
    assert caught.value.code == "malformed"
    assert "length <= 2" in caught.value.detail
    assert monotonic() - began < 0.5


@pytest.mark.parametrize("text", ["A", "AB", "A+A_", "ж"])
def test_an_addendum_that_is_no_base64url(text: str) -> None:
    with pytest.raises(AppendRefused) as caught:
        PostedBallot.decode(jcs({"addenda": [text], "body": ballot()}))
    assert caught.value.code == "malformed"
    assert "base64url" in caught.value.detail

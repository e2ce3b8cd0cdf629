"""Casting over HTTP: what is taken, and each refusal with its code, its status and the board's signature.

The voters v0 to v13 each have a test to themselves, because they all vote at one running board.
"""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from msgspec.structs import replace

from bulletin_board.client import require_receipt
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.log.receipt import Receipt
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import AddendumRef, Bulk
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import Envelope, encode_record
from bulletin_board.records.fields import Bytes32, Bytes64, encode_base64url
from bulletin_board.records.voting import Revocation
from crypto.elgamal import CiphertextArray, encrypt
from crypto.group import ElementArray, Scalar, base_multiply
from tests.support.ballots import bytes_for, scalar_for
from tests.support.live_election import LiveElection, ballot_request
from tests.support.sample_manifest import AUTHORITIES, ISSUERS

MAX_BYTES = 1 << 20


def refused(election: LiveElection, code: str, status: int, *requests: bytes) -> None:
    """Post, and check each refusal in full: its signature, what it refers to, and that nothing was stored."""
    size = election.status()["tree_size"]
    assert requests
    for request in requests:
        answer = election.post("/ballots", request)
        problem = election.refusal(answer)
        assert (problem.code, answer.status_code) == (code, status), problem.detail
        assert problem.digest == sha256(request).digest()
        assert problem.election_id == election.manifest.election_id
        assert problem.detail
    assert election.settle() == size


def packed(bulk: Bulk) -> bytes:
    assert isinstance(bulk.form, bytes)
    return bulk.form


def with_ciphertexts(body: BallotBody, ciphertexts: bytes) -> BallotBody:
    return replace(body, ciphertexts=Bulk(ciphertexts))


def with_proof(body: BallotBody, proof: bytes) -> BallotBody:
    return replace(body, proof=Bulk(proof))


def test_a_ballot_gets_a_receipt_that_proves_it(voting: LiveElection) -> None:
    body = voting.ballot("v0", "first")
    answer = voting.cast(body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["digest"] == encode_base64url(body.digest)
    receipt = Receipt.from_text(found["receipt"])
    assert receipt.extra == body.digest
    entry = encode_record(Envelope("ballot", body, ()))
    require_receipt(receipt, entry, voting.manifest)
    voting.board.sync()
    assert voting.board.entries[receipt.index] == entry


def test_a_retry_gets_the_same_receipt_and_no_second_place(voting: LiveElection) -> None:  # N40
    body = voting.ballot("v7", "retried")
    first = voting.cast(body)
    size = voting.settle()
    again = [voting.cast(body) for _ in range(3)]
    assert {answer.status_code for answer in (first, *again)} == {200}
    assert {answer.content for answer in again} == {first.content}
    assert voting.settle() == size


def test_a_later_ballot_takes_its_place_in_the_chain(voting: LiveElection) -> None:
    first = voting.ballot("v2", "earlier")
    assert voting.cast(first).status_code == 200
    second = voting.ballot("v2", "later")
    assert second.previous == first.digest
    assert voting.cast(second).status_code == 200
    found = voting.http.get(f"/credentials/{encode_base64url(second.credential)}").json()
    assert [ballot["digest"] for ballot in found["ballots"]] == [
        encode_base64url(first.digest),
        encode_base64url(second.digest),
    ]


def test_a_ballot_is_found_by_its_digest(voting: LiveElection) -> None:
    body = voting.ballot("v8", "looked up")
    cast = voting.cast(body)
    found = voting.http.get(f"/ballots/{encode_base64url(body.digest)}")
    assert (found.status_code, found.content) == (200, cast.content)


@pytest.mark.parametrize("name", [encode_base64url(bytes(64)), "short", "не-ascii", "*" * 86, "A" * 10_000])
def test_a_digest_that_nobody_cast_is_not_found(voting: LiveElection, name: str) -> None:
    answer = voting.http.get(f"/ballots/{name}")
    problem = voting.refusal(answer)
    assert (answer.status_code, problem.code) == (404, "not-found")
    assert problem.digest == sha256(b"").digest()


def test_what_is_no_ballot_is_malformed(voting: LiveElection) -> None:
    refused(
        voting,
        "malformed",
        400,
        b"",
        b"\x00",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b'{"addenda":[]}',
        b'{"addenda":[],"body":{}}',
        b'{"addenda":[],"body":null}',
        b'{"addenda":1,"body":{}}',
        b"[" * 100_000,
        b'{"addenda":[],"body":' * 5_000,
        "\ud800".encode("utf-8", "surrogatepass"),
    )


def test_a_refusal_quotes_no_more_than_a_line(voting: LiveElection) -> None:
    answer = voting.post("/ballots", b'{"addenda":[],"body":{"' + b"a" * 500_000 + b'":1}}')
    assert voting.refusal(answer).code == "malformed"
    assert len(answer.content) < 2_000


def test_a_body_with_a_wrong_field_is_malformed(voting: LiveElection) -> None:
    plain = {
        "version": "evote/v1",
        "election_id": voting.manifest.election_id,
        "style": "city",
        "credential": encode_base64url(bytes(32)),
        "previous": encode_base64url(bytes(64)),
        "ciphertexts": "",
        "proof": "",
    }
    wrong: dict[str, object] = {
        "version": "evote/v2",
        "election_id": "Sample",
        "credential": "AAAA",
        "previous": 0,
        "ciphertexts": "====",
        "proof": {"sha256": "", "size": 1},
        "extra": 1,
    }
    bent = [jcs({"addenda": [], "body": plain | {field: value}}) for field, value in wrong.items()]
    refused(voting, "malformed", 400, *bent)


def test_an_oversized_request_is_refused_with_the_digest_of_what_was_sent(voting: LiveElection) -> None:
    sizes = (MAX_BYTES + 1, 3 * MAX_BYTES)
    refused(voting, "too-large", 413, *(b'"' + bytes(size - 1) for size in sizes))
    refused(voting, "malformed", 400, b'"' + bytes(MAX_BYTES - 1))


def test_the_same_ballot_in_another_text_is_non_canonical(voting: LiveElection) -> None:  # N8
    request = ballot_request(voting.ballot("v0", "other text"))
    bent = [
        request + b"\n",
        b" " + request,
        request.replace(b'"addenda":[]', b'"addenda": []'),
        request.replace(b'{"addenda":[],', b'{"addenda":[],"addenda":[],'),
        request.replace(b'"evote/v1"', b'"evote\\u002fv1"'),
        b"{" + request[1:-1].partition(b",")[2] + b',"addenda":[]}',
    ]
    assert request not in bent
    refused(voting, "non-canonical", 400, *bent)


def test_bulk_fields_in_another_form_are_non_canonical(voting: LiveElection) -> None:  # N8
    body = voting.ballot("v0", "folded")
    data = packed(body.ciphertexts), packed(body.proof)
    ciphertexts, proof = (Bulk(AddendumRef.of(each)) for each in data)
    folded = replace(body, ciphertexts=ciphertexts, proof=proof)
    refused(
        voting,
        "non-canonical",
        400,
        ballot_request(folded, *data),
        ballot_request(replace(body, ciphertexts=ciphertexts), data[0]),
        ballot_request(with_proof(body, bytes(60_000))),
    )


def test_addenda_that_the_body_does_not_name_are_malformed(voting: LiveElection) -> None:
    refused(voting, "malformed", 400, ballot_request(voting.ballot("v0", "stowaway"), b"more"))


def test_a_ballot_of_another_election(voting: LiveElection) -> None:  # N14
    body = replace(voting.ballot("v0", "elsewhere"), election_id="sample-2032")
    refused(voting, "wrong-election", 422, ballot_request(body))


def test_a_ballot_of_another_style(voting: LiveElection) -> None:  # N13
    body = voting.ballot("v0", "style")
    bent = [ballot_request(replace(body, style=style)) for style in ("village", "nowhere")]
    refused(voting, "wrong-style", 422, *bent)


def test_a_credential_that_is_not_on_the_roll(voting: LiveElection) -> None:  # N5, N26
    stranger = base_multiply([scalar_for("stranger")])[0].encoded
    body = voting.ballot("v0", "stranger")
    bent = [replace(body, credential=Bytes32(each)) for each in (stranger, bytes(32), b"\xff" * 32)]
    refused(voting, "unknown-credential", 403, *map(ballot_request, bent))


def test_a_revoked_credential(voting: LiveElection) -> None:
    body = voting.ballot("v1", "revoked")
    revocation = Revocation(credential=body.credential, reason="voted-on-paper")
    voting.world.post("revocation", revocation, (*ISSUERS.values(), AUTHORITIES[0]))
    refused(voting, "revoked-credential", 403, ballot_request(body))


def test_a_voter_whom_nobody_identified(voting: LiveElection) -> None:
    body = voting.ballot("v3", "not identified", identified=False)
    refused(voting, "not-identified", 403, ballot_request(body))
    voting.identify("v3")
    assert voting.cast(body).status_code == 200


def test_a_ballot_that_does_not_continue_the_chain(voting: LiveElection) -> None:  # N29
    first = voting.ballot("v4", "chain 1")
    rival = voting.ballot("v4", "chain 2")  # both begin the chain
    assert voting.cast(first).status_code == 200
    refused(voting, "stale-previous", 409, ballot_request(rival))
    assert voting.cast(voting.ballot("v4", "chain 3")).status_code == 200
    # The first one posted again stays where it is; it does not come back as the newest.
    size = voting.settle()
    assert voting.post("/ballots", ballot_request(first)).status_code == 200
    assert voting.settle() == size


def test_a_copied_ballot_repeats_pads(voting: LiveElection) -> None:  # N15, N69
    victim = voting.ballot("v9", "original")
    assert voting.cast(victim).status_code == 200
    thief = voting.ballot("v10", "thief")
    own = packed(thief.ciphertexts)
    refused(
        voting,
        "repeated-pad",
        409,
        ballot_request(replace(victim, credential=thief.credential)),
        ballot_request(replace(thief, ciphertexts=victim.ciphertexts)),
        ballot_request(with_ciphertexts(thief, own[:64] + own[:64] + own[128:])),
    )


def test_a_copy_made_to_look_new_needs_a_proof(voting: LiveElection) -> None:  # N16
    victim = voting.ballot("v11", "to be copied")
    assert voting.cast(victim).status_code == 200
    copied = CiphertextArray.decode(packed(victim.ciphertexts))
    nonces = [scalar_for(f"again {place}") for place in range(len(copied))]
    zeros = encrypt(voting.world.key, [Scalar.from_int(0)] * len(copied), nonces)
    pairs = zip(copied.elements, zeros.elements, strict=True)
    blinded = ElementArray.of(ours + other for ours, other in pairs).encode()
    thief = voting.ballot("v10", "blinded")
    refused(
        voting,
        "bad-proof",
        422,
        ballot_request(replace(thief, ciphertexts=Bulk(blinded), proof=victim.proof)),
        ballot_request(with_ciphertexts(thief, blinded)),
    )


def test_a_proof_that_does_not_hold(voting: LiveElection) -> None:  # N12, N17, N23
    body = voting.ballot("v12", "bad proof")
    own = packed(body.ciphertexts)
    refused(
        voting,
        "bad-proof",
        422,
        ballot_request(with_proof(body, packed(body.proof)[:-32] + bytes(32))),
        ballot_request(replace(body, previous=Bytes64(bytes_for("another head", 64)))),
        ballot_request(with_ciphertexts(body, own[64:128] + own[:64] + own[128:])),
        ballot_request(replace(body, credential=voting.ballot("v10", "another").credential)),
    )


def test_forbidden_selections(voting: LiveElection) -> None:
    selections = [
        (2, 0, 0, 0, 0, 0, 0),  # N11
        (2, -1, 0, 0, 0, 0, 0),
        (1000, -999, 0, 0, 0, 0, 0),
        (1, 1, 0, 0, 0, 0, 0),  # N21
        (0, 0, 0, 0, 0, 0, 0),
        (1, 0, 0, 1, 0, 0, 1),  # N22: the last weighs two
    ]
    forged = [voting.forged_ballot("v12", f"forged {each}", each) for each in selections]
    refused(voting, "bad-proof", 422, *map(ballot_request, forged))


def test_what_is_no_element_or_scalar_is_malformed(voting: LiveElection) -> None:
    body = voting.ballot("v12", "elements")
    ciphertexts, proof = packed(body.ciphertexts), packed(body.proof)
    odd, huge = bytes([1]) + bytes(31), b"\xff" * 32  # no encodings, of an element or of a scalar
    bent = [
        with_ciphertexts(body, ciphertexts[:-64]),  # N20
        with_ciphertexts(body, ciphertexts + bytes(64)),  # N20
        with_ciphertexts(body, ciphertexts[:-1]),
        with_ciphertexts(body, b""),
        with_ciphertexts(body, odd + ciphertexts[32:]),  # N4, N7
        with_ciphertexts(body, huge + ciphertexts[32:]),  # N7
        with_ciphertexts(body, bytes(32) + ciphertexts[32:]),  # N5
        with_proof(body, proof[:-32]),  # N19
        with_proof(body, proof + bytes(32)),  # N19
        with_proof(body, b""),
        with_proof(body, odd + proof[32:]),
        with_proof(body, proof[:-32] + huge),
    ]
    refused(voting, "malformed", 400, *map(ballot_request, bent))


def test_the_refusal_speaks_the_language_of_the_browser(voting: LiveElection) -> None:
    titles = {}
    for language in ("ky", "ru", "en"):
        answer = voting.post("/ballots", b"{}", headers={"accept-language": f"fr, {language};q=0.8, *;q=0.1"})
        titles[language] = voting.refusal(answer).title
        assert answer.headers["content-language"] == language
    assert titles["en"] == "The request is not complete"
    assert len(set(titles.values())) == 3


def test_two_ballots_of_one_voter_at_once_make_one_chain(voting: LiveElection) -> None:
    """Both claim to be the first: one is taken, the other hears so in a later beat."""
    rivals = [voting.ballot("v13", f"rival {place}") for place in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda body: voting.post("/ballots", ballot_request(body)), rivals))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(200) == 1
    assert set(codes) <= {200, 202, 409, 503}, "503: while another of them was being verified"
    voting.settle()
    found = voting.http.get(f"/credentials/{encode_base64url(rivals[0].credential)}").json()
    assert len(found["ballots"]) == 1
    winner = next(body for body, answer in zip(rivals, answers, strict=True) if answer.status_code == 200)
    assert found["ballots"][0]["digest"] == encode_base64url(winner.digest)
    on_log = [leaf_hash(entry) for entry in voting.board.entries]
    assert len(set(on_log)) == len(on_log)


def test_the_same_ballot_at_once_has_one_outcome(voting: LiveElection) -> None:
    body = voting.ballot("v2", "sent twice")
    request = ballot_request(body)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: voting.post("/ballots", request), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    again = voting.cast(body)
    assert {answer.json()["receipt"] for answer in answers} == {again.json()["receipt"]}


def test_who_does_not_hold_the_credential_is_told_by_the_first_equation(voting: LiveElection) -> None:
    body = voting.ballot("v12", "stolen")
    stolen = replace(body, credential=voting.ballot("v10", "victim").credential)
    problem = voting.refusal(voting.post("/ballots", ballot_request(stolen)))
    assert (problem.code, problem.detail) == ("bad-proof", "ballot: equation 'credential' does not hold")

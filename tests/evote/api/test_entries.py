"""What officials, issuers and trustees post: signatures, form, addenda on request, grants."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from bulletin_board.envelope_file import encode_envelope
from bulletin_board.log.addenda import addendum_digest
from bulletin_board.records.bulk import Bulk, BulkRecord, fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Commit, Confirm, EncodedPossessionProof, Share, ShareBox
from bulletin_board.records.envelope import Envelope, Signature, sign_body
from bulletin_board.records.fields import Bytes32, Bytes64, SealedShare, encode_base64url
from bulletin_board.records.record import Record
from bulletin_board.records.roll import encode_roll
from bulletin_board.records.tally import (
    Aggregate,
    AggregateCell,
    ContestResult,
    Decryption,
    Outcome,
    Result,
)
from bulletin_board.records.voting import Identified, Notice, Reissue
from crypto.possession import prove_dealer_possession
from crypto.signing import SigningKey, record_message
from tests.support.ballots import bytes_for
from tests.support.election import commit_of, encoded_proof, run_ceremony
from tests.support.election_world import World
from tests.support.live_election import LiveElection, live_election
from tests.support.records import ROWS
from tests.support.sample_manifest import (
    AUTHORITIES,
    BOARD_KEY,
    IDENTITY,
    ISSUERS,
    STRANGER,
    TRUSTEES,
    localized,
)

NOTICE = Notice(kind="incident", closes_at=None, text=localized("Nothing happened"))


def signed(election: LiveElection, body: Record, *keys: SigningKey) -> bytes:
    return encode_envelope(sign_body(body.record_type, body, election.manifest.digest, keys))


def refused(election: LiveElection, code: str, status: int, *requests: bytes, path: str = "/entries") -> None:
    size = election.status()["tree_size"]
    assert requests
    for request in requests:
        answer = election.post(path, request)
        problem = election.refusal(answer)
        assert (problem.code, answer.status_code) == (code, status), problem.detail
    assert election.settle() == size


def test_an_entry_gets_its_index_and_a_receipt(voting: LiveElection) -> None:
    request = signed(voting, NOTICE, *AUTHORITIES[:2])
    answer = voting.post("/entries", request)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert f"\nindex {found['index']}\n" in found["receipt"]
    again = voting.post("/entries", request)
    assert (again.status_code, again.content) == (200, answer.content)


def test_entries_must_be_signed_by_exactly_those_who_must(voting: LiveElection) -> None:  # N37
    two = sign_body("notice", NOTICE, voting.manifest.digest, AUTHORITIES[:2])
    foreign = sign_body("notice", NOTICE, bytes(32), AUTHORITIES[:2])
    swapped = tuple(
        Signature(key=each.key, signature=other.signature)
        for each, other in zip(two.signatures, reversed(two.signatures), strict=True)
    )
    refused(
        voting,
        "bad-signature",
        403,
        signed(voting, NOTICE),
        signed(voting, NOTICE, AUTHORITIES[0]),
        signed(voting, NOTICE, *AUTHORITIES),
        signed(voting, NOTICE, AUTHORITIES[0], STRANGER),
        signed(voting, NOTICE, AUTHORITIES[0], BOARD_KEY),
        encode_envelope(foreign),
        encode_envelope(replace_signatures(two, swapped)),
        signed(voting, Identified(count=1), BOARD_KEY),
    )


def replace_signatures(envelope: Envelope, signatures: Sequence[Signature]) -> Envelope:
    return Envelope(envelope.type, envelope.body, tuple(signatures))


def test_entries_that_are_none_are_malformed(voting: LiveElection) -> None:
    plain = Notice(kind="incident", closes_at=None, text=localized("Text"))
    request = signed(voting, plain, *AUTHORITIES[:2])
    refused(
        voting,
        "malformed",
        400,
        b"",
        b"{}",
        b"[" * 60_000,
        request.replace(b'"type":"notice"', b'"type":"poem"'),
        request.replace(b'"type":"notice"', b'"type":"close"'),
        jcs({"body": {}, "signatures": [], "type": "ballot"}),
    )
    refused(voting, "non-canonical", 400, request + b" ", request.replace(b'":', b'": ', 1))
    refused(voting, "too-large", 413, b" " * 70_000)


def test_a_notice_speaks_all_languages_of_the_election(voting: LiveElection) -> None:
    texts = {"ky": "Бир", "ru": "Один"}
    body = replace(NOTICE, text=type(NOTICE.text)(texts))
    refused(voting, "malformed", 400, signed(voting, body, *AUTHORITIES[:2]))


def test_ballots_do_not_come_in_by_this_door(voting: LiveElection) -> None:
    body = voting.ballot("v0", "wrong door")
    refused(voting, "malformed", 400, encode_envelope(Envelope("ballot", body, ())))


def test_a_manifest_comes_once(voting: LiveElection) -> None:
    other = replace(voting.manifest, min_unit_size=4)
    refused(voting, "out-of-order", 409, signed(voting, voting.manifest, *AUTHORITIES[1:]))
    refused(
        voting,
        "malformed",
        400,
        encode_envelope(sign_body("manifest", other, other.digest, AUTHORITIES[:2])),
    )


def test_identified_never_falls(voting: LiveElection) -> None:
    assert voting.post("/entries", signed(voting, Identified(count=5), IDENTITY)).status_code == 200
    refused(voting, "out-of-order", 409, signed(voting, Identified(count=4), IDENTITY))


def test_a_reissue_needs_proofs_that_hold(voting: LiveElection) -> None:
    old = voting.world.secret("v5").public().encoded
    bad = EncodedPossessionProof(
        commitment=voting.world.rows[0].parts[0], response=Bytes32(bytes([1]) + bytes(31))
    )
    row = replace(voting.world.rows[0], style="city")
    keys = (*ISSUERS.values(), AUTHORITIES[0])
    body = Reissue(old=Bytes32(old), row=row, proofs=(bad, bad))
    refused(voting, "bad-proof", 422, signed(voting, body, *keys))
    no_element = replace(body, proofs=(replace(bad, commitment=Bytes32(b"\xff" * 32)), bad))
    one_part = replace(body, row=replace(row, parts=row.parts[:1]), proofs=(bad,))
    refused(voting, "malformed", 400, signed(voting, no_element, *keys), signed(voting, one_part, *keys))


@pytest.fixture(scope="module")
def setting_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveElection]:
    with live_election(tmp_path_factory.mktemp("setting-up"), until="ceremony") as election:
        yield election


def test_addenda_are_asked_for_and_then_taken(setting_up: LiveElection) -> None:  # N38
    roll, addenda = encode_roll(ROWS)
    request = signed(setting_up, roll, *ISSUERS.values())
    (name,) = addenda
    path = f"/addenda/{name.hex()}"

    def put(content: bytes, where: str = path) -> tuple[int, str]:
        answer = setting_up.http.put(where, content=content)
        return answer.status_code, answer.json().get("code", "")

    assert put(addenda[name]) == (404, "not-found")  # nobody has announced it yet
    first = setting_up.post("/entries", request)
    assert (first.status_code, first.json()) == (202, {"wanted": [name.hex()]})
    assert put(addenda[name][:-1]) == (400, "malformed")
    assert put(addenda[name][:-1] + b"x") == (400, "malformed")
    assert put(addenda[name] + b"x") == (413, "too-large")
    assert put(addenda[name], "/addenda/" + name.hex().upper()) == (400, "malformed")
    assert put(addenda[name]) == (200, "")
    assert put(addenda[name]) == (200, "")
    # It stays off the log until its entry is on it; the issuers have not even pledged.
    assert setting_up.http.get(f"/addenda/{name.hex()[:2]}/{name.hex()[2:4]}/{name.hex()}").status_code == 404
    problem = setting_up.refusal(setting_up.post("/entries", request))
    assert problem.code == "out-of-order"


def test_an_addendum_beyond_all_measure_is_not_even_wanted(setting_up: LiveElection) -> None:
    roll, _ = encode_roll(ROWS)
    huge = replace(roll, rows=(replace(roll.rows[0], size=1 << 40),))
    refused(setting_up, "too-large", 413, signed(setting_up, huge, *ISSUERS.values()))


def test_commits_and_shares_must_be_usable(setting_up: LiveElection) -> None:  # N42, N45, N46
    commitment = setting_up.world.commitments[0][0].encoded
    proof = EncodedPossessionProof(commitment=Bytes32(commitment), response=Bytes32(bytes(32)))
    commit = Commit(trustee=1, coefficient_commitments=(Bytes32(commitment),) * 2, proof=proof)
    refused(
        setting_up,
        "bad-proof",
        422,
        signed(setting_up, commit, TRUSTEES[0]),
        signed(
            setting_up,
            replace(commit, coefficient_commitments=commit.coefficient_commitments[:1]),
            TRUSTEES[0],
        ),
    )
    no_element = replace(commit, coefficient_commitments=(Bytes32(b"\xff" * 32),) * 2)
    box = ShareBox(trustee=2, ephemeral_key=Bytes32(bytes_for("key")), box=SealedShare(bytes(96)))
    to_one = Share(trustee=1, boxes=(box,))
    weak = ShareBox(trustee=3, ephemeral_key=Bytes32(bytes(32)), box=SealedShare(bytes(96)))
    refused(
        setting_up,
        "malformed",
        400,
        signed(setting_up, no_element, TRUSTEES[0]),
        signed(setting_up, to_one, TRUSTEES[0]),
        signed(setting_up, replace(to_one, boxes=(box, weak)), TRUSTEES[0]),
    )


def test_a_ceremony_takes_nothing_that_would_spoil_it(tmp_path: Path) -> None:
    """A commit that was not pledged, and a confirm of anything but what stands on the log."""
    details: list[str] = []

    def commits(world: World) -> None:
        other = prove_dealer_possession(
            world.polynomials[0].coefficients[0],
            bytes_for("another nonce"),
            manifest_digest=world.manifest.digest,
            trustees=len(world.manifest.trustees),
            threshold=world.manifest.threshold,
            trustee_index=1,
            coefficient_commitments=tuple(world.commitments[0]),
        )
        body = replace(commit_of(world, 1), proof=encoded_proof(other))
        refuse(body, "malformed")

    def early(world: World) -> None:
        refuse(Confirm(trustee=1, base=Bytes64(bytes(64)), transcript=Bytes64(bytes(64))), "out-of-order")

    def confirms(world: World) -> None:
        body = Confirm(trustee=1, base=Bytes64(world.base), transcript=Bytes64(bytes_for("garbage", 64)))
        refuse(body, "malformed")
        refuse(replace(body, base=Bytes64(bytes_for("garbage", 64))), "malformed")

    def unpledged(world: World) -> None:
        refuse(commit_of(world, 1), "out-of-order")

    with live_election(tmp_path, until="manifest") as election:

        def refuse(body: Record, code: str) -> None:
            problem = election.refusal(election.post("/entries", signed(election, body, TRUSTEES[0])))
            assert problem.code == code, problem.detail
            details.append(problem.detail)

        election.world.before = {
            "pledge 1": unpledged,
            "commit 1": commits,
            "share 3": early,
            "confirm 1": confirms,
        }
        run_ceremony(election.world)
        assert election.world.index["confirm 3"] == election.settle() - 1
    words = ("has not pledged", "not what this trustee has pledged", "shares", "transcript", "base")
    assert [word for word, detail in zip(words, details, strict=True) if word not in detail] == []


def test_what_comes_after_the_close_must_fit_the_aggregate(voting: LiveElection) -> None:
    """None of these may come now; that they are refused for their form shows that it is looked at first."""
    cell = AggregateCell(contest="president", node="north", members=("north-1", "north-2"), ballots=3)
    aggregate = Aggregate(cells=(cell,), withheld=(), ciphertexts=Bulk(bytes(3 * 64)))
    decryption = Decryption(
        trustee=1,
        aggregate=Bytes64(bytes(64)),
        partials=Bulk(b""),
        commitments=Bulk(b""),
        response=Bytes32(bytes(32)),
    )
    outcome = Outcome(kind="failed", options=(), trace=())
    result = Result(
        aggregate=Bytes64(bytes(64)),
        trustees=(1, 2),
        cells=(),
        contests=(ContestResult(contest="president", totals=(0, 0, 0), outcome=outcome),),
    )
    bent: list[tuple[Record, SigningKey]] = [
        (replace(aggregate, ciphertexts=Bulk(bytes(64))), BOARD_KEY),
        (replace(aggregate, ciphertexts=Bulk(b"\xff" * (3 * 64))), BOARD_KEY),
        (replace(aggregate, cells=(replace(cell, contest="chess"),)), BOARD_KEY),
        (replace(aggregate, cells=(replace(cell, node="moon"),)), BOARD_KEY),
        (decryption, TRUSTEES[0]),
        (result, BOARD_KEY),
    ]
    refused(voting, "malformed", 400, *(signed(voting, body, key) for body, key in bent))
    refused(voting, "out-of-order", 409, signed(voting, aggregate, BOARD_KEY))


def test_large_bulk_fields_go_through_addenda(voting: LiveElection) -> None:
    cells = tuple(
        AggregateCell(contest="president", node="north", members=(unit,), ballots=3)
        for unit in ("north-1", "north-2", "south-1")
    )
    large = Aggregate(cells=cells, withheld=(), ciphertexts=Bulk(bytes(64 * 2_000)))
    folded, addenda = fold(large)
    assert isinstance(folded, BulkRecord)
    (name,) = addenda
    request = signed(voting, folded, BOARD_KEY)
    first = voting.post("/entries", request)
    assert first.json() == {"wanted": [name.hex()]}
    assert addendum_digest(addenda[name]) == name
    assert voting.http.put(f"/addenda/{name.hex()}", content=addenda[name]).status_code == 200
    # Only now can it be looked at: it is not one ciphertext for each option of its cells.
    assert voting.refusal(voting.post("/entries", request)).code == "malformed"


def grant(
    election: LiveElection, credential: bytes, key: SigningKey = IDENTITY, *, digest: bytes = b""
) -> bytes:
    named = {"credential": encode_base64url(credential)}
    message = record_message("grant", digest or election.manifest.digest, jcs(named))
    return jcs(named | {"signature": encode_base64url(key.sign(message))})


def test_grants_are_taken_from_the_identity_service_alone(voting: LiveElection) -> None:
    credential = voting.world.secret("v6").public().encoded
    refused(
        voting,
        "bad-signature",
        403,
        grant(voting, credential, STRANGER),
        grant(voting, credential, BOARD_KEY),
        grant(voting, credential, digest=bytes(32)),
        path="/grants",
    )
    refused(voting, "unknown-credential", 403, grant(voting, bytes_for("nobody")), path="/grants")
    refused(voting, "malformed", 400, b"{}", grant(voting, credential) + b" ", path="/grants")
    refused(voting, "too-large", 413, bytes(2_000), path="/grants")
    body = voting.ballot("v6", "granted", identified=False)
    assert voting.refusal(voting.cast(body)).code == "not-identified"
    for _ in range(2):
        answer = voting.post("/grants", grant(voting, credential))
        assert (answer.status_code, answer.json()) == (200, {"credential": encode_base64url(credential)})
    assert voting.cast(body).status_code == 200
    # Nothing of it is on the log.
    voting.board.sync()
    assert not any(b"grant" in entry for entry in voting.board.entries)

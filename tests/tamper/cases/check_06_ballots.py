"""Ballots that must not count. Each is logged beside the honest ones by a board that does not look."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from bulletin_board.log.addenda import encode_entry
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import Signature, sign_record
from bulletin_board.records.fields import Bytes32, Bytes64
from crypto.ballot_encryption import PlaintextBallot, encrypt_ballot
from crypto.ballot_proof import BallotProof
from crypto.ballot_prover import prove_ballot
from crypto.ballot_statement import BallotStatement
from crypto.credential import CredentialSecret
from crypto.group import GENERATOR, IDENTITY, ORDER, GroupElement, Scalar
from tests.support.ballots import SampleBallot, bytes_for, scalar_for
from tests.support.cheating_prover import (
    forge_cancelling_pair,
    forge_cancelling_values,
    unchecked_plaintext,
)
from tests.support.election import CASTS, World, build_election, decode_ballot, make_ballot
from tests.support.sample_manifest import STRANGER
from tests.tamper.harness import tampered
from verifier.report import Severity

CITY = CASTS[0].selections
Make = Callable[[World], BallotBody]


def casting(make: Make) -> World:
    """The honest election with one more entry in the box."""

    def post(world: World) -> None:
        world.log(make(world), ())
        world.publish()

    return build_election(before={"notice extend": post})


def logging(entry_of: Callable[[World], bytes]) -> World:
    """The honest election with one more entry in the box, whatever its bytes are."""

    def post(world: World) -> None:
        world.board.append(entry_of(world))
        world.publish()

    return build_election(before={"notice extend": post})


def _entry(body: BallotBody, signatures: Sequence[Signature] = ()) -> bytes:
    return encode_entry(jcs({"body": body, "signatures": list(signatures), "type": "ballot"}))


def abstainer(world: World, selections: Sequence[int] = CITY) -> BallotBody:
    """A good ballot of a voter who did not vote; cases spoil it."""
    return make_ballot(world, "abstainer", "v6", tuple(selections))


def raw(bulk: Bulk) -> bytes:
    assert isinstance(bulk.form, bytes)
    return bulk.form


def overwritten(bulk: Bulk, place: int, item: bytes) -> Bulk:
    """The same items of 32 bytes but for one."""
    data = raw(bulk)
    return Bulk(data[: 32 * place] + item + data[32 * (place + 1) :])


def sample_of(
    world: World,
    label: str,
    plaintext: PlaintextBallot,
    *,
    secret: CredentialSecret | None = None,
    context: bytes | None = None,
    previous: bytes = NO_PREVIOUS,
) -> SampleBallot:
    """A ballot as its maker knows it, with whatever plaintext."""
    secret = secret or world.secret("v6")
    context = context or world.context
    encrypted = encrypt_ballot(
        plaintext, key=world.key, context=context, credential=secret.public(), seed=bytes_for(f"{label} seed")
    )
    statement = BallotStatement(
        context, plaintext.shape, world.key, secret.public(), previous, encrypted.ciphertexts
    )
    proof = prove_ballot(statement, plaintext, encrypted.nonces, secret, bytes_for(f"{label} proof"))
    return SampleBallot(plaintext, secret, encrypted, statement, proof)


def body_of(world: World, sample: SampleBallot, proof: BallotProof | None = None) -> BallotBody:
    """What is posted of it."""
    return BallotBody(
        version="evote/v1",
        election_id=world.manifest.election_id,
        style=sample.statement.shape.style_id,
        credential=Bytes32(sample.encrypted.credential.encoded),
        previous=Bytes64(sample.statement.previous),
        ciphertexts=Bulk(sample.encrypted.ciphertexts.encode()),
        proof=Bulk((proof or sample.proof).encode()),
    )


def forged(world: World, selections: Sequence[int]) -> SampleBallot:
    """Forbidden selections, encrypted and proved by the honest steps."""
    plaintext = unchecked_plaintext(world.manifest.shape("city"), selections)
    return sample_of(world, "forged", plaintext)


excluded = Severity.EXCLUSION


@tampered("6.1", "not in canonical form|envelope", severity=excluded)
def other_spelling() -> World:
    """N8: a ballot with a space in its JSON."""
    return logging(lambda world: _entry(abstainer(world)).replace(b'{"body":', b'{"body": ', 1))


@tampered("6.1", "a ballot is not signed", severity=excluded)
def signed_ballot() -> World:
    """A ballot with a signature."""
    return logging(
        lambda world: _entry(abstainer(world), [sign_record(abstainer(world), bytes(32), STRANGER)])
    )


@tampered("6.1", "ballot entry 29: envelope", severity=excluded)
def unreadable_ballot() -> World:
    """N39: a ballot entry that is cut short is excluded and named, and the count goes on."""
    return logging(lambda world: _entry(abstainer(world))[100:])


@tampered("6.1", "ballot entry 29: entry: addenda offsets", severity=excluded)
def malformed_suffix() -> World:
    """N38: a ballot that claims addenda which it does not name."""
    return logging(lambda world: _entry(abstainer(world))[:-1] + b"\1")


@tampered("6.1", "of another election", severity=excluded)
def other_election() -> World:
    """N14: a ballot that names another election."""
    return casting(lambda world: replace(abstainer(world), election_id="sample-2026"))


@tampered("6.1", "its credential is not on the roll", severity=excluded)
def stuffed_ballot() -> World:
    """N26: a perfect ballot under a credential that nobody was given."""

    def make(world: World) -> BallotBody:
        plaintext = PlaintextBallot(world.manifest.shape("city"), CITY)
        secret = CredentialSecret(scalar_for("stuffer"))
        return body_of(world, sample_of(world, "stuffer", plaintext, secret=secret))

    return casting(make)


@tampered("6.1", "its credential was revoked by entry", severity=excluded)
def revoked_ballot() -> World:
    """A voter who voted on paper votes again from home."""
    return casting(lambda world: make_ballot(world, "again", "v1", CITY))


@tampered("6.1", "its credential was replaced by entry", severity=excluded)
def replaced_ballot() -> World:
    """Whoever found the lost letter votes with it."""
    taken: dict[str, tuple[Scalar, ...]] = {}

    def remember(world: World) -> None:
        taken["v13"] = world.parts["v13"]

    def post(world: World) -> None:
        new, world.parts["v13"] = world.parts["v13"], taken["v13"]
        world.log(make_ballot(world, "old letter", "v13", CASTS[8].selections), ())
        world.parts["v13"] = new
        world.publish()

    return build_election(before={"revocation": remember, "notice extend": post})


@tampered("6.1", "its credential is not on the roll", severity=excluded)
def ballot_before_its_reissue() -> World:
    """The new credential votes before the entry that brings it."""
    late = build_election()

    def post(world: World) -> None:
        old, world.parts["v13"] = world.parts["v13"], late.parts["v13"]
        world.log(make_ballot(world, "too early", "v13", CASTS[8].selections), ())
        world.parts["v13"] = old
        world.publish()

    return build_election(before={"identified 1": post})


@tampered("6.1", "of style village, its voter's is city", severity=excluded)
def other_style() -> World:
    """N13, N22: a city voter fills a village ballot, with a valid proof."""

    def make(world: World) -> BallotBody:
        plaintext = PlaintextBallot(world.manifest.shape("village"), CASTS[3].selections)
        return body_of(world, sample_of(world, "moved", plaintext))

    return casting(make)


@tampered("6.1", "of style province", severity=excluded)
def unknown_style() -> World:
    """A style that the manifest does not have."""
    return casting(lambda world: replace(abstainer(world), style="province"))


@tampered("6.2", "8 ciphertexts for 9 options", severity=excluded)
def one_choice_short() -> World:
    """N20: a ciphertext is missing."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        return replace(body, ciphertexts=Bulk(raw(body.ciphertexts)[:-64]))

    return casting(make)


@tampered("6.2", "10 ciphertexts for 9 options", severity=excluded)
def one_choice_more() -> World:
    """N20: a ciphertext too many."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        pair = (GENERATOR + GENERATOR).encoded + GENERATOR.encoded
        return replace(body, ciphertexts=Bulk(raw(body.ciphertexts) + pair))

    return casting(make)


@tampered("6.2", "0 ciphertexts for 9 options", severity=excluded)
def no_choices() -> World:
    """N20: no ciphertexts at all."""
    return casting(lambda world: replace(abstainer(world), ciphertexts=Bulk(b"")))


@tampered("6.2", "ballot proof: 1344 bytes where 1376 are due|bytes where", severity=excluded)
def short_proof() -> World:
    """N19: a response is missing."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        return replace(body, proof=Bulk(raw(body.proof)[:-32]))

    return casting(make)


@tampered("6.2", "no canonical ristretto255 encoding", severity=excluded)
def element_outside_the_group() -> World:
    """N4, N7: a pad that is no canonical element."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        negative = bytes([raw(body.ciphertexts)[0] ^ 1]) + raw(body.ciphertexts)[1:32]
        return replace(body, ciphertexts=overwritten(body.ciphertexts, 0, negative))

    return casting(make)


@tampered("6.2", "is not below the group order", severity=excluded)
def unreduced_scalar() -> World:
    """N7, N18: a response plus the group order."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        last = int.from_bytes(raw(body.proof)[-32:], "little") + ORDER
        return replace(body, proof=Bulk(raw(body.proof)[:-32] + last.to_bytes(32, "little")))

    return casting(make)


@tampered("6.2", "the pad at 0 is the identity", severity=excluded)
def identity_pad() -> World:
    """N5: a pad that hides nothing."""
    return casting(lambda world: _with_element(world, 0, IDENTITY))


@tampered("6.2", "the pads at 0 and 1 are the same", severity=excluded)
def one_pad_twice() -> World:
    """N69: one nonce for two options of a ballot."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        return replace(body, ciphertexts=overwritten(body.ciphertexts, 2, raw(body.ciphertexts)[:32]))

    return casting(make)


@tampered("6.2", "a pad that stands in an earlier valid ballot", severity=excluded)
def copied_verbatim() -> World:
    """N29, N40: the very first ballot is appended again after the one that replaced it."""
    return logging(lambda world: world.board.entries[world.index["ballot 0"]])


@tampered("6.2", "a pad that stands in an earlier valid ballot", severity=excluded)
def weak_randomness() -> World:
    """N16, N69: a voter's device draws the nonces of its last ballot again, for other choices."""

    def make(world: World) -> BallotBody:
        secret = world.secret("v4")
        plaintext = PlaintextBallot(world.manifest.shape("city"), CASTS[1].selections)
        encrypted = encrypt_ballot(
            plaintext,
            key=world.key,
            context=world.context,
            credential=secret.public(),
            seed=world.encrypted["ballot 2"].seed,
        )
        previous = world.heads[secret.public().encoded]
        statement = BallotStatement(
            world.context, plaintext.shape, world.key, secret.public(), previous, encrypted.ciphertexts
        )
        proof = prove_ballot(statement, plaintext, encrypted.nonces, secret, bytes_for("weak proof"))
        return body_of(world, SampleBallot(plaintext, secret, encrypted, statement, proof))

    return casting(make)


@tampered("6.3", "equation 'credential' does not hold", severity=excluded)
def copied_under_own_name() -> World:
    """N15, N23: another voter's ballot under one's own credential."""

    def make(world: World) -> BallotBody:
        copied = decode_ballot(world.board.entries[world.index["ballot 2"]])
        own = Bytes32(world.secret("v6").public().encoded)
        return replace(copied, credential=own, previous=NO_PREVIOUS)

    return casting(make)


@tampered("6.3", "does not hold", severity=excluded)
def swapped_options() -> World:
    """N12: two ciphertexts of a ballot change places with their parts of the proof."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        swapped = raw(body.ciphertexts)
        return replace(body, ciphertexts=Bulk(swapped[64:128] + swapped[:64] + swapped[128:]))

    return casting(make)


@tampered("6.3", "does not hold", severity=excluded)
def proof_from_a_rerun() -> World:
    """N14: a ballot made for an election with the same key and another roll."""

    def make(world: World) -> BallotBody:
        plaintext = PlaintextBallot(world.manifest.shape("city"), CITY)
        return body_of(world, sample_of(world, "rerun", plaintext, context=bytes_for("rerun", 64)))

    return casting(make)


@tampered("6.3", "does not hold", severity=excluded)
def moved_in_the_chain() -> World:
    """A voter's second ballot with the first one's proof: `previous` is hashed."""

    def make(world: World) -> BallotBody:
        plaintext = PlaintextBallot(world.manifest.shape("city"), CITY)
        sample = sample_of(world, "moved", plaintext, secret=world.secret("v4"))
        head = world.heads[world.secret("v4").public().encoded]
        return replace(body_of(world, sample), previous=Bytes64(head))

    return casting(make)


@tampered("6.3", "does not hold", severity=excluded)
def arbitrary_response() -> World:
    """N17: a response is changed."""

    def make(world: World) -> BallotBody:
        body = abstainer(world)
        return replace(body, proof=Bulk(raw(body.proof)[:-32] + Scalar.from_int(7).encoded))

    return casting(make)


def _with_element(world: World, place: int, element: GroupElement) -> BallotBody:
    body = abstainer(world)
    return replace(body, ciphertexts=overwritten(body.ciphertexts, place, element.encoded))


def _forging(name: str, selections: Sequence[int], says: str) -> None:
    def make() -> World:
        return casting(lambda world: body_of(world, forged(world, selections)))

    make.__name__ = name
    make.__doc__ = f"N11, N21: selections {list(selections)}."
    tampered("6.3", says, severity=excluded)(make)


_forging("vote_of_two", (2, 0, 0, 0, 0, 0, 1, 1, 0), "equation 'product")
_forging("vote_of_minus_one", (1, 1, -1, 0, 0, 0, 1, 1, 0), "equation 'product")
_forging("vote_of_a_thousand", (1000, -999, 0, 0, 0, 0, 1, 1, 0), "equation 'product")
_forging("two_presidents", (1, 1, 0, 0, 0, 0, 1, 1, 0), "equation 'sum 0")
_forging("no_president", (0, 0, 0, 0, 0, 0, 1, 1, 0), "equation 'sum 0")
_forging("nobody_and_a_list", (1, 0, 0, 1, 0, 0, 1, 1, 0), "equation 'sum 1")


def _cancelling_values(world: World) -> BallotBody:
    sample = forged(world, (1000, -999, 0, 0, 0, 0, 1, 1, 0))
    return body_of(world, sample, forge_cancelling_values(sample, 0, 1))


def _cancelling_pair(world: World) -> BallotBody:
    plaintext = PlaintextBallot(world.manifest.shape("city"), CITY)
    sample = sample_of(world, "pair", plaintext)
    return body_of(world, sample, forge_cancelling_pair(sample, 1, scalar_for("shift")))


@tampered("6.3", "does not hold", severity=excluded)
def errors_that_cancel() -> World:
    """N24: +1000 and −999, whose two errors cancel under one weight per ballot."""
    return casting(_cancelling_values)


@tampered("6.3", "does not hold", severity=excluded)
def halves_that_cancel() -> World:
    """N24: commitments off by k·B and −k·B, whose errors cancel under one weight per pair."""
    return casting(_cancelling_pair)


@tampered("6.3", "does not hold", severity=excluded, strict=True)
def forged_in_strict_mode() -> World:
    """N11: the same forgeries one by one."""
    return casting(_cancelling_values)

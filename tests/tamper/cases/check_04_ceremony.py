"""Tampered key ceremonies. What follows them is made by the honest steps, as if nobody had looked."""

from dataclasses import replace as changed
from typing import Any

from msgspec.structs import replace

from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Answer, Commit, Complaint, Pledge, Share, ShareBox
from bulletin_board.records.fields import Bytes32, Bytes64, SealedShare
from crypto.boxes import seal_share
from crypto.ceremony import pledge_digest
from crypto.group import GENERATOR, IDENTITY, ElementArray, Scalar, base_multiply
from crypto.possession import prove_dealer_possession
from crypto.sharing import Polynomial, deal, share_plaintext
from tests.support.ballots import bytes_for
from tests.support.election import World, build_election, commit_of, encoded_proof
from tests.support.election_world import Bend
from tests.support.sample_manifest import ANSWERS_BY, BOXES, TRUSTEES
from tests.tamper.harness import tampered


def committing(trustee: int, change: Bend) -> World:
    """An election in which one trustee commits otherwise, as it had pledged."""

    def pledge(_: Pledge, world: World) -> Pledge:
        body = change(commit_of(world, trustee), world)
        digest = pledge_digest(world.manifest.digest, trustee, jcs(body))
        return Pledge(trustee=trustee, digest=Bytes64(digest))

    return build_election(bend={f"pledge {trustee}": pledge, f"commit {trustee}": change}, until="ceremony")


def _with(commit: Commit, commitments: ElementArray, world: World, **overrides: Any) -> Commit:
    """The commit of other commitments, with the proof that the constant term's owner can make."""
    statement: dict[str, Any] = {
        "manifest_digest": world.manifest.digest,
        "trustees": 3,
        "threshold": 2,
        "trustee_index": commit.trustee,
        "coefficient_commitments": tuple(commitments),
    } | overrides
    secret = world.polynomials[commit.trustee - 1].coefficients[0]
    proof = prove_dealer_possession(secret, bytes_for("another proof"), **statement)
    return Commit(
        trustee=commit.trustee,
        coefficient_commitments=tuple(Bytes32(each.encoded) for each in commitments),
        proof=encoded_proof(proof),
    )


@tampered("4.1", "commit of trustee 3: not what this trustee pledged")
def chosen_after_seeing() -> World:
    """N44: the last trustee pledged something else than it commits to."""
    pledge = Pledge(trustee=3, digest=Bytes64(bytes_for("something else", 64)))
    return build_election(bend={"pledge 3": lambda _body, _world: pledge})


@tampered("4.1", "pledges: no kept checkpoint covers all of them")
def unwitnessed_pledges() -> World:
    """N44: commits follow before any witness has seen the pledges."""
    return build_election(before={"commit 1": lambda world: world.board.kept.pop()})


@tampered("4.2", "possession: the proof does not hold")
def rogue_key() -> World:
    """N43: a constant term that cancels the others', whose secret nobody knows."""

    def change(commit: Commit, world: World) -> Commit:
        first, second = (vector[0] for vector in world.commitments[:2])
        rogue = ElementArray.of([GENERATOR - first - second, world.commitments[2][1]])
        return _with(commit, rogue, world)

    return committing(3, change)


@tampered("4.2", "possession: the proof does not hold")
def proof_for_another_context() -> World:
    """N42, N49: a proof of possession from a ceremony of another threshold."""
    return committing(2, lambda commit, world: _with(commit, world.commitments[1], world, threshold=3))


@tampered("4.2", "possession: the proof does not hold")
def proof_of_another_trustee() -> World:
    """N47: a proof of possession made for another index."""
    return committing(2, lambda commit, world: _with(commit, world.commitments[1], world, trustee_index=1))


@tampered("4.2", "1 of them for a threshold of 2")
def too_few_coefficients() -> World:
    """N46: a polynomial of lower degree, which lowers the threshold."""
    return committing(1, lambda commit, world: _with(commit, world.commitments[0][:1], world))


@tampered("4.2", "3 of them for a threshold of 2")
def too_many_coefficients() -> World:
    """N46: a polynomial of higher degree, which nobody could combine."""

    def change(commit: Commit, world: World) -> Commit:
        longer = ElementArray.concat([world.commitments[0], ElementArray.of([GENERATOR])])
        return _with(commit, longer, world)

    return committing(1, change)


@tampered("4.2", "the constant term is the identity")
def identity_commitment() -> World:
    """N5: a trustee that adds nothing to the key."""

    def change(commit: Commit, world: World) -> Commit:
        return _with(commit, ElementArray.of([IDENTITY, world.commitments[0][1]]), world)

    return committing(1, change)


@tampered("4.2", "no canonical ristretto255 encoding")
def commitment_outside_the_group() -> World:
    """N6, N7: a commitment that is no element."""

    def change(commit: Commit, _: World) -> Commit:
        return replace(
            commit, coefficient_commitments=(Bytes32(b"\xff" * 32), *commit.coefficient_commitments[1:])
        )

    return committing(2, change)


@tampered("4.2", "commitments of all trustees: joint key: the identity")
def keys_that_cancel() -> World:
    """N48: colluding trustees whose secrets add up to nothing."""

    def change(commit: Commit, world: World) -> Commit:
        first, second, _ = world.polynomials
        against = -(first.coefficients[0] + second.coefficients[0])
        world.polynomials[2] = Polynomial(3, (against, *world.polynomials[2].coefficients[1:]))
        return _with(commit, base_multiply(world.polynomials[2].coefficients), world)

    def pledge(_: Pledge, world: World) -> Pledge:
        body = change(commit_of(world, 3), world)
        return Pledge(trustee=3, digest=Bytes64(pledge_digest(world.manifest.digest, 3, jcs(body))))

    return build_election(bend={"pledge 3": pledge, "commit 3": change}, until="ceremony")


@tampered("4.3", "share of trustee 1: not one box for every other trustee")
def missing_box() -> World:
    """N45: a dealer leaves a trustee out."""
    return build_election(bend={"share 1": lambda body, _: Share(trustee=1, boxes=body.boxes[:1])})


@tampered("4.3", "its ephemeral key stands twice")
def repeated_ephemeral_key() -> World:
    """Two boxes under one ephemeral key: their ciphers meet two messages."""

    def change(body: Share, world: World) -> Share:
        ephemeral = world.boxes[1, 2]
        plaintext = share_plaintext(deal(world.polynomials[1], 1), world.manifest.digest)
        sealed = seal_share(plaintext, BOXES[0].public, ephemeral)
        box = ShareBox(trustee=1, ephemeral_key=Bytes32(ephemeral.public), box=SealedShare(sealed))
        return Share(trustee=2, boxes=(box, *body.boxes[1:]))

    return build_election(bend={"share 2": change})


@tampered("4.3", "box for trustee 2: box key: of small order")
def small_order_key() -> World:
    """An ephemeral key that makes the box open to everybody."""

    def change(body: Share, _: World) -> Share:
        return Share(
            trustee=1, boxes=(replace(body.boxes[0], ephemeral_key=Bytes32(bytes(32))), *body.boxes[1:])
        )

    return build_election(bend={"share 1": change})


@tampered("4.4", "confirm of trustee 2: of another base")
def confirm_of_another_base() -> World:
    """N48: a trustee confirms another key."""
    return build_election(
        bend={"confirm 2": lambda body, _: replace(body, base=Bytes64(bytes_for("another base", 64)))}
    )


@tampered("4.4", "confirm of trustee 3: of another transcript")
def confirm_of_another_transcript() -> World:
    """N35: a trustee saw other shares."""
    return build_election(
        bend={"confirm 3": lambda body, _: replace(body, transcript=Bytes64(bytes_for("another log", 64)))}
    )


def complaining(
    *, answered: bool, bad: bool = False, late: bool = False, wrong_secret: bool = False
) -> World:
    """Trustee 2 complains about trustee 1, and the ceremony ends."""
    world = build_election(until="ceremony", bend=_bends(bad=bad))
    world.log(Complaint(trustee=2, dealer=1), [TRUSTEES[1]])
    world.publish()
    if answered:
        secret = world.boxes[1, 3 if wrong_secret else 2].secret
        answer = Answer(trustee=1, complainant=2, ephemeral_secret=Bytes32(secret))
        world.log(answer, [TRUSTEES[0]])
    world.publish(ANSWERS_BY + 60 if late else None)
    return world


def _bends(*, bad: bool) -> dict[str, Bend | None]:
    def wrong_share(body: Share, world: World) -> Share:
        dealt = deal(world.polynomials[0], 2)
        wrong = changed(dealt, value=dealt.value + Scalar.from_int(1))
        plaintext = share_plaintext(wrong, world.manifest.digest)
        sealed = seal_share(plaintext, BOXES[1].public, world.boxes[1, 2])
        return Share(trustee=1, boxes=(replace(body.boxes[0], box=SealedShare(sealed)), *body.boxes[1:]))

    # Who complains does not confirm.
    return {"confirm 2": None} | ({"share 1": wrong_share} if bad else {})


@tampered("4.5", "trustee 1 is at fault: dealt share: contradicts")
def bad_share() -> World:
    """N45: a dealt share that is not on the polynomial; the dealer opens the box."""
    return complaining(answered=True, bad=True)


@tampered("4.5", "trustee 2 is at fault: the box holds a good share")
def false_complaint() -> World:
    """A complaint about a good share."""
    return complaining(answered=True)


@tampered("4.5", "trustee 1 is at fault: box: the secret is not that")
def wrong_secret() -> World:
    """The dealer answers with the secret of another box."""
    return complaining(answered=True, wrong_secret=True)


@tampered("4.5", "trustee 1 has not answered yet")
def open_complaint() -> World:
    """A complaint that may still be answered."""
    return complaining(answered=False)


@tampered("4.5", "trustee 1 is at fault: no answer in time")
def unanswered_complaint() -> World:
    """A complaint that was never answered."""
    return complaining(answered=False, late=True)


@tampered("4.5", "trustee 1 is at fault: no answer in time")
def late_answer() -> World:
    """An answer that no quorum saw in time."""
    return complaining(answered=True, late=True)


@tampered("4.5", "trustee 1 is at fault: no box")
def complaint_about_a_missing_box() -> World:
    """N45: the dealer left the complainant out, and has nothing to open."""
    world = build_election(
        until="ceremony",
        bend={"confirm 2": None, "share 1": lambda body, _: Share(trustee=1, boxes=body.boxes[1:])},
    )
    world.log(Complaint(trustee=2, dealer=1), [TRUSTEES[1]])
    answer = Answer(trustee=1, complainant=2, ephemeral_secret=Bytes32(world.boxes[1, 2].secret))
    world.log(answer, [TRUSTEES[0]])
    world.publish()
    return world

"""What forgers send while voting is open: the best false ballots that a voter with good codes can make."""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from msgspec.structs import replace

from bulletin_board.client import BoardClient
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32
from crypto.ballot_encryption import PlaintextBallot, encrypt_ballot, new_seed
from crypto.credential import CredentialSecret
from crypto.elgamal import CIPHERTEXT_BYTES
from crypto.group import ORDER, Scalar
from evote.election.ballot_box import credential_of
from evote.election.public_log import PublicLog
from evote.voter.booth import Choices, SealedVote, VotingRight, seal_vote
from evote.voter.polling import PollingPlace

MORE_THAN_A_MEBIBYTE = (1 << 20) + 1


@dataclass(frozen=True, slots=True)
class Forgery:
    """A request, what it tries, and the code with which it must be refused."""

    what: str
    content: bytes
    expected: str

    @classmethod
    def of(cls, what: str, body: BallotBody, expected: str) -> Self:
        return cls(what, jcs({"addenda": [], "body": body}), expected)


def honest(place: PollingPlace, board: BoardClient, right: VotingRight, choices: Choices) -> BallotBody:
    """A ballot with nothing wrong about it."""
    return _cast(seal_vote(place.parameters, right, choices, secrets.token_bytes), _head(place, board, right))


@dataclass(frozen=True, slots=True)
class Forgeries:
    """All of them, one after the other.

    right:   of a voter in good standing, who has voted before
    struck:  of a voter whose credential was revoked in the meantime
    choices: of the former
    """

    place: PollingPlace
    board: BoardClient
    right: VotingRight
    struck: VotingRight
    choices: Choices

    def __iter__(self) -> Iterator[Forgery]:
        good = honest(self.place, self.board, self.right, self.choices)
        yield from self._false_proofs(good)
        yield from self._others_credentials(good)
        yield from self._wrong_form(good)
        stale = seal_vote(self.place.parameters, self.right, self.choices, secrets.token_bytes)
        yield Forgery.of("a ballot as if there were none before", _cast(stale, NO_PREVIOUS), "stale-previous")

    def _false_proofs(self, good: BallotBody) -> Iterator[Forgery]:
        yield Forgery.of("two votes for one option", self._selections((2, -1)), "bad-proof")
        yield Forgery.of("a thousand votes against another", self._selections((1001, -1000)), "bad-proof")
        ciphertexts = _ciphertexts(good)
        swapped = [ciphertexts[1], ciphertexts[0], *ciphertexts[2:]]
        yield Forgery.of("two options swapped under one proof", _with(good, swapped), "bad-proof")
        repeated = [ciphertexts[0], ciphertexts[0], *ciphertexts[2:]]
        yield Forgery.of("one ciphertext twice", _with(good, repeated), "repeated-pad")

    def _others_credentials(self, good: BallotBody) -> Iterator[Forgery]:
        public = PublicLog.open(self.board, self.place.parameters.manifest)
        ballots = [body for _, body in public.records() if isinstance(body, BallotBody)]
        others = next(body for body in ballots if body.credential != good.credential)
        copied = replace(good, ciphertexts=others.ciphertexts, proof=others.proof)
        yield Forgery.of("somebody's ballot under another credential", copied, "repeated-pad")
        stranger = CredentialSecret(Scalar.from_digest(secrets.token_bytes(64)))
        own = VotingRight(stranger, stranger.public(), self.right.row)
        sealed = seal_vote(self.place.parameters, own, self.choices, secrets.token_bytes)
        yield Forgery.of("a credential of one's own making", _cast(sealed, NO_PREVIOUS), "unknown-credential")
        used = {bytes(body.credential) for body in ballots}
        asleep = next(
            credential
            for row in public.rows(self.place.parameters.roll)
            if row.style == good.style and (credential := credential_of(row)) not in used
        )
        for_another = replace(good, credential=Bytes32(asleep), previous=NO_PREVIOUS)
        yield Forgery.of("for somebody who stays at home", for_another, "not-identified")
        struck = honest(self.place, self.board, self.struck, self.choices)
        yield Forgery.of("electronically after voting on paper", struck, "revoked-credential")

    def _wrong_form(self, good: BallotBody) -> Iterator[Forgery]:
        yield Forgery.of("another style", replace(good, style="another-style"), "wrong-style")
        other = replace(good, election_id="another-election")
        yield Forgery.of("a ballot of another election", other, "wrong-election")
        plain = json.loads(jcs({"addenda": [], "body": good}))
        yield Forgery("spaces between", json.dumps(plain, sort_keys=True).encode(), "non-canonical")
        yield Forgery("half a ballot", jcs(plain)[:-20], "malformed")
        yield Forgery("more than a mebibyte", b" " * MORE_THAN_A_MEBIBYTE, "too-large")

    def _selections(self, first: Sequence[int]) -> BallotBody:
        """Selections that no voter may make, whose sum is a good one; proved by the honest steps."""
        parameters = self.place.parameters
        shape = parameters.manifest.shape(self.right.row.style)
        honest_choices = seal_vote(parameters, self.right, self.choices, secrets.token_bytes).plaintext
        width = shape.slices[0].stop
        selections = [*first, *[0] * (width - len(first)), *honest_choices.selections[width:]]
        plaintext = object.__new__(PlaintextBallot)  # past the check that every voter's program makes
        object.__setattr__(plaintext, "shape", shape)
        object.__setattr__(plaintext, "selections", tuple(selection % ORDER for selection in selections))
        encrypted = encrypt_ballot(
            plaintext,
            key=parameters.key,
            context=parameters.context,
            credential=self.right.credential,
            seed=new_seed(self.right.secret, secrets.token_bytes(32)),
        )
        sealed = SealedVote(parameters, self.right, plaintext, encrypted)
        return _cast(sealed, _head(self.place, self.board, self.right))


def _cast(sealed: SealedVote, previous: bytes) -> BallotBody:
    body, _ = sealed.cast(previous, secrets.token_bytes)
    return body


def _head(place: PollingPlace, board: BoardClient, right: VotingRight) -> bytes:
    return board.credential(right.credential.encoded, place.parameters.manifest).head


def _ciphertexts(body: BallotBody) -> list[bytes]:
    packed = body.ciphertexts.read(dict[bytes, bytes]().__getitem__)
    return [packed[start : start + CIPHERTEXT_BYTES] for start in range(0, len(packed), CIPHERTEXT_BYTES)]


def _with(body: BallotBody, ciphertexts: Sequence[bytes]) -> BallotBody:
    return replace(body, ciphertexts=Bulk(b"".join(ciphertexts)))

"""Making a ballot's proof, in two moves around a challenge that the caller supplies.

Everything secret here is a `Scalar`, and the steps are the same for every vote. Spec: protocol.md §3.10
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import NoReturn

from crypto.ballot_encryption import PlaintextBallot
from crypto.ballot_proof import BallotProof, ballot_challenge
from crypto.ballot_shape import ContestShape
from crypto.ballot_statement import BallotStatement
from crypto.credential import CredentialSecret
from crypto.group import ElementArray, Scalar, base_multiply, encrypt_pairs, hash_to_scalar
from crypto.hashing import Tag

Draw = Callable[[str], Scalar]
"""From a label, a secret scalar of its own."""

_ZERO = Scalar.from_int(0)


@dataclass(frozen=True, slots=True)
class _SelectionSecrets:
    """Of one option j."""

    message: Scalar  # m_j
    nonce: Scalar  # r_j
    weight: Scalar  # w_j, which is public
    value: Scalar  # a_j
    value_nonce: Scalar  # s_j


@dataclass(frozen=True, slots=True)
class _BranchSecrets:
    """Of one value v of a contest's sum part."""

    is_true: Scalar  # δ_v: 1 for the true sum, else 0
    distance: Scalar  # v − σ
    challenge: Scalar  # as drawn; that of the true branch is corrected when e is known
    nonce: Scalar  # k_v


@dataclass(frozen=True, slots=True)
class _ContestSecrets:
    sum_nonce: Scalar  # R, the randomness in the weighted sum of the contest's ciphertexts
    branches: tuple[_BranchSecrets, ...]


@dataclass(frozen=True, slots=True)
class _Secrets:
    credential: Scalar  # s
    credential_nonce: Scalar  # k
    selections: tuple[_SelectionSecrets, ...]
    product_nonce: Scalar  # t
    contests: tuple[_ContestSecrets, ...]


class ProverState:
    """Between the first and the third move: answers exactly one challenge, then holds nothing.

    Two answers to one state reveal the credential's secret and every vote, so it cannot be copied either.
    """

    __slots__ = ("_secrets", "commitments")

    def __init__(self, commitments: ElementArray, secrets: _Secrets) -> None:
        self.commitments = commitments
        self._secrets: _Secrets | None = secrets

    def __reduce__(self) -> NoReturn:
        raise TypeError("ballot prover: a state is never copied")

    def respond(self, challenge: Scalar) -> BallotProof:
        """The third move.

        Args:
            challenge: e, of this caller's choosing; `prove_ballot` takes it from the hash.

        Raises:
            RuntimeError: the state has answered before.
        """
        secrets, self._secrets = self._secrets, None
        if secrets is None:
            raise RuntimeError("ballot prover: this state has answered already")
        e = challenge
        values = [e * o.message + o.value for o in secrets.selections]
        nonces = [e * o.nonce + o.value_nonce for o in secrets.selections]
        masked = (o.weight * (e - f) * o.nonce for o, f in zip(secrets.selections, values, strict=True))
        product = _sum(masked) + secrets.product_nonce
        branches = [_answer_branches(contest, e) for contest in secrets.contests]
        return BallotProof(
            self.commitments,
            branch_challenges=_public(e_v for contest in branches for e_v, _ in contest[1:]),
            credential_response=(secrets.credential_nonce + e * secrets.credential).vartime_int(),
            value_responses=_public(values),
            nonce_responses=_public(nonces),
            product_response=product.vartime_int(),
            branch_responses=_public(z_v for contest in branches for _, z_v in contest),
        )


def commit(
    statement: BallotStatement,
    plaintext: PlaintextBallot,
    nonces: Sequence[Scalar],
    secret: CredentialSecret,
    randomness: bytes,
) -> ProverState:
    """The first move.

    Args:
        statement: what is proved; its ciphertexts encrypt `plaintext` with `nonces`.
        plaintext: the choices.
        nonces: r_j of every option.
        secret: s, of the statement's credential.
        randomness: 32 fresh random bytes.
    """
    if len(randomness) != 32:
        raise ValueError(f"ballot prover: {len(randomness)} bytes of randomness, not 32")

    def draw(label: str) -> Scalar:
        parts = (secret.value.encoded, randomness, *statement.hashed, label.encode())
        return hash_to_scalar(Tag.PROOF, *parts)

    selections = tuple(
        _SelectionSecrets(m, r, Scalar.from_int(w), draw(f"value/{j}"), draw(f"nonce/{j}"))
        for j, (m, r, w) in enumerate(zip(plaintext.messages(), nonces, statement.weights, strict=True))
    )
    shape = statement.shape
    secrets = _Secrets(
        credential=secret.value,
        credential_nonce=draw("credential"),
        selections=selections,
        product_nonce=draw("product"),
        contests=tuple(
            _commit_sum(contest, number, selections[places], draw)
            for number, (contest, places) in enumerate(zip(shape.contests, shape.slices, strict=True))
        ),
    )
    return ProverState(_commitments(statement, secrets), secrets)


def prove_ballot(
    statement: BallotStatement,
    plaintext: PlaintextBallot,
    nonces: Sequence[Scalar],
    secret: CredentialSecret,
    randomness: bytes,
) -> BallotProof:
    """The whole proof, its challenge taken from the hash; arguments as for `commit`.

    Made only when the voter casts: a checked ballot never has one. Spec: protocol.md §3.8, §3.13
    """
    state = commit(statement, plaintext, nonces, secret, randomness)
    return state.respond(ballot_challenge(statement, state.commitments))


def _commit_sum(
    contest: ContestShape, number: int, selections: Sequence[_SelectionSecrets], draw: Draw
) -> _ContestSecrets:
    weights = [Scalar.from_int(option.weight) for option in contest.options]
    true_sum = _sum(w * o.message for w, o in zip(weights, selections, strict=True))
    branches = []
    for v in contest.branches:
        distance = Scalar.from_int(v) - true_sum
        is_true = Scalar.decode(bytes([distance.is_zero]) + bytes(31))
        challenge, nonce = draw(f"challenge/{number}/{v}"), draw(f"branch/{number}/{v}")
        branches.append(_BranchSecrets(is_true, distance, challenge, nonce))
    sum_nonce = _sum(w * o.nonce for w, o in zip(weights, selections, strict=True))
    return _ContestSecrets(sum_nonce, tuple(branches))


def _commitments(statement: BallotStatement, secrets: _Secrets) -> ElementArray:
    # A, then Enc(a_j; s_j), then Enc(Σ w_j·a_j·m_j; t), then Enc(e_v·(v − σ); k_v): in wire order.
    A = base_multiply([secrets.credential_nonce])
    branches = [branch for contest in secrets.contests for branch in contest.branches]
    messages = [
        *(o.value for o in secrets.selections),
        _sum(o.weight * o.value * o.message for o in secrets.selections),
        *(branch.challenge * branch.distance for branch in branches),
    ]
    nonces = [
        *(o.value_nonce for o in secrets.selections),
        secrets.product_nonce,
        *(branch.nonce for branch in branches),
    ]
    return ElementArray.concat([A, encrypt_pairs(statement.key, messages, nonces)])


def _answer_branches(contest: _ContestSecrets, e: Scalar) -> list[tuple[Scalar, Scalar]]:
    # (e_v, z_v) of every branch. The true branch takes up what is missing to e; its commitment hides
    # no challenge, since v − σ is zero there. The others are as they were.
    missing = e - _sum(branch.challenge for branch in contest.branches)
    answers = []
    for branch in contest.branches:
        e_v = branch.challenge + branch.is_true * missing
        answers.append((e_v, branch.nonce + e_v * contest.sum_nonce))
    return answers


def _sum(scalars: Iterable[Scalar]) -> Scalar:
    return reduce(add, scalars, _ZERO)


def _public(scalars: Iterable[Scalar]) -> tuple[int, ...]:
    return tuple(scalar.vartime_int() for scalar in scalars)

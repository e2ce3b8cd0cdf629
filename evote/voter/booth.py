"""The voter's own cryptography: join the parts, encrypt, then either check or cast. Nothing here is sent.

Spec: protocol.md §2.8, §3
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import Bulk, fold
from bulletin_board.records.fields import Bytes32, Bytes64
from bulletin_board.records.roll import RollRow
from crypto.ballot_encryption import EncryptedBallot, PlaintextBallot, encrypt_ballot, new_seed
from crypto.ballot_prover import prove_ballot
from crypto.ballot_shape import BallotShape
from crypto.ballot_statement import BallotStatement
from crypto.credential import CredentialSecret, credential_part, join_parts, part_public
from crypto.group import GroupElement
from crypto.opening import CheckedBallot
from evote.election.parameters import ElectionParameters
from evote.errors import VoterError

RandomBytes = Callable[[int], bytes]
Choices = Mapping[str, Sequence[str]]
"""Contest id → ids of the selected options."""


@dataclass(frozen=True, slots=True)
class VotingRight:
    """A joined credential, and the row of the roll that it opens."""

    secret: CredentialSecret = field(repr=False)
    credential: GroupElement  # S
    row: RollRow


def join_right(parameters: ElectionParameters, bits: Mapping[str, bytes], row: RollRow) -> VotingRight:
    """Put the issuers' parts together.

    Args:
        parameters: of the election.
        bits: issuer id → the 16 bytes that this issuer gave.
        row: of the roll, proved to be on it.

    Raises:
        VoterError: a part is missing or does not belong to this row; the issuer is named.
    """
    manifest = parameters.manifest
    missing = [issuer.id for issuer in manifest.issuers if issuer.id not in bits]
    if missing:
        raise VoterError(f"credential: there is no part from {', '.join(missing)}")
    parts = [credential_part(manifest.election_id, issuer.id, bits[issuer.id]) for issuer in manifest.issuers]
    for issuer, part, public in zip(manifest.issuers, parts, row.parts, strict=True):
        if part_public(part).encoded != public:
            raise VoterError(f"credential: the part from {issuer.id} does not belong to this row of the roll")
    secret = join_parts(parts)
    return VotingRight(secret, secret.public(), row)


def choose(shape: BallotShape, choices: Choices) -> PlaintextBallot:
    """A ballot with these options selected.

    Raises:
        VoterError: a contest or option that is not on this ballot.
        crypto.ballot_encryption.SelectionError: more or fewer options than the contest allows.
    """
    known = {
        contest.contest_id: {option.option_id for option in contest.options} for contest in shape.contests
    }
    for contest_id, selected in choices.items():
        unknown = set(selected) - known.get(contest_id, set())
        if contest_id not in known or unknown:
            raise VoterError(
                f"contest {contest_id}: not on this ballot, or without {', '.join(sorted(unknown))}"
            )
    return PlaintextBallot(
        shape,
        tuple(
            int(option.option_id in choices.get(contest.contest_id, ()))
            for contest in shape.contests
            for option in contest.options
        ),
    )


@dataclass(slots=True)
class SealedVote:
    """An encrypted ballot whose tracking code is shown, before the voter decides to check or to cast.

    It goes one of the two ways only: a ballot that was looked into would prove how its voter voted.
    """

    parameters: ElectionParameters
    right: VotingRight
    plaintext: PlaintextBallot = field(repr=False)
    encrypted: EncryptedBallot = field(repr=False)
    _checked: bool = field(default=False, init=False, repr=False)
    _cast: bool = field(default=False, init=False, repr=False)

    @property
    def tracking_code(self) -> str:
        return self.encrypted.tracking_code()

    def check(self) -> CheckedBallot:
        """Give the ballot away to be looked into; it can never be cast after this.

        Raises:
            RuntimeError: it was cast.

        Spec: protocol.md §3.13
        """
        if self._cast:
            raise RuntimeError("ballot: it was cast, and must not be opened")
        self._checked = True
        return CheckedBallot(
            self.encrypted.shape,
            self.encrypted.credential,
            self.encrypted.seed,
            self.encrypted.ciphertexts,
            self.tracking_code,
        )

    def cast(self, previous: bytes, random_bytes: RandomBytes) -> tuple[BallotBody, dict[bytes, bytes]]:
        """Make the proof: the body to post, and its addenda, if it is too large for an entry.

        May be called again for another `previous`; only the proof is new then.

        Args:
            previous: digest of the credential's last valid ballot, or 64 zero bytes.
            random_bytes: fresh randomness.

        Raises:
            RuntimeError: it was checked.
        """
        if self._checked:
            raise RuntimeError("ballot: it was checked, and must not be cast")
        self._cast = True
        encrypted = self.encrypted
        statement = BallotStatement(
            encrypted.context,
            encrypted.shape,
            self.parameters.key,
            encrypted.credential,
            previous,
            encrypted.ciphertexts,
        )
        proof = prove_ballot(statement, self.plaintext, encrypted.nonces, self.right.secret, random_bytes(32))
        body, addenda = fold(
            BallotBody(
                version="evote/v1",
                election_id=self.parameters.manifest.election_id,
                style=encrypted.shape.style_id,
                credential=Bytes32(encrypted.credential.encoded),
                previous=Bytes64(previous),
                ciphertexts=Bulk(encrypted.ciphertexts.encode()),
                proof=Bulk(proof.encode()),
            )
        )
        return body, dict(addenda)


def seal_vote(
    parameters: ElectionParameters, right: VotingRight, choices: Choices, random_bytes: RandomBytes
) -> SealedVote:
    """Encrypt choices under a fresh seed.

    Raises:
        VoterError, crypto.ballot_encryption.SelectionError: choices that this ballot does not have or allow.

    Spec: protocol.md §3.1, §3.2
    """
    plaintext = choose(parameters.manifest.shape(right.row.style), choices)
    encrypted = encrypt_ballot(
        plaintext,
        key=parameters.key,
        context=parameters.context,
        credential=right.credential,
        seed=new_seed(right.secret, random_bytes(32)),
    )
    return SealedVote(parameters, right, plaintext, encrypted)

"""One voter's whole way: identified, joined, sealed, then checked or cast, and the receipt verified.

Spec: protocol.md §2.8, §3.13; board.md §5, §6
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bulletin_board.answers import BallotAnswer, CredentialAnswer
from bulletin_board.client import BoardClient
from bulletin_board.durable_file import PRIVATE, write_durably
from bulletin_board.errors import BoardError, ExchangeError, RequestRefused
from bulletin_board.records.fields import Base64Bytes, Bytes32, Bytes64, encode_base64url
from bulletin_board.records.openings import CheckedBallotOpening, encode_opening
from crypto.ballot_encryption import SelectionError
from crypto.crockford import decode_code
from crypto.errors import CryptoError
from evote.errors import IdentificationRefused, VoterError
from evote.issuing.credential import IDENTITY, REGISTRAR
from evote.voter.booth import RandomBytes, SealedVote, VotingRight, join_right, seal_vote
from evote.voter.delivery import Delivery
from evote.voter.identity_client import IdentifiedVoter, IdentityClient
from evote.voter.mailbox import read_newest_code
from evote.voter.plan import Outcome, PlannedVoter, Result, Step
from evote.voter.polling import PollingPlace

OWN_SIDE = "voter"  # the code of what the voter's own program refuses
STALE = "stale-previous"

_MOST_PROOFS = 3
_IDENTITY_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class VoterTools:
    """What a voter's program works with; one set serves many voters.

    outbox: folder in which the mails of the identity service arrive
    files:  folder for receipts and openings
    """

    place: PollingPlace
    board: BoardClient
    identity: IdentityClient
    outbox: Path
    files: Path
    patience: float = 60
    random_bytes: RandomBytes = secrets.token_bytes
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.board, self.place.parameters.manifest, patience=self.patience, sleep=self.sleep)


@dataclass(frozen=True, slots=True)
class HeadlessVoter:
    """Does what a line of a plan says, and no more."""

    planned: PlannedVoter = field(repr=False)
    tools: VoterTools

    def run(self) -> Iterator[Result]:
        """Act, and say what came of each step. Refusals are results."""
        action: Step = "cast" if self.planned.action == "cast" else "check"
        try:
            self.tools.sleep(max(0, self.planned.not_before - self.tools.clock()))
            right, answer = self._come_in()
            if action == "check":
                yield self._check(right)
                if self.planned.action == "check":
                    return
                action = "cast"
            yield self._cast(right, answer)
        except (RequestRefused, IdentificationRefused) as exc:
            yield self._result(action, "refused", code=exc.code, detail=exc.detail)
        except (VoterError, SelectionError, CryptoError) as exc:
            yield self._result(action, "refused", code=OWN_SIDE, detail=str(exc))
        except BoardError as exc:
            yield self._result(action, "unknown", detail=str(exc))

    def _come_in(self) -> tuple[VotingRight, CredentialAnswer]:
        """Be identified, and put the two parts together."""
        letter = decode_code(self.planned.code)
        identified = self._identify()
        answer = self._look_up(identified.credential)
        row = self.tools.place.row_of(answer)
        bits = {REGISTRAR: letter, IDENTITY: identified.bits}
        return join_right(self.tools.place.parameters, bits, row), answer

    def _identify(self) -> IdentifiedVoter:
        planned, identity = self.planned, self.tools.identity
        session = identity.begin(planned.personal_number, planned.reference, language=planned.language)
        code = read_newest_code(self.tools.outbox, planned.reference, planned.email)
        for _ in range(_IDENTITY_ATTEMPTS - 1):
            try:
                return identity.finish(session, code, language=planned.language)
            except ExchangeError:
                # The code stays good while the service cannot reach the board.
                self.tools.sleep(self.tools.place.parameters.manifest.beat / 1000)
        return identity.finish(session, code, language=planned.language)

    def _check(self, right: VotingRight) -> Result:
        """Seal, take the code down, and give the ballot away; it is gone when this returns."""
        sealed = self._seal(right)
        code = sealed.tracking_code
        checked = sealed.check()
        opening = CheckedBallotOpening(
            version="evote/v1",
            election_id=self.tools.place.parameters.manifest.election_id,
            style=checked.shape.style_id,
            credential=Bytes32(checked.credential.encoded),
            seed=Bytes32(checked.seed),
            tracking_code=checked.tracking_code,
            ciphertexts=Base64Bytes(checked.ciphertexts.encode()),
        )
        path = self.tools.files / f"{self.planned.reference}-{code}.opening.json"
        # It shows a choice.
        write_durably(path, encode_opening(opening), mode=PRIVATE)
        return self._result("check", "checked", tracking_code=code, opening_file=str(path))

    def _cast(self, right: VotingRight, answer: CredentialAnswer) -> Result:
        sealed = self._seal(right)
        for _ in range(_MOST_PROOFS - 1):
            try:
                return self._send(sealed, answer)
            except RequestRefused as exc:
                if exc.code != STALE:
                    raise
            # Somebody voted with this credential in between: the same ciphertexts get a new proof.
            answer = self._look_up(right.credential.encoded)
        return self._send(sealed, answer)

    def _send(self, sealed: SealedVote, answer: CredentialAnswer) -> Result:
        chains, credential = self.tools.place.chains, bytes(answer.credential)
        chains.require_named(credential, answer.ballots)
        body, addenda = sealed.cast(answer.head, self.tools.random_bytes)
        receipt = self.tools.delivery.deliver(body, addenda)
        known: dict[str, Any] = {
            "tracking_code": sealed.tracking_code,
            "ballot_digest": encode_base64url(body.digest),
            "votes_before": len(answer.ballots),
        }
        if receipt is None:
            return self._result("cast", "unknown", detail="the board did not answer in time", **known)
        path = self.tools.files / f"{self.planned.reference}-{receipt.index}.tlog-proof"
        write_durably(path, receipt.to_text().encode(), mode=PRIVATE)
        known |= {"index": receipt.index, "receipt_file": str(path)}
        try:
            cast = BallotAnswer(index=receipt.index, digest=Bytes64(body.digest))
            chains.require_whole(credential, answer.ballots, cast)
        except (BoardError, CryptoError) as exc:
            # It is on the log, and may still not count; the receipt is kept as evidence.
            return self._result("cast", "unknown", detail=str(exc), **known)
        return self._result("cast", "receipt", votes_after=self._votes_now(sealed.right), **known)

    def _votes_now(self, right: VotingRight) -> int | None:
        """How often this credential has voted, by the board's word; the receipt stands without it."""
        try:
            return len(self._look_up(right.credential.encoded).ballots)
        except ExchangeError:
            return None

    def _seal(self, right: VotingRight) -> SealedVote:
        return seal_vote(self.tools.place.parameters, right, self.planned.choices, self.tools.random_bytes)

    def _look_up(self, credential: bytes) -> CredentialAnswer:
        return self.tools.board.credential(credential, self.tools.place.parameters.manifest)

    def _result(self, action: Step, outcome: Outcome, **more: Any) -> Result:
        return Result(
            reference=self.planned.reference,
            action=action,
            outcome=outcome,
            choices=self.planned.choices,
            **more,
        )

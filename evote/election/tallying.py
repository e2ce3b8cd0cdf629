"""The board's two acts after the close, computed from the log that everybody sees: aggregate and result.

Spec: protocol.md §5; records.md §4.1
"""

from collections.abc import Mapping

from bulletin_board.records.bulk import fold
from bulletin_board.records.tally import Aggregate, Decryption, Result
from crypto.sharing import verification_keys
from evote.election.ballot_box import BallotBox, close_box
from evote.election.parameters import ElectionParameters
from evote.election.public_log import PublicLog
from evote.election.tally import make_aggregate, make_result
from evote.errors import BoardStateError


def aggregate_of(public: PublicLog) -> tuple[Aggregate, Mapping[bytes, bytes]]:
    """The aggregate of a closed election in the form that is posted, and its addenda.

    Raises:
        BoardStateError: the election is not closed.
        BoardError, crypto.errors.CryptoError: the log is not what it should be.
    """
    parameters = public.parameters()
    return fold(make_aggregate(parameters, closed_box(public, parameters), public.log.addendum))


def result_of(public: PublicLog) -> Result:
    """The result, from the last aggregate that trustees have released shares of.

    Raises:
        BoardStateError: too few releases so far.
        BoardError, crypto.errors.CryptoError: the log is not what it should be.
    """
    parameters = public.parameters()
    aggregates: list[Aggregate] = []
    releases: list[Decryption] = []
    for _, body in public.records():
        if isinstance(body, Aggregate):
            aggregates.append(body)
        elif isinstance(body, Decryption):
            releases.append(body)
    named = {bytes(release.aggregate) for release in releases}
    released = [each for each in aggregates if each.digest(parameters.context) in named]
    if not released:
        raise BoardStateError("board: no trustee has released a share of an aggregate yet")
    return make_result(
        parameters,
        closed_box(public, parameters),
        released[-1],
        releases,
        verification_keys(parameters.commitments),
        public.log.addendum,
    )


def closed_box(public: PublicLog, parameters: ElectionParameters) -> BallotBox:
    """The ballots that count, out of the log."""
    witnessed_by = public.kept_checkpoints().witnessed_by
    return close_box(public.manifest, public.rows(parameters.roll), public.records(), witnessed_by)

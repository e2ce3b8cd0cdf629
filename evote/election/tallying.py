"""The board's two acts after the close, computed from the log that everybody sees: aggregate and result.

Spec: protocol.md §5; records.md §4.1
"""

from collections.abc import Mapping

from bulletin_board.records.bulk import fold
from bulletin_board.records.tally import Aggregate, Decryption, Result
from crypto.sharing import verification_keys
from evote.election.ballot_box import count_ballots, effective_places
from evote.election.public_log import PublicLog
from evote.election.tally import make_aggregate, make_result
from evote.errors import BoardStateError


def aggregate_of(public: PublicLog) -> tuple[Aggregate, Mapping[bytes, bytes]]:
    """The aggregate of a closed election in the form that is posted, and its addenda.

    Raises:
        BoardStateError: the election is not closed, or its set-up or its times are at fault.
        BoardError, crypto.errors.CryptoError: the log is not what it should be.
    """
    parameters = public.parameters()
    return fold(make_aggregate(parameters, count_ballots(public), public.log.addendum))


def result_of(public: PublicLog) -> Result:
    """The result, from the last aggregate that trustees have released shares of.

    Raises:
        BoardStateError: too few releases so far, or a fault of the set-up.
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
        effective_places(public),
        released[-1],
        releases,
        verification_keys(parameters.commitments),
        public.log.addendum,
    )

"""The file that a voter takes from a checked ballot to another device. It is never posted: it shows a choice.

Spec: protocol.md §7.1
"""

from typing import Annotated

from msgspec import Meta

from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Base64Bytes, Bytes32, Identifier
from bulletin_board.records.manifest import Version
from bulletin_board.records.record import Part

MAX_OPENING_BYTES = 1 << 20  # a ballot of some 12,000 options

_GROUP = "[0-9A-HJKMNP-TV-Z]{4}"
TrackingCode = Annotated[str, Meta(pattern=rf"\A{_GROUP}(-{_GROUP}){{5}}\Z")]


class CheckedBallotOpening(Part):
    """Everything that re-creates the ciphertexts of a checked ballot, which is never cast.

    Nothing in it is verified here; `crypto` recomputes every pad from the seed.
    """

    version: Version
    election_id: Identifier
    style: Identifier
    credential: Bytes32  # S
    seed: Bytes32
    tracking_code: TrackingCode
    ciphertexts: Base64Bytes  # pad ‖ data of every option, in ballot order

    def __repr__(self) -> str:
        return f"CheckedBallotOpening({self.tracking_code})"


def encode_opening(opening: CheckedBallotOpening) -> bytes:
    """The bytes of the file."""
    return jcs(opening)


def decode_opening(data: bytes) -> CheckedBallotOpening:
    """The opening of which these are the only bytes.

    Raises:
        RecordError: too long, or not in canonical form.
    """
    return decode_json(data, CheckedBallotOpening, limit=MAX_OPENING_BYTES, subject="opening")

"""The ballot as it is posted: nobody signs it, its proof is the signature.

Spec: records.md §3.1; protocol.md §3
"""

from bulletin_board.records.bulk import Bulk, BulkRecord
from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import Bytes32, Bytes64, Identifier
from bulletin_board.records.manifest import Version
from crypto.hashing import Tag, digest

NO_PREVIOUS = Bytes64(bytes(64))  # what the first ballot of a credential names


class BallotBody(BulkRecord):
    record_type = "ballot"
    bulk_fields = ("ciphertexts", "proof")
    signature_count = 0

    version: Version
    election_id: Identifier
    style: Identifier
    credential: Bytes32  # S
    previous: Bytes64  # ballot digest of the credential's last valid ballot
    ciphertexts: Bulk  # pad ‖ data of every option, in ballot order
    proof: Bulk  # in wire order, protocol.md §3.9

    @property
    def digest(self) -> bytes:
        """64 bytes that name this ballot in the next one. Spec: protocol.md §3.11"""
        return digest(Tag.BALLOT_DIGEST, jcs(self))

"""A refusal as it travels: a problem that the board has signed, so that it cannot be denied later.

Spec: board.md §5.7
"""

from hashlib import sha256
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from bulletin_board.errors import ExchangeError, RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Bytes32, Bytes64, Count, Identifier
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Part
from crypto.errors import SignatureError
from crypto.signing import record_message, verify_signature

REFUSAL = "refusal"  # the type under which refusals are signed
MAX_PROBLEM_BYTES = 65_536

_Line = Annotated[str, Meta(max_length=4_096)]


class Problem(Part):
    """What was refused, and why. Without its signature it is what the signature stands over."""

    type: _Line
    title: _Line
    status: Count
    detail: _Line
    code: Identifier
    digest: Bytes32  # SHA-256 of the request's body
    election_id: Identifier
    signature: Bytes64 | UnsetType = UNSET


def open_problem(content: bytes, manifest: Manifest, *, request_body: bytes | None = None) -> Problem:
    """The problem of an answer, if the board of this election signed it.

    Args:
        content: of the answer.
        manifest: names the board's key.
        request_body: what was sent, where the reader still has it; the problem must be about that.

    Raises:
        ExchangeError: not a problem, not signed by the board, or about another election or request.
    """
    try:
        problem = decode_json(content, Problem, limit=MAX_PROBLEM_BYTES)
        message = record_message(REFUSAL, manifest.digest, jcs(replace(problem, signature=UNSET)))
        # Nothing verifies under no signature.
        signature = b"" if isinstance(problem.signature, UnsetType) else problem.signature
        verify_signature(manifest.board.key, message, signature)
    except (RecordError, SignatureError) as exc:
        raise ExchangeError(f"board: a refusal that it did not sign: {exc}") from exc
    if problem.election_id != manifest.election_id:
        raise ExchangeError(f"board: a refusal in the election {problem.election_id}")
    if request_body is not None and problem.digest != sha256(request_body).digest():
        raise ExchangeError("board: a refusal of another request")
    return problem

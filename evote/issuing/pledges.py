"""Pledges: each issuer fixes its parts in public before it sees those of another.

Spec: protocol.md §2.10
"""

from collections.abc import Collection, Mapping

from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.fields import Bytes64
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import IssuerPledge, Roll
from crypto.ceremony import issuer_pledge_digest
from crypto.signing import SigningKey
from evote.election.public_log import PublicLog
from evote.errors import BoardStateError, MismatchError


def sign_pledge(manifest: Manifest, issuer_id: str, parts: Collection[bytes], key: SigningKey) -> Envelope:
    """The pledge of an issuer over every S_j that it has drawn."""
    digest = issuer_pledge_digest(manifest.digest, issuer_id, tuple(parts))
    body = IssuerPledge(issuer=issuer_id, digest=Bytes64(digest))
    return sign_body(body.record_type, body, manifest.digest, [key])


def read_pledges(log: PublicLog) -> dict[str, bytes]:
    """Issuer id → digest, as pledged on the board.

    Raises:
        BoardStateError: an issuer's pledge is not under a witnessed checkpoint yet.
        RecordError: a record before the roll that cannot be read, or has other signers.
        crypto.errors.SignatureError: one that a signer did not sign.
    """
    pledges: dict[str, bytes] = {}
    for _, body in log.records():
        if isinstance(body, Roll):
            break
        if isinstance(body, IssuerPledge):
            pledges.setdefault(body.issuer, bytes(body.digest))
    missing = [issuer.id for issuer in log.manifest.issuers if issuer.id not in pledges]
    if missing:
        raise BoardStateError(
            f"board: the pledge of issuer {missing[0]} is not under a witnessed checkpoint yet; "
            "lists are exchanged only after all pledges"
        )
    return pledges


def require_pledged(
    manifest: Manifest, issuer_id: str, parts: Mapping[str, bytes], pledges: Mapping[str, bytes]
) -> None:
    """Check that a list is the one that its issuer pledged.

    Args:
        manifest: of the election.
        issuer_id: whose list it is.
        parts: reference → S_j.
        pledges: from `read_pledges`.

    Raises:
        MismatchError: other parts than pledged.
    """
    if issuer_pledge_digest(manifest.digest, issuer_id, tuple(parts.values())) != pledges[issuer_id]:
        raise MismatchError(f"list of {issuer_id}: not the parts that were pledged on the board")

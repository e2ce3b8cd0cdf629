"""Who signs which record: the table, and nothing else.

Spec: records.md §1.7
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from bulletin_board.errors import RecordError
from bulletin_board.records.ceremony import Answer, Commit, Complaint, Confirm, Pledge, Share
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge
from bulletin_board.records.tally import Decryption, TallyConfirm


@dataclass(frozen=True, slots=True)
class SignerGroup:
    """Of these keys exactly `count` sign."""

    role: str
    keys: frozenset[bytes]
    count: int


def signer_groups(body: Record, manifest: Manifest) -> tuple[SignerGroup, ...]:
    """Who must have signed a body: from each group so many, and nobody else. A ballot has no signers.

    Raises:
        RecordError: the body names a trustee or an issuer that the manifest does not have.
    """
    return _TABLE[body.record_type](body, manifest)


def require_signers(body: Record, manifest: Manifest, keys: Collection[bytes]) -> None:
    """Refuse a set of distinct signers that is not the table's; signatures themselves are not looked at.

    Raises:
        RecordError: a signer is missing, superfluous, or has no say in this record.
    """
    groups = signer_groups(body, manifest)
    for group in groups:
        present = sum(key in group.keys for key in keys)
        if present != group.count:
            wanted = f"{group.count} of the keys of {group.role}"
            raise RecordError(f"{body.record_type}: signed by {present} instead of {wanted}")
    # No key of a manifest has two roles, so the groups are disjoint and their counts add up.
    if len(keys) != sum(group.count for group in groups):
        raise RecordError(f"{body.record_type}: signed by a key that has no say in it")


def _authorities(count: int, manifest: Manifest) -> SignerGroup:
    return SignerGroup(
        "the authorities", frozenset(bytes(party.key) for party in manifest.authorities), count
    )


def _two_authorities(_body: Record, manifest: Manifest) -> tuple[SignerGroup, ...]:
    return (_authorities(2, manifest),)


def _trustee(body: Any, manifest: Manifest) -> tuple[SignerGroup, ...]:
    key = bytes(manifest.trustee(body.trustee).signing_key)
    return (SignerGroup(f"trustee {body.trustee}", frozenset({key}), 1),)


def _issuer(body: Any, manifest: Manifest) -> tuple[SignerGroup, ...]:
    key = bytes(manifest.issuer(body.issuer).key)
    return (SignerGroup(f"issuer {body.issuer}", frozenset({key}), 1),)


def _issuers(_body: Record, manifest: Manifest) -> tuple[SignerGroup, ...]:
    keys = frozenset(bytes(issuer.key) for issuer in manifest.issuers)
    return (SignerGroup("the issuers", keys, len(keys)),)


def _issuers_and_authority(body: Record, manifest: Manifest) -> tuple[SignerGroup, ...]:
    return (*_issuers(body, manifest), _authorities(1, manifest))


def _identity_service(_body: Record, manifest: Manifest) -> tuple[SignerGroup, ...]:
    return (SignerGroup("the identity service", frozenset({bytes(manifest.identity_key)}), 1),)


def _board(_body: Record, manifest: Manifest) -> tuple[SignerGroup, ...]:
    return (SignerGroup("the board", frozenset({bytes(manifest.board.key)}), 1),)


def _nobody(_body: Record, _manifest: Manifest) -> tuple[SignerGroup, ...]:
    return ()


_TABLE: dict[str, Callable[[Any, Manifest], tuple[SignerGroup, ...]]] = {
    "manifest": _two_authorities,
    "open": _two_authorities,
    "close": _two_authorities,
    "notice": _two_authorities,
    **dict.fromkeys(
        (
            kind.record_type
            for kind in (Pledge, Commit, Share, Confirm, Complaint, Answer, TallyConfirm, Decryption)
        ),
        _trustee,
    ),
    IssuerPledge.record_type: _issuer,
    "roll": _issuers,
    "revocation": _issuers_and_authority,
    "reissue": _issuers_and_authority,
    "identified": _identity_service,
    "aggregate": _board,
    "result": _board,
    "ballot": _nobody,
}

"""A new credential in place of a lost one: every issuer draws a new part and proves that it knows its secret.

Spec: protocol.md §2.13
"""

from collections.abc import Mapping

from bulletin_board.records.ceremony import EncodedPossessionProof
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.roll import RollRow
from bulletin_board.records.voting import Reissue
from crypto.errors import CryptoError
from crypto.group import GroupElement
from crypto.possession import PossessionProof, prove_reissue_possession, verify_reissue_possession
from evote.errors import MismatchError
from evote.issuing.credential import DrawnPart, RandomBytes, RollMember
from evote.issuing.files import ReissuePart
from evote.issuing.roll import join_credential


def contribute(
    manifest: Manifest,
    issuer_id: str,
    drawn: DrawnPart,
    *,
    reference: str,
    old: bytes,
    random_bytes: RandomBytes,
) -> ReissuePart:
    """One issuer's new part for a voter, with its proof.

    Args:
        manifest: of the election.
        issuer_id: who contributes.
        drawn: the new part.
        reference: of the voter.
        old: the credential that is replaced.
        random_bytes: for the proof.
    """
    proof = prove_reissue_possession(
        drawn.secret,
        random_bytes(32),
        manifest_digest=manifest.digest,
        issuer_id=issuer_id,
        old_credential=GroupElement.decode(old),
        part=drawn.public,
    )
    return ReissuePart(
        manifest_digest=Bytes32(manifest.digest),
        issuer=issuer_id,
        reference=reference,
        old=Bytes32(old),
        part=Bytes32(drawn.public.encoded),
        proof=EncodedPossessionProof(
            commitment=Bytes32(proof.commitment.encoded), response=Bytes32(proof.response.encoded)
        ),
    )


def join_reissue(manifest: Manifest, old: RollMember, parts: Mapping[str, ReissuePart]) -> Reissue:
    """The record of a reissue.

    Args:
        manifest: of the election.
        old: the row that is replaced.
        parts: the contribution of every issuer, by issuer id.

    Raises:
        MismatchError: a contribution is missing, of another voter or credential, or does not hold.
    """
    ordered = []
    for issuer in manifest.issuers:
        part = parts.get(issuer.id)
        if part is None or part.issuer != issuer.id:
            raise MismatchError(f"reissue of {old.reference}: no part of issuer {issuer.id}")
        if (part.reference, part.old) != (old.reference, old.credential):
            raise MismatchError(
                f"reissue of {old.reference}: the part of {issuer.id} is for another credential"
            )
        ordered.append(part)
    body = Reissue(
        old=Bytes32(old.credential),
        row=RollRow(parts=tuple(part.part for part in ordered), style=old.style, unit=old.node),
        proofs=tuple(part.proof for part in ordered),
    )
    verify_reissue(manifest, body, old)
    return body


def verify_reissue(manifest: Manifest, body: Reissue, old: RollMember) -> bytes:
    """Check a reissue against the row that it replaces; the new credential.

    Raises:
        MismatchError: another style or unit, an old part in the new row, or a proof that does not hold.
    """
    subject = f"reissue of {old.reference}"
    if body.old != old.credential or (body.row.style, body.row.unit) != (old.style, old.node):
        raise MismatchError(f"{subject}: another credential, style or unit")
    if len(body.row.parts) != len(manifest.issuers) or set(body.row.parts) & set(old.parts):
        raise MismatchError(f"{subject}: not all parts are new")
    try:
        for issuer, part, proof in zip(manifest.issuers, body.row.parts, body.proofs, strict=True):
            verify_reissue_possession(
                PossessionProof.decode(proof.commitment, proof.response),
                manifest_digest=manifest.digest,
                issuer_id=issuer.id,
                old_credential=GroupElement.decode(body.old),
                part=GroupElement.decode(part),
            )
    except CryptoError as exc:
        raise MismatchError(f"{subject}: {exc}") from exc
    return join_credential([bytes(part) for part in body.row.parts], old.reference)

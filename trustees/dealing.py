"""Steps 1 to 3 of the key ceremony: pledge, commit, share. Each follows from the secret drawn before.

Spec: protocol.md §2.1 to §2.4
"""

from bulletin_board.records.canonical import jcs
from bulletin_board.records.ceremony import Commit, EncodedPossessionProof, Pledge, Share, ShareBox
from bulletin_board.records.fields import Bytes32, Bytes64, SealedShare
from bulletin_board.records.manifest import Manifest
from crypto.boxes import seal_share
from crypto.ceremony import pledge_digest
from crypto.possession import prove_dealer_possession
from crypto.sharing import coefficient_commitments, deal, share_plaintext
from trustees.ceremony_log import CeremonyLog
from trustees.errors import SecretFileError
from trustees.secret import CeremonySecret, TrusteeSecret


def own_index(secret: TrusteeSecret, manifest: Manifest) -> int:
    """Which trustee of the manifest we are. A trustee that finds other keys than its own pledges nothing.

    Raises:
        SecretFileError: our keys do not stand in the manifest, or only one of the two does.
    """
    for index, trustee in enumerate(manifest.trustees, start=1):
        signing, box = (
            trustee.signing_key == secret.signing_key.public,
            trustee.box_key == secret.box_key.public,
        )
        if signing and box:
            return index
        if signing or box:
            raise SecretFileError("keys-mixed", trustee=index)
    raise SecretFileError("keys-absent")


def commit(ceremony: CeremonySecret, manifest: Manifest) -> Commit:
    """C_ij and the proof of possession of the constant term. Spec: protocol.md §2.2, §2.3"""
    commitments = coefficient_commitments(ceremony.polynomial)
    proof = prove_dealer_possession(
        ceremony.polynomial.coefficients[0],
        ceremony.possession_randomness,
        manifest_digest=manifest.digest,
        trustees=len(manifest.trustees),
        threshold=manifest.threshold,
        trustee_index=ceremony.trustee_index,
        coefficient_commitments=list(commitments),
    )
    return Commit(
        trustee=ceremony.trustee_index,
        coefficient_commitments=tuple(Bytes32(each.encoded) for each in commitments),
        proof=EncodedPossessionProof(
            commitment=Bytes32(proof.commitment.encoded), response=Bytes32(proof.response.encoded)
        ),
    )


def pledge(ceremony: CeremonySecret, manifest: Manifest) -> Pledge:
    """The digest of the commit that comes next. Spec: protocol.md §2.1"""
    body = jcs(commit(ceremony, manifest))
    digest = pledge_digest(manifest.digest, ceremony.trustee_index, body)
    return Pledge(trustee=ceremony.trustee_index, digest=Bytes64(digest))


def share(ceremony: CeremonySecret, log: CeremonyLog) -> Share:
    """One sealed share for every other trustee, once all have committed. Spec: protocol.md §2.4

    Raises:
        NotYetError: a commit is missing.
    """
    log.require_all(Commit)
    manifest, own = log.manifest, ceremony.trustee_index
    boxes = []
    for recipient in log.trustees:
        if recipient == own:
            continue
        ephemeral = ceremony.ephemeral_for(recipient)
        plaintext = share_plaintext(deal(ceremony.polynomial, recipient), manifest.digest)
        box = seal_share(plaintext, manifest.trustee(recipient).box_key, ephemeral)
        boxes.append(
            ShareBox(trustee=recipient, ephemeral_key=Bytes32(ephemeral.public), box=SealedShare(box))
        )
    return Share(trustee=own, boxes=tuple(boxes))

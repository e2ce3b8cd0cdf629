"""The digests that tie an election together: what is pledged, confirmed, and bound into every later proof.

    manifest_digest ─ pledges ─ transcript
                  └── base ─ context          (base: the keys of the trustees; context: these and the roll)

Spec: protocol.md §2.1, §2.5, §2.7, §2.10 and §2.11
"""

from collections.abc import Sequence

from crypto.group import ElementArray, GroupElement
from crypto.hashing import Tag, digest, le64

HASH_SIZE = 32  # SHA-256: leaf hashes, tree roots and the manifest's digest


def pledge_digest(manifest_digest: bytes, trustee_index: int, commit_body_jcs: bytes) -> bytes:
    """What trustee i posts before anyone shows a commitment. Spec: protocol.md §2.1"""
    return digest(Tag.PLEDGE, manifest_digest, le64(trustee_index), commit_body_jcs)


def transcript_digest(leaf_hashes: Sequence[bytes]) -> bytes:
    """What all trustees must have seen alike.

    Args:
        leaf_hashes: of the manifest, the pledges, the commits and the shares, each group in trustee order.

    Spec: protocol.md §2.5
    """
    if any(len(leaf_hash) != HASH_SIZE for leaf_hash in leaf_hashes):
        raise ValueError("transcript: a leaf hash is not 32 bytes")
    return digest(Tag.TRANSCRIPT, b"".join(leaf_hashes))


def election_base(
    manifest_digest: bytes, joint_key: GroupElement, commitments: Sequence[ElementArray]
) -> bytes:
    """The keys of the election in one digest: h and every dealer's commitments, in trustee order.

    Spec: protocol.md §2.7
    """
    packed = ElementArray.concat(commitments).encode()
    return digest(Tag.BASE, manifest_digest, joint_key.encoded, packed)


def issuer_pledge_digest(manifest_digest: bytes, issuer_id: str, parts: Sequence[bytes]) -> bytes:
    """What an issuer posts before it sees the parts of another.

    The encodings of its S_j come in any order and are hashed in ascending order, which tells nothing of the
    voters.

    Spec: protocol.md §2.10
    """
    if any(len(part) != 32 for part in parts):
        raise ValueError("issuer pledge: a credential part is not 32 bytes")
    return digest(Tag.ISSUER_PLEDGE, manifest_digest, issuer_id.encode(), b"".join(sorted(parts)))


def election_context(base: bytes, roll_root: bytes) -> bytes:
    """`ctx`: every proof from the ballots on is bound to it. Spec: protocol.md §2.11"""
    if len(roll_root) != HASH_SIZE:
        raise ValueError("election context: the root of the roll is not 32 bytes")
    return digest(Tag.CONTEXT, base, roll_root)

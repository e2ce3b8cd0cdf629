"""Check 2: the manifest is signed by two authorities, and is the one that was published.

Spec: verification.md §2; records.md §2.1 to §2.3
"""

from __future__ import annotations

from bulletin_board.errors import BoardError
from bulletin_board.records.envelope import Envelope, verify_envelope
from bulletin_board.records.manifest import Manifest
from crypto.errors import CryptoError
from verifier.journal import Journal

_SUBJECT = "entry 0, manifest"


def check_manifest(envelope: Envelope, manifest: Manifest, pinned: bytes | None, journal: Journal) -> None:
    """Run check 2 with the digest that was published elsewhere, if the verifying person has it.

    That the manifest has its one form and is consistent was needed to read it at all.
    """
    journal.expect("manifests", 1)
    journal.ran("manifests")
    try:
        verify_envelope(envelope, manifest)
    except (BoardError, CryptoError) as exc:
        journal.fault(1, _SUBJECT, exc)
    if pinned is None:
        journal.note(
            f"not pinned: compare the manifest digest {manifest.digest.hex()} with the published one"
        )
    elif pinned != manifest.digest:
        journal.fault(2, _SUBJECT, f"its digest is {manifest.digest.hex()}, not {pinned.hex()} as published")

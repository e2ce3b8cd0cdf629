"""What a voter may bring to a verification, as read from files and not yet looked at.

Spec: verification.md §12, §13
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VoterFile:
    """A file with the name by which the report calls it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class VoterFiles:
    """Everything that was brought; usually nothing.

    openings: of checked ballots
    receipts: of cast ones
    unused:   credentials that their holders say they never used, as text
    """

    openings: tuple[VoterFile, ...] = ()
    receipts: tuple[VoterFile, ...] = ()
    unused: tuple[str, ...] = ()

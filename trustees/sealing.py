"""How new sealed files are made: the cost that people choose, and the shortest passphrase.

Spec: protocol.md §1.10
"""

import unicodedata
from enum import StrEnum

from crypto.sealing import FLOOR, MODERATE, SealingParameters

MIN_PASSPHRASE = 8  # characters


class Sealing(StrEnum):
    """What people type for the cost of opening a file."""

    FLOOR = "floor"  # rehearsals and tests
    MODERATE = "moderate"

    @property
    def parameters(self) -> SealingParameters:
        return FLOOR if self is Sealing.FLOOR else MODERATE


def is_too_short(passphrase: str) -> bool:
    """Whether a passphrase is no guard for a new file."""
    # As it is sealed: a letter that a keyboard writes as two counts once.
    return len(unicodedata.normalize("NFC", passphrase)) < MIN_PASSPHRASE

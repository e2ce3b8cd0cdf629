"""Parts at rest open only with their key, and only as the part that they are."""

import pytest

from evote.errors import IdentityError
from evote.identity.sealed_parts import PartSafe, StorageKey
from evote.issuing.credential import IDENTITY, draw_part
from tests.evote.identity.stage import STORAGE_KEY, counted
from tests.evote.kyrgyzstan import manifest

SAFE = PartSafe(STORAGE_KEY, manifest())
PART = draw_part(manifest(), IDENTITY, counted())


def test_part_comes_back_as_it_was() -> None:
    sealed = SAFE.seal(PART)
    assert PART.bits not in sealed
    assert SAFE.open(sealed, PART.public.encoded).bits == PART.bits
    assert SAFE.seal(PART) != sealed


def test_other_key_damage_and_other_voters_are_refused() -> None:
    sealed = SAFE.seal(PART)
    other = draw_part(manifest(), IDENTITY, counted(50))
    with pytest.raises(IdentityError, match="does not open"):
        PartSafe(StorageKey(bytes(32)), manifest()).open(sealed, PART.public.encoded)
    for damaged in (b"", sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(IdentityError, match="does not open"):
            SAFE.open(damaged, PART.public.encoded)
    with pytest.raises(IdentityError, match="belongs to another"):
        SAFE.open(sealed, other.public.encoded)


def test_every_use_has_a_key_of_its_own() -> None:
    keys = {STORAGE_KEY.derive(use) for use in (b"parts", b"subjects", b"one-time codes")}
    assert len(keys) == 3
    assert STORAGE_KEY.master not in keys
    assert "master" not in repr(STORAGE_KEY)

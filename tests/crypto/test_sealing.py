"""Sealed files: vectors, bounds of the parameters, and what does not come out. N50."""

import resource
from pathlib import Path
from typing import Any

import pytest

from crypto import errors, sealing
from crypto.sealing import FLOOR, INTERACTIVE, MODERATE, SealingParameters, seal, sealing_parameters, unseal
from tests.support.vectors import vectors

SALT, NONCE = bytes(range(16)), bytes(range(24))
MEBIBYTE = 1 << 20


@pytest.mark.parametrize("case", vectors("sealed-files"), ids=lambda case: case["id"])
def test_sealed_file_vector(case: dict[str, Any]) -> None:
    file, passphrase = bytes.fromhex(case["input"]["file"]), case["input"]["passphrase"]
    if case["expect"] == "ok":
        assert unseal(file, passphrase).hex() == case["output"]["plaintext"]
    else:
        with pytest.raises(getattr(errors, case["expect"]), match="sealed file: "):
            unseal(file, passphrase)


def test_damage_and_wrong_passphrase_say_the_same() -> None:
    file = seal(b"secret", "right", salt=SALT, nonce=NONCE, parameters=FLOOR)
    with pytest.raises(errors.DecryptionError, match=r"^sealed file: wrong passphrase or damaged file$"):
        unseal(file, "wrong")
    with pytest.raises(errors.DecryptionError, match=r"^sealed file: wrong passphrase or damaged file$"):
        unseal(file[:-1] + bytes([file[-1] ^ 1]), "right")


@pytest.mark.parametrize(
    ("passes", "memory"),
    [
        (1, 64 * MEBIBYTE),
        (17, 64 * MEBIBYTE),
        (0, 0),
        (2, 64 * MEBIBYTE - 1024),
        (2, 1024 * MEBIBYTE + 1024),
        (2, 64 * MEBIBYTE + 512),
        (2**63, 2**63),
    ],
)
def test_parameters_out_of_bounds_are_no_parameters(passes: int, memory: int) -> None:
    with pytest.raises(ValueError, match="sealed file: "):
        SealingParameters(passes, memory)


def test_floor_is_the_one_of_the_specification() -> None:
    assert FLOOR == INTERACTIVE == SealingParameters(2, 64 * MEBIBYTE)
    assert MODERATE.passes > FLOOR.passes
    assert MODERATE.memory > FLOOR.memory


@pytest.mark.parametrize(("salt", "nonce"), [(SALT[1:], NONCE), (SALT, NONCE[1:]), (SALT + b"\0", NONCE)])
def test_salt_and_nonce_of_wrong_size_are_refused(salt: bytes, nonce: bytes) -> None:
    with pytest.raises(ValueError, match="salt is 16 bytes, nonce 24"):
        seal(b"", "passphrase", salt=salt, nonce=nonce, parameters=FLOOR)


def test_missing_memory_is_said_as_such() -> None:
    file = seal(b"secret", "passphrase", salt=SALT, nonce=NONCE, parameters=FLOOR)
    large = file.replace((64 * MEBIBYTE).to_bytes(8, "little"), (1024 * MEBIBYTE).to_bytes(8, "little"), 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 256 * MEBIBYTE, hard))
    try:
        with pytest.raises(MemoryError, match="needs 1024 MiB"):
            unseal(large, "passphrase")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_header_is_as_documented() -> None:
    file = seal(b"secret", "passphrase", salt=SALT, nonce=NONCE, parameters=FLOOR)
    assert file.startswith(b"evote/v1/sealed-file\n" + (2).to_bytes(8, "little"))
    assert file[37:77] == SALT + NONCE
    assert len(file) == 85 + len(b"secret") + 16
    assert len(SALT) == sealing.SALT_SIZE
    assert len(NONCE) == sealing.NONCE_SIZE


def test_a_file_tells_its_cost_without_the_passphrase() -> None:
    parameters = SealingParameters(3, 65 * MEBIBYTE)
    file = seal(b"secret", "passphrase", salt=SALT, nonce=NONCE, parameters=parameters)
    assert sealing_parameters(file) == parameters
    with pytest.raises(errors.EncodingError, match="cut off"):
        sealing_parameters(file[:50])

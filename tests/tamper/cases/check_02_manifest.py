"""Tampered manifests that can still be read."""

from tests.support.ballots import bytes_for
from tests.support.election import World, build_election
from tests.support.sample_manifest import AUTHORITIES, STRANGER
from tests.tamper.harness import Tampered, tampered
from verifier.election import Pins


@tampered("2.1", "signed by 1 instead of 2")
def one_authority() -> World:
    """Only one authority signed the manifest."""
    return build_election(sign={"manifest": AUTHORITIES[:1]})


@tampered("2.1", "signed by 1 instead of 2")
def stranger_signs() -> World:
    """A stranger signed in place of the second authority."""
    return build_election(sign={"manifest": (AUTHORITIES[0], STRANGER)})


@tampered("2.1", "signed by 3 instead of 2")
def three_authorities() -> World:
    """A signature more than there may be."""
    return build_election(sign={"manifest": AUTHORITIES})


@tampered("2.1", "signature: does not verify")
def broken_signature() -> World:
    """One bit of a signature."""

    def change(entry: bytes, _: World) -> bytes:
        place = entry.index(b'"signature":"') + 20
        return entry[:place] + (b"A" if entry[place : place + 1] != b"A" else b"B") + entry[place + 1 :]

    return build_election(wrap={"manifest": change})


@tampered("2.2", "as published")
def other_manifest() -> Tampered:
    """N71: a whole election of another manifest than the published one."""
    return Tampered(build_election().files, Pins(manifest_digest=bytes_for("published")))

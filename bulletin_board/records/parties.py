"""Who takes part in an election, and with which keys.

Ed25519 keys sign; a trustee's X25519 box key receives dealt shares.

Spec: records.md §2.1
"""

from typing import Annotated

from msgspec import Meta

from bulletin_board.records.fields import Bytes32, Identifier, Text
from bulletin_board.records.record import Part

# A name in signed notes: visible ASCII without the plus sign, which ends the name in a key's text form.
KeyName = Annotated[str, Meta(pattern=r"\A[!-*,-~]{1,255}\Z")]
# `host/path`: no scheme, no empty step, no slash at the end.
Origin = Annotated[str, Meta(pattern=r"\A(?=.{3,255}\Z)[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)+\Z")]
# A relative path with `/` between its steps, none of which is `.` or `..`.
_STEP = r"(?!\.{1,2}(/|\Z))[A-Za-z0-9._@~-]+"
ReleasePath = Annotated[str, Meta(pattern=rf"\A(?=.{{1,255}}\Z){_STEP}(/{_STEP})*\Z")]


class Authority(Part):
    """One of those who run the election; two sign together."""

    name: Text
    key: Bytes32


class Trustee(Part):
    """Holder of one share of the key. Its index is its place in the manifest, from 1."""

    name: Text
    signing_key: Bytes32
    box_key: Bytes32


class Issuer(Part):
    """Gives every voter one part of the credential."""

    id: Identifier
    name: Text
    key: Bytes32


class Board(Part):
    """The log: its origin is its name in signed notes."""

    origin: Origin
    key: Bytes32


class Witness(Part):
    """Cosigns checkpoints under this name."""

    name: KeyName
    key: Bytes32


class ReleaseFile(Part):
    """One file of the voting client, as voters' browsers must receive it."""

    path: ReleasePath
    sha256: Bytes32

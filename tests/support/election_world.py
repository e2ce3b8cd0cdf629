"""The state of the sample election while it is run: what stands on its log, and everyone's secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bulletin_board.log.addenda import encode_entry
from bulletin_board.records.bulk import BulkRecord, fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import sign_record
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll, RollRow
from bulletin_board.records.tally import (
    Aggregate,
)
from crypto.ballot_encryption import EncryptedBallot
from crypto.boxes import BoxSecretKey
from crypto.credential import CredentialSecret, join_parts
from crypto.decryption import PartialDecryption
from crypto.group import ElementArray, GroupElement, Scalar
from crypto.sharing import (
    Polynomial,
    joint_key,
)
from crypto.signing import SigningKey
from tests.support.small_board import MemoryFiles, SmallBoard

Bend = Callable[[Any, "World"], Any]  # (body, world) → the body to post instead


@dataclass
class World:
    """Everything of the election so far, secrets of all sides included. `build_election` tells of the hooks."""

    manifest: Manifest
    board: SmallBoard
    bend: Mapping[str, Bend | None]
    before: Mapping[str, Callable[[World], object]]
    wrap: Mapping[str, Callable[[bytes, World], bytes]]
    sign: Mapping[str, Sequence[SigningKey]] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)  # name of a step → entry_index
    polynomials: list[Polynomial] = field(default_factory=list)
    commitments: list[ElementArray] = field(default_factory=list)
    boxes: dict[tuple[int, int], BoxSecretKey] = field(default_factory=dict)  # (dealer, recipient)
    parts: dict[str, tuple[Scalar, ...]] = field(default_factory=dict)  # voter → s_j
    rows: list[RollRow] = field(default_factory=list)
    base: bytes = b""
    context: bytes = b""
    encrypted: dict[str, EncryptedBallot] = field(default_factory=dict)  # by step
    heads: dict[bytes, bytes] = field(default_factory=dict)  # S → ballot digest
    places: dict[bytes, tuple[str, str]] = field(default_factory=dict)  # S → style, unit
    ended: set[bytes] = field(default_factory=set)  # credentials that are revoked or replaced
    size_in_time: int = 0  # m
    aggregates: list[Aggregate] = field(default_factory=list)
    partials: list[PartialDecryption] = field(default_factory=list)

    @property
    def files(self) -> MemoryFiles:
        return MemoryFiles(self.board.files())

    @property
    def key(self) -> GroupElement:
        return joint_key(self.commitments)

    def secret(self, voter: str) -> CredentialSecret:
        return join_parts(self.parts[voter])

    def post(self, step: str, body: Record, keys: Sequence[SigningKey] = ()) -> Record | None:
        """Log a body under the name of a step, as the bends of this step will have it."""
        if step in self.before:
            self.before[step](self)
        if step in self.bend:
            bend = self.bend[step]
            if bend is None:
                return None
            body = bend(body, self)
        addenda: Mapping[bytes, bytes] = {}
        if isinstance(body, BulkRecord) and not body.addenda():
            body, addenda = fold(body)
        self.index[step] = self.log(body, self.sign.get(step, keys), addenda, step)
        return body

    def log(
        self,
        body: Record,
        keys: Sequence[SigningKey],
        addenda: Mapping[bytes, bytes] | None = None,
        step: str = "",
    ) -> int:
        """Log a body with these signatures, whatever it is."""
        digest = body.digest if isinstance(body, Manifest) else self.manifest.digest
        signatures = sorted((sign_record(body, digest, key) for key in keys), key=lambda each: each.key)
        refs = body.addenda() if isinstance(body, BulkRecord | Roll) else ()
        content = jcs({"body": body, "signatures": signatures, "type": body.record_type})
        entry = encode_entry(content, tuple(bytes(ref.sha256) for ref in refs))
        if step in self.wrap:
            entry = self.wrap[step](entry, self)
        return self.board.append(entry, addenda)

    def publish(self, now: int | None = None) -> str:
        self.board.now += 10
        return self.board.publish(now=now)

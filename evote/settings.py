"""What a server is started with, checked before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from bulletin_board.envelope_file import load_manifest, read_envelope
from bulletin_board.log.note import NoteKey
from bulletin_board.policy import BoardPolicy
from bulletin_board.records.envelope import Envelope
from bulletin_board.records.manifest import Manifest
from crypto.signing import SigningKey
from evote.errors import SettingsError
from evote.keys import Role, RoleKey

# The name of a witness may hold `=` itself; its address begins with the first scheme.
_WITNESS = re.compile(r"(?P<name>[^\s+]+?)=(?P<url>https?://[^\s]+)")


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """Where a witness of the manifest answers."""

    key: NoteKey
    url: str

    @classmethod
    def parse(cls, text: str, manifest: Manifest) -> WitnessAddress:
        """From `NAME=URL`.

        Raises:
            SettingsError: another form, or the manifest has no witness of this name.
        """
        match = _WITNESS.fullmatch(text)
        if not match:
            raise SettingsError(f"witness {text}: not NAME=URL")
        for key in BoardPolicy.of(manifest).witness_keys:
            if key.name == match["name"]:
                return cls(key, match["url"])
        raise SettingsError(f"witness {match['name']}: not in the manifest")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A voting server with its board."""

    manifest: Manifest
    manifest_envelope: Envelope  # becomes entry 0
    board_key: SigningKey = field(repr=False)
    board_db: Path
    grants_db: Path
    witnesses: tuple[WitnessAddress, ...]
    verify_workers: int = 0  # processes; 0 for one thread

    @classmethod
    def gather(
        cls,
        manifest_file: Path,
        board_key: RoleKey,
        *,
        board_db: Path,
        grants_db: Path,
        witnesses: tuple[str, ...],
        verify_workers: int,
    ) -> ServerSettings:
        """Put settings together from files and options.

        Raises:
            RecordError: the manifest's file.
            crypto.errors.SignatureError: a signature of the manifest.
            KeyFileError: a key for something else than a board.
            SettingsError: the key or a witness is not of this manifest, or too few witnesses.
        """
        manifest = load_manifest(manifest_file)
        board_key.require_role(Role.BOARD)
        if board_key.signing_key.public != manifest.board.key:
            raise SettingsError(f"key of {board_key.name}: the manifest names another key for its board")
        addresses = tuple(WitnessAddress.parse(text, manifest) for text in witnesses)
        distinct = len({address.key.name for address in addresses})
        if distinct != len(addresses) or distinct < manifest.witness_quorum:
            raise SettingsError(
                f"witnesses: {distinct} different ones given, {manifest.witness_quorum} must cosign"
            )
        return cls(
            manifest=manifest,
            manifest_envelope=read_envelope(manifest_file),
            board_key=board_key.signing_key,
            board_db=board_db,
            grants_db=grants_db,
            witnesses=addresses,
            verify_workers=verify_workers,
        )

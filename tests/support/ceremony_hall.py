"""Trustees at work with the real program and real sealed files, by files alone, around a board in memory.

    hall = Hall.open(folder, trustees=3, threshold=2)
    hall.run_ceremony()
    hall.vote()
    hall.take("tally-confirm", 1)

What a trustee writes is carried to the board by `carry`, as a person with a stick would.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

from bulletin_board.envelope_file import read_addenda, read_envelope
from bulletin_board.log.addenda import decode_entry
from bulletin_board.records.ceremony import Commit
from bulletin_board.records.envelope import decode_record, encode_record, verify_envelope
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from crypto.group import ElementArray
from tests.support.election import EXTENDED, run_close, run_roll, run_voting
from tests.support.election_tally import make_aggregate
from tests.support.election_world import World
from tests.support.sample_manifest import (
    ANSWERS_BY,
    AUTHORITIES,
    BOARD,
    BOARD_KEY,
    GRACE,
    WITNESSES,
    manifest_json,
    manifest_of,
)
from tests.support.small_board import SmallBoard, write_folder
from trustees.cli import program
from trustees.secret import TrusteeSecret
from trustees.store import SecretStore

PASSPHRASE = "ак калпак, кара чапан"
STEPS = ("pledge", "commit", "share", "confirm")
AFTER_CLOSE = EXTENDED + GRACE + 1_000


@dataclass(frozen=True)
class Run:
    """What one run of the program came to."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass
class Hall:
    """Homes of the trustees, the stick between them and the board, and the election on the board."""

    folder: Path
    world: World
    homes: tuple[Path, ...]
    now: int = AFTER_CLOSE  # by the trustees' clocks
    runs: list[Run] = field(default_factory=list)  # everything that any run has said

    @classmethod
    def open(cls, folder: Path, *, trustees: int, threshold: int, **changes: Any) -> Hall:
        """Keys of the trustees made by the program, and a manifest with them on the board.

        Args:
            changes: of the sample manifest.
        """
        (folder / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")
        homes = tuple(folder / f"trustee-{place}" for place in range(1, trustees + 1))
        cards = [make_keys(folder, home) for home in homes]
        plain = manifest_json() | {"training": True, "threshold": threshold} | changes
        plain["trustees"] = [
            {"name": card["name"], "signing_key": card["key"], "box_key": card["box_key"]} for card in cards
        ]
        hall = cls(folder, cls.world_with(manifest_of(plain)), homes)
        hall.publish_manifest()
        return hall

    @staticmethod
    def world_with(manifest: Manifest) -> World:
        """An election of which nothing is on the board yet."""
        board = SmallBoard(BOARD, WITNESSES, ANSWERS_BY - 10_000)
        return World(manifest, board, bend={}, before={}, wrap={}, sign={})

    def publish_manifest(self) -> None:
        self.world.post("manifest", self.manifest, AUTHORITIES[:2])
        self.world.publish()

    @property
    def manifest(self) -> Manifest:
        return self.world.manifest

    @property
    def board(self) -> SmallBoard:
        return self.world.board

    @property
    def everyone(self) -> range:
        return range(1, len(self.homes) + 1)

    def copy(self, folder: Path) -> Hall:
        """The same in another folder, so that a test may go on from here alone."""
        copytree(self.folder, folder, dirs_exist_ok=True, ignore=ignore_patterns("record-*"))
        board = replace(self.board, **_containers(self.board))
        world = replace(self.world, board=board, **_containers(self.world))
        homes = tuple(folder / home.name for home in self.homes)
        return replace(self, folder=folder, world=world, homes=homes, runs=list(self.runs))

    def stick(self) -> Path:
        """The newest published record in a folder of its own."""
        count = sum(1 for _ in self.folder.glob("record-*"))
        return write_folder(self.board.files(), self.folder / f"record-{count}")

    def run(self, command: str, trustee: int, *extra: object, board: object = None, digest: str = "") -> Run:
        """One command of a trustee on the newest record."""
        pinned = digest or self.manifest.digest.hex()
        done = run(
            *(command, "--home", self.homes[trustee - 1], "--board", board or self.stick()),
            *("--manifest-digest", pinned, "--passphrase-file", self.folder / "passphrase", *extra),
            now=self.now,
        )
        self.runs.append(done)
        return done

    def refuse(self, command: str, trustee: int, *extra: object, board: object = None, code: int = 1) -> str:
        """One command that must not be obeyed; what it says."""
        out = self.folder / "refused.json"
        done = self.run(command, trustee, *extra, "--out", out, board=board)
        assert done.code == code, done.text
        assert not out.exists()
        return done.err

    def out(self, command: str, trustee: int) -> Path:
        return self.folder / f"{command}-{trustee}.json"

    def take(self, command: str, trustee: int, *extra: object) -> Run:
        """One step of a trustee, its record carried to the board."""
        done = self.run(command, trustee, *extra, "--out", self.out(command, trustee))
        assert done.code == 0, done.text
        self.carry(self.out(command, trustee))
        return done

    def take_all(self, command: str, trustees: Iterable[int] = ()) -> None:
        """One step of several trustees."""
        for trustee in trustees or self.everyone:
            self.take(command, trustee)

    def carry(self, file: Path) -> int:
        """Bring a file to the board, which looks at its signatures and publishes it."""
        envelope = read_envelope(file)
        verify_envelope(envelope, self.manifest)
        index = self.board.append(encode_record(envelope), read_addenda(file, envelope.body))
        self.world.publish()
        return index

    def body(self, command: str, trustee: int) -> Any:
        """What a trustee's step wrote."""
        return read_envelope(self.out(command, trustee)).body

    def body_at(self, step: str) -> Any:
        """What the board has logged under the name of a step."""
        return decode_record(self.board.entries[self.world.index[step]]).body

    def post(self, body: Record, trustee: int) -> int:
        """Something signed with a trustee's key and brought to the board past its program."""
        index = self.world.log(body, [self.secret(trustee).signing_key])
        self.world.publish()
        return index

    def store(self, trustee: int) -> SecretStore:
        return SecretStore(self.homes[trustee - 1], PASSPHRASE)

    def secret(self, trustee: int) -> TrusteeSecret:
        return self.store(trustee).load()

    def change_secret(self, trustee: int, change: Callable[[TrusteeSecret], TrusteeSecret]) -> None:
        """What a damaged or dishonest program would have in its file."""
        self.store(trustee).save(change(self.secret(trustee)))

    def run_ceremony(self, until: str = "confirm") -> None:
        """All steps by all trustees, through the one named."""
        for step in STEPS[: STEPS.index(until) + 1]:
            self.take_all(step)

    def make_key(self) -> None:
        """Tell the electorate what the ceremony has made."""
        commits = [self.body("commit", trustee) for trustee in self.everyone]
        self.world.commitments = [_elements(commit) for commit in commits]
        self.world.base = bytes(self.body("confirm", 1).base)

    def rewind(self, step: str) -> None:
        """The board as it was published before a step."""
        size = self.world.index[step]
        del self.board.entries[size:]
        self.board.kept[:] = [note for note in self.board.kept if size_of(note) <= size]
        assert size_of(self.board.kept[-1]) == size
        named = {digest for entry in self.board.entries for digest in decode_entry(entry)[1]}
        for digest in self.board.addenda.keys() - named:
            del self.board.addenda[digest]

    def vote(self) -> None:
        """The electorate, the ballots, and the close; the key is made."""
        run_roll(self.world)
        run_voting(self.world)
        run_close(self.world)

    def add_up(self) -> None:
        """The sums of an honest board."""
        self.world.post("aggregate", make_aggregate(self.world), [BOARD_KEY])
        self.world.publish()


def size_of(note: bytes) -> int:
    """The tree size that a signed checkpoint is of."""
    return int(note.split(b"\n")[1])


def run(*arguments: object, now: int = AFTER_CLOSE, language: str = "en") -> Run:
    """The program in this process, its output caught."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = program([str(each) for each in arguments], {"EVOTE_LANGUAGE": language}, lambda: now)
    return Run(code, out.getvalue(), err.getvalue())


def make_keys(folder: Path, home: Path) -> dict[str, str]:
    """A trustee's card."""
    name = home.name.replace("-", " ").title()
    passphrase = ("--passphrase-file", folder / "passphrase", "--sealing", "floor")
    done = run("init", "--home", home, "--name", name, *passphrase)
    assert done.code == 0, done.text
    card: dict[str, str] = json.loads((home / "trustee.card.json").read_text(encoding="utf-8"))
    return card


def _containers(value: Any) -> dict[str, Any]:
    """Copies of what changes in place."""
    names = (each.name for each in fields(value))
    return {
        name: getattr(value, name).copy()
        for name in names
        if isinstance(getattr(value, name), dict | list | set)
    }


def _elements(commit: Commit) -> ElementArray:
    return ElementArray.decode(b"".join(commit.coefficient_commitments))

"""A real board on a file database, with real witnesses, driven by a clock that tests hold in their hands.

The records are those of the sample election, in form; roll rows are real credentials, because the board adds
up their parts.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bulletin_board.cosigning import CosignatureSource, WitnessLink
from bulletin_board.errors import ExchangeError
from bulletin_board.log.cosignature import Cosigner
from bulletin_board.log.note import KeyType, NoteKey, NoteSigner
from bulletin_board.outcome import Acknowledged
from bulletin_board.records.ballot import NO_PREVIOUS, BallotBody
from bulletin_board.records.bulk import Bulk
from bulletin_board.records.ceremony import Commit, Confirm, Pledge, Share, ShareBox
from bulletin_board.records.envelope import encode_record, sign_body
from bulletin_board.records.fields import Bytes32, Bytes64, SealedShare
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import IssuerPledge, RollRow, encode_roll
from bulletin_board.records.voting import Close, Open
from bulletin_board.sequencer import BeatReport, Sequencer
from bulletin_board.store.port import Refusal
from bulletin_board.store.sql import SqlBoardStore
from bulletin_board.witness import Witness, WitnessAnswer
from crypto.credential import join_public, part_public
from crypto.group import GroupElement
from crypto.scalar import Scalar
from tests.bulletin_board.memory_witness_store import MemoryWitnessStore
from tests.support import records
from tests.tools.vector_files import drawn

SCHEDULE = records.MANIFEST.schedule
SETUP_TIME = SCHEDULE.opens_at - 3_600
CIPHERTEXTS = 9  # of the style "city"


@dataclass(slots=True)
class LiveWitness:
    """A witness in this process that can be cut off, and whose clock can be wrong."""

    board: "LiveBoard"
    place: int
    store: MemoryWitnessStore = field(default_factory=MemoryWitnessStore)
    reachable: bool = True
    clock_error: int = 0
    asked: int = 0

    @property
    def name(self) -> str:
        return self.board.manifest.witnesses[self.place].name

    def ask(self, body: bytes) -> WitnessAnswer:
        self.asked += 1
        if not self.reachable:
            raise ExchangeError(f"witness {self.name}: cut off")
        trusted = {self.board.manifest.board.origin: (self.board.log_key,)}
        witness = Witness(Cosigner(self.name, records.WITNESSES[self.place]), trusted, self.store)
        return witness.add_checkpoint(body, now=self.board.now + self.clock_error)

    def link(self) -> CosignatureSource:
        key = NoteKey(self.name, KeyType.COSIGNATURE, records.WITNESSES[self.place].public)
        return WitnessLink(key, self.ask)


class LiveBoard:
    """One board from its first entry on. `restart` throws away everything but the database."""

    def __init__(self, folder: Path, manifest: Manifest = records.MANIFEST) -> None:
        self.database = folder / "board.db"
        self.url = f"sqlite:///{self.database}"
        self.manifest = manifest
        self.now = SETUP_TIME
        self.signer = NoteSigner(manifest.board.origin, records.BOARD)
        self.log_key = self.signer.key
        self.witnesses = [LiveWitness(self, place) for place in range(len(manifest.witnesses))]
        self.voters: list[RollRow] = []
        self.draws = count()
        self.store = SqlBoardStore.open(self.url)
        self.sequencer = self._sequencer()
        self.sequencer.start()

    def copy(self, folder: Path) -> "LiveBoard":
        """Another board that has come as far as this closed one."""
        shutil.copyfile(self.database, folder / self.database.name)
        twin = LiveBoard(folder, self.manifest)
        twin.now, twin.voters = self.now, list(self.voters)
        for witness, original in zip(twin.witnesses, self.witnesses, strict=True):
            known = original.store.latest(self.manifest.board.origin)
            if known:
                witness.store.advance(self.manifest.board.origin, old_size=0, new=known)
        return twin

    def restart(self) -> None:
        """As after a crash: nothing is left but the database."""
        self.close()
        self.store = SqlBoardStore.open(self.url)
        self.sequencer = self._sequencer()
        self.sequencer.start()

    def close(self) -> None:
        self.sequencer.close()
        self.store.close()

    def _sequencer(self) -> Sequencer:
        links = [witness.link() for witness in self.witnesses]
        return Sequencer(self.store, signer=self.signer, witnesses=links)

    def entry(self, body: Record) -> bytes:
        keys = () if isinstance(body, BallotBody) else records.signers_of(body)
        return encode_record(sign_body(body.record_type, body, self.manifest.digest, keys))

    def submit(self, body: Record, addenda: Iterable[bytes] = ()) -> bytes:
        return self.sequencer.submit(self.entry(body), addenda, now=self.now)

    def beat(self, seconds: int = 2) -> BeatReport:
        self.now += seconds
        return self.sequencer.beat(self.now)

    def post(self, *bodies: Record, addenda: Iterable[bytes] = ()) -> list[bytes]:
        """Submit and have them acknowledged."""
        hashes = [self.submit(body, addenda) for body in bodies]
        self.beat()
        for leaf_hash, body in zip(hashes, bodies, strict=True):
            outcome = self.sequencer.outcome(leaf_hash)
            assert isinstance(outcome, Acknowledged), (body.record_type, outcome)
        return hashes

    def refusal(self, body: Record, addenda: Iterable[bytes] = ()) -> Refusal:
        """Submit, beat, and say why it was refused."""
        leaf_hash = self.submit(body, addenda)
        self.beat()
        outcome = self.sequencer.outcome(leaf_hash)
        assert isinstance(outcome, Refusal), outcome
        return outcome

    def note(self) -> str:
        with self.store.snapshot() as tables:
            newest = tables.log.newest_checkpoint()
        assert newest
        return newest.note.decode()

    # The steps of an election, each up to the point where the next may begin.

    def found(self) -> None:
        self.post(self.manifest)

    def hold_ceremony(self) -> None:
        for kind in (pledge, commit, share, confirm):
            self.post(*(kind(trustee) for trustee in (1, 2, 3)))

    def enrol(self, voters: Sequence[RollRow]) -> None:
        self.post(*(IssuerPledge(issuer=name, digest=records.b64(name)) for name in records.ISSUERS))
        self.voters = sorted(voters, key=credential_of)
        roll, addenda = encode_roll(self.voters)
        self.post(roll, addenda=addenda.values())

    def open(self) -> None:
        self.now = max(self.now, SCHEDULE.opens_at)
        self.beat()
        self.post(Open(checkpoint=self.note()))

    def until_open(self, voters: int = 4) -> "LiveBoard":
        self.found()
        self.hold_ceremony()
        self.enrol([voter(place) for place in range(voters)])
        self.open()
        return self

    def close_voting(self) -> None:
        bound = SCHEDULE.closes_at + SCHEDULE.grace
        self.now = bound - 2
        self.beat(0)
        note = self.note()
        self.now = bound + 1
        self.post(Close(checkpoint=note))

    def ballot(
        self,
        place: int,
        *,
        previous: bytes = NO_PREVIOUS,
        ciphertexts: bytes | None = None,
        style: str = "city",
        election_id: str | None = None,
    ) -> BallotBody:
        label = f"ballot {next(self.draws)}"
        return BallotBody(
            version="evote/v1",
            election_id=election_id or self.manifest.election_id,
            style=style,
            credential=Bytes32(credential_of(self.voters[place])),
            previous=Bytes64(previous),
            ciphertexts=Bulk(ciphertexts or drawn(label, 64 * CIPHERTEXTS)),
            proof=Bulk(drawn(f"{label} proof", 1_440)),
        )


def voter(place: int | str, *, style: str = "city", unit: str = "north-1") -> RollRow:
    """A row with parts of its own."""
    parts = tuple(
        Bytes32(part_public(Scalar.from_digest(drawn(f"voter {place} {issuer}", 64))).encoded)
        for issuer in records.ISSUERS
    )
    return RollRow(parts=parts, style=style, unit=unit)


def credential_of(row: RollRow) -> bytes:
    return join_public([GroupElement.decode(part) for part in row.parts]).encoded


def pledge(trustee: int) -> Pledge:
    return Pledge(trustee=trustee, digest=records.b64(f"pledge {trustee}"))


def commit(trustee: int) -> Commit:
    commitments = tuple(records.b32(f"C {trustee} {place}") for place in range(2))
    return Commit(trustee=trustee, coefficient_commitments=commitments, proof=records.PROOF)


def share(trustee: int) -> Share:
    boxes = tuple(
        ShareBox(
            trustee=other,
            ephemeral_key=records.b32(f"ephemeral {trustee} {other}"),
            box=SealedShare(drawn(f"box {trustee} {other}", 96)),
        )
        for other in (1, 2, 3)
        if other != trustee
    )
    return Share(trustee=trustee, boxes=boxes)


def confirm(trustee: int) -> Confirm:
    return Confirm(trustee=trustee, base=records.b64("base"), transcript=records.b64("transcript"))

"""Asking witnesses for cosignatures, from the board's side: all at once, and no longer than needed.

Spec: board.md §2.2, §2.5; c2sp.org/tlog-witness
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Protocol

from bulletin_board.errors import BoardError, ExchangeError
from bulletin_board.log.checkpoint import Checkpoint
from bulletin_board.log.note import NoteKey, NoteSignature, SignedNote
from bulletin_board.witness import (
    TREE_SIZE,
    WitnessAnswer,
    decode_cosignatures,
    decode_tree_size,
    encode_add_checkpoint,
)

Prove = Callable[[int], tuple[bytes, ...]]  # old size → consistency proof to the checkpoint asked about

_MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """What witnesses are asked to cosign, with the proofs that it continues smaller ones."""

    checkpoint: Checkpoint
    note: SignedNote  # with the board's signature
    prove: Prove


class CosignatureSource(Protocol):
    """One witness, wherever it runs."""

    @property
    def name(self) -> str:
        """Its key name in the manifest."""
        ...

    def cosign(self, signed: SignedCheckpoint) -> NoteSignature:
        """The witness's line under the checkpoint.

        Raises:
            BoardError: there is none, for whatever reason.
        """
        ...


class WitnessLink:
    """A witness behind some way to ask it: HTTP, or a witness in this process."""

    def __init__(self, key: NoteKey, ask: Callable[[bytes], WitnessAnswer]) -> None:
        """
        Args:
            key: of type 0x04.
            ask: sends one add-checkpoint request; raises ExchangeError if no answer comes.
        """
        self._key = key
        self._ask = ask
        self._known_size = 0  # of the last checkpoint that it cosigned, as far as we know

    @property
    def name(self) -> str:
        """Its key name in the manifest."""
        return self._key.name

    def cosign(self, signed: SignedCheckpoint) -> NoteSignature:
        """The witness's line under the checkpoint, verified.

        Raises:
            ExchangeError: it cannot be reached, refuses, or has cosigned a larger tree.
            RecordError, NoteError: it answers with something else than its cosignature.
        """
        size, note_text = signed.checkpoint.tree_size, signed.note.to_text()
        for _ in range(_MAX_TRIES):
            proof = signed.prove(self._known_size)
            answer = self._ask(encode_add_checkpoint(self._known_size, proof, note_text))
            if answer.status == HTTPStatus.OK:
                (line,) = decode_cosignatures(answer.body, self._key, checkpoint_text=signed.note.text)
                self._known_size = size
                return line
            # Some servers add a charset of their own accord.
            media_type = answer.content_type.partition(";")[0]
            if answer.status != HTTPStatus.CONFLICT or media_type != TREE_SIZE:
                raise ExchangeError(f"witness {self.name}: answers {answer.status}")
            known_size = decode_tree_size(answer.body)
            if known_size > size:
                # Either it is wrong, or this board has lost entries that it once signed.
                raise ExchangeError(f"witness {self.name}: has cosigned size {known_size}, beyond our {size}")
            self._known_size = known_size
        raise ExchangeError(f"witness {self.name}: says a new size each time")


@dataclass(frozen=True, slots=True)
class CosigningFailure:
    """Which witness did not cosign, and why."""

    witness: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cosigning:
    """What came of one round."""

    lines: tuple[NoteSignature, ...] = ()
    failures: tuple[CosigningFailure, ...] = ()


@dataclass(slots=True)
class WitnessPool:
    """All witnesses of one board, asked in parallel.

    Once a quorum has answered, the others have `patience` seconds more; without one, the round ends after
    `deadline` seconds. A witness that still works on an earlier round is left out of the next.
    """

    sources: Sequence[CosignatureSource]
    patience: float = 0.25
    deadline: float = 10.0
    _threads: ThreadPoolExecutor = field(init=False, repr=False)
    _working: dict[str, Future[NoteSignature]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(max(1, len(self.sources)), thread_name_prefix="cosign")

    def close(self) -> None:
        """Let go of the threads; what they still do has no effect."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def collect(self, signed: SignedCheckpoint, *, quorum: int) -> Cosigning:
        """Ask every witness once."""
        failures: list[CosigningFailure] = []
        asked: dict[Future[NoteSignature], str] = {}
        for source in self.sources:
            earlier = self._working.get(source.name)
            if earlier and not earlier.done():
                failures.append(CosigningFailure(source.name, "still busy with an earlier checkpoint"))
                continue
            future = self._threads.submit(source.cosign, signed)
            self._working[source.name] = future
            asked[future] = source.name
        lines: list[NoteSignature] = []
        waiting = set(asked)
        end = monotonic() + self.deadline
        while waiting:
            done, waiting = wait(waiting, max(0.0, end - monotonic()), return_when=FIRST_COMPLETED)
            if not done:
                break
            for future in done:
                try:
                    lines.append(future.result())
                except BoardError as exc:
                    failures.append(CosigningFailure(asked[future], str(exc)))
            if len(lines) >= quorum > len(lines) - len(done):
                end = min(end, monotonic() + self.patience)
        late = sorted(asked[future] for future in waiting)
        failures += [CosigningFailure(name, "no answer in time") for name in late]
        return Cosigning(tuple(lines), tuple(failures))

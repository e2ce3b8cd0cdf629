"""Writing the letters: first the page is on the disk, then the public part is in the database.

The bits of a code live from the draw to the page, and nowhere else. Whatever interrupts the work, a voter
whose public part is not noted gets a new code, and the new letter takes the place of the old one.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bulletin_board.durable_file import make_private_folder, write_durably
from bulletin_board.records.manifest import Manifest
from evote.issuing.credential import REGISTRAR, DrawnPart, RandomBytes, draw_part
from evote.registrar.letters import Letter
from evote.registrar.voter import Voter

BATCH = 100  # letters per commit; so many are written again after a crash


class PartLedger(Protocol):
    """What issuing needs of the registrar's memory."""

    def voters_without_part(self) -> tuple[Voter, ...]: ...

    def keep_parts(self, parts: Mapping[str, bytes]) -> None: ...


class Press(Protocol):
    """What issuing needs of `LetterPress`."""

    def set_letter(self, voter: Voter, code_bits: bytes) -> Letter: ...


def issue_letters(
    ledger: PartLedger, press: Press, manifest: Manifest, folder: Path, random_bytes: RandomBytes
) -> Iterator[int]:
    """Write a letter for everybody who has none yet; yields how many are done, batch by batch."""
    make_private_folder(folder)
    done = 0
    for batch in _batches(ledger.voters_without_part()):
        drawn = {voter.reference: draw_part(manifest, REGISTRAR, random_bytes) for voter in batch}
        for voter in batch:
            write_letter(press, voter, drawn[voter.reference], folder)
        ledger.keep_parts({reference: part.public.encoded for reference, part in drawn.items()})
        done += len(batch)
        yield done


def write_letter(press: Press, voter: Voter, part: DrawnPart, folder: Path) -> Path:
    """Put one letter on the disk, durably, over an earlier one of the same voter."""
    letter = press.set_letter(voter, part.bits)
    path = folder / letter.file_name
    write_durably(path, letter.pdf)
    return path


def _batches(voters: Sequence[Voter]) -> Iterator[Sequence[Voter]]:
    for start in range(0, len(voters), BATCH):
        yield voters[start : start + BATCH]

"""Check 12: a checked ballot holds what the voter chose, and was never cast.

Spec: verification.md §12; protocol.md §7.1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bulletin_board.errors import RecordError
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.openings import CheckedBallotOpening, decode_opening
from crypto.elgamal import CiphertextArray
from crypto.errors import CryptoError
from crypto.group import GroupElement
from crypto.opening import CheckedBallot
from verifier.checks.check_04_ceremony import CeremonyView
from verifier.checks.check_05_roll import RollView
from verifier.journal import Journal
from verifier.voter_files import VoterFile


def check_openings(
    files: Sequence[VoterFile],
    codes: Mapping[str, int],
    ceremony: CeremonyView,
    roll: RollView,
    manifest: Manifest,
    language: str,
    journal: Journal,
) -> None:
    """Run check 12; `codes` gives the entry_index of every ballot on the log by its tracking code."""
    for file in files:
        journal.ran("openings")
        try:
            opening = decode_opening(file.content)
            selections = _open(opening, ceremony, roll, manifest)
        except (RecordError, CryptoError) as exc:
            journal.fault(1, file.name, exc)
            continue
        code = opening.tracking_code
        journal.note(
            f"{file.name}: checked ballot {code} holds: {_choices(opening, selections, manifest, language)}"
        )
        if code in codes:
            journal.fault(2, file.name, f"ballot {code} was cast: it is entry {codes[code]}")


def _open(
    opening: CheckedBallotOpening, ceremony: CeremonyView, roll: RollView, manifest: Manifest
) -> tuple[int, ...]:
    if opening.election_id != manifest.election_id:
        raise RecordError("of another election")
    manifest.style(opening.style)
    checked = CheckedBallot(
        manifest.shape(opening.style),
        GroupElement.decode(bytes(opening.credential)),
        bytes(opening.seed),
        CiphertextArray.decode(opening.ciphertexts),
        opening.tracking_code,
    )
    return checked.open(key=ceremony.joint_key, context=roll.context)


def _choices(
    opening: CheckedBallotOpening, selections: Sequence[int], manifest: Manifest, language: str
) -> str:
    """Contest by contest, what is selected."""
    options = (
        (contest, option)
        for contest in map(manifest.contest, manifest.style(opening.style).contests)
        for option in contest.options
    )
    chosen: dict[str, list[str]] = {}
    for (contest, option), selected in zip(options, selections, strict=True):
        of_contest = chosen.setdefault(contest.title[language], [])
        if selected:
            of_contest.append(option.title[language])
    return "; ".join(f"{title}: {', '.join(names) or 'nothing'}" for title, names in chosen.items())

"""What every ballot of an election is bound to, gathered from the set-up records of its log.

Server, voters and the board's tally each gather it for themselves; the verifier has code of its own.

Spec: protocol.md §2.7, §2.11
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bulletin_board.records.ceremony import Commit, Confirm
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll
from crypto.ceremony import election_base, election_context
from crypto.group import ElementArray, GroupElement
from crypto.sharing import joint_key
from evote.errors import BoardStateError


@dataclass(frozen=True, slots=True)
class ElectionParameters:
    """The keys and digests of an election whose roll is posted."""

    manifest: Manifest
    key: GroupElement  # h
    base: bytes  # 64 bytes
    context: bytes  # ctx, 64 bytes
    roll: Roll
    commitments: tuple[ElementArray, ...]  # C_ij, by trustee


def gather_parameters(manifest: Manifest, records: Iterable[Record]) -> ElectionParameters:
    """The parameters that the records of a log give.

    Args:
        manifest: pinned by the caller.
        records: bodies of entries in the order of the log, signatures verified; others than commits,
            confirms and the roll are passed over.

    Raises:
        BoardStateError: the ceremony is not complete, does not agree, or the roll is not posted.
        crypto.errors.CryptoError: commitments that are none.
    """
    commits: dict[int, ElementArray] = {}
    confirmed: dict[int, bytes] = {}
    roll: Roll | None = None
    for record in records:
        match record:
            case Commit():
                subject = f"commit of trustee {record.trustee}"
                packed = b"".join(record.coefficient_commitments)
                commits[record.trustee] = ElementArray.decode(packed, subject=subject)
            case Confirm():
                confirmed[record.trustee] = record.base
            case Roll():
                roll = record
            case _:
                pass
    everybody = range(1, len(manifest.trustees) + 1)
    if roll is None or any(index not in commits or index not in confirmed for index in everybody):
        raise BoardStateError("board: the key ceremony or the roll is not complete yet")
    commitments = tuple(commits[index] for index in everybody)
    key = joint_key(commitments)
    base = election_base(manifest.digest, key, commitments)
    if set(confirmed.values()) != {base}:
        raise BoardStateError("board: the trustees confirmed other keys than the ones posted")
    return ElectionParameters(manifest, key, base, election_context(base, roll.root), roll, commitments)

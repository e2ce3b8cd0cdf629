"""What became of every credential: on the roll, new by a reissue, revoked, or replaced.

Spec: records.md §4.6; protocol.md §2.13
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from bulletin_board.errors import RecordError
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Reissue, Revocation
from crypto.credential import join_public
from crypto.errors import CryptoError
from crypto.group import GroupElement
from crypto.possession import PossessionProof, verify_reissue_possession
from verifier.checks.check_03_order import OrderView, Posted
from verifier.journal import Journal

Place = tuple[str, str]  # style id, unit id


class NotEffectiveError(Exception):
    """A credential may not vote where it does; the message says why."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a credential."""

    index: int  # of the entry
    how: str  # "revoked" or "replaced"


@dataclass(slots=True)
class Standings:
    """Credentials by their encoding."""

    rows: dict[bytes, Place]  # of the roll, and of reissues
    since: dict[bytes, int] = field(default_factory=dict)  # entry_index of the reissue that brought it
    ended: dict[bytes, Ended] = field(default_factory=dict)
    before: dict[bytes, bytes] = field(default_factory=dict)  # new credential → the one it replaced

    def place_at(self, credential: bytes, index: int) -> Place:
        """Style and unit of a credential that is effective at this index of the log.

        Raises:
            NotEffectiveError: it is not.
        """
        if credential not in self.rows or index < self.since.get(credential, 0):
            raise NotEffectiveError("its credential is not on the roll")
        end = self.ended.get(credential)
        if end is not None and end.index < index:
            raise NotEffectiveError(f"its credential was {end.how} by entry {end.index}")
        return self.rows[credential]

    def holders(self, credentials: Iterable[bytes]) -> int:
        """How many persons hold these credentials: a replaced one and its successor have one."""
        first = set()
        for credential in credentials:
            held = credential
            while held in self.before:
                held = self.before[held]
            first.add(held)
        return len(first)

    def effective(self) -> Iterator[tuple[bytes, Place]]:
        """The credentials that are effective at close."""
        return (
            (credential, place) for credential, place in self.rows.items() if credential not in self.ended
        )


def apply_changes(
    standings: Standings,
    order: OrderView,
    manifest: Manifest,
    parts: Sequence[Sequence[bytes]],
    journal: Journal,
) -> None:
    """Follow the revocations and reissues in the order of the log. A bad one is a fault and has no effect.

    `parts` are the S_j of each issuer on the roll.
    """
    reissues = order.all_of(Reissue)
    used = set(chain.from_iterable(parts)) if reissues else set()
    changes: list[Posted[Revocation] | Posted[Reissue]] = [*order.all_of(Revocation), *reissues]
    counted: Counter[tuple[str, str]] = Counter()
    for posted in sorted(changes, key=lambda each: each.index):
        journal.ran("revocations and reissues")
        body = posted.body
        old = bytes(body.credential if isinstance(body, Revocation) else body.old)
        try:
            _, unit = standings.place_at(old, posted.index)
            if isinstance(body, Revocation):
                standings.ended[old] = Ended(posted.index, "revoked")
                counted[body.reason, unit] += 1
            else:
                _replace(standings, body, posted.index, used, manifest)
                counted["reissued", unit] += 1
        except (NotEffectiveError, RecordError, CryptoError) as exc:
            journal.fault(3, f"entry {posted.index}, {body.record_type}", exc)
    for (reason, unit), number in sorted(counted.items()):
        journal.note(f"{reason}: {number} in unit {unit}")


def _replace(standings: Standings, body: Reissue, index: int, used: set[bytes], manifest: Manifest) -> None:
    old, row = bytes(body.old), body.row
    if (row.style, row.unit) != standings.rows[old]:
        raise RecordError("another style or unit than the credential it replaces")
    if len(row.parts) != len(manifest.issuers):
        raise RecordError(f"{len(row.parts)} parts for {len(manifest.issuers)} issuers")
    if len(set(row.parts)) != len(row.parts) or not used.isdisjoint(row.parts):
        raise RecordError("a part that was used before")
    elements = [GroupElement.decode(bytes(part)) for part in row.parts]
    credential = join_public(elements).encoded
    if credential in standings.rows:
        raise RecordError("a credential that was used before")
    old_credential = GroupElement.decode(old)
    for issuer, part, proof in zip(manifest.issuers, elements, body.proofs, strict=True):
        verify_reissue_possession(
            PossessionProof.decode(proof.commitment, proof.response),
            manifest_digest=manifest.digest,
            issuer_id=issuer.id,
            old_credential=old_credential,
            part=part,
        )
    used.update(map(bytes, row.parts))
    standings.ended[old] = Ended(index, "replaced")
    standings.rows[credential] = (row.style, row.unit)
    standings.since[credential] = index
    standings.before[credential] = old

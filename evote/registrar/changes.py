"""After the roll: voters who vote on paper, and voters who have lost their letter.

Spec: records.md §3.2, §3.3; protocol.md §2.13
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol, get_args

from bulletin_board.durable_file import make_private_folder
from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.fields import Bytes32
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.voting import Reissue, Revocation
from crypto.signing import SigningKey
from evote.errors import RegistrarError
from evote.issuing.credential import (
    IDENTITY,
    REGISTRAR,
    RandomBytes,
    RollMember,
    draw_part,
    issuer_place,
)
from evote.issuing.files import ReissuePart
from evote.issuing.reissue import contribute, join_reissue
from evote.issuing.roll import join_credential
from evote.registrar.issuing import Press, write_letter
from evote.registrar.voter import Voter

Reason = Literal["voted-on-paper", "deceased", "lost-right", "at-own-request"]
REASONS: tuple[Reason, ...] = get_args(Reason)

IsEffective = Callable[[bytes], bool]
"""Whether a credential is in force, by the board's word."""


class Members(Protocol):
    """What changes need of `evote.db.registrar`."""

    def voter(self, reference: str) -> Voter: ...

    def members_of(self, reference: str) -> tuple[RollMember, ...]: ...

    def keep_reissue(self, member: RollMember, *, own_place: int) -> None: ...


def member_in_force(members: Members, reference: str, is_effective: IsEffective | None) -> RollMember:
    """The row under which a voter votes now.

    Args:
        members: of the roll and of reissues.
        reference: of the voter.
        is_effective: asked only where codes were reissued; None where nobody can be asked.

    Raises:
        RegistrarError: not on the roll, or it cannot be told which of several rows is in force.
    """
    members.voter(reference)
    rows = members.members_of(reference)
    if not rows:
        raise RegistrarError(f"voter {reference}: not on the roll yet")
    if len(rows) == 1:
        return rows[0]
    if is_effective is None:
        raise RegistrarError(f"voter {reference}: codes were reissued; name the board with --server")
    effective = [row for row in rows if is_effective(row.credential)]
    if len(effective) != 1:
        raise RegistrarError(f"voter {reference}: has no credential in force")
    return effective[0]


def revoke(member: RollMember, reason: Reason, manifest: Manifest, key: SigningKey) -> Envelope:
    """The revocation of a credential, signed by the registrar alone so far."""
    body = Revocation(credential=Bytes32(member.credential), reason=reason)
    return sign_body(body.record_type, body, manifest.digest, [key])


def reissue_letter(
    members: Members,
    press: Press,
    manifest: Manifest,
    *,
    old: RollMember,
    theirs: ReissuePart,
    folder: Path,
    random_bytes: RandomBytes,
) -> Reissue:
    """Draw a new code, write its letter over the lost one, and make the record that puts it in force.

    Args:
        members: where the new row is noted.
        press: sets the letter.
        manifest: of the election.
        old: the row that is replaced.
        theirs: the identity service's new part for the same credential.
        folder: of the letters.
        random_bytes: for the code and the proof.

    Raises:
        MismatchError: their part is for another voter or credential, or its proof does not hold.
    """
    drawn = draw_part(manifest, REGISTRAR, random_bytes)
    ours = contribute(
        manifest,
        REGISTRAR,
        drawn,
        reference=old.reference,
        old=old.credential,
        random_bytes=random_bytes,
    )
    body = join_reissue(manifest, old, {REGISTRAR: ours, IDENTITY: theirs})
    parts = tuple(bytes(part) for part in body.row.parts)
    credential = join_credential(parts, old.reference)
    make_private_folder(folder)
    write_letter(press, members.voter(old.reference), drawn, folder)
    new = RollMember(old.reference, old.style, old.node, parts, credential)
    members.keep_reissue(new, own_place=issuer_place(manifest, REGISTRAR))
    return body

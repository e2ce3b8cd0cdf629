"""The files that registrar and identity service hand each other. None is posted; all are canonical JSON.

handover   who is to be identified, and how to reach them    registrar → identity service, before the pledges
list       (reference, S_j) of every voter                   both ways, after the pledges
join       which row of the roll is whose                    registrar → identity service, with the roll
part       a new part for one voter, with its proof          identity service → registrar, at a reissue
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from msgspec import Meta

from bulletin_board.durable_file import write_durably
from bulletin_board.errors import RecordError
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.ceremony import EncodedPossessionProof
from bulletin_board.records.fields import Bytes32, Identifier
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.record import Part, require_ascending, require_distinct
from evote.errors import MismatchError
from evote.issuing.credential import RollMember

MAX_FILE_BYTES = 1 << 30

REFERENCE_PATTERN = r"\A[A-Z0-9][A-Z0-9-]{0,31}\Z"  # it names files: no dot, no slash
PERSONAL_NUMBER_PATTERN = r"\A[0-9]{14}\Z"
EMAIL_PATTERN = (
    r"\A(?=.{3,254}\Z)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z"
)

Reference = Annotated[str, Meta(pattern=REFERENCE_PATTERN)]
PersonalNumber = Annotated[str, Meta(pattern=PERSONAL_NUMBER_PATTERN)]
Email = Annotated[str, Meta(pattern=EMAIL_PATTERN)]


class ExchangeFile(Part):
    """Of one election."""

    manifest_digest: Bytes32


F = TypeVar("F", bound=ExchangeFile)


class HandoverPerson(Part):
    reference: Reference
    personal_number: PersonalNumber
    email: Email
    language: Identifier
    style: Identifier
    unit: Identifier  # the polling place


class Handover(ExchangeFile):
    persons: tuple[HandoverPerson, ...]  # ascending by reference

    def __post_init__(self) -> None:
        require_ascending((person.reference for person in self.persons), subject="handover: references")
        require_distinct(
            (person.personal_number for person in self.persons), subject="handover: personal numbers"
        )


class ListedPart(Part):
    reference: Reference
    part: Bytes32


class PartList(ExchangeFile):
    issuer: Identifier
    parts: tuple[ListedPart, ...]  # ascending by reference

    def __post_init__(self) -> None:
        require_ascending((listed.reference for listed in self.parts), subject="list: references")

    def by_reference(self) -> dict[str, bytes]:
        """Reference → S_j"""
        return {listed.reference: bytes(listed.part) for listed in self.parts}


class JoinedRow(Part):
    reference: Reference
    parts: tuple[Bytes32, ...]  # in issuer order
    style: Identifier
    unit: Identifier  # the node under which the row stands


class Join(ExchangeFile):
    rows: tuple[JoinedRow, ...]  # ascending by reference

    def __post_init__(self) -> None:
        require_ascending((row.reference for row in self.rows), subject="join: references")


class ReissuePart(ExchangeFile):
    """What an issuer contributes to a reissue."""

    issuer: Identifier
    reference: Reference
    old: Bytes32  # the credential that is replaced
    part: Bytes32
    proof: EncodedPossessionProof


def part_list(manifest: Manifest, issuer_id: str, parts: Mapping[str, bytes]) -> PartList:
    """The list of an issuer.

    Args:
        manifest: of the election.
        issuer_id: whose list it is.
        parts: reference → S_j.
    """
    return PartList(
        manifest_digest=Bytes32(manifest.digest),
        issuer=issuer_id,
        parts=tuple(
            ListedPart(reference=reference, part=Bytes32(part)) for reference, part in sorted(parts.items())
        ),
    )


def join_of(manifest: Manifest, members: Sequence[RollMember]) -> Join:
    """Which row of the roll is whose.

    Args:
        manifest: of the election.
        members: ascending by reference.
    """
    return Join(
        manifest_digest=Bytes32(manifest.digest),
        rows=tuple(
            JoinedRow(
                reference=member.reference,
                parts=tuple(Bytes32(part) for part in member.parts),
                style=member.style,
                unit=member.node,
            )
            for member in members
        ),
    )


def write_exchange(path: Path, content: ExchangeFile) -> None:
    """Write a file that only its owner can read."""
    write_durably(path, jcs(content))


def read_exchange(path: Path, kind: type[F], manifest_digest: bytes) -> F:
    """Read what the other issuer wrote.

    Raises:
        MismatchError: not such a file, or of another election.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        content = decode_json(data, kind, limit=MAX_FILE_BYTES)
    except (OSError, RecordError) as exc:
        raise MismatchError(f"{path.name}: {exc}") from exc
    if content.manifest_digest != manifest_digest:
        raise MismatchError(f"{path.name}: of another election")
    return content

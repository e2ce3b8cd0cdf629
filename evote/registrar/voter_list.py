"""The voter list as it comes from the state register: a CSV file with the columns of `Voter`, read strictly.

Every fault is told with its line, all at once, so that the list is mended in one go. Personal data does not
stand in the faults: they may end up in a log.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from io import StringIO

from bulletin_board.errors import RecordError
from bulletin_board.records.fields import is_text
from bulletin_board.records.manifest import Manifest
from evote.errors import VoterListError
from evote.issuing.files import EMAIL_PATTERN, PERSONAL_NUMBER_PATTERN, REFERENCE_PATTERN
from evote.issuing.roll import Seat, too_small_styles
from evote.registrar.voter import COLUMNS, Voter
from trustees.catalogue import LANGUAGES

MAX_BYTES = 512 << 20
_MAX_FAULTS = 50
_MAX_FIELD = 1_000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ListChanges:
    """What a new list changes in the old one, as counts of voters."""

    added: int
    removed: int
    changed: int
    unchanged: int


def parse_voter_list(data: bytes, manifest: Manifest) -> tuple[Voter, ...]:
    """The voters of a list, in its order.

    Raises:
        VoterListError: any line that is not as it should be, or a style with too few voters to be offered.
    """
    faults: list[str] = []
    voters: list[Voter] = []
    first_lines: dict[tuple[str, str], int] = {}
    for line, record in _records(_text_of(data)):
        found = list(_faults_of_record(record, manifest))
        if not found:
            voter = Voter(*record)
            found = list(_repetitions(voter, line, first_lines))
            voters.append(voter)
        faults += [f"line {line}: {fault}" for fault in found]
    if not voters and not faults:
        faults.append("line 2: there are no voters")
    if not faults:
        faults += _faults_of_whole(voters, manifest)
    if faults:
        raise VoterListError(_shortened(faults))
    return tuple(voters)


def compare_lists(old: Sequence[Voter], new: Sequence[Voter]) -> ListChanges:
    """What an import over an earlier one would change."""
    before = {voter.reference: astuple(voter) for voter in old}
    after = {voter.reference: astuple(voter) for voter in new}
    kept = before.keys() & after.keys()
    changed = sum(before[reference] != after[reference] for reference in kept)
    return ListChanges(
        added=len(after.keys() - before.keys()),
        removed=len(before.keys() - after.keys()),
        changed=changed,
        unchanged=len(kept) - changed,
    )


def _text_of(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise VoterListError((f"the file has {len(data)} bytes, at most {MAX_BYTES} are allowed",))
    if data.startswith(_BYTE_ORDER_MARK):
        raise VoterListError(("line 1: a byte order mark; save as UTF-8 without it",))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise VoterListError((f"line {line}: not UTF-8",)) from exc


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, fields) of every record after the header."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise VoterListError((f"line 1: the header is not {','.join(COLUMNS)}",))
        line = reader.line_num + 1
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as exc:
        raise VoterListError((f"line {reader.line_num}: {exc}",)) from exc


def _faults_of_record(record: list[str], manifest: Manifest) -> Iterator[str]:
    if len(record) != len(COLUMNS):
        yield f"{len(record)} fields instead of {len(COLUMNS)}"
        return
    for column, value in zip(COLUMNS, record, strict=True):
        fault = _CHECKS[column](value, manifest)
        if fault:
            yield f"{column}: {fault}"


def _repetitions(voter: Voter, line: int, first_lines: dict[tuple[str, str], int]) -> Iterator[str]:
    for column, value in (("reference", voter.reference), ("personal_number", voter.personal_number)):
        first = first_lines.setdefault((column, value), line)
        if first != line:
            yield f"{column}: the same as in line {first}"


def _faults_of_whole(voters: Sequence[Voter], manifest: Manifest) -> list[str]:
    seats = {voter.reference: Seat(voter.style, voter.unit) for voter in voters}
    return [
        f"style {style}: fewer than {manifest.min_unit_size} voters, so it cannot be offered; "
        "leave them out, they vote on paper"
        for style in too_small_styles(seats, manifest)
    ]


def _shortened(faults: list[str]) -> tuple[str, ...]:
    if len(faults) <= _MAX_FAULTS:
        return tuple(faults)
    return (*faults[:_MAX_FAULTS], f"and {len(faults) - _MAX_FAULTS} more")


def _pattern(pattern: str, what: str) -> Callable[[str, Manifest], str]:
    compiled = re.compile(pattern)
    return lambda value, _manifest: "" if compiled.match(value) else what


def _text(value: str, _manifest: Manifest) -> str:
    # The alphabet of records: what has no letter there cannot be printed and mailed safely either.
    return "" if is_text(value) else f"not plain text of 1 to {_MAX_FIELD} characters"


def _text_or_nothing(value: str, manifest: Manifest) -> str:
    return _text(value, manifest) if value else ""


def _language(value: str, manifest: Manifest) -> str:
    # Letters and mails are written in it.
    usable = [language for language in manifest.languages if language in LANGUAGES]
    return "" if value in usable else f"not one of {', '.join(usable)}"


def _known(what: str, value: str, manifest: Manifest) -> str:
    try:
        (manifest.style if what == "style" else manifest.unit)(value)
    except RecordError:
        return f"the manifest has no {what} of this id"
    return ""


_CHECKS: Mapping[str, Callable[[str, Manifest], str]] = {
    "reference": _pattern(REFERENCE_PATTERN, "not 1 to 32 capital letters, digits and hyphens"),
    "personal_number": _pattern(PERSONAL_NUMBER_PATTERN, "not 14 digits"),
    "surname": _text,
    "given_name": _text,
    "patronymic": _text_or_nothing,
    "language": _language,
    "email": _pattern(EMAIL_PATTERN, "not an e-mail address"),
    "postal_address": _text,
    "style": partial(_known, "style"),
    "unit": partial(_known, "unit"),
}

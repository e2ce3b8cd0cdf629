"""The voter list: every fault is found and named by its line, and nothing personal stands in the message."""

import csv
from io import StringIO

import pytest

from evote.errors import VoterListError
from evote.registrar.voter import COLUMNS
from evote.registrar.voter_list import compare_lists, parse_voter_list
from tests.evote.kyrgyzstan import VOTERS, manifest

LIST = VOTERS.read_bytes()
HEADER, FIRST, *REST = LIST.decode().splitlines(keepends=True)


def changed(**values: str) -> bytes:
    """The list with other values in its first line."""
    record = next(csv.DictReader(StringIO(HEADER + FIRST)))
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow([values.get(column, record[column]) for column in COLUMNS])
    return (HEADER + out.getvalue() + "".join(REST)).encode()


def faults(data: bytes) -> tuple[str, ...]:
    with pytest.raises(VoterListError) as caught:
        parse_voter_list(data, manifest())
    return caught.value.lines


def test_example_is_read_in_full() -> None:
    voters = parse_voter_list(LIST, manifest())
    assert len(voters) == 320
    assert voters[0].reference == "V-702775"
    assert voters[0].postal_address == "Образцовая улица 40-5, Красноярск, Россия"
    assert "Абдуллаев" not in repr(voters[0])


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("reference", "v-702775", "capital letters"),
        ("reference", "../x", "capital letters"),
        ("reference", "", "capital letters"),
        ("reference", "V-1\n", "capital letters"),
        ("personal_number", "2310219482715", "14 digits"),
        ("personal_number", "٢٣١٠٢١٩٤٨٢٧١٥٤", "14 digits"),
        ("surname", "", "plain text"),
        ("surname", " Абдуллаев", "plain text"),
        ("given_name", "Ан\u200bвар", "plain text"),
        ("given_name", "Анвар\u202e", "plain text"),
        ("patronymic", "Шавкатович ", "plain text"),
        ("language", "kk", "not one of ky, ru, en"),
        ("email", "nobody", "e-mail"),
        ("email", "a@b", "e-mail"),
        ("email", "a b@example.org", "e-mail"),
        ("email", "a@example.org\nBcc: b@example.org", "e-mail"),
        ("postal_address", "", "plain text"),
        ("style", "home", "no style"),
        ("unit", "mars", "no unit"),
    ],
)
def test_wrong_value_is_told_with_line_and_column(column: str, value: str, fault: str) -> None:
    (line,) = faults(changed(**{column: value}))
    assert line.startswith(f"line 2: {column}: ")
    assert fault in line
    assert value not in line or not value


def test_missing_patronymic_is_no_fault() -> None:
    assert parse_voter_list(changed(patronymic=""), manifest())[0].patronymic == ""


def test_all_faults_are_told_at_once() -> None:
    assert len(faults(changed(style="home", unit="mars", email="x"))) == 3
    many = HEADER + "".join("x\n" for _ in range(80))
    told = faults(many.encode())
    assert told[0] == "line 2: 1 fields instead of 10"
    assert told[-1] == "and 30 more"
    assert len(told) == 51


@pytest.mark.parametrize("column", ["reference", "personal_number"])
def test_repetition_is_told_with_both_lines(column: str) -> None:
    second = dict(zip(COLUMNS, next(csv.reader([REST[0]])), strict=True))
    assert faults(changed(**{column: second[column]})) == (f"line 3: {column}: the same as in line 2",)


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    data = changed(postal_address="one\ntwo").decode().replace(REST[0], REST[0].replace("abroad", "home"), 1)
    assert [line.partition(":")[0] for line in faults(data.encode())] == ["line 2", "line 4"]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "line 1: the header"),
        (HEADER.replace("unit", "place").encode(), "line 1: the header"),
        (HEADER.replace(",style", "").encode(), "line 1: the header"),
        (HEADER.encode(), "no voters"),
        (b"\xef\xbb\xbf" + LIST, "byte order mark"),
        (HEADER.encode() + b"V-1,\xff\n", "line 2: not UTF-8"),
        (HEADER.encode() + b'V-1,"abc\n', "line 2"),
        (HEADER.encode() + b'V-1,"a"b\n', "line 2"),
    ],
)
def test_file_that_is_no_such_list_is_refused(data: bytes, fault: str) -> None:
    assert fault in faults(data)[0]


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evote.registrar.voter_list.MAX_BYTES", len(LIST) - 1)
    assert "at most" in faults(LIST)[0]


def test_line_ends_of_other_systems_are_read() -> None:
    assert parse_voter_list(LIST.replace(b"\n", b"\r\n"), manifest()) == parse_voter_list(LIST, manifest())


def test_style_with_too_few_voters_is_refused() -> None:
    few = (HEADER + FIRST + "".join(REST[:3])).encode()
    (line,) = faults(few)
    assert line.startswith("style abroad: fewer than 5 voters")


def test_changes_are_counted() -> None:
    old = parse_voter_list(LIST, manifest())
    new = parse_voter_list(changed(email="new@example.org"), manifest())[:-1]
    changes = compare_lists(old, new)
    assert (changes.added, changes.removed, changes.changed, changes.unchanged) == (0, 1, 1, 318)
    assert compare_lists((), old).added == 320

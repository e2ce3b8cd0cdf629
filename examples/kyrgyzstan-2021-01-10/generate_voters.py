# /// script
# requires-python = ">=3.11"
# ///
"""Draws the synthetic voter list `voters.csv` of this example from the TOML files beside it.

Every person is invented. The draws come from SHA-256 over a seed and a label, not from `random`, so that
every Python version writes the same file: run it, then `git diff --exit-code voters.csv`.
"""

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

HERE = Path(__file__).parent
SEED = "kg-2021-01-10/voters/1"
STREETS = {"ky": "Үлгү көчөсү", "ru": "Образцовая улица", "en": "Example Street"}
COLUMNS = (
    "reference",
    "personal_number",
    "surname",
    "given_name",
    "patronymic",
    "language",
    "email",
    "postal_address",
    "style",
    "unit",
)


def draw(below: int, *label: object) -> int:
    """An integer in [0, below), always the same one for the same label."""
    text = "/".join((SEED, *map(str, label)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % below


def pick(choices: Sequence[T], *label: object) -> T:
    return choices[draw(len(choices), *label)]


def draw_person(communities: Sequence[dict[str, Any]], *label: int) -> tuple[bool, tuple[str, str, str], str]:
    """Draw (is a woman, (surname, given name, patronymic), language)."""
    names = pick([entry for entry in communities for _ in range(entry["weight"])], "community", *label)
    woman = draw(2, "sex", *label) == 1
    surname = pick(names["surnames"], "surname", *label) + ("а" if woman else "")
    given_name = pick(names["women" if woman else "men"], "given name", *label)
    father = pick(names["fathers"], "father", *label)
    patronymic = father + ("овна" if woman else "ович")
    form = draw(10, "form", *label)
    if names["id"] == "kyrgyz" and form < 2:
        # «Асан уулу Бакыт»: the father's name stands in place of a family name.
        surname, patronymic = f"{father} {'кызы' if woman else 'уулу'}", ""
    elif names["id"] == "kyrgyz" and form < 5:
        patronymic = ""
    languages = [code for code, weight in names["languages"].items() for _ in range(weight)]
    return woman, (surname, given_name, patronymic), pick(languages, "language", *label)


def personal_number(number: int, *, woman: bool) -> str:
    """Sex, day, month, year, five digits, as in real ones; but nobody is born on 30 or 31 February."""
    day = 30 + draw(2, "day", number)
    year = 1945 + draw(57, "year", number)
    # The number of the voter keeps the last digits apart.
    return f"{1 if woman else 2}{day}02{year}{draw(90, 'serial', number):02d}{number:03d}"


def draw_reference(number: int, taken: set[str]) -> str:
    """Draw a reference that nobody has yet; neither names nor places can be told from its order."""
    attempt = 0
    while (drawn := f"V-{1 + draw(999_999, 'reference', number, attempt):06d}") in taken:
        attempt += 1
    return drawn


def postal_address(place: dict[str, Any], country: dict[str, Any], language: str, number: int) -> str:
    # «Москва, участок 1» is a polling place in the city «Москва».
    city = place["title"][language].split(",")[0]
    house, flat = 1 + draw(90, "house", number), 1 + draw(120, "flat", number)
    return f"{STREETS[language]} {house}-{flat}, {city}, {country['title'][language]}"


def voters(
    units: dict[str, dict[str, Any]], homes: Sequence[str], communities: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, ...]]:
    """Yield one row per voter, in the order of `homes`, the polling place of each."""
    references: set[str] = set()
    people: set[tuple[str, str, str]] = set()
    for number, home in enumerate(homes):
        attempt = 0
        while (drawn := draw_person(communities, number, attempt))[1] in people:
            attempt += 1
        woman, name, language = drawn
        reference = draw_reference(number, references)
        people.add(name)
        references.add(reference)
        yield (
            reference,
            personal_number(number, woman=woman),
            *name,
            language,
            f"{reference.lower()}@example.org",
            postal_address(units[home], units[units[home]["parent"]], language, number),
            "abroad",
            home,
        )


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def main() -> None:
    units = {unit["id"]: unit for unit in read("election.toml")["reporting_units"]}
    homes = [place["id"] for place in read("units.toml")["units"] for _ in range(place["voters"])]
    rows = list(voters(units, homes, read("names.toml")["communities"]))
    rows.sort(key=lambda row: row[2:5])  # by surname, given name, patronymic
    with (HERE / "voters.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()

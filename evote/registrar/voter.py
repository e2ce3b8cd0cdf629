"""Voters as the registrar knows them: people with names and addresses.

Nothing here is posted: the roll has no names.
"""

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Voter:
    """One line of the voter list. Of all this only `reference` may stand in messages.

    reference: a random number that says nothing about the person
    unit:      the polling place, before the roll is coarsened
    """

    reference: str
    personal_number: str = field(repr=False)
    surname: str = field(repr=False)
    given_name: str = field(repr=False)
    patronymic: str = field(repr=False)  # empty where there is none
    language: str
    email: str = field(repr=False)
    postal_address: str = field(repr=False)
    style: str
    unit: str


COLUMNS = tuple(each.name for each in fields(Voter))
"""The header of a voter list, in order."""

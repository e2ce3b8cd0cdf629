"""Cards and keys of a small election, for tests of what officials type."""

from bulletin_board.records.fields import Bytes32
from crypto.boxes import BoxSecretKey
from crypto.signing import SigningKey
from evote.keys import Card, Role, RoleKey
from tests.support.ballots import bytes_for

NAMES: tuple[tuple[Role, str, str | None], ...] = (
    (Role.AUTHORITY, "Chair", None),
    (Role.AUTHORITY, "Secretary", None),
    (Role.BOARD, "Board", None),
    (Role.WITNESS, "witness.example/1", None),
    (Role.ISSUER, "Registrar", "registrar"),
    (Role.ISSUER, "Identity service", "identity"),
    (Role.IDENTITY, "Identity service, grants", None),
    (Role.TRUSTEE, "Aida", None),
    (Role.TRUSTEE, "Bakyt", None),
    (Role.TRUSTEE, "Cholpon", None),
)


def signing_key(name: str) -> SigningKey:
    return SigningKey(bytes_for(f"card of {name}"))


def role_key(name: str) -> RoleKey:
    role, _, issuer = next(each for each in NAMES if each[1] == name)
    return RoleKey(role, name, signing_key(name), id=issuer)


def card(role: Role, name: str, issuer: str | None = None) -> Card:
    box = BoxSecretKey(bytes_for(f"box of {name}")) if role is Role.TRUSTEE else None
    return Card(
        role=role,
        name=name,
        key=Bytes32(signing_key(name).public),
        id=issuer,
        box_key=Bytes32(box.public) if box else None,
    )


def all_cards() -> list[Card]:
    return [card(role, name, issuer) for role, name, issuer in NAMES]

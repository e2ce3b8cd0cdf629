"""Key files: sealed, named by role, never written over."""

import itertools
import stat
from functools import partial
from pathlib import Path

import pytest

from bulletin_board.records.canonical import jcs
from crypto.sealing import FLOOR, MODERATE, seal, sealing_parameters
from evote.errors import KeyFileError
from evote.keys import Card, Role, card_path, create_key, load_card, load_cards, load_key

PASSPHRASE = "төрт ат чабат"
new_key = partial(create_key, parameters=FLOOR)


def test_key_of_every_role_opens_again_and_matches_its_card(tmp_path: Path) -> None:
    roles: list[tuple[Role, str | None]] = [(role, None) for role in Role if role is not Role.ISSUER]
    for role, issuer in [*roles, (Role.ISSUER, "registrar")]:
        path = tmp_path / f"{role}.key"
        card = new_key(path, role, f"The {role}", PASSPHRASE, issuer_id=issuer)
        key = load_key(path, PASSPHRASE)
        assert (key.role, key.name, key.id) == (role, f"The {role}", issuer)
        assert card == load_card(card_path(path))
        assert card.key == key.signing_key.public
        assert (card.box_key is not None) == (key.box_key is not None) == (role is Role.TRUSTEE)
        assert (key.storage_key is not None) == (role is Role.ISSUER)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {card.role for card in load_cards(tmp_path)} == set(Role)


def test_card_has_no_empty_fields(tmp_path: Path) -> None:
    new_key(tmp_path / "k", Role.BOARD, "Board", PASSPHRASE)
    assert set(load_card(tmp_path / "k.card.json").__struct_fields__) >= {
        "role",
        "name",
        "key",
        "id",
        "box_key",
    }
    assert b'"id"' not in (tmp_path / "k.card.json").read_bytes()


def test_secrets_do_not_show(tmp_path: Path) -> None:
    new_key(tmp_path / "k", Role.TRUSTEE, "Bakyt", PASSPHRASE)
    shown = repr(load_key(tmp_path / "k", PASSPHRASE))
    assert "seed" not in shown
    assert "secret" not in shown


def test_keys_differ_and_drawing_is_the_callers(tmp_path: Path) -> None:
    one = new_key(tmp_path / "1", Role.BOARD, "Board", PASSPHRASE)
    two = new_key(tmp_path / "2", Role.BOARD, "Board", PASSPHRASE)
    assert one.key != two.key
    drawn = [
        new_key(tmp_path / name, Role.BOARD, "Board", PASSPHRASE, random_bytes=lambda n: bytes(range(n)))
        for name in ("3", "4")
    ]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("taken", ["k", "k.card.json"])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("precious")
    with pytest.raises(KeyFileError, match="there already"):
        new_key(tmp_path / "k", Role.BOARD, "Board", PASSPHRASE)
    assert (tmp_path / taken).read_text() == "precious"


@pytest.mark.parametrize(
    ("role", "name", "issuer", "passphrase"),
    [
        (Role.BOARD, "Board", None, ""),
        (Role.BOARD, "Board", None, "төрт ат"),
        (Role.BOARD, "Board", None, "1234567"),
        (Role.BOARD, "Board", None, "йййййй".replace("й", "\u0438\u0306")),
        (Role.BOARD, "Board", "registrar", PASSPHRASE),
        (Role.ISSUER, "Registrar", None, PASSPHRASE),
        (Role.ISSUER, "Registrar", "The Registrar", PASSPHRASE),
        (Role.BOARD, " Board", None, PASSPHRASE),
        (Role.BOARD, "", None, PASSPHRASE),
    ],
)
def test_unusable_key_is_refused(
    tmp_path: Path, role: Role, name: str, issuer: str | None, passphrase: str
) -> None:
    with pytest.raises(KeyFileError, match="key file"):
        new_key(tmp_path / "k", role, name, passphrase, issuer_id=issuer)
    assert list(tmp_path.iterdir()) == []


def test_wrong_passphrase_and_damage_are_told(tmp_path: Path) -> None:
    path = tmp_path / "k"
    new_key(path, Role.BOARD, "Board", PASSPHRASE)
    with pytest.raises(KeyFileError, match="wrong passphrase"):
        load_key(path, "other")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(KeyFileError):
        load_key(path, PASSPHRASE)
    with pytest.raises(KeyFileError, match="No such file"):
        load_key(tmp_path / "absent", PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"name":"x","role":"board"}', b"[1]", b"\xff"])
def test_sealed_file_with_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "k"
    counter = itertools.count(1)
    sealed = seal(content, PASSPHRASE, salt=bytes([next(counter)]) * 16, nonce=bytes(24), parameters=FLOOR)
    path.write_bytes(sealed)
    with pytest.raises(KeyFileError, match="key file"):
        load_key(path, PASSPHRASE)


def test_key_of_another_role_is_refused(tmp_path: Path) -> None:
    new_key(tmp_path / "k", Role.ISSUER, "Registrar", PASSPHRASE, issuer_id="registrar")
    key = load_key(tmp_path / "k", PASSPHRASE)
    key.require_role(Role.ISSUER, issuer_id="registrar")
    with pytest.raises(KeyFileError, match="issuer identity is needed"):
        key.require_role(Role.ISSUER, issuer_id="identity")
    with pytest.raises(KeyFileError, match="board is needed"):
        key.require_role(Role.BOARD)


def test_bad_card_and_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="there are none"):
        load_cards(tmp_path)
    card = new_key(tmp_path / "k", Role.BOARD, "Board", PASSPHRASE)
    for text in (b" " + jcs(card), b"{}", b"x"):
        (tmp_path / "bad.card.json").write_bytes(text)
        with pytest.raises(KeyFileError, match="bad"):
            load_cards(tmp_path)
    assert isinstance(card, Card)


def test_keys_are_sealed_at_the_cost_that_was_chosen(tmp_path: Path) -> None:
    create_key(tmp_path / "1", Role.BOARD, "Board", "8 знаков")
    new_key(tmp_path / "2", Role.BOARD, "Board", PASSPHRASE)
    assert sealing_parameters((tmp_path / "1").read_bytes()) == MODERATE
    assert sealing_parameters((tmp_path / "2").read_bytes()) == FLOOR

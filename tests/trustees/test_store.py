"""The sealed file: nothing is lost, nothing is overwritten, and what cannot be opened is said to be so. N50."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bulletin_board.records.canonical import jcs
from bulletin_board.records.fields import encode_base64url
from crypto.boxes import BoxSecretKey
from crypto.sealing import FLOOR, MODERATE, SealingParameters, seal, sealing_parameters, unseal
from crypto.signing import SigningKey
from tests.support.ballots import bytes_for
from tests.support.ceremony_hall import run
from trustees.errors import SecretFileError
from trustees.keys import make_keys
from trustees.secret import (
    CeremonySecret,
    Release,
    TrusteeSecret,
    ceremony_randomness_size,
    draw_ceremony_secret,
)
from trustees.store import SecretStore


def secret(name: str = "Айгүл") -> TrusteeSecret:
    return TrusteeSecret(name, SigningKey(bytes_for("signing")), BoxSecretKey(bytes_for("box")))


def ceremony(trustees: int = 5, threshold: int = 3) -> CeremonySecret:
    return draw_ceremony_secret(
        bytes_for("manifest"),
        2,
        trustees=trustees,
        threshold=threshold,
        randomness=bytes_for("ceremony", ceremony_randomness_size(trustees, threshold)),
    )


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore(tmp_path / "home", "ачкычтын сыры", FLOOR)


def test_what_is_kept_comes_back(store: SecretStore) -> None:
    store.create(secret())
    assert store.load() == secret()
    full = replace(secret(), ceremony=ceremony(), release=Release(bytes_for("sums", 64), bytes_for("nonce")))
    store.save(full)
    assert store.load() == full
    assert store.path.stat().st_mode & 0o777 == 0o600


def test_the_largest_ceremony_fits(store: SecretStore) -> None:
    store.create(replace(secret("Ы" * 1000), ceremony=ceremony(32, 32)))
    assert store.load().ceremony == ceremony(32, 32)


def test_keys_are_never_overwritten(store: SecretStore) -> None:
    store.create(secret())
    with pytest.raises(SecretFileError, match="file-exists"):
        store.create(secret("Бакыт"))
    assert store.load() == secret()


@pytest.mark.parametrize("name", ["", " Айгүл", "a\u202eb", "x" * 1001])
def test_a_name_that_the_manifest_could_not_hold_is_refused(store: SecretStore, name: str) -> None:
    with pytest.raises(SecretFileError, match="name-unusable"):
        store.create(secret(name))
    with pytest.raises(SecretFileError, match="name-unusable"):
        make_keys(store, name, bytes_of_device)
    assert not store.path.exists()


def bytes_of_device(size: int) -> bytes:
    return bytes_for("device", size)


@pytest.mark.parametrize("passphrase", ["", "1234567", "ачкычта", "и\u0306" * 7])
def test_a_short_passphrase_is_refused(store: SecretStore, passphrase: str) -> None:
    with pytest.raises(SecretFileError, match="passphrase-short"):
        SecretStore(store.folder, passphrase, FLOOR).create(secret())
    assert not store.folder.exists()


@pytest.mark.parametrize(
    ("language", "words"), [("ky", "кеминде 8 белги"), ("ru", "не менее 8 знаков"), ("en", "at least 8")]
)
def test_a_short_passphrase_is_refused_in_every_language(tmp_path: Path, language: str, words: str) -> None:
    (tmp_path / "passphrase").write_text("ачкыч\n", encoding="utf-8")
    made = ("--name", "Айгүл", "--passphrase-file", tmp_path / "passphrase")
    done = run("init", "--home", tmp_path / "home", *made, language=language)
    assert done.code == 1
    assert words in done.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("parameters", [FLOOR, SealingParameters(3, FLOOR.memory)])
def test_a_file_keeps_the_cost_that_it_was_made_with(
    store: SecretStore, parameters: SealingParameters
) -> None:
    replace(store, parameters=parameters).create(secret())
    SecretStore(store.folder, store.passphrase).save(replace(secret(), ceremony=ceremony()))
    assert sealing_parameters(store.path.read_bytes()) == parameters
    assert store.load().ceremony == ceremony()


def test_new_files_are_costly_to_open_unless_asked_otherwise(tmp_path: Path) -> None:
    words = tmp_path / "passphrase"
    words.write_text("ачкычтын сыры\n", encoding="utf-8")
    for home, more in (("real", ()), ("rehearsal", ("--sealing", "floor"))):
        made = run("init", "--home", tmp_path / home, "--name", "Айгүл", "--passphrase-file", words, *more)
        assert made.code == 0
    assert sealing_parameters((tmp_path / "real" / "secret.sealed").read_bytes()) == MODERATE
    assert sealing_parameters((tmp_path / "rehearsal" / "secret.sealed").read_bytes()) == FLOOR
    assert SecretStore(tmp_path / "home", "ачкычтын сыры").parameters == MODERATE


def test_nothing_is_put_over_a_file_of_something_else(store: SecretStore) -> None:
    store.create(secret())
    store.path.write_bytes(b"precious")
    with pytest.raises(SecretFileError, match="file-unreadable"):
        store.save(secret())
    assert store.path.read_bytes() == b"precious"


def test_a_file_that_is_not_there_is_named(store: SecretStore) -> None:
    with pytest.raises(SecretFileError, match="No such file"):
        store.load()


def test_a_wrong_passphrase_opens_nothing(store: SecretStore) -> None:
    """N50"""
    store.create(secret())
    with pytest.raises(SecretFileError, match="wrong passphrase or damaged"):
        SecretStore(store.folder, "ачкычтын сырлары").load()


@pytest.mark.parametrize("size", [0, 10, 60, -1])
def test_a_cut_file_is_named(store: SecretStore, size: int) -> None:
    """N50"""
    store.create(secret())
    store.path.write_bytes(store.path.read_bytes()[:size])
    with pytest.raises(SecretFileError, match="sealed file: "):
        store.load()


def test_a_changed_file_is_named(store: SecretStore) -> None:
    store.create(secret())
    data = bytearray(store.path.read_bytes())
    data[-1] ^= 1
    store.path.write_bytes(data)
    with pytest.raises(SecretFileError, match="wrong passphrase or damaged"):
        store.load()


def test_a_sealed_file_of_something_else_is_named(store: SecretStore) -> None:
    """N50: another program's file under the same passphrase."""
    store.folder.mkdir()
    content = seal(b'{"role":"board"}', store.passphrase, salt=bytes(16), nonce=bytes(24), parameters=FLOOR)
    store.path.write_bytes(content)
    with pytest.raises(SecretFileError, match="secret file"):
        store.load()


def no_scalar(plain: dict[str, Any]) -> None:
    plain["ceremony"]["coefficients"][1] = encode_base64url(b"\xff" * 32)


def zero(plain: dict[str, Any]) -> None:
    plain["ceremony"]["coefficients"][0] = encode_base64url(bytes(32))


def one_more_field(plain: dict[str, Any]) -> None:
    plain["ceremony"]["share"] = 1


def short_digest(plain: dict[str, Any]) -> None:
    plain["ceremony"]["manifest_digest"] = encode_base64url(bytes(31))


@pytest.mark.parametrize("spoil", [no_scalar, zero, one_more_field, short_digest])
def test_a_file_that_opens_on_nonsense_is_named(
    store: SecretStore, spoil: Callable[[dict[str, Any]], None]
) -> None:
    store.create(replace(secret(), ceremony=ceremony()))
    plain = json.loads(unseal(store.path.read_bytes(), store.passphrase))
    spoil(plain)
    sealed = seal(jcs(plain), store.passphrase, salt=bytes(16), nonce=bytes(24), parameters=FLOOR)
    store.path.write_bytes(sealed)
    with pytest.raises(SecretFileError, match="file-unreadable"):
        store.load()


def test_one_run_at_a_time(store: SecretStore) -> None:
    """Two runs at once could release for two different sums."""
    store.create(secret())
    with store.locked(), pytest.raises(SecretFileError, match="file-busy"), store.locked():
        pass
    with store.locked():
        pass


def test_a_folder_that_is_not_there_is_named(store: SecretStore) -> None:
    with pytest.raises(SecretFileError, match="file-unreadable"), store.locked():
        pass


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Release(bytes(63), bytes(32)),
        lambda: Release(bytes(64), bytes(31)),
        lambda: replace(ceremony(), manifest_digest=bytes(31)),
        lambda: replace(ceremony(), possession_randomness=bytes(33)),
        lambda: draw_ceremony_secret(bytes(32), 1, trustees=3, threshold=2, randomness=bytes(10)),
        lambda: replace(ceremony(), trustee_index=3),
        lambda: ceremony().ephemeral_for(2),
    ],
)
def test_secrets_are_valid_from_birth(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError):
        wrong()


def test_every_other_trustee_has_an_ephemeral_key_of_its_own() -> None:
    keys = {ceremony().ephemeral_for(recipient).public for recipient in (1, 3, 4, 5)}
    assert len(keys) == 4


def test_init_writes_keys_and_card_once(tmp_path: Path) -> None:
    words = tmp_path / "passphrase"
    words.write_text("ачкычтын сыры\n", encoding="utf-8")
    arguments = (
        "init",
        "--home",
        tmp_path / "home",
        "--name",
        "Айгүл",
        "--passphrase-file",
        words,
        "--sealing",
        "floor",
    )
    done = run(*arguments)
    assert done.code == 0
    assert "Keys made for Айгүл" in done.out
    card = (tmp_path / "home" / "trustee.card.json").read_bytes()
    again = run(*arguments)
    assert again.code == 1
    assert "is there already; nothing was changed" in again.err
    assert (tmp_path / "home" / "trustee.card.json").read_bytes() == card
    status = run("status", "--home", tmp_path / "home", "--passphrase-file", words)
    assert status.out == "The file holds the keys of Айгүл.\nNo ceremony yet.\n"


def test_the_card_is_one_that_officials_can_read(tmp_path: Path) -> None:
    from evote.keys import Role, load_card

    store = SecretStore(tmp_path / "home", "ачкычтын сыры", FLOOR)
    card = load_card(make_keys(store, "Айгүл", bytes_of_device))
    kept = store.load()
    assert (card.role, card.name) == (Role.TRUSTEE, "Айгүл")
    assert (card.key, card.box_key) == (kept.signing_key.public, kept.box_key.public)

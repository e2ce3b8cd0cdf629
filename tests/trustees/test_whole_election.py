"""Whole elections through the program, by files alone: ceremony, confirmation, decryption, verdict."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from bulletin_board.records.tally import Decryption
from crypto.decryption import PartialDecryption
from crypto.group import ElementArray
from tests.support.ceremony_hall import PASSPHRASE, Hall
from tests.support.election_tally import run_result
from tests.support.small_board import MemoryFiles
from trustees.secret import TrusteeSecret
from verifier.election import Pins, verify_record
from verifier.report import Grade


def finish(hall: Hall, present: tuple[int, ...]) -> None:
    """The count by some trustees, and the result of an honest board."""
    hall.make_key()
    hall.vote()
    hall.add_up()
    hall.world.aggregates.append(hall.body_at("aggregate"))
    hall.take_all("tally-confirm", present)
    hall.take_all("decrypt", present)
    hall.world.partials = [_partial(hall.body("decrypt", trustee)) for trustee in present]
    run_result(hall.world)


def _partial(body: Decryption) -> PartialDecryption:
    packed = body.partials.read(lambda _: b"")
    return PartialDecryption(body.trustee, ElementArray.decode(packed))


@pytest.mark.parametrize(
    ("trustees", "threshold", "present"), [(3, 2, (1, 2, 3)), (3, 2, (3, 1)), (5, 3, (5, 2, 4))]
)
def test_an_election_by_files_alone_verifies(
    tmp_path: Path, trustees: int, threshold: int, present: tuple[int, ...]
) -> None:
    """Any t trustees are enough, in any order; n − t may stay away."""
    hall = Hall.open(tmp_path, trustees=trustees, threshold=threshold)
    hall.run_ceremony()
    finish(hall, present)
    report, _ = verify_record(
        MemoryFiles(hall.board.files()), pins=Pins(manifest_digest=hall.manifest.digest)
    )
    assert report.verdict is Grade.PASSED, (report.findings, report.gaps)
    _require_nothing_told(hall)


def _require_nothing_told(hall: Hall) -> None:
    """No secret stands in what the programs said, or in any file but the sealed ones, which are sealed."""
    told = [run.text.encode() for run in hall.runs]
    folders = [*hall.homes, hall.stick()]
    paths = [*hall.folder.glob("*.json"), *(path for folder in folders for path in folder.rglob("*"))]
    files = [path.read_bytes() for path in paths if path.is_file()]
    assert told and files
    everything = b"\n".join((*told, *files))
    for trustee in hall.everyone:
        for value in _secrets(hall.secret(trustee)):
            assert not any(form in everything for form in _forms(value))
    assert PASSPHRASE.encode() not in everything


def _secrets(secret: TrusteeSecret) -> Iterator[bytes]:
    ceremony = secret.ceremony
    assert ceremony is not None
    yield secret.signing_key.seed
    yield secret.box_key.secret
    yield ceremony.possession_randomness
    yield from (each.encoded for each in ceremony.polynomial.coefficients)
    yield from (each.secret for each in ceremony.ephemeral_secrets)
    if secret.release is not None:
        yield secret.release.randomness


def _forms(value: bytes) -> Iterator[bytes]:
    yield value
    yield value.hex().encode()
    yield base64.urlsafe_b64encode(value).rstrip(b"=")
    yield base64.b64encode(value).rstrip(b"=")
    yield repr(value).encode()
    yield str(int.from_bytes(value, "little")).encode()


def test_objects_with_secrets_do_not_show_them(added_up: Hall) -> None:
    added_up.take_all("tally-confirm")
    added_up.take("decrypt", 1)
    secret = added_up.secret(1)
    assert secret.release is not None
    shown = repr((secret, secret.ceremony, secret.release, added_up.store(1)))
    for value in _secrets(secret):
        assert not any(form.decode("latin-1") in shown for form in _forms(value))
    assert PASSPHRASE not in shown


def test_steps_taken_again_write_the_same_bytes(added_up: Hall) -> None:
    """A trustee that answered twice differently would give its secrets away."""
    for trustee in added_up.everyone:
        added_up.take("tally-confirm", trustee)
    added_up.take("decrypt", 2)
    before = added_up.out("decrypt", 2).read_bytes()
    added_up.out("decrypt", 2).unlink()
    assert added_up.run("decrypt", 2, "--out", added_up.out("decrypt", 2)).code == 0
    assert added_up.out("decrypt", 2).read_bytes() == before
    for step in ("pledge", "commit", "share", "confirm", "tally-confirm"):
        before = added_up.out(step, 2).read_bytes()
        assert added_up.run(step, 2, "--out", added_up.folder / "again.json").code == 0
        assert (added_up.folder / "again.json").read_bytes() == before

"""Elections at several stages, each made once by the real program and copied for every test."""

from pathlib import Path

import pytest

from tests.support.ceremony_hall import Hall


@pytest.fixture(scope="session")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return Hall.open(tmp_path_factory.mktemp("opened"), trustees=3, threshold=2)


@pytest.fixture(scope="session")
def _committed(_opened: Hall, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    hall = _opened.copy(tmp_path_factory.mktemp("committed"))
    hall.run_ceremony(until="commit")
    return hall


@pytest.fixture(scope="session")
def _added_up(_committed: Hall, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    hall = _committed.copy(tmp_path_factory.mktemp("added-up"))
    hall.take_all("share")
    hall.take_all("confirm")
    hall.make_key()
    hall.vote()
    hall.add_up()
    return hall


@pytest.fixture
def opened(_opened: Hall, tmp_path: Path) -> Hall:
    """Three trustees have keys; the manifest is on the board."""
    return _opened.copy(tmp_path)


@pytest.fixture
def committed(_committed: Hall, tmp_path: Path) -> Hall:
    """Everybody has pledged and committed."""
    return _committed.copy(tmp_path)


@pytest.fixture
def added_up(_added_up: Hall, tmp_path: Path) -> Hall:
    """The election is closed, and the right sums are on the board."""
    return _added_up.copy(tmp_path)

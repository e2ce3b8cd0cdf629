"""The record of the sample election as a folder, shown by the same app as `evote show` runs."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bulletin_board.folder import FolderFiles
from evote.api.show_app import create_show_app
from tests.support.election import build_election
from tests.support.live_election import serving
from tests.support.small_board import write_folder


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(build_election().board.files(), tmp_path_factory.mktemp("shown") / "record")


@pytest.fixture(scope="session")
def site(record: Path) -> Iterator[str]:
    """Where the record is shown."""
    with serving(create_show_app(FolderFiles(record))) as url:
        yield url


@pytest.fixture(scope="session")
def http(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site) as client:
        yield client

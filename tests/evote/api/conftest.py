"""One running election for all tests that neither move its clock nor stop its parts."""

from collections.abc import Iterator

import pytest

from tests.support.live_election import LiveElection, live_election


@pytest.fixture(scope="session")
def voting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveElection]:
    """Open for voting; nobody has cast a ballot that the test itself did not cast."""
    with live_election(tmp_path_factory.mktemp("voting")) as election:
        yield election

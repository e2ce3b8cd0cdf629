"""Committed vectors are, byte for byte, what their makers make, and nothing lies beside them."""

from types import ModuleType

import pytest

from tests.tools import (
    make_ceremony_vectors,
    make_sealing_vectors,
    make_signing_vectors,
    make_tally_vectors,
)
from tests.tools.vector_files import differences

MAKERS = [make_ceremony_vectors, make_sealing_vectors, make_signing_vectors, make_tally_vectors]


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__.split(".")[-1])
def test_vectors_are_what_their_maker_makes(maker: ModuleType) -> None:
    assert differences(maker.cases()) == []

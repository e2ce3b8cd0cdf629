"""When a quorum had cosigned: by, and since."""

from itertools import combinations, permutations

import pytest

from bulletin_board.log.cosignature import Cosignature
from bulletin_board.policy import BoardPolicy
from tests.support import records

POLICY = BoardPolicy.of(records.MANIFEST)


def test_the_policy_is_the_manifests() -> None:
    assert POLICY.log_key.name == records.MANIFEST.board.origin
    assert [key.name for key in POLICY.witness_keys] == [each.name for each in records.MANIFEST.witnesses]
    assert POLICY.quorum == 3


@pytest.mark.parametrize("times", [(5, 5, 5), (1, 2, 3), (1, 2, 3, 4), (7, 7, 1, 9)])
def test_quorum_times_are_what_they_say(times: tuple[int, ...]) -> None:
    subsets = list(combinations(times, POLICY.quorum))
    for order in permutations(times):
        cosignatures = [Cosignature(f"w{place}", time) for place, time in enumerate(order)]
        assert POLICY.quorum_by(cosignatures) == min(max(subset) for subset in subsets)
        assert POLICY.quorum_since(cosignatures) == max(min(subset) for subset in subsets)

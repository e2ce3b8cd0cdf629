"""Plans and results, line by line."""

import json
from pathlib import Path
from typing import Any

import pytest

from evote.errors import VoterError
from evote.voter.plan import PlannedVoter, Result, encode_result, read_plan

LINE: dict[str, Any] = {
    "reference": "V-000001",
    "personal_number": "10101199000011",
    "language": "ky",
    "email": "aida@example.org",
    "code": "0000-SECRET",
    "choices": {"president": ["aida"]},
}


def plan(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "plan.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def test_plan_is_read_in_order(tmp_path: Path) -> None:
    more = LINE | {"reference": "V-000002", "action": "check-then-cast", "not_before": 17}
    first, second = read_plan(plan(tmp_path, LINE, "", more))
    assert first == PlannedVoter(**LINE)
    assert (first.action, first.not_before) == ("cast", 0)
    assert (second.action, second.not_before) == ("check-then-cast", 17)
    assert "SECRET" not in repr(first)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "vote"},
        {"choices": ["aida"]},
        {"reference": "../V-000001"},
        {"reference": ""},
        {"not_before": "soon"},
        {"unknown": 1},
    ],
)
def test_bad_line_is_named_and_not_quoted(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(VoterError, match=r"line 2 is no voter$") as caught:
        read_plan(plan(tmp_path, LINE, LINE | change))
    assert "SECRET" not in str(caught.value)


def test_what_is_no_json_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(VoterError, match="line 1"):
        read_plan(plan(tmp_path, "{"))
    with pytest.raises(VoterError, match="No such file"):
        read_plan(tmp_path / "absent.jsonl")


def test_result_has_what_is_known_and_nothing_else() -> None:
    refused = Result("V-000001", "cast", "refused", {"president": ["aida"]}, code="closed")
    assert json.loads(encode_result(refused)) == {
        "reference": "V-000001",
        "action": "cast",
        "outcome": "refused",
        "choices": {"president": ["aida"]},
        "code": "closed",
    }
    assert encode_result(refused).count(b"\n") == 1

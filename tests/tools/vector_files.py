"""What the makers of vectors share: reproducible randomness, one text per case, folders without leftovers."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.vectors import VECTORS

Case = dict[str, Any]


def drawn(label: str, size: int) -> bytes:
    """Bytes that anybody can draw again from their label."""
    return hashlib.shake_256(f"evote vectors: {label}".encode()).digest(size)


def render(case: Case) -> str:
    return json.dumps(case, ensure_ascii=False, indent=1) + "\n"


def write(cases: Mapping[str, Case]) -> None:
    """Write every `folder/name` anew and remove what else lies in these folders."""
    for folder in sorted({Path(name).parent for name in cases}):
        (VECTORS / folder).mkdir(parents=True, exist_ok=True)
        for stale in (VECTORS / folder).glob("*.json"):
            stale.unlink()
    for name, case in cases.items():
        (VECTORS / f"{name}.json").write_text(render(case), encoding="utf-8")


def differences(cases: Mapping[str, Case]) -> list[str]:
    """The files that are missing, left over, or not what would be written."""
    folders = {Path(name).parent for name in cases}
    present = {
        path.relative_to(VECTORS).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in (VECTORS / folder).glob("*.json")
    }
    wanted = {name: render(case) for name, case in cases.items()}
    return sorted(name for name in present.keys() | wanted if present.get(name) != wanted.get(name))

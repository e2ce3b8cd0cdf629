"""The vectors under tests/vectors: JSON, one case per file, the same for every implementation."""

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(algorithm: str) -> list[dict[str, Any]]:
    """All cases of one folder, each with the name of its file as `id`."""
    paths = sorted((VECTORS / algorithm).glob("*.json"))
    assert paths, f"no vectors for {algorithm}: a moved folder must not look like a pass"
    return [json.loads(path.read_text()) | {"id": path.stem} for path in paths]

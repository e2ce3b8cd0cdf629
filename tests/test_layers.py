"""Imports run down the page, never up; a few libraries live on one floor only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_IMPORT: dict[str, set[str]] = {
    "crypto": set(),
    "bulletin_board": {"crypto"},
    "verifier": {"crypto", "bulletin_board"},
    "trustees": {"crypto", "bulletin_board", "verifier"},
    "evote": {"crypto", "bulletin_board", "trustees", "verifier"},
}

# Third-party code each floor may stand on; None: whatever pyproject.toml declares.
CRYPTO_LIBRARIES = {"nacl", "gmpy2"}

# Where a library may be imported at all: module path prefixes.
HOME_OF = {
    "sqlalchemy": ("bulletin_board/store/", "evote/db/"),
    "alembic": ("bulletin_board/store/", "evote/db/"),
    "fastapi": ("evote/",),
    "starlette": ("evote/",),
    "uvicorn": ("evote/",),
    "gmpy2": ("crypto/",),
}

TOP_LEVEL = {
    ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md",
    "bulletin_board", "crypto", "evote", "examples", "pyproject.toml", "requirements.lock", "specs", "tests",
    "trustees", "verifier",
}  # fmt: skip


def sources() -> list[tuple[str, Path]]:
    files = [(package, path) for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")]
    assert len(files) > len(MAY_IMPORT)
    return files


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_packages_import_only_downwards() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package, path in sources()
        for name in sorted(imported(path) & (MAY_IMPORT.keys() - MAY_IMPORT[package] - {package}))
    ]
    assert wrong == []


def test_crypto_stands_on_the_standard_library_pynacl_and_gmpy2() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package, path in sources()
        if package == "crypto"
        for name in sorted(imported(path) - sys.stdlib_module_names - CRYPTO_LIBRARIES - {"crypto"})
    ]
    assert wrong == []


def test_libraries_stay_on_their_floor() -> None:
    wrong = [
        f"{relative} imports {name}"
        for _, path in sources()
        for relative in [path.relative_to(ROOT).as_posix()]
        for name in sorted(imported(path) & HOME_OF.keys())
        if not relative.startswith(HOME_OF[name])
    ]
    assert wrong == []


def test_httpx_lives_in_client_modules() -> None:
    wrong = [
        path.relative_to(ROOT).as_posix()
        for _, path in sources()
        if "httpx" in imported(path) and not path.name.endswith("client.py")
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["verifier", "trustees", "bulletin_board", "crypto"])
def test_importing_brings_no_server_along(package: str) -> None:
    heavy = {"sqlalchemy", "fastapi", "alembic", "uvicorn"}
    program = f"import {package}, sys; print(*sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


def test_the_top_level_is_the_agreed_one() -> None:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert {line.split("/")[0] for line in listing.stdout.splitlines()} <= TOP_LEVEL


def test_no_assert_guards_a_security_check() -> None:
    """`python -O` strips asserts, so what outsiders can influence must raise. Spec: N63."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package, path in sources()
        if package in {"crypto", "bulletin_board", "verifier", "trustees"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert wrong == []


def test_files_stay_readable() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for _, path in sources()
        for lines in [len(path.read_text(encoding="utf-8").splitlines())]
        if lines > 400
    ]
    assert wrong == []

"""Every text that the program asks for is there with exactly its details, and no text is there for nothing.

That the three languages say the same is held in tests/evote/test_messages.py, for all catalogues at once.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import typer
from fluent.syntax import FluentParser
from fluent.syntax import ast as fluent
from fluent.syntax.visitor import Visitor
from typer.core import TyperGroup

from trustees.cli import app
from trustees.terminal import FOLDER

PACKAGE = FOLDER.parent
STEPS = ("pledge", "commit", "share", "confirm")
ERRORS = {"TrusteeError", "UsageError", "SecretFileError", "NotYetError", "BoardFaultError", "ReleaseError"}

Asked = tuple[str, frozenset[str]]  # key, names of its details


class _Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: fluent.VariableReference) -> None:  # noqa: N802 -- the visitor's name
        self.names.add(node.id.name)


def catalogue() -> dict[str, frozenset[str]]:
    """key → its variables, of the English texts."""
    found = {}
    for path in (FOLDER / "en").glob("*.ftl"):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            if isinstance(entry, fluent.Message):
                variables = _Variables()
                variables.visit(entry)
                found[entry.id.name] = frozenset(variables.names)
    return found


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call whose first argument is a literal string, with the name of what is called."""
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if isinstance(node.args[0].value, str):
                    yield path, node, name


def asked() -> Iterator[Asked]:
    """What the code asks for, literally or by a rule that is named here."""
    for _, call, name in calls():
        assert isinstance(call.args[0], ast.Constant)
        key = str(call.args[0].value)
        details = frozenset(keyword.arg or "**" for keyword in call.keywords)
        if name in ERRORS:
            yield f"error-{key}", details
        elif name in {"say", "text"} or (name == "of" and key.startswith("done-")):
            yield key, details
    yield from ((f"step-{step}", frozenset[str]()) for step in STEPS)
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    for command in (program, *program.commands.values()):
        yield str(command.help), frozenset()
        for option in command.params:
            yield str(getattr(option, "help", "")), frozenset()


def test_every_text_that_is_asked_for_is_there_with_its_details() -> None:
    texts, wanted = catalogue(), set(asked())
    assert len(wanted) > 80
    assert [key for key, _ in wanted if key not in texts] == []
    assert [(key, details, texts[key]) for key, details in wanted if details != texts[key]] == []


def test_no_text_is_there_for_nothing() -> None:
    assert catalogue().keys() - {key for key, _ in asked()} == set()


def test_errors_are_raised_with_a_key_and_nothing_else() -> None:
    """A sentence in place of a key would be shown to nobody."""
    raised = [
        node
        for path in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS
    ]
    assert len(raised) > 30
    for call in raised:
        assert isinstance(call.args[0], ast.Constant), ast.unparse(call)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", str(call.args[0].value)), ast.unparse(call)

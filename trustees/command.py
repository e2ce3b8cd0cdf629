"""Commands whose help comes from the catalogue: in code they carry keys, a trustee reads texts."""

from typing import Any

from typer.core import TyperCommand, TyperGroup

from trustees.catalogue import Catalogue
from trustees.terminal import LANGUAGE_OPTION, Terminal


class Command(TyperCommand):
    """One command."""

    def get_help(self, ctx: Any) -> str:
        texts = _texts(ctx)
        lines = [texts.text(str(self.help)), "", f"{ctx.command_path}"]
        for option in self.params:
            lines += _entry(", ".join(option.opts), texts.text(str(getattr(option, "help", ""))))
        return "\n".join([*lines, *_everywhere(texts)])


class Program(TyperGroup):
    """The list of commands."""

    def get_help(self, ctx: Any) -> str:
        texts = _texts(ctx)
        lines = [texts.text(str(self.help)), ""]
        for name, command in self.commands.items():
            lines += _entry(f"{ctx.command_path} {name}", texts.text(str(command.help)))
        return "\n".join([*lines, *_everywhere(texts)])


def _everywhere(texts: Catalogue) -> list[str]:
    return [
        *_entry(LANGUAGE_OPTION, texts.text("option-language")),
        *_entry("--help", texts.text("option-help")),
    ]


def _entry(name: str, text: str) -> list[str]:
    # Below each other: a column would break apart in large type.
    return [f"  {name}", f"      {text}"]


def _texts(ctx: Any) -> Catalogue:
    terminal = ctx.find_root().obj
    if not isinstance(terminal, Terminal):
        raise TypeError("command: run without a terminal")
    return terminal.texts

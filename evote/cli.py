"""`evote …`: the command of officials, registrar, identity service and headless voters, put together.

Each command's module is loaded when it is called for: most of them stand on libraries that the others do not
need, and a ceremony starts many programs.
"""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.main import get_group

from crypto.backend import ACTIVE
from evote.terminal import Program

HOMES = {
    "evote.election.commands": ("key", "create", "sign", "draft", "post", "tally"),
    "evote.registrar.commands": ("registrar",),
    "evote.identity.commands": ("identity",),
    "evote.api.commands": ("serve", "witness", "show"),
    "evote.publish": ("publish",),
    "evote.voter.commands": ("vote",),
}
"""Module → the commands in its `app`, or the one name under which the whole of it goes."""

WHOLE = frozenset({"registrar", "identity"})


class Parts(Program):
    """The commands of all modules, each loaded when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return [name for names in HOMES.values() for name in names]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for module, names in HOMES.items():
            if cmd_name in names:
                group = get_group(import_module(module).app)
                return group if cmd_name in WHOLE else group.get_command(ctx, cmd_name)
        return None


app = typer.Typer(cls=Parts, no_args_is_help=True, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evote {version('evote')}, arithmetic: {ACTIVE.name}")
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Version and arithmetic.")
    ] = False,
) -> None:
    """Run an election that anyone can check."""


def main() -> None:
    app()

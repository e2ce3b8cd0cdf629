"""`evote publish`: the record as files that any web server can offer, read from the board's own database."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bulletin_board.publish import publish_archive, publish_folder
from bulletin_board.store.sql import SqlBoardStore
from evote.errors import SettingsError
from evote.terminal import Program, out

app = typer.Typer(cls=Program, no_args_is_help=True, pretty_exceptions_enable=False)

BoardDb = Annotated[Path, typer.Option("--board-db", help="Database of the board.")]


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="Folder to write; an earlier record there is replaced.")],
    board_db: BoardDb,
    at: Annotated[
        int | None, typer.Option("--at", help="Size of a kept checkpoint; else the newest.")
    ] = None,
    archive: Annotated[
        Path | None, typer.Option("--archive", help="The same as one file, .tar or .tar.gz.")
    ] = None,
) -> None:
    """Write the record as a folder of files that any web server can offer."""
    if not board_db.is_file():
        raise SettingsError(f"{board_db}: no such file")
    store = SqlBoardStore.open(f"sqlite:///{board_db.absolute()}")
    try:
        with Progress(console=out(), transient=True) as progress:
            bar = progress.add_task(str(folder), total=None)
            published = publish_folder(
                store,
                folder,
                tree_size=at,
                progress=lambda done, total: progress.update(bar, completed=done, total=total),
            )
            if archive:
                bar = progress.add_task(str(archive), total=None)
                publish_archive(
                    store,
                    archive,
                    # The same cut, even if the board has gone on in between.
                    tree_size=published.tree_size,
                    progress=lambda done, total: progress.update(bar, completed=done, total=total),
                )
    finally:
        store.close()
    out().print(f"{folder}: {published.files} files, {published.tree_size} entries")


@app.callback()
def group() -> None:
    """The published record."""

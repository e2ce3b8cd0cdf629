"""`evote serve | witness | show`: the programs that stay running."""

import logging
from pathlib import Path
from time import time
from typing import Annotated

import typer

from bulletin_board.envelope_file import load_manifest
from bulletin_board.log.cosignature import Cosigner
from bulletin_board.policy import BoardPolicy
from bulletin_board.store.witness import SqlWitnessStore
from bulletin_board.witness import Witness
from evote.api.show_app import create_show_app, record_at
from evote.api.web_server import run_app
from evote.api.witness_app import create_witness_app
from evote.app import voting_server
from evote.errors import SettingsError
from evote.keys import Role, load_key
from evote.settings import ServerSettings
from evote.terminal import KeyFile, ManifestFile, PassphraseFile, Program, out, read_passphrase

app = typer.Typer(cls=Program, help="Servers.", no_args_is_help=True)

BoardDb = Annotated[Path, typer.Option("--board-db", help="Database of the board.")]
Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", help="Port to listen on.", min=1, max=65_535)]


@app.command()
def serve(
    manifest: ManifestFile,
    board_db: BoardDb,
    key: KeyFile,
    witness: Annotated[list[str], typer.Option("--witness", help="NAME=URL of a witness; repeated.")],
    passphrase_file: PassphraseFile = None,
    grants_db: Annotated[
        Path | None, typer.Option("--grants-db", help="Database of grants; beside the board's by default.")
    ] = None,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    workers_verify: Annotated[
        int, typer.Option("--workers-verify", help="Processes that verify ballots; 0 for a thread.", min=0)
    ] = 0,
) -> None:
    """Run the voting server with its board. The first start makes the manifest entry 0; later ones go on."""
    settings = ServerSettings.gather(
        manifest,
        load_key(key, read_passphrase(passphrase_file)),
        board_db=board_db,
        grants_db=grants_db or board_db.with_name(f"{board_db.name}.grants"),
        witnesses=tuple(witness),
        verify_workers=workers_verify,
    )
    _log_requests()
    with voting_server(settings) as server:
        out().print(f"Board of {settings.manifest.election_id} at http://{host}:{port}")
        run_app(server, host=host, port=port, grace=5 + 2 * settings.manifest.beat / 1000)


@app.command()
def witness(
    db: Annotated[Path, typer.Option("--db", help="The witness's memory. Never restore it from a backup.")],
    key: KeyFile,
    manifest: Annotated[
        list[Path], typer.Option("--manifest", help="Signed manifest; repeated.", exists=True)
    ],
    passphrase_file: PassphraseFile = None,
    host: Host = "127.0.0.1",
    port: Port = 8081,
) -> None:
    """Run a witness, which cosigns the logs of these elections and no others."""
    manifests = [load_manifest(path) for path in manifest]
    role_key = load_key(key, read_passphrase(passphrase_file))
    role_key.require_role(Role.WITNESS)
    cosigner = Cosigner(role_key.name, role_key.signing_key)
    for each in manifests:
        if cosigner.key not in BoardPolicy.of(each).witness_keys:
            raise SettingsError(f"key of {role_key.name}: {each.election_id} names no such witness")
    trusted = {each.board.origin: (BoardPolicy.of(each).log_key,) for each in manifests}
    store = SqlWitnessStore.open(f"sqlite:///{db.absolute()}")
    try:
        _log_requests()
        out().print(f"Witness {role_key.name} at http://{host}:{port}")
        run_app(create_witness_app(Witness(cosigner, trusted, store), time), host=host, port=port)
    finally:
        store.close()


@app.command()
def show(
    record: Annotated[Path, typer.Argument(help="Folder or archive of a published record.", exists=True)],
    host: Host = "127.0.0.1",
    port: Port = 8082,
) -> None:
    """Look at a published record in the browser. It is shown as it stands; evote-verify checks it."""
    with record_at(record) as files:
        server = create_show_app(files)
        out().print(f"Open http://{host}:{port} in the browser; end with Ctrl-C.")
        run_app(server, host=host, port=port)


def _log_requests() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # The clients of the witnesses would write down every beat.
    logging.getLogger("httpx").setLevel(logging.WARNING)

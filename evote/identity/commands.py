"""`evote identity …`: the identity service as an issuer, and as the desk that voters come to."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated

import typer

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import read_addenda, read_envelope, write_envelope
from bulletin_board.records.manifest import Manifest
from evote.api.web_server import run_app
from evote.db.identity import IdentityStore
from evote.election.public_log import PublicLog
from evote.election.signing import sign_file
from evote.errors import IdentityError
from evote.identity.issuing import (
    check_change,
    check_roll,
    complete_parts,
    issue_parts,
    persons_of,
    prepare_reissue,
)
from evote.identity.reporting import CountReporter
from evote.identity.sealed_parts import PartSafe, StorageKey
from evote.identity.server import SESSIONS_PER_HOUR, IdentitySettings, identity_server
from evote.issuing.credential import IDENTITY, issuer_place
from evote.issuing.files import Handover, Join, PartList, part_list, read_exchange, write_exchange
from evote.issuing.pledges import read_pledges, require_pledged, sign_pledge
from evote.keys import Role, RoleKey, load_key
from evote.terminal import (
    KeyFile,
    ManifestDigest,
    ManifestFile,
    PassphraseFile,
    Program,
    ServerUrl,
    open_manifest,
    out,
    read_passphrase,
)

app = typer.Typer(
    cls=Program,
    help="Identify voters, and hand them their part of the credential.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Database = Annotated[Path, typer.Option("--db", help="The identity service's database.", dir_okay=False)]
Out = Annotated[Path, typer.Option("--out", help="File to write.", dir_okay=False)]
Source = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
TheirList = Annotated[Path, typer.Option("--their-list", exists=True, dir_okay=False)]
IdentityKey = Annotated[
    Path,
    typer.Option(
        "--identity-key", help="Sealed key that signs grants and counts.", exists=True, dir_okay=False
    ),
]


@app.command("import")
def import_handover(
    handover: Source, db: Database, manifest: ManifestFile, manifest_digest: ManifestDigest = None
) -> None:
    """Take over whom to identify, in place of an earlier handover; refused once parts are drawn."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        persons = persons_of(read_exchange(handover, Handover, election.digest))
        store.replace_persons(persons)
        out().print(f"{len(persons)} persons")


@app.command()
def issue(
    db: Database,
    manifest: ManifestFile,
    key: KeyFile,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Draw a part for everybody who has none; parts are kept sealed under the storage key of the key file."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        safe = PartSafe(_storage(_issuer_key(key, passphrase_file, election)), election)
        done = 0
        for done in issue_parts(store, safe, election, secrets.token_bytes):
            out().print(f"{done} parts")
        out().print(f"done: {done} new parts")


@app.command()
def pledge(
    db: Database,
    manifest: ManifestFile,
    key: KeyFile,
    out_file: Out,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Sign the pledge over all public parts, to be posted."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        signer = _issuer_key(key, passphrase_file, election)
        parts = complete_parts(store)
        write_envelope(out_file, sign_pledge(election, IDENTITY, parts.values(), signer.signing_key))
        out().print(f"pledge over {len(parts)} parts in {out_file}")


@app.command("list")
def write_list(
    db: Database,
    manifest: ManifestFile,
    server: ServerUrl,
    out_file: Out,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Write our list of public parts; refused until the pledges of all issuers stand on the board."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        parts = complete_parts(store)
        with BoardClient(server) as client:
            pledges = read_pledges(PublicLog.open(client, election))
        require_pledged(election, IDENTITY, parts, pledges)
        write_exchange(out_file, part_list(election, IDENTITY, parts))
        out().print(f"{len(parts)} parts in {out_file}")


@app.command("sign-roll")
def sign_roll(
    roll: Source,
    db: Database,
    manifest: ManifestFile,
    server: ServerUrl,
    join: Annotated[Path, typer.Option("--join", exists=True, dir_okay=False)],
    their_list: TheirList,
    key: KeyFile,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Make the roll again from our own parts; sign the registrar's only if it is the same."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        signer = _issuer_key(key, passphrase_file, election)
        with BoardClient(server) as client:
            pledges = read_pledges(PublicLog.open(client, election))
        envelope = read_envelope(roll)
        body = envelope.body
        members = check_roll(
            store,
            election,
            body,
            read_addenda(roll, body),
            join=read_exchange(join, Join, election.digest),
            theirs=read_exchange(their_list, PartList, election.digest),
            pledges=pledges,
        )
        sign_file(roll, envelope, signer, election)
        store.join_members(members, own_place=issuer_place(election, IDENTITY))
        out().print(f"roll of {len(members)} rows checked and signed")


@app.command()
def sign(
    file: Source,
    db: Database,
    manifest: ManifestFile,
    key: KeyFile,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Check a revocation or a reissue against what we know, and sign it."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        signer = _issuer_key(key, passphrase_file, election)
        envelope = read_envelope(file)
        reference = check_change(store, election, envelope.body)
        sign_file(file, envelope, signer, election)
        out().print(f"{envelope.type} of {reference} checked and signed")


@app.command()
def reissue(
    reference: Annotated[str, typer.Argument(help="Number of the lost letter.")],
    db: Database,
    manifest: ManifestFile,
    key: KeyFile,
    out_file: Out,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Draw a new part for a voter who lost the letter; it is handed out once the reissue is on the board."""
    with _identity(db, manifest, manifest_digest) as (election, store):
        safe = PartSafe(_storage(_issuer_key(key, passphrase_file, election)), election)
        write_exchange(out_file, prepare_reissue(store, safe, election, reference, secrets.token_bytes))
        out().print(f"new part of {reference} in {out_file}")


@app.command()
def count(
    db: Database,
    manifest: ManifestFile,
    server: ServerUrl,
    identity_key: IdentityKey,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Post how many persons were identified so far."""
    with _identity(db, manifest, manifest_digest) as (election, store), BoardClient(server) as client:
        signer = _identity_key(identity_key, passphrase_file, election)
        reporter = CountReporter(election, client, store, lambda: 0, signer.signing_key)
        out().print(f"{reporter.report()} persons identified")


@app.command()
def serve(
    db: Database,
    manifest: ManifestFile,
    server: ServerUrl,
    outbox: Annotated[Path, typer.Option("--outbox", help="Folder for mails.", file_okay=False)],
    key: KeyFile,
    identity_key: IdentityKey,
    port: Annotated[int, typer.Option("--port", min=1, max=65_535)],
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    passphrase_file: PassphraseFile = None,
    identity_passphrase_file: Annotated[
        Path | None,
        typer.Option("--identity-passphrase-file", help="Where it differs.", exists=True, dir_okay=False),
    ] = None,
    sender: Annotated[str | None, typer.Option("--sender", help="Address that mails are from.")] = None,
    sessions_per_hour: Annotated[int, typer.Option("--sessions-per-hour", min=1)] = SESSIONS_PER_HOUR,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Identify voters over HTTP, and write them a notice for every ballot."""
    election = open_manifest(manifest, manifest_digest)
    issuer = _issuer_key(key, passphrase_file, election)
    signer = _identity_key(identity_key, identity_passphrase_file or passphrase_file, election)
    settings = IdentitySettings(
        manifest=election,
        db=db,
        server=server,
        outbox=outbox,
        storage_key=_storage(issuer),
        identity_key=signer.signing_key,
        sender=_sender(sender, election),
        sessions_per_hour=sessions_per_hour,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with identity_server(settings) as service:
        out().print(f"identity service of {election.election_id} on http://{host}:{port}")
        run_app(service, host=host, port=port)


@contextmanager
def _identity(
    db: Path, manifest: Path, manifest_digest: str | None
) -> Iterator[tuple[Manifest, IdentityStore]]:
    election = open_manifest(manifest, manifest_digest)
    store = IdentityStore.open(db, election.digest)
    try:
        yield election, store
    finally:
        store.close()


def _issuer_key(path: Path, passphrase_file: Path | None, manifest: Manifest) -> RoleKey:
    key = load_key(path, read_passphrase(passphrase_file, what="Passphrase of the issuer key"))
    key.require_role(Role.ISSUER, issuer_id=IDENTITY)
    key.require_public(manifest.issuer(IDENTITY).key)
    return key


def _identity_key(path: Path, passphrase_file: Path | None, manifest: Manifest) -> RoleKey:
    key = load_key(path, read_passphrase(passphrase_file, what="Passphrase of the identity key"))
    key.require_role(Role.IDENTITY)
    key.require_public(manifest.identity_key)
    return key


def _storage(key: RoleKey) -> StorageKey:
    if key.storage_key is None:
        raise IdentityError(f"key of {key.name}: holds no storage key")
    return StorageKey(key.storage_key)


def _sender(text: str | None, manifest: Manifest) -> Address:
    host = manifest.board.origin.partition("/")[0].partition(":")[0]
    try:
        return Address(manifest.issuer(IDENTITY).name, addr_spec=text or f"noreply@{host}")
    except ValueError as exc:
        raise typer.BadParameter(f"sender: {exc}") from exc

"""`evote registrar …`: from a voter list to letters, and from the issuers' lists to the roll."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bulletin_board.client import BoardClient
from bulletin_board.durable_file import make_private_folder
from bulletin_board.envelope_file import write_envelope
from bulletin_board.errors import RequestRefused
from bulletin_board.records.envelope import sign_body
from bulletin_board.records.manifest import Manifest
from evote.db.registrar import RegistrarStore
from evote.election.public_log import PublicLog
from evote.issuing.credential import REGISTRAR
from evote.issuing.files import PartList, ReissuePart, join_of, part_list, read_exchange, write_exchange
from evote.issuing.pledges import read_pledges, require_pledged, sign_pledge
from evote.keys import Role, RoleKey, load_key
from evote.registrar.changes import REASONS, IsEffective, Reason, member_in_force, reissue_letter, revoke
from evote.registrar.issuing import issue_letters
from evote.registrar.issuing_lock import issuing_lock
from evote.registrar.letters import LetterPress, LetterSettings, default_website
from evote.registrar.roll_making import complete_parts, handover_of, make_roll
from evote.registrar.voter_list import MAX_BYTES, compare_lists, parse_voter_list
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
    help="Voter list in, letters out; the roll.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Database = Annotated[Path, typer.Option("--db", help="The registrar's database.", dir_okay=False)]
Out = Annotated[Path, typer.Option("--out", help="File to write.", dir_okay=False)]
Letters = Annotated[Path, typer.Option("--letters", help="Folder for the letters.", file_okay=False)]
Website = Annotated[
    str | None, typer.Option("--website", help="Where to vote, as printed; by default the board's host.")
]
Helpline = Annotated[str, typer.Option("--helpline", help="Whom to ask; by default the polling place.")]


@app.command("import")
def import_list(
    voters: Annotated[Path, typer.Argument(help="CSV file.", exists=True, dir_okay=False)],
    db: Database,
    manifest: ManifestFile,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Take over a voter list, in place of an earlier one; refused once letters are written."""
    with _registrar(db, manifest, manifest_digest) as (election, store):
        with voters.open("rb") as file:
            new = parse_voter_list(file.read(MAX_BYTES + 1), election)
        changes = compare_lists(store.voters(), new)
        store.replace_voters(new)
        out().print(
            f"{len(new)} voters: {changes.added} added, {changes.removed} removed, "
            f"{changes.changed} changed, {changes.unchanged} unchanged"
        )


@app.command()
def issue(
    letters: Letters,
    db: Database,
    manifest: ManifestFile,
    manifest_digest: ManifestDigest = None,
    website: Website = None,
    helpline: Helpline = "",
) -> None:
    """Write a letter with a secret code for everybody who has none. Interrupted, it goes on where it was."""
    with issuing_lock(db), _registrar(db, manifest, manifest_digest) as (election, store):
        press = _press(election, website, helpline)
        done = 0
        for done in issue_letters(store, press, election, letters, secrets.token_bytes):
            out().print(f"{done} letters written")
        out().print(
            f"done: {done} new letters in {letters}; they are complete only now, print them from here on"
        )


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
    with _registrar(db, manifest, manifest_digest) as (election, store):
        signer = _key(key, passphrase_file, election)
        parts = complete_parts(store)
        write_envelope(out_file, sign_pledge(election, REGISTRAR, parts.values(), signer.signing_key))
        out().print(f"pledge over {len(parts)} parts in {out_file}")


@app.command()
def handover(
    db: Database, manifest: ManifestFile, out_file: Out, manifest_digest: ManifestDigest = None
) -> None:
    """Write what the identity service needs to reach the voters: no names, no addresses, no codes."""
    with _registrar(db, manifest, manifest_digest) as (election, store):
        content = handover_of(store.voters(), election)
        write_exchange(out_file, content)
        out().print(f"{len(content.persons)} persons in {out_file}")


@app.command("list")
def write_list(
    db: Database,
    manifest: ManifestFile,
    server: ServerUrl,
    out_file: Out,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Write our list of public parts; refused until the pledges of all issuers stand on the board."""
    with _registrar(db, manifest, manifest_digest) as (election, store):
        parts = complete_parts(store)
        with BoardClient(server) as client:
            pledges = read_pledges(PublicLog.open(client, election))
        require_pledged(election, REGISTRAR, parts, pledges)
        write_exchange(out_file, part_list(election, REGISTRAR, parts))
        out().print(f"{len(parts)} parts in {out_file}")


@app.command()
def roll(
    db: Database,
    manifest: ManifestFile,
    server: ServerUrl,
    their_list: Annotated[Path, typer.Option("--their-list", exists=True, dir_okay=False)],
    key: KeyFile,
    out_file: Out,
    join: Annotated[
        Path, typer.Option("--join", help="File that tells the identity service whose row is whose.")
    ],
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Join both lists into the roll and sign it; then the identity service checks and signs it as well."""
    with _registrar(db, manifest, manifest_digest) as (election, store):
        signer = _key(key, passphrase_file, election)
        theirs = read_exchange(their_list, PartList, election.digest)
        with BoardClient(server) as client:
            pledges = read_pledges(PublicLog.open(client, election))
        made = make_roll(store, election, theirs, pledges)
        write_exchange(join, join_of(election, made.members))
        write_envelope(
            out_file, sign_body("roll", made.record, election.digest, [signer.signing_key]), made.addenda
        )
        out().print(f"roll of {made.record.length} rows in {out_file}, root {made.record.root.hex()}")
        for count in made.record.counts:
            out().print(f"  {count.style} {count.unit}: {count.count}")


@app.command()
def paper(
    references: Annotated[list[str], typer.Argument(help="Letters of the voters who voted on paper.")],
    db: Database,
    manifest: ManifestFile,
    key: KeyFile,
    out_dir: Annotated[Path, typer.Option("--out-dir", help="Folder for the revocations.", file_okay=False)],
    reason: Annotated[Reason, typer.Option("--reason")] = REASONS[0],
    server: Annotated[str | None, typer.Option("--server", help="Asked where codes were reissued.")] = None,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
) -> None:
    """Draft revocations for who voted on paper; the identity service and one authority sign after us."""
    with _registrar(db, manifest, manifest_digest) as (election, store):
        signer = _key(key, passphrase_file, election)
        make_private_folder(out_dir)
        with _board_word(server, election) as is_effective:
            members = [member_in_force(store, reference, is_effective) for reference in references]
        for member in members:
            path = out_dir / f"{member.reference}.json"
            write_envelope(path, revoke(member, reason, election, signer.signing_key))
            out().print(f"{member.reference}: {reason} in {path}")


@app.command()
def reissue(
    reference: Annotated[str, typer.Argument(help="Number of the lost letter.")],
    db: Database,
    manifest: ManifestFile,
    their_part: Annotated[Path, typer.Option("--their-part", exists=True, dir_okay=False)],
    key: KeyFile,
    letters: Letters,
    out_file: Out,
    server: Annotated[str | None, typer.Option("--server", help="Asked where codes were reissued.")] = None,
    passphrase_file: PassphraseFile = None,
    manifest_digest: ManifestDigest = None,
    website: Website = None,
    helpline: Helpline = "",
) -> None:
    """Write a new letter, and the record that makes its code valid in place of the lost one."""
    with _registrar(db, manifest, manifest_digest) as (election, store):
        signer = _key(key, passphrase_file, election)
        theirs = read_exchange(their_part, ReissuePart, election.digest)
        with _board_word(server, election) as is_effective:
            old = member_in_force(store, reference, is_effective)
        body = reissue_letter(
            store,
            _press(election, website, helpline),
            election,
            old=old,
            theirs=theirs,
            folder=letters,
            random_bytes=secrets.token_bytes,
        )
        write_envelope(out_file, sign_body("reissue", body, election.digest, [signer.signing_key]))
        out().print(f"{reference}: new letter in {letters}, record in {out_file}")
        out().print(
            "hand out the letter when the identity service and an authority have signed and it is posted"
        )


@contextmanager
def _registrar(
    db: Path, manifest: Path, manifest_digest: str | None
) -> Iterator[tuple[Manifest, RegistrarStore]]:
    election = open_manifest(manifest, manifest_digest)
    store = RegistrarStore.open(db, election.digest)
    try:
        yield election, store
    finally:
        store.close()


def _key(path: Path, passphrase_file: Path | None, manifest: Manifest) -> RoleKey:
    key = load_key(path, read_passphrase(passphrase_file))
    key.require_role(Role.ISSUER, issuer_id=REGISTRAR)
    key.require_public(manifest.issuer(REGISTRAR).key)
    return key


def _press(manifest: Manifest, website: str | None, helpline: str) -> LetterPress:
    return LetterPress(manifest, LetterSettings(website or default_website(manifest), helpline))


@contextmanager
def _board_word(server: str | None, manifest: Manifest) -> Iterator[IsEffective | None]:
    if server is None:
        yield None
        return
    with BoardClient(server) as client:
        yield lambda credential: _is_effective(client, credential, manifest)


def _is_effective(client: BoardClient, credential: bytes, manifest: Manifest) -> bool:
    try:
        return client.credential(credential, manifest).standing == "effective"
    except RequestRefused:
        # A reissue that was prepared and never posted.
        return False

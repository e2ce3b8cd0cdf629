"""`evote key …`, `create`, `sign`, `draft …`, `post`, `tally …`: what the officials of an election type."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from bulletin_board.client import BoardClient
from bulletin_board.envelope_file import load_manifest, read_envelope, write_envelope
from bulletin_board.errors import RecordError
from bulletin_board.records.envelope import Envelope, sign_body
from bulletin_board.records.manifest import Manifest, Schedule
from bulletin_board.records.record import Record
from bulletin_board.records.tally import Aggregate, Result
from evote.election.definition import Terms, load_definition, make_manifest
from evote.election.description import describe, digest_lines
from evote.election.drafts import NoticeKind, Waiting, draft_close, draft_notice, draft_open
from evote.election.moment import parse_moment
from evote.election.posting import post_file, post_record
from evote.election.public_log import PublicLog
from evote.election.signing import sign_file
from evote.election.tallying import aggregate_of, result_of
from evote.errors import DefinitionError, SignedFileError
from evote.keys import Role, card_path, create_key, load_cards, load_key
from evote.terminal import PassphraseFile, Program, out, read_passphrase
from trustees.sealing import Sealing

app = typer.Typer(cls=Program, help="Officials.", no_args_is_help=True)
keys = typer.Typer(cls=Program, help="Keys of the roles.", no_args_is_help=True)
drafts = typer.Typer(cls=Program, help="Decisions of the authorities, to be signed.", no_args_is_help=True)
tally = typer.Typer(cls=Program, help="The board's part of the count.", no_args_is_help=True)
app.add_typer(keys, name="key")
app.add_typer(drafts, name="draft")
app.add_typer(tally, name="tally")

Server = Annotated[str, typer.Option("--server", help="Address of the voting server.")]
ManifestFile = Annotated[
    Path, typer.Option("--manifest", help="The signed manifest.", exists=True, dir_okay=False)
]
KeyFile = Annotated[Path, typer.Option("--key", help="Sealed key file.", exists=True, dir_okay=False)]
OutFile = Annotated[Path, typer.Option("--out", help="File to write; it must not be there yet.")]
Pin = Annotated[
    str | None, typer.Option("--manifest-digest", help="As published out of band, 64 hex digits.")
]
_MOMENT = "POSIX seconds, or from now: +90s, +15m, +2h."


@keys.command("new")
def new_key(
    role: Annotated[Role, typer.Option(help="What the key may sign.")],
    name: Annotated[str, typer.Option(help="As it will stand in the manifest.")],
    path: Annotated[Path, typer.Option("--out", help="Sealed key file to write; its card is put beside it.")],
    issuer_id: Annotated[
        str | None, typer.Option("--id", help="Of an issuer: registrar or identity.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    sealing: Annotated[
        Sealing, typer.Option("--sealing", help="Cost of opening the key file; floor only for rehearsals.")
    ] = Sealing.MODERATE,
) -> None:
    """Draw a key, seal it, and write the card that goes into the manifest."""
    passphrase = read_passphrase(passphrase_file, confirm=True)
    create_key(path, role, name, passphrase, issuer_id=issuer_id, parameters=sealing.parameters)
    out().print(f"key of {role} {name}: {path}, card {card_path(path)}")


@app.command()
def create(
    definition: Annotated[Path, typer.Argument(help="The election, in TOML.", exists=True, dir_okay=False)],
    cards: Annotated[Path, typer.Option(help="Folder of the cards of all parties.", file_okay=False)],
    threshold: Annotated[int, typer.Option(help="Trustees that can decrypt together.", min=1)],
    origin: Annotated[str, typer.Option(help="HOST/PATH of the board; the election id is appended.")],
    opens_at: Annotated[int, typer.Option(parser=parse_moment, metavar="TIME", help=_MOMENT)],
    closes_at: Annotated[int, typer.Option(parser=parse_moment, metavar="TIME", help=_MOMENT)],
    answers_by: Annotated[int, typer.Option(parser=parse_moment, metavar="TIME", help=_MOMENT)],
    grace: Annotated[int, typer.Option(help="Seconds for what was sent before the close.", min=0)],
    beat: Annotated[int, typer.Option(help="Milliseconds between publications.", min=1)],
    path: OutFile,
    witness_quorum: Annotated[
        int | None, typer.Option(help="More than two thirds by default.", min=1)
    ] = None,
    suffix: Annotated[str, typer.Option("--election-id-suffix", help="Makes a rerun's id its own.")] = "",
) -> None:
    """Put definition, cards and times together to a manifest for two authorities to sign."""
    try:
        schedule = Schedule(answers_by=answers_by, opens_at=opens_at, closes_at=closes_at, grace=grace)
    except RecordError as exc:
        raise DefinitionError(str(exc)) from exc
    terms = Terms(threshold, schedule, beat, origin, witness_quorum, suffix)
    manifest = make_manifest(load_definition(definition), load_cards(cards), terms)
    _write_draft(path, manifest)


@app.command()
def sign(
    path: Annotated[Path, typer.Argument(help="Record to sign; written anew.", exists=True, dir_okay=False)],
    key_file: KeyFile,
    manifest_file: Annotated[
        Path | None, typer.Option("--manifest", help="The signed manifest, but for itself.", exists=True)
    ] = None,
    pin: Pin = None,
    passphrase_file: PassphraseFile = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Show a record and add a signature to it. With JSON on stdout, the record is shown on stderr."""
    envelope = read_envelope(path)
    _show(envelope.body, stderr=as_json)
    manifest = load_manifest(manifest_file, _pinned(pin)) if manifest_file else None
    signed = sign_file(path, envelope, load_key(key_file, read_passphrase(passphrase_file)), manifest)
    count = len(signed.envelope.signatures)
    if as_json:
        outcome = {
            "manifest_digest": signed.manifest.digest.hex(),
            "type": signed.envelope.type,
            "signatures": count,
        }
        typer.echo(json.dumps(outcome))
        return
    for group in signed.missing:
        out().print(f"still to sign: {group.count} of {group.role}")
    if not signed.missing:
        out().print(f"{path}: complete, {count} signatures")


@drafts.command("open")
def draft_opening(
    server: Server,
    manifest_file: ManifestFile,
    path: OutFile,
    patience: Annotated[int, typer.Option(help="Seconds to wait for the right checkpoint.", min=0)] = 120,
) -> None:
    """Draw up the opening, once the board was witnessed at or after the hour."""
    manifest = load_manifest(manifest_file)
    with BoardClient(server) as board:
        _write_draft(path, draft_open(board, manifest, Waiting(patience)))


@drafts.command("close")
def draft_closing(server: Server, manifest_file: ManifestFile, path: OutFile) -> None:
    """Draw up the close, once the grace is over."""
    manifest = load_manifest(manifest_file)
    with BoardClient(server) as board:
        _write_draft(path, draft_close(board, manifest, time.time))


@drafts.command("notice")
def draft_a_notice(
    manifest_file: ManifestFile,
    path: OutFile,
    kind: Annotated[NoticeKind, typer.Option(help="What is decided.")],
    closes_at: Annotated[
        int | None, typer.Option(parser=parse_moment, metavar="TIME", help=f"New close: {_MOMENT}")
    ] = None,
    text_ky: Annotated[str | None, typer.Option(help="What voters read, in Kyrgyz.")] = None,
    text_ru: Annotated[str | None, typer.Option(help="In Russian.")] = None,
    text_en: Annotated[str | None, typer.Option(help="In English.")] = None,
) -> None:
    """Draw up a notice to everybody, in the languages of the election."""
    given: Mapping[str, str | None] = {"ky": text_ky, "ru": text_ru, "en": text_en}
    texts = {language: text for language, text in given.items() if text is not None}
    _write_draft(path, draft_notice(load_manifest(manifest_file), kind, texts, closes_at))


@app.command()
def post(
    files: Annotated[list[Path], typer.Argument(help="Signed records.", exists=True, dir_okay=False)],
    server: Server,
    manifest_file: ManifestFile,
    pin: Pin = None,
) -> None:
    """Bring signed records to the board, one after the other, and verify its receipts."""
    manifest = load_manifest(manifest_file, _pinned(pin))
    with BoardClient(server) as board:
        for path in files:
            receipt = post_file(board, path, manifest)
            out().print(f"{receipt.index} {path.name}")


@tally.command("aggregate")
def post_aggregate(
    server: Server, manifest_file: ManifestFile, key_file: KeyFile, passphrase_file: PassphraseFile = None
) -> None:
    """Sum up the counted ballots of the closed election, and post the sums."""
    manifest = load_manifest(manifest_file)
    key = load_key(key_file, read_passphrase(passphrase_file))
    key.require_role(Role.BOARD)
    with BoardClient(server) as board:
        with PublicLog.copied(board, manifest) as public:
            body, addenda = aggregate_of(public)
        envelope = sign_body(Aggregate.record_type, body, manifest.digest, [key.signing_key])
        receipt = post_record(board, envelope, addenda, manifest)
    cells, withheld = len(body.cells), sum(cell.ballots for cell in body.withheld)
    out().print(f"{receipt.index} aggregate: {cells} cells, {withheld} ballots withheld")


@tally.command("result")
def post_result(
    server: Server, manifest_file: ManifestFile, key_file: KeyFile, passphrase_file: PassphraseFile = None
) -> None:
    """Combine what the trustees released, apply the counting rules, and post the result."""
    manifest = load_manifest(manifest_file)
    key = load_key(key_file, read_passphrase(passphrase_file))
    key.require_role(Role.BOARD)
    with BoardClient(server) as board:
        with PublicLog.copied(board, manifest) as public:
            body = result_of(public)
        envelope = sign_body(Result.record_type, body, manifest.digest, [key.signing_key])
        receipt = post_record(board, envelope, {}, manifest)
    out().print(f"{receipt.index} result:")
    for contest in body.contests:
        winners = ", ".join(contest.outcome.options)
        out().print(f"  {contest.contest}: {contest.outcome.kind} {winners}".rstrip())


def _write_draft(path: Path, body: Record) -> None:
    if path.exists():
        raise SignedFileError(f"{path}: is there already, and may bear signatures")
    write_envelope(path, Envelope(body.record_type, body, ()))
    _show(body)
    out().print(f"written to {path}, to be signed")


def _show(body: Record, *, stderr: bool = False) -> None:
    lines = [*describe(body), *(digest_lines(body) if isinstance(body, Manifest) else ())]
    for line in lines:
        typer.echo(line, err=stderr)


def _pinned(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise typer.BadParameter("64 hex digits are needed", param_hint="--manifest-digest")
    return digest

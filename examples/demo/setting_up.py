"""Before the opening: keys, manifest, key ceremony, credentials, roll."""

import json
import shutil

from examples.demo.programs import Services, run, run_all
from examples.demo.stage import (
    BY_FILES,
    REHEARSAL,
    THRESHOLD,
    TRUSTEES,
    Stage,
)

WITNESS = "witness.demo.example"
ROLES = (
    ("authority-1", "authority", "Центральная комиссия, первый ключ", None),
    ("authority-2", "authority", "Центральная комиссия, второй ключ", None),
    ("board", "board", "Доска", None),
    ("witness", "witness", WITNESS, None),
    ("registrar", "issuer", "Регистратор", "registrar"),
    ("identity-issuer", "issuer", "Служба идентификации", "identity"),
    ("identity", "identity", "Служба идентификации, допуск", None),
)


def set_up(stage: Stage, services: Services) -> None:
    """Everything up to a posted roll."""
    stage.console.rule("Before the opening")
    with stage.step(f"keys of {len(ROLES)} roles and {len(TRUSTEES)} trustees, each in its own sealed file"):
        _make_keys(stage)
    with stage.step("manifest, signed by two authorities"):
        _make_manifest(stage)
    with stage.step("witness, voting server, identity service: three processes, three databases"):
        _start_services(stage, services)
    stage.console.print(f"  manifest digest {digest(stage)}")
    with stage.step("voter list, two issuers' parts, letters in PDF with QR"):
        _issue_credentials(stage)
    for step in ("pledge", "commit", "share", "confirm"):
        with stage.step(f"key ceremony: {step} by {len(TRUSTEES)} trustees"):
            trustee_step(stage, step, range(1, len(TRUSTEES) + 1))
    with stage.step("roll, joined and signed by both issuers"):
        _post_roll(stage)
        _start_identity(stage, services)


def digest(stage: Stage) -> str:
    """The manifest's digest, as it would be printed in the newspaper: 64 hex digits."""
    return (stage.folder / "manifest-digest.txt").read_text().strip()


def trustee_step(stage: Stage, step: str, indices: range | tuple[int, ...]) -> None:
    """One move of some trustees: over HTTP, or with files carried by hand."""
    online = [index for index in indices if index not in BY_FILES]
    run_all(
        [
            [
                *("evote-trustee", step, "--home", stage.trustee(index), "--board", stage.server),
                *("--manifest-digest", digest(stage), *stage.passphrase, "--post", "--language", "ru"),
            ]
            for index in online
        ]
    )
    for index in set(indices) & set(BY_FILES):
        _step_by_files(stage, step, index)


def _step_by_files(stage: Stage, step: str, index: int) -> None:
    # The record goes to the trustee on a stick, the trustee's answer comes back on it.
    stick = stage.folder / "usb" / f"{step}-{index}"
    answer = stick.with_name(f"{stick.name}.json")
    run("evote", "publish", "--board-db", stage.folder / "board.db", stick)
    run(
        *("evote-trustee", step, "--home", stage.trustee(index), "--board", stick, "--language", "ky"),
        *("--manifest-digest", digest(stage), *stage.passphrase, "--out", answer),
    )
    run("evote", "post", answer, "--server", stage.server, "--manifest", stage.manifest)


def _make_keys(stage: Stage) -> None:
    run_all(
        [
            [
                *("evote", "key", "new", "--role", role, "--name", name, "--out", stage.key(file)),
                *(("--id", issuer) if issuer else ()),
                *stage.passphrase,
                *REHEARSAL,
            ]
            for file, role, name, issuer in ROLES
        ]
        + [
            [
                *("evote-trustee", "init", "--name", name, "--home", stage.trustee(index)),
                *stage.passphrase,
                *REHEARSAL,
            ]
            for index, name in enumerate(TRUSTEES, start=1)
        ]
    )
    cards = stage.folder / "cards"
    for number, (file, *_) in enumerate(ROLES):
        card = stage.key(file)
        shutil.copy(card.with_name(f"{card.name}.card.json"), cards / f"a{number}-{file}.card.json")
    for index in range(1, len(TRUSTEES) + 1):
        shutil.copy(stage.trustee(index) / "trustee.card.json", cards / f"t{index}.card.json")


def _make_manifest(stage: Stage) -> None:
    run(
        *("evote", "create", stage.example / "election.toml", "--cards", stage.folder / "cards"),
        *("--threshold", THRESHOLD, "--origin", "demo.example/board", "--beat", stage.beat),
        *("--opens-at", stage.opens_at, "--closes-at", stage.closes_at, "--answers-by", stage.opens_at),
        *("--grace", stage.grace, "--election-id-suffix", f"-demo-{stage.opens_at}", "--out", stage.manifest),
    )
    for authority in ("authority-1", "authority-2"):
        key = ("--key", stage.key(authority), *stage.passphrase)
        printed = run("evote", "sign", stage.manifest, *key, "--json")
    (stage.folder / "manifest-digest.txt").write_text(json.loads(printed)["manifest_digest"] + "\n")


def _start_services(stage: Stage, services: Services) -> None:
    services.start(
        "witness",
        *("evote", "witness", "--db", stage.folder / "witness.db", "--key", stage.key("witness")),
        *(*stage.passphrase, "--manifest", stage.manifest, "--port", stage.ports[2]),
        ready=f"{stage.witness}/",
    )
    services.start(
        "server",
        *("evote", "serve", "--manifest", stage.manifest, "--board-db", stage.folder / "board.db"),
        *("--key", stage.key("board"), *stage.passphrase, "--port", stage.ports[0]),
        *("--witness", f"{WITNESS}={stage.witness}"),
        ready=f"{stage.server}/status",
    )


def registrar(stage: Stage, command: str, *arguments: object) -> str:
    """One command of the registrar, who has a database and a key of its own."""
    return run(
        *("evote", "registrar", command, *arguments),
        *("--db", stage.folder / "registrar.db", "--manifest", stage.manifest),
    )


def identity(stage: Stage, command: str, *arguments: object) -> str:
    """One command of the identity service, who has a database and keys of its own."""
    return run(
        *("evote", "identity", command, *arguments),
        *("--db", stage.folder / "identity.db", "--manifest", stage.manifest),
    )


def registrar_key(stage: Stage) -> tuple[object, ...]:
    return "--key", stage.key("registrar"), *stage.passphrase


def identity_key(stage: Stage) -> tuple[object, ...]:
    return "--key", stage.key("identity-issuer"), *stage.passphrase


def _issue_credentials(stage: Stage) -> None:
    handover = stage.folder / "handover.json"
    registrar(stage, "import", stage.example / "voters.csv")
    registrar(stage, "issue", "--letters", stage.folder / "letters")
    registrar(stage, "handover", "--out", handover)
    identity(stage, "import", handover)
    identity(stage, "issue", *identity_key(stage))
    registrar(stage, "pledge", *registrar_key(stage), "--out", stage.signed("pledge-registrar"))
    identity(stage, "pledge", *identity_key(stage), "--out", stage.signed("pledge-identity"))
    post(stage, "pledge-registrar", "pledge-identity")


def post(stage: Stage, *names: str) -> None:
    """Bring signed files to the board."""
    files = [stage.signed(name) for name in names]
    run("evote", "post", *files, "--server", stage.server, "--manifest", stage.manifest)


def _post_roll(stage: Stage) -> None:
    ours, theirs = stage.folder / "list-registrar.json", stage.folder / "list-identity.json"
    server = ("--server", stage.server)
    registrar(stage, "list", "--out", ours, *server)
    identity(stage, "list", "--out", theirs, *server)
    roll, join = stage.signed("roll"), stage.folder / "join.json"
    joined = ("--join", join, *server)
    registrar(stage, "roll", "--their-list", theirs, *registrar_key(stage), "--out", roll, *joined)
    identity(stage, "sign-roll", roll, "--their-list", ours, *identity_key(stage), *joined)
    post(stage, "roll")


def _start_identity(stage: Stage, services: Services) -> None:
    """The identity service serves from the moment the roll is posted."""
    services.start(
        "identity",
        *("evote", "identity", "serve", "--db", stage.folder / "identity.db", "--manifest", stage.manifest),
        *(*identity_key(stage), "--identity-key", stage.key("identity"), "--server", stage.server),
        *("--outbox", stage.folder / "outbox", "--port", stage.ports[1]),
        ready=f"{stage.identity}/",
    )

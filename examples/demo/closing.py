"""After the last ballot: close, sums, the trustees' confirmation and decryption, result, record, verdict."""

import json
import time

import httpx

from examples.demo.programs import run
from examples.demo.setting_up import digest, trustee_step
from examples.demo.stage import AT_THE_COUNT, TRUSTEES, Stage
from examples.demo.voting import Story, decide, forge


def close_and_count(stage: Stage, story: Story) -> None:
    """From the close to the published and verified record."""
    stage.console.rule("After the close")
    stage.wait_until(stage.closes_at + stage.grace + 2, "waiting for the hour of closing")
    forge(stage, story, "after")
    with stage.step("close, signed by two authorities"):
        decide(stage, "close")
    with stage.step("sums of the counted ballots, small places merged"):
        _tally(stage, "aggregate")
    away = len(TRUSTEES) - len(AT_THE_COUNT)
    with stage.step(
        f"{len(AT_THE_COUNT)} trustees check the whole log and confirm the sums ({away} stay away)"
    ):
        trustee_step(stage, "tally-confirm", AT_THE_COUNT)
        before_decryption = _size(stage)
    with stage.step("they open the sums, once"):
        trustee_step(stage, "decrypt", AT_THE_COUNT)
    with stage.step("combination and result"):
        _tally(stage, "result")
    with stage.step("publication"):
        _publish(stage, before_decryption)
    with stage.step("evote-verify, offline, from the published folder alone"):
        _verify(stage, story)


def _tally(stage: Stage, what: str) -> None:
    run(
        *("evote", "tally", what, "--server", stage.server, "--manifest", stage.manifest),
        *("--key", stage.key("board"), *stage.passphrase),
    )


def _size(stage: Stage) -> int:
    """How long the log is under its newest checkpoint."""
    time.sleep(2 * stage.beat / 1000)
    return int(httpx.get(f"{stage.server}/checkpoint", timeout=10).text.splitlines()[1])


def _publish(stage: Stage, before_decryption: int) -> None:
    database = stage.folder / "board.db"
    record = stage.folder / "record"
    run("evote", "publish", "--board-db", database, record, "--archive", stage.folder / "record.tar.gz")
    early = stage.folder / "record-before-decryption"
    run("evote", "publish", "--board-db", database, early, "--at", before_decryption)


def _verify(stage: Stage, story: Story) -> None:
    record = stage.folder / "record"
    brought = [option for file in story.opening_files for option in ("--opening", file)]
    brought += [option for file in story.receipt_files for option in ("--receipt", file)]
    printed = run("evote-verify", record, "--manifest-digest", digest(stage), *brought, "--json", expect=None)
    (stage.folder / "verdict.json").write_text(printed)
    json.loads(printed)

"""The report for programs: one JSON object in a stable form.

Spec: verification.md §0.6
"""

from __future__ import annotations

import json
from typing import Any

from crypto.backend import ACTIVE
from verifier.checks.check_11_result import ContestOutcome
from verifier.election import ElectionView, Pins
from verifier.report import STAGE_OF, TITLE_OF, CheckReport, ExitCode, Report

FORMAT = 1


def report_json(report: Report, view: ElectionView, pins: Pins) -> str:
    """The whole report."""
    manifest, log = view.manifest, view.log
    return _dump(
        {
            "format": FORMAT,
            "verdict": report.verdict,
            "exit_code": report.exit_code,
            "arithmetic": ACTIVE.name,
            "election_id": manifest and manifest.election_id,
            "manifest_digest": manifest and manifest.digest.hex(),
            "pinned": pins.manifest_digest is not None,
            "log": log and {"size": log.tree_size, "known": len(log.leaf_hashes)},
            "stages": report.stages,
            "checks": [_check(check) for check in report.checks],
            "results": None if view.outcome is None else [_contest(each, view) for each in view.outcome],
        }
    )


def unreadable_json(reason: str) -> str:
    """What is said of something that is no record."""
    return _dump(
        {"format": FORMAT, "verdict": "unreadable", "exit_code": ExitCode.UNREADABLE, "reason": reason}
    )


def _dump(value: dict[str, Any]) -> str:
    # Only ASCII goes out: what a hostile record holds cannot reach a terminal through here.
    return json.dumps(value, indent=1)


def _check(check: CheckReport) -> dict[str, Any]:
    return {
        "number": check.number,
        "title": TITLE_OF[check.number],
        "stage": STAGE_OF[check.number],
        "grade": check.grade,
        "counts": {count.noun: {"ran": count.ran, "expected": count.expected} for count in check.counts},
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "subject": finding.subject,
                "reason": finding.reason,
            }
            for finding in check.findings
        ],
        "missing": [{"subject": gap.subject, "reason": gap.reason} for gap in check.gaps],
        "notes": list(check.notes),
    }


def _contest(each: ContestOutcome, view: ElectionView) -> dict[str, Any]:
    options = view.manifest.contest(each.contest).options if view.manifest else ()
    return {
        "contest": each.contest,
        "ballots": each.ballots,
        "effective_credentials": each.effective,
        "totals": {option.id: total for option, total in zip(options, each.totals, strict=True)},
        "cells": _cells(each.contest, view),
        "outcome": {
            "kind": each.outcome.kind,
            "options": list(each.outcome.options),
            "trace": [
                {"label": line.label, "left": line.left, "right": line.right} for line in each.outcome.trace
            ],
        },
    }


def _cells(contest: str, view: ElectionView) -> list[dict[str, Any]]:
    """Where the votes were counted, and how many; recomputed."""
    counted = view.counts
    known = zip(counted.cells, counted.counts, strict=True) if counted and counted.counts is not None else ()
    return [
        {
            "node": cell.node,
            "members": list(cell.members),
            "ballots": cell.ballots,
            "counts": list(counts),
        }
        for cell, counts in known
        if cell.contest == contest
    ]

"""The example election of Kyrgyzstan with keys of its own, for tests of the people's programs."""

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import encode_base64url
from bulletin_board.records.manifest import Manifest
from crypto.boxes import BoxSecretKey
from crypto.signing import SigningKey

FOLDER = Path(__file__).parents[2] / "examples/kyrgyzstan-2021-01-10"
VOTERS = FOLDER / "voters.csv"

OPENS_AT = 1_610_244_000  # 10 January 2021, 08:00 in Bishkek
CLOSES_AT = OPENS_AT + 12 * 3600


def key(label: str) -> SigningKey:
    return SigningKey(sha256(label.encode()).digest())


def _named(label: str, name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "key": encode_base64url(key(label).public), **more}


AUTHORITIES = (key("authority 1"), key("authority 2"))
ISSUERS = {"registrar": key("registrar"), "identity": key("identity issuer")}
IDENTITY = key("identity service")
BOARD = key("board")


def manifest_fields() -> dict[str, Any]:
    """The manifest as plain JSON values, for tests to bend."""
    definition = tomllib.loads((FOLDER / "election.toml").read_text(encoding="utf-8"))
    return {
        "version": "evote/v1",
        "election_id": definition["id"],
        "training": definition["training"],
        "languages": definition["languages"],
        "title": definition["title"],
        "contests": definition["contests"],
        "ballot_styles": definition["ballot_styles"],
        "reporting_units": [
            {"id": unit["id"], "parent": unit.get("parent"), "title": unit["title"]}
            for unit in definition["reporting_units"]
        ],
        "min_unit_size": definition["min_unit_size"],
        "merge_rule": "tree-v1",
        "schedule": {"answers_by": OPENS_AT, "opens_at": OPENS_AT, "closes_at": CLOSES_AT, "grace": 60},
        "beat": 1000,
        "authorities": [_named("authority 1", "Chair"), _named("authority 2", "Secretary")],
        "trustees": [
            {
                "name": f"Trustee {place}",
                "signing_key": encode_base64url(key(f"trustee {place}").public),
                "box_key": encode_base64url(BoxSecretKey(key(f"box {place}").seed).public),
            }
            for place in (1, 2, 3)
        ],
        "threshold": 2,
        "issuers": [
            _named("registrar", "Шайлоо комиссиясы · Избирательная комиссия", id="registrar"),
            _named("identity issuer", "Identity service", id="identity"),
        ],
        "board": {"origin": f"vote.example.org/{definition['id']}", "key": encode_base64url(BOARD.public)},
        "witnesses": [_named("witness 1", "witness.example.org/one")],
        "witness_quorum": 1,
        "identity_key": encode_base64url(IDENTITY.public),
        "identity_methods": definition["identity_methods"],
        "client_release": [],
    }


def manifest_of(fields: dict[str, Any]) -> Manifest:
    return decode_json(jcs(fields), Manifest, limit=1 << 20)


@cache
def manifest() -> Manifest:
    return manifest_of(manifest_fields())

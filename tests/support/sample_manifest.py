"""The manifest of the sample election that tests run from its first entry to its result, and everyone's keys."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bulletin_board.log.cosignature import Cosigner
from bulletin_board.log.note import NoteSigner
from bulletin_board.records.canonical import decode_json, jcs
from bulletin_board.records.fields import Localized, encode_base64url
from bulletin_board.records.manifest import Manifest
from crypto.boxes import BoxSecretKey
from crypto.signing import SigningKey
from tests.support.ballots import bytes_for

ORIGIN = "board.example/elections/sample-2031"
ANSWERS_BY = 1_900_000_000
OPENS_AT = ANSWERS_BY + 100_000
CLOSES_AT = OPENS_AT + 36_000
GRACE = 120

AUTHORITIES = tuple(SigningKey(bytes_for(f"authority {place}")) for place in (1, 2, 3))
TRUSTEES = tuple(SigningKey(bytes_for(f"trustee {place}")) for place in (1, 2, 3))
BOXES = tuple(BoxSecretKey(bytes_for(f"box {place}")) for place in (1, 2, 3))
ISSUERS = {name: SigningKey(bytes_for(f"issuer {name}")) for name in ("registrar", "identity")}
BOARD_KEY = SigningKey(bytes_for("board"))
BOARD = NoteSigner(ORIGIN, BOARD_KEY)
IDENTITY = SigningKey(bytes_for("identity service"))
WITNESSES = tuple(
    Cosigner(f"witness.example/{place}", SigningKey(bytes_for(f"witness {place}"))) for place in (1, 2, 3, 4)
)
STRANGER = SigningKey(bytes_for("stranger"))


def texts(text: str) -> dict[str, str]:
    return {"en": f"{text} in English", "ky": f"{text} кыргызча", "ru": f"{text} по-русски"}


def localized(text: str) -> Localized:
    return Localized(texts(text))


def _option(name: str, weight: int = 1) -> dict[str, Any]:
    return {"id": name, "title": texts(name.title()), "weight": weight}


def _key(key: SigningKey | BoxSecretKey) -> str:
    return encode_base64url(key.public)


def _unit(name: str, parent: str | None) -> dict[str, Any]:
    return {"id": name, "parent": parent, "title": texts(name.title())}


_PLAIN: dict[str, Any] = {
    "version": "evote/v1",
    "election_id": "sample-2031",
    "training": False,
    "languages": ["ky", "ru", "en"],
    "title": texts("Sample election"),
    "contests": [
        {
            "id": "president",
            "title": texts("President"),
            "minimum": 1,
            "maximum": 1,
            "options": [_option("aida"), _option("bakyt"), _option("against-all")],
            "counting": {"rule": "absolute-majority", "against_all": "against-all"},
        },
        {
            "id": "council",
            "title": texts("Council"),
            "minimum": 0,
            "maximum": 2,
            "options": [_option("list-a"), _option("list-b"), _option("list-c"), _option("nobody", 2)],
            "counting": {"rule": "plurality", "against_all": "nobody"},
        },
        {
            "id": "bridge",
            "title": texts("Bridge"),
            "minimum": 1,
            "maximum": 1,
            "options": [_option("yes"), _option("no")],
            "counting": {"rule": "referendum", "turnout_percent": 30, "against_all": None},
        },
    ],
    "ballot_styles": [
        {"id": "city", "contests": ["president", "council", "bridge"]},
        {"id": "village", "contests": ["president", "council"]},
    ],
    "reporting_units": [
        _unit("country", None),
        _unit("north", "country"),
        _unit("south", "country"),
        _unit("north-1", "north"),
        _unit("north-2", "north"),
        _unit("south-1", "south"),
        _unit("south-2", "south"),
    ],
    "min_unit_size": 3,
    "merge_rule": "tree-v1",
    "schedule": {"answers_by": ANSWERS_BY, "opens_at": OPENS_AT, "closes_at": CLOSES_AT, "grace": GRACE},
    "beat": 2_000,
    "authorities": [
        {"name": f"Authority {place}", "key": _key(key)} for place, key in enumerate(AUTHORITIES, start=1)
    ],
    "trustees": [
        {"name": f"Trustee {place}", "signing_key": _key(key), "box_key": _key(box)}
        for place, (key, box) in enumerate(zip(TRUSTEES, BOXES, strict=True), start=1)
    ],
    "threshold": 2,
    "issuers": [{"id": name, "name": f"Issuer {name}", "key": _key(key)} for name, key in ISSUERS.items()],
    "board": {"origin": ORIGIN, "key": _key(BOARD_KEY)},
    "witnesses": [
        {"name": witness.name, "key": encode_base64url(witness.key.public_key)} for witness in WITNESSES
    ],
    "witness_quorum": 3,
    "identity_key": _key(IDENTITY),
    "identity_methods": ["one-time-code"],
    "client_release": [{"path": "assets/app.js", "sha256": encode_base64url(bytes_for("app.js"))}],
}


def manifest_json() -> dict[str, Any]:
    """The manifest as a plain value that a test may bend."""
    return deepcopy(_PLAIN)


def manifest_of(plain: Mapping[str, Any]) -> Manifest:
    return decode_json(jcs(plain), Manifest, limit=65_535)

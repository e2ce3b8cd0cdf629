"""Manifests that differ from the sample in one place, each breaking one rule. Spec: records.md §2.2"""

from typing import Any

from bulletin_board.records.fields import encode_base64url
from crypto.boxes import BoxSecretKey
from crypto.signing import SigningKey
from tests.support.records import both, manifest_json
from tests.tools.vector_files import drawn

Path = list[str | int]
Change = tuple[Path, Any]  # where, and what stands there instead

_PLAIN = manifest_json()
_AUTHORITY_KEY = _PLAIN["authorities"][0]["key"]
_SMALL_ORDER = encode_base64url((1).to_bytes(32, "little"))
_NO_POINT = encode_base64url((7).to_bytes(32, "little"))
# y = 1 with the sign of x set: a second encoding of the neutral point.
_SECOND_ENCODING = encode_base64url((1 | 1 << 255).to_bytes(32, "little"))
_WITHOUT_RU = {"ky": "Өлкө"}

_PLACES_OF_KEYS: dict[str, Path] = {
    "authority": ["authorities", 1, "key"],
    "trustee": ["trustees", 0, "signing_key"],
    "box": ["trustees", 0, "box_key"],
    "issuer": ["issuers", 0, "key"],
    "board": ["board", "key"],
    "witness": ["witnesses", 0, "key"],
    "identity": ["identity_key"],
}
_PLACES_OF_TEXTS: dict[str, tuple[str, Path]] = {
    "title": ("title", ["title"]),
    "contest": ("contest mayor", ["contests", 0, "title"]),
    "option": ("option aida", ["contests", 0, "options", 0, "title"]),
    "unit": ("unit north", ["reporting_units", 1, "title"]),
}


def _titled(name: str, weight: int = 1) -> dict[str, Any]:
    return {"id": name, "title": both(name), "weight": weight}


def _trustees(count: int) -> list[dict[str, Any]]:
    """Each another one, as far as names and keys go."""
    return [
        {
            "name": f"Number {place}",
            "signing_key": encode_base64url(SigningKey(drawn(f"signing {place}", 32)).public),
            "box_key": encode_base64url(BoxSecretKey(drawn(f"box of many {place}", 32)).public),
        }
        for place in range(count)
    ]


GOOD: dict[str, tuple[str, list[Change]]] = {
    "sample": ("the sample itself", []),
    "training-with-one-witness": (
        "a training may do with fewer witnesses",
        [(["training"], True), (["witnesses"], _PLAIN["witnesses"][:1]), (["witness_quorum"], 1)],
    ),
    "one-trustee": (
        "one of one is a majority",
        [(["trustees"], _PLAIN["trustees"][:1]), (["threshold"], 1)],
    ),
    "32-trustees": ("as many as may be", [(["trustees"], _trustees(32)), (["threshold"], 17)]),
    "all-trustees": ("all of all", [(["threshold"], 3)]),
    "all-witnesses": ("all of all", [(["witness_quorum"], 4)]),
    "64-branches": (
        "as many values of the sum as may be",
        [(["contests", 1, "maximum"], 63)],
    ),
    "weights-without-one": (
        "no selection weighs the minimum, but one weighs the maximum",
        [
            (["contests", 1, "options"], [_titled("a", 3), _titled("against", 3)]),
            (["contests", 1, "minimum"], 2),
            (["contests", 1, "maximum"], 3),
        ],
    ),
    "answers-by-opening": ("answers until voting opens", [(["schedule", "answers_by"], 1_800_086_400)]),
    "beat-fastest": ("a tenth of a second", [(["beat"], 100)]),
    "beat-slowest": ("a minute", [(["beat"], 60_000)]),
    "turnout-zero": ("no turnout asked", [(["contests", 2, "counting", "turnout_percent"], 0)]),
}

BAD: dict[str, tuple[str, str, list[Change]]] = {
    # name: (what the message must name, comment, changes)
    "other-version": ("manifest", "a version that is not covered", [(["version"], "evote/v2")]),
    "other-merge-rule": ("merge_rule", "a rule that is not covered", [(["merge_rule"], "tree-v2")]),
    "threshold-half": (
        "threshold",
        "one of two trustees is no majority",
        [(["trustees"], _PLAIN["trustees"][:2]), (["threshold"], 1)],
    ),
    "threshold-minority": ("threshold", "one of three", [(["threshold"], 1)]),
    "threshold-above-all": ("threshold", "four of three", [(["threshold"], 4)]),
    "threshold-zero": ("threshold", "none of three", [(["threshold"], 0)]),
    "no-trustees": ("trustees", "an empty list", [(["trustees"], [])]),
    "33-trustees": ("trustees", "one more than 32", [(["trustees"], _trustees(33)), (["threshold"], 17)]),
    "quorum-two-thirds": (
        "witness_quorum",
        "two of three is not more than two thirds",
        [(["training"], True), (["witnesses"], _PLAIN["witnesses"][:3]), (["witness_quorum"], 2)],
    ),
    "quorum-half": ("witness_quorum", "two of four", [(["witness_quorum"], 2)]),
    "quorum-above-all": ("witness_quorum", "five of four", [(["witness_quorum"], 5)]),
    "three-witnesses": ("witnesses", "too few outside training", [(["witnesses"], _PLAIN["witnesses"][:3])]),
    "no-witnesses-in-training": (
        "witness_quorum",
        "no quorum is more than two thirds of none",
        [(["training"], True), (["witnesses"], []), (["witness_quorum"], 1)],
    ),
    "one-authority": ("authorities", "two must sign", [(["authorities"], _PLAIN["authorities"][:1])]),
    "no-issuers": ("issuers", "an empty list", [(["issuers"], [])]),
    "no-contests": ("contests", "an empty list", [(["contests"], [])]),
    "no-styles": ("ballot_styles", "an empty list", [(["ballot_styles"], [])]),
    "no-languages": ("languages", "an empty list", [(["languages"], [])]),
    "language-twice": ("languages: ky", "the same tag twice", [(["languages"], ["ky", "ky"])]),
    "method-twice": ("identity_methods: oidc", "one id twice", [(["identity_methods"], ["oidc", "oidc"])]),
    "contest-twice": ("contests: mayor", "one id twice", [(["contests", 1, "id"], "mayor")]),
    "style-twice": ("ballot_styles: city", "one id twice", [(["ballot_styles", 1, "id"], "city")]),
    "unit-twice": ("unit north", "one id twice", [(["reporting_units", 2, "id"], "north")]),
    "issuer-twice": ("issuers: registrar", "one id twice", [(["issuers", 1, "id"], "registrar")]),
    "option-twice": ("contest mayor", "one id twice", [(["contests", 0, "options", 1, "id"], "aida")]),
    "file-twice": (
        "client_release: assets/app.js",
        "one path twice",
        [(["client_release"], _PLAIN["client_release"] * 2)],
    ),
    "file-climbs": (
        "path",
        "a path out of its folder",
        [(["client_release", 0, "path"], "assets/../../key")],
    ),
    "file-absolute": ("path", "an absolute path", [(["client_release", 0, "path"], "/etc/passwd")]),
    "authority-name-twice": ("names", "one name, two keys", [(["authorities", 1, "name"], "Authority 1")]),
    "trustee-name-of-authority": ("names", "one name, two keys", [(["trustees", 0, "name"], "Authority 1")]),
    "witness-name-of-board": (
        "names",
        "one name in signed notes, two keys",
        [(["witnesses", 0, "name"], "board.example/sample-2027")],
    ),
    "witness-name-twice": ("names", "one name, two keys", [(["witnesses", 1, "name"], "witness.example/1")]),
    "witness-name-with-space": ("name", "no name of a note key", [(["witnesses", 0, "name"], "wit ness")]),
    "witness-name-with-plus": ("name", "no name of a note key", [(["witnesses", 0, "name"], "wit+ness")]),
    **{
        f"key-of-authority-as-{name}": ("keys", "one key, two roles", [(path, _AUTHORITY_KEY)])
        for name, path in _PLACES_OF_KEYS.items()
    },
    "box-key-twice": (
        "keys",
        "one box key, two trustees",
        [(["trustees", 1, "box_key"], _PLAIN["trustees"][0]["box_key"])],
    ),
    "key-of-small-order": ("Authority 1", "the neutral point", [(["authorities", 0, "key"], _SMALL_ORDER)]),
    "key-in-second-encoding": (
        "Trustee 1",
        "not canonical",
        [(["trustees", 0, "signing_key"], _SECOND_ENCODING)],
    ),
    "key-not-on-the-curve": ("Issuer registrar", "no point", [(["issuers", 0, "key"], _NO_POINT)]),
    "board-key-of-small-order": ("board.example", "the neutral point", [(["board", "key"], _SMALL_ORDER)]),
    "witness-key-of-small-order": (
        "witness.example/1",
        "the neutral point",
        [(["witnesses", 0, "key"], _SMALL_ORDER)],
    ),
    "identity-key-of-small-order": ("identity_key", "the neutral point", [(["identity_key"], _SMALL_ORDER)]),
    "box-key-of-small-order": ("box key of Trustee 1", "u = 1", [(["trustees", 0, "box_key"], _SMALL_ORDER)]),
    "box-key-not-canonical": (
        "box key of Trustee 1",
        "u = p + 9",
        [(["trustees", 0, "box_key"], encode_base64url((2**255 - 10).to_bytes(32, "little")))],
    ),
    "minimum-above-maximum": (
        "contest mayor",
        "2..1",
        [(["contests", 0, "minimum"], 2)],
    ),
    "minimum-negative": ("minimum", "below zero", [(["contests", 0, "minimum"], -1)]),
    "65-branches": ("contest council", "one more than 64", [(["contests", 1, "maximum"], 64)]),
    "maximum-too-high": (
        "contest council",
        "beyond 65,535",
        [(["contests", 1, "minimum"], 65_535), (["contests", 1, "maximum"], 65_536)],
    ),
    "weight-zero": ("weight", "nothing to add", [(["contests", 1, "options", 0, "weight"], 0)]),
    "weight-above-maximum": (
        "contest council",
        "could never be selected",
        [(["contests", 1, "options", 0, "weight"], 3)],
    ),
    "minimum-not-reachable": (
        "contest council",
        "sums are 0, 3 and 6",
        [
            (["contests", 1, "options"], [_titled("a", 3), _titled("against", 3)]),
            (["contests", 1, "minimum"], 4),
            (["contests", 1, "maximum"], 5),
        ],
    ),
    "minimum-above-all-weights": (
        "contest council",
        "all together are lighter",
        [
            (["contests", 1, "options"], [_titled("a"), _titled("against")]),
            (["contests", 1, "minimum"], 3),
            (["contests", 1, "maximum"], 3),
        ],
    ),
    "no-options": (
        "contest bridge",
        "nothing to choose from",
        [(["contests", 2, "options"], []), (["contests", 2, "minimum"], 0)],
    ),
    "against-all-unknown": (
        "contest mayor",
        "an option of another contest",
        [(["contests", 0, "counting", "against_all"], "against")],
    ),
    "rule-unknown": (
        "rule",
        "a rule that is not covered",
        [(["contests", 0, "counting", "rule"], "majority")],
    ),
    "turnout-missing": (
        "turnout_percent",
        "a referendum without it",
        [(["contests", 2, "counting"], {"rule": "referendum", "against_all": None})],
    ),
    "turnout-of-a-plurality": (
        "turnout_percent",
        "only a referendum has it",
        [(["contests", 1, "counting", "turnout_percent"], 30)],
    ),
    "turnout-above-100": (
        "turnout_percent",
        "more than everybody",
        [(["contests", 2, "counting", "turnout_percent"], 101)],
    ),
    "style-without-contests": (
        "ballot_styles",
        "nothing to vote on",
        [(["ballot_styles", 1, "contests"], [])],
    ),
    "style-with-unknown-contest": (
        "ballot style village",
        "not in the manifest",
        [(["ballot_styles", 1, "contests"], ["duma"])],
    ),
    "style-out-of-order": (
        "ballot style city",
        "not in manifest order",
        [(["ballot_styles", 0, "contests"], ["council", "mayor"])],
    ),
    "style-with-contest-twice": (
        "ballot style city",
        "one contest twice",
        [(["ballot_styles", 0, "contests"], ["mayor", "mayor"])],
    ),
    "no-units": ("units", "there is no root", [(["reporting_units"], [])]),
    "second-root": ("unit south", "two roots", [(["reporting_units", 2, "parent"], None)]),
    "parent-unknown": ("unit south", "no such unit", [(["reporting_units", 2, "parent"], "west")]),
    "parent-of-itself": ("unit south", "a circle", [(["reporting_units", 2, "parent"], "south")]),
    "child-before-parent": (
        "unit north",
        "the wrong order",
        [(["reporting_units", 1, "parent"], "south")],
    ),
    "first-unit-with-parent": ("unit country", "no root", [(["reporting_units", 0, "parent"], "north")]),
    "unit-size-zero": ("min_unit_size", "no floor", [(["min_unit_size"], 0)]),
    "beat-too-fast": ("beat", "below 100", [(["beat"], 99)]),
    "beat-too-slow": ("beat", "above 60,000", [(["beat"], 60_001)]),
    "answers-after-opening": ("schedule", "too late", [(["schedule", "answers_by"], 1_800_086_401)]),
    "closes-when-it-opens": ("schedule", "no time to vote", [(["schedule", "closes_at"], 1_800_086_400)]),
    "grace-negative": ("grace", "below zero", [(["schedule", "grace"], -1)]),
    "origin-of-another-election": (
        "board",
        "does not end with the id",
        [(["board", "origin"], "board.example/sample-2028")],
    ),
    "origin-with-trailing-slash": (
        "origin",
        "a slash at the end",
        [(["board", "origin"], "board.example/sample-2027/")],
    ),
    "origin-with-scheme": ("origin", "a URL", [(["board", "origin"], "https://board.example/sample-2027")]),
    "origin-without-path": ("origin", "only a host", [(["board", "origin"], "sample-2027")]),
    **{
        f"language-missing-in-{name}": (subject, "one language is missing", [(path, _WITHOUT_RU)])
        for name, (subject, path) in _PLACES_OF_TEXTS.items()
    },
    "language-too-many": (
        "title",
        "a language the manifest does not have",
        [(["title"], both("x") | {"en": "x"})],
    ),
    "language-empty": ("title", "no language at all", [(["title"], {})]),
    "language-tag": ("title", "no tag", [(["title"], {"KY": "x", "ru": "x"})]),
    "text-hidden": ("title", "a text that turns letters", [(["title", "ru"], "a\u202eb")]),
    "id-upper-case": ("election_id", "no id", [(["election_id"], "Sample-2027")]),
    "field-unknown": ("manifest", "one field more", [(["note"], "x")]),
    "training-as-number": ("training", "1 is not true", [(["training"], 1)]),
}


def changed(changes: list[Change]) -> dict[str, Any]:
    """The sample manifest with these places changed, as a plain value."""
    plain = manifest_json()
    for path, value in changes:
        place: Any = plain
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
    return plain

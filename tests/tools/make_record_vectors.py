"""Make tests/vectors/records-*: canonical form, fields, one entry of every type, manifests, the merging rule."""

from typing import Any

from bulletin_board.log.addenda import decode_entry
from bulletin_board.log.merkle import leaf_hash
from bulletin_board.records.ballot import BallotBody
from bulletin_board.records.bulk import fold
from bulletin_board.records.canonical import jcs
from bulletin_board.records.envelope import encode_record
from bulletin_board.records.fields import Base64Bytes, encode_base64url
from bulletin_board.records.manifest import Manifest
from bulletin_board.records.merging import UnitGroup, merge_groups
from bulletin_board.records.openings import CheckedBallotOpening, encode_opening
from bulletin_board.records.record import Record
from bulletin_board.records.roll import Roll
from bulletin_board.records.units import UnitTree
from crypto.signing import record_message
from tests.support.records import BODIES, MANIFEST, ROLL_ADDENDA, b32, ballot, signed
from tests.tools.record_manifest_cases import BAD, GOOD, Change
from tests.tools.vector_files import Case, drawn, write

SOURCE = "tests/tools/make_record_vectors.py"

CONTENT = b'{"body":{"count":12},"signatures":[],"type":"identified"}'
NOTICE = '{"body":{"closes_at":null,"kind":"incident","text":{"ky":"%s","ru":"Перерыв"}},"signatures":[],"type":"notice"}'


def _case(spec: str, comment: str, given: Any, expect: str, **more: Any) -> Case:
    return {"source": SOURCE, "spec": spec, "comment": comment, "input": given, "expect": expect, **more}


def _canonical(comment: str, content: bytes, expect: str = "RecordError") -> Case:
    return _case("records.md §1.1", comment, {"content": content.hex()}, expect)


def _count(spelling: str) -> bytes:
    return CONTENT.replace(b"12", spelling.encode())


def canonical_cases() -> dict[str, Case]:
    """Bytes that are, or are not, the canonical form of some JSON value. The reader needs no schema."""
    escaped = NOTICE % '\\"\\\\/ — №'
    deep = b'{"body":' + b"[" * 5_000 + b"]" * 5_000 + b',"signatures":[],"type":"identified"}'
    cases = {
        "good": _canonical("as it must be", CONTENT, "ok"),
        "good-escapes": _canonical("the two escapes that printable text needs", escaped.encode(), "ok"),
        "good-largest-integer": _canonical("2^53 - 1", _count("9007199254740991"), "ok"),
        "good-zero": _canonical("zero", _count("0"), "ok"),
        "space-after-colon": _canonical("white space", CONTENT.replace(b'"count":', b'"count": ')),
        "space-in-front": _canonical("white space before everything", b" " + CONTENT),
        "newline-at-the-end": _canonical("white space after everything", CONTENT + b"\n"),
        "trailing-byte": _canonical("a byte after the value", CONTENT + b"}"),
        "second-value": _canonical("two values", CONTENT + CONTENT),
        "zero-byte": _canonical("NUL after the value", CONTENT + b"\0"),
        "byte-order-mark": _canonical("a byte order mark", b"\xef\xbb\xbf" + CONTENT),
        "utf-16": _canonical("another encoding of the same text", CONTENT.decode().encode("utf-16-le")),
        "order-of-keys": _canonical(
            "type before body", b'{"type":"identified","body":{"count":12},"signatures":[]}'
        ),
        "duplicate-key": _canonical(
            "the same key twice, the last one right", CONTENT.replace(b'"count":12', b'"count":11,"count":12')
        ),
        "duplicate-key-same-value": _canonical(
            "the same key and value twice", CONTENT.replace(b'"count":12', b'"count":12,"count":12')
        ),
        "duplicate-key-outside": _canonical("two bodies", CONTENT.replace(b"{", b'{"body":{"count":1},', 1)),
        "escaped-letter": _canonical("an escape that is not needed", (NOTICE % "\\u0041").encode()),
        "escaped-slash": _canonical("a slash needs no escape", (NOTICE % "\\/").encode()),
        "escaped-quote-as-hex": _canonical(
            "a quotation mark has a short escape", (NOTICE % "\\u0022").encode()
        ),
        "escaped-key": _canonical("an escape in a key", CONTENT.replace(b"count", b"c\\u006funt")),
        "lone-surrogate": _canonical("half of a pair, escaped", (NOTICE % "\\ud800").encode()),
        "lone-surrogate-raw": _canonical(
            "half of a pair in bytes", (NOTICE % "A").encode().replace(b"A", b"\xed\xa0\x80")
        ),
        "invalid-utf-8": _canonical(
            "a byte that starts nothing", (NOTICE % "A").encode().replace(b"A", b"\xff")
        ),
        "overlong-utf-8": _canonical("A in two bytes", (NOTICE % "A").encode().replace(b"A", b"\xc1\x81")),
        "raw-control-character": _canonical("a newline without escape", (NOTICE % "A\nB").encode()),
        "negative-zero": _canonical("minus zero", _count("-0")),
        "leading-zero": _canonical("a zero in front", _count("012")),
        "leading-plus": _canonical("a plus in front", _count("+12")),
        "float": _canonical("a fraction", _count("12.0")),
        "exponent": _canonical("an exponent", _count("1e3")),
        "exponent-zero": _canonical("an exponent of zero", _count("12e0")),
        "hexadecimal": _canonical("another base", _count("0xc")),
        "huge-integer": _canonical(
            "2^53, which a float still holds", _count("9007199254740992"), "RecordError"
        ),
        "very-huge-integer": _canonical("a thousand digits", _count("9" * 1_000)),
        "not-a-number": _canonical("NaN", _count("NaN")),
        "infinity": _canonical("infinity", _count("1e999")),
        "trailing-comma": _canonical("a comma too many", CONTENT.replace(b"12}", b"12,}")),
        "comment": _canonical("a comment", CONTENT.replace(b"12", b"12/**/")),
        "single-quotes": _canonical("other quotes", CONTENT.replace(b'"', b"'")),
        "cut-short": _canonical("the last byte is missing", CONTENT[:-1]),
        "empty": _canonical("nothing", b""),
        "deep-nesting": _canonical("ten thousand brackets", deep),
    }
    return {f"records-canonical/{name}": case for name, case in cases.items()}


def _field(kind: str, comment: str, text: str, expect: str = "RecordError") -> Case:
    spec = {"text": "1.2", "identifier": "1.3"}.get(kind, "1.4")
    return _case(f"records.md §{spec}", comment, {"kind": kind, "text": text}, expect)


def field_cases() -> dict[str, Case]:
    """One string, and whether it may stand in a field of this kind."""
    zeros = "A" * 42
    cases = {
        "text-plain": _field("text", "Latin", "Shailoo 2027", "ok"),
        "text-kyrgyz": _field("text", "Kyrgyz letters", "Өзгөчө шайлоо: ҢңҮү", "ok"),
        "text-typography": _field("text", "signs of printing", "„А“ – ‘b’ … № 7 — 100 ‰ €", "ok"),
        "text-longest": _field("text", "a thousand characters", "ө" * 1_000, "ok"),
        "text-empty": _field("text", "nothing", ""),
        "text-too-long": _field("text", "a thousand and one", "ө" * 1_001),
        "text-space-in-front": _field("text", "a space in front", " a"),
        "text-space-at-the-end": _field("text", "a space at the end", "a "),
        "text-only-a-space": _field("text", "one space", " "),
        "text-no-break-space-in-front": _field("text", "U+00A0 in front", "\u00a0a"),
        "text-no-break-space-at-the-end": _field("text", "U+00A0 at the end", "a\u00a0"),
        "text-newline-at-the-end": _field("text", "what `$` lets through", "a\n"),
        "text-tab": _field("text", "a control character", "a\tb"),
        "text-delete": _field("text", "U+007F", "a\u007fb"),
        "text-soft-hyphen": _field("text", "invisible", "a\u00adb"),
        "text-combining-mark": _field("text", "й in two characters, not NFC", "и\u0306"),
        "text-combining-mark-stable": _field("text", "a mark that NFC keeps", "ө\u0301"),
        "text-titlo": _field("text", "U+0483, inside the Cyrillic block", "а\u0483"),
        "text-right-to-left-override": _field("text", "turns what follows", "a\u202eb"),
        "text-left-to-right-mark": _field("text", "invisible direction", "a\u200eb"),
        "text-isolate": _field("text", "U+2067", "a\u2067b"),
        "text-zero-width-space": _field("text", "invisible", "a\u200bb"),
        "text-zero-width-joiner": _field("text", "invisible", "a\u200db"),
        "text-word-joiner": _field("text", "invisible", "a\u2060b"),
        "text-byte-order-mark": _field("text", "invisible", "a\ufeffb"),
        "text-line-separator": _field("text", "U+2028", "a\u2028b"),
        "text-unassigned": _field("text", "U+20C1 has no meaning in older versions", "a\u20c1"),
        "text-angstrom": _field("text", "U+212B becomes U+00C5 in NFC", "\u212b"),
        "text-ligature": _field("text", "U+FB01", "\ufb01"),
        "text-astral": _field("text", "beyond the basic plane", "a\U0001f5f3"),
        "text-greek": _field("text", "outside the repertoire", "α"),
        "identifier-plain": _field("identifier", "letters, digits, hyphens", "north-1", "ok"),
        "identifier-longest": _field("identifier", "64 characters", "a" * 64, "ok"),
        "identifier-digit-first": _field("identifier", "a digit in front", "7", "ok"),
        "identifier-too-long": _field("identifier", "65 characters", "a" * 65),
        "identifier-empty": _field("identifier", "nothing", ""),
        "identifier-upper-case": _field("identifier", "a capital letter", "North"),
        "identifier-hyphen-first": _field("identifier", "a hyphen in front", "-1"),
        "identifier-underscore": _field("identifier", "an underscore", "north_1"),
        "identifier-newline": _field("identifier", "what `$` lets through", "north\n"),
        "identifier-cyrillic": _field("identifier", "а that is not a", "а"),
        "identifier-arabic-digit": _field("identifier", "a digit that is not ASCII", "a\u0661"),
        "base64-plain": _field("bytes32", "32 zero bytes", zeros + "A", "ok"),
        "base64-url-alphabet": _field("bytes32", "both signs of the URL alphabet", "-_" * 21 + "8", "ok"),
        "base64-spare-bits": _field("bytes32", "decodes to the same bytes as …A", zeros + "B"),
        "base64-padding": _field("bytes32", "padded", zeros + "A="),
        "base64-standard-alphabet": _field("bytes32", "plus and slash", "+/" * 21 + "8"),
        "base64-short": _field("bytes32", "31 bytes", "A" * 42),
        "base64-long": _field("bytes32", "33 bytes", "A" * 44),
        "base64-newline": _field("bytes32", "a newline inside", zeros + "\nA"),
        "base64-foreign": _field(
            "bytes32", "a sign of no alphabet, which lenient decoders skip", zeros + "A!"
        ),
        "base64-impossible-length": _field("bytes32", "41 symbols encode no bytes", "A" * 41),
        "base64-letter-outside-ascii": _field("bytes32", "А is not A", zeros + "А"),
        "base64-empty": _field("bytes32", "nothing", ""),
    }
    return {f"records-fields/{name}": case for name, case in cases.items()}


def _entry(body: Record, comment: str, *, addenda: dict[str, Any] | None = None) -> Case:
    envelope = signed(body)
    entry = encode_record(envelope)
    _, digests = decode_entry(entry)
    intermediate = {
        "addenda": [digest.hex() for digest in digests],
        "leaf_hash": leaf_hash(entry).hex(),
        "message": record_message(envelope.type, MANIFEST.digest, jcs(body)).hex(),
    }
    if isinstance(body, BallotBody):
        intermediate["ballot_digest"] = body.digest.hex()
    if isinstance(body, Manifest):
        intermediate["manifest_digest"] = body.digest.hex()
    if isinstance(body, Roll):
        intermediate["roll_root"] = body.root.hex()
    given: dict[str, Any] = {
        "type": envelope.type,
        "manifest_digest": MANIFEST.digest.hex(),
        "entry": entry.hex(),
    }
    if addenda is not None:
        given["addenda"] = addenda
    return _case("records.md §1.6, §1.9", comment, given, "ok", intermediate=intermediate)


def entry_cases() -> dict[str, Case]:
    """One entry of every type, signed with keys drawn from labels. Elements and proofs are right in form only."""
    cases = {kind: _entry(body, "one of this type") for kind, body in BODIES.items() if kind != "roll"}
    rows = {digest.hex(): addendum.hex() for digest, addendum in ROLL_ADDENDA.items()}
    cases["roll"] = _entry(BODIES["roll"], "its rows stand in one addendum", addenda=rows)
    cases["ballot-largest-inline"] = _entry(_sized(48_353), "65,535 bytes: as large as an entry may be")
    cases["ballot-smallest-folded"] = _entry(
        _sized(48_354), "would have 65,536 bytes: both fields in addenda"
    )
    return {f"records-entry/{name}": case for name, case in cases.items()}


def _sized(proof: int) -> BallotBody:
    body, _ = fold(ballot(ciphertexts=577, proof=proof))
    return body


def manifest_cases() -> dict[str, Case]:
    """Changes to the manifest of records-entry/manifest.json: from each, in turn, `value` stands at `path`."""
    cases = {
        name: _case("records.md §2.2", comment, {"changes": _changes(changes)}, "ok")
        for name, (comment, changes) in GOOD.items()
    }
    for name, (subject, comment, changes) in BAD.items():
        given = {"changes": _changes(changes)}
        cases[name] = _case("records.md §2.2", comment, given, "RecordError", subject=subject)
    return {f"records-manifest/{name}": case for name, case in cases.items()}


def _changes(changes: list[Change]) -> list[dict[str, Any]]:
    return [{"path": path, "value": value} for path, value in changes]


def opening_cases() -> dict[str, Case]:
    """The file of a checked ballot; right in form only."""
    opening = CheckedBallotOpening(
        version="evote/v1",
        election_id="sample-2027",
        style="city",
        credential=b32("credential"),
        seed=b32("seed"),
        tracking_code="0123-4567-89AB-CDEF-GHJK-MNPQ",
        ciphertexts=Base64Bytes(drawn("ciphertexts", 128)),
    )
    text = encode_opening(opening).decode()
    cases = {
        "good": ("as it must be", text, "ok"),
        "lower-case-code": ("a code as people may type it", text.replace("89AB", "89ab"), "RecordError"),
        "letter-outside-the-alphabet": ("U is no symbol", text.replace("MNPQ", "MNPU"), "RecordError"),
        "other-version": (
            "a version that is not covered",
            text.replace("evote/v1", "evote/v2"),
            "RecordError",
        ),
        "short-seed": (
            "31 bytes",
            text.replace(opening.seed.to_json(), encode_base64url(opening.seed[:31])),
            "RecordError",
        ),
    }
    return {
        f"records-opening/{name}": _case("protocol.md §7.1", comment, {"text": file}, expect)
        for name, (comment, file, expect) in cases.items()
    }


TREE: list[tuple[str, str | None]] = [
    ("country", None),
    ("north", "country"),
    ("south", "country"),
    ("north-1", "north"),
    ("north-2", "north"),
    ("north-3", "north"),
    ("south-1", "south"),
    ("south-1-a", "south-1"),
    ("south-1-b", "south-1"),
]

MERGING: dict[str, tuple[str, dict[str, int], int]] = {
    "all-large": ("nothing to do", {"north-1": 5, "north-2": 9, "south": 6}, 5),
    "empty": ("no ballots at all", {"north-1": 0}, 5),
    "alone-and-small": ("withheld at the root", {"south-1-a": 4}, 5),
    "alone-and-large": ("stays where it is", {"south-1-a": 5}, 5),
    "all-together-small": ("joined at the root and withheld", {"north-1": 1, "south-1-b": 1, "country": 1}, 5),
    "siblings": ("lifted, then joined under the parent", {"north-1": 3, "north-2": 3}, 5),
    "smallest-partner": ("the smallest of the others below", {"north": 2, "north-1": 9, "north-2": 7, "north-3": 8}, 5),
    "tie-by-id": ("two partners of one size", {"north": 2, "north-2": 7, "north-3": 7}, 5),
    "tie-of-the-small": ("two small groups of one size", {"north-1": 2, "north-2": 2, "north-3": 9}, 5),
    "deepest-first": ("the deep one goes first though it is not the smallest", {"north-1": 1, "south-1-a": 4, "south": 9}, 5),
    "lifted-over-empty-levels": ("nothing below until the root", {"south-1-a": 2, "north-1": 9, "north-2": 8}, 5),
    "node-of-the-taken": ("the group stands higher than its large partner did", {"south": 1, "south-1-a": 50}, 5),
    "large-at-the-root": ("ballots at the root itself", {"country": 3, "north-1": 5, "south-1": 6}, 5),
    "floor-of-one": ("every ballot is enough", {"north-1": 1, "north-2": 1}, 1),
}  # fmt: skip


def merging_cases() -> dict[str, Case]:
    """Units, sizes and floor; the groups that result, and what is withheld."""
    cases = {}
    for name, (comment, sizes, floor) in MERGING.items():
        groups, withheld = merge_groups(sizes, UnitTree(TREE), floor)
        given = {"units": [list(unit) for unit in TREE], "sizes": sizes, "min_unit_size": floor}
        case = _case("protocol.md §5.2", comment, given, "ok")
        case["groups"] = [_plain(group) for group in groups]
        case["withheld"] = [_plain(group) for group in withheld]
        cases[f"records-merging/{name}"] = case
    return cases


def _plain(group: UnitGroup) -> dict[str, Any]:
    return {"node": group.node, "members": list(group.members), "size": group.size}


def cases() -> dict[str, Case]:
    return (
        canonical_cases()
        | field_cases()
        | entry_cases()
        | manifest_cases()
        | opening_cases()
        | merging_cases()
    )


if __name__ == "__main__":
    write(cases())

"""Writes the log texts that every reader must refuse: `tests/vectors/tlog/*-refused/`.

They are the known answers beside them with one thing wrong each. Run it as
`python -m tests.tools.gen_tlog_refusals`; it rewrites its folders, and `git diff` shows what changed.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from bulletin_board.log.merkle import consistency_proof, inclusion_proof, leaf_hash, root_hash

VECTORS = Path(__file__).parent.parent / "vectors" / "tlog"
SOURCE = "tests/tools/gen_tlog_refusals.py"

Change = Callable[[str], str]


def case(folder: str, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / folder / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def put(folder: str, name: str, *, spec: str, comment: str, given: Mapping[str, Any], expect: str) -> None:
    content = {"source": SOURCE, "spec": spec, "comment": comment, "input": given, "expect": expect}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (VECTORS / folder / f"{name}.json").write_text(text, encoding="utf-8")


def fresh(folder: str) -> str:
    shutil.rmtree(VECTORS / folder, ignore_errors=True)
    (VECTORS / folder).mkdir(parents=True)
    return folder


def swap(old: str, new: str) -> Change:
    def change(text: str) -> str:
        changed = text.replace(old, new, 1)
        if changed == text:
            raise ValueError(f"{old!r} does not occur")
        return changed

    return change


def texts(folder: str, spec: str, good: str, changes: Mapping[str, Change]) -> None:
    fresh(folder)
    for name, change in changes.items():
        comment = name.replace("-", " ")
        put(folder, name, spec=spec, comment=comment, given={"text": change(good)}, expect="RecordError")


NUMBERS = {
    "leading-zero": "0{}", "plus-sign": "+{}", "minus-sign": "-{}", "space-before": " {}", "space-after": "{} ",
    "underscore": "{}_0", "fraction": "{}.0", "arabic-digits": "٧٠٠", "hexadecimal": "0x{}",
    "two-to-63": "9223372036854775808", "thousands-of-digits": "{}" + "0" * 5000,
}  # fmt: skip


def numbers(prefix: str, number: str, end: str = "\n") -> dict[str, Change]:
    return {
        f"{prefix.strip() or 'size'}-{name}": swap(
            f"{prefix}{number}{end}", f"{prefix}{form.format(number)}{end}"
        )
        for name, form in NUMBERS.items()
    }


def checkpoints() -> None:
    good = case("checkpoint", "00700")["input"]["note"].partition("\n\n")[0] + "\n"
    root = good.split("\n")[2]
    changes = numbers("", "700") | {
        "origin-empty": swap("log.test/board", ""),
        "origin-with-a-control-character": swap("board", "bo\x01ard"),
        "text-without-a-newline-at-the-end": lambda text: text + "x",
        "extension-line": lambda text: text + "extension\n",
        "last-newline-missing": lambda text: text.removesuffix("\n"),
        "carriage-returns": lambda text: text.replace("\n", "\r\n"),
        "root-missing": swap(f"{root}\n", ""),
        "root-of-33-bytes": swap(root, "AAAA" * 11),
        "root-spare-bits-set": swap("Njc=", "Njd="),
        "root-padding-missing": swap("Njc=", "Njc"),
        "root-url-alphabet": swap(root, root.replace("x", "-", 1)),
        "root-with-a-space": swap("Njc=", "N jc="),
    }
    texts("checkpoint-refused", "c2sp.org/tlog-checkpoint", good, changes)


def notes() -> None:
    good = case("note", "go-peterneumann")["expect"]
    line = good.split("\n\n")[1]
    changes: dict[str, Change] = {
        "no-signature": swap(line, ""),
        "no-blank-line": swap("\n\n", "\n"),
        "last-newline-missing": lambda text: text.removesuffix("\n"),
        "more-than-100-lines": lambda text: text + line * 100,
        "hyphen-instead-of-dash": swap("— P", "- P"),
        "no-space-after-the-dash": swap("— P", "—P"),
        "two-spaces-after-the-dash": swap("— P", "—  P"),
        "name-missing": swap("PeterNeumann ", ""),
        "name-with-a-plus-sign": swap("— Peter", "— Peter+"),
        "name-with-a-no-break-space": swap("— Peter", "— Peter\u00a0"),
        "signature-missing": swap(line.split(" ")[2], "\n"),
        "signature-of-four-bytes": swap(line.split(" ")[2], "x08goA==\n"),
        "signature-spare-bits-set": swap("BwJnAM=", "BwJnAN="),
        "signature-padding-missing": swap("BwJnAM=", "BwJnAM"),
        "space-at-the-end-of-the-line": swap("BwJnAM=\n", "BwJnAM= \n"),
        "tab-in-the-text": swap("you think", "you\tthink"),
        "carriage-return-in-the-text": swap("problem,\n", "problem,\r\n"),
        "text-after-the-signatures": lambda text: text + "more\n",
    }
    texts("note-refused", "c2sp.org/signed-note", good, changes)


def keys() -> None:
    good = case("note", "go-peterneumann")["input"]["vkey"]
    changes: dict[str, Change] = {
        "empty": lambda _: "",
        "name-missing": swap("PeterNeumann", ""),
        "name-changed": swap("PeterNeumann", "PeterNeuman"),
        "name-with-a-space": swap("PeterNeumann", "Peter Neumann"),
        "id-missing": swap("+c74f20a3", ""),
        "id-changed": swap("c74f20a3", "c74f20a4"),
        "id-in-capitals": swap("c74f20a3", "C74F20A3"),
        "id-shortened": swap("c74f20a3", "c74f20a"),
        "key-missing": swap("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", ""),
        "key-type-unknown": swap("+ARpc", "+Axpc"),
        "key-type-of-another": swap("+ARpc", "+BBpc"),
        "key-one-byte-short": swap("10TW", "10Q="),
        "key-not-base64": swap("10TW", "10T="),
        "newline-at-the-end": lambda text: text + "\n",
    }
    texts("vkey-refused", "c2sp.org/signed-note", good, changes)


def receipts() -> None:
    good = case("receipt", "345-in-700")["input"]["receipt"]
    hash_line = good.split("\n")[3] + "\n"
    changes = numbers("index ", "345") | {
        "first-line-missing": swap("c2sp.org/tlog-proof@v1\n", ""),
        "version-2": swap("@v1", "@v2"),
        "extra-empty": swap("extra YmFsbG90IHJlY2VpcHQ=", "extra "),
        "extra-not-canonical": swap("YmFsbG90IHJlY2VpcHQ=", "YmFsbG90IHJlY2VpcHR="),
        "extra-twice": swap("extra YmFsbG90IHJlY2VpcHQ=\n", "extra YmFsbG90IHJlY2VpcHQ=\n" * 2),
        "extra-after-the-index": lambda text: swap("index 345\n", "index 345\nextra YQ==\n")(
            swap("extra YmFsbG90IHJlY2VpcHQ=\n", "")(text)
        ),
        "index-missing": swap("index 345\n", ""),
        "index-twice": swap("index 345\n", "index 345\n" * 2),
        "hash-one-byte-short": swap(hash_line, "AAAA" * 10 + "AA==\n"),
        "hash-not-canonical": swap("3K8v8=\n", "3K8v9=\n"),
        "64-hashes": swap(hash_line, hash_line * 55),
        "blank-line-missing": swap("\n\n", "\n"),
        "blank-line-twice": swap("\n\n", "\n\n\n"),
        "checkpoint-missing": lambda text: text.partition("\n\n")[0] + "\n\n",
        "checkpoint-unsigned": lambda text: "\n\n".join(text.split("\n\n")[:2]) + "\n",
        "checkpoint-with-an-extension": swap("jc=\n\n", "jc=\nextension\n\n"),
        "last-newline-missing": lambda text: text.removesuffix("\n"),
    }
    texts("receipt-refused", "c2sp.org/tlog-proof", good, changes)


def requests() -> None:
    good = case("add-checkpoint", "5-to-257")["expect"]
    hash_line = good.split("\n")[1] + "\n"
    changes = numbers("old ", "5") | {
        "old-missing": swap("old 5\n", ""),
        "old-in-capitals": swap("old", "OLD"),
        "hash-one-byte-short": swap(hash_line, "AAAA" * 10 + "AA==\n"),
        "hash-without-padding": swap(hash_line, hash_line.replace("=", "")),
        "64-hashes": swap(hash_line, hash_line * 55),
        "blank-line-missing": swap("\n\n", "\n"),
        "checkpoint-missing": lambda text: text.partition("\n\n")[0] + "\n\n",
        "checkpoint-size-with-a-zero": swap("\n257\n", "\n0257\n"),
        "checkpoint-with-an-extension": swap("pc=\n\n", "pc=\nextension\n\n"),
        "last-newline-missing": lambda text: text.removesuffix("\n"),
        "carriage-returns": lambda text: text.replace("\n", "\r\n"),
    }
    texts("add-checkpoint-refused", "c2sp.org/tlog-witness", good, changes)


def entries() -> None:
    folder = fresh("entry-refused")
    content, digest = b"{}".hex(), sha256(b"one").hexdigest()
    wrong = {
        "empty": "",
        "count-above-the-length": content + "01",
        "one-byte-short-of-its-count": "00" * 35 + "01",
        "count-missing": content + digest + "00000002",
        "offset-one-too-small": content + digest + "00000001" + "01",
        "offset-one-too-large": content + digest + "00000003" + "01",
        "offset-little-endian": content + digest + "02000000" + "01",
        "offsets-descending": content + digest * 2 + "00000022" + "00000002" + "02",
        "offsets-equal": content + digest * 2 + "00000002" * 2 + "02",
        "digest-inside-the-content": digest + content + "00000000" + "01",
    }
    for name, entry in wrong.items():
        comment = name.replace("-", " ")
        put(
            folder,
            name,
            spec="records.md §1.9",
            comment=comment,
            given={"entry": entry},
            expect="RecordError",
        )


def bundles() -> None:
    folder = fresh("bundle-refused")
    wrong = {
        "empty": ("", 1),
        "half-a-length": ("00", 1),
        "ends-inside-an-entry": ("00026161" + "000261", 2),
        "ends-before-the-last-entry": ("00026161", 2),
        "one-entry-too-many": ("00026161" * 3, 2),
        "one-byte-too-many": ("00026161" * 2 + "00", 2),
        "length-little-endian": ("02006161", 1),
    }
    for name, (data, width) in wrong.items():
        given = {"path": f"tile/entries/000.p/{width}", "bundle": data}
        comment = name.replace("-", " ")
        put(folder, name, spec="c2sp.org/tlog-tiles", comment=comment, given=given, expect="RecordError")


def paths() -> None:
    folder = fresh("path-refused")
    wrong = [
        "", "tile", "tile/0", "tile/0/", "tile/0/00", "tile/0/0000", "tile/0/1000", "tile/0/x000/001", "tile/0/x001",
        "tile/0/x001/", "tile/0/001/000", "tile/0/X001/000", "tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000",
        "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/999", "tile/0/000.p/",
        "tile/0/000.p", "tile/0/000/p/1", "/tile/0/000", "tile/0/000\n", "tile/0/٠٠٠", "tile/0/../000",
        "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/x001/x001/x001/x001/x001/x001/x001/001",
        "tile/data/000", "tile/entries/", "tile/entries/x000/001", "tile/entries/000.p/0", "tile/entries/000.p/256",
    ]  # fmt: skip
    for number, path in enumerate(wrong):
        given, name = {"path": path}, f"{number:02}"
        put(folder, name, spec="c2sp.org/tlog-tiles", comment="", given=given, expect="RecordError")


def flip(text: str) -> str:
    return f"{int(text[0], 16) ^ 1:x}{text[1:]}"


LEAVES = [leaf_hash(bytes([i])) for i in range(7)]
ZERO = "00" * 32


def inclusions() -> None:
    folder = fresh("inclusion-refused")
    proof = [item.hex() for item in inclusion_proof(2, LEAVES)]
    good: dict[str, Any] = {"index": 2, "tree_size": 7, "leaf_hash": LEAVES[2].hex(), "proof": proof}
    good["root"] = root_hash(LEAVES).hex()
    wrong: dict[str, dict[str, Any]] = {
        "index-negative": {"index": -1},
        "index-of-the-neighbour": {"index": 3},
        "index-beyond-the-tree": {"index": 7},
        "tree-empty": {"index": 0, "tree_size": 0, "proof": []},
        "tree-too-small-for-the-proof": {"index": 1, "tree_size": 2},
        "tree-too-large-for-the-proof": {"tree_size": 9},
        "leaf-changed": {"leaf_hash": flip(good["leaf_hash"])},
        "leaf-short": {"leaf_hash": good["leaf_hash"][2:]},
        "root-changed": {"root": flip(good["root"])},
        "root-short": {"root": good["root"][2:]},
        "proof-empty": {"proof": []},
        "proof-shortened": {"proof": proof[:-1]},
        "proof-lengthened": {"proof": [*proof, ZERO]},
        "proof-lengthened-by-the-root": {"proof": [*proof, good["root"]]},
        "proof-reversed": {"proof": proof[::-1]},
        "first-hash-changed": {"proof": [flip(proof[0]), *proof[1:]]},
        "last-hash-changed": {"proof": [*proof[:-1], flip(proof[-1])]},
        "a-hash-one-byte-short": {"proof": [proof[0][2:], *proof[1:]]},
        "a-hash-one-byte-long": {"proof": [proof[0] + "00", *proof[1:]]},
    }
    for name, change in wrong.items():
        comment = f"leaf 2 of 7: {name.replace('-', ' ')}"
        put(
            folder,
            name,
            spec="RFC 9162 §2.1.3.2",
            comment=comment,
            given=good | change,
            expect="LogProofError",
        )


def consistencies() -> None:
    folder = fresh("consistency-refused")
    proof = [item.hex() for item in consistency_proof(3, 7, LEAVES)]
    good: dict[str, Any] = {"old_size": 3, "old_root": root_hash(LEAVES[:3]).hex()}
    good |= {"new_size": 7, "new_root": root_hash(LEAVES).hex(), "proof": proof}
    empty = {"old_size": 0, "old_root": sha256(b"").hexdigest(), "proof": []}
    same = {"old_size": 7, "old_root": good["new_root"], "proof": []}
    wrong: dict[str, dict[str, Any]] = {
        "old-size-negative": {"old_size": -1},
        "sizes-swapped": {"old_size": 7, "new_size": 3},
        "old-size-of-a-larger-tree": {"old_size": 4},
        "new-size-too-small-for-the-proof": {"new_size": 4},
        "new-size-too-large-for-the-proof": {"new_size": 9},
        "old-root-changed": {"old_root": flip(good["old_root"])},
        "old-root-short": {"old_root": good["old_root"][2:]},
        "new-root-changed": {"new_root": flip(good["new_root"])},
        "new-root-short": {"new_root": good["new_root"][2:]},
        "roots-swapped": {"old_root": good["new_root"], "new_root": good["old_root"]},
        "proof-empty": {"proof": []},
        "proof-shortened": {"proof": proof[:-1]},
        "proof-lengthened": {"proof": [*proof, ZERO]},
        "first-hash-missing": {"proof": proof[1:]},
        "first-hash-changed": {"proof": [flip(proof[0]), *proof[1:]]},
        "last-hash-changed": {"proof": [*proof[:-1], flip(proof[-1])]},
        "a-hash-one-byte-short": {"proof": [proof[0][2:], *proof[1:]]},
        "from-empty-with-a-proof": empty | {"proof": proof},
        "from-empty-with-another-root": empty | {"old_root": ZERO},
        "from-empty-to-empty-with-another-root": empty | {"new_size": 0, "new_root": ZERO},
        "same-size-with-a-proof": same | {"proof": proof},
        "same-size-with-two-roots": same | {"old_root": flip(good["new_root"])},
    }
    for name, change in wrong.items():
        comment = f"from 3 to 7 leaves: {name.replace('-', ' ')}"
        put(
            folder,
            name,
            spec="RFC 9162 §2.1.4.2",
            comment=comment,
            given=good | change,
            expect="LogProofError",
        )


def main() -> None:
    checkpoints()
    notes()
    keys()
    receipts()
    requests()
    entries()
    bundles()
    paths()
    inclusions()
    consistencies()


if __name__ == "__main__":
    main()

"""Make tests/vectors/sealed-files. The good file costs a second or two in JavaScript, so there are few of them."""

import unicodedata

from crypto.hashing import le64
from crypto.sealing import FLOOR, seal
from tests.tools.vector_files import Case, drawn, write

MAGIC_SIZE = 21
PASSPHRASE = "айкөл Манас"


def cases() -> dict[str, Case]:
    plaintext = b"x_l and what else a trustee keeps"
    file = seal(plaintext, PASSPHRASE, salt=drawn("salt", 16), nonce=drawn("nonce", 24), parameters=FLOOR)
    empty = seal(b"", PASSPHRASE, salt=drawn("salt", 16), nonce=drawn("nonce", 24), parameters=FLOOR)

    def parameters(passes: int, memory: int) -> bytes:
        return file[:MAGIC_SIZE] + le64(passes) + le64(memory) + file[MAGIC_SIZE + 16 :]

    def changed(place: int) -> bytes:
        return file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]

    mebibyte = 1 << 20
    length_at = MAGIC_SIZE + 16 + 16 + 24
    rows = {
        "good": ("2 passes, 64 MiB", file, PASSPHRASE, "ok"),
        "good-empty": ("nothing is sealed", empty, PASSPHRASE, "ok"),
        "good-decomposed": ("й typed as и and a breve", file, unicodedata.normalize("NFD", PASSPHRASE), "ok"),
        "wrong-passphrase": ("a small letter", file, PASSPHRASE.lower(), "DecryptionError"),
        "empty-passphrase": ("no passphrase", file, "", "DecryptionError"),
        "salt-changed": ("one bit", changed(MAGIC_SIZE + 16), PASSPHRASE, "DecryptionError"),
        "nonce-changed": ("one bit", changed(MAGIC_SIZE + 32), PASSPHRASE, "DecryptionError"),
        "tag-changed": ("one bit", changed(length_at + 8), PASSPHRASE, "DecryptionError"),
        "text-changed": ("one bit", changed(len(file) - 1), PASSPHRASE, "DecryptionError"),
        "3-passes": (
            "more than it was sealed with",
            parameters(3, 64 * mebibyte),
            PASSPHRASE,
            "DecryptionError",
        ),
        "1-pass": ("below the floor", parameters(1, 64 * mebibyte), PASSPHRASE, "EncodingError"),
        "17-passes": ("above the ceiling", parameters(17, 64 * mebibyte), PASSPHRASE, "EncodingError"),
        "63-mib": ("below the floor", parameters(2, 63 * mebibyte), PASSPHRASE, "EncodingError"),
        "1025-mib": ("above the ceiling", parameters(2, 1025 * mebibyte), PASSPHRASE, "EncodingError"),
        "odd-memory": ("no whole KiB", parameters(2, 64 * mebibyte + 1), PASSPHRASE, "EncodingError"),
        "other-version": ("evote/v2", file.replace(b"v1", b"v2", 1), PASSPHRASE, "EncodingError"),
        "length-changed": ("one bit", changed(length_at), PASSPHRASE, "EncodingError"),
        "cut": ("one byte short", file[:-1], PASSPHRASE, "EncodingError"),
        "cut-in-header": ("ends before the length", file[:length_at], PASSPHRASE, "EncodingError"),
        "trailing": ("one byte more", file + b"\0", PASSPHRASE, "EncodingError"),
        "no-room-for-tag": (
            "a box of 15 bytes",
            file[:length_at] + le64(15) + bytes(15),
            PASSPHRASE,
            "EncodingError",
        ),
        "empty-file": ("nothing", b"", PASSPHRASE, "EncodingError"),
    }
    return {
        f"sealed-files/{name}": {
            "source": "tests/tools/make_sealing_vectors.py",
            "spec": "protocol.md §1.10",
            "comment": comment,
            "input": {"file": data.hex(), "passphrase": passphrase},
            "output": {"plaintext": "" if data == empty else plaintext.hex()},
            "expect": expect,
        }
        for name, (comment, data, passphrase, expect) in rows.items()
    }


if __name__ == "__main__":
    write(cases())

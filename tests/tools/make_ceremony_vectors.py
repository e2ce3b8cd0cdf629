"""Make the vectors of the key ceremony: ceremony, sharing, dealt-shares, share-plaintexts, boxes and box-keys."""

from crypto.boxes import BoxSecretKey, seal_share
from crypto.ceremony import (
    election_base,
    election_context,
    issuer_pledge_digest,
    pledge_digest,
    transcript_digest,
)
from crypto.hashing import le64
from crypto.scalar import Scalar
from crypto.sharing import (
    DealtShare,
    Polynomial,
    coefficient_commitments,
    combine_shares,
    deal,
    joint_key,
    share_plaintext,
    verification_keys,
)
from tests.tools.vector_files import Case, drawn, write

SOURCE = "tests/tools/make_ceremony_vectors.py"
MANIFEST_DIGEST = drawn("manifest digest", 32)


def polynomials(trustees: int, threshold: int) -> list[Polynomial]:
    return [
        Polynomial.from_random_bytes(
            dealer, drawn(f"{threshold} of {trustees}, dealer {dealer}", 64 * threshold)
        )
        for dealer in range(1, trustees + 1)
    ]


def hexes(packed: bytes) -> list[str]:
    return [packed[start : start + 32].hex() for start in range(0, len(packed), 32)]


def ceremony_cases() -> dict[str, Case]:
    body = b'{"coefficient_commitments":[],"trustee":2}'
    leaves = [drawn(f"leaf {number}", 32) for number in range(10)]
    dealers = [coefficient_commitments(polynomial) for polynomial in polynomials(3, 2)]
    parts = [drawn(f"issuer part {number}", 32) for number in (3, 1, 2)]
    base, root = drawn("base", 64), drawn("roll root", 32)
    key = joint_key(dealers)
    manifest = {"manifest_digest": MANIFEST_DIGEST.hex()}
    rows = {
        "pledge": (
            "2.1",
            manifest | {"trustee": 2, "body": body.hex()},
            pledge_digest(MANIFEST_DIGEST, 2, body),
        ),
        "transcript": (
            "2.5",
            {"leaf_hashes": [leaf.hex() for leaf in leaves]},
            transcript_digest(leaves),
        ),
        "base": (
            "2.7",
            manifest
            | {
                "joint_key": key.encoded.hex(),
                "coefficient_commitments": [hexes(vector.encode()) for vector in dealers],
            },
            election_base(MANIFEST_DIGEST, key, dealers),
        ),
        "issuer-pledge": (
            "2.10",
            manifest | {"issuer": "registrar", "parts": [part.hex() for part in parts]},
            issuer_pledge_digest(MANIFEST_DIGEST, "registrar", parts),
        ),
        "issuer-pledge-empty": (
            "2.10",
            manifest | {"issuer": "registrar", "parts": []},
            issuer_pledge_digest(MANIFEST_DIGEST, "registrar", []),
        ),
        "context": (
            "2.11",
            {"base": base.hex(), "roll_root": root.hex()},
            election_context(base, root),
        ),
    }
    return {
        name: {
            "source": SOURCE,
            "spec": f"protocol.md §{rule}",
            "input": given,
            "output": {"digest": digest.hex()},
        }
        for name, (rule, given, digest) in rows.items()
    }


def sharing_case(trustees: int, threshold: int) -> Case:
    dealers = polynomials(trustees, threshold)
    vectors = [coefficient_commitments(polynomial) for polynomial in dealers]
    dealt = [[deal(polynomial, recipient) for recipient in range(1, trustees + 1)] for polynomial in dealers]
    secrets = [combine_shares(column) for column in zip(*dealt, strict=True)]
    return {
        "source": SOURCE,
        "spec": "protocol.md §2.2, §2.5, §2.7",
        "comment": "row i: dealer i + 1; column l of dealt_shares: trustee l + 1",
        "input": {
            "threshold": threshold,
            "coefficients": [[f.encoded.hex() for f in polynomial.coefficients] for polynomial in dealers],
        },
        "intermediate": {
            "coefficient_commitments": [hexes(vector.encode()) for vector in vectors],
            "dealt_shares": [[share.value.encoded.hex() for share in row] for row in dealt],
        },
        "output": {
            "joint_key": joint_key(vectors).encoded.hex(),
            "secret_shares": [share.value.encoded.hex() for share in secrets],
            "verification_keys": [key.encoded.hex() for key in verification_keys(vectors)],
        },
    }


def dealt_share_cases() -> dict[str, Case]:
    first, second, _ = polynomials(3, 3)
    good = deal(first, 2)
    slope = Scalar.random(drawn("slope", 64))
    rooted = Polynomial(1, (-(Scalar.from_int(2) * slope), slope))
    rows = {
        "good": ("a share as dealt", good, first, "ok"),
        "root": ("the dealer chose f(2) = 0, and says so", deal(rooted, 2), rooted, "ok"),
        "value-plus-1": (
            "the value is one too much",
            DealtShare(1, 2, good.value + Scalar.from_int(1)),
            first,
            "DealerError",
        ),
        "value-zero": (
            "zero in place of the value",
            DealtShare(1, 2, Scalar.from_int(0)),
            first,
            "DealerError",
        ),
        "negated": ("−f(2) in place of f(2)", DealtShare(1, 2, -good.value), first, "DealerError"),
        "other-recipient": ("f(2) given to trustee 3", DealtShare(1, 3, good.value), first, "DealerError"),
        "constant-term": (
            "f(0) in place of f(2)",
            DealtShare(1, 2, first.coefficients[0]),
            first,
            "DealerError",
        ),
        "other-dealer": ("against another dealer's commitments", good, second, "DealerError"),
    }
    return {
        name: {
            "source": SOURCE,
            "spec": "protocol.md §2.5",
            "comment": comment,
            "input": {
                "dealer": share.dealer,
                "recipient": share.recipient,
                "value": share.value.encoded.hex(),
                "coefficient_commitments": hexes(coefficient_commitments(polynomial).encode()),
            },
            "expect": expect,
        }
        for name, (comment, share, polynomial, expect) in rows.items()
    }


def plaintext_cases() -> dict[str, Case]:
    share = deal(polynomials(3, 2)[0], 3)
    plain = share_plaintext(share, MANIFEST_DIGEST)
    value, indexes = plain[:32], plain[64:]
    ones = b"\xff" * 32
    rows = {
        "good": ("as dealt by 1 to 3", plain, "ok"),
        "other-election": ("another manifest digest", value + drawn("other", 32) + indexes, "DealerError"),
        "other-dealer": ("made by 2", plain[:64] + le64(2) + le64(3), "DealerError"),
        "other-recipient": ("made for 2", plain[:64] + le64(1) + le64(2), "DealerError"),
        "indexes-swapped": ("made by 3 for 1", plain[:64] + le64(3) + le64(1), "DealerError"),
        "indexes-big-endian": (
            "integers of the wrong end",
            plain[:64] + le64(1)[::-1] + le64(3)[::-1],
            "DealerError",
        ),
        "scalar-too-large": ("2^256 − 1 is no scalar", ones + plain[32:], "DealerError"),
        "79-bytes": ("one byte short", plain[:-1], "DealerError"),
        "81-bytes": ("one byte more", plain + b"\0", "DealerError"),
        "empty": ("nothing", b"", "DealerError"),
    }
    return {
        name: {
            "source": SOURCE,
            "spec": "protocol.md §2.4",
            "comment": comment,
            "input": {
                "plaintext": plaintext.hex(),
                "manifest_digest": MANIFEST_DIGEST.hex(),
                "dealer": 1,
                "recipient": 3,
            },
            "output": {"value": share.value.encoded.hex()},
            "expect": expect,
        }
        for name, (comment, plaintext, expect) in rows.items()
    }


def box_case(
    comment: str,
    box: bytes,
    *,
    posted: bytes,
    ephemeral: BoxSecretKey,
    recipient: BoxSecretKey,
    with_recipient: str = "DecryptionError",
    with_ephemeral: str = "DecryptionError",
) -> Case:
    return {
        "source": SOURCE,
        "spec": "protocol.md §2.4, §2.6",
        "comment": comment,
        "input": {
            "box": box.hex(),
            "ephemeral_public": posted.hex(),
            "ephemeral_secret": ephemeral.secret.hex(),
            "recipient_public": recipient.public.hex(),
            "recipient_secret": recipient.secret.hex(),
        },
        "expect": {"with_recipient": with_recipient, "with_ephemeral": with_ephemeral},
    }


def box_cases() -> dict[str, Case]:
    recipient, other, ephemeral = (BoxSecretKey(drawn(f"box key {n}", 32)) for n in range(3))
    plain = share_plaintext(deal(polynomials(3, 2)[0], 3), MANIFEST_DIGEST)
    box = seal_share(plain, recipient.public, ephemeral)
    posted = ephemeral.public
    changed = {
        "tag-changed": ("one bit of the tag", bytes([box[0] ^ 1]) + box[1:]),
        "text-changed": ("one bit of the text", box[:-1] + bytes([box[-1] ^ 0x80])),
        "cut": ("one byte short", box[:-1]),
        "15-bytes": ("shorter than a tag", box[:15]),
    }
    cases = {
        name: box_case(comment, data, posted=posted, ephemeral=ephemeral, recipient=recipient)
        for name, (comment, data) in changed.items()
    }
    cases["good"] = box_case(
        "as sealed",
        box,
        posted=posted,
        ephemeral=ephemeral,
        recipient=recipient,
        with_recipient="ok",
        with_ephemeral="ok",
    )
    cases["good"]["output"] = {"plaintext": plain.hex()}
    cases["other-recipient"] = box_case(
        "meant for another", box, posted=posted, ephemeral=ephemeral, recipient=other
    )
    cases["other-key-posted"] = box_case(
        "the dealer posted one key, and answers with the secret of the one that made the box",
        box,
        posted=other.public,
        ephemeral=ephemeral,
        recipient=recipient,
    )
    cases["other-secret-answered"] = box_case(
        "the dealer answers with a secret that is not that of the posted key",
        box,
        posted=posted,
        ephemeral=other,
        recipient=recipient,
        with_recipient="ok",
    )
    cases["other-secret-answered"]["output"] = {"plaintext": plain.hex()}
    unusable = {
        "top-bit-set": (
            "X25519 ignores the top bit: the box would open",
            posted[:31] + bytes([posted[31] | 0x80]),
        ),
        "zero-key": ("u = 0, under which every shared secret is zero", bytes(32)),
    }
    for name, (comment, key) in unusable.items():
        cases[name] = box_case(
            comment,
            box,
            posted=key,
            ephemeral=ephemeral,
            recipient=recipient,
            with_recipient="EncodingError",
            with_ephemeral="EncodingError",
        )
    return cases


def box_key_cases() -> dict[str, Case]:
    p = 2**255 - 19
    eighths = [
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    ]
    rows = {
        "ordinary": (BoxSecretKey(drawn("box key 0", 32)).public, "ok"),
        "base": ((9).to_bytes(32, "little"), "ok"),
        "twist": ((2).to_bytes(32, "little"), "ok"),
        "zero": (bytes(32), "EncodingError"),
        "one": ((1).to_bytes(32, "little"), "EncodingError"),
        "minus-one": ((p - 1).to_bytes(32, "little"), "EncodingError"),
        "order-8-a": (eighths[0].to_bytes(32, "little"), "EncodingError"),
        "order-8-b": (eighths[1].to_bytes(32, "little"), "EncodingError"),
        "p": (p.to_bytes(32, "little"), "EncodingError"),
        "p-plus-1": ((p + 1).to_bytes(32, "little"), "EncodingError"),
        "p-plus-9": ((p + 9).to_bytes(32, "little"), "EncodingError"),
        "top-bit": ((9 + (1 << 255)).to_bytes(32, "little"), "EncodingError"),
        "31-bytes": (b"\t" + bytes(30), "EncodingError"),
        "33-bytes": (b"\t" + bytes(32), "EncodingError"),
    }
    return {
        name: {
            "source": SOURCE,
            "spec": "protocol.md §2.4",
            "input": {"public_key": key.hex()},
            "expect": expect,
        }
        for name, (key, expect) in rows.items()
    }


def cases() -> dict[str, Case]:
    folders = {
        "ceremony": ceremony_cases(),
        "sharing": {f"{t}-of-{n}": sharing_case(n, t) for n, t in [(1, 1), (3, 2), (4, 3), (5, 3)]},
        "dealt-shares": dealt_share_cases(),
        "share-plaintexts": plaintext_cases(),
        "boxes": box_cases(),
        "box-keys": box_key_cases(),
    }
    return {f"{folder}/{name}": case for folder, content in folders.items() for name, case in content.items()}


if __name__ == "__main__":
    write(cases())

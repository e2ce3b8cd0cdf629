"""Make tests/vectors/signing and tests/vectors/signing-keys.

Most cases are signatures on which libraries disagree. Each fails one rule only: the equation itself holds, unless
the comment says otherwise, because the message was chosen for its k.
"""

import itertools
from collections.abc import Callable

from crypto.signing import SigningKey, record_message
from tests.reference import ed25519
from tests.reference.ed25519 import BASE, ORDER, TORSION, ZERO, Point, add, encode, multiply, negate
from tests.tools.vector_files import Case, drawn, write

SOURCE = "tests/tools/make_signing_vectors.py"
SPEC = "protocol.md §1.9"

a = int.from_bytes(drawn("signing key", 64), "little") % ORDER  # logarithm of the hostile signer's key
r = int.from_bytes(drawn("signing nonce", 64), "little") % ORDER
A = multiply(a, BASE)
R = multiply(r, BASE)


def small(multiple: int) -> Point:
    return multiply(multiple, TORSION)


def raw(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


def reduced_k(modulus: int, value: int) -> Callable[[int], bool]:
    """Whether k mod ℓ is `value` modulo `modulus`."""
    return lambda k: k % ORDER % modulus == value


def suitable(key: bytes, commitment: bytes, wanted: Callable[[int], bool]) -> tuple[bytes, int]:
    """The first of the messages 0, 1, … whose k is as wanted, and that k."""
    for number in itertools.count():
        message = f"message {number}".encode()
        k = ed25519.challenge(commitment, key, message)
        if wanted(k):
            return message, k
    raise AssertionError


def holds_with_cofactor(key: Point, commitment: Point, k: int, s: int) -> bool:
    """Whether 8·S·B = 8·R + 8·k·K."""
    right = add(commitment, multiply(k, key))
    return multiply(8 * s, BASE) == multiply(8, right)


def case(
    comment: str, expect: str, *, key: bytes, message: bytes, commitment: bytes, s: int, cofactored: bool
) -> Case:
    k = ed25519.challenge(commitment, key, message)
    return {
        "source": SOURCE,
        "spec": SPEC,
        "comment": comment,
        "input": {
            "public_key": key.hex(),
            "message": message.hex(),
            "signature": (commitment + s.to_bytes(32, "little")).hex(),
        },
        "intermediate": {"k": k.to_bytes(64, "little").hex(), "holds_with_cofactor": cofactored},
        "expect": expect,
    }


def forged(
    comment: str,
    expect: str,
    *,
    key: Point,
    commitment: Point,
    s: Callable[[int], int],
    wanted: Callable[[int], bool] = lambda k: True,
    key_bytes: bytes | None = None,
    commitment_bytes: bytes | None = None,
) -> Case:
    """A case from points, with other encodings of them where given."""
    key_bytes = key_bytes or encode(key)
    commitment_bytes = commitment_bytes or encode(commitment)
    message, k = suitable(key_bytes, commitment_bytes, wanted)
    return case(
        comment,
        expect,
        key=key_bytes,
        message=message,
        commitment=commitment_bytes,
        s=s(k),
        cofactored=holds_with_cofactor(key, commitment, k % ORDER, s(k)),
    )


def honest_s(k: int) -> int:
    return (r + k * a) % ORDER


def good_cases() -> dict[str, Case]:
    message = bytes.fromhex("af82")
    rfc = SigningKey(bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
    key = SigningKey(drawn("signing seed", 32))
    record = record_message("identified", drawn("manifest digest", 32), b'{"count":12}')
    cases = {}
    for name, comment, signer, text in [
        ("rfc8032-test-3", "RFC 8032 §7.1, TEST 3", rfc, message),
        ("record", 'an entry of type identified with the body {"count":12}', key, record),
        ("empty-message", "nothing is signed", key, b""),
    ]:
        signature = signer.sign(text)
        cases[name] = case(
            comment,
            "ok",
            key=signer.public,
            message=text,
            commitment=signature[:32],
            s=int.from_bytes(signature[32:], "little"),
            cofactored=True,
        )
        cases[name]["input"]["seed"] = signer.seed.hex()
    return cases


def scalar_cases() -> dict[str, Case]:
    return {
        "scalar-plus-order": forged(
            "S + ℓ instead of S", "SignatureError", key=A, commitment=R, s=lambda k: honest_s(k) + ORDER
        ),
        "scalar-plus-8-orders": forged(
            "S + 8·ℓ, beyond 2^255",
            "SignatureError",
            key=A,
            commitment=R,
            s=lambda k: honest_s(k) + 8 * ORDER,
        ),
        "scalar-off-by-one": forged(
            "S + 1: the equation does not hold",
            "SignatureError",
            key=A,
            commitment=R,
            s=lambda k: (honest_s(k) + 1) % ORDER,
        ),
    }


def small_order_cases() -> dict[str, Case]:
    cases = {}
    for multiple, order in [(0, 1), (4, 2), (2, 4), (6, 4), (1, 8), (3, 8), (5, 8), (7, 8)]:
        cases[f"key-of-order-{order}-{multiple}"] = forged(
            f"the key is {multiple}·T, T of order 8; k mod ℓ is a multiple of {order}, so S = r holds for everybody",
            "SignatureError",
            key=small(multiple),
            commitment=R,
            s=lambda k: r,
            wanted=reduced_k(order, 0),
        )
    cases["commitment-of-order-1"] = forged(
        "R is the identity, S = k·a", "SignatureError", key=A, commitment=ZERO, s=lambda k: k * a % ORDER
    )
    key = add(A, TORSION)
    for multiple in (1, 2, 4):
        cases[f"commitment-of-order-{8 // multiple}"] = forged(
            f"key A + T and R = {multiple}·T with −(k mod ℓ)·T = R, S = k·a",
            "SignatureError",
            key=key,
            commitment=small(multiple),
            s=lambda k: k * a % ORDER,
            wanted=reduced_k(8, 8 - multiple),
        )
    return cases


def encoding_cases() -> dict[str, Case]:
    p = ed25519.P
    zeros = [("p-plus-1", raw(p + 1, 0)), ("p-plus-1-negative", raw(p + 1, 1)), ("negative-zero", raw(1, 1))]
    cases = {}
    for name, data in zeros:
        cases[f"key-{name}"] = forged(
            "the key is the identity in a second encoding, S = r",
            "SignatureError",
            key=ZERO,
            key_bytes=data,
            commitment=R,
            s=lambda k: r,
        )
        cases[f"commitment-{name}"] = forged(
            "R is the identity in a second encoding, S = k·a",
            "SignatureError",
            key=A,
            commitment=ZERO,
            commitment_bytes=data,
            s=lambda k: k * a % ORDER,
        )
    x = ed25519.recover_x(0, 0)
    assert x is not None
    cases["key-p"] = forged(
        "the key has order 4 and y = p; k mod ℓ is a multiple of 4, S = r",
        "SignatureError",
        key=(x, 0),
        key_bytes=raw(p, 0),
        commitment=R,
        s=lambda k: r,
        wanted=reduced_k(4, 0),
    )
    for y in (p + 3, p + 4, p + 14):
        x = ed25519.recover_x(y % p, 0)
        assert x is not None
        # Of full order, so nobody knows its logarithm and no equation can be made to hold.
        cases[f"key-p-plus-{y - p}"] = forged(
            f"the key has y = p + {y - p}; nobody can sign under it",
            "SignatureError",
            key=(x, y % p),
            key_bytes=raw(y, 0),
            commitment=R,
            s=honest_s,
        )
    cases["key-not-on-the-curve"] = case(
        "no point has y = 7",
        "SignatureError",
        key=raw(7, 0),
        message=b"message",
        commitment=encode(R),
        s=r,
        cofactored=False,
    )
    assert ed25519.recover_x(7, 0) is None
    return cases


def vanishing(*, reduced: bool, whole: bool) -> Callable[[int], bool]:
    return lambda k: (k % ORDER % 8 == 0) is reduced and (k % 8 == 0) is whole


def cofactor_cases() -> dict[str, Case]:
    """What 8·S·B = 8·R + 8·k·K accepts and enc(S·B − k·K) = R does not, or only as k was reduced modulo ℓ."""
    mixed = add(A, TORSION)
    cases = {
        "commitment-with-torsion": forged(
            "R = r·B + T under an ordinary key: only a verifier with the cofactor accepts",
            "SignatureError",
            key=A,
            commitment=add(R, TORSION),
            s=honest_s,
        ),
        "both-with-torsion": forged(
            "key A + T and R = r·B − k·T: the parts of small order cancel, and both verifiers accept",
            "ok",
            key=mixed,
            commitment=add(R, negate(TORSION)),
            s=honest_s,
            wanted=reduced_k(8, 1),
        ),
    }
    for name, reduced, whole in [
        ("neither", False, False),
        ("whole-only", False, True),
        ("reduced-only", True, False),
        ("both", True, True),
    ]:
        cases[f"key-with-torsion-{name}"] = forged(
            f"key A + T; k·T {'vanishes' if whole else 'stays'} for all 512 bits of k and "
            f"{'vanishes' if reduced else 'stays'} for k mod ℓ, which is the k that counts",
            "ok" if reduced else "SignatureError",
            key=mixed,
            commitment=R,
            s=honest_s,
            wanted=vanishing(reduced=reduced, whole=whole),
        )
    return cases


def key_cases() -> dict[str, Case]:
    p = ed25519.P
    keys = {"full-order": ("an ordinary key", encode(A), "ok")}
    for multiple in range(8):
        keys[f"small-order-{multiple}"] = (
            f"{multiple}·T, T of order 8",
            encode(small(multiple)),
            "EncodingError",
        )
    for multiple in range(1, 8):
        mixed = encode(add(A, small(multiple)))
        keys[f"mixed-order-{multiple}"] = (f"an ordinary key + {multiple}·T", mixed, "EncodingError")
    for name, y, sign in [
        ("y-p", p, 0),
        ("y-p-negative", p, 1),
        ("y-p-plus-1", p + 1, 0),
        ("y-p-plus-1-negative", p + 1, 1),
        ("negative-zero", 1, 1),
        ("negative-zero-order-2", p - 1, 1),
        ("y-p-plus-3", p + 3, 0),
        ("y-p-plus-18-negative", p + 18, 1),
    ]:
        keys[f"second-encoding-{name}"] = (
            "y not below p, or x = 0 with a sign",
            raw(y, sign),
            "EncodingError",
        )
    keys["not-on-the-curve"] = ("no point has y = 7", raw(7, 0), "EncodingError")
    keys["31-bytes"] = ("one byte short", encode(A)[:31], "EncodingError")
    keys["33-bytes"] = ("one byte more", encode(A) + b"\0", "EncodingError")
    return {
        f"signing-keys/{name}": {
            "source": SOURCE,
            "spec": "records.md §2.2",
            "comment": comment,
            "input": {"public_key": key.hex()},
            "expect": expect,
        }
        for name, (comment, key, expect) in keys.items()
    }


def cases() -> dict[str, Case]:
    signatures = good_cases() | scalar_cases() | small_order_cases() | encoding_cases() | cofactor_cases()
    return {f"signing/{name}": content for name, content in signatures.items()} | key_cases()


if __name__ == "__main__":
    write(cases())

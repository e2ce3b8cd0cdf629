"""A ballot's proof checked from the text of protocol.md §1 and §3 alone: plain integers, nothing of ours imported.

Slow, and meant to be read beside the specification. Points are classes of points of edwards25519 in
extended coordinates; two stand for one element when RFC 9496 §4.5 says so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
IDENTITY: Point = (0, 1, 1, 0)


class Malformed(Exception):  # noqa: N818 — an outcome that the tests compare by name, not a class of errors
    """Refused before any equation is looked at."""


def decode(data: bytes) -> Point:
    """RFC 9496 §4.3.1"""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s % 2:
        raise Malformed
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square = v * u2 * u2 % P
    root = pow(square, (P + 3) // 8, P)  # of `square`, if it has one
    if root * root % P != square:
        root = root * ROOT_OF_MINUS_ONE % P
    if root * root % P != square or square == 0:
        raise Malformed
    inverse = pow(root, -1, P)
    x = 2 * s * inverse * u2 % P
    x = P - x if x % 2 else x
    y = u1 * inverse * u2 * inverse * v % P
    t = x * y % P
    # The sign of the root cancels in y and is put right in x.
    if t % 2 or y == 0:
        raise Malformed
    return x, y, 1, t


def add(left: Point, right: Point) -> Point:
    (X1, Y1, Z1, T1), (X2, Y2, Z2, T2) = left, right
    A, B = (Y1 - X1) * (Y2 - X2), (Y1 + X1) * (Y2 + X2)
    C, E = 2 * D * T1 * T2, 2 * Z1 * Z2
    H, F, G, K = B - A, E - C, E + C, B + A
    return H * F % P, G * K % P, F * G % P, H * K % P


def multiply(number: int, point: Point) -> Point:
    result = IDENTITY
    for bit in f"{number % ORDER:b}":
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def total(terms: Sequence[tuple[int, Point]]) -> Point:
    result = IDENTITY
    for number, point in terms:
        result = add(result, multiply(number, point))
    return result


def same(left: Point, right: Point) -> bool:
    (X1, Y1, _, _), (X2, Y2, _, _) = left, right
    return (X1 * Y2 - Y1 * X2) % P == 0 or (Y1 * Y2 - X1 * X2) % P == 0


BASE = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))


def H(tag: str, *parts: bytes) -> bytes:  # noqa: N802 — its name in the specification
    items = [f"evote/v1/{tag}".encode(), *parts]
    return hashlib.sha512(b"".join(len(item).to_bytes(8, "little") + item for item in items)).digest()


def scalar(digest: bytes) -> int:
    return int.from_bytes(digest, "little") % ORDER


def first_failure(given: dict[str, Any]) -> str | None:
    """The first equation that a vector's input does not satisfy, or None.

    Raises:
        Malformed: it is refused before that.
    """
    names = ("key", "context", "credential", "previous", "ciphertexts", "proof")
    raw = {name: bytes.fromhex(given[name]) for name in names}
    contests = given["shape"]["contests"]
    n = sum(len(contest["options"]) for contest in contests)
    branches = [range(contest["minimum"], contest["maximum"] + 1) for contest in contests]
    count = sum(map(len, branches))
    if len(raw["ciphertexts"]) != 64 * n:
        raise Malformed
    if len(raw["proof"]) != 32 * (3 + 2 * n + 2 * count + count - len(contests) + 2 + 2 * n + count):
        raise Malformed
    halves, items = split(raw["ciphertexts"]), split(raw["proof"])
    pads = halves[::2]
    if bytes(32) in (raw["credential"], *pads) or len(set(pads)) != n:
        raise Malformed
    h, S = decode(raw["key"]), decode(raw["credential"])
    c = [decode(half) for half in halves]
    border = 3 + 2 * n + 2 * count
    commitments = iter([decode(item) for item in items[:border]])
    scalars = [int.from_bytes(item, "little") for item in items[border:]]
    if max(scalars) >= ORDER:
        raise Malformed

    style = given["shape"]["style_id"].encode()
    statement = (raw["context"], style, raw["credential"], raw["previous"], raw["ciphertexts"])
    e = scalar(H("ballot", *statement, b"".join(items[:border])))
    W = H("weights", *statement)
    w = [scalar(H("weight", W, j.to_bytes(8, "little"))) for j in range(n)]
    responses = iter(scalars)
    free = [[next(responses) for _ in list(values)[1:]] for values in branches]
    z = next(responses)
    pairs = [(next(responses), next(responses)) for _ in range(n)]
    u = next(responses)

    def sides() -> Iterator[tuple[str, Point, Point]]:
        yield "credential", multiply(z, BASE), total([(1, next(commitments)), (e, S)])
        for j, (f, y) in enumerate(pairs):
            pad, data = c[2 * j : 2 * j + 2]
            yield f"selection {j} pad", total([(e, pad), (1, next(commitments))]), multiply(y, BASE)
            right = total([(y, h), (f, BASE)])
            yield f"selection {j} data", total([(e, data), (1, next(commitments))]), right
        factors = [w_j * (e - f) for w_j, (f, _) in zip(w, pairs, strict=True)]
        for half, base, place in (("pad", BASE, 0), ("data", h, 1)):
            left = total([(1, next(commitments)), *zip(factors, c[place::2], strict=True)])
            yield f"product {half}", left, multiply(u, base)
        start = 0
        for number, (contest, values) in enumerate(zip(contests, branches, strict=True)):
            weights = [option["weight"] for option in contest["options"]]
            own = c[2 * start : 2 * (start + len(weights))]
            start += len(weights)
            pad = total(list(zip(weights, own[::2], strict=True)))
            data = total(list(zip(weights, own[1::2], strict=True)))
            challenges = [e - sum(free[number]), *free[number]]
            for v, e_v in zip(values, challenges, strict=True):
                z_v = next(responses)
                yield (
                    f"sum {number}={v} pad",
                    multiply(z_v, BASE),
                    total([(1, next(commitments)), (e_v, pad)]),
                )
                right = total([(1, next(commitments)), (e_v, data), (-e_v * v, BASE)])
                yield f"sum {number}={v} data", multiply(z_v, h), right

    return next((name for name, left, right in sides() if not same(left, right)), None)


def split(data: bytes) -> list[bytes]:
    return [data[start : start + 32] for start in range(0, len(data), 32)]

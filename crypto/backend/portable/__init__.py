"""The backend that needs nothing but gmpy2 for public points and PyNaCl for secret scalars."""

from crypto.backend.portable import edwards, multiscalar, ristretto, secret
from crypto.backend.portable.edwards import IDENTITY, Point
from crypto.backend.seam import InvalidPointError


class PortableBackend:
    """`Backend` over lists of points of edwards25519."""

    name = "portable"

    def decode(self, packed: bytes) -> list[Point]:
        points = []
        for index, data in enumerate(_chunks(packed)):
            point = ristretto.decode(data)
            if point is None:
                raise InvalidPointError(index)
            points.append(point)
        return points

    def encode(self, points: list[Point]) -> bytes:
        return b"".join(map(ristretto.encode, points))

    def length(self, points: list[Point]) -> int:
        return len(points)

    def take(self, points: list[Point], places: range) -> list[Point]:
        return [points[place] for place in places]

    def concat(self, parts: list[list[Point]]) -> list[Point]:
        return [point for part in parts for point in part]

    def add(self, left: list[Point], right: list[Point]) -> list[Point]:
        return list(map(edwards.add, left, right))

    def negate(self, points: list[Point]) -> list[Point]:
        return list(map(edwards.negate, points))

    def identity_indexes(self, points: list[Point]) -> list[int]:
        return [index for index, point in enumerate(points) if ristretto.is_identity(point)]

    def column_sums(self, points: list[Point], width: int) -> list[Point]:
        sums = [IDENTITY] * width
        for start in range(0, len(points), width):
            sums = list(map(edwards.add, sums, points[start : start + width]))
        return sums

    def vartime_multiscalar(self, scalars: bytes, points: list[Point]) -> list[Point]:
        numbers = [int.from_bytes(data, "little") for data in _chunks(scalars)]
        return [multiscalar.vartime_multiscalar(numbers, points)]

    def secret_base_multiply(self, scalars: bytes) -> list[Point]:
        return secret.base_multiply(_chunks(scalars))

    def secret_multiply(self, scalar: bytes, points: list[Point]) -> list[Point]:
        return secret.multiply(scalar, points)

    def secret_encrypt_pairs(self, key: list[Point], messages: bytes, nonces: bytes) -> list[Point]:
        return secret.encrypt_pairs(key[0], _chunks(messages), _chunks(nonces))


def _chunks(packed: bytes) -> list[bytes]:
    return [packed[start : start + 32] for start in range(0, len(packed), 32)]

"""The one place where the arithmetic of the group is chosen."""

from typing import Any

from crypto.backend.portable import PortableBackend
from crypto.backend.seam import Backend, InvalidPointError

__all__ = ["ACTIVE", "Backend", "InvalidPointError"]

ACTIVE: Backend[Any] = PortableBackend()

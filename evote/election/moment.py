"""Moments on a command line: POSIX seconds, or `+90s`, `+15m`, `+2h` from now."""

import re
import time
from collections.abc import Callable

_RELATIVE = re.compile(r"\+(\d{1,9})([smh])", re.ASCII)
_ABSOLUTE = re.compile(r"\d{1,11}", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse_moment(text: str, clock: Callable[[], float] = time.time) -> int:
    """The moment that a text says, in POSIX seconds.

    Raises:
        ValueError: it says none.
    """
    relative = _RELATIVE.fullmatch(text)
    if relative:
        return int(clock()) + int(relative[1]) * _SECONDS[relative[2]]
    if _ABSOLUTE.fullmatch(text):
        return int(text)
    raise ValueError(f"{text!r} is neither POSIX seconds nor a span such as +90s, +15m or +2h")

"""Which of our languages a reader prefers, by what the browser says (RFC 9110 §12.5.4)."""

import re
from collections.abc import Sequence

from trustees.catalogue import LANGUAGES

_RANGE = re.compile(
    r"([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?(?:\s*;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)
_MOST_RANGES = 20


def negotiate_language(accept_language: str, preferred: Sequence[str]) -> str:
    """A language that has texts.

    Args:
        accept_language: value of the header; what is malformed in it is passed over.
        preferred: languages of the election; the first that has texts is the default.
    """
    default = next((language for language in preferred if language in LANGUAGES), LANGUAGES[0])
    wanted = [(0.0, default)]
    for item in accept_language.split(",")[:_MOST_RANGES]:
        match = _RANGE.fullmatch(item.strip())
        if match and match[1].lower() in LANGUAGES:
            wanted.append((float(match[2] or 1), match[1].lower()))
    # The first of the highest wins; the default stands for all that is refused (q=0).
    return max(wanted, key=lambda each: each[0])[1]

"""The voter's end of the post: what stands on a letter, read from the printed page."""

import re
from pathlib import Path

from pypdf import PdfReader

_GROUP = "[0-9A-HJKMNP-TV-Z]{4}"
CODE = re.compile(rf"(?<!\S){_GROUP}(?:\s{_GROUP}){{6}}(?!\S)")


def read_code(letter: Path) -> str:
    """The code on a letter.

    Raises:
        ValueError: the page has no code, or more than one.
    """
    text = "\n".join(page.extract_text() for page in PdfReader(letter).pages)
    codes = set(CODE.findall(text))
    if len(codes) != 1:
        raise ValueError(f"{letter.name}: {len(codes)} codes on the page")
    return "-".join(codes.pop().split())

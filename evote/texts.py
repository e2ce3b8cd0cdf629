"""What voters read, in their language: the catalogue of this floor, and dates in it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from trustees.catalogue import Catalogue

FOLDER = Path(__file__).parent / "messages"

# All year round since 2005; a machine without a database of time zones knows it too.
BISHKEK = timezone(timedelta(hours=6))


def catalogue(language: str) -> Catalogue:
    """The texts of `evote` in one language.

    Raises:
        LookupError: none in this language.
    """
    return Catalogue(FOLDER, language)


def bishkek_time(texts: Catalogue, time: int) -> str:
    """A moment (POSIX seconds) by the clocks of Bishkek."""
    return texts.text("moment-bishkek", moment=_moment(texts, datetime.fromtimestamp(time, BISHKEK)))


def utc_time(texts: Catalogue, time: int) -> str:
    """The same moment in UTC."""
    return texts.text("moment-utc", moment=_moment(texts, datetime.fromtimestamp(time, UTC)))


def _moment(texts: Catalogue, at: datetime) -> str:
    # Numbers that are text keep clear of the thousands separators of a language.
    return texts.text("moment", day=str(at.day), month=at.month, year=str(at.year), time=f"{at:%H:%M}")

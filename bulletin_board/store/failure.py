"""How the failures of a database leave this package."""

from sqlalchemy.exc import SQLAlchemyError

from bulletin_board.errors import StoreError


def store_error(subject: str, exc: SQLAlchemyError) -> StoreError:
    """Our error for theirs: the first line says what happened; what follows are statements and values."""
    return StoreError(f"{subject}: {str(exc).partition(chr(10))[0]}")

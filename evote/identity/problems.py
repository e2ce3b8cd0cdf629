"""How the identity service refuses: problems as the board's, unsigned, in the language of the browser.

What a person may learn is the same for a wrong, a late, a used and an unknown code.

Spec: board.md §5.7
"""

from collections.abc import Mapping
from types import MappingProxyType

from evote.api.language import negotiate_language
from evote.api.problems import STATUS, TYPE_PREFIX
from evote.errors import GrantError, RateLimitError, RevokedError, WrongCodeError
from evote.texts import catalogue

WRONG_CODE = "wrong-code"
TOO_MANY_ATTEMPTS = "too-many-attempts"

STATUS_OF: Mapping[str, int] = MappingProxyType({**STATUS, WRONG_CODE: 403, TOO_MANY_ATTEMPTS: 429})
"""Every code of a refusal, and the status it is sent with."""

_CODES: dict[type[Exception], str] = {
    WrongCodeError: WRONG_CODE,
    RevokedError: "revoked-credential",
    RateLimitError: TOO_MANY_ATTEMPTS,
    GrantError: "unavailable",
}


def code_of(exc: Exception) -> str:
    """The code of the nearest listed ancestor; what is not listed is not explained."""
    return next((_CODES[kind] for kind in type(exc).__mro__ if kind in _CODES), "unavailable")


def problem(code: str, accept_language: str, languages: tuple[str, ...]) -> dict[str, str | int]:
    """The body of an answer.

    Args:
        code: a key of `STATUS_OF`.
        accept_language: the header of the request.
        languages: of the election; the first that has texts is the default.
    """
    texts = catalogue(negotiate_language(accept_language, languages))
    return {
        "type": f"{TYPE_PREFIX}{code}",
        "title": texts.text(f"problem-{code}"),
        "status": STATUS_OF[code],
        "detail": texts.text(f"problem-{code}-advice"),
        "code": code,
    }

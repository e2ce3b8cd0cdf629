"""Everything `evote` raises about what people, files and other programs bring.

EvoteError
├── KeyFileError        a key file or card that is missing, damaged, already there, or of another role
├── SignedFileError     a file with an envelope, or one of its addenda, that is not what it should be
├── DefinitionError     what an official wrote down or put together is no election
├── VoterListError      a voter list that cannot be taken over; `.lines` says where and why
├── RegistrarError      a step of the registrar that is refused
│   └── MismatchError   what another issuer brought contradicts its pledge, the roll or our own parts
├── IdentityError       a step of the identity service that is refused
│   ├── WrongCodeError  a one-time code that is wrong, used, too late, or of no session
│   ├── RevokedError    a person whose credential is not in force any more
│   ├── RateLimitError  too many attempts; `.retry_after` says for how long (seconds)
│   └── GrantError      the voting server did not take a grant
├── VoterError          what a voter brought does not fit together
├── IdentificationRefused  the identity service says no to a voter (.code)
├── SettingsError       a server is to be started with what does not fit its election
├── BoardStateError     the board is not (or not yet) where a step needs it
└── DatabaseError       a database of another election, program or version
"""


class EvoteError(Exception):
    """Root of the package; programs show its message and end with exit code 1."""


class KeyFileError(EvoteError): ...


class SignedFileError(EvoteError): ...


class DefinitionError(EvoteError): ...


class VoterListError(EvoteError):
    """Every fault of the list at once, so that it is mended in one go."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__(f"voter list: {len(lines)} fault(s)\n" + "\n".join(lines))
        self.lines = lines


class RegistrarError(EvoteError): ...


class MismatchError(RegistrarError): ...


class IdentityError(EvoteError): ...


class WrongCodeError(IdentityError): ...


class RevokedError(IdentityError): ...


class RateLimitError(IdentityError):
    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class GrantError(IdentityError): ...


class VoterError(EvoteError): ...


class IdentificationRefused(EvoteError):  # noqa: N818 -- an answer, not a failure
    """`code` is that of the service's problem, `detail` is advice in the voter's language."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class SettingsError(EvoteError): ...


class BoardStateError(EvoteError): ...


class DatabaseError(EvoteError): ...

"""Everything `trustees` raises. A message is a key of the catalogue with its details, so that every trustee
reads it in a language of the country.

TrusteeError
├── UsageError        the command line asks for something that cannot be done
├── SecretFileError   the sealed file: not there, not openable, in use, or of another election
├── NotYetError       the board is not where the step needs it; try again later
├── BoardFaultError   the board or another trustee is at fault; the step is refused (.findings)
└── ReleaseError      a release that this trustee must not make
"""


class TrusteeError(Exception):
    """Root of the package; the command shows the text `error-<key>` and ends with exit code 1."""

    def __init__(self, key: str, **details: str | int) -> None:
        super().__init__(f"{key}: {', '.join(f'{name} {value}' for name, value in details.items())}")
        self.key = key
        self.details = details


class UsageError(TrusteeError): ...


class SecretFileError(TrusteeError): ...


class NotYetError(TrusteeError): ...


class BoardFaultError(TrusteeError):
    """`findings` are the verifier's, one line each."""

    def __init__(self, key: str, findings: tuple[str, ...] = (), **details: str | int) -> None:
        super().__init__(key, **details)
        self.findings = findings


class ReleaseError(TrusteeError): ...

"""Everything `verifier` raises; what a record holds wrong is a finding, not an exception.

VerifierError
├── UnreadableError   what was given cannot be read as a record at all
└── NotCoveredError   a record of a version that this verifier does not know
"""


class VerifierError(Exception):
    """Root of the package."""


class UnreadableError(VerifierError): ...


class NotCoveredError(VerifierError): ...

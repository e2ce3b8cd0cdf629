"""The two mails that the identity service writes, in the language of the person."""

from bulletin_board.records.manifest import Manifest
from crypto.crockford import grouped
from evote.identity.outbox import Mail
from evote.identity.person import Person
from evote.texts import catalogue

CODE_DIGITS = 8


def code_mail(manifest: Manifest, person: Person, code: str, *, sequence: int, minutes: int) -> Mail:
    """A one-time code.

    Args:
        manifest: of the election.
        person: to whom.
        code: eight digits.
        sequence: of the session.
        minutes: for how long the code holds.
    """
    shown = grouped(code).replace("-", " ")
    return _mail("code", manifest, person, sequence, code=shown, minutes=minutes)


def notice_mail(manifest: Manifest, person: Person, *, entry_index: int, tracking_code: str) -> Mail:
    """Word that a ballot with this person's credential is on the log.

    Args:
        manifest: of the election.
        person: to whom.
        entry_index: of the ballot, 0-based.
        tracking_code: of the ballot; anyone can compute it from the log.
    """
    return _mail("notice", manifest, person, entry_index, index=str(entry_index), tracking=tracking_code)


def _mail(kind: str, manifest: Manifest, person: Person, sequence: int, **arguments: str | int) -> Mail:
    texts = catalogue(person.language)
    body = texts.text(f"mail-{kind}-body", title=manifest.title[person.language], **arguments)
    if manifest.training:
        body = f"{texts.text('mail-training')}\n\n{body}"
    return Mail(
        kind="code" if kind == "code" else "notice",
        sequence=sequence,
        reference=person.reference,
        to=person.email,
        language=person.language,
        subject=texts.text(f"mail-{kind}-subject"),
        body=body + "\n",
    )

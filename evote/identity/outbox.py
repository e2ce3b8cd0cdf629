"""The outbox: a folder from which a mail program takes what is to be sent.

Files are RFC 5322 messages named `<seq>-<reference>-<kind>.eml`, there in full or not at all. What was sent
may be moved into the folder `sent` below it; a message that lies there is not written again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from bulletin_board.durable_file import make_private_folder, write_durably

Clock = Callable[[], int]  # POSIX seconds

SENT = "sent"
_DISCARDED = ".discarded"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person.

    sequence: a number that makes the name of the file; notices take the index of their ballot
    sender:   name and address of the service
    """

    kind: Literal["code", "notice"]
    sequence: int
    reference: str
    to: str = field(repr=False)
    language: str
    subject: str
    body: str = field(repr=False)

    @property
    def file_name(self) -> str:
        return f"{self.sequence:08d}-{self.reference}-{self.kind}.eml"


class Outbox:
    """Writes mails into a folder."""

    def __init__(self, folder: Path, *, sender: Address, election_id: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._election_id = election_id
        self._clock = clock
        make_private_folder(folder)

    def put(self, mail: Mail) -> None:
        """Put a mail in the outbox, once: one that was put there before and sent is left alone."""
        if not (self._folder / SENT / mail.file_name).exists():
            write_durably(self._folder / mail.file_name, self._encode(mail))

    def discard(self, mail: Mail) -> None:
        """Do the work of `put` for nobody, so that both take the same time."""
        path = self._folder / f"{_DISCARDED}-{mail.file_name}"
        if not (self._folder / SENT / path.name).exists():
            write_durably(path, self._encode(mail))
        path.unlink(missing_ok=True)

    def _encode(self, mail: Mail) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock(), UTC))
        # The same message has the same name for ever: programs that get it twice show it once.
        name = f"{mail.kind}-{mail.sequence}-{self._election_id}"
        message["Message-ID"] = f"<{name}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body, charset="utf-8", cte="base64")
        message["Content-Language"] = mail.language
        return message.as_bytes()

"""The voter's mail program, as far as voting needs it: the newest one-time code among a folder's messages."""

import email
import email.policy
import re
from email.headerregistry import AddressHeader
from pathlib import Path

from evote.errors import VoterError

_CODE_LINE = re.compile(r"^[ \t]*(\d{4}) (\d{4})[ \t\r]*$", re.ASCII | re.MULTILINE)
_MAX_MAIL_BYTES = 1 << 20


def read_newest_code(outbox: Path, reference: str, address: str) -> str:
    """The code in the newest message that was sent to a voter.

    Args:
        outbox: where messages lie as `<seq>-<reference>-code.eml`.
        reference: of the voter.
        address: the voter's own; a message to somebody else is not read.

    Raises:
        VoterError: no message, one to another address, or not exactly one code in it.
    """
    name = re.compile(rf"(\d+)-{re.escape(reference)}-code\.eml", re.ASCII)
    found = [(int(match[1]), path) for path in outbox.iterdir() if (match := name.fullmatch(path.name))]
    if not found:
        raise VoterError(f"voter {reference}: no mail with a one-time code has come")
    _, newest = max(found)
    with newest.open("rb") as file:
        message = email.message_from_bytes(file.read(_MAX_MAIL_BYTES), policy=email.policy.default)
    to = message["To"]
    if not isinstance(to, AddressHeader) or [each.addr_spec for each in to.addresses] != [address]:
        raise VoterError(f"voter {reference}: the mail {newest.name} is to somebody else")
    body = message.get_body(("plain",))
    codes = _CODE_LINE.findall(body.get_content()) if body else []
    if len(codes) != 1:
        raise VoterError(f"voter {reference}: {len(codes)} one-time codes in the mail {newest.name}")
    return "".join(codes[0])

"""Request bodies: read no further than the limit, whatever the client announces.

Spec: board.md §5.1
"""

from hashlib import sha256

from fastapi import Request
from starlette.requests import ClientDisconnect

from bulletin_board.errors import AppendRefused

_DRAINED = 4  # times the limit


async def read_body(request: Request, limit: int) -> bytes:
    """The body, of which `limit` bytes are kept in memory at most.

    What is too long is read on for a while and thrown away: a client that is still sending would not hear why
    it was refused, and the refusal names the digest of what it sent.

    Raises:
        AppendRefused: more than `limit` bytes, or the connection broke off.
    """
    kept = bytearray()
    size = 0
    digest = sha256()
    try:
        async for chunk in request.stream():
            size += len(chunk)
            digest.update(chunk)
            if size <= limit:
                kept += chunk
            elif size > _DRAINED * limit:
                break
    except ClientDisconnect as exc:
        raise AppendRefused("malformed", "the request broke off") from exc
    finally:
        request.state.body_digest = digest.digest()
    if size > limit:
        raise AppendRefused("too-large", f"at most {limit} bytes are taken here")
    return bytes(kept)

"""The log of requests. It holds what an operator needs and nothing that leads to a voter.

No address of a client, and of an address on this server only which kind it is: a credential or a ballot
beside a time would say when somebody voted.
"""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGGER = logging.getLogger("evote.access")


class AccessLog:
    """Middleware that writes one line for each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "elsewhere")
                LOGGER.info("%s %s %s", scope["method"], route, message["status"])
            await send(message)

        await self._app(scope, receive, noted if scope["type"] == "http" else send)

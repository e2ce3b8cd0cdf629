"""The files of the log over HTTP, as any static host would serve them. Spec: board.md §5"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from bulletin_board.serving import LogFile

ReadLogFile = Callable[[str], LogFile | None]
"""From a path below the log's prefix, the file; None where the log has none."""

FOREVER = "public, max-age=31536000, immutable"
PATHS = (
    "/checkpoint",
    "/addenda.v1",
    "/checkpoints/{rest:path}",
    "/tile/{rest:path}",
    "/addenda/{rest:path}",
)


def record_file_routes(read: ReadLogFile) -> APIRouter:
    """Every path of the log; what the log does not have is a plain 404, which needs no signature."""
    router = APIRouter()

    async def serve(request: Request) -> Response:
        file = await asyncio.to_thread(read, request.url.path.removeprefix("/"))
        if file is None:
            headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
            return Response("not found\n", HTTPStatus.NOT_FOUND, headers)
        caching = FOREVER if file.immutable else "no-store"
        # As raw headers: a framework that knows better would add a charset to the type.
        return Response(file.content, headers={"content-type": file.content_type, "cache-control": caching})

    for path in PATHS:
        router.add_api_route(path, serve, methods=["GET", "HEAD"])
    return router

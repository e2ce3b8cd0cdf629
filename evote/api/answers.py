"""Answers in JSON, in its one form."""

from http import HTTPStatus
from typing import Any

from fastapi import Response

from bulletin_board.records.canonical import jcs


def json_answer(value: Any, status: int = HTTPStatus.OK) -> Response:
    """A value as it stands now: nobody keeps it."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return Response(jcs(value), status, headers)

"""The plain pages of a record: its result, its entries, its checkpoints. They need no script and no cookie.

They are the first thing that a stranger sees of an election. What they claim is what the board claims, and
the first of them says where to check it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bulletin_board.errors import BoardError, MissingFile, RecordError
from bulletin_board.log.addenda import decode_entry
from bulletin_board.log.tile import TILE_WIDTH
from bulletin_board.log_files import bundle_at, checkpoints_path
from bulletin_board.serving import OCTETS
from crypto.errors import CryptoError
from evote.api.language import negotiate_language
from evote.api.record_view import RecordSource, RecordView
from evote.api.results import contest_tables, translated
from evote.texts import bishkek_time, catalogue
from trustees.catalogue import LANGUAGES, Catalogue

TEMPLATES = Path(__file__).parents[1] / "web" / "templates"
PER_PAGE = 64  # a quarter of a bundle, so that a page reads one file

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}

Fill = Callable[[Catalogue, str], dict[str, Any]]
"""From the texts and the language, what a template shows."""


def page_routes(source: RecordSource) -> APIRouter:
    """The pages of one record."""
    router = APIRouter()
    view = RecordView(source)
    pages = _Pages(view)

    # Not coroutines: these may read many files, and wait in threads of their own.
    @router.get("/")
    def home(request: Request) -> Response:
        return pages.show(request, "home.html", lambda texts, language: _home(view, texts, language))

    @router.get("/browse/entries")
    def entries(request: Request, start: str = "") -> Response:
        return pages.show(request, "entries.html", lambda _texts, _language: _entries(view, start))

    @router.get("/browse/entries/{index}")
    def entry(request: Request, index: str) -> Response:
        return pages.raw(request, lambda: _as_signed(view.entry(_number(index))))

    @router.get("/browse/checkpoints")
    def checkpoints(request: Request, start: str = "") -> Response:
        return pages.show(request, "checkpoints.html", lambda _texts, _language: _checkpoints(view, start))

    @router.get("/browse/style.css")
    def style() -> Response:
        return _asset("style.css", "text/css; charset=utf-8")

    @router.get("/browse/icon.svg")
    def icon() -> Response:
        return _asset("icon.svg", "image/svg+xml")

    @router.get("/browse/{rest:path}")
    def elsewhere(request: Request, rest: str) -> Response:
        return pages.error(request, "page-error-missing", HTTPStatus.NOT_FOUND, depth=1 + rest.count("/"))

    return router


class _Pages:
    """Templates, filled in the reader's language."""

    def __init__(self, view: RecordView) -> None:
        self._view = view
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(self, request: Request, template: str, fill: Fill) -> Response:
        return self._guarded(request, lambda: self._fill(request, template, fill))

    def raw(self, request: Request, read: Callable[[], tuple[bytes, str]]) -> Response:
        def answer() -> Response:
            content, content_type = read()
            return Response(content, headers=_HEADERS | {"content-type": content_type})

        return self._guarded(request, answer)

    def error(self, request: Request, key: str, status: HTTPStatus, *, depth: int | None = None) -> Response:
        """A page that says why there is no other."""
        language = self._language(request, LANGUAGES)
        context = self._frame(request, language, depth=depth)
        text = self._templates.get_template("error.html").render(
            **context, reason=catalogue(language).text(key), title=None, training=None
        )
        return _html(text, language, status)

    def _guarded(self, request: Request, answer: Callable[[], Response]) -> Response:
        try:
            return answer()
        except MissingFile as exc:
            if exc.path == "checkpoint":
                return self.error(request, "page-error-unpublished", HTTPStatus.SERVICE_UNAVAILABLE)
            return self.error(request, "page-error-missing", HTTPStatus.NOT_FOUND)
        except (BoardError, CryptoError, OverflowError, ValueError):
            # The last two: a time that no calendar has.
            return self.error(request, "page-error-damaged", HTTPStatus.INTERNAL_SERVER_ERROR)

    def _fill(self, request: Request, template: str, fill: Fill) -> Response:
        manifest = self._view.manifest()
        language = self._language(request, manifest.languages)
        texts = catalogue(language)
        text = self._templates.get_template(template).render(
            **self._frame(request, language),
            **fill(texts, language),
            title=translated(manifest.title, language),
            training=manifest.training,
        )
        return _html(text, language)

    def _frame(self, request: Request, language: str, *, depth: int | None = None) -> dict[str, Any]:
        texts = catalogue(language)
        path = request.url.path
        return {
            "t": texts.text,
            "bishkek": lambda time: bishkek_time(texts, time),
            "utc": lambda time: f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC",
            "language": language,
            "languages": LANGUAGES,
            # Relative, so that the pages work under any prefix of a proxy or mirror.
            "up": "../" * (path.count("/") - 1 if depth is None else depth),
            "here": path.rpartition("/")[2],
            "page": path,
            "start": request.query_params.get("start", ""),
        }

    def _language(self, request: Request, preferred: tuple[str, ...]) -> str:
        asked = request.query_params.get("language", "")
        if asked in LANGUAGES:
            return asked
        return negotiate_language(request.headers.get("accept-language", ""), preferred)


def _as_signed(entry: bytes) -> tuple[bytes, str]:
    """An entry without the names of its addenda; as it is if it cannot be read."""
    try:
        return decode_entry(entry)[0], "application/json"
    except RecordError:
        return entry, OCTETS


def _home(view: RecordView, texts: Catalogue, language: str) -> dict[str, Any]:
    overview = view.overview()
    manifest = overview.manifest
    return {
        "overview": overview,
        "manifest": manifest,
        "digest": manifest.digest.hex(),
        "notices": [(index, notice, translated(notice.text, language)) for index, notice in overview.notices],
        "contests": contest_tables(overview, texts, language),
    }


def _entries(view: RecordView, start: str) -> dict[str, Any]:
    count = view.tree_size()
    first, end = _span(start, count)
    return {
        "lines": view.entry_lines(first, end),
        "first": first,
        "end": end,
        "count": count,
        "step": PER_PAGE,
        "bundle": bundle_at(first // TILE_WIDTH, count).path,
    }


def _checkpoints(view: RecordView, start: str) -> dict[str, Any]:
    count = view.source.checkpoint_count()
    # A record that was published has one; without, this tells the reader why there is nothing to see.
    view.tree_size()
    first, end = _span(start, count)
    return {
        "lines": view.checkpoint_lines(first, end),
        "first": first,
        "end": end,
        "count": count,
        "step": PER_PAGE,
        "bundle": checkpoints_path(bundle_at(first // TILE_WIDTH, count)),
    }


def _span(start: str, count: int) -> tuple[int, int]:
    """[first, end) of a page: the newest by default, the lists having their oldest first."""
    first = _number(start) // PER_PAGE * PER_PAGE if start else (count - 1) // PER_PAGE * PER_PAGE
    if first >= count:
        raise MissingFile(f"item {first}")
    return first, min(count, first + PER_PAGE)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise MissingFile(f"item {text[:20]}")
    return int(text)


def _asset(name: str, content_type: str) -> Response:
    return Response((TEMPLATES / name).read_bytes(), headers=_HEADERS | {"content-type": content_type})


def _html(text: str, language: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    headers = _HEADERS | {"content-type": "text/html; charset=utf-8", "content-language": language}
    return Response(text, status, headers)

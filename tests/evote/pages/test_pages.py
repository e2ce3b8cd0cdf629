"""The plain pages: what they say, in three languages, safely, and what they say when the record is bad."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from bulletin_board.archive import ArchiveFiles
from bulletin_board.folder import FolderFiles
from bulletin_board.records.fields import Localized
from bulletin_board.records.tally import Result
from bulletin_board.records.voting import Notice
from evote.api.record_view import adds_up, entry_type
from evote.api.show_app import create_show_app, record_at
from tests.support.election import MANIFEST, build_election
from tests.support.election_world import World
from tests.support.live_election import LiveElection, live_election, serving
from tests.support.small_board import write_archive, write_folder

PAGES = ("/", "/browse/entries", "/browse/checkpoints")
VOID = {"meta", "link", "br", "rect", "path"}


class Outline(HTMLParser):
    """Checks that elements nest, and collects what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def shown(world: World, folder: Path) -> Any:
    """The pages of a record that a test has bent."""
    return serving(create_show_app(FolderFiles(write_folder(world.board.files(), folder / "record"))))


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_whole_in_every_language(http: httpx.Client, path: str, language: str) -> None:
    answer = http.get(path, params={"language": language})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    outline = Outline(answer.text)
    assert outline.of("html") == [{"lang": language}]
    assert len(outline.of("h1")) == len(outline.of("main")) == 1
    assert len(outline.of("table")) == len(outline.of("caption")) >= 1
    assert all(cell.get("scope") in {"col", "row"} for cell in outline.of("th"))
    assert MANIFEST.title[language] in answer.text
    # Every id once, and every reference to one leads somewhere.
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {
        attributes["aria-labelledby"] for _, attributes in outline.tags if "aria-labelledby" in attributes
    } <= set(ids)


@pytest.mark.parametrize("path", [*PAGES, "/browse/nowhere"])
def test_nothing_comes_from_elsewhere_and_nothing_runs(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers
    outline = Outline(answer.text)
    assert not outline.of("script", "iframe", "style", "form", "img")
    for _, attributes in outline.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        for name in ("href", "src"):
            assert not re.match(r"[a-z]*:|//", attributes.get(name) or ""), attributes
    assert "http://" not in re.sub(r'xmlns="[^"]*"', "", answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere(http: httpx.Client, path: str) -> None:
    outline = Outline(http.get(path, params={"language": "en"}).text)
    links = {attributes["href"] for attributes in outline.of("a", "link")}
    assert len(links) > 5
    for link in links:
        assert link
        answer = http.get(str(http.base_url.join(path).join(link)))
        assert answer.status_code == 200, link


def test_the_result_is_told_with_its_source(http: httpx.Client) -> None:
    world = build_election()
    text = http.get("/", params={"language": "en"}).text
    outline = Outline(text)
    result = world.board.entries[world.index["result"]]
    assert entry_type(result) == "result"
    assert "as stated by the board" in text
    assert "evote-verify" in text
    assert MANIFEST.digest.hex() in text
    assert "Official election" in text
    for contest in MANIFEST.contests:
        assert contest.title["en"] in outline.text
        for option in contest.options:
            assert option.title["en"] in outline.text
    assert any(phrase.startswith(("Elected: ", "Second round")) for phrase in outline.text)
    assert "Voting extended until" in text
    widths = [int(str(rect["width"])) for rect in outline.of("rect")]
    assert len(widths) == sum(len(contest.options) for contest in MANIFEST.contests)
    assert all(0 <= width <= 1000 for width in widths)
    assert any(widths)


def test_the_language_of_the_browser_is_the_first_choice(http: httpx.Client) -> None:
    assert http.get("/", headers={"accept-language": "ru"}).headers["content-language"] == "ru"
    assert http.get("/").headers["content-language"] == MANIFEST.languages[0]
    asked = http.get("/?language=xx", headers={"accept-language": "en"})
    assert asked.headers["content-language"] == "en"


def test_an_entry_is_shown_as_it_was_signed(http: httpx.Client) -> None:
    answer = http.get("/browse/entries/0")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["type"] == "manifest"


@pytest.mark.parametrize(
    "path",
    ["/browse/entries/100000", "/browse/entries/x", "/browse/entries?start=640", "/browse/a/b", "/browse/"],
)
def test_what_is_not_there_is_said_so(http: httpx.Client, path: str) -> None:
    answer = http.get(path, params={"language": "en"} if "?" not in path else None)
    assert answer.status_code == 404
    outline = Outline(answer.text)
    stylesheet = next(link["href"] for link in outline.of("link") if link["rel"] == "stylesheet")
    assert stylesheet
    assert http.get(str(http.base_url.join(path).join(stylesheet))).status_code == 200


def test_files_of_the_record_are_served_as_they_are(http: httpx.Client, record: Path) -> None:
    paths = list(FolderFiles(record).paths())
    assert len(paths) > 5
    for path in paths:
        answer = http.get(f"/{path}")
        assert (answer.status_code, answer.content) == (200, (record / path).read_bytes())
        checkpoint = path == "checkpoint"
        expected = "text/plain; charset=utf-8" if checkpoint else "application/octet-stream"
        assert answer.headers["content-type"] == expected
    assert http.get("/tile/0/000").status_code == 404
    assert http.get("/tile/%2e%2e/checkpoint").status_code == 404
    assert http.post("/checkpoint").status_code == 405


def test_an_archive_shows_the_same(record: Path, tmp_path: Path, http: httpx.Client) -> None:
    archive = write_archive(build_election().board.files(), tmp_path / "record.tar.gz")
    with record_at(archive) as files, serving(create_show_app(files)) as url:
        assert isinstance(files, ArchiveFiles)
        assert httpx.get(f"{url}/?language=en").text == http.get("/?language=en").text


def test_markup_in_names_is_text(tmp_path: Path) -> None:  # N75
    evil = "<script>alert(1)</script> & \"quotes\" 'single'"

    def bend(notice: Notice, world: World) -> Notice:
        return replace(notice, text=Localized(dict.fromkeys(world.manifest.languages, evil)))

    world = build_election(bend={"notice extend": bend})
    with shown(world, tmp_path) as url:
        text = httpx.get(f"{url}/?language=en").text
    assert not Outline(text).of("script")
    assert "&lt;script&gt;" in text


def test_numbers_that_do_not_add_up_are_not_shown(tmp_path: Path) -> None:  # N57
    def doubled(result: Result, _: World) -> Result:
        first, *others = result.contests
        twice = replace(first, totals=tuple(2 * count for count in first.totals))
        return replace(result, contests=(twice, *others))

    with shown(build_election(bend={"result": doubled}), tmp_path) as url:
        text = httpx.get(f"{url}/?language=en").text
    assert "do not add up" in text
    assert "Votes for each choice" not in text


def _result(world: World) -> Result:
    from bulletin_board.records.envelope import decode_record

    body = decode_record(world.board.entries[world.index["result"]]).body
    assert isinstance(body, Result)
    return body


def test_what_adding_up_means() -> None:
    world = build_election()
    result, aggregate = _result(world), world.aggregates[-1]
    assert adds_up(result, aggregate, MANIFEST)
    cell, *cells = result.cells
    contest, *contests = result.contests
    more = replace(cell, counts=(cell.counts[0] + 1, *cell.counts[1:]))
    wrong = [
        replace(result, cells=tuple(cells)),
        replace(result, cells=(replace(cell, node="country"), *cells)),
        replace(result, cells=(more, *cells)),
        replace(result, cells=(replace(cell, counts=cell.counts[:-1]), *cells)),
        replace(result, cells=(replace(cell, counts=(999, *cell.counts[1:])), *cells)),
        replace(result, contests=tuple(contests)),
        replace(result, contests=(*contests, contest)),
        replace(result, contests=(replace(contest, totals=contest.totals[:-1]), *contests)),
        replace(
            result,
            contests=(
                replace(contest, outcome=replace(contest.outcome, options=("nobody-knows",))),
                *contests,
            ),
        ),
    ]
    for bent in wrong:
        assert not adds_up(bent, aggregate, MANIFEST)


def test_a_record_without_a_result_says_so(tmp_path: Path) -> None:
    with shown(build_election(until="close"), tmp_path) as url:
        text = httpx.get(f"{url}/?language=en").text
    assert "There is no result yet" in text


def test_a_checkpoint_without_its_witnesses_raises_the_alarm(tmp_path: Path) -> None:
    world = build_election(until="roll", before={"roll": lambda _: None})  # one that no other test sees
    files = dict(world.board.files())
    note = world.board.note(witnesses=(0,)).to_text().encode()
    with shown_files(files | {"checkpoint": note}, tmp_path) as url:
        assert "not vouched for by enough witnesses" in httpx.get(f"{url}/?language=en").text


def shown_files(files: dict[str, bytes], folder: Path) -> Any:
    return serving(create_show_app(FolderFiles(write_folder(files, folder / "record"))))


def test_a_damaged_record_is_a_page_too(tmp_path: Path) -> None:
    files = dict(build_election(until="roll").board.files())
    bundle = next(path for path in files if path.startswith("tile/entries/"))
    with shown_files(files | {bundle: files[bundle][:-7]}, tmp_path) as url:
        for path in ("/", "/browse/entries", "/browse/entries/0"):
            answer = httpx.get(f"{url}{path}", params={"language": "en"})
            assert answer.status_code == 500
            assert "cannot be read" in answer.text
            Outline(answer.text)


def test_an_unreadable_entry_stands_in_the_list(tmp_path: Path) -> None:  # N39
    def unreadable(entry: bytes, _: World) -> bytes:
        return b"\xff" * 20 + b"\7"  # too short for seven addenda

    world = build_election(wrap={"identified 1": unreadable}, until="close")
    with shown(world, tmp_path) as url:
        text = httpx.get(f"{url}/browse/entries", params={"language": "en"}).text
        assert httpx.get(f"{url}/").status_code == 200
        index = world.index["identified 1"]
        assert httpx.get(f"{url}/browse/entries/{index}").content == b"\xff" * 20 + b"\7"
    assert "<code>?</code>" in text


def test_long_lists_have_pages(tmp_path: Path) -> None:
    world = build_election(until="roll", before={"roll": lambda _: None})  # one that no other test sees
    board = world.board
    for place in range(600):
        board.append(b"%d\0" % place)
        if place % 3 == 0:
            board.publish()
    board.publish()
    count = len(board.entries)
    with shown(world, tmp_path) as url, httpx.Client(base_url=url) as client:
        newest = client.get("/browse/entries", params={"language": "en"}).text
        assert f"{count - 1:,}" in newest or str(count - 1) in newest
        seen: list[str] = []
        path = "/browse/entries?language=en&start=0"
        while path:
            page = client.get(path)
            assert page.status_code == 200
            outline = Outline(page.text)
            seen += re.findall(r'href="entries/(\d+)"', page.text)
            later = [link["href"] for link in outline.of("a") if link.get("rel") == "next"]
            path = f"/browse/{later[0]}" if later else ""
        assert seen == [str(index) for index in range(count)]
        assert "Earlier" in newest
        checkpoints = client.get("/browse/checkpoints?start=128").text
        assert 'rel="prev"' in checkpoints
        assert client.get("/browse/checkpoints?start=100000").status_code == 404


def test_a_running_board_shows_the_same_pages(tmp_path: Path) -> None:
    with live_election(tmp_path, until="manifest") as election:
        first = _page(election, "/")
        assert "There is no result yet" in first
        assert "Training election" in first
        election.witness.stop()
        assert _page(election, "/browse/entries")
        assert _page(election, "/browse/checkpoints")


def _page(election: LiveElection, path: str) -> str:
    answer = election.http.get(path, params={"language": "en"})
    assert answer.status_code == 200
    Outline(answer.text)
    return answer.text


def test_before_anything_is_published_there_is_a_page_that_says_so(tmp_path: Path) -> None:
    from fastapi import FastAPI

    from bulletin_board.store.sql import SqlBoardStore
    from evote.api.live_record import LiveRecord
    from evote.api.pages import page_routes

    store = SqlBoardStore.open(f"sqlite:///{tmp_path / 'board.db'}")
    app = FastAPI(openapi_url=None)
    app.include_router(page_routes(LiveRecord(store)))
    with serving(app) as url:
        for path in PAGES:
            answer = httpx.get(f"{url}{path}", params={"language": "en"})
            assert answer.status_code == 503
            assert "Nothing has been published yet" in answer.text
    store.close()

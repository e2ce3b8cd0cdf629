"""The pages in a real browser: nothing is loaded from elsewhere, nothing goes wrong, and it fits a phone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SCREENSHOTS = Path(__file__).parents[3] / "build" / "screenshots"
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    if not shutil.which(CHROMIUM):
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing, and CI must not pass without it")
        pytest.skip(f"{CHROMIUM} is missing: the pages were not looked at in a browser")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            headless=True,
            locale="en",
        )
        yield context
        context.close()


@pytest.fixture
def page(browser: BrowserContext, site: str) -> Iterator[Page]:
    """A page that must not complain, nor ask anybody but the site."""
    page = browser.new_page()
    complaints: list[str] = []
    asked: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        asked.append(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", on_request)
    page.on("requestfailed", lambda request: complaints.append(request.url))
    yield page
    page.close()
    assert complaints == []
    assert asked
    assert [url for url in asked if not url.startswith(f"{site}/")] == []


def screenshot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 5_000


def fits(page: Page) -> bool:
    """Whether nothing makes the whole page scroll sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= page.viewport_size["width"] if page.viewport_size else False


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_result_in_three_languages(page: Page, site: str, size: dict[str, int]) -> None:
    name = "phone" if size == PHONE else "desktop"
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(f"{site}/")
    assert page.locator("html").get_attribute("lang") == "en"
    headings = set()
    for language, label in (("ky", "Кыргызча"), ("ru", "Русский"), ("en", "English")):
        page.get_by_role("link", name=label, exact=True).click()
        page.wait_for_url(f"**/?language={language}")
        assert page.locator("html").get_attribute("lang") == language
        headings.add(page.get_by_role("heading", level=1).inner_text())
        assert fits(page)
        screenshot(page, f"result-{name}-{language}")
    assert len(headings) == 3


def test_bars_are_as_long_as_the_shares(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site}/?language=en")
    rows = page.locator("table").first.locator("tbody tr")
    assert rows.count() >= 2
    seen = set()
    for place in range(rows.count()):
        share = float(rows.nth(place).locator("td.share").inner_text().split()[0])
        frame, bar = (
            rows.nth(place).locator("svg").bounding_box(),
            rows.nth(place).locator("rect").bounding_box(),
        )
        assert frame
        width = bar["width"] if bar else 0
        assert abs(100 * width / frame["width"] - share) < 1
        seen.add(round(share))
    assert max(seen) > 0


def test_everything_can_be_reached_with_the_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/?language=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Result"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/browse/entries?language=en")
    assert page.get_by_role("heading", level=1).inner_text() == "Entries"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["entries", "checkpoints"])
def test_lists(page: Page, site: str, path: str, size: dict[str, int]) -> None:
    name = "phone" if size == PHONE else "desktop"
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.goto(f"{site}/browse/{path}?language=ru")
    assert page.locator("tbody tr").count() > 5
    assert fits(page)
    screenshot(page, f"{path}-{name}")


def test_details_open(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site}/?language=en")
    summaries = page.locator("summary")
    assert summaries.count() >= 2
    for place in range(summaries.count()):
        summaries.nth(place).click()
    assert page.locator("details[open]").count() == summaries.count()
    assert fits(page)
    screenshot(page, "details-phone")

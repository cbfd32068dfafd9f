# SPDX-License-Identifier: Apache-2.0
"""A real Chromium in front of a real console."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from federation_node import config
from federation_node.console.language import choose
from federation_node.console.listen import ConsoleServer
from federation_node.context import NodeContext
from tests.console.desk import Desk, desk
from tests.member.people import WORDS

WIDE = (1024, 640)
PHONE = (390, 844)
SHOTS = Path(__file__).parents[2] / "build" / "screens"
"""Where pictures of the pages are left for whoever wants to look at them."""


@dataclass
class Open:
    """A console that listens, and a browser."""

    desk: Desk
    address: str
    browser: Browser
    contexts: list[Any] = field(default_factory=list)

    def page(
        self, size: tuple[int, int] = WIDE, locale: str = "en", *, script: bool = True
    ) -> Page:
        """Open a new browser profile."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            java_script_enabled=script,
            base_url=self.address,
        )
        context.set_default_timeout(60_000)
        self.contexts.append(context)
        page: Page = context.new_page()
        return page

    def close_pages(self) -> None:
        """Close every profile."""
        while self.contexts:
            self.contexts.pop().close()


def chromium() -> str:
    """Return where Chromium is; without one the tests fail and say what to do."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("there is no Chromium; install it with: sh tests/console/chromium.sh")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the browser."""
    # As root, as in a container, Chromium has no sandbox of its own.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=60_000)  # a busy machine takes its time
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(path: Path) -> Iterator[Open]:
    """Serve hope's console, and open a browser in front of it."""
    with desk(path) as hope, launched() as browser, served(hope.context) as address:
        yield Open(hope, address, browser)


@contextmanager
def served(context: NodeContext) -> Iterator[str]:
    """Serve the console of a node, and say where."""
    context.home.run.mkdir(mode=0o700, exist_ok=True)
    settings = context.config.model_copy(update={"console": config.Console(listen="127.0.0.1:0")})
    server = ConsoleServer(replace(context, config=settings))
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


def press(page: Page, code: str, message: str) -> None:
    """Press a button or follow a link by its words in a language."""
    said = choose(code, "").say(message)
    page.locator("button, a.button").get_by_text(said, exact=True).or_(
        page.get_by_role("button", name=said, exact=True)
    ).first.click()


def access_key(page: Page, digit: str) -> None:
    """Press Alt and a digit as a keyboard does; Playwright itself leaves the character out."""
    key = {
        "modifiers": 1,
        "key": digit,
        "code": f"Digit{digit}",
        "windowsVirtualKeyCode": ord(digit),
        "nativeVirtualKeyCode": ord(digit),
    }
    session = page.context.new_cdp_session(page)
    down = {"type": "keyDown", "text": digit, "unmodifiedText": digit}
    for event in (down, {"type": "keyUp"}):
        session.send("Input.dispatchKeyEvent", {**key, **event})
    session.detach()


def sign_in(page: Page, role: str) -> None:
    """Sign in as somebody of a role, with the keyboard."""
    page.goto("/sign-in")
    page.focus("#name")
    page.keyboard.type(f"the-{role}")
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def shot(page: Page, name: str) -> None:
    """Leave a picture."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    # What was just resized is painted with the next frames.
    page.evaluate("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, all rules of WCAG 2.2 A and AA."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    return [
        f"{one['id']}: {node['html']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )

# SPDX-License-Identifier: Apache-2.0
"""The console in a real Chromium: the whole story, languages, keyboard, and no scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from federation_node.console.language import choose
from federation_node.console.pages import NAVIGATION
from tests.console.browsing import (
    PHONE,
    WIDE,
    Open,
    opened,
    overflow,
    press,
    shot,
    sign_in,
    violations,
)

pytestmark = pytest.mark.slow

SHEET = (
    "Case No.;Country;Recruiter phone;Recruiter telegram;Notes\n"
    "W-1;MX;55 1234 5678;https://t.me/recruiter_ana;called twice\n"
    "W-2;MX;1e+10;https://t.me/recruiter_eva;\n"
    "W-3;US;(202) 555-0187 ext. 4;;\n"
)
NOT_ON_A_DESK = {"/health"}
"""Takes the whole of a node: `test_console_process` opens it."""


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Hope's console and a browser."""
    with opened(tmp_path_factory.mktemp("console")) as made:
        yield made


@pytest.fixture(autouse=True)
def _close(hope: Open) -> Iterator[None]:
    yield
    hope.close_pages()


@pytest.mark.parametrize("code", ["en", "ar"])
def test_the_story(hope: Open, code: str, tmp_path: Path) -> None:
    """Import a messy sheet, compare, review a match, read its thread, and see the record."""
    say = choose(code, "").say
    sheet = tmp_path / "calls.csv"
    sheet.write_text(SHEET.replace("W-", f"W{code}-"), encoding="utf-8")
    page = hope.page(locale=code)
    page.goto("/")
    shot(page, f"{code}-1-sign-in")
    sign_in(page, "caseworker")
    expect(page.locator("h1")).to_have_text(say("Today"))
    shot(page, f"{code}-2-today")

    page.goto("/imports")
    page.set_input_files("#sheet", sheet)
    page.fill("#source", f"calls-{code}")
    shot(page, f"{code}-3-import")
    press(page, code, "Go on")
    expect(page.locator("h1")).to_have_text(say("What the columns mean"))
    shot(page, f"{code}-4-columns")
    press(page, code, "Try it")
    expect(page.get_by_text(say("This was a trial. Nothing is stored."))).to_be_visible()
    shot(page, f"{code}-5-trial")
    press(page, code, "Import now")
    expect(page.get_by_text(say("The sheet is imported."))).to_be_visible()
    shot(page, f"{code}-6-imported")

    page.goto("/today")
    press(page, code, "Compare with all partners now")
    expect(page.get_by_text(say("New pseudonyms"))).to_be_visible()
    page.goto("/matches")
    page.get_by_role("link", name=f"W{code}-1").first.click()
    expect(page.get_by_text(say("masked")).first).to_be_visible()
    shot(page, f"{code}-7-match")
    press(page, code, "Show the values")
    expect(page.locator(".value").first).to_be_visible()
    assert "recruiter_ana" in page.content()
    shot(page, f"{code}-8-values")

    page.goto("/threads")
    page.locator("tbody a").first.click()
    expect(page.locator(".drawing svg")).to_be_visible()
    shot(page, f"{code}-9-thread")
    press(page, code, "Sign out")
    expect(page.get_by_text(say("You are signed out."))).to_be_visible()

    sign_in(page, "data-protection")
    page.goto("/record")
    expect(page.locator("tbody tr").first).to_be_visible()
    shot(page, f"{code}-10-record")
    page.goto("/agreements")
    page.locator("tbody a").first.click()
    shot(page, f"{code}-11-agreement")


@pytest.mark.parametrize("code", ["en", "ar", "de", "es"])
def test_every_page_is_accessible_and_fits(hope: Open, code: str) -> None:
    """Axe finds nothing on any page, and no page is wider than a phone or an old laptop."""
    for role in ("caseworker", "data-protection", "technician"):
        page = hope.page(locale=code)
        page.goto("/sign-in")
        assert [] == violations(page)
        sign_in(page, role)
        paths = [
            one.path for one in NAVIGATION if page.locator(f'nav a[href="{one.path}"]').count()
        ]
        paths += ["/account/second-factor", "/nothing", "/retractions"]
        for path in paths:
            if path in NOT_ON_A_DESK:
                continue
            page.goto(path)
            assert [] == violations(page), path
            for size in (WIDE, PHONE):
                page.set_viewport_size({"width": size[0], "height": size[1]})
                assert overflow(page) <= 0, (path, size)
                shot(page, f"pages/{code}-{role}{path.replace('/', '-')}-{size[0]}")
            page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def test_pages_of_one_thing_are_accessible(hope: Open) -> None:
    """A match, a thread and an agreement too, on a phone as well."""
    page = hope.page(PHONE)
    sign_in(page, "data-protection")
    for path in ("/matches", "/threads", "/agreements"):
        page.goto(path)
        page.locator("tbody a").first.click()
        expect(page.locator("h1")).to_be_visible()

        assert [] == violations(page), path
        assert overflow(page) <= 0, path
        shot(page, f"pages/one{path.replace('/', '-')}-phone")


def test_everything_is_reached_by_keyboard(hope: Open) -> None:
    """Tab reaches each control of each page, in order, and the first one skips to the content."""
    page = hope.page()
    sign_in(page, "data-protection")
    paths = ("/today", "/matches", "/record", "/account", "/imports", "/consents", "/retractions")
    for path in paths:
        page.goto(path)
        controls = page.locator(
            "a:visible, button:visible, input:visible, select:visible, textarea:visible"
        )
        wanted = controls.count()
        page.evaluate(
            "document.querySelectorAll('a, button, input, select, textarea').forEach((e) => "
            "e.addEventListener('focus', () => e.setAttribute('data-reached', '')))"
        )
        page.keyboard.press("Tab")
        assert "#main" == page.evaluate("document.activeElement.getAttribute('href')")
        for _ in range(3 * wanted):
            page.keyboard.press("Tab")
        reached = page.locator("[data-reached]").count()

        assert wanted <= reached, path


def test_leaving_at_once(hope: Open) -> None:
    """Escape twice, or the link, leaves to a neutral page; going back shows nothing of ours."""
    for leave in ("keys", "link"):
        page = hope.page()
        page.route(
            "https://www.wikipedia.org/**",
            lambda route: route.fulfill(body="<h1>elsewhere</h1>", content_type="text/html"),
        )
        sign_in(page, "caseworker")
        page.goto("/matches")
        if leave == "keys":
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        else:
            page.click("#leave")
        page.wait_for_url("https://www.wikipedia.org/**")

        assert "elsewhere" in page.content()


def test_without_scripts(hope: Open, tmp_path: Path) -> None:
    """Signing in, importing with its progress, and reading work with scripts turned off."""
    sheet = tmp_path / "calls.csv"
    sheet.write_text(SHEET.replace("W-", "N-"), encoding="utf-8")
    page = hope.page(script=False)
    sign_in(page, "caseworker")
    page.goto("/imports")
    page.set_input_files("#sheet", sheet)
    page.fill("#source", "no script")
    press(page, "en", "Go on")
    press(page, "en", "Import now")
    done = page.get_by_text("The sheet is imported.")
    again = page.get_by_role("link", name="Look again")
    expect(done.or_(again)).to_be_visible()
    while again.count():
        with page.expect_navigation():
            again.click()
    expect(done).to_be_visible()
    page.goto("/matches")
    expect(page.locator("tbody tr").first).to_be_visible()
    assert "https://www.wikipedia.org/" == page.get_attribute("#leave", "href")


def test_a_planted_script_does_not_run(hope: Open) -> None:
    """Even if a script got into a page, the browser would not run it."""
    page = hope.page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/sign-in")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'document.title = \"run\"';"
        "document.body.append(s)"
    )

    assert "run" != page.title()
    assert any("Content Security Policy" in one for one in said)

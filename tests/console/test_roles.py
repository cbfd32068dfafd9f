# SPDX-License-Identifier: Apache-2.0
"""Every page as everybody: what the table of roles says, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.audit import StaffRole
from federation.member import ACTION_ROLES, SELF_SERVICE
from federation_node.console.pages import NAVIGATION
from federation_node.console.visit import PAGES, Page
from tests.console.desk import ROLES, Desk, desk

GUARDED = [page for page in PAGES if page.action is not None and page.path != "/sign-out"]
OPEN = {("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/language")}


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Hope's console."""
    with desk(tmp_path_factory.mktemp("console")) as made:
        yield made


def path_of(page: Page, hope: Desk) -> str:
    """Fill the variable places of a path with what there is."""
    with hope.context.store.read() as tx:
        asked = [one.request.hex() for one in tx.disclosures.list()]
        case = {row.id: row.uuid for row in tx.cases.list()}["H-1"]
    places = {
        "{request}": asked[0] if asked else hope.asked(),
        "{case}": case.hex(),
        "{match}": hope.match(),
        "{thread}": hope.federation["hope"].threads()[0].id,
        "{agreement}": hope.federation["hope"].agreements()[0].hash.hex(),
    }
    path = page.path
    for place, text in places.items():
        path = path.replace(place, text)
    return path.replace("{value}", "00" * 16).replace("{name}", "00" * 16)


def status(hope: Desk, page: Page, role: StaffRole) -> int:
    """Ask for a page, or send an empty form to it."""
    browser = hope.at(role)
    path = path_of(page, hope)
    return (browser.get(path) if page.method == "GET" else browser.send(path)).status_code


def test_only_the_way_in_is_open() -> None:
    """Every other page names what it does, so that a role can be asked for."""
    assert OPEN == {(page.method, page.path) for page in PAGES if page.action is None}


@pytest.mark.parametrize("page", GUARDED, ids=lambda page: f"{page.method} {page.path}")
def test_every_page_as_everybody(hope: Desk, page: Page) -> None:
    """Refused in exactly the roles that the table leaves out."""
    action = page.action
    assert action is not None
    allowed = {role for role in ROLES if action in SELF_SERVICE or role in ACTION_ROLES[action]}

    assert allowed == {role for role in ROLES if status(hope, page, role) != 403}


@pytest.mark.parametrize("page", GUARDED, ids=lambda page: f"{page.method} {page.path}")
def test_every_page_as_nobody(hope: Desk, page: Page) -> None:
    """Who is not signed in is sent to the form, whatever they ask."""
    browser = hope.browser()
    path = path_of(page, hope)
    answer = browser.get(path) if page.method == "GET" else browser.send(path, seal="x")

    assert (303, "/sign-in") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_leads_nowhere_forbidden(hope: Desk, role: StaffRole) -> None:
    """Every line that somebody is shown opens, and every one that would open is shown."""
    browser = hope.at(role)
    shown = browser.get("/account").text
    found = {entry.path: browser.get(entry.path).status_code for entry in NAVIGATION}
    # Examining a node takes the whole of it; the browser's own tests see that page.
    found["/health"] = 403 if found["/health"] == 403 else 200
    opened = {path for path, status in found.items() if status != 403}

    assert set(found.values()) <= {200, 403}
    assert opened == {entry.path for entry in NAVIGATION if f'<a href="{entry.path}"' in shown}


def test_a_role_that_was_taken_away_is_gone_at_once(hope: Desk) -> None:
    """A session that is open does not keep what its person may no longer do."""
    staff = hope.context.member.staff
    staff.add("moving", {StaffRole.CASEWORKER}, password="harbour pencil seventeen")
    browser = hope.browser()
    browser.sign_in("moving", "harbour pencil seventeen")

    assert 200 == browser.get("/matches").status_code
    staff.change(staff.find("moving").id, roles={StaffRole.AUDITOR})
    assert 403 == browser.get("/matches").status_code


def test_no_file_of_a_page_is_outside(hope: Desk) -> None:
    """Paths that climb out of the static files lead nowhere."""
    browser = hope.browser()
    climbing = ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fconfig.py")

    assert {404} == {browser.get(path).status_code for path in climbing}
    assert 200 == browser.get("/static/console.css").status_code
    assert not Path("/static").exists()

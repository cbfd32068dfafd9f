# SPDX-License-Identifier: Apache-2.0
"""The console as a browser sees it: signing in, the first pages, and signing out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from federation.audit import Event, StaffRole
from tests.console.desk import Desk, desk, seal_of, title_of
from tests.member.people import entries


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Hope's console."""
    with desk(tmp_path_factory.mktemp("console")) as made:
        yield made


def test_who_is_not_signed_in_is_asked_to(hope: Desk) -> None:
    """Every page sends a stranger to the form, and shows nothing."""
    browser = hope.browser()

    assert "/sign-in" == browser.get("/").headers["location"]
    assert "/sign-in" == browser.get("/matches").headers["location"]
    assert "Sign in" == title_of(browser.get("/sign-in"))


def test_signing_in_and_out(hope: Desk) -> None:
    """A person signs in, sees what waits, and after signing out the old session is over."""
    browser = hope.browser()
    signed = browser.sign_in("the-caseworker")

    assert (303, "/") == (signed.status_code, signed.headers["location"])
    assert "/today" == browser.get("/").headers["location"]
    assert "Matches to review" in browser.get("/today").text
    session = dict(browser.http.cookies)
    assert "/sign-in?done=signed-out" == browser.send("/sign-out").headers["location"]
    browser.http.cookies.update(session)
    assert "/sign-in" == browser.get("/today").headers["location"]


def test_a_wrong_password_says_one_thing(hope: Desk) -> None:
    """A wrong name and a wrong password look the same."""
    wrong = hope.browser().sign_in("the-caseworker", "not the words at all")
    nobody = hope.browser().sign_in("the-nobody", "not the words at all")

    assert (401, 401) == (wrong.status_code, nobody.status_code)
    same = wrong.text.replace("the-caseworker", "the-nobody").replace(
        seal_of(wrong), seal_of(nobody)
    )
    assert same == nobody.text


def test_the_list_of_matches(hope: Desk) -> None:
    """The list names the own case and the other organisation; nothing of the other's case."""
    shown = hope.at(StaffRole.CASEWORKER).get("/matches").text

    assert "H-1" in shown
    assert "H-2" in shown
    assert "A-1" not in shown
    assert "recruiter_ana" not in shown


def test_a_match_shows_its_values_only_when_asked(hope: Desk) -> None:
    """The page of a match masks values; asking for them shows them and is recorded."""
    browser = hope.at(StaffRole.CASEWORKER)
    path = f"/matches/{hope.match()}"

    assert "recruiter_ana" not in browser.get(path).text
    shown = browser.send(f"{path}/values")
    assert 200 == shown.status_code
    assert "recruiter_ana" in shown.text
    with hope.context.store.write() as tx:
        tx.audit.close_days(hope.federation.clock() + timedelta(days=2))
    (record,) = entries(hope.federation, Event.CASE_READ)
    person = hope.context.member.staff.find("the-caseworker")

    assert (person.actor, {"calls": 2}) == (record.actor, record.counts)


def test_a_first_password_is_only_good_for_another(hope: Desk) -> None:
    """Who has a first password is led to choose one, and can do nothing before."""
    staff = hope.context.member.staff
    hope.context.member.staff.add("newcomer", {StaffRole.CASEWORKER})
    invited = staff.reset(staff.find("newcomer").id)
    browser = hope.browser()
    signed = browser.sign_in("newcomer", invited.passphrase or "")

    assert "/account" == signed.headers["location"]
    assert "/account" == browser.get("/matches").headers["location"]
    words = {"old": invited.passphrase or "", "new": "harbour pencil seventeen"}
    changed = browser.send("/account/password", {**words, "again": words["new"]})
    assert "/account?done=password" == changed.headers["location"]
    assert "Matches" == title_of(browser.get("/matches"))


def test_no_role_at_the_auditor_but_the_record(hope: Desk) -> None:
    """An auditor is not shown what they may not see."""
    browser = hope.at(StaffRole.AUDITOR)

    assert 403 == browser.get("/matches").status_code
    assert "/matches" not in browser.get("/account").text


def test_threads_come_by_their_last_news(hope: Desk) -> None:
    """The list says how many there are, and a part after the last one is empty, not an error."""
    browser = hope.at(StaffRole.CASEWORKER)

    assert "Threads: 1" in browser.get("/threads").text
    beyond = browser.get("/threads?page=99")
    assert (200, False) == (beyond.status_code, "<tbody>" in beyond.text)


def test_work_that_ends_while_its_page_is_made(hope: Desk) -> None:
    """Such a page says to look again; it does not show nothing at all."""
    browser = hope.at(StaffRole.CASEWORKER)
    account = hope.context.member.staff.find("the-caseworker").id
    name = hope.console.jobs.begin(account, "Import", lambda job: job)
    job = hope.console.jobs.find(account, name)
    assert job.done.wait(60)
    answers = iter([False])
    job.done.is_set = lambda: next(answers, True)  # type: ignore[method-assign]

    assert "Look again" in browser.get(f"/work/{name}").text

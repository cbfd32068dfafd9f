# SPDX-License-Identifier: Apache-2.0
"""Deciding about matches, disclosures and consents, as browsers send them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from federation.agreements import Purpose
from federation.audit import Event, StaffRole
from federation.disclosure import Choice
from federation.indicators import Kind
from federation.member import MatchStatus, Verdict
from tests.console.desk import Browser, Desk, desk, seal_of
from tests.member.people import entries, hire

CASEWORKER, REVIEWER = StaffRole.CASEWORKER, StaffRole.REVIEWER
CONTACT = "Hope, night desk"
CHOICE = {"item-handle": "yes", "text-contact": CONTACT, "flag-minor": "yes", "grade": "B2"}


@pytest.fixture
def hope(tmp_path: Path) -> Iterator[Desk]:
    """Hope's console, with a second reviewer."""
    with desk(tmp_path) as made:
        hire(made.federation["hope"], "another-reviewer", REVIEWER)
        yield made


def verdicts(hope: Desk) -> list[Verdict | None]:
    """What was decided about each row of the match."""
    return [one.verdict for one in hope.federation["hope"].matches()]


def hidden(text: str) -> dict[str, str]:
    """Return the hidden fields of the form that lets something go."""
    (form,) = re.findall(
        r'<form [^>]*action="[^"]*/(?:approve|narrow)">.*?</form>', text, re.DOTALL
    )
    found = re.findall(r'<input type="hidden" name="(choice|seen)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def preview(browser: Browser, request: str, **changes: str) -> str:
    """Look at what would leave."""
    answer = browser.send(f"/disclosures/{request}/preview", CHOICE | changes)
    assert 200 == answer.status_code, answer.text
    return answer.text


def approve(browser: Browser, request: str) -> str:
    """Look at what the form is filled in with, and approve it; return where that leads."""
    fields = hidden(preview(browser, request))
    return browser.send(f"/disclosures/{request}/approve", fields).headers["location"]


@pytest.mark.parametrize(
    ("path", "ground", "verdict"),
    [
        ("confirm", "own-file", Verdict.CONFIRMED),
        ("reject", "shared", Verdict.REJECTED),
        ("unsure", "too-little", Verdict.UNSURE),
    ],
)
def test_a_decision_and_taking_it_back(
    hope: Desk, path: str, ground: str, verdict: Verdict
) -> None:
    """A decision has a reason, is shown with a way back, and the way back works."""
    browser, match = hope.at(CASEWORKER), f"/matches/{hope.match()}"
    assert "/undo" not in browser.get(match).text
    told = browser.send(f"{match}/{path}", {"ground": ground})
    assert f"{match}?done={verdict.value}" == told.headers["location"]
    assert [verdict] * 2 == verdicts(hope)
    assert f'action="{match}/undo"' in browser.get(match).text
    mark = hope.federation["hope"].matches()[0].mark
    browser.send(f"{match}/undo", {"case": mark})

    assert [None, verdict] == sorted(verdicts(hope), key=lambda one: one is not None)


def test_a_decision_is_about_one_case_if_it_says_so(hope: Desk) -> None:
    """A match with two own cases can be right for one and wrong for the other."""
    browser, match = hope.at(CASEWORKER), f"/matches/{hope.match()}"
    one, other = (row.mark for row in hope.federation["hope"].matches())
    browser.send(f"{match}/confirm", {"ground": "person", "case": one})
    browser.send(f"{match}/reject", {"ground": "namesake", "case": other})

    assert {Verdict.CONFIRMED, Verdict.REJECTED} == set(verdicts(hope))


@pytest.mark.parametrize("ground", ["", "because", "too-little", "own-file'--"])
def test_a_reason_is_of_the_list(hope: Desk, ground: str) -> None:
    """No reason, a free one and one of another decision decide nothing."""
    match = f"/matches/{hope.match()}"

    assert 400 == hope.at(CASEWORKER).send(f"{match}/confirm", {"ground": ground}).status_code
    assert [None, None] == verdicts(hope)


def test_what_was_decided_no_longer_waits(hope: Desk) -> None:
    """Today and the list of what is to be reviewed shrink; nothing comes next."""
    browser, match = hope.at(CASEWORKER), f"/matches/{hope.match()}"
    assert "Matches to review" in browser.get("/today").text
    assert "Matches: 1" in browser.get("/matches?status=review").text
    browser.send(f"{match}/confirm", {"ground": "own-file"})

    assert "Matches to review" not in browser.get("/today").text
    assert "Matches: 0" in browser.get("/matches?status=review").text
    assert "Next match" not in browser.get(match).text


def test_who_only_reads_is_offered_no_decision(hope: Desk) -> None:
    """Data protection sees the match, and no form that it could not send."""
    shown = hope.at(StaffRole.DATA_PROTECTION).get(f"/matches/{hope.match()}").text

    assert "/confirm" not in shown
    assert "/disclosures/ask" not in shown


def test_asking_from_a_match(hope: Desk) -> None:
    """The form offers what the agreement lists, and the request goes out as it was filled in."""
    browser, match = hope.at(CASEWORKER), hope.match()
    assert f"/disclosures/ask?match={match}" in browser.get(f"/matches/{match}").text
    shown = browser.get(f"/disclosures/ask?match={match}").text
    assert 'name="item-contact"' in shown
    assert 'name="item-safety"' not in shown
    form = {"match": match, "item-phone": "yes", "purpose": "support", "note": "two\nlines"}
    where = browser.send("/disclosures/ask", form).headers["location"]
    with hope.context.store.read() as tx:
        (stored,) = tx.disclosures.list()

    assert f"/disclosures/{stored.request.hex()}?done=asked" == where
    assert "two lines" in browser.get(where).text


@pytest.mark.parametrize(
    "form",
    [{}, {"item-phone": "yes"}, {"purpose": "support"}, {"item-phone": "yes", "purpose": "x"}],
)
def test_asking_for_nothing_asks_nothing(hope: Desk, form: dict[str, str]) -> None:
    """Something and a purpose of the list, or no request."""
    answer = hope.at(CASEWORKER).send("/disclosures/ask", {"match": hope.match(), **form})
    with hope.context.store.read() as tx:
        asked = tx.disclosures.list()

    assert (400, []) == (answer.status_code, asked)


def test_two_people_let_go_exactly_what_they_saw(hope: Desk) -> None:
    """Flags and codes come first; the second person is shown the first one's choice."""
    request, first = hope.asked(), hope.at(REVIEWER)
    shown = preview(first, request)
    order = ["A minor is concerned", "TLP:AMBER+STRICT", CONTACT, "recruiter_ana"]
    leaving = shown[shown.index("Exactly this would leave") :]
    places = [leaving.index(one) for one in order]
    once = first.send(f"/disclosures/{request}/approve", hidden(shown)).headers["location"]
    second = hope.browser()
    second.sign_in("another-reviewer")
    waiting = second.get(f"/disclosures/{request}").text
    done = approve(second, request)
    hope.federation.drive()
    told = hope.federation["amparo"].requests.read(bytes.fromhex(request)).answer

    assert sorted(places) == places
    assert once.endswith("?done=approved-once")
    assert "A colleague has approved" in waiting
    assert CONTACT in waiting
    assert done.endswith("?done=approved")
    assert (CONTACT, "B2") == (told.contact, told.grade)


def test_one_person_is_not_two(hope: Desk) -> None:
    """Who approved first is refused as the second, and reads why."""
    request, first = hope.asked(), hope.at(REVIEWER)
    approve(first, request)
    again = first.send(f"/disclosures/{request}/approve", hidden(preview(first, request)))

    assert 403 == again.status_code
    assert "You approved it first" in first.get(f"/disclosures/{request}").text


def test_less_than_asked_is_narrowed(hope: Desk) -> None:
    """What is not ticked and what is left empty does not leave."""
    request = hope.asked()
    shown = preview(hope.at(REVIEWER), request, **{"text-contact": ""})

    assert f"/disclosures/{request}/narrow" in shown
    assert CONTACT not in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("choice", ""),
        ("choice", "{}"),
        ("choice", '{"kinds":["x"]}'),
        ("seen", "00"),
        ("seen", "x"),
    ],
)
def test_what_was_not_seen_is_not_approved(hope: Desk, field: str, value: str) -> None:
    """A choice or a hash that the preview did not give lets nothing go."""
    request, browser = hope.asked(), hope.at(REVIEWER)
    fields = hidden(preview(browser, request)) | {field: value}
    answer = browser.send(f"/disclosures/{request}/approve", fields)
    with hope.context.store.read() as tx:
        (stored,) = tx.disclosures.list()

    assert answer.status_code in {400, 403}
    assert stored.status.value == "open"


def test_denying_says_no_more(hope: Desk) -> None:
    """After it nothing is offered any more."""
    request, browser = hope.asked(), hope.at(REVIEWER)
    browser.send(f"/disclosures/{request}/deny")

    assert "nothing was given" in browser.get(f"/disclosures/{request}").text
    assert "/preview" not in browser.get(f"/disclosures/{request}").text


def answered(hope: Desk) -> str:
    """Let hope ask, and amparo answer; return the id of the request."""
    form = {"match": hope.match(), "item-handle": "yes", "item-contact": "yes"}
    asked = hope.at(CASEWORKER).send("/disclosures/ask", form | {"purpose": "support"})
    request = asked.headers["location"].removeprefix("/disclosures/").partition("?")[0]
    hope.federation.drive()
    amparo, raw = hope.federation["amparo"], bytes.fromhex(request)
    people = [hope.federation.person("amparo", name, REVIEWER) for name in ("rosa", "ruth")]
    chosen = Choice(kinds=(Kind.HANDLE,), contact=f"Amparo <script>{CONTACT}</script>")
    for person in people:
        seen = amparo.disclosures.preview(raw, chosen, person).seen
        amparo.disclosures.approve(raw, chosen, seen, person)
    hope.federation.drive()
    return request


def test_reading_is_asked_for_and_recorded(hope: Desk) -> None:
    """What came is not on the page; a form asks for it, and the record says who read."""
    request = answered(hope)
    browser = hope.at(CASEWORKER)
    assert CONTACT not in browser.get(f"/disclosures/{request}").text
    before = len(entries(hope.federation, Event.DISCLOSURE_READ))
    shown = browser.send(f"/disclosures/{request}/read").text
    person = hope.context.member.staff.find("the-caseworker")
    last = entries(hope.federation, Event.DISCLOSURE_READ)

    assert shown.index("TLP:AMBER+STRICT") < shown.index(CONTACT) < shown.index("recruiter_ana")
    assert "<script>Hope" not in shown
    assert (before + 1, person.actor) == (len(last), last[-1].actor)


def test_taking_it_out_is_a_file_and_recorded(hope: Desk) -> None:
    """The file holds the codes and the answer; who may not take it out is refused."""
    request = answered(hope)
    answer = hope.at(REVIEWER).send(f"/disclosures/{request}/export", {"permitted": "yes"})
    document = json.loads(answer.text)

    assert "attachment" in answer.headers["content-disposition"]
    assert document["with_permission"] is True
    assert "tlp:amber+strict" == document["answer"]["handling"]
    assert 403 == hope.at(CASEWORKER).send(f"/disclosures/{request}/export").status_code
    assert 1 == len(entries(hope.federation, Event.RECORD_EXPORTED))


def consent_form(**changes: str) -> dict[str, str]:
    """What a caseworker fills in."""
    form = {"purpose-support": "yes", "role-ngo": "yes", "last": in_days(300)}
    return form | {"basis": "intake-form-3", **changes}


def in_days(days: int) -> str:
    """A day as browsers write it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_recording_and_withdrawing_a_consent(hope: Desk) -> None:
    """The case is found by its number, and its number stays out of every address."""
    browser = hope.at(CASEWORKER)
    where = browser.send("/consents/find", {"case": "H-1"}).headers["location"]
    assert "H-1" not in where
    files = {"evidence": ("form.pdf", b"signed by hand")}
    recorded = browser.send(f"{where}/record", consent_form(), files=files)
    assert f"{where}?done=recorded" == recorded.headers["location"]
    shown = browser.get("/consents").text
    assert "H-1" in shown
    assert "holds" in shown
    withdrawn = browser.send(f"{where}/withdraw")
    assert f"{where}?done=withdrawn" == withdrawn.headers["location"]
    with hope.context.store.read() as tx:
        (stored,) = tx.consents.list()

    assert stored.consent.withdrawn is not None
    assert stored.consent.evidence_sha256 is not None
    assert "/withdraw" not in browser.get(where).text


@pytest.mark.parametrize(
    "change",
    [
        {"purpose-support": ""},
        {"role-ngo": ""},
        {"last": ""},
        {"last": "2026-02-30"},
        {"last": "2020-01-01"},
        {"last": "2050-01-01"},
        {"basis": "a whole sentence"},
        {"purpose-support": "", "purpose-investigation": "yes"},
        {"role-ngo": "", "role-law-enforcement": "yes"},
    ],
    ids="-".join,
)
def test_a_consent_that_cannot_be(hope: Desk, change: dict[str, str]) -> None:
    """Nothing is recorded without a purpose, a recipient, an end, or towards the police."""
    browser = hope.at(CASEWORKER)
    where = browser.send("/consents/find", {"case": "H-1"}).headers["location"]
    answer = browser.send(f"{where}/record", consent_form(**change))
    with hope.context.store.read() as tx:
        stored = tx.consents.list()

    assert (400, []) == (answer.status_code, stored)


@pytest.mark.parametrize("case", ["00" * 16, "zz", "0" * 31])
def test_no_consent_of_a_case_that_is_not_there(hope: Desk, case: str) -> None:
    """An unknown case is refused by every page about it."""
    browser = hope.at(CASEWORKER)

    assert 400 == browser.get(f"/consents/{case}").status_code
    assert 400 == browser.send(f"/consents/{case}/withdraw").status_code
    assert 400 == browser.send("/consents/find", {"case": "H-none"}).status_code


def test_today_names_what_waits(hope: Desk) -> None:
    """A request, a second approval and a consent that ends soon stand on the first page."""
    browser, request = hope.at(REVIEWER), hope.asked()
    where = browser.send("/consents/find", {"case": "H-1"}).headers["location"]
    hope.at(CASEWORKER).send(f"{where}/record", consent_form(last=in_days(20)))
    shown = browser.get("/today").text
    assert "Requests of other organisations" in shown
    assert "second person" not in shown
    assert "Consents that end within 30 days" in shown
    approve(browser, request)

    assert "second person" in browser.get("/today").text


def test_a_survivor_match_is_named_and_released(hope: Desk) -> None:
    """A held match of the survivor lane is urgent on Today, and a reviewer lets it go."""
    browser, match = hope.at(REVIEWER), bytes.fromhex(hope.match())
    with hope.context.store.write() as tx:
        tx.matches.set_status(match, MatchStatus.HELD, hope.federation.clock())
    shown = browser.get("/today").text

    assert "Matches that are held until a person decides" in shown
    assert "Survivors of whom" not in shown
    released = browser.send(f"/matches/{hope.match()}/release")
    assert released.headers["location"].endswith("?done=released")


def test_script_in_what_a_partner_writes_is_text(hope: Desk) -> None:
    """A note of another organisation is shown, and runs nowhere."""
    federation = hope.federation
    match = bytes.fromhex(federation["amparo"].matches()[0].id)
    planted = "<script>alert(1)</script>"
    request = federation["amparo"].requests.ask(
        [match], frozenset({Kind.HANDLE}), Purpose.SUPPORT, note=planted
    )
    federation.drive()
    shown = hope.at(REVIEWER).get(f"/disclosures/{request.hex()}").text

    assert planted not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_seals_are_asked_for_here_too(hope: Desk) -> None:
    """No decision is taken by a form that is not of this session."""
    stranger = seal_of(hope.browser().get("/sign-in"))
    request, browser = hope.asked(), hope.at(REVIEWER)
    for path in (f"/disclosures/{request}/deny", f"/matches/{hope.match()}/confirm"):
        assert 403 == browser.send(path, {"ground": "own-file"}, seal=stranger).status_code
    assert [None, None] == verdicts(hope)

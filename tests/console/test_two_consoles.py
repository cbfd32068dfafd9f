# SPDX-License-Identifier: Apache-2.0
"""Two organisations, each with its console and people, in a real Chromium."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from federation import Case, Kind, Subject
from federation.agreements import Consent, Detail, Purpose
from federation.audit import StaffRole
from federation.charter import Role
from federation.testing import Clock, Federation
from federation_node.console.language import choose
from federation_node.home import Home
from tests.console.browsing import (
    PHONE,
    WIDE,
    access_key,
    launched,
    overflow,
    press,
    served,
    shot,
    sign_in,
    violations,
)
from tests.member import asking
from tests.member.people import cheap_passwords, hire
from tests.node.local_node import node_of, recruiter
from tests.node.network import Journal

pytestmark = pytest.mark.slow

LANGUAGES = ("en", "ar")
OWN_PHONES = {"en": "55 1234 5601", "ar": "55 1234 5602"}
RECRUITERS = {"en": "recruiter_eva", "ar": "recruiter_zoe"}
PEOPLE = {
    "caseworker": StaffRole.CASEWORKER,
    "reviewer": StaffRole.REVIEWER,
    "second-reviewer": StaffRole.REVIEWER,
    "data-protection": StaffRole.DATA_PROTECTION,
}


class Running(Clock):
    """The real time: people in a browser choose days of the real calendar."""

    def __call__(self) -> datetime:
        """Return the current time."""
        return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Two:
    """The consoles of hope and of amparo."""

    federation: Federation
    addresses: dict[str, str]
    browser: Browser

    def person(self, member: str, role: str, code: str) -> Page:
        """Sign somebody in, in a browser of their own."""
        context = self.browser.new_context(
            viewport={"width": WIDE[0], "height": WIDE[1]},
            locale=code,
            base_url=self.addresses[member],
        )
        context.set_default_timeout(60_000)
        page: Page = context.new_page()
        sign_in(page, role)
        return page


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Hope has no cases yet; amparo has two for each language, one of them with a consent."""
    with ExitStack() as stack:
        stack.enter_context(cheap_passwords())
        clock = Running()
        fed = stack.enter_context(Federation("hope", "amparo", "licht", clock=clock))
        details = (Detail.CONTACT, Detail.NOTE, Detail.SAFETY)
        fed.agree("hope", "amparo", subjects=set(Subject), **asking.TERMS | {"details": details})
        for code in LANGUAGES:
            met(fed, code)
        fed.sync()
        addresses = {}
        for name in ("hope", "amparo"):
            hire(fed[name], "the-technician", StaffRole.TECHNICIAN)
            for person, role in PEOPLE.items():
                hire(fed[name], f"the-{person}", role)
            home = Home(tmp_path_factory.mktemp(name) / "home")
            home.create()
            addresses[name] = stack.enter_context(served(node_of(fed, home, Journal(), name)))
        yield Two(fed, addresses, stack.enter_context(launched()))


def met(fed: Federation, code: str) -> None:
    """Let amparo know a recruiter, and a survivor who has consented."""
    known = recruiter(f"A{code}-1", RECRUITERS[code].removeprefix("recruiter_"))
    known = known.add(Kind.VEHICLE, asking.PLATE, Subject.RECRUITER, field="car")
    own = Case(f"A{code}-2", region="MX")
    own = own.add(Kind.PHONE, OWN_PHONES[code], Subject.SURVIVOR, field="own tel")
    fed["amparo"].put_cases([known, own])
    now = fed.clock().replace(microsecond=0)
    allowed = Consent(
        frozenset({Purpose.SUPPORT, Purpose.NETWORK}),
        frozenset({Role.HOTLINE}),
        given=now,
        expires=now + timedelta(days=300),
        basis="intake-form-3",
    )
    fed["amparo"].consents.record(own.id, allowed, source="api")


def sheet(path: Path, code: str) -> Path:
    """Write a messy spreadsheet, as people keep them."""
    path.write_text(
        "Case No.;Country;Recruiter phone;Recruiter telegram;Victim phone;Notes\n"
        f"W{code}-1;MX;;https://t.me/{RECRUITERS[code]};{OWN_PHONES[code]};called twice\n"
        f"W{code}-2;MX;1e+10;https://t.me/somebody_{code};;\n"
        f"W{code}-3;US;(202) 555-0187 ext. 4;;;\n",
        encoding="utf-8",
    )
    return path


def compare(page: Page, code: str) -> None:
    """Compare with all partners, and wait for it."""
    page.goto("/today")
    press(page, code, "Compare with all partners now")
    expect(page.get_by_text(choose(code, "").say("New pseudonyms"))).to_be_visible()


def look(page: Page, name: str) -> None:
    """Check a page at both sizes, and leave pictures of it."""
    page.wait_for_load_state()
    assert [] == violations(page), name
    for size in (PHONE, WIDE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert overflow(page) <= 0, (name, size)
        shot(page, f"two/{name}-{size[0]}")


def fill_consent(page: Page, code: str, case: str) -> None:
    """Record what the caller of a case allows."""
    page.goto("/consents")
    page.fill("#case", case)
    press(page, code, "Open")
    page.check("[name=purpose-support]")
    page.check("[name=purpose-network]")
    page.check("[name=role-hotline]")
    page.fill("#last", (datetime.now(UTC) + timedelta(days=200)).date().isoformat())
    page.fill("#basis", "intake-form-3")
    look(page, f"{code}-02-consent")
    press(page, code, "Record")
    expect(page.get_by_role("status")).to_be_visible()


def ask(page: Page, code: str) -> None:
    """Review the match with the keyboard, and ask what the other side holds."""
    say = choose(code, "").say
    page.goto("/matches?status=review")
    page.get_by_role("link", name=f"W{code}-1").first.click()
    expect(page.locator("h1")).to_have_text(say("Review a match"))
    look(page, f"{code}-03-match")
    access_key(page, "1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text(say("Noted: it is right."))).to_be_visible()
    look(page, f"{code}-04-decided")
    press(page, code, "Ask what else they hold")
    expect(page.locator("h1")).to_have_text(say("Ask what else they hold"))
    page.check("[name=item-handle]")
    page.check("[name=item-vehicle]")
    page.check("[name=item-contact]")
    page.check("[value=support]")
    page.fill("#note", "two callers name him")
    look(page, f"{code}-05-ask")
    press(page, code, "Ask")
    expect(page.get_by_text(say("waits for a decision"))).to_be_visible()
    look(page, f"{code}-06-asked")


def approve(page: Page, code: str, step: int, fields: dict[str, str]) -> None:
    """Look at exactly what would leave, and approve it."""
    say = choose(code, "").say
    page.goto("/today")
    look(page, f"{code}-{step:02}-today")
    page.goto("/disclosures")
    page.locator("tbody tr", has=page.locator(".mark")).locator("a").first.click()
    expect(page.locator("h1")).to_have_text(say("Request for disclosure"))
    look(page, f"{code}-{step + 1:02}-request")
    for name, text in fields.items():
        page.fill(f"[name={name}]", text)
    press(page, code, "Show exactly what would leave")
    expect(page.get_by_text(RECRUITERS[code]).first).to_be_visible()
    look(page, f"{code}-{step + 2:02}-preview")
    press(page, code, "Let exactly this go")
    expect(page.get_by_role("status")).to_be_visible()
    look(page, f"{code}-{step + 3:02}-approved")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_story_of_two_organisations(two: Two, code: str, tmp_path: Path) -> None:
    """Import, compare, review, ask; two others approve; read, withdraw a consent, see the record."""
    say = choose(code, "").say
    cara = two.person("hope", "caseworker", code)
    cara.goto("/imports")
    cara.set_input_files("#sheet", sheet(tmp_path / "calls.csv", code))
    cara.fill("#source", f"calls-{code}")
    press(cara, code, "Go on")
    expect(cara.locator("h1")).to_have_text(say("What the columns mean"))
    look(cara, f"{code}-00-columns")
    press(cara, code, "Import now")
    expect(cara.get_by_text(say("The sheet is imported."))).to_be_visible()
    look(cara, f"{code}-01-imported")
    fill_consent(cara, code, f"W{code}-1")
    compare(cara, code)
    ask(cara, code)
    compare(cara, code)

    rosa = two.person("amparo", "reviewer", code)
    approve(rosa, code, 7, {"text-contact": "Amparo, night desk, ext. 4"})
    expect(rosa.get_by_text(say("waits for a second approval")).first).to_be_visible()
    rosa.goto("/matches?status=held")
    rosa.locator("tbody a").first.click()
    expect(rosa.locator("h1")).to_have_text(say("Review a match"))
    look(rosa, f"{code}-11-held")
    press(rosa, code, "Release")
    expect(rosa.get_by_role("status")).to_be_visible()
    ruth = two.person("amparo", "second-reviewer", code)
    approve(ruth, code, 12, {})
    expect(ruth.get_by_text(say("all of it was given"))).to_be_visible()
    compare(ruth, code)

    compare(cara, code)
    cara.goto("/disclosures")
    look(cara, f"{code}-16-disclosures")
    cara.locator("tbody a").first.click()
    press(cara, code, "Read what they gave")
    expect(cara.get_by_text("Amparo, night desk, ext. 4")).to_be_visible()
    expect(cara.get_by_text("ABC123").or_(cara.get_by_text("ABC-123")).first).to_be_visible()
    look(cara, f"{code}-17-read")
    cara.goto("/consents")
    look(cara, f"{code}-18-consents")
    cara.get_by_role("link", name=f"W{code}-1").click()
    press(cara, code, "Withdraw the consent")
    expect(cara.get_by_role("status")).to_be_visible()
    look(cara, f"{code}-19-withdrawn")

    dora = two.person("hope", "data-protection", code)
    dora.goto("/record")
    for sentence in ("consent", "disclosure"):
        expect(dora.locator("tbody").get_by_text(sentence).first).to_be_visible()
    look(dora, f"{code}-20-record")
    dora.goto("/today")
    look(dora, f"{code}-21-today")

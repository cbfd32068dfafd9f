# SPDX-License-Identifier: Apache-2.0
"""An agreement as a lawyer and a caseworker read it."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from federation.agreements import (
    Detail,
    EuropolCode,
    Flow,
    Handling,
    Page,
    Purpose,
    QueryTerms,
    Terms,
    summarise,
)
from federation.agreements.plain_words import enumerate_words, in_words
from federation.charter import Charter, Role, with_member, without_member
from federation.indicators import Kind, Lane, Subject
from tests.agreements.support import NOW, terms
from tests.charter.support import charter, charter_digest, member

HASH = bytes(range(32))
FLOW = (Flow(giver="amparo", receiver="hope"), Flow(giver="amparo", receiver="licht"))


def page(one: Terms, among: Charter | None = None, **options: Any) -> Page:
    """Put terms into words."""
    return summarise(HASH, one, among or charter(), **options)


def section(one: Page, heading: str) -> str:
    """Return the sentences of a section."""
    (found,) = [part for part in one.sections if part.heading == heading]
    return " ".join(found.sentences)


def with_police() -> Charter:
    """Return a federation in which licht is a police unit."""
    base = charter()
    return with_member(
        base, charter_digest(base), member("licht", role=Role.LAW_ENFORCEMENT), at=NOW
    )


def test_every_term_is_said() -> None:
    """Nothing that is signed is missing on the page."""
    one = terms(
        approvers=2,
        purpose_note="only carnivals",
        details=(Detail.CONTACT,),
        disclosed_days=31,
        europol=(EuropolCode.H1,),
        handling=Handling.RED,
        queries=QueryTerms(daily=7, window_hours=48),
        supersedes=bytes([0xAB]) * 32,
        paper_sha256=bytes([0xCD]) * 32,
        disclosure=FLOW,
        query=FLOW,
        retention_days=99,
    )
    text = re.sub(r"\s+", " ", page(one, signers=["hope"], standing="It waits.").text())

    for said in (
        "Recruiters at carnivals",
        "Amparo e.V. (amparo), hotline, registered as REG:amparo.",
        "phone numbers and vehicles, about recruiters and traffickers",
        "(network)",
        "(support)",
        "The parties add: only carnivals",
        "Joint-controller agreement of the invented federation",
        "ab" * 32,
        "cd" * 32,
        HASH.hex(),
        "amparo to hope and licht.",
        "whom to call",
        "Two different people at the organisation that tells must approve each time.",
        "hope may ask whether amparo holds",
        "At most 7 questions a day",
        "after 48 hours",
        "TLP:RED: only the people who were given it may see it",
        "H1: it may not be used in court unless the giver permits it",
        "from 2026-03-01 12:00 to 2027-03-01 12:00 UTC",
        "A match may be kept 99 days.",
        "What was told may be kept 31 days.",
        "20 matches a day to each partner by itself, plus 1 % of its own cases, and 200 more once",
        "By hope.",
        "Not yet by amparo and licht.",
        "It waits.",
    ):
        assert said in text


def test_what_is_not_agreed_is_said_too() -> None:
    """Who reads the page sees that nothing is told, and nothing asked."""
    one = page(terms())

    assert section(one, "What people may tell each other") == "Nothing."
    assert section(one, "What may be asked") == "Nothing."
    assert "Nothing about survivors." in section(one, "What the nodes compare by themselves")
    assert "Immigration control is never a purpose." in section(one, "What for")


def test_survivors() -> None:
    """The page says that the survivor's own consent comes first."""
    one = terms(
        lanes=(Lane.NETWORK, Lane.SURVIVOR),
        subjects=(Subject.RECRUITER, Subject.SURVIVOR),
        disclosure=FLOW,
    )

    compared = section(page(one), "What the nodes compare by themselves")
    assert "only of those whose own dated consent names network and support" in compared
    assert "a person releases each match" in compared
    assert "survivor's own consent covers" in section(page(one), "What people may tell each other")


def test_police_compares_nothing() -> None:
    """With a police unit two others compare, and if there are no two others nobody does."""
    among = with_police()
    three = section(page(terms(), among), "What the nodes compare by themselves")
    two = section(
        page(terms(parties=("hope", "licht")), among), "What the nodes compare by themselves"
    )

    assert three.startswith("Each two of them but law enforcement find out")
    assert two == "Nothing."


def test_an_agreement_for_referrals_compares_nothing() -> None:
    """Some purposes are not served by comparing."""
    one = page(terms(purposes=(Purpose.REFERRAL,)))

    assert section(one, "What the nodes compare by themselves") == "Nothing."


def test_who_left_and_who_ended_it() -> None:
    """The page of an old agreement still reads."""
    base = charter()
    left = without_member(base, charter_digest(base), "licht", at=NOW)
    one = page(terms(), left, ended_by={"hope": "the project has ended"})

    assert "licht: not a member of the federation any more." in section(one, "Who")
    assert "hope ended it: the project has ended" in section(one, "Signed")


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one."""
        self.tags.append((tag, dict(attrs)))


def test_the_page_has_no_script_and_loads_nothing() -> None:
    """What a partner wrote into the terms is text on the page, and nothing else."""
    nasty = '<script src="//evil.test"></script><img src=x onerror=alert(1)>"&'
    one = terms(title=nasty, legal_basis=nasty, purpose_note=nasty)
    made = page(one, ended_by={"hope": nasty}).html()
    parser = Tags()
    parser.feed(made)

    assert {tag for tag, _ in parser.tags} == {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "ul", "li"),
    }
    assert not any(
        name.startswith("on") or name in {"src", "href"}
        for _, attributes in parser.tags
        for name in attributes
    )
    assert "default-src 'none'" in made
    assert made.count("&lt;script src=") == 5


def test_text_fits_a_page() -> None:
    """No line is longer than a printed page takes, but for what cannot be broken."""
    text = page(terms(legal_basis="word " * 30, europol=tuple(EuropolCode))).text()

    assert max(map(len, text.splitlines())) <= 88


@pytest.mark.parametrize("domain", [Role, Purpose, Kind, Subject, Detail])
def test_every_word_can_be_said(domain: Any) -> None:
    """No word of a closed list reads like a constant."""
    for word in domain:
        assert re.fullmatch(r"[A-Za-z][A-Za-z' ,-]+", in_words(word))


@pytest.mark.parametrize(
    ("words", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_enumerations(words: list[str], said: str) -> None:
    """Words are joined as in a sentence."""
    assert enumerate_words(words) == said

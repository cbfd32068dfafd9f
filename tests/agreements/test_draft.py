# SPDX-License-Identifier: Apache-2.0
"""What people write down becomes the terms that they sign, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.agreements import (
    Detail,
    Draft,
    EuropolCode,
    Flow,
    Handling,
    MatchBudget,
    Purpose,
    QueryTerms,
    Terms,
)
from federation.charter import Role, with_member
from federation.errors import AgreementError, InputError, MembershipError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.support import NOW
from tests.charter.support import charter, charter_digest, member

PLAIN = Draft(title="Recruiters", parties=("hope", "amparo"), legal_basis="paper of 1 March")


def terms_of(draft: Draft, **options: Any) -> Terms:
    """Make terms in a federation of three hotlines."""
    return draft.terms(charter(), NOW, **options)


def test_defaults_are_careful() -> None:
    """Without a word more, recruiters and their like are compared, and nothing is told."""
    terms = terms_of(PLAIN)

    assert (terms.parties, terms.lanes) == (("amparo", "hope"), (Lane.NETWORK,))
    assert terms.purposes == (Purpose.NETWORK,)
    assert (terms.disclosure, terms.query, terms.details) == ((), (), ())
    assert (terms.handling, terms.approvers) == (Handling.AMBER_STRICT, 1)
    assert (terms.valid_from, terms.valid_until) == (NOW, NOW + timedelta(days=365))
    assert terms.match_budget == MatchBudget()
    assert terms.queries == QueryTerms()


def test_every_line_becomes_a_term() -> None:
    """Whatever is written is what is signed."""
    text = """
        title = "Coalition"
        parties = ["licht", "hope", "amparo"]
        replaces = "aa00000000000000000000000000000000000000000000000000000000000000"
        legal_basis = "paper"
        purposes = ["support", "network"]
        purpose_note = "only carnivals"
        subjects = ["survivor", "recruiter"]
        kinds = ["vehicle", "phone"]
        disclosure = ["hope to amparo", "everybody to licht"]
        details = ["safety", "contact"]
        approvers = 2
        query = ["licht to everybody"]
        queries_daily = 3
        query_window_hours = 24
        handling = "tlp:red"
        europol = ["h2", "h0"]
        retention_days = 100
        disclosed_days = 30
        begins = 2026-03-11
        valid_days = 10
        daily_matches = 1
        daily_percent = 2
        first_matches = 3
    """
    terms = terms_of(Draft.parse(text), paper=bytes(32))
    begins = datetime(2026, 3, 11, tzinfo=UTC)

    assert terms == Terms(
        federation_id=terms.federation_id,
        title="Coalition",
        parties=("amparo", "hope", "licht"),
        lanes=(Lane.NETWORK, Lane.SURVIVOR),
        kinds=(Kind.PHONE, Kind.VEHICLE),
        subjects=(Subject.RECRUITER, Subject.SURVIVOR),
        purposes=(Purpose.NETWORK, Purpose.SUPPORT),
        disclosure=(
            Flow(giver="amparo", receiver="licht"),
            Flow(giver="hope", receiver="amparo"),
            Flow(giver="hope", receiver="licht"),
        ),
        query=(Flow(giver="licht", receiver="amparo"), Flow(giver="licht", receiver="hope")),
        match_budget=MatchBudget(daily_base=1, daily_percent=2, first=3),
        retention_days=100,
        legal_basis="paper",
        valid_from=begins,
        valid_until=begins + timedelta(days=10),
        handling=Handling.RED,
        approvers=2,
        paper_sha256=bytes(32),
        nonce=terms.nonce,
        purpose_note="only carnivals",
        details=(Detail.CONTACT, Detail.SAFETY),
        disclosed_days=30,
        europol=(EuropolCode.H0, EuropolCode.H2),
        queries=QueryTerms(daily=3, window_hours=24),
        supersedes=bytes([0xAA]) + bytes(31),
    )


def test_a_first_day_that_is_past_is_today() -> None:
    """Nobody agrees on what was."""
    assert NOW == terms_of(PLAIN.model_copy(update={"begins": date(2026, 2, 1)})).valid_from


def test_two_drafts_alike_are_two_agreements() -> None:
    """Each proposal draws its own nonce."""
    assert terms_of(PLAIN).nonce != terms_of(PLAIN).nonce


def test_the_file_holds_every_line_with_a_comment() -> None:
    """What can be agreed is seen in the file, also where it is left out."""
    written = PLAIN.to_toml().splitlines()[1:]

    assert [line.lstrip("# ").split(" = ")[0] for line in written] == list(Draft.model_fields)
    for field, line in zip(Draft.model_fields.values(), written, strict=True):
        assert field.description
        assert line.endswith(f"  # {field.description}")
        assert line.startswith("# ") is bool(field.examples)


@given(st.text(), st.lists(st.sampled_from(["everybody to hope", "hope to amparo"])))
def test_what_is_written_reads_back(title: str, disclosure: list[str]) -> None:
    """Whatever stands in a title, the file is TOML and says the same."""
    draft = PLAIN.model_copy(update={"title": title, "disclosure": tuple(disclosure)})

    assert draft == Draft.parse(draft.to_toml())


def test_an_example_is_a_line_that_can_be_used() -> None:
    """Taking the comment sign away gives a line that parses."""
    lines = [line.removeprefix("# ") for line in PLAIN.to_toml().splitlines()[1:]]
    lines = [line for line in lines if not line.startswith("replaces")]

    draft = Draft.parse("\n".join(lines))

    assert (draft.begins, draft.disclosed_days, draft.paper) == (
        date(2026, 3, 1),
        90,
        "agreement.pdf",
    )


def test_an_amendment_begins_from_the_terms() -> None:
    """Everything is taken over but the paper, and it names what it replaces."""
    draft = PLAIN.model_copy(
        update={
            "purpose_note": "carnivals",
            "disclosure": ("everybody to everybody",),
            "query": ("hope to amparo",),
            "details": (Detail.NOTE,),
            "europol": (EuropolCode.H1,),
            "disclosed_days": 9,
            "queries_daily": 4,
            "query_window_hours": 5,
            "approvers": 2,
            "valid_days": 77,
            "daily_matches": 7,
        }
    )
    former = terms_of(draft, paper=bytes(32))
    later = terms_of(Draft.parse(Draft.amending(bytes(32), former).to_toml()))

    assert later == former.replace(supersedes=bytes(32), paper_sha256=None, nonce=later.nonce)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('kinds = ["shoe size"]', "kinds"),
        ("immigration = true", "immigration"),
        ('disclosure = ["hope"]', "direction"),
        ('disclosure = ["hope to stranger"]', "direction"),
        ('query = ["hope, amparo"]', "direction"),
        ('replaces = "aa"', "replaces"),
        ("query_window_hours = 0", "window_hours"),
        ("queries_daily = 0", "daily"),
        ("approvers = 3", "approvers"),
        ("valid_days = 4000", "valid_days"),
        ('europol = ["h4"]', "europol"),
        ("begins = 12", "begins"),
        ("title", "TOML"),
    ],
)
def test_what_cannot_be_agreed_is_refused(line: str, says: str) -> None:
    """The refusal names the line and quotes nothing of it."""
    base = 'title = "t"\nparties = ["hope", "amparo"]\nlegal_basis = "b"\n'

    with pytest.raises(InputError, match=says) as caught:
        terms_of(Draft.parse(base + line))
    assert "shoe size" not in str(caught.value)


def test_the_federation_decides_too() -> None:
    """Strangers are no parties, and police takes a code."""
    base = charter()
    police = with_member(
        base, charter_digest(base), member("licht", role=Role.LAW_ENFORCEMENT), at=NOW
    )
    with_police = PLAIN.model_copy(update={"parties": ("hope", "licht")})

    with pytest.raises(MembershipError):
        terms_of(PLAIN.model_copy(update={"parties": ("hope", "stranger")}))
    with pytest.raises(AgreementError, match="clause 'europol'"):
        with_police.terms(police, NOW)

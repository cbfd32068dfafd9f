# SPDX-License-Identifier: Apache-2.0
"""Bulk grants between real members: published to all, spent at each custodian, and no more."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from federation.charter import Rules
from federation.charter.grants import SourceKind
from federation.errors import MembershipError, PolicyError, QuotaError
from federation.member import GrantRequest
from federation.testing import Federation
from federation.tokens import guess_budget
from tests.member.support import charged, phones, tokens

LIMITED = Rules(identifier_daily=8, identifier_monthly=80, bulk_identifiers=200)
FOUR = ("amparo", "hope", "licht", "newcomer")


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Four members with small budgets, three of them custodians."""
    with Federation(*FOUR, custodians=FOUR[:3], rules=LIMITED) as federation:
        yield federation


def request(**changes: object) -> GrantRequest:
    """Return a request for the newcomer."""
    fields = {
        "member": "newcomer",
        "source": "Old case system",
        "source_kind": SourceKind.CASE_MANAGEMENT,
        "rows": 500,
        "amount": 128,
    }
    return GrantRequest(**(fields | changes))  # type: ignore[arg-type]


def give(fed: Federation, **changes: object) -> bytes:
    """Let two custodians sign a grant, and everybody hear of it."""
    digest = fed["hope"].propose_grant(request(**changes))
    fed.drive()
    fed["licht"].sign_grant(digest)
    fed.drive()
    return digest


def spent(fed: Federation, name: str) -> list[int]:
    """Return what was used of each grant at one custodian."""
    return [view.used for view in fed[name].grants()]


def test_a_grant_is_shown_to_all_and_pays_before_the_budget(fed: Federation) -> None:
    """The newcomer gets its cases in; the ordinary budget is untouched, and no more comes."""
    fed["newcomer"].put_cases(phones(range(250)))
    with pytest.raises(QuotaError):
        fed["newcomer"].tokenise()
    already = tokens(fed, "newcomer")
    before = {name: charged(fed, name, "newcomer") for name in FOUR[:3]}

    give(fed)

    assert {len(member.grants()) for member in fed} == {1}
    assert {view.approval.missing for member in fed for view in member.grants()} == {0}
    with pytest.raises(QuotaError):
        fed["newcomer"].tokenise()
    # Quorums rotate, so a member gets n/t times what each custodian gives.
    assert already + 128 <= tokens(fed, "newcomer") <= guess_budget(3, 2, 128 + 8)
    for name in FOUR[:3]:
        assert all(used <= 128 for used in spent(fed, name))
        assert charged(fed, name, "newcomer") <= LIMITED.identifier_daily
        assert charged(fed, name, "newcomer") >= before[name]


def test_one_signature_is_not_enough(fed: Federation) -> None:
    """Before enough custodians have signed nothing is given."""
    fed["hope"].propose_grant(request())
    fed.drive()
    fed["newcomer"].put_cases(phones(range(140)))

    with pytest.raises(QuotaError):
        fed["newcomer"].tokenise()

    assert {used for name in FOUR for used in spent(fed, name)} == {0}


def test_a_grant_ends(fed: Federation) -> None:
    """After its days it gives nothing, and 30 days later it is forgotten."""
    give(fed, days=2)
    fed.clock.advance(days=3)
    fed["newcomer"].put_cases(phones(range(140)))

    with pytest.raises(QuotaError):
        fed["newcomer"].tokenise()

    assert {used for name in FOUR for used in spent(fed, name)} == {0}
    fed.clock.advance(days=31)
    fed.sync(("amparo", "hope", "licht"))
    with suppress(QuotaError):
        fed["newcomer"].sync()
    assert {len(member.grants()) for member in fed} == {0}


def test_no_second_grant_beside_the_first(fed: Federation) -> None:
    """A custodian that knows of one signs no other for the same member, lane and class."""
    give(fed)

    with pytest.raises(PolicyError, match="another bulk grant"):
        fed["licht"].propose_grant(request(source="Another system"))


def test_who_does_not_count_does_not_sign(fed: Federation) -> None:
    """Neither the newcomer nor a stranger to the key can propose or sign."""
    with pytest.raises(MembershipError):
        fed["newcomer"].propose_grant(request())
    digest = fed["hope"].propose_grant(request())
    fed.drive()
    with pytest.raises(MembershipError):
        fed["newcomer"].sign_grant(digest)
    with pytest.raises(MembershipError):
        fed["hope"].sign_grant(digest)
    with pytest.raises(MembershipError, match="no such grant"):
        fed["licht"].sign_grant(bytes(32))

# SPDX-License-Identifier: Apache-2.0
"""The survivor lane: only with consent, held by who is asked, told when a person says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import Purpose
from federation.charter import Role
from federation.errors import PolicyError
from federation.indicators import IndicatorClass, Lane, Subject
from federation.member import MatchStatus
from federation.messages import PutTags
from federation.testing import Federation
from tests.member.support import federation, found, phones, requests
from tests.member.test_consents import consent

A, B = "amparo", "hope"


@contextmanager
def agreed(*purposes: Purpose, seed: int = 0) -> Iterator[tuple[Federation, bytes]]:
    """Let amparo and hope agree on survivors."""
    with federation(seed=seed) as fed:
        agreement = fed.agree(
            A, B, subjects={Subject.SURVIVOR}, purposes=purposes or (Purpose.SUPPORT,)
        )
        yield fed, agreement


def meet(fed: Federation, name: str, number: int = 1, **allowed: Any) -> str:
    """Let a member meet a survivor, and record a consent if anything is said of it."""
    prefix = name[0].upper()
    case = f"{prefix}-{number}"
    fed[name].put_cases(phones([number], prefix=prefix, subject=Subject.SURVIVOR))
    if allowed.pop("consents", True):
        fed[name].consents.record(case, consent(fed.clock(), **allowed), source="api")
    return case


def rows(fed: Federation, name: str) -> list[tuple[str, str, str]]:
    """Return (case, status, reason) of every match."""
    return [(one.case, one.status.value, one.reason) for one in fed[name].matches(status=None)]


def tokens(fed: Federation, name: str) -> int:
    """Return how many tokens a member has in the survivor lane."""
    keys = fed[name].require_charter().live_keys(Lane.SURVIVOR, IndicatorClass.IDENTIFIER)
    with fed.seats[name].store.read() as tx:
        return sum(tx.tokens.counts().get(key.key_id, 0) for key in keys)


def release(fed: Federation, name: str) -> None:
    """Release the one match that is held."""
    (held,) = fed[name].matches(status=MatchStatus.HELD)
    fed[name].release(bytes.fromhex(held.id))


@pytest.mark.parametrize("later", [A, B])
def test_a_hit_is_held_until_a_person_releases_it(later: str) -> None:
    """Whoever comes later asks, and is told nothing; then a person at the other side decides."""
    earlier = B if later == A else A
    with agreed() as (fed, _):
        first = meet(fed, earlier)
        fed.sync()
        second = meet(fed, later)
        fed.sync()
        fed.sync()

        assert [] == fed[A].matches() + fed[B].matches()
        assert [(first, "held", "survivor")] == rows(fed, earlier)
        assert [] == rows(fed, later)
        release(fed, earlier)
        fed.sync()
        assert {(first, later)} == found(fed, earlier)
        assert {(second, earlier)} == found(fed, later)


def test_both_had_it_before_they_agreed() -> None:
    """Only one of them sends what it has; a release brings both together all the same."""
    with federation() as fed:
        cases = {name: meet(fed, name) for name in (A, B)}
        for name in (A, B):
            fed[name].tokenise()
        fed.agree(A, B, subjects={Subject.SURVIVOR}, purposes=(Purpose.SUPPORT,))
        fed.sync()
        fed.sync()
        (holder,) = [name for name in (A, B) if rows(fed, name)]
        release(fed, holder)
        fed.sync()

        assert {(cases[A], B)} == found(fed, A)
        assert {(cases[B], A)} == found(fed, B)


def test_without_consent_nothing_becomes_a_token() -> None:
    """On either side."""
    with agreed() as (fed, _):
        meet(fed, A, consents=False)
        meet(fed, B)
        fed.sync()
        fed.sync()

        assert (0, 1) == (tokens(fed, A), tokens(fed, B))
        assert [] == rows(fed, A) + rows(fed, B)


@pytest.mark.parametrize(
    "allowed",
    [
        {"purposes": frozenset({Purpose.REFERRAL})},
        {"recipients": frozenset({Role.NGO})},
    ],
    ids=["another purpose", "another receiver"],
)
@pytest.mark.parametrize("narrow", [A, B])
def test_a_consent_that_does_not_cover_the_partner_gives_it_nothing(
    narrow: str, allowed: dict[str, Any]
) -> None:
    """Its token is neither sent to that partner nor found by its tags, not even to be held."""
    wide = B if narrow == A else A
    with agreed() as (fed, _):
        meet(fed, narrow, **allowed)
        meet(fed, wide)
        fed.sync()
        fed.sync()

        assert 1 == tokens(fed, narrow)
        assert [] == rows(fed, A) + rows(fed, B)


def test_a_consent_covers_every_purpose_of_the_agreement_or_none() -> None:
    """Who learns of a match may use it for all of them."""
    with agreed(Purpose.PREVENTION, Purpose.SUPPORT) as (fed, _):
        meet(fed, A)
        meet(fed, B, purposes=frozenset({Purpose.SUPPORT, Purpose.PREVENTION}))
        fed.sync()
        fed.sync()

        assert [] == rows(fed, A) + rows(fed, B)


def sent(fed: Federation, name: str) -> int:
    """Return in how many buckets for its partner a member's tokens stand."""
    with fed.seats[name].store.read() as tx:
        query = "SELECT count(*) FROM exchange_items"
        return int(tx.exchange._session.connection().exec_driver_sql(query).scalar_one())


def test_a_wider_consent_makes_due_what_was_passed_over_and_nothing_twice() -> None:
    """The token goes to the partner once, when it may."""
    with agreed() as (fed, _):
        case = meet(fed, A, recipients=frozenset({Role.NGO}))
        meet(fed, B)
        fed.sync()
        assert 0 == sent(fed, A)
        for _ in range(2):
            both = frozenset({Role.NGO, Role.HOTLINE})
            fed[A].consents.record(case, consent(fed.clock(), recipients=both), source="api")
            fed.sync()
            fed.clock.advance(days=1)

        assert 1 == sent(fed, A)
        assert [("H-1", "held", "survivor")] == rows(fed, B)


def test_a_hit_that_is_held_looks_like_none() -> None:
    """The reply is the same to the byte."""
    with agreed() as (fed, _):
        meet(fed, A)
        fed.sync()
        fed.calls.clear()
        meet(fed, B)
        fed.sync([B])
        ((hit, _),) = requests(fed, PutTags)
        fed.calls.clear()
        meet(fed, B, 2)
        fed.sync([B])
        ((miss, _),) = requests(fed, PutTags)

        assert [("A-1", "held", "survivor")] == rows(fed, A)
        assert hit.reply == miss.reply


def test_a_bucket_that_waits_is_asked_for_consent_again_before_it_leaves() -> None:
    """What may not be sent any more is replaced by a dummy."""
    with agreed() as (fed, _):
        meet(fed, B)
        fed[B].tokenise()
        fed.faults.down.add(A)
        fed[B].sync()
        assert 1 == sent(fed, B)
        with fed.seats[B].store.write() as tx:
            tx.consents.end(1, fed.clock().replace(microsecond=0))
        fed.faults.down.clear()
        fed[B].sync()

        assert 0 == sent(fed, B)


def test_a_consent_that_ends_meanwhile_stops_the_release() -> None:
    """A person cannot release what nobody may know any more."""
    with agreed() as (fed, _):
        meet(fed, A, expires=fed.clock().replace(microsecond=0) + timedelta(hours=1))
        fed.sync()
        meet(fed, B)
        fed.sync()
        fed.clock.advance(hours=2)
        with pytest.raises(PolicyError, match="no consent covers"):
            release(fed, A)

        fed.sync()
        assert [] == fed[A].matches() + fed[B].matches()


def test_a_consent_that_ends_while_custodians_are_asked_makes_no_token() -> None:
    """It is asked again in the transaction that keeps the token."""
    with agreed() as (fed, _):
        meet(fed, A, expires=fed.clock().replace(microsecond=0) + timedelta(seconds=1))
        keep = fed[A]._tokeniser._keep

        def later(*arguments: Any) -> None:
            fed.clock.advance(seconds=2)
            keep(*arguments)

        fed[A]._tokeniser._keep = later  # type: ignore[method-assign]
        fed[A].tokenise()

        assert 0 == tokens(fed, A)


def test_a_number_in_both_lanes_never_meets() -> None:
    """A survivor's token and a recruiter's are of different keys."""
    with federation() as fed:
        fed.agree(A, B, subjects=set(Subject), purposes=(Purpose.SUPPORT,))
        meet(fed, A)
        fed[B].put_cases(phones([1], prefix="R"))
        fed.sync()
        fed.sync()

        assert [] == rows(fed, A) + rows(fed, B)

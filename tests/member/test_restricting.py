# SPDX-License-Identifier: Apache-2.0
"""Cases that are kept out of everything, and let in again."""

from collections.abc import Iterator

import pytest

from federation.audit import Event, Outcome, StaffRole
from federation.errors import InputError, PolicyError
from federation.member import DisclosureStatus, MatchStatus
from federation.storage import RestrictionGround
from federation.testing import Federation
from tests.member import asking, support
from tests.member.people import entries

ASKED = RestrictionGround.ASKED


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Amparo and Hope hold the same phone, and know it."""
    with support.federation() as federation:
        asking.agree(federation)
        asking.match(federation)
        yield federation


def settle(fed: Federation) -> None:
    """Let everything arrive."""
    for _ in range(3):
        fed.sync()
        fed.drive()


def proven(fed: Federation, name: str) -> list[str]:
    """Own cases of proven matches."""
    return sorted({one.case for one in fed[name].matches()})


def tokens(fed: Federation) -> int:
    """How many pseudonyms Hope holds."""
    with fed.seats["hope"].store.read() as tx:
        return sum(tx.tokens.counts().values())


def test_a_case_is_kept_out_and_partners_are_told(fed: Federation) -> None:
    """No pseudonym is left, the match is over on both sides, and it does not come back."""
    assert (["H-1"], ["A-1"]) == (proven(fed, "hope"), proven(fed, "amparo"))
    fed["hope"].restrictions.restrict("H-1", ASKED, source="api")
    assert 0 == tokens(fed)
    settle(fed)
    withdrawn = fed["amparo"].matches(status=MatchStatus.WITHDRAWN)
    (entry,) = entries(fed, Event.CASE_RESTRICTED, member="hope")

    assert ([], []) == (proven(fed, "hope"), proven(fed, "amparo"))
    assert ["A-1"] == [one.case for one in withdrawn]
    assert 0 == tokens(fed)
    assert ("asked", None) == (entry.reason, entry.outcome)
    assert b"H-1" not in entry.to_bytes()


def test_what_comes_into_a_restricted_case_is_kept_out_too(fed: Federation) -> None:
    """A new number, the same case again, and the case after it was removed."""
    fed["hope"].restrictions.restrict("H-1", ASKED, source="api")
    changed = asking.case("H-1")
    fed["hope"].put_cases(support.phones([1], prefix="H"))
    settle(fed)
    fed["hope"].put_cases([changed])
    settle(fed)
    with fed.seats["hope"].store.write() as tx:
        tx.cases.delete("H-1", "api")
    fed["hope"].put_cases([changed])
    settle(fed)

    assert 0 == tokens(fed)
    assert [] == proven(fed, "amparo")


def test_letting_it_in_compares_it_again(fed: Federation) -> None:
    """The match is found anew."""
    fed["hope"].restrictions.restrict("H-1", ASKED, source="api")
    settle(fed)
    fed["hope"].restrictions.unrestrict("H-1", source="api")
    settle(fed)
    undone = entries(fed, Event.CASE_RESTRICTED, member="hope")[-1]

    assert (["H-1"], ["A-1"]) == (proven(fed, "hope"), proven(fed, "amparo"))
    assert Outcome.UNDONE is undone.outcome


def test_an_answer_that_waits_does_not_leave(fed: Federation) -> None:
    """Not what was approved and waits to be delivered."""
    first = fed.person("hope", "rosa", StaffRole.REVIEWER)
    second = fed.person("hope", "ruth", StaffRole.REVIEWER)
    request = asking.ask(fed)
    fed.faults.down = {"amparo"}
    asking.approve(fed, request, first)
    asking.approve(fed, request, second)
    fed["hope"].restrictions.restrict("H-1", ASKED, source="api", by=first)
    fed.faults.down = set()
    fed.clock.advance(hours=2)
    fed.drive()
    fed.drive()

    assert DisclosureStatus.EXPIRED is asking.statuses(fed, request)[0]


def test_another_case_with_the_same_value_stays(fed: Federation) -> None:
    """A restriction is of a case, not of a value."""
    fed["hope"].put_cases(support.phones([1], prefix="OTHER"))
    settle(fed)
    fed["hope"].restrictions.restrict("H-1", ASKED, source="api")
    settle(fed)

    assert ["OTHER-1"] == proven(fed, "hope")
    assert ["A-1"] == proven(fed, "amparo")


def test_erasing_leaves_nothing_of_the_restriction(fed: Federation) -> None:
    """Who has the database and its key cannot ask whether a case was kept out."""
    fed["hope"].restrictions.restrict("H-1", ASKED, source="api")
    fed["hope"].forget("H-1")

    assert None is fed["hope"].restrictions.of("H-1", source="api")


def test_twice_or_of_nothing_is_refused(fed: Federation) -> None:
    """So a mistake is noticed."""
    hope = fed["hope"].restrictions
    with pytest.raises(InputError, match="no such case"):
        hope.restrict("H-9", ASKED, source="api")
    with pytest.raises(InputError, match="not kept out"):
        hope.unrestrict("H-1", source="api")
    hope.restrict("H-1", ASKED, source="api")
    with pytest.raises(InputError, match="already"):
        hope.restrict("H-1", RestrictionGround.SAFETY, source="api")

    restriction = hope.of("H-1", source="api")
    assert restriction is not None
    assert ASKED is restriction.ground


def test_whoever_works_on_cases_restricts_and_data_protection_lets_in(fed: Federation) -> None:
    """Keeping out is quick; letting in is a decision."""
    people = asking.team(fed)
    olga = fed.person("hope", "olga", StaffRole.DATA_PROTECTION)
    hope = fed["hope"].restrictions
    with pytest.raises(PolicyError):
        hope.restrict("H-1", ASKED, source="api", by=people["tom"])
    hope.restrict("H-1", ASKED, source="api", by=people["cara"])
    with pytest.raises(PolicyError, match="data-protection"):
        hope.unrestrict("H-1", source="api", by=people["cara"])
    hope.unrestrict("H-1", source="api", by=olga)

    assert None is hope.of("H-1", source="api")

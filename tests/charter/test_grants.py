# SPDX-License-Identifier: Apache-2.0
"""Bulk grants: for whom, from what, how much, and whose signatures count."""

from datetime import timedelta
from typing import Any

import pytest

from federation.charter import Charter, Role
from federation.charter.grants import (
    BulkGrant,
    SourceKind,
    approval,
    check_grant,
    merge_grants,
    propose_grant,
    sign_grant,
)
from federation.errors import MalformedError, MembershipError, PolicyError
from federation.indicators import IndicatorClass, Lane
from tests.charter.signing import LATER
from tests.charter.support import DAY, FEDERATION, identity, member


def grant(**changes: Any) -> BulkGrant:
    """Return a grant for hope."""
    made = BulkGrant(
        federation_id=FEDERATION,
        member="hope",
        source="Old case system",
        source_kind=SourceKind.CASE_MANAGEMENT,
        rows=120_000,
        lane=Lane.NETWORK,
        cls=IndicatorClass.IDENTIFIER,
        amount=150_000,
        valid_from=LATER,
        valid_until=LATER + 7 * DAY,
        nonce=bytes(16),
    )
    return made.replace(**changes)


def test_as_many_custodians_sign_as_an_evaluation_takes(second: Charter) -> None:
    """Two of three custodians make it good; what it is worth stands in it."""
    first = propose_grant(grant(), identity("amparo"), second, LATER)
    seen = approval(first, second)
    assert (seen.signers, seen.missing, seen.may_sign) == ({"amparo"}, 1, {"licht"})

    both = sign_grant(first, identity("licht"), second, LATER)

    assert approval(both, second).missing == 0
    assert grant().evaluations == 150_000
    assert grant(cls=IndicatorClass.PERSON, amount=20_000).evaluations == 2_000_000


def test_nobody_signs_for_itself(second: Charter) -> None:
    """The member that a grant is for counts neither first nor later."""
    with pytest.raises(MembershipError, match="another custodian"):
        propose_grant(grant(), identity("hope"), second, LATER)
    first = propose_grant(grant(), identity("amparo"), second, LATER)
    with pytest.raises(MembershipError):
        sign_grant(first, identity("hope"), second, LATER)
    with pytest.raises(MembershipError):
        sign_grant(first, identity("amparo"), second, LATER)


def test_survivor_lane_takes_a_second_approval(second: Charter) -> None:
    """One more custodian or steward than in the network lane."""
    wider = second.replace(
        members=tuple(
            sorted(
                (*second.members, member("neu", custodian=False)),
                key=lambda one: one.id,
            )
        )
    )
    first = propose_grant(grant(lane=Lane.SURVIVOR), identity("amparo"), wider, LATER)
    two = sign_grant(first, identity("licht"), wider, LATER)
    assert approval(two, wider).missing == 1

    three = sign_grant(two, identity("neu"), wider, LATER)

    assert approval(three, wider).missing == 0
    # A steward's signature is no custodian's.
    other = sign_grant(first, identity("neu"), wider, LATER)
    assert approval(other, wider).missing == 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"amount": 200_001}, "exceeds"),
        ({"amount": 20_001, "cls": IndicatorClass.PERSON}, "exceeds"),
        ({"valid_from": LATER - 8 * DAY, "valid_until": LATER - DAY}, "over"),
        ({"valid_from": LATER + 8 * DAY, "valid_until": LATER + 9 * DAY}, "far from now"),
    ],
)
def test_limits_of_the_charter(second: Charter, change: dict[str, Any], match: str) -> None:
    """More than the charter allows, or at another time, is refused."""
    with pytest.raises(PolicyError, match=match):
        check_grant(grant(**change), second, LATER)


@pytest.mark.parametrize("role", [Role.LAW_ENFORCEMENT, Role.OVERSIGHT])
def test_never_for_police_or_oversight(second: Charter, role: Role) -> None:
    """Roles that bring in no cases of their own get no grant."""
    members = tuple(
        sorted((*second.members, member("neu", role=role, custodian=False)), key=lambda one: one.id)
    )
    with pytest.raises(PolicyError):
        check_grant(grant(member="neu"), second.replace(members=members), LATER)


def test_suspended_and_strangers_get_none(second: Charter) -> None:
    """A grant is for a member in good standing, of this federation."""
    suspended = second.replace(
        members=tuple(one.replace(suspended=one.id == "hope") for one in second.members)
    )
    with pytest.raises(PolicyError):
        check_grant(grant(), suspended, LATER)
    with pytest.raises(MembershipError):
        check_grant(grant(member="nobody"), second, LATER)
    with pytest.raises(MembershipError):
        check_grant(grant(federation_id=bytes(16)), second, LATER)


def test_seven_days_at_most() -> None:
    """A longer grant cannot even be written down."""
    with pytest.raises(MalformedError, match="seven days"):
        grant(valid_until=LATER + 7 * DAY + timedelta(seconds=1))


@pytest.mark.parametrize("kind", ["register", "voter-roll", "subscriber-list"])
def test_registers_have_no_name(kind: str) -> None:
    """What would turn pseudonyms into names is not in the list of sources."""
    raw = grant().to_bytes().replace(b'"case-management"', f'"{kind}"'.encode())

    with pytest.raises(MalformedError):
        BulkGrant.from_bytes(raw)


def test_only_signatures_that_count_are_kept(second: Charter) -> None:
    """Pooling drops everybody else's, and refuses a grant that nobody entitled has signed."""
    first = propose_grant(grant(), identity("amparo"), second, LATER)
    other = propose_grant(grant(), identity("licht"), second, LATER)

    merged = merge_grants(first, other, second, LATER)

    assert approval(merged, second).signers == {"amparo", "licht"}
    fewer = second.replace(
        members=tuple(one.replace(suspended=one.id == "licht") for one in second.members)
    )
    assert approval(merge_grants(merged, merged, fewer, LATER), fewer).signers == {"amparo"}
    with pytest.raises(MembershipError):
        merge_grants(other, other, fewer, LATER)

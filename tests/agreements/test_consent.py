# SPDX-License-Identifier: Apache-2.0
"""What a survivor allowed, and that nothing else follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.agreements import Consent, ConsentState, Purpose
from federation.charter import Role
from federation.errors import InputError, PolicyError
from federation.indicators import Lane
from tests.agreements.support import NOW
from tests.charter.support import DAY

SUPPORT = Consent(
    frozenset({Purpose.SUPPORT}),
    frozenset({Role.NGO}),
    given=NOW,
    expires=NOW + 30 * DAY,
    basis="intake-form-3",
    evidence_sha256=bytes(32),
)
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def test_it_holds_from_its_first_second_to_before_its_last() -> None:
    """A consent is not yet, then valid, then expired."""
    assert SUPPORT.state(NOW - timedelta(seconds=1)) is ConsentState.NOT_YET
    assert SUPPORT.state(NOW) is ConsentState.VALID
    assert SUPPORT.state(SUPPORT.expires - timedelta(seconds=1)) is ConsentState.VALID
    assert SUPPORT.state(SUPPORT.expires) is ConsentState.EXPIRED


def test_what_it_names_is_covered() -> None:
    """Purpose and recipient are named, and the time is right."""
    SUPPORT.covers(Purpose.SUPPORT, Role.NGO, NOW)


@pytest.mark.parametrize(
    ("changes", "purpose", "recipient", "clause"),
    [
        ({"withdrawn": NOW}, Purpose.SUPPORT, Role.NGO, "consent-withdrawn"),
        (
            {"expires": NOW - DAY, "given": NOW - 2 * DAY},
            Purpose.SUPPORT,
            Role.NGO,
            "consent-expired",
        ),
        ({"given": NOW + DAY}, Purpose.SUPPORT, Role.NGO, "consent-not-yet"),
        ({}, Purpose.NETWORK, Role.NGO, "consent-purposes"),
        ({}, Purpose.SUPPORT, Role.HOTLINE, "consent-recipients"),
        ({}, Purpose.SUPPORT, Role.LAW_ENFORCEMENT, "consent-recipients"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_it_does_not_name_is_refused(
    changes: dict[str, Any], purpose: Purpose, recipient: Role, clause: str
) -> None:
    """Everything else is refused, with the part that decides."""
    with pytest.raises(PolicyError, match=f"clause '{clause}'") as caught:
        replace(SUPPORT, **changes).covers(purpose, recipient, NOW)

    assert clause == caught.value.clause


@given(withdrawn=times, at=times)
def test_a_withdrawal_counts_whatever_the_clock_says(withdrawn: datetime, at: datetime) -> None:
    """A clock that was set back does not bring a withdrawn consent back."""
    assert SUPPORT.withdraw(withdrawn).state(at) is ConsentState.WITHDRAWN


def test_withdrawing_twice_keeps_the_first_time() -> None:
    """When somebody withdrew does not change any more."""
    once = SUPPORT.withdraw(NOW)

    assert once.withdraw(NOW + DAY) == once


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purposes": frozenset()}, "at least one"),
        ({"recipients": frozenset()}, "at least one"),
        ({"purposes": {Purpose.SUPPORT, Purpose.INVESTIGATION}}, "investigation"),
        ({"recipients": {Role.NGO, Role.LAW_ENFORCEMENT}}, "law enforcement"),
        ({"recipients": {Role.OVERSIGHT}}, "oversight"),
        ({"lane": Lane.NETWORK}, "survivor lane"),
        ({"expires": NOW}, "expires after"),
        ({"expires": NOW + 6 * 366 * DAY}, "within five years"),
        ({"given": datetime(2026, 3, 1)}, "time zone"),
        ({"withdrawn": datetime(2026, 3, 1)}, "time zone"),
        ({"basis": ""}, "short code"),
        ({"basis": "She said yes on the phone"}, "short code"),
        ({"evidence_sha256": bytes(31)}, "SHA-256"),
    ],
)
def test_what_is_no_consent(changes: dict[str, Any], reason: str) -> None:
    """A consent that would mislead, or never end, is not even made."""
    with pytest.raises(InputError, match=reason):
        replace(SUPPORT, **changes)


def test_it_cannot_be_changed_from_outside() -> None:
    """Who keeps the set that a consent was made from does not widen the consent with it."""
    purposes = {Purpose.SUPPORT}
    consent = replace(SUPPORT, purposes=purposes)

    purposes.add(Purpose.NETWORK)

    with pytest.raises(PolicyError):
        consent.covers(Purpose.NETWORK, Role.NGO, NOW)

# SPDX-License-Identifier: Apache-2.0
"""Survivors' consents: recorded, replaced, withdrawn, run out, and told by a source."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from federation.agreements import Consent, ConsentState, Purpose
from federation.audit import OPERATOR, Event, StaffRole
from federation.charter import Role
from federation.errors import InputError, OpenError, PolicyError
from federation.indicators import Case, Kind, Subject
from federation.member import ImportedConsent
from federation.testing import Federation
from tests.member.support import federation, phones

SURVIVORS = {"prefix": "S", "subject": Subject.SURVIVOR}


def consent(at: datetime, **changes: Any) -> Consent:
    """Return a consent to support by hotlines, for a year from now."""
    fields: dict[str, Any] = {
        "purposes": frozenset({Purpose.SUPPORT}),
        "recipients": frozenset({Role.HOTLINE}),
        "given": at.replace(microsecond=0),
        "expires": at.replace(microsecond=0) + timedelta(days=365),
        "basis": "intake-form-3",
    }
    return Consent(**(fields | changes))


def record(fed: Federation, case: str = "S-1", **changes: Any) -> None:
    """Record a consent for a case of hope."""
    fed["hope"].consents.record(case, consent(fed.clock(), **changes), source="api")


def statuses(fed: Federation) -> dict[str, tuple[str, str]]:
    """Return status and reason of each observation of hope, by case."""
    with fed.seats["hope"].store.read() as tx:
        cases = tx.cases.list()
    return {one.id: (seen.status.value, seen.reason) for one in cases for seen in one.observations}


def events(fed: Federation) -> list[Event]:
    """Return what hope's record says about consents."""
    with fed.seats["hope"].store.read() as tx:
        entries = tx.audit.entries(0, 10_000)
    return [one.record.event for one in entries if "consent" in one.record.event.value]


def test_a_survivor_waits_for_consent_of_the_own_case() -> None:
    """A consent opens its case, and no other one."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1, 2], **SURVIVORS))
        record(fed)

        assert {"S-1": ("pending", ""), "S-2": ("waiting-consent", "")} == statuses(fed)
        assert [Event.CONSENT_GIVEN] == events(fed)


def test_what_comes_later_into_a_case_with_consent_is_let_in() -> None:
    """More numbers of the same survivor need no second consent."""
    with federation() as fed:
        fed["hope"].put_cases([Case("S-1")])
        record(fed)
        fed["hope"].put_cases(phones([1], **SURVIVORS))
        assert {"S-1": ("waiting-consent", "")} == statuses(fed)
        fed["hope"].consents.settle()

        assert {"S-1": ("pending", "")} == statuses(fed)


def test_what_cannot_be_compared_is_refused_with_its_reason() -> None:
    """A consent does not make a number of what is none, and screening has its say."""
    with federation() as fed:
        placeholder = Case("S-1").add(Kind.PHONE, "+1 202 555 0143", Subject.SURVIVOR)
        broken = Case("S-2").add(Kind.PHONE, "ask her sister", Subject.SURVIVOR)
        fed["hope"].put_cases([placeholder, broken])
        record(fed, "S-1")
        record(fed, "S-2")

        assert {"screened", "refused"} == {status for status, _ in statuses(fed).values()}
        assert all(reason for _, reason in statuses(fed).values())


def test_a_consent_begins_and_ends_by_itself() -> None:
    """From its first moment to its last, and not a second longer."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1], **SURVIVORS))
        at = fed.clock().replace(microsecond=0)
        record(fed, given=at + timedelta(hours=1), expires=at + timedelta(hours=2))
        fed["hope"].consents.settle()
        assert {"S-1": ("waiting-consent", "")} == statuses(fed)
        fed.clock.advance(hours=1)
        fed["hope"].consents.settle()
        assert {"S-1": ("pending", "")} == statuses(fed)
        fed.clock.advance(hours=1)
        fed["hope"].consents.settle()
        fed["hope"].consents.settle()

        assert {"S-1": ("waiting-consent", "")} == statuses(fed)
        assert [Event.CONSENT_GIVEN, Event.CONSENT_EXPIRED] == events(fed)


def test_a_withdrawal_works_at_once_and_only_a_later_consent_after_it() -> None:
    """Whoever withdrew is not overruled by an older paper."""
    with federation() as fed:
        hope = fed["hope"]
        fed["hope"].put_cases(phones([1], **SURVIVORS))
        record(fed)
        old = consent(fed.clock())
        fed.clock.advance(days=1)
        hope.consents.withdraw("S-1", source="api")
        assert {"S-1": ("waiting-consent", "")} == statuses(fed)
        with pytest.raises(InputError, match="withdrawn later"):
            hope.consents.record("S-1", old, source="api")
        with pytest.raises(InputError, match="no consent that could be withdrawn"):
            hope.consents.withdraw("S-1", source="api")
        fed.clock.advance(days=1)
        record(fed)

        assert {"S-1": ("pending", "")} == statuses(fed)
        states = [
            one.consent.state(fed.clock()) for one in hope.consents.history("S-1", source="api")
        ]
        assert [ConsentState.WITHDRAWN, ConsentState.VALID] == states


def test_a_consent_that_is_over_is_not_recorded() -> None:
    """It would only look as if there were one."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1], **SURVIVORS))
        at = fed.clock().replace(microsecond=0)
        with pytest.raises(InputError, match="over already"):
            record(fed, given=at - timedelta(days=2), expires=at)


def test_a_source_tells_of_consents() -> None:
    """The same again changes nothing; a no ends; an old yes does not come back."""
    with federation() as fed:
        hope = fed["hope"]
        hope.put_cases(phones([1, 2], **SURVIVORS))
        told = [ImportedConsent("S-1", consent(fed.clock())), ImportedConsent("gone", None)]

        assert (1, 0) == hope.consents.take(told, source="api")
        assert (0, 0) == hope.consents.take(told, source="api")
        fed.clock.advance(days=1)
        assert (0, 1) == hope.consents.take([ImportedConsent("S-1", None)], source="api")
        assert (0, 0) == hope.consents.take(told, source="api")
        assert {"waiting-consent"} == {status for status, _ in statuses(fed).values()}


def test_a_consent_goes_with_its_case() -> None:
    """Nothing is left of it when the case is forgotten."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1], **SURVIVORS))
        record(fed)
        fed["hope"].forget("S-1")

        assert [] == fed["hope"].consents.list()


def test_who_may_not_changes_nothing() -> None:
    """A technician sees to the machine, and records nobody's consent."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1], **SURVIVORS))
        technician = fed.person("hope", "tess")
        reviewer = fed.person("hope", "rita", StaffRole.REVIEWER)
        told = consent(fed.clock())
        for who in (technician, OPERATOR, reviewer):
            with pytest.raises(PolicyError):
                fed["hope"].consents.record("S-1", told, source="api", by=who)
        with pytest.raises(PolicyError):
            fed["hope"].consents.withdraw("S-1", source="api", by=technician)

        assert [] == fed["hope"].consents.list()


def test_another_rows_content_is_not_taken_for_a_consent() -> None:
    """Who can write to the database cannot give one case the consent of another."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1, 2], **SURVIVORS))
        record(fed, "S-1")
        record(fed, "S-2", recipients=frozenset({Role.NGO}))
        with fed.seats["hope"].store.write() as tx:
            connection = tx.consents._session.connection()
            rows = connection.exec_driver_sql("SELECT content FROM consents ORDER BY number")
            first, second = [row[0] for row in rows]
            for number, content in ((1, second), (2, first)):
                change = "UPDATE consents SET content = ? WHERE number = ?"
                connection.exec_driver_sql(change, (content, number))
        with pytest.raises(OpenError):
            fed["hope"].consents.list()

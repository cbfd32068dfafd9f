# SPDX-License-Identifier: Apache-2.0
"""Survivors' consents: recorded, withdrawn, and followed when they begin and end.

Only while a consent holds is anything about a survivor compared. What it covers is asked
again at each act (`federation.member.standing`); here its beginning and its end are followed.
"""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation.agreements import Consent, ConsentState
from federation.audit import NODE, OPERATOR, Actor, Count, Event
from federation.errors import InputError
from federation.indicators import Indicator, Lane, Screen
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.naming import named_case
from federation.member.retracting import withhold
from federation.member.roles import StaffAction, needs
from federation.member.screening import judge
from federation.member.standing import Standing
from federation.storage import ObservationStatus, Owed, StatusChange, StoredConsent, Tx
from federation.storage.registry import chunks

__all__ = ["CaseConsent", "Consents", "ImportedConsent"]

_RECORDS: Final = needs(StaffAction.CONSENT_RECORD)
_WITHDRAWS: Final = needs(StaffAction.CONSENT_WITHDRAW)
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class CaseConsent:
    """A consent with its case."""

    source: str
    case: str
    stored: StoredConsent


@dataclass(frozen=True, slots=True, repr=False)
class ImportedConsent:
    """What a source says about the consent of one of its cases."""

    case: str
    consent: Consent | None
    """None says that there is none (any more): one that holds ends."""


class Consents:
    """What is done about consents."""

    def __init__(self, core: Core, standing: Standing) -> None:
        self._core = core
        self._standing = standing

    def record(
        self, case_id: str, consent: Consent, *, source: str, by: Actor = OPERATOR
    ) -> StoredConsent:
        """Record what a survivor allowed; it counts in place of what was recorded before.

        Args:
            case_id: The own case.
            consent: What was allowed.
            source: Of the case.
            by: Who records it.

        Raises:
            InputError: There is no such case; or the consent is over, or not newer than the
                withdrawal of the one before.
            PolicyError: Who records it may not.
        """
        with deed(self._core, by, *_RECORDS) as done:
            case = _require_case(done.tx, case_id, source)
            return self._record(done, case, named=(source, case_id), consent=consent)

    def take(
        self, told: Iterable[ImportedConsent], *, source: str, by: Actor = OPERATOR
    ) -> tuple[int, int]:
        """Take over what a source says about consents; the same again changes nothing.

        What was withdrawn stays withdrawn until the source tells of a later consent.

        Args:
            told: What it says, by case; a case that is not here is passed over.
            source: The source.
            by: Who brings it.

        Returns:
            How many consents were recorded, and how many ended.
        """
        recorded = ended = 0
        for some in chunks(told, _AT_ONCE):
            with deed(self._core, by, *_RECORDS, optional=True) as done:
                for one in some:
                    change = self._take(done, one, source)
                    recorded += change > 0
                    ended += change < 0
        if ended:
            self._core.scrub(due=True)
        return recorded, ended

    def _take(self, done: Deed, told: ImportedConsent, source: str) -> int:
        """Take one over; 1 if it was recorded, -1 if it ended, 0 if nothing changed."""
        case = done.tx.consents.case_of(told.case, source)
        if case is None:
            return 0
        current, named = done.tx.consents.current(case), (source, told.case)
        if told.consent is not None:
            if not _says_more(current, told.consent, done.at):
                return 0
            self._record(done, case, named=named, consent=told.consent)
            return 1
        if current is None or not current.counts:
            return 0
        self._withdraw(done, current, named=named)
        return -1

    def withdraw(self, case_id: str, *, source: str, by: Actor = OPERATOR) -> StoredConsent:
        """End a consent at once, and everything that it allowed.

        Args:
            case_id: The own case.
            source: Of the case.
            by: Who records the withdrawal.

        Raises:
            InputError: There is no such case, or it has no consent that could be withdrawn.
            PolicyError: Who records it may not.
        """
        with deed(self._core, by, *_WITHDRAWS) as done:
            case = _require_case(done.tx, case_id, source)
            current = done.tx.consents.current(case)
            if current is None or current.consent.withdrawn is not None:
                raise InputError(
                    "the case has no consent that could be withdrawn",
                    next_step="see 'casethread consent show'",
                )
            self._withdraw(done, current, named=(source, case_id))
            found = done.tx.consents.current(case)
            assert found is not None
        self._core.scrub(due=True)
        return found

    def history(self, case_id: str, *, source: str) -> builtins.list[StoredConsent]:
        """Return every consent of a case, the oldest first.

        Raises:
            InputError: There is no such case.
        """
        with self._core.store.read() as tx:
            return tx.consents.history(_require_case(tx, case_id, source))

    def told(self, case_id: str, *, source: str) -> builtins.list[Owed]:
        """Return which partners were told that matches of a case ended, the first at the top.

        Raises:
            InputError: There is no such case.
        """
        with self._core.store.read() as tx:
            return tx.retractions.owed(_require_case(tx, case_id, source))

    def list(self) -> builtins.list[CaseConsent]:
        """Return the last consent of each case that has one, in the order of their end."""
        with self._core.store.read() as tx:
            found = tx.consents.list()
            names = tx.consents.names(one.case for one in found)
        return [CaseConsent(*names[one.case], one) for one in found]

    def settle(self) -> None:
        """Follow what time has done: let in what may be compared now, take out what may not."""
        while self._end_some():
            self._core.scrub(due=True)
        while self._open_some():
            pass

    def _end_some(self) -> bool:
        """Follow consents that are over; False when there are none (any more)."""
        with self._core.store.read() as tx:
            if not tx.consents.over(self._core.clock(), 1):
                return False
        with deed(self._core, NODE, optional=True) as done:
            over = done.tx.consents.over(done.at, _AT_ONCE)
            names = done.tx.consents.names(one.case for one in over)
            for one in over:
                done.tx.consents.end(one.number, done.at)
                self._close(done, one.case)
                done.record(
                    Event.CONSENT_EXPIRED,
                    lane=Lane.SURVIVOR,
                    counts={Count.VERSION: one.version},
                    named=(named_case(*names[one.case]),),
                )
        return bool(over)

    def _open_some(self) -> bool:
        with self._core.store.read() as tx:
            if not tx.consents.unopened(self._core.clock(), 1):
                return False
        with self._core.store.write() as tx:
            at = self._core.clock()
            some = tx.consents.unopened(at, _AT_ONCE)
            for one in some:
                _let_in(tx, one, self._core.screen(), at)
        return bool(some)

    def _record(
        self, done: Deed, case: bytes, *, named: tuple[str, str], consent: Consent
    ) -> StoredConsent:
        tx, at = done.tx, done.at
        history = tx.consents.history(case)
        withdrawn = [one.consent.withdrawn for one in history if one.consent.withdrawn is not None]
        if consent.withdrawn is not None or consent.state(at) is ConsentState.EXPIRED:
            raise InputError(
                "this consent is over already", next_step="ask the person for a new one"
            )
        if withdrawn and consent.given <= max(withdrawn):
            raise InputError(
                "a consent was withdrawn later than this one was given",
                next_step="only a consent that was given after the withdrawal counts",
            )
        before = history[-1] if history else None
        stored = tx.consents.put(case, consent, done.by.id, at)
        if before is not None and before.counts and not _covers(consent, before.consent, at):
            # Something that was allowed is not any more: all of it is taken back, and what is
            # still allowed is made and sent anew.
            self._close(done, case)
        # What an earlier one did not cover was passed over; it is looked at again.
        tx.tokens.arrive_anew(tx.consents.observations(case))
        _let_in(tx, stored, self._core.screen(), at)
        done.record(
            Event.CONSENT_GIVEN,
            lane=Lane.SURVIVOR,
            counts={Count.VERSION: stored.version},
            named=(named_case(*named),),
        )
        return stored

    def _withdraw(self, done: Deed, current: StoredConsent, *, named: tuple[str, str]) -> None:
        done.tx.consents.withdraw(current.number, done.at)
        self._close(done, current.case)
        done.record(
            Event.CONSENT_WITHDRAWN,
            lane=Lane.SURVIVOR,
            counts={Count.VERSION: current.version},
            named=(named_case(*named),),
        )

    def _close(self, done: Deed, case: bytes) -> None:
        """Take what was observed about the survivor of a case out of the comparison."""
        tx = done.tx
        observations = tx.consents.observations(case)
        tokens = tx.tokens.of(observations)
        tx.tokens.remove(observations)
        tx.consents.hold(observations)
        # Another case of the same survivor may allow less.
        withhold(self._standing, tx, {*tx.tokens.plain(tokens)})


def _require_case(tx: Tx, case_id: str, source: str) -> bytes:
    case = tx.consents.case_of(case_id, source)
    if case is None:
        raise InputError("there is no such case", next_step="see 'casethread case list'")
    return case


def _let_in(tx: Tx, stored: StoredConsent, screen: Screen, at: datetime) -> None:
    """Let what waits for a consent be compared, as far as screening allows, if it holds now."""
    if stored.consent.state(at) is not ConsentState.VALID:
        return
    waiting = tx.consents.waiting(stored.case)
    marks = {
        seen.uuid: tx.screening.mark(seen.value) for seen, _ in waiting if seen.value is not None
    }
    decisions = tx.decisions.about(marks.values())
    changes = []
    for seen, reason in waiting:
        standing = ObservationStatus.REFUSED, reason
        if seen.value is not None and seen.version is not None:
            indicator = Indicator(seen.kind, seen.value, seen.version)
            standing = judge(screen, indicator, decisions.get(marks[seen.uuid]))
        changes.append(StatusChange(seen.uuid, *standing, seen.value, seen.version))
    tx.cases.set_statuses(changes)
    tx.consents.open(stored.number, at)


def _covers(new: Consent, old: Consent, at: datetime) -> bool:
    """Whether a consent allows now at least what another one allows."""
    return (
        new.state(at) is ConsentState.VALID
        and new.purposes >= old.purposes
        and new.recipients >= old.recipients
    )


def _says_more(current: StoredConsent | None, told: Consent, at: datetime) -> bool:
    """Whether a source tells of a consent that counts and is not recorded yet."""
    if told.state(at) is ConsentState.EXPIRED:
        return False
    if current is None:
        return True
    known = current.consent
    if known.withdrawn is not None:
        return told.given > known.withdrawn
    return told != known

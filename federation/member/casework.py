# SPDX-License-Identifier: Apache-2.0
"""The organisation's own cases, and the matches that were found on them."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from federation.audit import OPERATOR, Actor, Count, Event
from federation.errors import CasethreadError, MembershipError, NormalisationError
from federation.indicators import (
    NORMALISATION_VERSION,
    Case,
    Kind,
    Lane,
    Subject,
    Verdict,
    normalise,
)
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.naming import named_case, named_match
from federation.member.roles import StaffAction, needs
from federation.storage import (
    NotTokenised,
    ObservationStatus,
    StatusChange,
    StoredObservation,
    Tx,
)
from federation.storage.matches import MatchStatus, StoredMatch

__all__ = ["KNOWN_SURVIVOR", "Casework", "ImportResult", "Match", "rows_of", "without_weaker"]

KNOWN_SURVIVOR: Final = "known-as-survivor"
"""Reason: the value belongs to a survivor of a case here, so it is in no network lane."""

_BATCH: Final = 200
_CANNOT: Final = "not-normalisable"
_BRINGS: Final = (*needs(StaffAction.CASE_IMPORT), *needs(StaffAction.PROGRAM_PUT_CASES))
"""Who may bring cases."""
_FORGETS: Final = (*needs(StaffAction.CASE_FORGET), *needs(StaffAction.PROGRAM_DELETE_CASE))


@dataclass(slots=True)
class ImportResult:
    """What taking in cases did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    observations_added: int = 0
    observations_removed: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A member holds what one of the own cases holds too. A question, not an answer."""

    id: str
    """UUID of the match, here."""
    case: str
    """The own case."""
    source: str
    field: str
    """Where it stands in the own case."""
    kind: Kind
    subject: Subject
    lane: Lane
    member: str
    """Who holds it too."""
    status: MatchStatus
    reason: str
    found: datetime
    weak: bool
    """Only a namesake or a place nearby, as far as the two nodes can tell."""
    agreement: bytes = dataclasses.field(repr=False)
    """Under which it was found."""

    @property
    def proven(self) -> bool:
        """Whether both sides have proved it."""
        return self.status is MatchStatus.PROVEN


class Casework:
    """Cases in, matches out."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def put(
        self,
        cases: Iterable[Case],
        *,
        source: str,
        run: str = "",
        keep: bool = False,
        by: Actor = OPERATOR,
    ) -> ImportResult:
        """Take in cases, normalise and screen what is new in them.

        Args:
            cases: Any number; they are taken in some hundreds a transaction.
            source: Where they come from; a case is keyed by source and id.
            run: Name of the import.
            keep: Keep what is replaced; ``run`` is the number of a begun import.
            by: Who brings them.

        Raises:
            PolicyError: Who brings them may not.
        """
        result = ImportResult()
        waiting: Iterator[Case] = iter(cases)
        batch, open_run, scrub = list(islice(waiting, _BATCH)), False, False
        while batch:
            open_run = len(batch) == _BATCH
            with deed(self._core, by, *_BRINGS) as done:
                added = 0
                for put in done.tx.cases.put_many(batch, source, done.at, run, keep=keep):
                    setattr(result, put.outcome.value, getattr(result, put.outcome.value) + 1)
                    result.observations_added += put.added
                    result.observations_removed += put.removed
                    added += put.added
                    scrub |= bool(put.removed)
                done.count(Event.CASES_PUT, {Count.CASES: len(batch), Count.OBSERVATIONS: added})
                if not open_run:
                    done.tx.audit.close_run(Event.CASES_PUT, done.at, actor=by.id)
                self.prepare(done.tx)
            batch = list(islice(waiting, _BATCH)) if open_run else []
        if open_run:
            with self._core.store.write() as tx:
                tx.audit.close_run(Event.CASES_PUT, self._core.clock(), actor=by.id)
        if scrub:
            self._core.store.scrub()
        return result

    def forget(self, case_id: str, *, source: str | None = None, by: Actor = OPERATOR) -> int:
        """Delete a case with its observations, tokens and matches.

        What the record refers to stays in it, and can be opened no more.

        Args:
            case_id: The own case id.
            source: From which source; all without.
            by: Who deletes it.

        Returns:
            How many cases were deleted.

        Raises:
            PolicyError: Who deletes it may not.
        """
        with deed(self._core, by, *_FORGETS) as done:
            tx = done.tx
            sources = [source] if source is not None else tx.cases.sources(case_id)
            matches = {match for one in sources for match in tx.cases.matches_of(case_id, one)}
            gone = sum(tx.cases.delete(case_id, one) for one in sources)
            for one in sources:
                tx.audit.forget(named_case(one, case_id))
            for match in matches:
                if tx.matches.get(match) is None:
                    tx.audit.forget(named_match(match))
            done.record(Event.CASE_ERASED, counts={Count.CASES: gone})
        self._core.store.scrub()
        return gone

    def not_tokenised(self) -> list[NotTokenised]:
        """Return every observation that takes no part in matching, and why."""
        with self._core.store.read() as tx:
            return tx.cases.not_tokenised()

    def matches(self, *, status: MatchStatus | None = MatchStatus.PROVEN) -> list[Match]:
        """Return one row per match and own observation.

        Args:
            status: Only matches that have come this far; all for None.
        """
        with self._core.store.read() as tx:
            rows = [row for stored in tx.matches.list(status) for row in rows_of(tx, stored)]
        return without_weaker(rows)

    def release(self, match: bytes, by: Actor = OPERATOR) -> None:
        """Let a held match go: its token goes into the next bucket for that partner.

        Args:
            match: Its UUID.
            by: Who releases it.

        Raises:
            MembershipError: There is no such match, or it is not held.
            PolicyError: Who releases it may not.
        """
        with deed(self._core, by, *needs(StaffAction.MATCH_RELEASE)) as done:
            tx = done.tx
            stored = tx.matches.get(match)
            if stored is None or stored.status is not MatchStatus.HELD:
                raise MembershipError(
                    "there is no held match with this id",
                    next_step="run 'casethread match list --status held'",
                )
            tx.matches.set_status(match, MatchStatus.RELEASED, done.at)
            done.record(
                Event.MATCH_RELEASED,
                member=stored.partner,
                agreement=stored.agreement,
                lane=Lane(stored.lane),
                named=(named_match(match),),
            )

    def prepare(self, tx: Tx) -> None:
        """Normalise and screen what came in; what stays out stays visible with its reason."""
        seen = tx.cases.unprepared()
        changes = [self._judge(one) for one in seen]
        tx.cases.set_statuses(changes)
        tx.cases.withhold_survivors([one.uuid for one in seen], reason=KNOWN_SURVIVOR)

    def _judge(self, seen: StoredObservation) -> StatusChange:
        version = NORMALISATION_VERSION
        waits = seen.subject.lane is Lane.SURVIVOR
        try:
            indicator = normalise(seen.kind, seen.raw, region=seen.region)
        except NormalisationError as error:
            status = ObservationStatus.WAITING_CONSENT if waits else ObservationStatus.REFUSED
            return StatusChange(seen.uuid, status, error.reason, None, version)
        except CasethreadError:
            return StatusChange(seen.uuid, ObservationStatus.REFUSED, _CANNOT, None, version)
        if waits:
            status = ObservationStatus.WAITING_CONSENT
            return StatusChange(seen.uuid, status, "", indicator.value, version)
        screening = self._core.screen.check(indicator)
        if screening.verdict is not Verdict.PASS:
            status = ObservationStatus.SCREENED
            return StatusChange(seen.uuid, status, screening.reason.value, indicator.value, version)
        status = ObservationStatus.PENDING
        return StatusChange(seen.uuid, status, "", indicator.value, version)


def without_weaker(rows: Sequence[Match]) -> list[Match]:
    """Leave out weak matches where the same observation has a certain one with the same member.

    Two that agree on the number of an office agree on its name as well: say it once.
    """
    certain = {_about(row) for row in rows if not row.weak}
    return [row for row in rows if not row.weak or _about(row) not in certain]


def _about(row: Match) -> tuple[str, str, str, Kind, str]:
    return row.source, row.case, row.field, row.kind, row.member


def rows_of(tx: Tx, stored: StoredMatch) -> list[Match]:
    """Return one row for each own observation that a match is about."""
    return [
        Match(
            id=stored.uuid.hex(),
            case=use.case_id,
            source=use.source,
            field=use.field,
            kind=use.kind,
            subject=use.subject,
            lane=Lane(stored.lane),
            member=stored.partner,
            status=stored.status,
            reason=stored.reason,
            agreement=stored.agreement,
            found=stored.found,
            weak=use.weak,
        )
        for use in tx.tokens.observations_of(stored.token)
    ]

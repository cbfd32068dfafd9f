# SPDX-License-Identifier: Apache-2.0
"""The organisation's own cases, and the matches that were found on them."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from federation.agreements import Action
from federation.audit import OPERATOR, Actor, Count, Event
from federation.errors import MembershipError, PolicyError
from federation.indicators import (
    NORMALISATION_VERSION,
    Assessment,
    Case,
    Indicator,
    Kind,
    Lane,
    Screen,
    Subject,
    assess,
    check_table,
)
from federation.indicators.assessment import CANNOT
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.naming import named_case, named_match
from federation.member.roles import StaffAction, needs
from federation.member.screening import KNOWN_SURVIVOR, judge
from federation.member.standing import Standing
from federation.storage import (
    Decision,
    Ground,
    NotTokenised,
    ObservationStatus,
    StatusChange,
    StoredObservation,
    Tx,
    Verdict,
)
from federation.storage.case_batch import CaseBatch, Unknown, cut
from federation.storage.matches import MatchStatus, StoredMatch
from federation.tokens import Compute, InProcess

__all__ = ["Casework", "ImportResult", "Match", "rows_of", "without_weaker"]

_BRINGS: Final = (*needs(StaffAction.CASE_IMPORT), *needs(StaffAction.PROGRAM_PUT_CASES))
"""Who may bring cases."""
_FORGETS: Final = (*needs(StaffAction.CASE_FORGET), *needs(StaffAction.PROGRAM_DELETE_CASE))

Seen = StoredObservation | Unknown
"""An observation that came in: stored already, or on its way."""


@dataclass(slots=True)
class ImportResult:
    """What taking in cases did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    observations_added: int = 0
    observations_removed: int = 0
    left_out: Counter[tuple[ObservationStatus, str]] = field(default_factory=Counter)
    """How many observations the cases brought that take no part in matching, by status and
    reason."""


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
    verdict: Verdict | None = None
    """What a person decided about it; None for nothing yet."""
    ground: Ground | None = None
    """Why."""
    mark: str = dataclasses.field(default="", compare=False)
    """Names the own case without saying which it is: 32 hex digits."""

    @property
    def proven(self) -> bool:
        """Whether both sides have proved it."""
        return self.status is MatchStatus.PROVEN


class Casework:
    """Cases in, matches out."""

    def __init__(self, core: Core, standing: Standing) -> None:
        self._core = core
        self._standing = standing

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
            cases: Any number; they are taken in batches, a transaction each.
            source: Where they come from; a case is keyed by source and id.
            run: Name of the import.
            keep: Keep what is replaced; ``run`` is the number of a begun import.
            by: Who brings them.

        Raises:
            PolicyError: Who brings them may not.
        """
        result = ImportResult()
        check_table()
        scrub = False
        for batch, assessing, is_last in self._assessed_ahead(cases, source):
            assessed = assessing()
            with deed(self._core, by, *_BRINGS) as done:
                marks = _marks(done.tx, assessed)
                changes = self._judge(done.tx, batch.unknown, assessed, marks)
                keys = (one.fingerprint for one in batch.unknown)
                judged = dict(zip(keys, changes, strict=True))
                added = 0
                for put in done.tx.cases.put_batch(batch, done.at, run, keep=keep, judged=judged):
                    setattr(result, put.outcome.value, getattr(result, put.outcome.value) + 1)
                    result.observations_added += put.added
                    result.observations_removed += put.removed
                    added += put.added
                    scrub |= bool(put.removed)
                done.count(
                    Event.CASES_PUT,
                    {Count.CASES: len(batch.cases), Count.OBSERVATIONS: added},
                )
                if is_last:
                    done.tx.audit.close_run(Event.CASES_PUT, done.at, actor=by.id)
                result.left_out += _withhold(done.tx, batch.unknown, changes, marks)
                # What another writer made new again meanwhile.
                result.left_out += self.prepare(done.tx)
        if scrub:
            self._core.scrub(due=True)
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
            for forget in self._core.on_erase:
                forget(tx, matches)
            gone = sum(tx.cases.delete(case_id, one) for one in sources)
            for one in sources:
                tx.audit.forget(named_case(one, case_id))
                tx.verdicts.forget(case_id, one)
                tx.restrictions.lift(case_id, one)
            for match in matches:
                if tx.matches.get(match) is None:
                    tx.audit.forget(named_match(match))
            done.record(Event.CASE_ERASED, counts={Count.CASES: gone})
        self._core.scrub(due=True)
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
            decided = {one and one.verdict for _, one in tx.verdicts.of_match(match)}
            if decided == {Verdict.REJECTED}:
                raise MembershipError(
                    "this match was rejected",
                    next_step="undo that first: 'casethread match undo MATCH'",
                )
            if stored.lane == Lane.SURVIVOR:
                self._require_consent(tx, stored)
            tx.matches.set_status(match, MatchStatus.RELEASED, done.at)
            done.record(
                Event.MATCH_RELEASED,
                member=stored.partner,
                agreement=stored.agreement,
                lane=Lane(stored.lane),
                named=(named_match(match),),
            )

    def _require_consent(self, tx: Tx, stored: StoredMatch) -> None:
        """Refuse to release a match that no consent covers now."""
        live = self._standing.live(stored.agreement, tx)
        if live is None or not self._standing.allowed(
            tx, live, stored.partner, [stored.token], Action.RELEASE
        ):
            raise PolicyError(
                "no consent covers this match now, or its agreement is over",
                next_step="see 'casethread consent show' for the case",
            )

    def prepare(self, tx: Tx) -> Counter[tuple[ObservationStatus, str]]:
        """Normalise and screen what came in; what stays out stays visible with its reason.

        Returns:
            How many observations stay out, by status and reason.

        Raises:
            ConfigurationError: The lists cannot be read, or names would be spelled otherwise
                than the rules say.
        """
        check_table()
        seen = tx.cases.unprepared()
        assessed = [assess((one.kind, one.raw, one.region)) for one in seen]
        marks = _marks(tx, assessed)
        changes = self._judge(tx, seen, assessed, marks)
        tx.cases.set_statuses(changes)
        return _withhold(tx, seen, changes, marks)

    def _assessed_ahead(
        self, cases: Iterable[Case], source: str
    ) -> Iterator[tuple[CaseBatch, Callable[[], list[Assessment]], bool]]:
        """Look cases up batch by batch; the next one is assessed while one is stored.

        Yields:
            Batch, its assessments once they are wanted, and whether it is the last.
        """
        waiting: tuple[CaseBatch, Callable[[], list[Assessment]]] | None = None
        for some in cut(cases):
            with self._core.store.read() as tx:
                batch = tx.cases.look_up(some, source, self._core.clock())
            if waiting is None:
                # Few cases are done here before a worker would have started.
                waiting = batch, partial(_assess_batch, batch, InProcess())
                continue
            coming = self._core.compute.ahead(partial(_assess_batch, batch, self._core.compute))
            yield *waiting, False
            waiting = batch, coming
        if waiting is not None:
            yield *waiting, True

    def _judge(
        self,
        tx: Tx,
        seen: Sequence[Seen],
        assessed: Sequence[Assessment],
        marks: Sequence[bytes | None],
    ) -> list[StatusChange]:
        """Say how far observations get, by the lists and the decisions of this moment."""
        screen = self._core.screen()
        decisions = tx.decisions.about({mark for mark in marks if mark is not None})
        return [
            _change(screen, one, found, None if mark is None else decisions.get(mark))
            for one, found, mark in zip(seen, assessed, marks, strict=True)
        ]


def _marks(tx: Tx, assessed: Sequence[Assessment]) -> list[bytes | None]:
    """Return what each normal form is found by; None where there is none."""
    return [None if found.value is None else tx.screening.mark(found.value) for found in assessed]


def _assess_batch(batch: CaseBatch, compute: Compute) -> list[Assessment]:
    return [*compute.assess([(one.kind, one.raw, one.region) for one in batch.unknown])]


def _change(
    screen: Screen, seen: Seen, found: Assessment, decision: Decision | None
) -> StatusChange:
    """Say how far an observation that came in gets."""
    version = NORMALISATION_VERSION
    consent_first = seen.subject.lane is Lane.SURVIVOR
    if found.value is None:
        waits = consent_first and found.reason != CANNOT
        status = ObservationStatus.WAITING_CONSENT if waits else ObservationStatus.REFUSED
        return StatusChange(seen.uuid, status, found.reason, None, version)
    if consent_first:
        status = ObservationStatus.WAITING_CONSENT
        return StatusChange(seen.uuid, status, "", found.value, version)
    indicator = Indicator(seen.kind, found.value)
    status, reason = judge(screen, indicator, decision, found=found.screening)
    return StatusChange(seen.uuid, status, reason, found.value, version)


def _withhold(
    tx: Tx,
    seen: Sequence[Seen],
    changes: Sequence[StatusChange],
    marks: Sequence[bytes | None],
) -> Counter[tuple[ObservationStatus, str]]:
    """Hold back what is a survivor's; returns what stays out of what came in, for any reason."""
    told: dict[bytes, bool] = {}
    for one, mark in zip(seen, marks, strict=True):
        if mark is not None:
            told[mark] = told.get(mark, False) or one.subject.lane is Lane.SURVIVOR
    withheld = tx.screening.withhold_survivors(told, reason=KNOWN_SURVIVOR)
    left_out: Counter[tuple[ObservationStatus, str]] = Counter(
        (change.status, change.reason)
        for change in changes
        if change.status is not ObservationStatus.PENDING and change.uuid not in withheld
    )
    if withheld:
        left_out[ObservationStatus.WAITING_DECISION, KNOWN_SURVIVOR] += len(withheld)
    return left_out


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
    decided = {one.observation: verdict for one, verdict in tx.verdicts.of_match(stored.uuid)}
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
            verdict=None if (found := decided[use.fingerprint]) is None else found.verdict,
            ground=None if found is None else found.ground,
            mark=use.handle.hex(),
        )
        for use in tx.tokens.observations_of(stored.token)
    ]

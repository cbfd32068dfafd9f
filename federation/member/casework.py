# SPDX-License-Identifier: Apache-2.0
"""The organisation's own cases, and the matches that were found on them."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from federation.errors import MembershipError
from federation.indicators import (
    NORMALISATION_VERSION,
    Assessment,
    Case,
    Indicator,
    Kind,
    Lane,
    Subject,
    Verdict,
    assess,
)
from federation.member.core import Core
from federation.storage import NotTokenised, ObservationStatus, StatusChange, Tx
from federation.storage.case_batch import CaseBatch, cut
from federation.storage.matches import MatchStatus, StoredMatch
from federation.tokens import Compute, InProcess

__all__ = ["KNOWN_SURVIVOR", "Casework", "ImportResult", "Match", "rows_of", "without_weaker"]

KNOWN_SURVIVOR: Final = "known-as-survivor"
"""Reason: the value belongs to a survivor of a case here, so it is in no network lane."""

Judged = Mapping[bytes, StatusChange]
"""How far the unknown observations of a batch are, by fingerprint."""


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
        self, cases: Iterable[Case], *, source: str, run: str = "", keep: bool = False
    ) -> ImportResult:
        """Take in cases, normalise and screen what is new in them.

        Args:
            cases: Any number; they are taken in batches, a transaction each.
            source: Where they come from; a case is keyed by source and id.
            run: Name of the import.
            keep: Keep what is replaced; ``run`` is the number of a begun import.
        """
        result = ImportResult()
        scrub = False
        for batch, judging in self._judged_ahead(cases, source):
            judged = judging()
            with self._core.store.write() as tx:
                at = self._core.clock()
                for put in tx.cases.put_batch(batch, at, run, keep=keep, judged=judged):
                    setattr(result, put.outcome.value, getattr(result, put.outcome.value) + 1)
                    result.observations_added += put.added
                    result.observations_removed += put.removed
                    scrub |= bool(put.removed)
                tx.cases.withhold_values(_comparable(judged.values()), reason=KNOWN_SURVIVOR)
                # What another writer made new again meanwhile.
                self.prepare(tx)
        if scrub:
            self._core.store.scrub()
        return result

    def forget(self, case_id: str, *, source: str | None = None) -> int:
        """Delete a case with its observations, tokens and matches.

        Args:
            case_id: The own case id.
            source: From which source; all without.

        Returns:
            How many cases were deleted.
        """
        with self._core.store.write() as tx:
            sources = [source] if source is not None else tx.cases.sources(case_id)
            gone = sum(tx.cases.delete(case_id, one) for one in sources)
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

    def release(self, match: bytes) -> None:
        """Let a held match go: its token goes into the next bucket for that partner.

        Raises:
            MembershipError: There is no such match, or it is not held.
        """
        with self._core.store.write() as tx:
            stored = tx.matches.get(match)
            if stored is None or stored.status is not MatchStatus.HELD:
                raise MembershipError(
                    "there is no held match with this id",
                    next_step="run 'casethread match list --status held'",
                )
            tx.matches.set_status(match, MatchStatus.RELEASED, self._core.clock())

    def prepare(self, tx: Tx) -> None:
        """Normalise and screen what came in; what stays out stays visible with its reason."""
        seen = tx.cases.unprepared()
        changes = [
            self._judge(one.uuid, one.kind, one.subject, assess((one.kind, one.raw, one.region)))
            for one in seen
        ]
        tx.cases.set_statuses(changes)
        tx.cases.withhold_survivors([one.uuid for one in seen], reason=KNOWN_SURVIVOR)

    def _judged_ahead(
        self, cases: Iterable[Case], source: str
    ) -> Iterator[tuple[CaseBatch, Callable[[], Judged]]]:
        """Look cases up batch by batch; the next one is judged while one is stored."""
        waiting: tuple[CaseBatch, Callable[[], Judged]] | None = None
        for some in cut(cases):
            with self._core.store.read() as tx:
                batch = tx.cases.look_up(some, source, self._core.clock())
            if waiting is None:
                # Few cases are done here before a worker would have started.
                waiting = batch, partial(self._judge_batch, batch, InProcess())
                continue
            coming = self._core.compute.ahead(partial(self._judge_batch, batch, self._core.compute))
            yield waiting
            waiting = batch, coming
        if waiting is not None:
            yield waiting

    def _judge_batch(self, batch: CaseBatch, compute: Compute) -> Judged:
        written = [(one.kind, one.raw, one.region) for one in batch.unknown]
        return {
            one.fingerprint: self._judge(one.uuid, one.kind, one.subject, assessed)
            for one, assessed in zip(batch.unknown, compute.assess(written), strict=True)
        }

    def _judge(
        self, uuid: bytes, kind: Kind, subject: Subject, assessed: Assessment
    ) -> StatusChange:
        waits = subject.lane is Lane.SURVIVOR
        status = ObservationStatus.WAITING_CONSENT if waits else ObservationStatus.PENDING
        reason = ""
        if assessed.value is None:
            status = status if waits else ObservationStatus.REFUSED
            reason = assessed.reason
        elif not waits:
            indicator = Indicator(kind, assessed.value)
            screening = self._core.screen.check(indicator, assessed.screening)
            if screening.verdict is not Verdict.PASS:
                status, reason = ObservationStatus.SCREENED, screening.reason.value
        return StatusChange(uuid, status, reason, assessed.value, NORMALISATION_VERSION)


def _comparable(judged: Iterable[StatusChange]) -> Iterator[str]:
    """Yield the normal forms that may be compared, now or once there is consent."""
    for one in judged:
        if one.value is not None and one.status is not ObservationStatus.SCREENED:
            yield one.value


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

# SPDX-License-Identifier: Apache-2.0
"""The organisation's own cases, and the matches that were found on them."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from federation.errors import CasethreadError, MembershipError, NormalisationError
from federation.indicators import (
    NORMALISATION_VERSION,
    Case,
    Indicator,
    Kind,
    Lane,
    Screen,
    Subject,
    check_table,
    normalise,
)
from federation.member.core import Core
from federation.member.screening import KNOWN_SURVIVOR, judge
from federation.storage import (
    Decision,
    NotTokenised,
    ObservationStatus,
    StatusChange,
    StoredObservation,
    Tx,
)
from federation.storage.matches import MatchStatus, StoredMatch

__all__ = ["Casework", "ImportResult", "Match", "rows_of", "without_weaker"]

_BATCH: Final = 200
_CANNOT: Final = "not-normalisable"


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
            cases: Any number; they are taken in some hundreds a transaction.
            source: Where they come from; a case is keyed by source and id.
            run: Name of the import.
            keep: Keep what is replaced; ``run`` is the number of a begun import.
        """
        result = ImportResult()
        waiting: Iterator[Case] = iter(cases)
        scrub = False
        while batch := list(islice(waiting, _BATCH)):
            with self._core.store.write() as tx:
                at = self._core.clock()
                for put in tx.cases.put_many(batch, source, at, run, keep=keep):
                    setattr(result, put.outcome.value, getattr(result, put.outcome.value) + 1)
                    result.observations_added += put.added
                    result.observations_removed += put.removed
                    scrub |= bool(put.removed)
                result.left_out += self.prepare(tx)
        if scrub:
            self._core.scrub(due=True)
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

    def prepare(self, tx: Tx) -> Counter[tuple[ObservationStatus, str]]:
        """Normalise and screen what came in; what stays out stays visible with its reason.

        Returns:
            How many observations stay out, by status and reason.

        Raises:
            ConfigurationError: The lists cannot be read, or names would be spelled otherwise
                than the rules say.
        """
        check_table()
        screen = self._core.screen()
        seen = {one.uuid: one for one in tx.cases.unprepared()}
        normal = {uuid: _normalised(one) for uuid, one in seen.items()}
        marks = {
            uuid: tx.screening.mark(found.value)
            for uuid, found in normal.items()
            if isinstance(found, Indicator)
        }
        decisions = tx.decisions.about(marks.values())
        changes = {
            uuid: _change(screen, one, normal[uuid], decisions.get(marks.get(uuid, b"")))
            for uuid, one in seen.items()
        }
        tx.cases.set_statuses(changes.values())
        withheld = tx.screening.withhold_survivors(list(seen), reason=KNOWN_SURVIVOR)
        left_out: Counter[tuple[ObservationStatus, str]] = Counter(
            (change.status, change.reason)
            for uuid, change in changes.items()
            if change.status is not ObservationStatus.PENDING and uuid not in withheld
        )
        if withheld:
            left_out[ObservationStatus.WAITING_DECISION, KNOWN_SURVIVOR] += len(withheld)
        return left_out


def _normalised(seen: StoredObservation) -> Indicator | str:
    """Return the normal form, or why there is none."""
    try:
        return normalise(seen.kind, seen.raw, region=seen.region)
    except NormalisationError as error:
        return error.reason
    except CasethreadError:
        return _CANNOT


def _change(
    screen: Screen, seen: StoredObservation, found: Indicator | str, decision: Decision | None
) -> StatusChange:
    """Say how far an observation that came in gets."""
    version = NORMALISATION_VERSION
    consent_first = seen.subject.lane is Lane.SURVIVOR
    if isinstance(found, str):
        waits = consent_first and found != _CANNOT
        status = ObservationStatus.WAITING_CONSENT if waits else ObservationStatus.REFUSED
        return StatusChange(seen.uuid, status, found, None, version)
    if consent_first:
        status = ObservationStatus.WAITING_CONSENT
        return StatusChange(seen.uuid, status, "", found.value, version)
    status, reason = judge(screen, found, decision)
    return StatusChange(seen.uuid, status, reason, found.value, version)


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

# SPDX-License-Identifier: Apache-2.0
"""What people decided about matches: right, wrong, or not yet clear."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.case_batch import case_handle
from federation.storage.changes import renumber_matches
from federation.storage.matches import MatchStatus, StoredMatch, match_of
from federation.storage.registry import chunks, put_row, run, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow, TokenRow
from federation.storage.tables_disclosure import MatchVerdictRow
from federation.storage.tables_exchange import MatchRow

__all__ = [
    "GROUNDS",
    "VERDICT_LIFETIME",
    "Ground",
    "Judged",
    "StoredVerdict",
    "Verdict",
    "VerdictsRepository",
]

VERDICT_LIFETIME: Final = timedelta(days=90)
"""How long a decision is kept about an observation that is not here any more."""

_VERDICTS: Final = table_of(MatchVerdictRow)
_MATCHES: Final = table_of(MatchRow)
_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_TOKENS: Final = table_of(TokenRow)
_LINKS: Final = table_of(TokenLinkRow)


class Verdict(StrEnum):
    """What a person decided about a match."""

    CONFIRMED = "confirmed"
    """It is the same person, business, thing or place."""
    REJECTED = "rejected"
    """It is not. A match that is found again stays rejected."""
    UNSURE = "unsure"
    """Somebody looked at it, and cannot say."""


class Ground(StrEnum):
    """Why. The list is closed: a person's own words do not belong here."""

    OWN_FILE = "own-file"
    """The own files say so."""
    PARTNER = "partner"
    """The other organisation says so."""
    PERSON = "person"
    """The person concerned says so."""
    SHARED = "shared"
    """Many people use it: an office, a hostel, a public telephone."""
    CHANGED_HANDS = "changed-hands"
    """It belonged to somebody else at that time."""
    NAMESAKE = "namesake"
    """It is only called alike, or only nearby."""
    RECORDED_WRONGLY = "recorded-wrongly"
    """It was written down wrongly here."""
    PLANTED = "planted"
    """Somebody put it there to mislead."""
    TOO_LITTLE = "too-little"
    """There is too little to go by."""


_OF_BOTH: Final = frozenset({Ground.OWN_FILE, Ground.PARTNER, Ground.PERSON})

GROUNDS: Final[Mapping[Verdict, frozenset[Ground]]] = MappingProxyType(
    {
        Verdict.CONFIRMED: _OF_BOTH,
        Verdict.REJECTED: frozenset(Ground) - {Ground.TOO_LITTLE},
        Verdict.UNSURE: frozenset({Ground.TOO_LITTLE, Ground.PARTNER}),
    }
)
"""Which grounds a decision can have."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An own observation that a match is about: what a decision is kept by."""

    case: bytes
    """UUID of the case."""
    handle: bytes
    """What the case is found by."""
    observation: bytes
    """Fingerprint."""
    weak: bool


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A decision that stands."""

    verdict: Verdict
    ground: Ground
    by: str
    decided: datetime


class VerdictsRepository:
    """Decisions on matches, by partner and own observation."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def of_match(self, match: bytes) -> list[tuple[Judged, StoredVerdict | None]]:
        """Return what a match is about, and what was decided about each.

        Args:
            match: Its UUID.
        """
        query = _about().where(_MATCHES.c.uuid == match)
        return [(_judged(row), _stored(row)) for row in self._session.execute(query)]

    def about(self, matches: Iterable[bytes]) -> list[tuple[bytes, bytes, StoredVerdict]]:
        """Return (match, case, decision) by UUIDs, of some matches.

        Args:
            matches: UUIDs.
        """
        found = []
        for part in chunks(matches):
            query = _about().where(_MATCHES.c.uuid.in_(part), _VERDICTS.c.verdict.is_not(None))
            for row in self._session.execute(query):
                stored = _stored(row)
                assert stored is not None  # asked for
                found.append((row.match, row.case, stored))
        return found

    def put(
        self,
        partner: str,
        judged: Iterable[Judged],
        verdict: Verdict,
        ground: Ground,
        by: str,
        at: datetime,
    ) -> None:
        """Remember a decision in place of an earlier one.

        Args:
            partner: Who holds it too.
            judged: About which own observations.
            verdict: What was decided.
            ground: Why.
            by: Who decided.
            at: Now.
        """
        what = {"verdict": verdict.value, "ground": ground.value, "by": by, "decided": at}
        for one in judged:
            name = {"partner": partner, "observation": one.observation, "weak": one.weak}
            put_row(self._session, _VERDICTS, {**name, "case": one.handle, **what, "gone": None})
            self._tell(partner, one)

    def delete(self, partner: str, judged: Iterable[Judged]) -> int:
        """Forget decisions; return how many there were."""
        gone = 0
        for one in judged:
            gone += run(
                self._session,
                delete(_VERDICTS).where(
                    _VERDICTS.c.partner == partner,
                    _VERDICTS.c.observation == one.observation,
                    _VERDICTS.c.weak == one.weak,
                ),
            )
            self._tell(partner, one)
        return gone

    def count_undecided(self) -> int:
        """Count the proven matches about which nobody has decided anything."""
        query = select(func.count()).select_from(_MATCHES).where(*_undecided())
        return self._session.scalar(query) or 0

    def undecided(self, skip: int, limit: int) -> list[StoredMatch]:
        """Return some proven matches about which nobody has decided, the last changed first.

        Args:
            skip: How many to pass over.
            limit: How many at most.
        """
        query = select(_MATCHES).where(*_undecided()).order_by(_MATCHES.c.change.desc())
        found = self._session.execute(query.offset(skip).limit(limit))
        return [match_of(row) for row in found]

    def forget(self, case_id: str, source: str) -> None:
        """Forget what was decided about an own case that is erased."""
        handle = case_handle(self._at_rest, source, case_id)
        self._session.execute(delete(_VERDICTS).where(_VERDICTS.c.case == handle))

    def prune(self, at: datetime) -> None:
        """Forget what was decided about observations that have been gone for long."""
        here = exists().where(_OBSERVATIONS.c.fingerprint == _VERDICTS.c.observation)
        back = update(_VERDICTS).where(_VERDICTS.c.gone.is_not(None), here)
        self._session.execute(back.values(gone=None))
        leave = update(_VERDICTS).where(_VERDICTS.c.gone.is_(None), ~here)
        self._session.execute(leave.values(gone=at))
        self._session.execute(delete(_VERDICTS).where(_VERDICTS.c.gone <= at - VERDICT_LIFETIME))

    def _tell(self, partner: str, judged: Judged) -> None:
        """Say that the matches changed that a decision is about."""
        query = (
            select(_MATCHES.c.uuid)
            .distinct()
            .join(_LINKS, _LINKS.c.token == _MATCHES.c.token)
            .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
            .where(
                _MATCHES.c.partner == partner,
                _OBSERVATIONS.c.case == judged.case,
                _OBSERVATIONS.c.fingerprint == judged.observation,
            )
        )
        renumber_matches(self._session, self._session.scalars(query).all())


def _undecided() -> tuple[ColumnElement[bool], ...]:
    decided = exists().where(
        _LINKS.c.token == _MATCHES.c.token,
        _TOKENS.c.id == _MATCHES.c.token,
        _OBSERVATIONS.c.uuid == _LINKS.c.observation,
        _VERDICTS.c.partner == _MATCHES.c.partner,
        _VERDICTS.c.observation == _OBSERVATIONS.c.fingerprint,
        _VERDICTS.c.weak == _TOKENS.c.weak,
    )
    return _MATCHES.c.status == MatchStatus.PROVEN.value, ~decided


def _about() -> Select[Any]:
    """Select each match with the own observations it is about, and the decision if there is one."""
    decided = and_(
        _VERDICTS.c.partner == _MATCHES.c.partner,
        _VERDICTS.c.observation == _OBSERVATIONS.c.fingerprint,
        _VERDICTS.c.weak == _TOKENS.c.weak,
    )
    return (
        select(
            _MATCHES.c.uuid.label("match"),
            _CASES.c.uuid.label("case"),
            _CASES.c.handle,
            _OBSERVATIONS.c.fingerprint,
            _TOKENS.c.weak,
            _VERDICTS.c.verdict,
            _VERDICTS.c.ground,
            _VERDICTS.c.by,
            _VERDICTS.c.decided,
        )
        .join_from(_MATCHES, _TOKENS, _TOKENS.c.id == _MATCHES.c.token)
        .join(_LINKS, _LINKS.c.token == _TOKENS.c.id)
        .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
        .join(_CASES, _CASES.c.uuid == _OBSERVATIONS.c.case)
        .outerjoin(_VERDICTS, decided)
        .order_by(_MATCHES.c.uuid, _CASES.c.handle, _OBSERVATIONS.c.fingerprint)
    )


def _judged(row: Row[Any]) -> Judged:
    return Judged(row.case, row.handle, row.fingerprint, bool(row.weak))


def _stored(row: Row[Any]) -> StoredVerdict | None:
    if row.verdict is None:
        return None
    return StoredVerdict(Verdict(row.verdict), Ground(row.ground), row.by, row.decided)

# SPDX-License-Identifier: Apache-2.0
"""Reads from the database what ties cases into threads. The network lane only."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from federation.indicators import Lane, Subject
from federation.matching.threads import Evidence, Meeting, ThreadRules, facts_of
from federation.storage.matches import MatchStatus
from federation.storage.registry import chunks, table_of
from federation.storage.tables_cases import ObservationRow, TokenLinkRow, TokenRow
from federation.storage.tables_exchange import MatchRow
from federation.storage.tables_threads import ThreadRulingRow

__all__ = ["EvidenceReader", "Link", "Spread"]

_NETWORK: Final = tuple(subject.value for subject in Subject if subject.lane is Lane.NETWORK)

_OBSERVATIONS = table_of(ObservationRow)
_TOKENS = table_of(TokenRow)
_LINKS = table_of(TokenLinkRow)
_MATCHES = table_of(MatchRow)
_RULINGS = table_of(ThreadRulingRow)

_LINKED: Final = _LINKS.join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
_IN_NETWORK: Final = _OBSERVATIONS.c.subject.in_(_NETWORK)


class Link(NamedTuple):
    """An observation of a case has a value."""

    case: bytes
    observation: bytes
    token: int
    weak: bool
    arrival: int


class Spread(NamedTuple):
    """How widely a value is known."""

    cases: int
    """Own cases that hold it."""
    first: int
    """Arrival of its oldest link."""
    entities: int
    """Other legal entities that hold it."""


class EvidenceReader:
    """Gathers evidence about more and more cases."""

    def __init__(
        self, session: Session, rules: ThreadRules, most_cases: int, entity_of: Callable[[str], str]
    ) -> None:
        """Begin with nothing.

        Args:
            session: A transaction.
            rules: When a value is too common.
            most_cases: That a value which is not weak may tie now.
            entity_of: Returns the legal entity of a member.
        """
        self.evidence = Evidence()
        self.spread: dict[int, Spread] = {}
        """Of every value that was met."""
        self._session = session
        self._rules = rules
        self._most_cases = most_cases
        self._entity_of = entity_of

    def load(self, cases: Iterable[bytes]) -> list[Link]:
        """Read what some cases hold, and who holds it too.

        Returns:
            The links of those that were not read before.
        """
        wanted = [case for case in cases if case not in self.evidence.held]
        links = [link for part in chunks(wanted) for link in self._links(part)]
        by_case: dict[bytes, list[tuple[bytes, int]]] = {case: [] for case in wanted}
        for link in links:
            by_case[link.case].append((link.observation, link.token))
        self.evidence.held.update((case, facts_of(found)) for case, found in by_case.items())
        self.evidence.weak.update(link.token for link in links if link.weak)
        self._judge({link.token for link in links})
        self._read_rulings(wanted)
        return links

    def judge(self, values: Sequence[int]) -> None:
        """Find out who holds some values, and which of them are too common."""
        query = select(_TOKENS.c.id).where(_TOKENS.c.weak)
        for part in chunks(values):
            self.evidence.weak.update(self._session.scalars(query.where(_TOKENS.c.id.in_(part))))
        self._judge(values)

    def holders(self, values: Iterable[int]) -> dict[int, list[bytes]]:
        """Return every own case that holds one of some values, by value, in order."""
        query = _linked(_LINKS.c.token, _OBSERVATIONS.c.case).distinct()
        found: dict[int, list[bytes]] = {}
        for part in chunks(values):
            for value, case in self._session.execute(query.where(_LINKS.c.token.in_(part))):
                found.setdefault(value, []).append(case)
        return {value: sorted(cases) for value, cases in found.items()}

    def first_holders(self, values: Iterable[int]) -> dict[int, bytes]:
        """Return the case that has had a value for longest, of values that were met."""
        query = _linked(_LINKS.c.token, _OBSERVATIONS.c.case)
        found: dict[int, bytes] = {}
        for part in chunks(values):
            arrivals = [self.spread[value].first for value in part]
            first = query.where(_LINKS.c.token.in_(part), _LINKS.c.arrival.in_(arrivals))
            found.update((value, case) for value, case in self._session.execute(first))
        return found

    def agreeing(self, cases: Iterable[bytes]) -> dict[bytes, list[bytes]]:
        """Return the cases by each match that is confirmed for one of some cases."""
        confirmed = self.evidence.confirmed
        matches = {match for case in cases for match in confirmed.get(case, {})}
        query = select(_RULINGS.c.match, _RULINGS.c.case).where(_RULINGS.c.confirmed)
        found: dict[bytes, list[bytes]] = {}
        for part in chunks(matches):
            for match, case in self._session.execute(query.where(_RULINGS.c.match.in_(part))):
                found.setdefault(match, []).append(case)
        return found

    def _links(self, cases: Sequence[bytes]) -> Iterator[Link]:
        query = _linked(
            _OBSERVATIONS.c.case,
            _LINKS.c.observation,
            _LINKS.c.token,
            _TOKENS.c.weak,
            _LINKS.c.arrival,
        ).join(_TOKENS, _TOKENS.c.id == _LINKS.c.token)
        rows = self._session.execute(query.where(_OBSERVATIONS.c.case.in_(cases)))
        return map(Link._make, rows)

    def _judge(self, values: Iterable[int]) -> None:
        fresh = [value for value in values if value not in self.spread]
        self._read_meetings(fresh)
        query = _linked(
            _LINKS.c.token,
            func.count(_OBSERVATIONS.c.case.distinct()),
            func.min(_LINKS.c.arrival),
        ).group_by(_LINKS.c.token)
        for part in chunks(fresh):
            counted = self._session.execute(query.where(_LINKS.c.token.in_(part)))
            for value, cases, first in counted:
                met = self.evidence.meetings.get(value, ())
                entities = len({self._entity_of(meeting.member) for meeting in met})
                self.spread[value] = Spread(cases, first, entities)
                most = self._rules.cases if value in self.evidence.weak else self._most_cases
                if cases > most or entities > self._rules.entities:
                    self.evidence.common.add(value)

    def _read_meetings(self, values: Sequence[int]) -> None:
        query = select(_MATCHES.c.token, _MATCHES.c.uuid, _MATCHES.c.partner).where(
            _MATCHES.c.status == MatchStatus.PROVEN.value, _MATCHES.c.lane == Lane.NETWORK.value
        )
        met: dict[int, list[Meeting]] = {}
        for part in chunks(values):
            for value, match, member in self._session.execute(
                query.where(_MATCHES.c.token.in_(part))
            ):
                met.setdefault(value, []).append(Meeting(match, member))
        self.evidence.meetings.update((value, tuple(found)) for value, found in met.items())

    def _read_rulings(self, cases: Sequence[bytes]) -> None:
        columns = (_RULINGS.c.match, _RULINGS.c.case, _RULINGS.c.confirmed, _MATCHES.c.token)
        query = select(*columns).join(_MATCHES, _MATCHES.c.uuid == _RULINGS.c.match)
        for part in chunks(cases):
            for match, case, confirmed, value in self._session.execute(
                query.where(
                    _RULINGS.c.case.in_(part), _MATCHES.c.status == MatchStatus.PROVEN.value
                )
            ):
                if not confirmed:
                    self.evidence.rejected.add((match, case))
                elif value in self.evidence.held[case]:
                    self.evidence.confirmed.setdefault(case, {})[match] = value


def _linked(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).select_from(_LINKED).where(_IN_NETWORK)

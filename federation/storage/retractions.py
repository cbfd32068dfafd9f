# SPDX-License-Identifier: Apache-2.0
"""Matches that ended: which partner may know of them, has to be told, and has been told.

What a partner may know is noted where tokens are removed, in the same transaction. It is told
by a letter; until its receipt is here, the same token is not compared with it again. What
partners take back is remembered with a number, so that nothing that was on its way before
counts after.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from federation.matching.tags import match_id
from federation.storage.agreements import AgreementsRepository
from federation.storage.atrest import TOKEN_BYTES, AtRest
from federation.storage.counters import WITHDRAWN, latest_number, take_numbers
from federation.storage.letters import LetterStatus
from federation.storage.registry import chunks, insert_new, put_row, table_of
from federation.storage.tables_cases import ObservationRow, TokenLinkRow, TokenRow
from federation.storage.tables_exchange import (
    BucketItemRow,
    BucketRow,
    CursorRow,
    MatchAliasRow,
    MatchRow,
)
from federation.storage.tables_letters import OutgoingLetterRow
from federation.storage.tables_retractions import RetractionRow, ToldRow, WithdrawnRow

__all__ = ["Owed", "RetractionsRepository", "Untold", "cases_of", "keep_told", "note_end"]

_RETRACTIONS: Final = table_of(RetractionRow)
_WITHDRAWN: Final = table_of(WithdrawnRow)
_TOLD: Final = table_of(ToldRow)
_TOKENS: Final = table_of(TokenRow)
_LINKS: Final = table_of(TokenLinkRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_ITEMS: Final = table_of(BucketItemRow)
_BUCKETS: Final = table_of(BucketRow)
_CURSORS: Final = table_of(CursorRow)
_MATCHES: Final = table_of(MatchRow)
_ALIASES: Final = table_of(MatchAliasRow)
_LETTERS: Final = table_of(OutgoingLetterRow)

_REMEMBERED: Final = 100_000
"""So many matches that partners took back are remembered in any case."""
_SILENT: Final = ("held", "withdrawn")
"""Statuses of a match that the partner was told nothing of, or took back itself."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Matches of which a partner has to be told that they ended."""

    partner: str
    agreement: bytes
    matches: tuple[bytes, ...]
    """Their ids as both sides know them, ascending."""
    numbers: tuple[int, ...]
    """Of the rows."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a partner was told, or has to be told, of matches that ended."""

    partner: str
    agreement: bytes
    matches: int
    """How many."""
    letter: bytes | None
    """Its id; None before there is one."""
    acknowledged: datetime | None
    """When the partner's receipt came; None while it is owed."""


class RetractionsRepository:
    """What ended, here and at partners."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def any_untold(self) -> bool:
        """Whether something has to be told, and no letter says it (any more)."""
        return self._session.execute(_untold().limit(1)).first() is not None

    def untold(self, partners: Collection[str], most: int) -> list[Untold]:
        """What has to be told, by partner and agreement.

        Args:
            partners: Only these members.
            most: Most matches of one entry; more make further entries.
        """
        query = _untold().where(_RETRACTIONS.c.partner.in_(sorted(partners)))
        grouped: dict[tuple[str, bytes], dict[bytes, list[int]]] = {}
        for row in self._session.execute(query.order_by(_RETRACTIONS.c.number)):
            ids = grouped.setdefault((row.partner, row.agreement), {})
            ids.setdefault(row.match_id, []).append(row.number)
        return [
            Untold(*side, tuple(part), tuple(n for one in part for n in ids[one]))
            for side, ids in grouped.items()
            for part in chunks(sorted(ids), most)
        ]

    def put_letter(self, numbers: Iterable[int], letter: bytes) -> None:
        """Note which letter tells of some rows."""
        for part in chunks(numbers):
            change = update(_RETRACTIONS).where(_RETRACTIONS.c.number.in_(part))
            self._session.execute(change.values(letter=letter))

    def owed(self, case: bytes | None = None) -> list[Owed]:
        """Who was told, and who has to be; by partner, agreement and letter.

        Args:
            case: UUID of the case that it is about; whatever it is about without.
        """
        query = (
            select(
                _RETRACTIONS.c.partner,
                _RETRACTIONS.c.agreement,
                _RETRACTIONS.c.letter,
                func.count(_RETRACTIONS.c.match_id.distinct()).label("matches"),
                func.max(_LETTERS.c.delivered).label("delivered"),
                func.min(_RETRACTIONS.c.number).label("first"),
            )
            .outerjoin(_LETTERS, _LETTERS.c.letter == _RETRACTIONS.c.letter)
            .group_by(_RETRACTIONS.c.partner, _RETRACTIONS.c.agreement, _RETRACTIONS.c.letter)
            .order_by(func.min(_RETRACTIONS.c.number))
        )
        if case is not None:
            query = query.where(_RETRACTIONS.c.case == case)
        return [
            Owed(row.partner, row.agreement, row.matches, row.letter, row.delivered)
            for row in self._session.execute(query)
        ]

    def owed_to(self) -> dict[str, int]:
        """How many matches each partner has not been told the end of, those with any."""
        query = (
            select(_RETRACTIONS.c.partner, func.count(_RETRACTIONS.c.match_id.distinct()))
            .outerjoin(_LETTERS, _LETTERS.c.letter == _RETRACTIONS.c.letter)
            .where(_OWED)
            .group_by(_RETRACTIONS.c.partner)
            .order_by(_RETRACTIONS.c.partner)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def barred(
        self, partner: str, tokens: Mapping[int, bytes], pair_key: bytes, since: int
    ) -> set[int]:
        """Those of some own tokens that must not become a match with a partner now.

        These are the ones whose end the partner has not been told yet, and those whose match
        the partner took back after the session had begun.

        Args:
            partner: The partner.
            tokens: Tokens by row.
            pair_key: Of the session.
            since: `latest` when the session began.
        """
        withdrawn = select(_WITHDRAWN.c.match_id).where(
            _WITHDRAWN.c.partner == partner, _WITHDRAWN.c.number > since
        )
        ended = {*self._session.scalars(withdrawn)} | self._unknown_to(partner)
        if not ended:
            return set()
        return {row for row, token in tokens.items() if match_id(pair_key, token) in ended}

    def pass_over(self, partner: str, tokens: Mapping[int, bytes], pair_key: bytes) -> set[int]:
        """Those of some own tokens whose end a partner must be told before they are sent again.

        They are sent once it has been told.
        """
        unknown = self._unknown_to(partner)
        ids = {row: match_id(pair_key, token) for row, token in tokens.items()} if unknown else {}
        found = {row for row, one in ids.items() if one in unknown}
        for part in chunks({ids[row] for row in found}):
            rows = (_RETRACTIONS.c.partner == partner, _RETRACTIONS.c.match_id.in_(part))
            self._session.execute(update(_RETRACTIONS).where(*rows).values(passed=True))
        return found

    def owes(self, partner: str) -> bool:
        """Whether a partner has to be told something."""
        return bool(self._unknown_to(partner))

    def acknowledge(self, letter: bytes) -> None:
        """Let what waited for a receipt be sent: everything that arrived is looked at again."""
        query = select(_RETRACTIONS.c.partner).where(
            _RETRACTIONS.c.letter == letter, _RETRACTIONS.c.passed
        )
        partner = self._session.scalar(query.limit(1))
        if partner is not None:
            again = update(_CURSORS).where(_CURSORS.c.partner == partner)
            self._session.execute(again.values(scanned=_CURSORS.c.start))

    def take_from(self, partner: str, tokens: Collection[int]) -> None:
        """Take tokens back from one partner, and keep them for the others.

        They are sent to it again, under whatever still allows it.

        Args:
            partner: The partner.
            tokens: Rows of tokens.
        """
        cases = cases_of(self._session, tokens)
        note_end(self._session, self._at_rest, tokens, cases, partner)
        _drop_for(self._session, partner, tokens)

    def known_to(self, tokens: Collection[int]) -> dict[tuple[str, bytes], set[int]]:
        """Which of some tokens partners may know of, by partner and agreement."""
        found: dict[tuple[str, bytes], set[int]] = {}
        for part in chunks(tokens):
            for token, partner, agreement, _ in _known(self._session, self._at_rest, part):
                found.setdefault((partner, agreement), set()).add(token)
        return found

    def latest(self) -> int:
        """The number of the last match that a partner took back; 0 before the first."""
        return latest_number(self._session, WITHDRAWN)

    def withdraw(self, partner: str, matches: Collection[bytes]) -> None:
        """Remember that a partner took matches back.

        Args:
            partner: The partner.
            matches: Their ids as both sides know them.
        """
        first = take_numbers(self._session, WITHDRAWN, len(matches))
        for number, one in enumerate(matches, first):
            row = {"partner": partner, "match_id": one, "number": number}
            put_row(self._session, _WITHDRAWN, row)

    def prune(self) -> None:
        """Forget what partners took back of which nothing is here, but for the latest."""
        here = select(_MATCHES.c.match_id).union(select(_ALIASES.c.match_id))
        old = _WITHDRAWN.c.number <= self.latest() - _REMEMBERED
        gone = delete(_WITHDRAWN).where(old, _WITHDRAWN.c.match_id.not_in(here))
        self._session.execute(gone)

    def _unknown_to(self, partner: str) -> set[bytes]:
        query = (
            select(_RETRACTIONS.c.match_id)
            .outerjoin(_LETTERS, _LETTERS.c.letter == _RETRACTIONS.c.letter)
            .where(_RETRACTIONS.c.partner == partner, _OWED)
        )
        return {*self._session.scalars(query)}


_OWED: Final[ColumnElement[bool]] = or_(
    _RETRACTIONS.c.letter.is_(None),
    _LETTERS.c.letter.is_(None),
    _LETTERS.c.status != LetterStatus.DELIVERED.value,
)


def _untold() -> Select[Any]:
    gone = (LetterStatus.UNDELIVERED.value, LetterStatus.CANCELLED.value)
    given_up = select(_LETTERS.c.letter).where(_LETTERS.c.status.in_(gone))
    return select(_RETRACTIONS).where(
        or_(_RETRACTIONS.c.letter.is_(None), _RETRACTIONS.c.letter.in_(given_up))
    )


def note_end(
    session: Session,
    at_rest: AtRest,
    tokens: Iterable[int],
    cases: Mapping[int, bytes],
    partner: str | None = None,
) -> None:
    """Note every match that a partner may know of, before its token is removed.

    A partner may know of a match if the token was sent to it, if it was answered with it, and
    under every id that the match had.

    Args:
        session: A writing transaction.
        at_rest: The ciphers.
        tokens: Rows of tokens, still there.
        cases: Own case of each.
        partner: Only what this one may know; all without.
    """
    for part in chunks(tokens):
        known = _known(session, at_rest, part)
        rows = [
            {
                "partner": one,
                "agreement": agreement,
                "match_id": match,
                "case": cases.get(token),
                "passed": False,
            }
            for token, one, agreement, match in sorted(known)
            if partner in {None, one}
        ]
        if rows:
            session.execute(_RETRACTIONS.insert(), rows)


def _drop_for(session: Session, partner: str, tokens: Iterable[int]) -> None:
    """Forget that tokens were sent to a partner, and their matches with it."""
    own = select(_CURSORS.c.id).where(_CURSORS.c.partner == partner)
    for part in chunks(tokens):
        items = and_(_ITEMS.c.token.in_(part), _ITEMS.c.cursor.in_(own))
        session.execute(delete(_ITEMS).where(items))
        matches = and_(_MATCHES.c.token.in_(part), _MATCHES.c.partner == partner)
        session.execute(delete(_MATCHES).where(matches))
        told = and_(_TOLD.c.token.in_(part), _TOLD.c.partner == partner)
        session.execute(delete(_TOLD).where(told))


def keep_told(session: Session, condition: ColumnElement[bool]) -> None:
    """Remember the ids of matches that are about to be dropped, for as long as their tokens stay.

    Args:
        session: A writing transaction.
        condition: Which matches.
    """
    now = select(
        _MATCHES.c.token, _MATCHES.c.partner, _MATCHES.c.agreement, _MATCHES.c.match_id
    ).where(condition)
    before = (
        select(_MATCHES.c.token, _MATCHES.c.partner, _ALIASES.c.agreement, _ALIASES.c.match_id)
        .join(_ALIASES, _ALIASES.c.match == _MATCHES.c.uuid)
        .where(condition)
    )
    for query in (now, before):
        rows = [dict(row) for row in session.execute(query).mappings()]
        insert_new(session, _TOLD, rows)


def _known(
    session: Session, at_rest: AtRest, tokens: list[int]
) -> set[tuple[int, str, bytes, bytes]]:
    return _sent(session, at_rest, tokens) | _answered(session, tokens)


def _sent(
    session: Session, at_rest: AtRest, tokens: list[int]
) -> set[tuple[int, str, bytes, bytes]]:
    """What was sent, or was about to be: (token, partner, agreement, match id)."""
    query = (
        select(_ITEMS.c.token, _CURSORS.c.partner, _CURSORS.c.agreement, _TOKENS.c.ciphertext)
        .distinct()
        .join_from(_ITEMS, _BUCKETS, _BUCKETS.c.id == _ITEMS.c.bucket)
        .join(_CURSORS, _CURSORS.c.id == _ITEMS.c.cursor)
        .join(_TOKENS, _TOKENS.c.id == _ITEMS.c.token)
        .where(
            _ITEMS.c.token.in_(tokens),
            or_(_BUCKETS.c.offered.is_not(None), _BUCKETS.c.acknowledged.is_not(None)),
        )
    )
    rows = session.execute(query).all()
    plain = at_rest.tokens.decrypt(b"".join(row.ciphertext for row in rows))
    agreements = AgreementsRepository(session, at_rest)
    keys = {
        side: agreements.pair_key(*side) for side in {(row.agreement, row.partner) for row in rows}
    }
    found = set()
    for at, row in enumerate(rows):
        key = keys[row.agreement, row.partner]
        # Without the key neither side can compare under that agreement any more.
        if key is not None:
            token = plain[at * TOKEN_BYTES : (at + 1) * TOKEN_BYTES]
            found.add((row.token, row.partner, row.agreement, match_id(key[1], token)))
    return found


def _answered(session: Session, tokens: list[int]) -> set[tuple[int, str, bytes, bytes]]:
    """What was answered, or is a match: (token, partner, agreement, match id)."""
    spoken = _MATCHES.c.token.in_(tokens), _MATCHES.c.status.not_in(_SILENT)
    now = select(
        _MATCHES.c.token, _MATCHES.c.partner, _MATCHES.c.agreement, _MATCHES.c.match_id
    ).where(*spoken)
    before = (
        select(_MATCHES.c.token, _MATCHES.c.partner, _ALIASES.c.agreement, _ALIASES.c.match_id)
        .join(_ALIASES, _ALIASES.c.match == _MATCHES.c.uuid)
        .where(*spoken)
    )
    dropped = select(_TOLD.c.token, _TOLD.c.partner, _TOLD.c.agreement, _TOLD.c.match_id).where(
        _TOLD.c.token.in_(tokens)
    )
    queries = (now, before, dropped)
    return {tuple(row) for query in queries for row in session.execute(query)}


def cases_of(session: Session, tokens: Iterable[int]) -> dict[int, bytes]:
    """The own case of each token, one of them if there are several."""
    found: dict[int, bytes] = {}
    for part in chunks(tokens):
        query = (
            select(_LINKS.c.token, _OBSERVATIONS.c.case)
            .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
            .where(_LINKS.c.token.in_(part))
        )
        found.update({row.token: row.case for row in session.execute(query)})
    return found

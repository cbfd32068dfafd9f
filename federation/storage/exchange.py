# SPDX-License-Identifier: Apache-2.0
"""The sending side of the exchange in the database: cursors, buckets; and open sessions."""

import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, bindparam, delete, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from federation.indicators import Kind, Subject
from federation.matching.buckets import MAX_BUCKET, bucket_size
from federation.storage.atrest import AtRest
from federation.storage.matches import MatchStatus
from federation.storage.registry import chunks, insert_new, put_row, run, table_of
from federation.storage.tables_cases import ObservationRow, TokenLinkRow, TokenRow
from federation.storage.tables_exchange import (
    AnswerRow,
    BucketItemRow,
    BucketRow,
    CursorRow,
    MatchRow,
    SessionRow,
)

__all__ = ["Bucket", "Cursor", "Cut", "ExchangeRepository", "OpenedSession"]

SESSION_LIFETIME: Final = timedelta(hours=1)

_cursors = table_of(CursorRow)
_buckets = table_of(BucketRow)
_items = table_of(BucketItemRow)
_sessions = table_of(SessionRow)
_answers = table_of(AnswerRow)
_matches = table_of(MatchRow)
_tokens = table_of(TokenRow)
_links = table_of(TokenLinkRow)
_observations = table_of(ObservationRow)

# Made once: a bucket may ask it thousands of times.
_SENT: Final = (
    select(_items.c.token)
    .join(_cursors, _cursors.c.id == _items.c.cursor)
    .join(_buckets, _buckets.c.id == _items.c.bucket)
    .where(
        _cursors.c.agreement == bindparam("the_agreement"),
        _cursors.c.partner == bindparam("the_partner"),
        _items.c.token == bindparam("the_token"),
        _buckets.c.acknowledged.is_not(None),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the own index has been sent to one partner."""

    id: int
    agreement: bytes
    partner: str
    key_id: bytes
    index_id: bytes
    start: int
    scanned: int
    next_seq: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A new bucket."""

    cursor: Cursor
    """After the cut."""
    tokens: int
    """How many tokens are in it, without the dummies."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket that the partner has not acknowledged yet."""

    id: int
    seq: int
    size: int
    seed: bytes = field(repr=False)
    tokens: tuple[tuple[int, bytes], ...] = field(repr=False)
    """(row, 32-byte token)."""
    released: bool = False
    """It holds what a person released."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that a partner opened here."""

    id: bytes
    agreement: bytes
    partner: str
    key_version: int
    lane: str
    cls: str
    key_id: bytes
    epoch: int
    normalisation_version: int
    nonce_opener: bytes
    nonce_answerer: bytes
    opened: datetime
    withdrawn: int | None
    """Number of the last match that a partner had taken back then."""


class ExchangeRepository:
    """Cursors, buckets, sessions and answers of one transaction."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def cursor(self, agreement: bytes, partner: str, key_id: bytes) -> Cursor | None:
        """Return the cursor of one partner under one agreement and key."""
        row = self._session.execute(
            select(_cursors).where(
                _cursors.c.agreement == agreement,
                _cursors.c.partner == partner,
                _cursors.c.key_id == key_id,
            )
        ).one_or_none()
        return None if row is None else _cursor(row)

    def create_cursor(
        self, agreement: bytes, partner: str, key_id: bytes, *, start: int, at: datetime
    ) -> Cursor:
        """Begin an index for a partner.

        Args:
            agreement: The agreement.
            partner: The partner.
            key_id: The token key.
            start: Last arrival that is not sent; 0 sends everything.
            at: Now.
        """
        begin = insert(_cursors).values(
            agreement=agreement,
            partner=partner,
            key_id=key_id,
            index_id=secrets.token_bytes(16),
            start=start,
            scanned=start,
            next_seq=1,
            created=at,
        )
        return _cursor(self._session.execute(begin.returning(*_cursors.c)).one())

    def last_arrival(self, key_id: bytes) -> int:
        """Return the newest arrival under a key, 0 where there is none."""
        newest = select(func.max(_links.c.arrival)).where(_links.c.key_id == key_id)
        return int(self._session.execute(newest).scalar() or 0)

    def cut(
        self,
        cursor: Cursor,
        *,
        kinds: Iterable[Kind],
        subjects: Iterable[Subject],
        limit: int = MAX_BUCKET,
        only: Callable[[Sequence[int]], set[int]] | None = None,
    ) -> Cut | None:
        """Put tokens that are due into the cursor's next bucket.

        Due is a token that arrived after what was scanned, that the agreement covers,
        and that is in no bucket of this cursor yet: a token is sent to a partner once. A
        token that is held back from this partner waits for a person instead.

        Args:
            cursor: The cursor as it stands.
            kinds: Kinds that the agreement covers.
            subjects: Subjects that the agreement covers.
            limit: Most tokens in one bucket.
            only: Says which of some tokens may be sent; all without. What may not is passed
                over, and due again when it arrives anew.

        Returns:
            The bucket, or None when nothing was due.
        """
        sent = exists().where(_items.c.cursor == cursor.id, _items.c.token == _links.c.token)
        held = exists().where(
            _matches.c.agreement == cursor.agreement,
            _matches.c.partner == cursor.partner,
            _matches.c.token == _links.c.token,
            _matches.c.status == MatchStatus.HELD.value,
        )
        # Read first: what a writer on another connection commits meanwhile waits for the next cut.
        newest = self.last_arrival(cursor.key_id)
        # In the order of one index, so that no cut looks at more than its bucket holds.
        due = (
            select(_links.c.token, _links.c.arrival)
            .join(_observations, _observations.c.uuid == _links.c.observation)
            .where(
                _links.c.key_id == cursor.key_id,
                _links.c.arrival > cursor.scanned,
                _links.c.arrival <= newest,
                _observations.c.kind.in_(sorted(kinds)),
                _observations.c.subject.in_(sorted(subjects)),
                ~sent,
                ~held,
            )
            .order_by(_links.c.arrival)
            .limit(limit)
            .subquery()
        )
        count, last = self._session.execute(select(func.count(), func.max(due.c.arrival))).one()
        scanned = last if count == limit else max(newest, cursor.scanned)
        # Several observations may have brought the same token.
        tokens = select(due.c.token).distinct()
        if only is not None and count:
            allowed = only(self._session.scalars(tokens).all())
            if not allowed and count == limit:
                passed = self._move(cursor, scanned=scanned, seq=cursor.next_seq)
                return self.cut(passed, kinds=kinds, subjects=subjects, limit=limit, only=only)
            tokens = select(_tokens.c.id).where(_tokens.c.id.in_(allowed))
            count = len(allowed)
        if not count:
            self._move(cursor, scanned=scanned, seq=cursor.next_seq)
            return None
        put = self._insert_bucket(cursor, tokens)
        return Cut(self._move(cursor, scanned=scanned, seq=cursor.next_seq + 1), put)

    def cut_released(self, cursor: Cursor, tokens: Sequence[int]) -> Cut | None:
        """Put released tokens into a bucket of their own, though they may have been sent before."""
        if not tokens:
            return None
        chosen = select(_tokens.c.id).where(_tokens.c.id.in_(tokens))
        put = self._insert_bucket(cursor, chosen, released=True)
        return Cut(self._move(cursor, scanned=cursor.scanned, seq=cursor.next_seq + 1), put)

    def open_buckets(self, cursor: Cursor) -> list[int]:
        """Return the ids of the buckets that are not acknowledged, oldest first."""
        query = (
            select(_buckets.c.id)
            .where(_buckets.c.cursor == cursor.id, _buckets.c.acknowledged.is_(None))
            .order_by(_buckets.c.seq)
        )
        return list(self._session.execute(query).scalars())

    def bucket(self, bucket_id: int) -> Bucket:
        """Read one bucket with its tokens; a token that is gone is replaced by a dummy."""
        row = self._session.execute(select(_buckets).where(_buckets.c.id == bucket_id)).one()
        held = self._session.execute(
            select(_tokens.c.id, _tokens.c.ciphertext)
            .join(_items, _items.c.token == _tokens.c.id)
            .where(_items.c.bucket == bucket_id)
            .order_by(_tokens.c.id)
        ).all()
        plain = self._at_rest.tokens.decrypt(b"".join([ciphertext for _, ciphertext in held]))
        starts = range(0, len(plain), 32)
        return Bucket(
            id=row.id,
            seq=row.seq,
            size=row.size,
            seed=self._at_rest.unwrap(f"exchange_buckets/seed/{row.cursor}/{row.seq}", row.seed),
            tokens=tuple(
                [(token, plain[at : at + 32]) for (token, _), at in zip(held, starts, strict=True)]
            ),
            released=bool(row.released),
        )

    def take_out(self, bucket: Bucket, tokens: Collection[int]) -> Bucket:
        """Take tokens out of a bucket that was not acknowledged; dummies stand in their place."""
        gone = _items.c.bucket == bucket.id
        for part in chunks(tokens):
            self._session.execute(delete(_items).where(gone, _items.c.token.in_(part)))
        left = tuple(one for one in bucket.tokens if one[0] not in tokens)
        return replace(bucket, tokens=left)

    def offer(self, bucket: int, at: datetime) -> None:
        """Note that a bucket is about to leave."""
        first = (_buckets.c.id == bucket, _buckets.c.offered.is_(None))
        self._session.execute(update(_buckets).where(*first).values(offered=at))

    def acknowledge(self, bucket_id: int, at: datetime) -> None:
        """Record that the partner has stored its answers to a bucket."""
        self._session.execute(
            update(_buckets).where(_buckets.c.id == bucket_id).values(acknowledged=at)
        )

    def was_sent(self, agreement: bytes, partner: str, token: int) -> bool:
        """Tell whether this node itself sent a token to a partner under an agreement."""
        wanted = {"the_agreement": agreement, "the_partner": partner, "the_token": token}
        return self._session.execute(_SENT, wanted).first() is not None

    def is_waiting(self, cursor: Cursor, token: int) -> bool:
        """Tell whether a token lies in a bucket that is not acknowledged."""
        query = (
            select(_items.c.token)
            .join(_buckets, _buckets.c.id == _items.c.bucket)
            .where(
                _items.c.cursor == cursor.id,
                _items.c.token == token,
                _buckets.c.acknowledged.is_(None),
            )
        )
        return self._session.execute(query).first() is not None

    def unsent(self) -> int:
        """Count the buckets that wait for a partner."""
        query = select(func.count()).select_from(_buckets).where(_buckets.c.acknowledged.is_(None))
        return int(self._session.execute(query).scalar_one())

    def put_session(self, opened: OpenedSession) -> None:
        """Store a session before its reply leaves."""
        put_row(
            self._session,
            _sessions,
            {name: getattr(opened, name) for name in OpenedSession.__slots__},
        )

    def session(self, session_id: bytes, at: datetime) -> OpenedSession | None:
        """Return an open session that is younger than an hour."""
        row = self._session.execute(
            select(_sessions).where(
                _sessions.c.id == session_id, _sessions.c.opened > at - SESSION_LIFETIME
            )
        ).one_or_none()
        if row is None:
            return None
        return OpenedSession(**{name: getattr(row, name) for name in OpenedSession.__slots__})

    def put_answers(self, session_id: bytes, seq: int, rows: Sequence[tuple[int, int]]) -> None:
        """Remember which (position, own token) were answered, until the session ends."""
        insert_new(
            self._session,
            _answers,
            [
                {"session": session_id, "seq": seq, "position": position, "token": token}
                for position, token in rows
            ],
        )

    def answers(self, session_id: bytes, seq: int) -> list[tuple[int, int, bytes]]:
        """Return (position, row, token) of what was answered for a bucket."""
        rows = self._session.execute(
            select(_answers.c.position, _tokens.c.id, _tokens.c.ciphertext)
            .join(_tokens, _tokens.c.id == _answers.c.token)
            .where(_answers.c.session == session_id, _answers.c.seq == seq)
            .order_by(_answers.c.position)
        ).all()
        plain = self._at_rest.tokens.decrypt(b"".join(row.ciphertext for row in rows))
        return [
            (row.position, row.id, plain[32 * number : 32 * number + 32])
            for number, row in enumerate(rows)
        ]

    def prune(self, at: datetime) -> int:
        """Forget sessions that are over, with their answers."""
        return run(
            self._session, delete(_sessions).where(_sessions.c.opened <= at - SESSION_LIFETIME)
        )

    def _insert_bucket(
        self, cursor: Cursor, tokens: Select[tuple[int]], *, released: bool = False
    ) -> int:
        """Make a bucket of the tokens that a query finds, without carrying them here and back.

        Returns:
            How many there are.
        """
        seed = self._at_rest.wrap(
            f"exchange_buckets/seed/{cursor.id}/{cursor.next_seq}", secrets.token_bytes(32)
        )
        bucket_id = self._session.execute(
            insert(_buckets)
            .values(cursor=cursor.id, seq=cursor.next_seq, size=0, seed=seed, released=released)
            .returning(_buckets.c.id)
        ).scalar_one()
        (token,) = tokens.selected_columns
        rows = tokens.with_only_columns(literal(bucket_id), token, literal(cursor.id))
        put = insert(_items).from_select(["bucket", "token", "cursor"], rows)
        found = run(self._session, put)
        sized = update(_buckets).where(_buckets.c.id == bucket_id)
        self._session.execute(sized.values(size=bucket_size(found)))
        return found

    def _move(self, cursor: Cursor, *, scanned: int, seq: int) -> Cursor:
        change = update(_cursors).where(_cursors.c.id == cursor.id)
        self._session.execute(change.values(scanned=scanned, next_seq=seq))
        return replace(cursor, scanned=scanned, next_seq=seq)


def _cursor(row: object) -> Cursor:
    return Cursor(**{name: getattr(row, name) for name in Cursor.__slots__})

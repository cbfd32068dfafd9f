# SPDX-License-Identifier: Apache-2.0
"""The first halves of many tokens in memory, so that a bucket is not answered from a million rows.

A copy of part of a column, as encrypted as the database has it. It only ever helps to find:
what is found is read again from the database, so that a copy that still holds a deleted
token does no harm.
"""

import threading
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.indicators import Kind, Subject
from federation.storage.atrest import TOKEN_BYTES, AtRest
from federation.storage.counters import ARRIVAL, REMOVAL, latest_number
from federation.storage.registry import table_of
from federation.storage.tables_cases import ObservationRow, TokenLinkRow, TokenRow

__all__ = ["HEAD_BYTES", "HeadCache", "Heads"]

HEAD_BYTES: Final = TOKEN_BYTES // 2
_MOST_COPIES: Final = 8
"""Different agreements may cover different kinds; each combination has its own copy."""
_ROWS: Final = 10_000

_TOKENS: Final = table_of(TokenRow)
_LINKS: Final = table_of(TokenLinkRow)
_OBSERVATIONS: Final = table_of(ObservationRow)

_Scope = tuple[bytes, frozenset[Kind], frozenset[Subject]]


@dataclass(frozen=True, slots=True, repr=False)
class Heads:
    """Token rows and the first halves of their tokens, in one order.

    A token may be there twice, and may be deleted already.
    """

    ids: "array[int]"
    heads: bytes
    """16 bytes each."""


@dataclass(slots=True, repr=False)
class _Copy:
    ids: "array[int]" = field(default_factory=lambda: array("q"))
    sealed: bytearray = field(default_factory=bytearray)
    arrival: int = 0
    """Links up to this arrival are in it."""
    removals: int = 0
    """Tokens that had been deleted when it was begun."""


class HeadCache:
    """Copies for the scopes that were asked for last; one for each store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._copies: dict[_Scope, _Copy] = {}

    def heads(
        self,
        session: Session,
        at_rest: AtRest,
        key_id: bytes,
        kinds: Iterable[Kind],
        subjects: Iterable[Subject],
    ) -> Heads:
        """Return the heads of all tokens in a scope, reading only what arrived since last time.

        Args:
            session: A transaction that has changed nothing: what it sees is committed.
            at_rest: Decrypts tokens.
            key_id: The key that the tokens are made with.
            kinds: Kinds of the observations that they stand for.
            subjects: Subjects likewise.
        """
        scope = (key_id, frozenset(kinds), frozenset(subjects))
        # Read first: whatever has a smaller number is committed, and so seen below.
        arrival = latest_number(session, ARRIVAL)
        removals = latest_number(session, REMOVAL)
        with self._lock:
            copy = self._copies.pop(scope, None)
            if copy is None or (removals - copy.removals) * 10 > max(len(copy.ids), 10_000):
                copy = _Copy(removals=removals)
            _extend(session, scope, copy, arrival)
            # The scope asked for last is the last to be dropped.
            self._copies[scope] = copy
            while len(self._copies) > _MOST_COPIES:
                del self._copies[next(iter(self._copies))]
            ids, sealed = copy.ids[:], bytes(copy.sealed)
        return Heads(ids, at_rest.tokens.decrypt_halves(sealed))


def _extend(session: Session, scope: _Scope, copy: _Copy, arrival: int) -> None:
    key_id, kinds, subjects = scope
    if arrival <= copy.arrival:
        return
    query = (
        select(_TOKENS.c.id, func.substr(_TOKENS.c.ciphertext, 1, HEAD_BYTES).label("head"))
        .select_from(_LINKS)
        .join(_TOKENS, _TOKENS.c.id == _LINKS.c.token)
        .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
        .where(
            _LINKS.c.key_id == key_id,
            _LINKS.c.arrival > copy.arrival,
            _LINKS.c.arrival <= arrival,
            _OBSERVATIONS.c.kind.in_(sorted(kinds)),
            _OBSERVATIONS.c.subject.in_(sorted(subjects)),
        )
    )
    rows = session.execute(query, execution_options={"yield_per": _ROWS})
    for page in rows.partitions():
        copy.ids.extend([row[0] for row in page])
        copy.sealed += b"".join([row[1] for row in page])
    copy.arrival = arrival

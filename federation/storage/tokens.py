# SPDX-License-Identifier: Apache-2.0
"""Tokens, which observations they stand for, and in which order they arrived."""

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from federation.errors import StoreError
from federation.indicators import Kind, Subject
from federation.storage.atrest import TOKEN_BYTES, AtRest
from federation.storage.case_changes import remove_tokens
from federation.storage.changes import touch_matches
from federation.storage.counters import ARRIVAL, latest_number, take_numbers
from federation.storage.heads import HeadCache, Heads
from federation.storage.records import MATCHABLE, CaseContent, ObservationContent, ObservationStatus
from federation.storage.registry import chunks, insert_new, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow, TokenRow

_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_TOKENS: Final = table_of(TokenRow)
_LINKS: Final = table_of(TokenLinkRow)


@dataclass(frozen=True, slots=True)
class TokenUse:
    """An own observation that a token stands for."""

    case_id: str = dataclasses.field(repr=False)
    source: str = dataclasses.field(repr=False)
    field: str
    kind: Kind
    subject: Subject
    observation_uuid: bytes
    handle: bytes
    """What the case is found by."""
    fingerprint: bytes
    """What the observation is found by."""
    weak: bool
    """Whether the token only says "namesake" or "nearby"."""


class TokensRepository:
    """Tokens, encrypted at rest; the same token of several observations is one row."""

    def __init__(self, session: Session, at_rest: AtRest, heads: HeadCache) -> None:
        self._session = session
        self._at_rest = at_rest
        self._heads = heads

    def add(
        self,
        key_id: bytes,
        pairs: Sequence[tuple[bytes, bytes]],
        at: datetime,
        *,
        weak: Collection[bytes] = (),
    ) -> int:
        """Link observations to their tokens and mark pending ones as tokenised.

        Args:
            key_id: The key that the tokens are made with.
            pairs: (observation UUID, token) each; repeating one changes nothing.
            at: Now.
            weak: Those of the tokens whose equality only says "namesake" or "nearby".

        Returns:
            How many links are new.

        Raises:
            StoreError: An observation is gone, or must not have a token.
        """
        if not pairs:
            return 0
        if any(len(token) != TOKEN_BYTES for _, token in pairs):
            raise ValueError("a token has 32 bytes")
        sealed = self._at_rest.tokens.encrypt(b"".join(token for _, token in pairs))
        wanted = [
            (uuid, sealed[i * TOKEN_BYTES : (i + 1) * TOKEN_BYTES])
            for i, (uuid, _) in enumerate(pairs)
        ]
        weak_ones = {
            ciphertext
            for (_, token), (_, ciphertext) in zip(pairs, wanted, strict=True)
            if token in weak
        }
        ids = self._token_ids(key_id, {ciphertext for _, ciphertext in wanted}, weak_ones, at)
        linked = self._links_of({uuid for uuid, _ in wanted})
        new = [
            link
            for link in dict.fromkeys((uuid, ids[ciphertext]) for uuid, ciphertext in wanted)
            if link not in linked
        ]
        first = take_numbers(self._session, ARRIVAL, len(new))
        rows = [
            {"observation": uuid, "token": token, "key_id": key_id, "arrival": first + i}
            for i, (uuid, token) in enumerate(new)
        ]
        self._require({uuid for uuid, _ in new})
        insert_new(self._session, _LINKS, rows)
        touch_matches(self._session, {token for _, token in new})
        self._mark_tokenised([uuid for uuid, _ in wanted])
        return len(new)

    def remove(self, observations: Sequence[bytes]) -> None:
        """Unlink observations from their tokens; delete tokens that stand for nothing more."""
        remove_tokens(self._session, self._at_rest, observations)

    def arrive_anew(self, observations: Iterable[bytes]) -> None:
        """Let what was passed over be looked at again for every partner."""
        for part in chunks(observations):
            query = select(_LINKS).where(_LINKS.c.observation.in_(part))
            rows = self._session.execute(query).all()
            first = take_numbers(self._session, ARRIVAL, len(rows)) if rows else 0
            for number, row in enumerate(rows, first):
                one = (_LINKS.c.observation == row.observation, _LINKS.c.token == row.token)
                change = update(_LINKS).where(*one, _LINKS.c.key_id == row.key_id)
                self._session.execute(change.values(arrival=number))

    def eligible(
        self,
        key_id: bytes,
        kinds: Iterable[Kind],
        subjects: Iterable[Subject],
        among: Iterable[int] | None = None,
    ) -> list[tuple[int, bytes]]:
        """Tokens that stand for at least one observation of these kinds and subjects.

        Args:
            key_id: The key that they are made with.
            kinds: Kinds that an agreement allows.
            subjects: Subjects that it allows.
            among: Only these token ids.

        Returns:
            (token id, token), by id.
        """
        query = (
            select(_TOKENS.c.id, _TOKENS.c.ciphertext)
            .distinct()
            .join_from(_TOKENS, _LINKS, _LINKS.c.token == _TOKENS.c.id)
            .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
            .where(
                _LINKS.c.key_id == key_id,
                _OBSERVATIONS.c.kind.in_([str(kind) for kind in kinds]),
                _OBSERVATIONS.c.subject.in_([str(subject) for subject in subjects]),
            )
            .order_by(_TOKENS.c.id)
        )
        if among is None:
            rows = list(self._session.execute(query))
        else:
            parts = chunks(sorted(set(among)))
            queries = (query.where(_TOKENS.c.id.in_(part)) for part in parts)
            rows = [row for one in queries for row in self._session.execute(one)]
        tokens = self._at_rest.tokens.decrypt(b"".join(row.ciphertext for row in rows))
        return [
            (row.id, tokens[i * TOKEN_BYTES : (i + 1) * TOKEN_BYTES]) for i, row in enumerate(rows)
        ]

    def heads(self, key_id: bytes, kinds: Iterable[Kind], subjects: Iterable[Subject]) -> Heads:
        """The first halves of `eligible` tokens, and perhaps of some that are so no more.

        Fast, because what was read before is kept in memory. Ask `eligible` about what is found.
        """
        return self._heads.heads(self._session, self._at_rest, key_id, kinds, subjects)

    def plain(self, ids: Iterable[int]) -> dict[int, bytes]:
        """The tokens of some rows, those that are still here."""
        found: dict[int, bytes] = {}
        for part in chunks(ids):
            query = select(_TOKENS.c.id, _TOKENS.c.ciphertext).where(_TOKENS.c.id.in_(part))
            rows = self._session.execute(query).all()
            tokens = self._at_rest.tokens.decrypt(b"".join(row.ciphertext for row in rows))
            found.update(
                {
                    row.id: tokens[i * TOKEN_BYTES : (i + 1) * TOKEN_BYTES]
                    for i, row in enumerate(rows)
                }
            )
        return found

    def of(self, observations: Iterable[bytes]) -> set[int]:
        """The rows of the tokens that observations have."""
        found: set[int] = set()
        for part in chunks(observations):
            query = select(_LINKS.c.token).where(_LINKS.c.observation.in_(part))
            found.update(self._session.scalars(query))
        return found

    def holders(self, tokens: Iterable[int]) -> set[bytes]:
        """The observations that some tokens stand for."""
        found: set[bytes] = set()
        for part in chunks(tokens):
            query = select(_LINKS.c.observation).where(_LINKS.c.token.in_(part))
            found.update(self._session.scalars(query))
        return found

    def exists(self, token_id: int) -> bool:
        """Whether a token is still here."""
        query = select(_TOKENS.c.id).where(_TOKENS.c.id == token_id)
        return self._session.scalar(query) is not None

    def latest_arrival(self) -> int:
        """The arrival number of the newest link; 0 before the first."""
        return latest_number(self._session, ARRIVAL)

    def counts(self) -> dict[bytes, int]:
        """How many tokens there are per key id."""
        query = select(_TOKENS.c.key_id, func.count()).group_by(_TOKENS.c.key_id)
        return {key_id: count for key_id, count in self._session.execute(query)}  # noqa: C416

    def observations_of(self, token_id: int) -> list[TokenUse]:
        """The own observations that a token stands for, by case and field."""
        query = (
            select(
                _OBSERVATIONS.c.uuid,
                _OBSERVATIONS.c.kind,
                _OBSERVATIONS.c.subject,
                _OBSERVATIONS.c.content,
                _OBSERVATIONS.c.fingerprint,
                _CASES.c.handle,
                _CASES.c.uuid.label("case_uuid"),
                _CASES.c.content.label("case_content"),
                _TOKENS.c.weak,
            )
            .join_from(_LINKS, _OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
            .join(_TOKENS, _TOKENS.c.id == _LINKS.c.token)
            .join(_CASES, _CASES.c.uuid == _OBSERVATIONS.c.case)
            .where(_LINKS.c.token == token_id)
        )
        uses = []
        for row in self._session.execute(query):
            case = CaseContent.open(self._at_rest.vault, row.case_uuid, row.case_content)
            seen = ObservationContent.open(self._at_rest.vault, row.uuid, row.content)
            kind, subject = Kind(row.kind), Subject(row.subject)
            place = (case.id, case.source, seen.field)
            names = (row.uuid, row.handle, row.fingerprint)
            uses.append(TokenUse(*place, kind, subject, *names, bool(row.weak)))
        return sorted(uses, key=lambda use: (use.source, use.case_id, use.field, use.kind))

    def _token_ids(
        self, key_id: bytes, ciphertexts: set[bytes], weak: set[bytes], at: datetime
    ) -> dict[bytes, int]:
        rows = [
            {"key_id": key_id, "ciphertext": one, "weak": one in weak, "created": at}
            for one in sorted(ciphertexts)
        ]
        insert_new(self._session, _TOKENS, rows)
        ids: dict[bytes, int] = {}
        for part in chunks(ciphertexts):
            query = select(_TOKENS.c.ciphertext, _TOKENS.c.id).where(
                _TOKENS.c.key_id == key_id, _TOKENS.c.ciphertext.in_(part)
            )
            ids.update({row.ciphertext: row.id for row in self._session.execute(query)})
        return ids

    def _links_of(self, uuids: set[bytes]) -> set[tuple[bytes, int]]:
        links: set[tuple[bytes, int]] = set()
        for part in chunks(uuids):
            query = select(_LINKS.c.observation, _LINKS.c.token)
            rows = self._session.execute(query.where(_LINKS.c.observation.in_(part)))
            links.update((row.observation, row.token) for row in rows)
        return links

    def _require(self, uuids: set[bytes]) -> None:
        for part in chunks(uuids):
            may = _OBSERVATIONS.c.status.in_(MATCHABLE)
            query = select(func.count()).where(_OBSERVATIONS.c.uuid.in_(part), may)
            if self._session.scalar(query) != len(part):
                # Between asking the custodians and now a person may have withdrawn it.
                raise StoreError(
                    "an observation was deleted or withheld meanwhile", next_step="tokenise again"
                )

    def _mark_tokenised(self, uuids: list[bytes]) -> None:
        for part in chunks(uuids):
            waiting = _OBSERVATIONS.c.status == ObservationStatus.PENDING.value
            change = update(_OBSERVATIONS).where(_OBSERVATIONS.c.uuid.in_(part), waiting)
            self._session.execute(change.values(status=ObservationStatus.TOKENISED.value))

# SPDX-License-Identifier: Apache-2.0
"""Consents in the database: every one that was recorded, and which of them counts."""

import builtins
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

from federation.agreements import Consent, Purpose
from federation.charter import Role
from federation.indicators import Kind, Lane, Subject
from federation.storage.atrest import AtRest
from federation.storage.case_batch import case_handle
from federation.storage.records import (
    CaseContent,
    ObservationStatus,
    PendingObservation,
    open_normal,
)
from federation.storage.registry import chunks, run, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow
from federation.storage.tables_consent import ConsentRow

__all__ = ["SURVIVORS", "ConsentsRepository", "StoredConsent", "TokenConsent", "reopen"]

_CONSENTS: Final = table_of(ConsentRow)
_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_LINKS: Final = table_of(TokenLinkRow)

SURVIVORS: Final = tuple(one.value for one in Subject if one.lane is Lane.SURVIVOR)
"""Subjects of the survivor lane."""


@dataclass(frozen=True, slots=True)
class StoredConsent:
    """A consent as it was recorded."""

    number: int
    case: bytes
    """UUID of the case."""
    version: int
    """Counts the consents of the case, from 1."""
    consent: Consent
    recorded: datetime
    actor: str
    """Who recorded it, as the record names them."""
    replaced: datetime | None
    """When a later one was recorded for the case."""
    ended: datetime | None
    """When the node took the case out of the comparison for its end."""

    @property
    def counts(self) -> bool:
        """Whether it is the last of its case, and has not been ended."""
        return self.replaced is None and self.ended is None


@dataclass(frozen=True, slots=True)
class TokenConsent:
    """One observation that a token stands for, and the consent that it is compared by."""

    token: int
    kind: Kind
    subject: Subject
    stored: StoredConsent | None
    """The last of its case, however it stands; None without one."""


class ConsentsRepository:
    """Consents of one transaction."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def case_of(self, case_id: str, source: str) -> bytes | None:
        """UUID of a case, or None."""
        handle = case_handle(self._at_rest, source, case_id)
        return self._session.scalar(select(_CASES.c.uuid).where(_CASES.c.handle == handle))

    def names(self, cases: Iterable[bytes]) -> dict[bytes, tuple[str, str]]:
        """(source, case id) of cases, by UUID."""
        found: dict[bytes, tuple[str, str]] = {}
        for part in chunks(set(cases)):
            query = select(_CASES.c.uuid, _CASES.c.content).where(_CASES.c.uuid.in_(part))
            for row in self._session.execute(query):
                content = CaseContent.open(self._at_rest.vault, row.uuid, row.content)
                found[row.uuid] = (content.source, content.id)
        return found

    def put(self, case: bytes, consent: Consent, actor: str, at: datetime) -> StoredConsent:
        """Record a consent; it counts in place of the one before.

        Args:
            case: UUID of the case.
            consent: What the survivor allowed.
            actor: Who records it.
            at: Now.
        """
        versions = select(func.max(_CONSENTS.c.version)).where(_CONSENTS.c.case == case)
        version = (self._session.scalar(versions) or 0) + 1
        before = update(_CONSENTS).where(_CONSENTS.c.case == case, _CONSENTS.c.replaced.is_(None))
        self._session.execute(before.values(replaced=at))
        row = {
            "case": case,
            "version": version,
            "content": self._at_rest.vault.seal(
                "consents", "content", _place(case, version), _encode(consent)
            ),
            "given": consent.given,
            "expires": consent.expires,
            "withdrawn": consent.withdrawn,
            "recorded": at,
            "actor": actor,
        }
        put = _CONSENTS.insert().values(row).returning(*_CONSENTS.c)
        return self._opened(self._session.execute(put).one())

    def current(self, case: bytes) -> StoredConsent | None:
        """The last consent that was recorded for a case, however it stands."""
        found = self.current_of([case])
        return found.get(case)

    def current_of(self, cases: Iterable[bytes]) -> dict[bytes, StoredConsent]:
        """The last consent of each case that has one."""
        found: dict[bytes, StoredConsent] = {}
        for part in chunks(set(cases)):
            query = select(_CONSENTS).where(
                _CONSENTS.c.case.in_(part), _CONSENTS.c.replaced.is_(None)
            )
            found.update({row.case: self._opened(row) for row in self._session.execute(query)})
        return found

    def history(self, case: bytes) -> builtins.list[StoredConsent]:
        """Every consent of a case, the oldest first."""
        query = select(_CONSENTS).where(_CONSENTS.c.case == case)
        rows = self._session.execute(query.order_by(_CONSENTS.c.number))
        return [self._opened(row) for row in rows]

    def list(self) -> builtins.list[StoredConsent]:
        """The last consent of every case that has one, in the order of their end."""
        query = select(_CONSENTS).where(_CONSENTS.c.replaced.is_(None))
        rows = self._session.execute(query.order_by(_CONSENTS.c.expires, _CONSENTS.c.number))
        return [self._opened(row) for row in rows]

    def withdraw(self, number: int, at: datetime) -> None:
        """Record that a consent was withdrawn, and that the node has followed."""
        self._change(number, withdrawn=at, ended=at)

    def end(self, number: int, at: datetime) -> None:
        """Record that the node has followed the end of a consent."""
        self._change(number, ended=at)

    def open(self, number: int, at: datetime) -> None:
        """Record that what was observed in its case may be compared."""
        self._change(number, opened=at)

    def over(self, at: datetime, limit: int) -> builtins.list[StoredConsent]:
        """Consents that are over, and that the node has not followed yet."""
        query = select(_CONSENTS).where(*_COUNTS, _CONSENTS.c.expires <= at)
        rows = self._session.execute(query.order_by(_CONSENTS.c.expires).limit(limit))
        return [self._opened(row) for row in rows]

    def count_ending(self, at: datetime, until: datetime) -> int:
        """Count the consents that hold at a time, and end before another."""
        query = select(func.count()).where(
            *_COUNTS, _CONSENTS.c.expires > at, _CONSENTS.c.expires <= until
        )
        return self._session.scalar(query) or 0

    def unopened(self, at: datetime, limit: int) -> builtins.list[StoredConsent]:
        """Consents that hold, in whose cases something may have to be let into the comparison."""
        query = select(_CONSENTS).where(
            *_COUNTS,
            _CONSENTS.c.opened.is_(None),
            _CONSENTS.c.given <= at,
            _CONSENTS.c.expires > at,
        )
        rows = self._session.execute(query.order_by(_CONSENTS.c.number).limit(limit))
        return [self._opened(row) for row in rows]

    def observations(self, case: bytes) -> builtins.list[bytes]:
        """What was observed about survivors in a case: UUIDs."""
        query = select(_OBSERVATIONS.c.uuid).where(
            _OBSERVATIONS.c.case == case, _OBSERVATIONS.c.subject.in_(SURVIVORS)
        )
        return [*self._session.scalars(query)]

    def waiting(self, case: bytes) -> builtins.list[tuple[PendingObservation, str]]:
        """What was observed about survivors in a case, and waits for consent.

        Returns:
            Observation, and the code of what keeps it from a normal form.
        """
        query = select(_OBSERVATIONS).where(
            _OBSERVATIONS.c.case == case,
            _OBSERVATIONS.c.subject.in_(SURVIVORS),
            _OBSERVATIONS.c.status == ObservationStatus.WAITING_CONSENT.value,
            _OBSERVATIONS.c.version.is_not(None),
        )
        return [(self._pending(row), row.reason) for row in self._session.execute(query)]

    def hold(self, observations: Iterable[bytes]) -> None:
        """Let observations wait for consent (again)."""
        for part in chunks(observations):
            change = update(_OBSERVATIONS).where(_OBSERVATIONS.c.uuid.in_(part))
            waits = ObservationStatus.WAITING_CONSENT.value
            # What has no normal form keeps the reason.
            moved = _OBSERVATIONS.c.status.not_in((ObservationStatus.REFUSED.value, waits))
            self._session.execute(change.where(moved).values(status=waits, reason=""))

    def valid_among(self, observations: Iterable[bytes], at: datetime) -> set[bytes]:
        """Those of some observations in whose case a consent holds now."""
        found: set[bytes] = set()
        for part in chunks(observations):
            query = (
                select(_OBSERVATIONS.c.uuid)
                .join(_CONSENTS, _CONSENTS.c.case == _OBSERVATIONS.c.case)
                .where(_OBSERVATIONS.c.uuid.in_(part), *_COUNTS)
                .where(_CONSENTS.c.given <= at, _CONSENTS.c.expires > at)
            )
            found.update(self._session.scalars(query))
        return found

    def of_tokens(self, tokens: Iterable[int]) -> builtins.list[TokenConsent]:
        """What tokens stand for, with the consent of each case, however it stands."""
        found: list[TokenConsent] = []
        for part in chunks(set(tokens)):
            query = (
                select(
                    _LINKS.c.token,
                    _OBSERVATIONS.c.kind,
                    _OBSERVATIONS.c.subject,
                    _OBSERVATIONS.c.case,
                )
                .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
                .where(_LINKS.c.token.in_(part))
            )
            rows = self._session.execute(query).all()
            consents = self.current_of(row.case for row in rows)
            found += [
                TokenConsent(
                    row.token, Kind(row.kind), Subject(row.subject), consents.get(row.case)
                )
                for row in rows
            ]
        return found

    def _pending(self, row: Row[Any]) -> PendingObservation:
        return PendingObservation(
            uuid=row.uuid,
            kind=Kind(row.kind),
            subject=Subject(row.subject),
            status=ObservationStatus(row.status),
            value=open_normal(self._at_rest.vault, row.uuid, row.normal),
            version=row.version,
        )

    def _change(self, number: int, **values: Any) -> None:
        run(
            self._session,
            update(_CONSENTS).where(_CONSENTS.c.number == number).values(**values),
        )

    def _opened(self, row: Row[Any]) -> StoredConsent:
        place = _place(row.case, row.version)
        content = json.loads(self._at_rest.vault.open("consents", "content", place, row.content))
        purposes, recipients, given, expires, basis, evidence = content
        consent = Consent(
            purposes=frozenset(map(Purpose, purposes)),
            recipients=frozenset(map(Role, recipients)),
            given=datetime.fromisoformat(given),
            expires=datetime.fromisoformat(expires),
            basis=basis,
            evidence_sha256=None if evidence is None else bytes.fromhex(evidence),
            withdrawn=row.withdrawn,
        )
        return StoredConsent(
            row.number,
            row.case,
            row.version,
            consent,
            row.recorded,
            row.actor,
            row.replaced,
            row.ended,
        )


_COUNTS: Final[tuple[ColumnElement[bool], ...]] = (
    _CONSENTS.c.replaced.is_(None),
    _CONSENTS.c.withdrawn.is_(None),
    _CONSENTS.c.ended.is_(None),
)


def reopen(session: Session, cases: Iterable[bytes]) -> None:
    """Note that more came into cases, so that their consents are looked at again."""
    for part in chunks(cases):
        change = update(_CONSENTS).where(_CONSENTS.c.case.in_(part))
        session.execute(change.values(opened=None))


def _encode(consent: Consent) -> bytes:
    evidence = consent.evidence_sha256
    content = [
        sorted(consent.purposes),
        sorted(consent.recipients),
        consent.given.isoformat(),
        consent.expires.isoformat(),
        consent.basis,
        None if evidence is None else evidence.hex(),
    ]
    return json.dumps(content).encode()


def _place(case: bytes, version: int) -> bytes:
    """What the vault binds a row to: what stands in the place of another consent is refused."""
    return hashlib.sha256(case + version.to_bytes(8)).digest()[:16]

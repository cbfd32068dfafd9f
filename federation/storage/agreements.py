# SPDX-License-Identifier: Apache-2.0
"""Agreements, their signed parts, and the pair keys that they give birth to."""

import builtins
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, select, update
from sqlalchemy.orm import Session

from federation.errors import StoreError
from federation.storage.atrest import AtRest
from federation.storage.counters import CHANGE, take_numbers
from federation.storage.registry import insert_new, put_row, table_of
from federation.storage.tables_agreements import (
    AgreementRow,
    PairKeyRow,
    PairOfferRow,
    PairSecretRow,
    RevocationRow,
)

_AGREEMENTS: Final = table_of(AgreementRow)
_OFFERS: Final = table_of(PairOfferRow)
_REVOCATIONS: Final = table_of(RevocationRow)
_SECRETS: Final = table_of(PairSecretRow)
_KEYS: Final = table_of(PairKeyRow)


@dataclass(frozen=True, slots=True)
class StoredAgreement:
    """An agreement with everything that was signed about it."""

    hash: bytes
    """SHA-256 of the terms' payload."""
    terms: bytes
    """DSSE envelope with the signatures so far."""
    proposer: str
    status: str
    offers: tuple[bytes, ...]
    """DSSE envelopes, by member and key version."""
    revocations: tuple[bytes, ...]
    """DSSE envelopes, by member."""


@dataclass(frozen=True, slots=True)
class StoredPairSecret:
    """Names an own pair secret that still exists."""

    hash: bytes
    key_version: int
    created: datetime


class AgreementsRepository:
    """Agreements by the hash of their terms; pair keys and secrets wrapped."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put(
        self,
        agreement: bytes,
        terms: bytes,
        proposer: str,
        at: datetime,
        *,
        supersedes: bytes | None = None,
    ) -> None:
        """Record an agreement, or replace its envelope by one with more signatures.

        Args:
            agreement: SHA-256 of the terms' payload.
            terms: DSSE envelope.
            proposer: Who proposed it; does not change.
            at: Now.
            supersedes: Hash of the agreement that it replaces; does not change.
        """
        row = {
            "hash": agreement,
            "supersedes": supersedes,
            "terms": terms,
            "proposer": proposer,
            "status": "proposed",
            "changed": at,
            "change": take_numbers(self._session, CHANGE, 1),
        }
        if not insert_new(self._session, _AGREEMENTS, [row]):
            change = update(_AGREEMENTS).where(_AGREEMENTS.c.hash == agreement)
            self._session.execute(change.values(terms=terms, changed=at))

    def get(self, agreement: bytes) -> StoredAgreement | None:
        """One agreement, or None."""
        query = select(_AGREEMENTS).where(_AGREEMENTS.c.hash == agreement)
        row = self._session.execute(query).first()
        if row is None:
            return None
        offers = select(_OFFERS.c.envelope).where(_OFFERS.c.agreement == agreement)
        ended = select(_REVOCATIONS.c.envelope).where(_REVOCATIONS.c.agreement == agreement)
        return StoredAgreement(
            row.hash,
            row.terms,
            row.proposer,
            row.status,
            tuple(self._session.scalars(offers.order_by(_OFFERS.c.member, _OFFERS.c.key_version))),
            tuple(self._session.scalars(ended.order_by(_REVOCATIONS.c.member))),
        )

    def list(self) -> list[StoredAgreement]:
        """All agreements, by hash."""
        return self._all(select(_AGREEMENTS.c.hash))

    def successors(self, agreement: bytes) -> builtins.list[StoredAgreement]:
        """All agreements that say that they replace this one, by hash."""
        return self._all(select(_AGREEMENTS.c.hash).where(_AGREEMENTS.c.supersedes == agreement))

    def _all(self, hashes: Select[Any]) -> builtins.list[StoredAgreement]:
        found = self._session.scalars(hashes.order_by(_AGREEMENTS.c.hash)).all()
        return [stored for one in found if (stored := self.get(one)) is not None]

    def set_status(self, agreement: bytes, status: str) -> None:
        """Record where the agreement stands.

        Raises:
            StoreError: The agreement is unknown.
        """
        this = _AGREEMENTS.c.hash == agreement
        before = self._session.scalar(select(_AGREEMENTS.c.status).where(this))
        if before is None:
            raise StoreError("the agreement is not in the database")
        if before != status:
            number = take_numbers(self._session, CHANGE, 1)
            self._session.execute(
                update(_AGREEMENTS).where(this).values(status=status, change=number)
            )

    def add_offer(self, agreement: bytes, member: str, key_version: int, envelope: bytes) -> bool:
        """Keep a party's pair offer; False if one for this key version is here already."""
        row = {
            "agreement": agreement,
            "member": member,
            "key_version": key_version,
            "envelope": envelope,
        }
        return bool(insert_new(self._session, _OFFERS, [row]))

    def add_revocation(self, agreement: bytes, member: str, envelope: bytes) -> bool:
        """Keep a party's revocation; False if it has revoked already."""
        row = {"agreement": agreement, "member": member, "envelope": envelope}
        return bool(insert_new(self._session, _REVOCATIONS, [row]))

    def put_secret(self, agreement: bytes, key_version: int, secret: bytes, at: datetime) -> None:
        """Keep the secret of an own offer until the last pair key is derived."""
        row = {
            "agreement": agreement,
            "key_version": key_version,
            "secret": self._at_rest.wrap(_secret_context(agreement, key_version), secret),
            "created": at,
        }
        put_row(self._session, _SECRETS, row)

    def secret(self, agreement: bytes, key_version: int) -> bytes | None:
        """The secret of an own offer, or None when it is erased."""
        this = and_(_SECRETS.c.agreement == agreement, _SECRETS.c.key_version == key_version)
        wrapped = self._session.scalar(select(_SECRETS.c.secret).where(this))
        if wrapped is None:
            return None
        return self._at_rest.unwrap(_secret_context(agreement, key_version), wrapped)

    def keeps_keys(self, agreement: bytes) -> bool:
        """Whether a pair key of an agreement, or an own pair secret, is still here."""
        keys = select(_KEYS.c.agreement).where(_KEYS.c.agreement == agreement)
        secrets = select(_SECRETS.c.agreement).where(_SECRETS.c.agreement == agreement)
        return self._session.execute(keys.union_all(secrets).limit(1)).first() is not None

    def secrets(self) -> builtins.list[StoredPairSecret]:
        """Which own pair secrets still exist, oldest first."""
        query = select(_SECRETS.c.agreement, _SECRETS.c.key_version, _SECRETS.c.created)
        rows = self._session.execute(query.order_by(_SECRETS.c.created, _SECRETS.c.agreement))
        return [StoredPairSecret(row.agreement, row.key_version, row.created) for row in rows]

    def erase_secret(self, agreement: bytes, key_version: int) -> None:
        """Destroy the secret of an own offer; `Store.scrub` afterwards cleans the log."""
        this = and_(_SECRETS.c.agreement == agreement, _SECRETS.c.key_version == key_version)
        self._session.execute(delete(_SECRETS).where(this))

    def put_pair_key(self, agreement: bytes, partner: str, key_version: int, key: bytes) -> None:
        """Keep the key shared with a partner; it replaces one of a lower version.

        Raises:
            StoreError: A key of a higher version is here.
        """
        held = self._session.scalar(
            select(_KEYS.c.key_version).where(_pair(agreement, partner)).with_for_update()
        )
        if held is not None and held > key_version:
            raise StoreError("a newer pair key is in use")
        row = {
            "agreement": agreement,
            "partner": partner,
            "key_version": key_version,
            "key": self._at_rest.wrap(_key_context(agreement, partner, key_version), key),
        }
        put_row(self._session, _KEYS, row)

    def pair_key(self, agreement: bytes, partner: str) -> tuple[int, bytes] | None:
        """The version and the key shared with a partner, or None."""
        query = select(_KEYS.c.key_version, _KEYS.c.key).where(_pair(agreement, partner))
        row = self._session.execute(query).first()
        if row is None:
            return None
        context = _key_context(agreement, partner, row.key_version)
        return row.key_version, self._at_rest.unwrap(context, row.key)

    def erase_keys(self, agreement: bytes) -> None:
        """Destroy all pair keys and own pair secrets; `Store.scrub` afterwards cleans the log."""
        self._session.execute(delete(_KEYS).where(_KEYS.c.agreement == agreement))
        self._session.execute(delete(_SECRETS).where(_SECRETS.c.agreement == agreement))


def _pair(agreement: bytes, partner: str) -> ColumnElement[bool]:
    return and_(_KEYS.c.agreement == agreement, _KEYS.c.partner == partner)


def _secret_context(agreement: bytes, key_version: int) -> str:
    return f"pair_secrets|secret|{agreement.hex()}|{key_version}"


def _key_context(agreement: bytes, partner: str, key_version: int) -> str:
    return f"pair_keys|key|{agreement.hex()}|{partner}|{key_version}"

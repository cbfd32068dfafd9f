# SPDX-License-Identifier: Apache-2.0
"""Bulk grants: proposing, signing, showing them to everybody, and spending them.

They travel with the charter: every member keeps every grant, signed by enough custodians
or not, so that none is given behind anybody's back.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from federation.audit import OPERATOR, Actor, Count, Event
from federation.charter import Charter, LaneKey
from federation.charter.grants import (
    Approval,
    BulkGrant,
    SourceKind,
    approval,
    merge_grants,
    propose_grant,
    sign_grant,
)
from federation.documents import digest as digest_of
from federation.errors import CryptoError, InputError, MembershipError, PolicyError
from federation.indicators import IndicatorClass, Lane
from federation.member.core import Core, InForce
from federation.member.deeds import Deed, deed, record
from federation.member.roles import StaffAction, needs
from federation.storage import StoredGrant, Tx

__all__ = ["GrantRequest", "GrantView", "Granting", "good_grants"]

_MAX_GRANTS: Final = 32
"""More grants at once than this are somebody's mistake or attack."""


@dataclass(frozen=True, slots=True)
class GrantRequest:
    """What a custodian's operator wants to allow."""

    member: str
    source: str
    """Name of the source system."""
    source_kind: SourceKind
    rows: int
    """Records in it."""
    amount: int
    """Identifiers or people."""
    lane: Lane = Lane.NETWORK
    cls: IndicatorClass = IndicatorClass.IDENTIFIER
    days: int = 7


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant as people see it."""

    digest: bytes
    grant: BulkGrant
    approval: Approval
    used: int
    """Evaluations spent at this custodian."""


def good_grants(
    tx: Tx, charter: Charter, member: str, key: LaneKey, at: datetime
) -> list[StoredGrant]:
    """Return the grants that add to a member's budget now, under the charter in force.

    Args:
        tx: An open transaction.
        charter: The charter in force: whose signatures count is its decision.
        member: Who asks.
        key: The key that is asked for.
        at: Now.
    """
    stored = tx.grants.valid(member, key.lane.value, key.cls.value, at)
    return [one for one in stored if approval(one.envelope, charter).missing == 0]


class Granting:
    """The bulk grants that are known here."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def propose(self, request: GrantRequest, by: Actor = OPERATOR) -> bytes:
        """Sign a new grant as a custodian, and offer it to the others.

        Args:
            request: For whom, from which source, for how much.
            by: Who signs for the organisation.

        Returns:
            SHA-256 of its payload.

        Raises:
            PolicyError: The charter does not allow it, or there is an open one already.
            MembershipError: This member is no custodian of the key, or is the one it is for.
            MalformedError: A figure is out of range.
        """
        at = self._core.clock()
        current = self._core.require_charter()
        grant = BulkGrant(
            federation_id=current.charter.federation_id,
            member=request.member,
            source=request.source,
            source_kind=request.source_kind,
            rows=request.rows,
            lane=request.lane,
            cls=request.cls,
            amount=request.amount,
            valid_from=at,
            valid_until=at + timedelta(days=request.days),
            nonce=secrets.token_bytes(16),
        )
        envelope = propose_grant(grant, self._core.identity, current.charter, at)
        with deed(self._core, by, *needs(StaffAction.GRANT_PROPOSE)) as done:
            _check_alone(done.tx, grant, current.charter)
            _record_signed(done, grant)
            return self._keep(done.tx, current, envelope, at)

    def sign(self, digest: bytes, by: Actor = OPERATOR) -> None:
        """Add the own signature to a grant that a person has read.

        Args:
            digest: Which grant.
            by: Who signs for the organisation.

        Raises:
            PolicyError: The charter does not allow it, it is over, or another one is open.
            MembershipError: There is no such grant, or the signature does not count.
        """
        at = self._core.clock()
        with deed(self._core, by, *needs(StaffAction.GRANT_SIGN)) as done:
            tx = done.tx
            current = self._core.require_charter(tx)
            stored = next((one for one in tx.grants.list() if one.digest == digest), None)
            if stored is None:
                raise MembershipError(
                    "there is no such grant here",
                    next_step="run 'casethread sync' and 'casethread custodian grant list'",
                )
            grant = BulkGrant.from_envelope(stored.envelope)
            _check_alone(tx, grant, current.charter)
            _record_signed(done, grant)
            signed = sign_grant(stored.envelope, self._core.identity, current.charter, at)
            self._keep(tx, current, signed, at)

    def views(self) -> list[GrantView]:
        """Return every grant that is remembered here."""
        with self._core.store.read() as tx:
            current = self._core.in_force(tx)
            stored = tx.grants.list()
        if current is None:
            return []
        return [
            GrantView(
                one.digest,
                BulkGrant.from_envelope(one.envelope),
                approval(one.envelope, current.charter),
                one.used,
            )
            for one in stored
        ]

    def offers(self, tx: Tx) -> tuple[bytes, ...]:
        """Return what other members are shown: every grant that is not over."""
        at = self._core.clock()
        return tuple(one.envelope for one in tx.grants.list() if one.valid_until > at)[:_MAX_GRANTS]

    def receive(self, tx: Tx, sender: str, envelopes: tuple[bytes, ...]) -> None:
        """Pool the signatures that another member knows of."""
        current = self._core.in_force(tx)
        if current is None:
            return
        at = self._core.clock()
        for envelope in envelopes[:_MAX_GRANTS]:
            try:
                self._keep(tx, current, envelope, at)
            except (PolicyError, MembershipError, InputError, CryptoError) as error:
                self._core.log.warning("grant_refused", member=sender, error=type(error).__name__)

    def _keep(self, tx: Tx, current: InForce, envelope: bytes, at: datetime) -> bytes:
        digest = digest_of(BulkGrant.decode_envelope(envelope).payload)
        known = tx.grants.list()
        stored = next((one for one in known if one.digest == digest), None)
        before = envelope if stored is None else stored.envelope
        merged = merge_grants(before, envelope, current.charter, at)
        if stored is not None and stored.envelope == merged:
            return digest
        if stored is None and sum(one.valid_until > at for one in known) >= _MAX_GRANTS:
            raise PolicyError("there are too many open grants already")
        grant = BulkGrant.from_envelope(merged)
        tx.grants.put(
            StoredGrant(
                digest=digest,
                member=grant.member,
                lane=grant.lane.value,
                cls=grant.cls.value,
                valid_from=grant.valid_from,
                valid_until=grant.valid_until,
                budget=grant.evaluations,
                used=0,
                envelope=merged,
            )
        )
        was_good = stored is not None and approval(stored.envelope, current.charter).missing == 0
        if not was_good and approval(merged, current.charter).missing == 0:
            # Everybody's operator sees who may ask for so much.
            record(
                tx,
                Event.GRANT_OPENED,
                at,
                member=grant.member,
                lane=grant.lane,
                cls=grant.cls,
                counts={Count.TOKENS: grant.amount},
                documents=(digest,),
            )
            self._core.log.warning(
                "bulk_grant",
                member=grant.member,
                lane=grant.lane.value,
                cls=grant.cls.value,
                amount=grant.amount,
            )
        return digest


def _record_signed(done: Deed, grant: BulkGrant) -> None:
    done.record(
        Event.GRANT_SIGNED,
        member=grant.member,
        lane=grant.lane,
        cls=grant.cls,
        counts={Count.TOKENS: grant.amount},
        documents=(digest_of(grant.to_bytes()),),
    )


def _check_alone(tx: Tx, grant: BulkGrant, charter: Charter) -> None:
    """One grant at a time: two quorums have an honest custodian in common, who sees both."""
    own = digest_of(grant.to_bytes())
    for one in tx.grants.list():
        same = (one.member, one.lane, one.cls) == (grant.member, grant.lane, grant.cls)
        apart = one.valid_until <= grant.valid_from or grant.valid_until <= one.valid_from
        if same and not apart and one.digest != own and approval(one.envelope, charter).signers:
            raise PolicyError("another bulk grant for this member is open")

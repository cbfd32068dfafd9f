# SPDX-License-Identifier: Apache-2.0
"""The custodian's side: meter, evaluate, sign. It sees neither input nor output."""

import hashlib

from federation.charter import Custodian, LaneKey, Role
from federation.charter import Member as Listing
from federation.crypto.shares import KeyShare, check_indices
from federation.crypto.toprf import MAX_PROVED
from federation.errors import (
    GenerationError,
    InvalidInputError,
    MembershipError,
    PolicyError,
    QuotaError,
)
from federation.indicators import Lane
from federation.member.core import Core
from federation.member.granting import good_grants
from federation.messages import Evaluate, Evaluation
from federation.storage import Tx
from federation.tokens import charge_for, sign_statement

__all__ = ["Evaluator", "may_ask"]


def may_ask(role: Role, lane: Lane) -> bool:
    """Whether a member of a role is given pseudonyms of a lane at all.

    Args:
        role: The member's, as the charter lists it.
        lane: The lane.
    """
    return role is not Role.OVERSIGHT and not (
        role is Role.LAW_ENFORCEMENT and lane is Lane.SURVIVOR
    )


class Evaluator:
    """Evaluates blinded elements for members, within their budgets."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def handle(self, sender: str, request: Evaluate) -> Evaluation:
        """Answer one batch.

        Every element received is charged before it is evaluated, padding included; the same
        request again is free.

        Raises:
            MembershipError: This member holds no share of the key, or the sender is suspended.
            PolicyError: The sender's role has no business in the lane, or a check is claimed
                that no batch has paid for.
            GenerationError: The request is of another sharing of the key than the charter's.
            InvalidInputError: The quorum is not one of the key's.
            QuotaError: The budget is spent.
            DeserializeError: An element is malformed.
        """
        current = self._core.require_charter()
        listing = current.charter.member(sender)
        key = current.charter.key(request.key_id)
        if listing.suspended:
            raise MembershipError("the sender is suspended")
        if not may_ask(listing.role, key.lane):
            raise PolicyError("the sender's role asks for no pseudonyms in this lane")
        share = self._share(key, self._check_quorum(key, request))
        try:
            self._charge(sender, listing, key, request)
        except QuotaError as error:
            # Honest or guessing: a person should look at who asks for so much.
            self._core.log.warning(
                "quota_spent",
                member=sender,
                lane=key.lane.value,
                cls=key.cls.value,
                retry_after=error.retry_after,
            )
            raise
        evaluation = self._core.compute.evaluate(
            share, request.quorum, request.elements, prove=request.prove
        )
        statement = sign_statement(
            self._core.identity,
            index=share.index,
            requester=sender,
            request_id=request.request_id,
            key_id=request.key_id,
            generation=request.generation,
            quorum=request.quorum,
            elements=request.elements,
            evaluation=evaluation,
        )
        return Evaluation(evaluation.elements, evaluation.proof, statement)

    def _charge(self, sender: str, listing: Listing, key: LaneKey, request: Evaluate) -> None:
        """Count the elements against the sender's budget, in a transaction of its own."""
        at = self._core.clock()
        digest = hashlib.sha256(request.key_id + request.elements).digest()
        with self._core.store.write() as tx:
            if request.check_of is not None:
                self._claim_check(tx, sender, key, request, digest)
                return
            charter = self._core.require_charter(tx).charter
            limits = charter.rules.quota(listing, key.cls, at)
            grants = [one.digest for one in good_grants(tx, charter, sender, key, at)]
            tx.quota.charge(
                sender,
                request.request_id,
                digest,
                key.lane.value,
                key.cls.value,
                charge_for(len(request.elements) // 32),
                at,
                limits.daily,
                limits.monthly,
                grants=grants,
            )

    def _check_quorum(self, key: LaneKey, request: Evaluate) -> Custodian:
        """Return the own place in the quorum."""
        mine = key.custodian(self._core.me)
        if mine is None:
            raise MembershipError("this member holds no share of this key")
        if request.generation != key.generation:
            raise GenerationError("the charter in force lists another generation")
        listed = {custodian.index for custodian in key.custodians}
        quorum = check_indices(request.quorum)
        if mine.index not in quorum or not set(quorum) <= listed or len(quorum) < key.threshold:
            raise InvalidInputError("the quorum is not one of this key's")
        return mine

    def _share(self, key: LaneKey, mine: Custodian) -> KeyShare:
        with self._core.store.read() as tx:
            stored = tx.shares.get(key.key_id, mine.public_share)
        if stored is None:
            raise GenerationError("this custodian has no current share of the key")
        return KeyShare(stored.index, stored.secret, key.key_id, stored.generation, key.threshold)

    def _claim_check(
        self, tx: Tx, sender: str, key: LaneKey, request: Evaluate, digest: bytes
    ) -> None:
        """The one check of a large batch was paid with it, so a spent budget does not stop it."""
        paid = tx.quota.find_charge(sender, request.check_of or b"")
        if (
            paid is None
            or paid.amount <= MAX_PROVED
            or (paid.lane, paid.cls) != (key.lane.value, key.cls.value)
            or len(request.elements) != 32
            or not tx.quota.claim_check(sender, paid.request_id, digest)
        ):
            raise PolicyError("no batch has paid for this check")

# SPDX-License-Identifier: Apache-2.0
"""Survivors whom other organisations refer to this one."""

import dataclasses
from datetime import datetime, timedelta
from typing import Final

from federation.agreements import Purpose, explain
from federation.audit import NODE, OPERATOR, Actor, Count, Event, Outcome
from federation.disclosure import (
    DeclineReason,
    Referral,
    ReferralAnswer,
    ReferralChoice,
    ReferralRecall,
    referral_accesses,
)
from federation.documents import digest
from federation.errors import InputError, QuotaError
from federation.indicators import Lane
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.naming import named_letter
from federation.member.roles import StaffAction, needs
from federation.member.standing import Standing
from federation.storage import ReferralSide, ReferralStatus, StoredReferral, Tx

__all__ = ["Referred"]

_ACCEPTERS: Final = needs(StaffAction.REFERRAL_ACCEPT)
_DECLINERS: Final = needs(StaffAction.REFERRAL_DECLINE)
_PAUSE: Final = 24 * 3600.0
_MOST_OPEN: Final = 100
"""Of one member; more are refused until some are answered."""


class Referred:
    """The side to which survivors are referred."""

    def __init__(self, core: Core, standing: Standing) -> None:
        """Prepare.

        Args:
            core: The member.
            standing: Its agreements.
        """
        self._core = core
        self._standing = standing

    def take(self, done: Deed, letter: Referral) -> None:
        """Take a referral that came; people decide about it.

        Raises:
            PolicyError: The agreement does not list it.
            QuotaError: Too many of this member wait already.
        """
        assert letter.agreement is not None  # checked when it was read
        known = done.tx.referrals.get(ReferralSide.RECEIVED, letter.sender, letter.id)
        if known is not None:  # taken back before it came
            done.tx.letters.empty_in(letter.sender, letter.id)
            done.entries += 1  # written when it was taken back
            return
        if done.tx.referrals.count_open(letter.sender) >= _MOST_OPEN:
            raise QuotaError(
                "too many referrals of this member wait for an answer", retry_after=_PAUSE
            )
        self._check_listed(done.tx, letter)
        state = self._standing.require(done.tx, letter.agreement)
        done.tx.referrals.add(
            StoredReferral(
                ReferralSide.RECEIVED,
                letter.sender,
                letter.id,
                ReferralStatus.OPEN,
                made=done.at,
                due=letter.expires,
                agreement=letter.agreement,
                keep_until=min(
                    letter.keep_until, done.at + timedelta(days=state.terms.days_disclosed)
                ),
            )
        )
        done.record(
            Event.REFERRAL_RECEIVED,
            member=letter.sender,
            agreement=letter.agreement,
            lane=Lane.SURVIVOR,
            kinds=tuple(sorted({one.kind for one in letter.values})),
            purpose=Purpose.REFERRAL,
            counts={Count.FIELDS: letter.fields},
            documents=(digest(letter.to_bytes()),),
            named=(named_letter(letter.id),),
        )

    def take_back(self, done: Deed, recall: ReferralRecall) -> None:
        """Delete what is held of a referral that its sender takes back.

        One that has not come is remembered, so that it is not taken later.
        """
        stored = done.tx.referrals.get(ReferralSide.RECEIVED, recall.sender, recall.referral)
        if stored is None:
            done.tx.referrals.add(
                StoredReferral(
                    ReferralSide.RECEIVED,
                    recall.sender,
                    recall.referral,
                    ReferralStatus.RECALLED,
                    made=done.at,
                    due=done.at,
                )
            )
        else:
            done.tx.letters.empty_in(recall.sender, recall.referral)
            done.tx.referrals.put(
                dataclasses.replace(stored, status=ReferralStatus.RECALLED, keep_until=None)
            )
        done.record(
            Event.REFERRAL_RECEIVED,
            member=recall.sender,
            lane=Lane.SURVIVOR,
            outcome=Outcome.WITHDRAWN,
            documents=(digest(recall.to_bytes()),),
            named=(named_letter(recall.referral),),
        )

    def accept(self, referral: bytes, contact: str | None = None, by: Actor = OPERATOR) -> None:
        """Take a survivor on.

        Args:
            referral: Id of the referral.
            contact: Who does, for the other side.
            by: Who accepts.

        Raises:
            InputError: No such referral waits for an answer.
            PolicyError: Who accepts may not.
        """
        with deed(self._core, by, *_ACCEPTERS) as done:
            self._answer(done, referral, None, contact)

    def decline(
        self,
        referral: bytes,
        reason: DeclineReason,
        contact: str | None = None,
        by: Actor = OPERATOR,
    ) -> None:
        """Do not take a survivor on; what was told of them is deleted here at once.

        Args:
            referral: Id of the referral.
            reason: Why not.
            contact: Whom to ask instead.
            by: Who declines.

        Raises:
            InputError: No such referral waits for an answer.
            PolicyError: Who declines may not.
        """
        with deed(self._core, by, *_DECLINERS) as done:
            stored = self._answer(done, referral, reason, contact)
            done.tx.letters.empty_in(stored.member, referral)

    def tidy(self) -> None:
        """Give up what nobody answered, and delete what was kept for long enough."""
        at = self._core.clock()
        with self._core.store.read() as tx:
            kept = tx.referrals.in_force(ReferralSide.RECEIVED)
            over = [one for one in kept if _over(one, at)]
        for one in over:
            with deed(self._core, NODE, optional=True) as done:
                stored = done.tx.referrals.get(one.side, one.member, one.referral)
                if stored is not None and _over(stored, done.at):
                    self._settle(done, stored)

    def _settle(self, done: Deed, stored: StoredReferral) -> None:
        """End one whose time is over; what it says goes with it."""
        done.tx.letters.empty_in(stored.member, stored.referral)
        status = ReferralStatus.EXPIRED if stored.status.waits else stored.status
        done.tx.referrals.put(dataclasses.replace(stored, status=status, keep_until=None))
        done.record(
            Event.RETENTION_ENFORCED,
            member=stored.member,
            agreement=stored.agreement,
            named=(named_letter(stored.referral),),
        )

    def _answer(
        self, done: Deed, referral: bytes, reason: DeclineReason | None, contact: str | None
    ) -> StoredReferral:
        stored = _open(done, referral)
        state = self._standing.state(done.tx, stored.agreement)
        answer = ReferralAnswer(
            **done.letter_fields(stored.member),
            agreement=stored.agreement if state is not None else None,
            referral=referral,
            accepted=reason is None,
            reason=reason,
            contact=contact,
        )
        done.send(answer)
        done.tx.referrals.put(
            dataclasses.replace(
                stored,
                status=ReferralStatus.ACCEPTED if reason is None else ReferralStatus.DECLINED,
                by=done.by.id,
                answer=answer.id,
                keep_until=stored.keep_until if reason is None else None,
            )
        )
        done.record(
            Event.REFERRAL_DECIDED,
            member=stored.member,
            agreement=stored.agreement,
            lane=Lane.SURVIVOR,
            purpose=Purpose.REFERRAL,
            outcome=Outcome.APPROVED if reason is None else Outcome.DENIED,
            reason=None if reason is None else reason.value,
            documents=(digest(answer.to_bytes()),),
            named=(named_letter(referral), named_letter(answer.id)),
        )
        return stored

    def _check_listed(self, tx: Tx, letter: Referral) -> None:
        """Refuse what the signed paper does not list. The consent is the sender's to know."""
        assert letter.agreement is not None  # checked when it was read
        state = self._standing.state(tx, letter.agreement)
        charter = self._core.require_charter(tx).charter
        told = ReferralChoice(
            services=letter.services,
            urgency=letter.urgency,
            kinds=tuple(sorted({one.kind for one in letter.values})),
            contact=letter.contact,
            note=letter.note,
            safety=letter.safety,
        )
        for access in referral_accesses(letter.sender, self._core.me, told):
            for clause in explain(access, state, None, charter=charter, at=self._core.clock()):
                if not clause.allows and clause.name != "consent":
                    raise clause.error()


def _over(one: StoredReferral, at: datetime) -> bool:
    """Whether nobody answered it in time, or it was kept for long enough."""
    late = one.status.waits and one.due <= at
    return late or (one.keep_until is not None and one.keep_until <= at)


def _open(done: Deed, referral: bytes) -> StoredReferral:
    for one in done.tx.referrals.list(ReferralSide.RECEIVED):
        if one.referral == referral and one.status is ReferralStatus.OPEN:
            return one
    raise InputError(
        "no such referral waits for an answer", next_step="see 'casethread referral list'"
    )

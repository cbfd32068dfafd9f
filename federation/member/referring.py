# SPDX-License-Identifier: Apache-2.0
"""Referring a survivor to another organisation, with their consent, and taking it back."""

import dataclasses
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from federation.agreements import Grant, Purpose
from federation.audit import NODE, OPERATOR, Actor, Count, Event, Outcome, distinct, staff
from federation.disclosure import (
    Referral,
    ReferralAnswer,
    ReferralChoice,
    ReferralRecall,
    Referred,
    refer,
    referral_accesses,
)
from federation.documents import digest
from federation.errors import (
    AgreementError,
    CasethreadError,
    ExchangeError,
    InputError,
    PolicyError,
)
from federation.indicators import Lane
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.disclosing import NOBODY
from federation.member.holdings import values_of
from federation.member.naming import named_case, named_letter
from federation.member.referral_view import (
    ReferralView,
    answer_of,
    chosen_in,
    letter_of,
    referral_view,
)
from federation.member.roles import StaffAction, needs
from federation.member.standing import Standing
from federation.storage import (
    ReferralSide,
    ReferralStatus,
    StoredCase,
    StoredReferral,
    Tx,
)

__all__ = ["ReferralPreview", "Referring", "ToldReferral"]

_PREVIEWERS: Final = needs(StaffAction.REFERRAL_PREVIEW)
_SENDERS: Final = needs(StaffAction.REFERRAL_SEND)
_APPROVERS: Final = needs(StaffAction.REFERRAL_APPROVE)
_RECALLERS: Final = needs(StaffAction.REFERRAL_RECALL)
_READERS: Final = needs(StaffAction.REFERRAL_READ)
_GRACE: Final = timedelta(days=7)
"""How long an answer may be on its way."""


@dataclass(frozen=True, slots=True)
class ReferralPreview:
    """Exactly what would leave."""

    letter: Referral = field(repr=False)
    seen: bytes
    """Hash of it, by which it is approved."""
    approvers: int
    """How many different people must approve it."""
    minor: bool
    """The case involves a minor."""
    choice: ReferralChoice = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToldReferral:
    """What a referral says, and what was answered."""

    view: ReferralView
    letter: Referral = field(repr=False)
    answer: ReferralAnswer | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Made:
    """A referral with what it was made of."""

    referred: Referred
    case: StoredCase
    grants: Sequence[Grant]
    choice: ReferralChoice

    @property
    def approvers(self) -> int:
        return max(grant.approvers for grant in self.grants)


class Referring:
    """The side that refers."""

    def __init__(self, core: Core, standing: Standing, wait: timedelta) -> None:
        """Prepare.

        Args:
            core: The member.
            standing: Its agreements.
            wait: How long the other side has to answer.
        """
        self._core = core
        self._standing = standing
        self._wait = wait

    def preview(
        self,
        case_id: str,
        member: str,
        choice: ReferralChoice,
        *,
        source: str,
        by: Actor = OPERATOR,
    ) -> ReferralPreview:
        """Return exactly what would leave; that the case was read is recorded.

        Args:
            case_id: The own case.
            member: To whom.
            choice: What is to be let go.
            source: Of the case.
            by: Who looks.

        Raises:
            InputError: There is no such case, or it holds nothing of a kind that was chosen.
            PolicyError: Names the clause that denies it; or who looks may not.
            AgreementError: There is no agreement with this member.
        """
        with deed(self._core, by, *_PREVIEWERS) as done:
            case = _require_case(done.tx, case_id, source)
            return self._looked(done, member, self._make(done, case, member, choice, None))

    def waiting(self, referral: bytes, by: Actor = OPERATOR) -> ReferralPreview:
        """Return what the first of two people approved, for the second.

        Args:
            referral: Its id.
            by: Who looks.

        Raises:
            InputError: No such referral waits for a second person.
            PolicyError: It is not permitted now; or who looks may not.
        """
        with deed(self._core, by, *_PREVIEWERS) as done:
            stored = _waiting(done, referral)
            return self._looked(done, stored.member, self._again(done, stored, None))

    def send(
        self,
        case_id: str,
        member: str,
        choice: ReferralChoice,
        seen: bytes,
        *,
        source: str,
        by: Actor = OPERATOR,
    ) -> tuple[bytes, ReferralStatus]:
        """Approve exactly what was seen; it leaves, or waits for a second person.

        Args:
            case_id: The own case.
            member: To whom.
            choice: What is let go.
            seen: From the preview. If anything has changed since, nothing is approved.
            source: Of the case.
            by: Who refers.

        Returns:
            Id of the referral; ONCE if another person must approve it, else OPEN.

        Raises:
            InputError: There is no such case.
            PolicyError: It has changed since, is not permitted now, or who refers may not.
        """
        with deed(self._core, by, *_SENDERS) as done:
            case = _require_case(done.tx, case_id, source)
            made = self._make(done, case, member, choice, None)
            _check_seen(made, seen)
            stored = StoredReferral(
                ReferralSide.SENT,
                member,
                made.referred.letter.id,
                ReferralStatus.ONCE,
                made=done.at,
                due=done.at + self._wait,
                agreement=made.grants[0].agreement,
                case=case.uuid,
                by=done.by.id,
                seen=seen,
                choice=choice.model_dump_json().encode(),
            )
            done.tx.referrals.add(stored)
            if made.approvers >= 2:
                distinct(done.by, staff(b"", frozenset()))  # it takes an account
                self._decided(done, stored, made)
                return stored.referral, ReferralStatus.ONCE
            self._leave(done, stored, [done.by])
            return stored.referral, ReferralStatus.OPEN

    def approve(self, referral: bytes, seen: bytes, by: Actor = OPERATOR) -> None:
        """Approve, as the second person, what the first one approved; it leaves.

        Args:
            referral: Its id.
            seen: From `waiting`.
            by: Who approves.

        Raises:
            InputError: No such referral waits for a second person.
            PolicyError: It has changed since, is not permitted now, or who approves may not.
        """
        with deed(self._core, by, *_APPROVERS) as done:
            stored = _waiting(done, referral)
            made = self._again(done, stored, None)
            _check_seen(made, seen)
            if seen != stored.seen:
                raise _changed()
            first = Actor(stored.by)
            distinct(first, done.by)
            self._leave(done, stored, [first, done.by])

    def recall(self, referral: bytes, by: Actor = OPERATOR) -> None:
        """Take a referral back. What the other side holds of it is deleted there.

        Args:
            referral: Its id.
            by: Who takes it back.

        Raises:
            InputError: There is no such own referral, or it is over.
            PolicyError: Who takes it back may not.
        """
        with deed(self._core, by, *_RECALLERS) as done:
            self._recall(done, _own(done.tx, referral), done.by)

    def list(self, by: Actor = OPERATOR) -> list[ReferralView]:
        """Return every referral, own and received, newest first; the record counts who looked."""
        with deed(self._core, by, *needs(StaffAction.REFERRAL_LIST)) as done:
            done.count(Event.DISCLOSURE_READ, {Count.CALLS: 1})
            return [referral_view(done.tx, one) for one in reversed(done.tx.referrals.list())]

    def read(self, referral: bytes, by: Actor = OPERATOR) -> ToldReferral:
        """Return what a referral says, own or received; that it was read is recorded.

        Args:
            referral: Its id.
            by: Who reads.

        Raises:
            InputError: There is no such referral, it has not left, or nothing of it is kept.
            PolicyError: Who reads may not.
        """
        with deed(self._core, by, *_READERS) as done:
            found = [one for one in done.tx.referrals.list() if one.referral == referral]
            said = letter_of(done.tx, found[0]) if len(found) == 1 else None
            if said is None:
                raise InputError(
                    "there is no such referral, or nothing of it is kept here",
                    next_step="see 'casethread referral list'",
                )
            (stored,) = found
            done.record(
                Event.DISCLOSURE_READ,
                member=stored.member,
                agreement=stored.agreement,
                lane=Lane.SURVIVOR,
                named=(named_letter(referral),),
            )
            return ToldReferral(referral_view(done.tx, stored), said, answer_of(done.tx, stored))

    def take(self, done: Deed, answer: ReferralAnswer) -> None:
        """Take an answer that came.

        Raises:
            ExchangeError: It answers no open referral to its sender.
        """
        stored = done.tx.referrals.get(ReferralSide.SENT, answer.sender, answer.referral)
        if stored is None or stored.status is not ReferralStatus.OPEN:
            raise ExchangeError("this answers no open referral")
        stored = dataclasses.replace(stored, answer=answer.id)
        if answer.accepted:
            done.tx.referrals.put(dataclasses.replace(stored, status=ReferralStatus.ACCEPTED))
        else:
            self._close(done, stored, ReferralStatus.DECLINED)
        done.record(
            Event.REFERRAL_ARRIVED,
            member=answer.sender,
            agreement=stored.agreement,
            lane=Lane.SURVIVOR,
            outcome=Outcome.APPROVED if answer.accepted else Outcome.DENIED,
            reason=None if answer.reason is None else answer.reason.value,
            documents=(digest(answer.to_bytes()),),
            named=(named_letter(stored.referral), named_letter(answer.id)),
        )

    def may_leave(self, done: Deed, letter: Referral) -> bool:
        """Ask all grants again, right before a referral is delivered."""
        stored = done.tx.referrals.get(ReferralSide.SENT, letter.recipient, letter.id)
        assert stored is not None  # written in one transaction
        if stored.status is ReferralStatus.OPEN and self._still(done, stored):
            return True
        if stored.status is ReferralStatus.OPEN:
            self._end(done, stored, ReferralStatus.WITHHELD, Outcome.WITHHELD, NODE)
        return False

    def tidy(self) -> None:
        """End what nobody decides, take back what nothing allows any more, delete what is old."""
        with self._core.store.read() as tx:
            due = [one for one in tx.referrals.in_force(ReferralSide.SENT) if self._due(tx, one)]
        for one in due:
            with deed(self._core, NODE, optional=True) as done:
                stored = done.tx.referrals.get(one.side, one.member, one.referral)
                if stored is not None and self._due(done.tx, stored):
                    self._settle(done, stored)

    def _due(self, tx: Tx, one: StoredReferral) -> bool:
        at = self._core.clock()
        late = one.status.waits and one.due + _GRACE <= at
        old = one.keep_until is not None and one.keep_until <= at
        return late or old or not self._consented(tx, one)

    def _settle(self, done: Deed, stored: StoredReferral) -> None:
        if not self._consented(done.tx, stored):
            self._recall(done, stored, NODE)
        elif stored.status.waits and stored.due + _GRACE <= done.at:
            self._end(done, stored, ReferralStatus.EXPIRED, Outcome.UNDECIDED, NODE)
        else:
            done.tx.letters.empty_out(stored.referral)
            done.tx.referrals.put(dataclasses.replace(stored, keep_until=None, choice=None))
            done.record(
                Event.RETENTION_ENFORCED,
                member=stored.member,
                agreement=stored.agreement,
                named=(named_letter(stored.referral),),
            )

    def _consented(self, tx: Tx, one: StoredReferral) -> bool:
        """Whether the survivor still wants it: consent, case and no restriction."""
        if one.case is None or not tx.consents.names([one.case]):
            return False
        consent = self._core.consent_of(tx, one.case)
        if consent is None or self._core.restricted(tx, one.case):
            return False
        try:
            role = self._core.require_charter(tx).charter.member(one.member).role
            consent.covers(Purpose.REFERRAL, role, self._core.clock())
        except CasethreadError:
            return False
        return True

    def _recall(self, done: Deed, stored: StoredReferral, by: Actor) -> None:
        left = stored.status is not ReferralStatus.ONCE
        if left:
            done.send(ReferralRecall(**done.letter_fields(stored.member), referral=stored.referral))
        self._end(done, stored, ReferralStatus.RECALLED, Outcome.WITHDRAWN, by)

    def _end(
        self,
        done: Deed,
        stored: StoredReferral,
        status: ReferralStatus,
        outcome: Outcome,
        by: Actor,
    ) -> None:
        self._close(done, stored, status)
        done.record(
            Event.REFERRAL_DECIDED,
            by=by,
            member=stored.member,
            agreement=stored.agreement,
            lane=Lane.SURVIVOR,
            outcome=outcome,
            named=(named_letter(stored.referral),),
        )

    def _close(self, done: Deed, stored: StoredReferral, status: ReferralStatus) -> None:
        """Let nothing of it leave any more, and keep nothing of it."""
        done.tx.letters.drop(stored.referral)
        ended = dataclasses.replace(stored, status=status, seen=None, choice=None, keep_until=None)
        done.tx.referrals.put(ended)

    def _looked(self, done: Deed, member: str, made: _Made) -> ReferralPreview:
        case = made.case
        done.record(Event.CASE_READ, member=member, named=(named_case(case.source, case.id),))
        return ReferralPreview(
            letter=made.referred.letter,
            seen=made.referred.letter.seen(),
            approvers=made.approvers,
            minor=case.minor,
            choice=made.choice,
        )

    def _leave(self, done: Deed, stored: StoredReferral, approved: Sequence[Actor]) -> None:
        made = self._again(done, stored, approved)
        letter = made.referred.letter
        done.send(letter)
        done.tx.referrals.put(
            dataclasses.replace(
                stored,
                status=ReferralStatus.OPEN,
                due=letter.expires,
                keep_until=letter.keep_until,
            )
        )
        done.record(
            Event.REFERRAL_SENT,
            second_actor=approved[0].id if len(approved) > 1 else None,
            documents=(digest(letter.to_bytes()),),
            named=(named_letter(letter.id), named_case(made.case.source, made.case.id)),
            **made.referred.facts,
        )

    def _decided(self, done: Deed, stored: StoredReferral, made: _Made) -> None:
        done.record(
            Event.REFERRAL_DECIDED,
            member=stored.member,
            agreement=stored.agreement,
            lane=Lane.SURVIVOR,
            purpose=Purpose.REFERRAL,
            outcome=Outcome.APPROVED,
            named=(
                named_letter(stored.referral),
                named_case(made.case.source, made.case.id),
            ),
        )

    def _still(self, done: Deed, stored: StoredReferral) -> bool:
        """Whether the same would be referred now."""
        try:
            made = self._again(done, stored, None)
        except CasethreadError:
            return False
        return made.referred.letter.seen() == stored.seen

    def _again(self, done: Deed, stored: StoredReferral, approved: Sequence[Actor] | None) -> _Made:
        """Make a referral that is known already, from what is here now.

        Raises:
            InputError: The case is gone.
        """
        names = done.tx.consents.names([] if stored.case is None else [stored.case])
        if stored.case is None or stored.case not in names:
            raise InputError("the case is not here any more")
        source, case_id = names[stored.case]
        case = _require_case(done.tx, case_id, source)
        fields = done.letter_fields(stored.member, lifetime=self._wait) | {"id": stored.referral}
        grants = self._grants(done.tx, case, stored.member, chosen_in(stored), stored.agreement)
        return self._made(case, chosen_in(stored), grants, approved, fields)

    def _make(
        self,
        done: Deed,
        case: StoredCase,
        member: str,
        choice: ReferralChoice,
        approved: Sequence[Actor] | None,
    ) -> _Made:
        """Make a new referral under the first agreement that allows all of it."""
        refusal: PolicyError | None = None
        for one in done.tx.agreements.list():
            try:
                grants = self._grants(done.tx, case, member, choice, one.hash)
            except PolicyError as error:
                between = error.clause != "parties"
                refusal = refusal if refusal is not None and not between else error
                continue
            fields = done.letter_fields(member, lifetime=self._wait)
            fields["id"] = secrets.token_bytes(16)
            return self._made(case, choice, grants, approved, fields)
        raise refusal or AgreementError("there is no agreement with this member")

    def _made(
        self,
        case: StoredCase,
        choice: ReferralChoice,
        grants: Sequence[Grant],
        approved: Sequence[Actor] | None,
        fields: dict[str, object],
    ) -> _Made:
        needed = max(grant.approvers for grant in grants)
        referred = refer(
            choice,
            values_of(case, Lane.SURVIVOR),
            grants,
            NOBODY[:needed] if approved is None else approved,
            letter=fields,
            # Not the deed's own time, which may be a second before the grants'.
            at=self._core.clock(),
        )
        return _Made(referred, case, grants, choice)

    def _grants(
        self, tx: Tx, case: StoredCase, member: str, choice: ReferralChoice, agreement: bytes
    ) -> tuple[Grant, ...]:
        consent = self._core.consent_of(tx, case.uuid)
        restricted = self._core.restricted(tx, case.uuid)
        return tuple(
            self._standing.authorise(tx, agreement, access, consent, restricted=restricted)
            for access in referral_accesses(self._core.me, member, choice)
        )


def _check_seen(made: _Made, seen: bytes) -> None:
    if made.referred.letter.seen() != seen:
        raise _changed()


def _changed() -> PolicyError:
    return PolicyError(
        "what would leave has changed since it was looked at",
        next_step="take it back with 'casethread referral recall', look again, and refer anew",
        clause="seen",
    )


def _require_case(tx: Tx, case_id: str, source: str) -> StoredCase:
    case = tx.cases.get(case_id, source)
    if case is None:
        raise InputError("there is no such case", next_step="see 'casethread case list'")
    return case


def _own(tx: Tx, referral: bytes) -> StoredReferral:
    over = {ReferralStatus.RECALLED, ReferralStatus.WITHHELD}
    for one in tx.referrals.list(ReferralSide.SENT):
        if one.referral == referral and one.status not in over:
            return one
    raise InputError(
        "there is no such own referral, or it is over", next_step="see 'casethread referral list'"
    )


def _waiting(done: Deed, referral: bytes) -> StoredReferral:
    for one in done.tx.referrals.in_force(ReferralSide.SENT):
        if one.referral == referral and one.status is ReferralStatus.ONCE and one.due > done.at:
            return one
    raise InputError(
        "no such referral waits for a second person", next_step="see 'casethread referral list'"
    )

# SPDX-License-Identifier: Apache-2.0
"""Deciding about another member's request for disclosure, and answering it."""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from federation.agreements import Status
from federation.audit import NODE, OPERATOR, Actor, Event, Outcome, distinct, staff
from federation.disclosure import (
    AnswerOutcome,
    Choice,
    Disclosure,
    DisclosureAnswer,
    DisclosureRequest,
    disclose,
    refuse,
)
from federation.documents import digest
from federation.errors import CasethreadError, InputError, PolicyError, QuotaError
from federation.indicators import Subject
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.disclosure_view import check_listed, named_matches, request_of
from federation.member.holdings import Held, held_on, needed_for
from federation.member.naming import in_parts, named_case, named_letter
from federation.member.roles import StaffAction, needs
from federation.member.standing import Standing
from federation.storage import (
    Direction,
    DisclosureStatus,
    LetterStatus,
    StoredDisclosure,
    Tx,
)

__all__ = ["NOBODY", "Disclosing", "Preview"]

_PREVIEWERS: Final = needs(StaffAction.DISCLOSURE_PREVIEW)
_APPROVERS: Final = needs(StaffAction.DISCLOSURE_APPROVE)
_DENIERS: Final = needs(StaffAction.DISCLOSURE_DENY)
_PAUSE: Final = 24 * 3600.0
_MOST_WAITING: Final = 100
"""Of one member; more are refused until some are decided."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Exactly what would leave."""

    answer: DisclosureAnswer = field(repr=False)
    seen: bytes
    """Hash of it, by which it is approved."""
    approvers: int
    """How many different people must approve it."""
    minor: bool
    """A case in it involves a minor."""
    withheld: tuple[str, ...]
    """Clauses that keep something of it back."""


class Disclosing:
    """The giver's side."""

    def __init__(self, core: Core, standing: Standing, wait: timedelta) -> None:
        """Prepare.

        Args:
            core: The member.
            standing: Its agreements.
            wait: How long a request waits here at most.
        """
        self._core = core
        self._standing = standing
        self._wait = wait

    def take(self, done: Deed, request: DisclosureRequest) -> None:
        """Take a request that came; people decide about it.

        That no match is known under an id is not said: an answer by itself would tell what is
        held.

        Raises:
            PolicyError: The agreement does not list it.
            QuotaError: Too many requests of this member wait already.
        """
        assert request.agreement is not None  # checked when it was read
        waiting = done.tx.disclosures.count_waiting(Direction.RECEIVED, request.sender)
        if waiting >= _MOST_WAITING:
            raise QuotaError(
                "too many requests of this member wait for an answer", retry_after=_PAUSE
            )
        state = self._standing.state(done.tx, request.agreement)
        listed = [] if state is None else state.terms.subjects
        subjects: Sequence[Subject] = [one for one in listed if one.lane is request.lane]
        # Without a subject of the lane any one of it is refused by the right clause.
        for subject in subjects[:1] or [one for one in Subject if one.lane is request.lane][:1]:
            check_listed(self._core, self._standing, done.tx, request, [subject])
        stored = StoredDisclosure(
            Direction.RECEIVED,
            request.sender,
            request.id,
            request.agreement,
            DisclosureStatus.OPEN,
            asked=done.at,
            due=min(request.expires, done.at + self._wait),
        )
        done.tx.disclosures.add(stored)
        done.record(
            Event.DISCLOSURE_RECEIVED,
            member=request.sender,
            agreement=request.agreement,
            lane=request.lane,
            kinds=request.kinds,
            purpose=request.purpose,
            documents=(digest(request.to_bytes()),),
            named=[named_letter(request.id), *named_matches(done.tx, stored, request)],
        )

    def preview(self, request: bytes, choice: Choice, by: Actor = OPERATOR) -> Preview:
        """Return exactly what would leave; that the cases were read is recorded.

        Args:
            request: Id of the request.
            choice: What is to be let go.
            by: Who looks.

        Raises:
            InputError: There is no such request, it is decided, or there is nothing to tell.
            PolicyError: Nothing of it is permitted now, or who looks may not.
        """
        with deed(self._core, by, *_PREVIEWERS) as done:
            stored = _waiting(done, request)
            asked = request_of(done.tx, stored)
            held, withheld = held_on(self._core, self._standing, done.tx, asked, choice)
            made = self._answer(done, asked, choice, held, None)
            cases = [named_case(one.case.source, one.case.id) for one in held]
            for part in in_parts([named_letter(request), *cases]):
                done.record(Event.CASE_READ, member=stored.member, named=part)
            return Preview(
                answer=made.answer,
                seen=made.answer.seen(),
                approvers=needed_for(held),
                minor=any(one.holding.minor for one in held),
                withheld=withheld,
            )

    def approve(
        self, request: bytes, choice: Choice, seen: bytes, by: Actor = OPERATOR
    ) -> DisclosureStatus:
        """Approve exactly what was seen; with enough people it leaves.

        Args:
            request: Id of the request.
            choice: What is let go.
            seen: From the preview. If anything has changed since, nothing is approved.
            by: Who approves.

        Returns:
            ONCE if another person must approve it too, else APPROVED or NARROWED.

        Raises:
            InputError: There is no such request, or it is decided.
            PolicyError: It has changed since, is not permitted now, or who approves may not.
        """
        with deed(self._core, by, *_APPROVERS) as done:
            stored = _waiting(done, request)
            asked = request_of(done.tx, stored)
            held, _ = held_on(self._core, self._standing, done.tx, asked, choice)
            made = self._answer(done, asked, choice, held, None)
            if made.answer.seen() != seen:
                raise PolicyError(
                    "what would leave has changed since you looked at it",
                    next_step="look again: 'casethread disclosure preview REQUEST'",
                    clause="seen",
                )
            needed = needed_for(held)
            second = stored.status is DisclosureStatus.ONCE and stored.seen == seen
            if needed >= 2 and not second:
                return self._once(done, stored, asked, choice, made.answer)
            approved = [done.by]
            if second:
                approved = [_first(stored), done.by]
                distinct(*approved)
            made = self._answer(done, asked, choice, held, approved)
            self._send(done, stored, asked, made, approved, choice, held)
            return DisclosureStatus(made.answer.outcome.value)

    def chosen(self, request: bytes, by: Actor = OPERATOR) -> Choice | None:
        """Return what the first of two people chose, for the second; None if nobody has.

        Args:
            request: Id of the request.
            by: Who asks.

        Raises:
            InputError: There is no such request, or it is decided.
            PolicyError: Who asks may not.
        """
        with deed(self._core, by, *_PREVIEWERS, optional=True) as done:
            stored = _waiting(done, request)
        return None if stored.choice is None else Choice.model_validate_json(stored.choice)

    def deny(self, request: bytes, by: Actor = OPERATOR) -> None:
        """Answer with nothing. The asker is not told why.

        Raises:
            InputError: There is no such request, or it is decided.
            PolicyError: Who denies may not.
        """
        with deed(self._core, by, *_DENIERS) as done:
            stored = _waiting(done, request)
            self._refuse(done, stored, AnswerOutcome.DENIED, DisclosureStatus.DENIED, done.by)

    def tidy(self) -> None:
        """End requests whose time is over, or whose agreement has ended."""
        at = self._core.clock()
        with self._core.store.read() as tx:
            waiting = tx.disclosures.waiting(Direction.RECEIVED)
            over = [one for one in waiting if one.due <= at or not self._live(tx, one)]
        for one in over:
            with deed(self._core, NODE, optional=True) as done:
                stored = done.tx.disclosures.get(one.direction, one.member, one.request)
                if stored is not None and stored.status.waits:
                    late = stored.due <= done.at
                    status = DisclosureStatus.EXPIRED if late else DisclosureStatus.WITHHELD
                    self._refuse(done, stored, AnswerOutcome.EXPIRED, status, NODE)

    def may_leave(self, done: Deed, answer: DisclosureAnswer) -> bool:
        """Ask all grants again, right before an answer is delivered.

        What is not allowed any more, or not held, is not delivered; the asker is told what it
        would be told if nobody had decided.
        """
        if not answer.outcome.gives:
            return True
        stored = done.tx.disclosures.answered_with(answer.id)
        assert stored is not None  # written in one transaction
        if stored.choice is None:
            return False
        request = request_of(done.tx, stored)
        choice = Choice.model_validate_json(stored.choice)
        if self._still(done, request, choice, answer):
            return True
        self._refuse(done, stored, AnswerOutcome.EXPIRED, DisclosureStatus.WITHHELD, NODE)
        return False

    def erase(self, tx: Tx, matches: Collection[bytes]) -> None:
        """Delete the own copies of what was let go on some matches; their case is erased.

        What is not delivered yet is withheld when it is due (`may_leave`).

        Args:
            tx: The transaction that erases the case.
            matches: UUIDs.
        """
        for stored in tx.disclosures.list(Direction.RECEIVED):
            if stored.keep_until is None or stored.answer is None:
                continue
            request = request_of(tx, stored)
            known = (tx.matches.known_as(stored.member, one) for one in request.matches)
            sent = tx.letters.get_out(stored.answer)
            delivered = sent is not None and sent.status is not LetterStatus.WAITING
            if delivered and any(one is not None and one.uuid in matches for one in known):
                tx.letters.empty_out(stored.answer)
                tx.disclosures.put(
                    dataclasses.replace(stored, status=DisclosureStatus.DELETED, choice=None)
                )

    def _still(
        self, done: Deed, request: DisclosureRequest, choice: Choice, answer: DisclosureAnswer
    ) -> bool:
        """Whether the same would be answered now."""
        try:
            held, _ = held_on(self._core, self._standing, done.tx, request, choice)
            made = self._answer(done, request, choice, held, None)
        except CasethreadError:
            return False
        return made.answer.seen() == answer.seen()

    def _live(self, tx: Tx, one: StoredDisclosure) -> bool:
        state = self._standing.state(tx, one.agreement)
        return state is not None and state.status(self._core.clock()) is Status.IN_FORCE

    def _once(
        self,
        done: Deed,
        stored: StoredDisclosure,
        asked: DisclosureRequest,
        choice: Choice,
        answer: DisclosureAnswer,
    ) -> DisclosureStatus:
        """Keep the first of two approvals, in place of an earlier one of something else."""
        distinct(done.by, staff(b"", frozenset()))  # it takes an account; the other comes later
        done.tx.disclosures.put(
            dataclasses.replace(
                stored,
                status=DisclosureStatus.ONCE,
                by=done.by.id,
                seen=answer.seen(),
                choice=_kept(choice),
            )
        )
        done.record(
            Event.DISCLOSURE_DECIDED,
            member=stored.member,
            agreement=stored.agreement,
            lane=asked.lane,
            purpose=asked.purpose,
            outcome=Outcome(answer.outcome.value),
            named=[named_letter(stored.request), *named_matches(done.tx, stored, asked)],
        )
        return DisclosureStatus.ONCE

    def _send(
        self,
        done: Deed,
        stored: StoredDisclosure,
        asked: DisclosureRequest,
        made: Disclosure,
        approved: Sequence[Actor],
        choice: Choice,
        held: Sequence[Held],
    ) -> None:
        done.send(made.answer)
        done.tx.disclosures.put(
            dataclasses.replace(
                stored,
                status=DisclosureStatus(made.answer.outcome.value),
                by=approved[0].id,
                seen=made.answer.seen(),
                choice=_kept(choice),
                answer=made.answer.id,
                keep_until=made.answer.keep_until,
            )
        )
        other = approved[0].id if len(approved) > 1 else None
        named = [
            named_letter(stored.request),
            named_letter(made.answer.id),
            *named_matches(done.tx, stored, asked),
            *(named_case(one.case.source, one.case.id) for one in held if one.holding.grants),
        ]
        for part in in_parts(named):
            done.record(
                Event.DISCLOSURE_ANSWERED,
                second_actor=other,
                documents=(digest(made.answer.to_bytes()),),
                named=part,
                **made.facts,
            )

    def _refuse(
        self,
        done: Deed,
        stored: StoredDisclosure,
        outcome: AnswerOutcome,
        status: DisclosureStatus,
        by: Actor,
    ) -> None:
        asked = request_of(done.tx, stored)
        made = refuse(asked, outcome, letter=done.letter_fields(stored.member))
        done.send(made.answer)
        ended = {"status": status, "seen": None, "choice": None, "answer": made.answer.id}
        ended["keep_until"] = None
        done.tx.disclosures.put(dataclasses.replace(stored, **ended))  # type: ignore[arg-type]
        facts = dict(made.facts)
        if status is DisclosureStatus.WITHHELD:
            facts["outcome"] = Outcome.WITHHELD
        done.record(
            Event.DISCLOSURE_ANSWERED,
            by=by,
            documents=(digest(made.answer.to_bytes()),),
            named=[
                named_letter(stored.request),
                named_letter(made.answer.id),
                *named_matches(done.tx, stored, asked),
            ],
            **facts,
        )

    def _answer(
        self,
        done: Deed,
        asked: DisclosureRequest,
        choice: Choice,
        held: Sequence[Held],
        approved: Sequence[Actor] | None,
    ) -> Disclosure:
        """Make the answer; without approvals only to look at it."""
        people = NOBODY[: needed_for(held)] if approved is None else approved
        return disclose(
            asked,
            choice,
            [one.holding for one in held],
            people,
            letter=done.letter_fields(asked.sender),
            # Not the deed's own time, which may be a second before the grants'.
            at=self._core.clock(),
        )


NOBODY: Final = tuple(staff(bytes([0] * 7 + [n]), frozenset()) for n in (1, 2))
"""Stand for the people who would have to approve what is only looked at."""


def _waiting(done: Deed, request: bytes) -> StoredDisclosure:
    """Return a received request that is to be decided."""
    waiting = done.tx.disclosures.waiting(Direction.RECEIVED)
    found = [one for one in waiting if one.request == request and one.due > done.at]
    if len(found) != 1:
        raise InputError(
            "no such request waits for a decision", next_step="see 'casethread disclosure list'"
        )
    return found[0]


def _first(stored: StoredDisclosure) -> Actor:
    return Actor(stored.by)


def _kept(choice: Choice) -> bytes:
    return choice.model_dump_json().encode()

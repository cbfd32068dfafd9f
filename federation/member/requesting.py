# SPDX-License-Identifier: Apache-2.0
"""Asking a partner for a disclosure, and reading what it let go."""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from federation.agreements import Detail, Handling, Purpose, Status
from federation.audit import NODE, OPERATOR, Actor, Count, Event, Outcome
from federation.disclosure import DisclosureAnswer, DisclosureRequest, Item
from federation.documents import digest
from federation.errors import AgreementError, ExchangeError, InputError, PolicyError
from federation.indicators import Kind, Lane, Subject
from federation.member.casework import rows_of
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.disclosure_view import (
    DisclosureView,
    check_listed,
    named_matches,
    request_of,
    view_of,
)
from federation.member.naming import named_letter, named_match
from federation.member.roles import StaffAction, needs
from federation.member.standing import Standing
from federation.storage import Direction, DisclosureStatus, StoredDisclosure, Tx, Verdict
from federation.storage.matches import MatchStatus, StoredMatch

__all__ = ["Requesting", "Told"]

_ASKERS: Final = needs(StaffAction.DISCLOSURE_ASK)
_VIEWERS: Final = needs(StaffAction.DISCLOSURE_SHOW)
_READERS: Final = needs(StaffAction.DISCLOSURE_READ)
_EXPORTERS: Final = needs(StaffAction.DISCLOSURE_EXPORT)
_GRACE: Final = timedelta(days=7)
"""How long an answer may be on its way."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner let go."""

    view: DisclosureView
    answer: DisclosureAnswer = field(repr=False)


class Requesting:
    """The receiver's side."""

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

    def ask(
        self,
        matches: Sequence[bytes],
        items: Collection[Item],
        purpose: Purpose,
        *,
        note: str | None = None,
        by: Actor = OPERATOR,
    ) -> bytes:
        """Ask the partner of a match what else it holds.

        Args:
            matches: Own UUIDs of proven matches with one partner in one lane.
            items: What is asked for.
            purpose: For what.
            note: Why, for the people who decide there; at most 500 characters.
            by: Who asks.

        Returns:
            Id of the request, 16 bytes.

        Raises:
            InputError: The matches are not of one partner, not proven, or rejected here.
            AgreementError: No agreement lists it.
            PolicyError: A rule denies it, or who asks may not.
        """
        with deed(self._core, by, *_ASKERS) as done:
            found = [_askable(done.tx, match) for match in dict.fromkeys(matches)]
            sides = {(one.partner, one.lane) for one in found}
            if len(sides) != 1:
                raise InputError("a request is about matches with one member, in one lane")
            ((partner, lane),) = sides
            draft = DisclosureRequest(
                **done.letter_fields(partner, lifetime=self._wait),
                agreement=found[0].agreement,
                matches=tuple(sorted({one.match_id for one in found})),
                lane=Lane(lane),
                kinds=tuple(sorted(one for one in items if isinstance(one, Kind))),
                details=tuple(sorted(one for one in items if isinstance(one, Detail))),
                purpose=purpose,
                note=note,
            )
            request = self._under(done, draft, found)
            assert request.agreement is not None  # a request names one
            done.send(request)
            done.tx.disclosures.add(
                StoredDisclosure(
                    Direction.ASKED,
                    partner,
                    request.id,
                    request.agreement,
                    DisclosureStatus.OPEN,
                    asked=done.at,
                    due=request.expires,
                    by=done.by.id,
                )
            )
            done.record(
                Event.DISCLOSURE_ASKED,
                member=partner,
                agreement=request.agreement,
                lane=request.lane,
                kinds=request.kinds,
                purpose=purpose,
                documents=(digest(request.to_bytes()),),
                named=[named_letter(request.id), *(named_match(one.uuid) for one in found)],
            )
        return request.id

    def list(self, by: Actor = OPERATOR) -> list[DisclosureView]:
        """Return every request, own and received, newest first; the record counts who looked."""
        with deed(self._core, by, *needs(StaffAction.DISCLOSURE_LIST)) as done:
            done.count(Event.DISCLOSURE_READ, {Count.CALLS: 1})
            return [view_of(done.tx, one) for one in reversed(done.tx.disclosures.list())]

    def show(self, request: bytes, by: Actor = OPERATOR) -> DisclosureView:
        """Return one request; that it was read is recorded.

        Raises:
            InputError: There is no such request.
            PolicyError: Who reads may not.
        """
        with deed(self._core, by, *_VIEWERS) as done:
            stored = _find(done.tx, request)
            _read(done, stored)
            return view_of(done.tx, stored)

    def read(self, request: bytes, by: Actor = OPERATOR) -> Told:
        """Return what a partner let go; that it was read is recorded.

        Args:
            request: Id of the own request.
            by: Who reads.

        Raises:
            InputError: There is no such own request, or nothing came of it.
            PolicyError: Who reads may not; or it is for the person who asked alone.
        """
        with deed(self._core, by, *_READERS) as done:
            stored = _find(done.tx, request)
            answer = self._answer(done, stored)
            _read(done, stored)
            return Told(view_of(done.tx, stored), answer)

    def export(self, request: bytes, *, permitted: bool = False, by: Actor = OPERATOR) -> Told:
        """Return what a partner let go, to be written into a file; the record says that it was.

        Args:
            request: Id of the own request.
            permitted: The giver has permitted to use it in court; that is recorded too.
            by: Who exports.

        Raises:
            InputError: There is no such own request, or nothing came of it.
            PolicyError: Its codes do not let it be used in court without permission, it is for
                the person who asked alone, or who exports may not.
        """
        with deed(self._core, by, *_EXPORTERS) as done:
            stored = _find(done.tx, request)
            answer = self._answer(done, stored)
            assert answer.marking is not None  # something is given
            if not answer.marking.in_court and not permitted:
                raise PolicyError(
                    "its handling codes keep it out of court without the giver's permission",
                    next_step="ask for it, then export with --with-permission",
                    clause="europol",
                )
            done.record(
                Event.RECORD_EXPORTED,
                member=stored.member,
                agreement=stored.agreement,
                reason="with-permission" if permitted else None,
                documents=(digest(answer.to_bytes()),),
                named=(named_letter(stored.request),),
            )
            return Told(view_of(done.tx, stored), answer)

    def take(self, done: Deed, answer: DisclosureAnswer) -> None:
        """Take an answer that came.

        Raises:
            ExchangeError: It answers no open request of this member to that one, or tells what
                was not asked.
            AgreementError: The agreement has ended.
        """
        stored = done.tx.disclosures.get(Direction.ASKED, answer.sender, answer.request)
        if stored is None or not stored.status.waits or stored.agreement != answer.agreement:
            raise ExchangeError("this answers no open request")
        request = request_of(done.tx, stored)
        _check_answer(request, answer)
        told_of = {match for case in answer.cases for match in case.matches}
        known = [done.tx.matches.known_as(answer.sender, one) for one in told_of]
        if any(one is not None and one.status is MatchStatus.WITHDRAWN for one in known):
            raise ExchangeError("its sender took a match back that it tells of")
        kept = None
        if answer.keep_until is not None:
            state = self._standing.require(done.tx, stored.agreement)
            if state.status(done.at) is not Status.IN_FORCE:
                raise AgreementError("the agreement has ended", clause="status")
            kept = min(answer.keep_until, done.at + timedelta(days=state.terms.days_disclosed))
        done.tx.disclosures.put(
            dataclasses.replace(
                stored,
                status=DisclosureStatus(answer.outcome.value),
                answer=answer.id,
                keep_until=kept,
            )
        )
        told = sorted({value.kind for case in answer.cases for value in case.values})
        done.record(
            Event.DISCLOSURE_ARRIVED,
            member=answer.sender,
            agreement=answer.agreement,
            lane=request.lane,
            kinds=tuple(told),
            purpose=request.purpose,
            outcome=Outcome(answer.outcome.value),
            counts={Count.FIELDS: answer.fields},
            documents=(digest(answer.to_bytes()),),
            named=[
                named_letter(request.id),
                named_letter(answer.id),
                *named_matches(done.tx, stored, request),
            ],
        )

    def tidy(self) -> None:
        """Give up requests that nobody answered, and delete what was kept long enough."""
        at = self._core.clock()
        with self._core.store.read() as tx:
            late = [
                one for one in tx.disclosures.waiting(Direction.ASKED) if one.due + _GRACE <= at
            ]
            old = tx.disclosures.kept_too_long(at)
        if not late and not old:
            return
        with deed(self._core, NODE, optional=True) as done:
            for one in late:
                self._give_up(done, one)
            for one in old:
                _delete(done, one)

    def _give_up(self, done: Deed, one: StoredDisclosure) -> None:
        stored = done.tx.disclosures.get(one.direction, one.member, one.request)
        if stored is None or not stored.status.waits:
            return
        expired = dataclasses.replace(stored, status=DisclosureStatus.EXPIRED)
        done.tx.disclosures.put(expired)
        done.record(
            Event.DISCLOSURE_ARRIVED,
            by=NODE,
            member=stored.member,
            agreement=stored.agreement,
            outcome=Outcome.UNDECIDED,
            named=(named_letter(stored.request),),
        )

    def _under(
        self, done: Deed, draft: DisclosureRequest, found: Sequence[StoredMatch]
    ) -> DisclosureRequest:
        """Put a request under an agreement that lists all of it: the match's, else another one."""
        rows = (row for one in found for row in rows_of(done.tx, one))
        subjects = sorted({row.subject for row in rows if row.subject.lane is draft.lane})
        others = [one.hash for one in done.tx.agreements.list()]
        refusal: PolicyError | None = None
        for agreement in dict.fromkeys([*(one.agreement for one in found), *others]):
            request = draft.replace(agreement=agreement)
            try:
                check_listed(self._core, self._standing, done.tx, request, subjects)
            except PolicyError as error:
                refusal = refusal or error
            else:
                return request
        raise refusal or AgreementError("there is no agreement with this member")

    def _answer(self, done: Deed, stored: StoredDisclosure) -> DisclosureAnswer:
        """Return what came, for who acts."""
        letter = None
        if stored.answer is not None:
            letter = done.tx.letters.get_in(stored.member, stored.answer)
        if stored.direction is not Direction.ASKED or letter is None or not letter.envelope:
            raise InputError(
                "there is nothing to read: it is not answered, or was kept for long enough",
                next_step="see 'casethread disclosure list'",
            )
        answer = DisclosureAnswer.from_envelope(letter.envelope)
        if not answer.outcome.gives:
            raise InputError(f"the answer is '{answer.outcome.value}' and holds nothing")
        if answer.handling is Handling.RED and done.by.id != stored.by:
            raise PolicyError(
                "this is for the person who asked, and for nobody else (tlp:red)",
                clause="handling",
            )
        return answer


def _askable(tx: Tx, match: bytes) -> StoredMatch:
    stored = tx.matches.get(match)
    if stored is None or stored.status is not MatchStatus.PROVEN:
        raise InputError(
            "only a proven match can be asked about", next_step="see 'casethread match list'"
        )
    if all(row.verdict is Verdict.REJECTED for row in rows_of(tx, stored)):
        raise InputError(
            "this match was rejected here",
            next_step="undo that first: 'casethread match undo MATCH'",
        )
    return stored


def _check_answer(request: DisclosureRequest, answer: DisclosureAnswer) -> None:
    """Refuse what was not asked for: nobody pushes content into another node."""
    texts = {
        Detail.CONTACT: answer.contact,
        Detail.NOTE: answer.note,
        Detail.SAFETY: answer.safety,
    }
    if any(text is not None and detail not in request.details for detail, text in texts.items()):
        raise ExchangeError("an answer tells what was not asked")
    for case in answer.cases:
        subjects: set[Subject] = {value.subject for value in case.values}
        if (
            not set(case.matches) <= set(request.matches)
            or not {value.kind for value in case.values} <= set(request.kinds)
            or {subject.lane for subject in subjects} - {request.lane}
        ):
            raise ExchangeError("an answer tells what was not asked")


def _find(tx: Tx, request: bytes) -> StoredDisclosure:
    found = [one for one in tx.disclosures.list() if one.request == request]
    if len(found) != 1:
        raise InputError("there is no such request", next_step="see 'casethread disclosure list'")
    return found[0]


def _read(done: Deed, stored: StoredDisclosure) -> None:
    request = request_of(done.tx, stored)
    done.record(
        Event.DISCLOSURE_READ,
        member=stored.member,
        agreement=stored.agreement,
        lane=request.lane,
        named=[named_letter(stored.request), *named_matches(done.tx, stored, request)],
    )


def _delete(done: Deed, one: StoredDisclosure) -> None:
    """Delete what was let go: what came, or the own copy of what was sent."""
    if one.answer is not None and one.direction is Direction.ASKED:
        done.tx.letters.empty_in(one.member, one.answer)
    elif one.answer is not None:
        done.tx.letters.empty_out(one.answer)
    deleted = dataclasses.replace(
        one, status=DisclosureStatus.DELETED, keep_until=None, choice=None
    )
    done.tx.disclosures.put(deleted)
    done.record(
        Event.RETENTION_ENFORCED,
        by=NODE,
        member=one.member,
        agreement=one.agreement,
        named=(named_letter(one.request),),
    )

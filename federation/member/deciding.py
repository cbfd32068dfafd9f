# SPDX-License-Identifier: Apache-2.0
"""What people decide about matches: that one is right, wrong, or not yet clear."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from federation.audit import OPERATOR, Actor, Event, Outcome
from federation.errors import InputError, MembershipError
from federation.indicators import Lane
from federation.member.casework import Match, rows_of
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.naming import in_parts, named_case, named_match
from federation.member.ports import MatchDecision
from federation.member.roles import StaffAction, needs
from federation.storage import GROUNDS, Ground, Judged, Named, Tx, Verdict
from federation.storage.matches import MatchStatus, StoredMatch

__all__ = ["Deciding", "Verdicts"]

_READERS: Final = needs(StaffAction.MATCH_SHOW)
_DECIDERS: Final = {
    Verdict.CONFIRMED: needs(StaffAction.MATCH_CONFIRM),
    Verdict.REJECTED: needs(StaffAction.MATCH_REJECT),
    Verdict.UNSURE: needs(StaffAction.MATCH_UNSURE),
}
_UNDOERS: Final = needs(StaffAction.MATCH_UNDO)
_MARK: Final = re.compile(r"[0-9a-f]{8,32}")


class Verdicts:
    """Tells the threads what was decided (`federation.member.ports.MatchDecisions`)."""

    def about(self, tx: Tx, matches: Collection[bytes]) -> Iterable[MatchDecision]:
        """Return the decisions about some matches that stand now. Being unsure is none.

        One observation of a case is enough to confirm; all must be rejected to reject.
        """
        found: dict[tuple[bytes, bytes], set[Verdict]] = {}
        for match, case, stored in tx.verdicts.about(matches):
            found.setdefault((match, case), set()).add(stored.verdict)
        for (match, case), verdicts in found.items():
            if Verdict.CONFIRMED in verdicts:
                yield MatchDecision(match, case, confirmed=True)
            elif verdicts == {Verdict.REJECTED}:
                yield MatchDecision(match, case, confirmed=False)


class Deciding:
    """Looking at one match, and deciding about it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def show(self, match: bytes, by: Actor = OPERATOR) -> list[Match]:
        """Return one row for each own observation of a match; that it was read is recorded.

        Args:
            match: Its UUID.
            by: Who reads it.

        Raises:
            MembershipError: There is no such match.
            PolicyError: Who reads it may not.
        """
        with deed(self._core, by, *_READERS) as done:
            stored = _require(done.tx, match)
            rows = rows_of(done.tx, stored)
            _record(done, Event.MATCH_READ, stored, rows)
        return rows

    def decide(
        self,
        match: bytes,
        verdict: Verdict,
        ground: Ground,
        *,
        case: str = "",
        by: Actor = OPERATOR,
    ) -> None:
        """Decide about a match, in place of what was decided before.

        It holds for the partner and the own observation, also when they are found again.

        Args:
            match: Its UUID.
            verdict: What is decided.
            ground: Why.
            case: Mark of the own case that it is about, or its beginning; all cases of the
                match without.
            by: Who decides.

        Raises:
            MembershipError: There is no such match, or it is not proven and cannot be right yet.
            InputError: The ground is none for this decision, or the match has no such case.
            PolicyError: Who decides may not.
        """
        if ground not in GROUNDS[verdict]:
            raise InputError(f"'{ground.value}' is no ground for '{verdict.value}'")
        with deed(self._core, by, *_DECIDERS[verdict]) as done:
            stored = _require(done.tx, match)
            if stored.status is MatchStatus.WITHDRAWN:
                raise MembershipError(
                    "the other side took this match back",
                    next_step="nothing is left to do; see 'casethread match list'",
                )
            if verdict is Verdict.CONFIRMED and stored.status is not MatchStatus.PROVEN:
                raise MembershipError(
                    "a match that is not proven cannot be confirmed",
                    next_step="release it first, or wait for the other side",
                )
            judged = _judged(done.tx, stored, case)
            done.tx.verdicts.put(stored.partner, judged, verdict, ground, done.by.id, done.at)
            rows = _rows_about(done.tx, stored, judged)
            facts = {"outcome": Outcome(verdict.value), "reason": ground.value}
            _record(done, Event.MATCH_DECIDED, stored, rows, **facts)

    def undo(self, match: bytes, *, case: str = "", by: Actor = OPERATOR) -> None:
        """Take back what was decided about a match.

        Args:
            match: Its UUID.
            case: As for `decide`.
            by: Who takes it back.

        Raises:
            MembershipError: There is no such match.
            InputError: Nothing was decided about it, or the match has no such case.
            PolicyError: Who takes it back may not.
        """
        with deed(self._core, by, *_UNDOERS) as done:
            stored = _require(done.tx, match)
            judged = _judged(done.tx, stored, case)
            if not done.tx.verdicts.delete(stored.partner, judged):
                raise InputError(
                    "nothing was decided about this match",
                    next_step="see 'casethread match show MATCH'",
                )
            rows = _rows_about(done.tx, stored, judged)
            _record(done, Event.MATCH_DECIDED, stored, rows, outcome=Outcome.UNDONE)


def _require(tx: Tx, match: bytes) -> StoredMatch:
    stored = tx.matches.get(match)
    if stored is None:
        raise MembershipError(
            "there is no such match", next_step="run 'casethread match list --status all'"
        )
    return stored


def _judged(tx: Tx, stored: StoredMatch, case: str) -> list[Judged]:
    """Return what a decision is about: the observations of the case, or of all cases."""
    found = [one for one, _ in tx.verdicts.of_match(stored.uuid)]
    if case:
        matching = [one for one in found if one.handle.hex().startswith(case.lower())]
        if _MARK.fullmatch(case.lower()) is None or len({one.case for one in matching}) != 1:
            raise InputError(
                "no single own case of this match has this mark",
                next_step="take the mark from 'casethread match show MATCH'",
            )
        found = matching
    return found


def _rows_about(tx: Tx, stored: StoredMatch, judged: Sequence[Judged]) -> list[Match]:
    marks = {one.handle.hex() for one in judged}
    return [row for row in rows_of(tx, stored) if row.mark in marks]


def _record(
    done: Deed, event: Event, stored: StoredMatch, rows: Sequence[Match], **facts: Any
) -> None:
    """Write about a match and its own cases; more cases than an entry holds make more entries."""
    cases = {(row.source, row.case): named_case(row.source, row.case) for row in rows}
    named: list[Named] = [named_match(stored.uuid), *cases.values()]
    for part in in_parts(named):
        done.record(
            event,
            member=stored.partner,
            agreement=stored.agreement,
            lane=Lane(stored.lane),
            named=part,
            **facts,
        )

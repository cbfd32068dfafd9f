# SPDX-License-Identifier: Apache-2.0
"""Screening of the own cases: what is kept out, what waits for a person, what they decide."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from federation.audit import OPERATOR, Actor, Event, Outcome
from federation.errors import InputError
from federation.indicators import Indicator, Kind, Lane, Screen, Verdict, verdicts
from federation.indicators.verdicts import ScreeningReason
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.roles import StaffAction, needs
from federation.storage import (
    Decision,
    Named,
    ObservationStatus,
    Rescreened,
    Screenable,
    StoredObservation,
    Tx,
)
from federation.storage.records import MATCHABLE

__all__ = ["KNOWN_SURVIVOR", "REFUSED", "HeldValue", "Outlook", "Screening", "judge"]

KNOWN_SURVIVOR: Final = "known-as-survivor"
"""Reason: the value belongs to a survivor of a case here."""
REFUSED: Final = "refused-by-person"
"""Reason: a person here decided that the value is not to be compared."""

_APPLIED: Final = "screening/applied"
"""Setting: fingerprint of the lists with which everything was screened last."""
_STAYS: Final = frozenset({ScreeningReason.LOCAL.value, KNOWN_SURVIVOR})
"""Reasons that a person must lift: a line lost from the own list, or a survivor's case that was
forgotten, must not set free what it held."""
_PAGE: Final = 500

Standing = tuple[ObservationStatus, str]
"""A status, and the reason for it."""


@dataclass(frozen=True, slots=True)
class HeldValue:
    """A value that waits for a person, or about which a person has decided."""

    id: bytes
    """Fingerprint of the value: names it, and tells nothing without this node's keys."""
    kinds: tuple[Kind, ...]
    reasons: tuple[str, ...]
    """Why it waits; or what the decision was about."""
    observations: tuple[StoredObservation, ...] = field(repr=False)
    """Where it stands in the own cases; a survivor's own only with consent."""
    decision: Decision | None
    """The last one; there may be one about other reasons while it waits."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next synchronisation will do, because the lists are others than before."""

    kept_out: int = 0
    """Observations that are compared now, and will be no more."""
    freed: int = 0
    """Observations that the program's own lists no longer keep out."""


class Screening:
    """Applies the lists to what is here, and a person's decisions."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def begin(self) -> None:
        """Note that nothing need be screened anew, while nothing is there yet."""
        with self._core.store.read() as tx:
            if tx.settings.get(_APPLIED) is not None:
                return
        with self._core.store.write() as tx:
            if not tx.screening.page(b"", 1):
                tx.settings.put(_APPLIED, self._core.screen().digest)

    def refresh(self) -> int:
        """Screen everything anew if the lists are others than the last time.

        What is to be kept out now loses its tokens, and with them its matches here; what
        partners were told before is not undone. What the own list kept out and has no more
        waits for a person: a line that was lost must not set free what it held.

        Returns:
            How many observations changed.
        """
        screen = self._core.screen()
        with self._core.store.read() as tx:
            if tx.settings.get(_APPLIED) == screen.digest:
                return 0
        changed, after = 0, b""
        while True:
            with self._core.store.read() as tx:
                seen = tx.screening.page(after, _PAGE)
                outcomes = list(_judged_anew(tx, screen, seen))
            if outcomes:
                with self._core.store.write() as tx:
                    done = tx.screening.apply(outcomes)
                changed += done
                if done < len(outcomes):
                    continue  # something moved meanwhile: look at this page again
            if seen:
                after = seen[-1].uuid
                continue
            with self._core.store.write() as tx:
                # Who imports now reads the new lists; who imported with the old ones is here.
                if not tx.screening.page(after, 1):
                    tx.settings.put(_APPLIED, screen.digest)
                    break
        if changed:
            self._core.store.scrub()
            self._core.log.info("screened_anew", count=changed)
        return changed

    def outlook(self) -> Outlook:
        """Say what `refresh` will do."""
        screen = self._core.screen()
        kept_out = freed = 0
        after = b""
        with self._core.store.read() as tx:
            if tx.settings.get(_APPLIED) == screen.digest:
                return Outlook()
            while seen := tx.screening.page(after, _PAGE):
                for outcome in _judged_anew(tx, screen, seen):
                    freed += outcome.status is ObservationStatus.PENDING
                    kept_out += outcome.seen.status.value in MATCHABLE
                after = seen[-1].uuid
        return Outlook(kept_out, freed)

    def waiting(self) -> list[HeldValue]:
        """Return the values that wait for a person."""
        with self._core.store.read() as tx:
            return _waiting(tx, tx.screening.waiting())

    def decided(self) -> list[HeldValue]:
        """Return the values about which a person has decided."""
        with self._core.store.read() as tx:
            return _decided(tx, tx.decisions.list())

    def decide(self, value: bytes, *, allow: bool, name: str, by: Actor = OPERATOR) -> HeldValue:
        """Let a value that waits be compared, or keep it out; the last decision counts.

        Args:
            value: Its id.
            allow: Whether it may be compared.
            name: Who decides, for colleagues.
            by: Who decides, for the record.

        Returns:
            The value as it is now. It may wait again, if more is held against it than the
            person was told.

        Raises:
            InputError: No such value waits, and none was decided about.
            PolicyError: Who decides may not.
        """
        screen = self._core.screen()
        action = StaffAction.SCREEN_ALLOW if allow else StaffAction.SCREEN_REFUSE
        with deed(self._core, by, *needs(action)) as done:
            tx = done.tx
            before = tx.decisions.about([value])
            now = _waiting(tx, [value]) or _decided(tx, before)
            if not now:
                raise InputError(
                    "no value with this id waits for a person",
                    next_step="see 'casethread screen list'",
                )
            reasons = frozenset(now[0].reasons)
            if value in before and before[value].allowed is allow:
                reasons |= before[value].reasons
            decision = Decision(value, allow, reasons, name, done.at)
            tx.decisions.put(decision)
            done.record(
                Event.SCREENING_DECIDED,
                outcome=Outcome.APPROVED if allow else Outcome.DENIED,
                named=(Named("value", value),),
            )
            tx.screening.apply(_judged_anew(tx, screen, tx.screening.with_mark(value)))
            (held,) = _waiting(tx, [value]) or _decided(tx, {value: decision})
        self._core.store.scrub()
        self._core.log.info("value_decided", status="allowed" if allow else "refused")
        return held


def judge(
    screen: Screen,
    indicator: Indicator,
    decision: Decision | None,
    *,
    others: Iterable[str] = (),
    found: verdicts.Screening | None = None,
) -> Standing:
    """Say whether an observation may be compared.

    Args:
        screen: The lists.
        indicator: Its normal form.
        decision: What a person decided about the value.
        others: What is held against the value beside the lists.
        found: What the built-in lists say of it, if that is known (`assess`).

    Returns:
        PENDING without a reason, or what keeps it out.
    """
    found = screen.check(indicator, found)
    if found.verdict is Verdict.REFUSE:
        return ObservationStatus.SCREENED, found.reason.value
    if decision is not None and not decision.allowed:
        return ObservationStatus.SCREENED, REFUSED
    flags = [found.reason.value] if found.verdict is Verdict.FLAG else []
    for reason in (*flags, *others):
        if decision is None or not decision.allows(reason):
            return ObservationStatus.WAITING_DECISION, reason
    return ObservationStatus.PENDING, ""


def _judged_anew(tx: Tx, screen: Screen, seen: Sequence[Screenable]) -> Iterator[Rescreened]:
    """Yield the observations that are judged otherwise than before."""
    marks = {one.mark for one in seen}
    decisions = tx.decisions.about(marks)
    survivors = tx.screening.survivors(marks)
    for one in seen:
        told = one.mark in survivors and one.subject.lane is Lane.NETWORK
        others = {KNOWN_SURVIVOR} if told else set()
        if one.reason in _STAYS:
            others.add(one.reason)
        indicator = Indicator(one.kind, one.value, one.version)
        decision = decisions.get(one.mark)
        status, reason = judge(screen, indicator, decision, others=sorted(others))
        if status is ObservationStatus.PENDING and one.status.value in MATCHABLE:
            continue
        if (status, reason) != (one.status, one.reason):
            yield Rescreened(one, status, reason)


def _waiting(tx: Tx, marks: Iterable[bytes]) -> list[HeldValue]:
    decisions = tx.decisions.about(marks := list(marks))
    held = []
    for mark, seen in _by_value(tx, marks).items():
        reasons = {one.reason for one in seen if one.status is ObservationStatus.WAITING_DECISION}
        if reasons:
            held.append(_held(mark, seen, reasons, decisions.get(mark)))
    return held


def _decided(tx: Tx, decisions: Mapping[bytes, Decision]) -> list[HeldValue]:
    return [
        _held(mark, seen, decisions[mark].reasons, decisions[mark])
        for mark, seen in _by_value(tx, decisions).items()
    ]


def _held(
    mark: bytes,
    seen: Sequence[StoredObservation],
    reasons: Iterable[str],
    decision: Decision | None,
) -> HeldValue:
    kinds = tuple(sorted({one.kind for one in seen}))
    return HeldValue(mark, kinds, tuple(sorted(reasons)), tuple(seen), decision)


def _by_value(tx: Tx, marks: Iterable[bytes]) -> dict[bytes, list[StoredObservation]]:
    """Return where values stand that may be compared; a survivor's not before consent."""
    found: dict[bytes, list[StoredObservation]] = {}
    for one in tx.cases.with_marks(marks):
        if one.value is not None and (
            one.subject.lane is Lane.NETWORK or one.status is not ObservationStatus.WAITING_CONSENT
        ):
            found.setdefault(tx.screening.mark(one.value), []).append(one)
    return found

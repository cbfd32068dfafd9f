# SPDX-License-Identifier: Apache-2.0
"""What the organisation's own programs ask of the node, page by page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from federation.agreements import Status, Terms
from federation.audit import Event as Deed
from federation.errors import InputError
from federation.indicators import Case
from federation.local.records import (
    AgreementNotice,
    Event,
    FederationStatus,
    NodeStatus,
    ThreadNotice,
)
from federation.member import (
    ImportResult,
    Match,
    MatchStatus,
    StaffAction,
    ThreadSummary,
    Verdict,
    rows_of,
    summaries,
)
from federation.storage import NotTokenised, ObservationStatus, Tx
from federation.storage.matches import StoredMatch
from federation_node.actions import overview
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "NotTokenisedPage",
    "Page",
    "ThreadPage",
    "check_position",
    "delete_case",
    "events",
    "match_page",
    "not_tokenised_page",
    "put_cases",
    "status",
    "thread_page",
]

_USUAL_PAGE: Final = 100
_LARGEST_PAGE: Final = 500
_BATCH: Final = 100
"""Changes that are read in one transaction."""
_WATCHED: Final = (MatchStatus.PROVEN, MatchStatus.HELD, MatchStatus.WITHDRAWN)

_POSITION: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_MATCH_TOKEN: Final = re.compile(r"([a-z]+)\.([1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,8})")
_UUID_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Page:
    """Some matches."""

    rows: list[Match]
    next: str
    """Token of the next page; empty after the last."""


@dataclass(frozen=True, slots=True)
class NotTokenisedPage:
    """Some observations that take no part in matching."""

    entries: list[NotTokenised]
    next: str
    """Token of the next page; empty after the last."""


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Some threads."""

    threads: list[ThreadSummary]
    next: str
    """Token of the next page; empty after the last."""


@action(StaffAction.PROGRAM_PUT_CASES)
def put_cases(context: NodeContext, cases: Iterable[Case], source: str, run: str) -> ImportResult:
    """Take in cases.

    Args:
        context: the node.
        cases: some cases.
        source: where they come from.
        run: name of the import.

    Returns:
        What was new.
    """
    return context.member.put_cases(cases, source=source, run=run, by=context.by)


@action(StaffAction.PROGRAM_DELETE_CASE)
def delete_case(context: NodeContext, case_id: str, source: str) -> bool:
    """Delete a case with everything that hangs on it.

    Args:
        context: the node.
        case_id: its id in the source.
        source: where it came from.

    Returns:
        False if there was none.
    """
    return bool(context.member.forget(case_id, source=source, by=context.by))


@action(StaffAction.PROGRAM_LIST_MATCHES)
def match_page(context: NodeContext, only: MatchStatus | None, token: str, size: int) -> Page:
    """Return a page of matches in the order of their last change.

    Args:
        context: the node.
        only: a status, or None for all.
        token: from the page before; empty for the first.
        size: rows; 0 means the usual number.

    Returns:
        The page.

    Raises:
        InputError: the token is not one for this status, or the size is negative.
    """
    wanted, name = _size(size), "all" if only is None else only.value
    change, skip = _match_token(token, name)
    rows: list[Match] = []
    if not token:
        context.member.record.looked(Deed.MATCH_READ, context.by)
    with context.store.read() as tx:
        statuses = tuple(MatchStatus) if only is None else (only,)
        found = tx.changes.matches(change - 1, wanted + 1, statuses)
        for one in found:
            # A match that has changed since stands further on, and is told in full.
            begin = skip if one.number == change else 0
            for place, row in enumerate(_rows(tx, one.match)):
                if place < begin:
                    continue
                if len(rows) == wanted:
                    return Page(rows, f"{name}.{one.number}.{place}")
                rows.append(row)
    more = len(found) > wanted
    return Page(rows, f"{name}.{found[-1].number + 1}.0" if more else "")


@action(StaffAction.PROGRAM_LIST_NOT_TOKENISED)
def not_tokenised_page(context: NodeContext, token: str, size: int) -> NotTokenisedPage:
    """Return a page of the observations that take no part in matching.

    Args:
        context: the node.
        token: from the page before; empty for the first.
        size: entries; 0 means the usual number.

    Returns:
        The page.

    Raises:
        InputError: the token is none, or the size is negative.
    """
    wanted = _size(size)
    if token and _UUID_TOKEN.fullmatch(token) is None:
        raise _bad_token()
    with context.store.read() as tx:
        found = tx.cases.not_tokenised_page(bytes.fromhex(token), wanted + 1)
    shown = found[:wanted]
    more = len(found) > wanted
    return NotTokenisedPage([entry for _, entry in shown], shown[-1][0].hex() if more else "")


@action(StaffAction.PROGRAM_LIST_THREADS)
def thread_page(context: NodeContext, token: str, size: int) -> ThreadPage:
    """Return a page of threads in the order of the last thing that was told about each.

    Args:
        context: the node.
        token: from the page before; empty for the first.
        size: threads; 0 means the usual number.

    Returns:
        The page.

    Raises:
        InputError: the token is none, or the size is negative.
    """
    wanted = _size(size)
    if token and _POSITION.fullmatch(token) is None:
        raise _bad_token()
    found, last = context.member.thread_page(int(token or 0), wanted)
    return ThreadPage(found, str(last) if len(found) == wanted else "")


@action(StaffAction.STATUS)
def status(context: NodeContext) -> NodeStatus:
    """Say where the node stands.

    Args:
        context: the node.

    Returns:
        Counts and names; nothing that identifies a case.
    """
    # Before the rest, so that a watcher who begins here misses nothing.
    with context.store.read() as tx:
        position = tx.changes.latest()
    current = context.member.in_force
    seen = overview.overview(context)
    return NodeStatus(
        member=context.member.id,
        federation=None
        if current is None
        else FederationStatus(
            current.charter.name,
            current.charter.version,
            current.charter.expires,
            tuple(member.id for member in current.charter.members),
        ),
        cases=seen["cases"],
        observations={ObservationStatus(name): n for name, n in seen["observations"].items()},
        matches={MatchStatus(name): n for name, n in seen["matches"].items()},
        waiting_for_you=sum(map(len, seen["waiting_for_you"].values())),
        position=str(position),
    )


@action(StaffAction.PROGRAM_WATCH_EVENTS)
def check_position(context: NodeContext, position: str) -> int:
    """Read a position from which somebody wants to watch.

    Args:
        context: the node.
        position: from an event or the status; empty for the beginning.

    Returns:
        The number of the last change that was seen.

    Raises:
        InputError: it is none, or of another database.
    """
    if not position:
        return 0
    with context.store.read() as tx:
        latest = tx.changes.latest()
    if _POSITION.fullmatch(position) is None or int(position) > latest:
        raise InputError(
            "this position is not one of this node's database",
            next_step="begin again with an empty position; what comes again is the same",
        )
    return int(position)


@action(StaffAction.PROGRAM_WATCH_EVENTS)
def events(context: NodeContext, after: int) -> tuple[list[Event], int]:
    """Return the next events.

    Args:
        context: the node.
        after: number of the last change that was seen.

    Returns:
        The events, and the number of the change that they reach to: the same as before if
        nothing happened.
    """
    told: list[Event] = []
    with context.store.read() as tx:
        for change in tx.changes.list(after, _BATCH, _WATCHED):
            if change.agreement is not None:
                notice = _notice(tx, change.agreement)
                told.append(Event(str(change.number), agreement=notice))
            elif change.thread is not None:
                if (news := _news(tx, change.thread, change.number)) is not None:
                    told.append(Event(str(change.number), thread=news))
            else:
                # What was rejected is not told again as if it were new.
                rows = [
                    row for row in _rows(tx, change.match) if row.verdict is not Verdict.REJECTED
                ]
                # Who stops within a match gets all of it again.
                reached = [after] * len(rows[1:]) + [change.number]
                told += map(_event, reached, rows)
            after = change.number
    return told, after


def _event(position: int, row: Match) -> Event:
    return Event(str(position), match=row)


def _rows(tx: Tx, stored: StoredMatch | None) -> list[Match]:
    return [] if stored is None else rows_of(tx, stored)


def _notice(tx: Tx, agreement: bytes) -> AgreementNotice | None:
    stored = tx.agreements.get(agreement)
    if stored is None:
        return None
    terms = Terms.from_envelope(stored.terms)
    return AgreementNotice(agreement, terms.title, terms.parties, Status(stored.status))


def _news(tx: Tx, number: int, change: int) -> ThreadNotice | None:
    """What was told of a thread with a change; a thread that joined it may have told it before."""
    thread = tx.threads.get(number)
    triggers = frozenset() if thread is None else thread.told.triggers(change)
    if thread is None or not triggers:
        return None
    (summary,) = summaries(tx, [thread])
    return ThreadNotice(summary, triggers)


def _size(size: int) -> int:
    if size < 0:
        raise InputError("page_size is negative")
    return min(size or _USUAL_PAGE, _LARGEST_PAGE)


def _match_token(token: str, name: str) -> tuple[int, int]:
    if not token:
        return 1, 0
    found = _MATCH_TOKEN.fullmatch(token)
    if found is None or found[1] != name:
        raise _bad_token()
    return int(found[2]), int(found[3])


def _bad_token() -> InputError:
    return InputError(
        "page_token is not one of this listing",
        next_step="begin again without it; the other parameters must stay as they were",
    )

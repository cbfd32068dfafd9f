# SPDX-License-Identifier: Apache-2.0
"""The program decides as the table in the specification does, which people wrote by hand."""

import itertools
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from federation.agreements import (
    AccessRequest,
    Action,
    AgreementState,
    Consent,
    Detail,
    Purpose,
    authorise,
)
from federation.charter import Charter, Role
from federation.errors import PolicyError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.access import (
    GIVER,
    RECEIVER,
    STATUSES,
    broad_terms,
    charter_of,
    consents,
    in_status,
)
from tests.agreements.support import NOW

PAGE = Path(__file__).parents[2] / "proto" / "spec" / "authorisation.md"
COLUMNS = {
    "act": [action.value for action in Action],
    "giver": [role.value for role in Role],
    "receiver": [role.value for role in Role],
    "agreement": list(STATUSES),
    "restricted": ["no", "yes"],
    "lane": [lane.value for lane in Lane],
    "subject": [subject.value for subject in Subject],
    "kind": ["indicator", "detail", "safety", "unlisted"],
    "purpose": [purpose.value for purpose in Purpose],
    "direction": ["listed", "unlisted"],
    "consent": [
        "none",
        "not-yet",
        "valid",
        "expired",
        "withdrawn",
        "other-purpose",
        "other-recipient",
    ],
}
KINDS = {
    "indicator": Kind.PHONE,
    "detail": Detail.NOTE,
    "safety": Detail.SAFETY,
    "unlisted": Kind.DEVICE,
}
DOMAINS = list(COLUMNS.values())
Row = tuple[list[frozenset[str]], bool]


@cache
def table() -> tuple[Row, ...]:
    """Read the rows of the table: what fits in each column, and whether it allows."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head = cells.index([*COLUMNS, "answer"])
    rows = []
    for row in itertools.takewhile(lambda row: len(row) > 1, cells[head + 2 :]):
        *given, answer = row
        assert answer in {"allow", "deny"}
        columns = zip(given, COLUMNS.values(), strict=True)
        rows.append(([fits(cell, domain) for cell, domain in columns], answer == "allow"))
    return tuple(rows)


def fits(cell: str, domain: Sequence[str]) -> frozenset[str]:
    """Read one cell."""
    if cell == "*":
        return frozenset(domain)
    negated = cell.startswith("not ")
    named = frozenset(re.split(r", *", cell.removeprefix("not ")))
    assert named <= set(domain), f"{named} is not in {domain}"
    return frozenset(domain) - named if negated else named


def test_the_table_can_be_read_by_a_person() -> None:
    """It has at most sixty rows, each of which decides something, and ends by denying all."""
    rows = table()

    assert len(rows) <= 60
    assert rows[-1] == ([frozenset(domain) for domain in COLUMNS.values()], False)
    seen = [row for row, _ in rows]
    for earlier, later in itertools.combinations(seen, 2):
        pairs = zip(earlier, later, strict=True)
        assert not all(before >= after for before, after in pairs)


def narrowed(rows: Sequence[Row], column: int, value: str) -> list[Row]:
    """Return the rows that still fit, up to the first that decides whatever follows."""
    return [row for row in rows if value in row[0][column]]


def for_each(
    rows: Sequence[Row], known: tuple[str, ...], check: Callable[[tuple[str, ...], bool], None]
) -> None:
    """Call with every combination that begins so, and what the table says."""
    if len(known) == len(COLUMNS):
        check(known, rows[0][1])
        return
    for value in DOMAINS[len(known)]:
        for_each(narrowed(rows, len(known), value), (*known, value), check)


@pytest.mark.parametrize("action", Action)
def test_every_combination(action: Action) -> None:
    """For each of a million combinations an act, the program allows what the table allows."""
    wrong: list[tuple[str, ...]] = []
    counted = [0, 0]

    def check(combination: tuple[str, ...], expected: bool) -> None:
        counted[expected] += 1
        if decide(*combination) is not expected:
            wrong.append(combination)

    for_each(narrowed(table(), 0, action.value), (action.value,), check)

    assert wrong[:10] == []
    assert sum(counted) == math.prod(len(domain) for domain in DOMAINS[1:])
    assert all(counted)


def decide(
    action: str,
    giver: str,
    receiver: str,
    agreement: str,
    restricted: str,
    lane: str,
    subject: str,
    kind: str,
    purpose: str,
    direction: str,
    consent: str,
) -> bool:
    """Ask the program."""
    try:
        authorise(
            asked(action, lane, subject, kind, purpose),
            agreed(giver, receiver, agreement, direction),
            consented(purpose, receiver)[consent],
            charter=federated(giver, receiver),
            at=NOW,
            restricted=restricted == "yes",
        )
    except PolicyError:
        return False
    return True


@cache
def asked(action: str, lane: str, subject: str, kind: str, purpose: str) -> AccessRequest:
    """Return the request of a combination; made once."""
    return AccessRequest(
        Action(action),
        GIVER,
        RECEIVER,
        Lane(lane),
        KINDS[kind],
        Subject(subject),
        Purpose(purpose),
    )


@cache
def agreed(giver: str, receiver: str, status: str, direction: str) -> AgreementState | None:
    """Return its agreement; made once."""
    flows = {} if direction == "listed" else {"disclosure": (), "query": ()}
    return in_status(broad_terms(Role(giver), Role(receiver), **flows), STATUSES[status])


@cache
def federated(giver: str, receiver: str) -> Charter:
    """Return its charter; made once."""
    return charter_of(Role(giver), Role(receiver))


@cache
def consented(purpose: str, recipient: str) -> dict[str, Consent | None]:
    """Return its consents; made once."""
    return consents(Purpose(purpose), Role(recipient))

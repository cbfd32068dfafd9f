# SPDX-License-Identifier: Apache-2.0
"""Taking in many cases: judged ahead, stored batch by batch."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from federation import Case, Kind, Member, Subject
from federation.charter import Identity
from federation.indicators import Assessment, Written
from federation.member.casework import KNOWN_SURVIVOR
from federation.storage import AtRest, ObservationStatus, Store
from federation.tokens import InProcess

T = TypeVar("T")

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BATCH = 1_000
"""Cases with one phone each that are stored together."""


class Eager(InProcess):
    """Computes as a pool of workers would, and can do something else at the same moment."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None
        self.assessed = 0

    def assess(self, values: Sequence[Written]) -> list[Assessment]:
        """Assess, and do the other thing."""
        self.assessed += len(values)
        self.meanwhile()
        return super().assess(values)

    def ahead(self, call: Callable[[], T]) -> Callable[[], T]:
        """Call at once."""
        result = call()
        return lambda: result


@pytest.fixture
def compute() -> Eager:
    """What judges the second batch and those behind it."""
    return Eager()


@pytest.fixture
def store() -> Iterator[Store]:
    """Where the cases go."""
    with Store.memory(AtRest(bytes(32))) as store:
        yield store


@pytest.fixture
def member(store: Store, compute: Eager) -> Member:
    """A member without a federation; taking in asks nobody."""

    def nobody(_: object) -> None:
        raise AssertionError("taking in asks nobody")

    return Member(
        Identity.generate("hope"),
        store,
        clock=lambda: NOW,
        connect=nobody,  # type: ignore[arg-type]
        compute=compute,
    )


def phone(number: int) -> str:
    """Different numbers in use."""
    return f"+49151{23_000_000 + 7 * number}"


def about(number: int, subject: Subject = Subject.RECRUITER, case: str = "H") -> Case:
    """A case with one phone."""
    return Case(f"{case}-{number}").add(Kind.PHONE, phone(number), subject)


def by_status(store: Store) -> dict[str, int]:
    """How many observations have which status."""
    with store.read() as tx:
        counts = tx.cases.counts().by_status
    return {status.value: count for status, count in counts.items() if count}


def test_every_batch_is_judged(member: Member, store: Store, compute: Eager) -> None:
    """Good values wait for tokens and bad ones say why, in the first batch and the others."""
    cases = [about(number) for number in range(BATCH + 300)]
    cases[3] = Case("bad-1").add(Kind.PHONE, "12", Subject.RECRUITER, region="DE")
    cases[-1] = Case("bad-2").add(Kind.PHONE, "no number", Subject.RECRUITER)
    result = member.put_cases(cases)

    assert len(cases) == result.new
    assert {"pending": len(cases) - 2, "refused": 2} == by_status(store)
    assert 300 == compute.assessed


def test_the_same_cases_again_are_not_judged_again(member: Member, compute: Eager) -> None:
    """Importing a file anew costs no normalisation of what is there."""
    cases = [about(number) for number in range(BATCH + 300)]
    member.put_cases(cases)
    before = compute.assessed
    result = member.put_cases(cases)

    assert (0, len(cases)) == (result.new, result.unchanged)
    assert before == compute.assessed


def test_a_survivors_value_of_another_batch_withholds(member: Member, store: Store) -> None:
    """A number that a survivor has leaves the network lane, whichever batch comes first."""
    numbers = range(BATCH + 200)
    first = [about(7, Subject.SURVIVOR, "S"), *(about(number) for number in numbers)]
    last = [about(9, Subject.SURVIVOR, "S")]
    member.put_cases([*first, *last])

    assert {
        "pending": len(numbers) - 2,
        "waiting-consent": 2,
        "waiting-decision": 2,
    } == by_status(store)
    assert {"H-7", "H-9"} == {
        entry.case_id for entry in member.not_tokenised() if entry.reason == KNOWN_SURVIVOR
    }


def test_who_writes_beside_an_import_disturbs_nothing(
    member: Member, store: Store, compute: Eager
) -> None:
    """Cases that change while they are judged are there once, and none stays unjudged."""
    cases = [about(number) for number in range(2 * BATCH + 200)]
    done: list[int] = []

    def meanwhile() -> None:
        if not done:
            done.append(1)
            member.put_cases([about(BATCH + 1), about(5_000, case="other")])
            member.forget(f"H-{BATCH + 2}")

    compute.meanwhile = meanwhile
    member.put_cases([about(BATCH + 2)])
    member.put_cases(cases)

    assert [1] == done
    assert {"pending": len(cases) + 1} == by_status(store)
    with store.read() as tx:
        assert [] == tx.cases.unprepared()
        assert ObservationStatus.PENDING is tx.cases.pending(b"k" * 16, 1)[0].status


def test_a_stream_that_breaks_off_is_simply_repeated(member: Member, store: Store) -> None:
    """What was stored before stays, and the whole again makes it complete."""
    cases = [about(number) for number in range(2 * BATCH + 200)]

    def broken() -> Iterator[Case]:
        yield from cases[: 2 * BATCH + 1]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        member.put_cases(broken())
    stored = by_status(store)["pending"]
    result = member.put_cases(cases)

    assert 0 < stored <= 2 * BATCH
    assert (len(cases) - stored, stored) == (result.new, result.unchanged)
    assert {"pending": len(cases)} == by_status(store)

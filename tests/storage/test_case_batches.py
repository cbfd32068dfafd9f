# SPDX-License-Identifier: Apache-2.0
"""Cases that are looked up, judged outside any transaction, and then stored."""

import json
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from federation.indicators import Case, Kind, Subject
from federation.storage import AtRest, ObservationStatus, StatusChange, Store
from federation.storage.case_batch import (
    CaseBatch,
    IncomingCase,
    case_handle,
    case_name,
    cut,
    source_mark,
)
from federation.storage.records import CaseContent, ObservationContent

KEY = b"k" * 16
AT_REST = AtRest(bytes(32))
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)
REGIONS = st.none() | st.sampled_from(["MX", "DE"])


def a_case(case_id: str, *phones: str) -> Case:
    """A case with some recruiters' phones."""
    case = Case(case_id)
    for phone in phones:
        case = case.add(Kind.PHONE, phone, Subject.RECRUITER)
    return case


def judged(batch: CaseBatch) -> dict[bytes, StatusChange]:
    """Everything unknown, found to be its own normal form."""
    return {
        one.fingerprint: StatusChange(one.uuid, ObservationStatus.PENDING, "", str(one.raw), 1)
        for one in batch.unknown
    }


def test_what_was_judged_is_stored_as_judged(store: Store, at: datetime) -> None:
    """Status, normal form and version come with the row; nothing is left to look at."""
    with store.read() as tx:
        batch = tx.cases.look_up([a_case("1", "+1", "+2"), a_case("2", "+1")], "calls", at)
    with store.write() as tx:
        puts = tx.cases.put_batch(batch, at, judged=judged(batch))
    with store.read() as tx:
        waiting = tx.cases.pending(KEY, 10)

        assert [2, 1] == [put.added for put in puts]
        assert [] == tx.cases.unprepared()
        assert ["+1", "+1", "+2"] == sorted(str(one.value) for one in waiting)
        assert {one.uuid for one in batch.unknown} == {one.uuid for one in waiting}


def test_only_what_is_not_there_is_unknown(store: Store, at: datetime) -> None:
    """A case that came before has nothing to judge but what was added to it."""
    with store.write() as tx:
        tx.cases.put(a_case("1", "+1"), "calls", at)
    with store.read() as tx:
        cases = [a_case("1", "+1", "+2"), a_case("3", "+1")]
        ours = tx.cases.look_up(cases, "calls", at)
        others = tx.cases.look_up(cases, "letters", at)

    assert ["+2", "+1"] == [one.raw for one in ours.unknown]
    assert ["+1", "+2", "+1"] == [one.raw for one in others.unknown]


def test_another_writer_between_looking_up_and_storing_doubles_nothing(
    store: Store, at: datetime
) -> None:
    """What came meanwhile stays one; what went meanwhile comes again, to be looked at."""
    with store.write() as tx:
        tx.cases.put(a_case("gone", "+1"), "calls", at)
    with store.read() as tx:
        batch = tx.cases.look_up([a_case("gone", "+1"), a_case("new", "+2")], "calls", at)
    with store.write() as tx:
        tx.cases.delete("gone", "calls")
        tx.cases.put(a_case("new", "+2"), "calls", at)
    with store.write() as tx:
        puts = tx.cases.put_batch(batch, at, judged=judged(batch))

        assert [1, 0] == [put.added for put in puts]
        assert 2 == tx.cases.counts().observations
        assert ["+1", "+2"] == sorted(str(one.raw) for one in tx.cases.unprepared())


@given(sizes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 900)), max_size=12))
def test_batches_are_short_and_have_each_id_once(sizes: list[tuple[int, int]]) -> None:
    """A stream is cut in order, without loss, into what one transaction may hold."""
    cases = [
        a_case(f"case {number}", *(str(phone) for phone in range(phones)))
        for number, phones in sizes
    ]
    batches = list(cut(cases))

    assert cases == [case for batch in batches for case in batch]
    for batch in batches:
        assert len(batch) == len({case.id for case in batch})
        assert len(batch) == 1 or sum(1 + len(case.observations) for case in batch) <= 2_000


@given(field=TEXTS, raw=TEXTS | st.dictionaries(TEXTS, TEXTS, max_size=4), region=REGIONS)
def test_content_is_spelled_as_ever(
    field: str, raw: str | dict[str, str], region: str | None
) -> None:
    """The bytes that fingerprints are made of stay, or no row would be found again."""
    content = [field, raw, region]
    compact = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    assert compact == ObservationContent(field, raw, region).encode()


@given(first=TEXTS, second=TEXTS, region=REGIONS)
def test_a_case_is_found_and_opened_as_ever(first: str, second: str, region: str | None) -> None:
    """Handle, name and source are fingerprints of JSON lists, and so they stay."""

    def mark(*words: str) -> bytes:
        return AT_REST.fingerprint(json.dumps(words).encode())

    sealed = CaseContent(first, second, region).seal(AT_REST.vault, bytes(16))

    assert mark("case", first, second) == case_handle(AT_REST, first, second)
    assert mark("case id", first) == case_name(AT_REST, first)
    assert mark("source", first) == source_mark(AT_REST, first)
    assert CaseContent(first, second, region) == CaseContent.open(AT_REST.vault, bytes(16), sealed)


def test_an_observation_is_found_by_its_case_kind_subject_and_content() -> None:
    """The fingerprint of an observation is that of its list and its content."""
    incoming = IncomingCase.of(AT_REST, "calls", a_case("H-17", "+1"))
    where = json.dumps(["observation", incoming.handle.hex(), "phone", "recruiter"]).encode()
    content = json.dumps(["", "+1", None], separators=(",", ":")).encode()

    assert [AT_REST.fingerprint(where + content)] == [*incoming.seen]

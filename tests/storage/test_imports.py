# SPDX-License-Identifier: Apache-2.0
"""Imports: resumed, taken back, forgotten in time."""

from datetime import datetime, timedelta
from pathlib import Path

from federation.indicators import Case, Kind, Subject
from federation.storage import UNDO_DAYS, AtRest, ImportCounts, ImportStatus, Store

FILE = b"digest of a file"


def case(name: str, phone: str = "+52 55 1234 5678") -> Case:
    """A case with one phone."""
    return Case(name, "MX").add(Kind.PHONE, phone, Subject.RECRUITER, field="Phone")


def put(store: Store, at: datetime, *cases: Case, keep: bool = True, file: bytes = FILE) -> int:
    """Import cases as one file."""
    with store.write() as tx:
        number = tx.imports.begin("crm", file, at, keep=keep).number
        tx.cases.put_many(cases, "crm", at, str(number), keep=keep)
        tx.imports.finish(number, ImportCounts(new=len(cases)))
    return number


def undo(store: Store, at: datetime, number: int, limit: int = 100) -> tuple[int, int, int]:
    """Take an import back part by part."""
    total = [0, 0, 0]
    while True:
        with store.write() as tx:
            step = tx.imports.undo_some(number, at, limit)
        if step.done:
            break
        total = [
            a + b for a, b in zip(total, (step.deleted, step.restored, step.left), strict=True)
        ]
    with store.write() as tx:
        tx.imports.mark_undone(number)
    return total[0], total[1], total[2]


def held(store: Store) -> dict[str, list[object]]:
    """Case id -> what was seen."""
    with store.read() as tx:
        return {one.id: [seen.raw for seen in one.observations] for one in tx.cases.list()}


def test_a_cut_off_import_goes_on(store: Store, at: datetime) -> None:
    """The same file from the same source is the same import until it has ended."""
    with store.write() as tx:
        first = tx.imports.begin("crm", FILE, at, keep=True)
    with store.write() as tx:
        assert tx.imports.begin("crm", FILE, at, keep=True) == first
        assert tx.imports.begin("other", FILE, at, keep=True).number != first.number
        tx.imports.finish(first.number, ImportCounts(new=3, errors=1))
        ended = tx.imports.get(first.number)
        assert ended is not None
        assert (ended.status, ended.counts) == (ImportStatus.DONE, ImportCounts(new=3, errors=1))
        assert tx.imports.begin("crm", FILE, at, keep=True).number > first.number


def test_another_file_is_another_import(store: Store, at: datetime) -> None:
    """A file that was edited after the crash begins anew."""
    with store.write() as tx:
        first = tx.imports.begin("crm", FILE, at, keep=True)
        assert tx.imports.begin("crm", b"edited", at, keep=True).number != first.number


def test_taking_back_deletes_what_came(store: Store, at: datetime) -> None:
    """Cases that an import brought are gone, in parts of any size."""
    put(store, at, case("a"))
    number = put(store, at, case("b"), case("c"), case("d"), file=b"2")

    assert undo(store, at, number, limit=2) == (3, 0, 0)
    assert list(held(store)) == ["a"]


def test_taking_back_restores_what_was_changed(store: Store, at: datetime) -> None:
    """A corrected cell is what it was, and waits for its token again."""
    put(store, at, case("a", "+1 202 555 0143"))
    number = put(store, at, case("a"), file=b"2")

    assert undo(store, at, number) == (0, 1, 0)
    assert held(store) == {"a": ["+1 202 555 0143"]}


def test_taking_back_brings_removed_cases_back(store: Store, at: datetime) -> None:
    """What a file lacked and so lost is there again, and belongs to its first import."""
    first = put(store, at, case("a"), case("b"))
    number = put(store, at, case("a"), file=b"2")
    with store.write() as tx:
        assert tx.imports.missing("crm", number) == 1
        assert tx.imports.remove_missing("crm", number, 10, keep=True) == 1
    assert list(held(store)) == ["a"]

    assert undo(store, at, number) == (0, 1, 0)
    assert sorted(held(store)) == ["a", "b"]
    assert undo(store, at, first) == (2, 0, 0)


def test_unchanged_cases_stay_with_their_import(store: Store, at: datetime) -> None:
    """Importing the same file again and taking that back leaves the first as it can be."""
    first = put(store, at, case("a"))
    second = put(store, at, case("a"))

    assert undo(store, at, second) == (0, 0, 0)
    assert undo(store, at, first) == (1, 0, 0)


def test_what_changed_since_is_left_alone(store: Store, at: datetime) -> None:
    """Taking back an import does not undo what another program did after it."""
    put(store, at, case("a", "1"), case("b", "1"))
    number = put(store, at, case("a", "2"), case("b", "2"), case("c"), file=b"2")
    with store.write() as tx:
        tx.cases.put_many([case("a", "3"), case("c", "3")], "crm", at)

    assert undo(store, at, number) == (0, 1, 1)
    assert held(store) == {"a": ["3"], "b": ["1"], "c": ["3"]}


def test_other_sources_are_never_missing(store: Store, at: datetime) -> None:
    """Replacing one source removes nothing of another."""
    with store.write() as tx:
        tx.cases.put(case("x"), "other", at)
    number = put(store, at, case("a"))
    with store.write() as tx:
        assert tx.imports.missing("crm", number) == 0


def test_a_forgotten_case_does_not_come_back(store: Store, at: datetime) -> None:
    """Forgetting a case deletes what imports kept of it."""
    put(store, at, case("a", "1"), case("b", "1"))
    number = put(store, at, case("a", "2"), case("b", "2"), file=b"2")
    with store.write() as tx:
        tx.cases.delete("a", "crm")

    assert undo(store, at, number) == (0, 1, 0)
    assert held(store) == {"b": ["1"]}


def test_the_first_state_is_kept(store: Store, at: datetime) -> None:
    """An import that was cut off and is repeated keeps what was there before it began."""
    put(store, at, case("a", "1"))
    with store.write() as tx:
        number = tx.imports.begin("crm", b"2", at, keep=True).number
        for phone in ("2", "3"):
            tx.cases.put_many([case("a", phone)], "crm", at, str(number), keep=True)

    assert undo(store, at, number) == (0, 1, 0)
    assert held(store) == {"a": ["1"]}


def test_what_was_replaced_is_forgotten_in_time(store: Store, at: datetime) -> None:
    """After some weeks nothing of it is left."""
    put(store, at, case("a", "1"))
    number = put(store, at, case("a", "2"), file=b"2")
    with store.write() as tx:
        tx.imports.prune(at + timedelta(days=UNDO_DAYS))
        assert [one.kept for one in tx.imports.list()] == [True, True]
        tx.imports.prune(at + timedelta(days=UNDO_DAYS, seconds=1))
        assert [one.kept for one in tx.imports.list()] == [False, False]
        assert tx.imports.undo_some(number, at, 10).restored == 0


def test_nothing_readable_is_kept(sqlite_url: str, at: datetime, at_rest: AtRest) -> None:
    """What was replaced, and the source's name, are in the database as ciphertext only."""
    with Store.open(sqlite_url, at_rest) as store:
        put(store, at, case("canary-id", "canary-1"))
        put(store, at, case("canary-id", "canary-2"), file=b"2")
        store.scrub()
    content = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()

    assert [word for word in (b"canary", b"crm") if word in content] == []

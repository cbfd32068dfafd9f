# SPDX-License-Identifier: Apache-2.0
"""Threads through the real protocol: what a caseworker sees, and what nobody can do to it."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from federation.audit import OPERATOR, Actor, Event, StaffRole
from federation.errors import InputError, PolicyError
from federation.indicators import Case, Kind, Subject
from federation.matching.strands import Why
from federation.member import Thread
from federation.storage.thread_records import ThreadTrigger
from federation.storage.threads import SPLIT_LIFETIME
from federation.testing import Federation
from tests.member import support

OFFICE = {"country": "DE", "register": "HRB 123456 Berlin", "name": "Sonnenschein Kirmes GmbH"}
EVERYBODY = ("amparo", "hope", "licht")


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Three organisations with an agreement over everything."""
    with support.federation(*EVERYBODY) as federation:
        yield federation


def case(name: str, *phones: int, office: bool = False, minor: bool = False) -> Case:
    """Return a case with recruiters' phones, and perhaps an office."""
    made = Case(name, minor=minor)
    for number in phones:
        made = made.add(Kind.PHONE, support.phone(number), Subject.RECRUITER, field="tel")
    return made.add(Kind.COMPANY, OFFICE, Subject.BUSINESS, field="office") if office else made


def threads(fed: Federation, name: str, by: Actor = OPERATOR) -> list[Thread]:
    """Every thread of a member, in the order of its listing."""
    return [fed[name].thread(one.id, by) for one in fed[name].threads()]


def cases(thread: Thread) -> str:
    """Ids of its cases."""
    return " ".join(one.case for one in thread.cases)


def mark(thread: Thread, name: str) -> str:
    """Mark of a case."""
    (found,) = [one.mark for one in thread.cases if one.case == name]
    return found


def test_a_caseworker_sees_what_hangs_together(fed: Federation) -> None:
    """Four own cases and two of Amparo's, through one phone and one office."""
    own = [case("H-1", 1), case("H-2", 1, office=True), case("H-3", office=True), case("H-4", 1)]
    fed["hope"].put_cases([*own, case("H-5", 9)])
    fed["amparo"].put_cases([case("A-1", 1), case("A-2", office=True)])
    fed["licht"].put_cases([case("L-1", 7)])
    fed.sync()
    (thread,) = threads(fed, "hope")
    phone, office = thread.edges

    assert "H-1 H-2 H-3 H-4" == cases(thread)
    assert [("amparo", {Kind.PHONE: 1, Kind.COMPANY: 1})] == [
        (share.member, dict(share.kinds)) for share in thread.members
    ]
    assert (phone.kind, phone.why, phone.weak) == (Kind.PHONE, Why.SAME, False)
    assert (office.kind, office.why, office.weak) == (Kind.COMPANY, Why.SAME, False)
    marks = {one.mark: one.case for one in thread.cases}
    assert [("H-1", "tel"), ("H-2", "tel"), ("H-4", "tel")] == [
        (marks[end.case], end.field) for end in phone.ends
    ]
    assert ["H-2", "H-3"] == [marks[end.case] for end in office.ends]
    assert {met.match for edge in thread.edges for met in edge.members} == {
        match.id for match in fed["hope"].matches()
    }


def test_the_other_side_sees_its_own_cases_only(fed: Federation) -> None:
    """What hope holds together, amparo does not: nothing of it crosses the wire."""
    fed["hope"].put_cases([case("H-1", 1, 2)])
    fed["amparo"].put_cases([case("A-1", 1), case("A-2", 2)])
    fed.sync()
    fed.calls.clear()
    own = threads(fed, "hope")
    theirs = threads(fed, "amparo")

    assert ["H-1"] == [cases(one) for one in own]
    assert ["A-1", "A-2"] == sorted(cases(one) for one in theirs)
    assert [] == fed.calls


def test_a_value_planted_in_500_cases_merges_nothing(fed: Federation) -> None:
    """Not where it was planted; and honest members still match on it, and tie their own."""
    planted = 1
    fed["amparo"].put_cases([case(f"A-{n}", planted, 1_000 + n % 250) for n in range(500)])
    fed["hope"].put_cases([case("H-1", planted), case("H-2", planted, 5), case("H-3", 5)])
    fed["licht"].put_cases([case("L-1", planted), case("L-2", 6)])
    fed.sync()
    fed.sync()
    (at_hope,), (at_licht,) = threads(fed, "hope"), threads(fed, "licht")
    lengths = {one.cases for one in fed["amparo"].threads()}
    (common,) = fed["amparo"].over_common()

    assert ("H-1 H-2 H-3", "L-1") == (cases(at_hope), cases(at_licht))
    assert ["amparo", "licht"] == [share.member for share in at_hope.members]
    assert ["amparo", "hope"] == [share.member for share in at_licht.members]
    # Pairs that share another number; the planted one ties none of them.
    assert {2} == lengths
    assert (common.kind, common.cases, common.entities) == (Kind.PHONE, 500, 2)
    assert common.value == support.phone(planted)
    assert support.phone(planted) not in repr(common)
    assert [] == fed["hope"].over_common()


def test_what_too_many_organisations_hold_is_told_aside(fed: Federation) -> None:
    """Each legal entity counts once: one organisation with two members is one."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1, 2), case("H-2", 1)])
    fed["amparo"].put_cases([case("A-1", 1), case("A-2", 2)])
    fed["licht"].put_cases([case("L-1", 1)])
    fed.sync()
    fed.sync()
    hope._weaver._rules = dataclasses.replace(hope._weaver._rules, entities=1)
    (alone,) = threads(fed, "hope")
    (aside,) = alone.common
    hope._weaver._legal_entities = lambda _tx: {"amparo": "same", "licht": "same"}  # type: ignore[method-assign]
    (tied,) = threads(fed, "hope")

    assert (cases(alone), aside.kind) == ("H-1", Kind.PHONE)
    assert (aside.own_cases, aside.entities, len(aside.cases)) == (2, 2, 1)
    assert (cases(tied), tied.common) == ("H-1 H-2", ())


def test_a_split_holds_whatever_comes(fed: Federation) -> None:
    """Also when a case goes and comes again, and until it is undone."""
    hope, maria = fed["hope"], fed.person("hope", "maria", StaffRole.CASEWORKER)
    made = [case("H-1", 1), case("H-2", 1, 2), case("H-3", 2)]
    hope.put_cases(made, by=maria)
    hope.sync()
    (before,) = threads(fed, "hope", maria)
    first, last = mark(before, "H-1"), mark(before, "H-3")
    hope.split(first, last, maria)
    split = threads(fed, "hope", maria)
    fed.clock.advance(seconds=1)
    hope.forget("H-3", by=maria)
    hope.put_cases([made[2], case("H-4", 1, 2)], by=maria)
    hope.sync()
    again = threads(fed, "hope", maria)
    (kept,) = again[0].apart
    hope.rejoin(last, first, maria)
    (after,) = threads(fed, "hope", maria)

    assert ["H-1 H-2"] == [cases(one) for one in split]
    assert ["H-1 H-2 H-4"] == [cases(one) for one in again]
    assert (kept.case, kept.other) == (first, last)
    assert sorted(cases(after).split()) == ["H-1", "H-2", "H-3", "H-4"]
    assert after.apart == ()


def test_a_split_of_a_case_that_stays_away_is_forgotten(fed: Federation) -> None:
    """After 90 days; until then it may come again."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    (thread,) = threads(fed, "hope")
    hope.split(mark(thread, "H-1"), mark(thread, "H-2"))
    hope.forget("H-2")
    kept = []
    for days in (0, SPLIT_LIFETIME.days - 1, 1):
        fed.clock.advance(days=days)
        hope._tidy()
        with fed.seats["hope"].store.read() as tx:
            kept.append(len(tx.threads.splits()))

    assert [1, 1, 0] == kept


def test_a_split_of_a_case_that_came_again_is_kept(fed: Federation) -> None:
    """However long ago it was away."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    (thread,) = threads(fed, "hope")
    hope.split(mark(thread, "H-1"), mark(thread, "H-2"))
    hope.forget("H-2")
    hope._tidy()
    hope.put_cases([case("H-2", 1)])
    hope._tidy()
    fed.clock.advance(days=2 * SPLIT_LIFETIME.days)
    hope._tidy()
    hope.sync()

    assert [] == hope.threads()
    assert timedelta(days=90) == SPLIT_LIFETIME


def test_a_thread_keeps_its_id_as_it_grows(fed: Federation) -> None:
    """Of two that become one the older one's stays, and the other leads to it as well."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1)])
    hope.put_cases([case("H-2", 1), case("H-3", 2)])
    fed.clock.advance(seconds=1)
    hope.put_cases([case("H-4", 2)])
    hope.sync()
    older, younger = sorted(hope.threads(), key=lambda one: cases(hope.thread(one.id)))
    fed.clock.advance(seconds=1)
    hope.put_cases([case("H-5", 1, 2)])
    hope.sync()
    (thread,) = threads(fed, "hope")
    hope.forget("H-5")
    apart = threads(fed, "hope")

    assert thread.id in {older.id, younger.id}
    assert thread.id == thread.cases[0].mark
    assert hope.thread(older.id).id == older.id
    assert hope.thread(younger.id).id == younger.id
    assert {older.id, younger.id} == {one.id for one in apart}


def test_a_mark_is_the_same_when_a_case_comes_again(fed: Federation) -> None:
    """So an id that was written down leads to the thread that its case is in now."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    (before,) = threads(fed, "hope")
    oldest = before.cases[0]
    hope.forget(oldest.case)
    hope.sync()
    gone = threads(fed, "hope")
    fed.clock.advance(seconds=1)
    hope.put_cases([case(oldest.case, 1)])
    hope.sync()
    (after,) = threads(fed, "hope")

    assert [] == gone
    assert before.id != after.id
    assert hope.thread(before.id).id == after.id
    assert {one.mark for one in before.cases} == {one.mark for one in after.cases}


def test_a_correction_takes_a_case_out(fed: Federation) -> None:
    """And what held the rest together holds no more."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1, 2), case("H-3", 2), case("H-4", 2)])
    hope.sync()
    (before,) = threads(fed, "hope")
    hope.put_cases([case("H-2", 1)])

    assert "H-1 H-2 H-3 H-4" == cases(before)
    assert ["H-1 H-2", "H-3 H-4"] == sorted(cases(one) for one in threads(fed, "hope"))


def told(fed: Federation, name: str) -> Sequence[tuple[str, frozenset[ThreadTrigger]]]:
    """What the feed of changes has told about threads: first case and triggers."""
    member = fed[name]
    with fed.seats[name].store.read() as tx:
        found = []
        for change in tx.changes.list(0, 1_000):
            if change.thread is not None:
                thread = tx.threads.get(change.thread)
                assert thread is not None
                handle = tx.threads.handles([thread.anchor])[thread.anchor]
                found.append((handle.hex(), thread.told.triggers(change.number)))
    return [(cases(member.thread(one)).split()[0], triggers) for one, triggers in found]


def test_what_there_is_to_tell_is_told_once(fed: Federation) -> None:
    """A new thread, one that reaches another member, one that involves a minor."""
    hope = fed["hope"]
    new, reaches, minor = ThreadTrigger.NEW, ThreadTrigger.REACHES, ThreadTrigger.MINOR
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    steps = [told(fed, "hope")]
    fed["amparo"].put_cases([case("A-1", 1)])
    fed.sync()
    steps.append(told(fed, "hope"))
    fed.clock.advance(seconds=1)
    hope.put_cases([case("H-1", 1, minor=True), case("H-3", 1)])
    fed.sync()
    steps.append(told(fed, "hope"))
    # Corrections and splits are no news.
    hope.put_cases([case("H-3", 3)])
    hope.put_cases([case("H-1", 1), case("H-3", 1)])
    fed.sync()
    hope.threads()
    steps.append(told(fed, "hope"))

    assert [("H-1", frozenset({new}))] == steps[0]
    assert [*steps[0], ("H-1", frozenset({reaches}))] == steps[1]
    assert [*steps[1], ("H-1", frozenset({minor}))] == steps[2]
    # It involves no minor any more, so that telling is over.
    assert steps[1] == [one for one in steps[3] if one[1]]
    assert hope.threads()[0].minor is False


def test_the_log_says_that_there_is_something_and_not_what() -> None:
    """One line for each thing, with the thread's id; one line for many."""
    lines: list[tuple[str, dict[str, object]]] = []

    class Journal:
        def info(self, event: str, /, **fields: object) -> None:
            lines.append((event, fields))

        warning = info

    with Federation(*EVERYBODY, log=lambda _: Journal()) as fed:
        fed.agree(*EVERYBODY)
        fed["amparo"].put_cases([case("A-1", 1)])
        fed["amparo"].sync()
        fed["hope"].put_cases([case("H-1", 1, minor=True), case("H-2", 1)])
        lines.clear()
        fed["hope"].sync()
        told = [(event, fields) for event, fields in lines if event.startswith("thread")]
        (thread,) = threads(fed, "hope")
        fed["hope"].put_cases([case(f"H-{n}-{k}", 100 + n) for n in range(30) for k in range(2)])
        lines.clear()
        fed["hope"].sync()

    assert [("thread_minor", {"thread": thread.id}), ("thread_new", {"thread": thread.id})] == [
        one for one in told if one[0] != "thread_reaches"
    ]
    assert ("thread_reaches", {"thread": thread.id}) in told
    assert ("threads_changed", {"count": 30}) in lines


def test_what_people_do_stands_in_the_record(fed: Federation) -> None:
    """Reading a thread, splitting and rejoining, with who did it and references to cases."""
    hope, maria = fed["hope"], fed.person("hope", "maria", StaffRole.CASEWORKER)
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    (thread,) = threads(fed, "hope", maria)
    one, other = (found.mark for found in thread.cases)
    hope.split(one, other, maria)
    hope.rejoin(one[:8], other[:8], maria)
    with fed.seats["hope"].store.read() as tx:
        entries = [entry.record for entry in tx.audit.entries()]
    mine = [entry for entry in entries if entry.actor == maria.id]

    assert [Event.THREAD_READ, Event.THREAD_SPLIT, Event.THREAD_REJOINED] == [
        entry.event for entry in mine
    ]
    assert [1, 2, 2] == [len(entry.references) for entry in mine]


def test_who_may_not_see_cases_sees_no_thread(fed: Federation) -> None:
    """A technician runs the node and sees no case."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    (thread,) = threads(fed, "hope")
    ann = fed.person("hope", "ann", StaffRole.TECHNICIAN)
    one, other = (found.mark for found in thread.cases)

    for attempt in (
        lambda: hope.thread(thread.id, ann),
        lambda: hope.split(one, other, ann),
        lambda: hope.rejoin(one, other, ann),
    ):
        with pytest.raises(PolicyError, match="caseworker"):
            attempt()


@pytest.mark.parametrize("mark_", ["", "x" * 32, "ab", "0" * 32, "AB" * 16, "ab" * 17, "%"])
def test_what_names_no_thread_is_refused(fed: Federation, mark_: str) -> None:
    """With a way out."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1)])
    hope.sync()
    with pytest.raises(InputError) as caught:
        hope.thread(mark_)

    assert "thread list" in str(caught.value.next_step)


def test_only_two_cases_of_one_thread_can_be_split(fed: Federation) -> None:
    """Not a case from itself, not cases of two threads; and only what is split is rejoined."""
    hope = fed["hope"]
    hope.put_cases([case("H-1", 1), case("H-2", 1), case("H-3", 2), case("H-4", 2)])
    hope.sync()
    first, second = threads(fed, "hope")
    one, other = first.cases[0].mark, second.cases[0].mark

    for pair in ((one, one), (one, other)):
        with pytest.raises(InputError, match="two cases of one thread"):
            hope.split(*pair)
    for pair in ((one, other), ("", ""), (one[:4], other[:4])):
        with pytest.raises(InputError, match="nobody put"):
            hope.rejoin(*pair)


def test_an_import_that_is_taken_back_brings_the_word_on_minors_back(fed: Federation) -> None:
    """What was known of a case before returns with it."""
    hope, store = fed["hope"], fed.seats["hope"].store
    hope.put_cases([case("H-1", 1, minor=True), case("H-2", 1)], source="csv")
    with store.write() as tx:
        begun = tx.imports.begin("csv", b"a file", fed.clock(), keep=True)
    hope.put_cases([case("H-1", 1)], source="csv", run=str(begun.number), keep=True)
    hope.sync()
    before = [one.minor for one in hope.threads()]
    hope.undo_import(begun.number)
    hope.sync()

    assert ([False], [True]) == (before, [one.minor for one in hope.threads()])

# SPDX-License-Identifier: Apache-2.0
"""What the record says of everything that a member does."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from federation.agreements import MatchBudget
from federation.audit import PERSONAL_ROLES, Count, Event, Outcome, Record, StaffRole
from federation.charter import with_suspension
from federation.errors import CharterConflictError, ExchangeError, PolicyError, QuotaError
from federation.indicators import Case, IndicatorClass, Kind, Lane, Subject
from federation.member import MatchStatus
from federation.member.naming import in_parts, named_case, named_match
from federation.messages import OpenSession, SyncCharter
from federation.storage import Named
from federation.testing import Federation
from tests.member.support import agreement_of, federation, limited, phones

EVERY = tuple(PERSONAL_ROLES)


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Hope and amparo have an agreement."""
    with federation("hope", "amparo") as made:
        yield made


def records(fed: Federation, name: str, *events: Event) -> list[Record]:
    """Return what a member's record says."""
    with fed.seats[name].store.read() as tx:
        return [one.record for one in tx.audit.entries(events=events)]


def tomorrow(fed: Federation) -> None:
    """Let the day be over, and closed."""
    fed.clock.advance(days=1)
    fed.drive()


def test_the_charter(fed: Federation) -> None:
    """Every version that comes into force, and every signature of a steward."""
    adopted = records(fed, "hope", Event.CHARTER_ADOPTED)
    signed = records(fed, "hope", Event.CHARTER_SIGNED)
    current = fed["hope"].in_force
    assert current is not None

    assert [1, 2] == [one.counts[Count.VERSION] for one in adopted]
    assert (current.digest,) == adopted[-1].documents
    assert ["operator", "operator"] == [one.actor for one in signed]


def test_a_charter_that_a_node_proposes(fed: Federation) -> None:
    """The charter that lists new keys is signed first by the node that made them."""
    signed = records(fed, "amparo", Event.CHARTER_SIGNED) + records(
        fed, "hope", Event.CHARTER_SIGNED
    )

    assert {"node", "operator"} >= {one.actor for one in signed}
    assert [Event.CEREMONY_JOINED] == [
        one.event for one in records(fed, "hope", Event.CEREMONY_JOINED)
    ]


def test_a_charter_conflict(fed: Federation) -> None:
    """Who shows another charter under a number is named, once."""
    for _ in range(3):
        with pytest.raises(CharterConflictError):
            fed["hope"].handle("amparo", SyncCharter(2, bytes(32)))
    (record,) = records(fed, "hope", Event.CHARTER_CONFLICT)

    assert ("member:amparo", "amparo") == (record.actor, record.member)
    assert bytes(32) in record.documents


def test_a_person_of_the_staff_signs_a_charter(fed: Federation) -> None:
    """The record names the account, and refuses who may not."""
    current = fed["hope"].in_force
    assert current is not None
    draft = with_suspension(
        current.charter, current.digest, "licht", suspended=True, at=fed.clock()
    )
    technician = fed.person("hope", "ines", StaffRole.TECHNICIAN)
    auditor = fed.person("hope", "otto", StaffRole.AUDITOR)
    with pytest.raises(PolicyError, match="technician"):
        fed["hope"].propose_charter(draft, auditor)
    fed["hope"].propose_charter(draft, technician)

    assert technician.id == records(fed, "hope", Event.CHARTER_SIGNED)[-1].actor


def test_an_agreement_from_its_proposal_to_its_end(fed: Federation) -> None:
    """Both sides record each step, and who took it."""
    agreement = agreement_of(fed)
    ines = fed.person("amparo", "ines", *EVERY)
    fed["amparo"].revoke_agreement(agreement, "test", by=ines)
    fed.drive()

    def story(name: str) -> list[tuple[Event, str, Outcome | None]]:
        about = (
            Event.AGREEMENT_PROPOSED,
            Event.AGREEMENT_SIGNED,
            Event.AGREEMENT_IN_FORCE,
            Event.AGREEMENT_ENDED,
        )
        found = records(fed, name, *about)
        assert {agreement} == {one.agreement for one in found}
        return [(one.event, one.actor, one.outcome) for one in found]

    assert [
        (Event.AGREEMENT_PROPOSED, "operator", None),
        (Event.AGREEMENT_SIGNED, "member:amparo", None),
        (Event.AGREEMENT_IN_FORCE, "node", None),
        (Event.AGREEMENT_ENDED, "member:amparo", Outcome.REVOKED),
    ] == story("hope")
    assert [
        (Event.AGREEMENT_PROPOSED, "member:hope", None),
        (Event.AGREEMENT_SIGNED, "operator", None),
        (Event.AGREEMENT_IN_FORCE, "node", None),
        (Event.AGREEMENT_ENDED, ines.id, Outcome.REVOKED),
    ] == story("amparo")


def test_both_parties_end_an_agreement(fed: Federation) -> None:
    """The second one to revoke does so too, though it is over already."""
    agreement = agreement_of(fed)
    fed["amparo"].revoke_agreement(agreement, "test")
    fed.drive()
    fed["hope"].revoke_agreement(agreement, "me too")

    assert ["member:amparo", "operator"] == [
        one.actor for one in records(fed, "hope", Event.AGREEMENT_ENDED)
    ]


def test_an_agreement_that_runs_out(fed: Federation) -> None:
    """Nobody does it; the node notices."""
    fed.clock.advance(days=300)
    fed.drive()
    fed.clock.advance(days=66)
    for name in ("hope", "amparo"):
        fed[name]._contracts._tidy()

        assert [("node", Outcome.EXPIRED)] == [
            (one.actor, one.outcome) for one in records(fed, name, Event.AGREEMENT_ENDED)
        ]


@pytest.mark.parametrize("count", [1, 1000, 1001])
def test_an_import_is_one_entry(fed: Federation, count: int) -> None:
    """However many cases and transactions it takes."""
    ines = fed.person("hope", "ines", *EVERY)
    fed["hope"].put_cases(phones(range(count)), by=ines)
    (record,) = records(fed, "hope", Event.CASES_PUT)

    assert ines.id == record.actor
    assert {Count.CASES: count, Count.OBSERVATIONS: count} == record.counts


def test_an_import_that_breaks_is_recorded_all_the_same(fed: Federation) -> None:
    """What was stored before the fault has its entry when the day is over."""

    def broken() -> Iterator[Case]:
        yield from phones(range(2500))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fed["hope"].put_cases(broken())

    assert records(fed, "hope", Event.CASES_PUT) == []
    tomorrow(fed)
    with fed.seats["hope"].store.read() as tx:
        stored = tx.cases.count()

    assert 1000 == stored
    assert [stored] == [one.counts[Count.CASES] for one in records(fed, "hope", Event.CASES_PUT)]


def test_an_import_taken_back(fed: Federation) -> None:
    """What it brought is gone; the record says how much."""
    with fed.seats["hope"].store.write() as tx:
        begun = tx.imports.begin("sheet", b"1", fed.clock(), keep=True)
    fed["hope"].put_cases(phones(range(3)), source="sheet", run=str(begun.number), keep=True)
    ines = fed.person("hope", "ines", *EVERY)
    fed["hope"].undo_import(begun.number, ines)
    (record,) = records(fed, "hope", Event.CASES_REMOVED)

    assert (ines.id, {Count.CASES: 3}) == (record.actor, record.counts)


def test_cases_that_a_source_has_no_more(fed: Federation) -> None:
    """One entry says how many were removed; none is written for none."""
    with fed.seats["hope"].store.write() as tx:
        first = tx.imports.begin("sheet", b"1", fed.clock(), keep=False)
    fed["hope"].put_cases(phones(range(5)), source="sheet", run=str(first.number))
    with fed.seats["hope"].store.write() as tx:
        second = tx.imports.begin("sheet", b"2", fed.clock(), keep=False)
    fed["hope"].put_cases(phones(range(2)), source="sheet", run=str(second.number))
    for _ in range(2):
        fed["hope"].remove_missing(second)

    assert [{Count.CASES: 3}] == [one.counts for one in records(fed, "hope", Event.CASES_REMOVED)]


def test_tokens_and_tags(fed: Federation) -> None:
    """One entry for a run of tokens, one for each bucket that leaves, none for nothing."""
    fed["hope"].put_cases(phones(range(5)))
    fed["amparo"].put_cases(phones([9]))
    fed.sync()
    fed.sync()
    (made,) = records(fed, "hope", Event.TOKENS_MADE)
    sent = records(fed, "hope", Event.TAGS_SENT)

    assert (Lane.NETWORK, IndicatorClass.IDENTIFIER) == (made.lane, made.cls)
    assert {Count.TOKENS: 5} == made.counts
    assert [{Count.TAGS: 5}] == [one.counts for one in sent]
    assert {("amparo", agreement_of(fed))} == {(one.member, one.agreement) for one in sent}
    tomorrow(fed)
    (answered,) = records(fed, "amparo", Event.TAGS_ANSWERED)

    assert ("member:hope", "hope") == (answered.actor, answered.member)
    assert {Count.CALLS: 1, Count.TAGS: 64} == answered.counts


def test_matches_are_named_on_both_sides(fed: Federation) -> None:
    """Each side finds the entries about a match by its own id."""
    fed["hope"].put_cases(phones(range(3)))
    fed["amparo"].put_cases(phones(range(2)))
    fed.sync()
    fed.sync()
    stories = []
    for name in ("hope", "amparo"):
        match = fed[name].matches()[0]
        with fed.seats[name].store.read() as tx:
            about = tx.audit.about(named_match(bytes.fromhex(match.id)))
            entries = [tx.audit.entries(index, 1)[0].record for index in about]
        stories.append(tuple(one.event for one in entries))

        assert {2} == {one.counts[Count.MATCHES] for one in entries}
        assert {match.agreement} == {one.agreement for one in entries}
    # One of the two was asked, and answered; both proved it in the end.
    assert {(Event.MATCHES_FOUND,), (Event.TAGS_ANSWERED, Event.MATCHES_FOUND)} == set(stories)


def test_a_match_that_is_held_and_released() -> None:
    """Who held it, why, and who let it go."""
    with federation() as fed:
        fed.agree(
            "hope", "amparo", match_budget=MatchBudget(daily_base=0, daily_percent=0, first=0)
        )
        fed["hope"].put_cases(phones([1]))
        fed["amparo"].put_cases(phones([1]))
        fed.sync()
        holder = next(
            name for name in ("hope", "amparo") if fed[name].matches(status=MatchStatus.HELD)
        )
        (match,) = fed[holder].matches(status=MatchStatus.HELD)
        ines = fed.person(holder, "ines", *EVERY)
        fed[holder].release(bytes.fromhex(match.id), ines)
        (held,) = records(fed, holder, Event.MATCHES_HELD)
        (released,) = records(fed, holder, Event.MATCH_RELEASED)

        assert ("node", "over_budget", match.member) == (held.actor, held.reason, held.member)
        assert (ines.id, match.agreement) == (released.actor, released.agreement)
        with fed.seats[holder].store.read() as tx:
            assert 2 == len(tx.audit.about(named_match(bytes.fromhex(match.id))))


def test_a_case_that_is_forgotten(fed: Federation) -> None:
    """The entry says that one was; nothing leads back to it or to its matches."""
    fed["hope"].put_cases(phones([1]))
    fed["amparo"].put_cases(phones([1]))
    fed.sync()
    fed.sync()
    (match,) = fed["hope"].matches()
    case = named_case("api", match.case)
    with fed.seats["hope"].store.write() as tx:
        tx.audit.append(
            Record(at=fed.clock(), event=Event.CASE_READ, nonce=bytes(32), actor="operator"), [case]
        )
    ines = fed.person("hope", "ines", *EVERY)
    fed["hope"].forget(match.case, by=ines)
    with fed.seats["hope"].store.read() as tx:
        assert tx.audit.about(case) == []
        assert tx.audit.about(named_match(bytes.fromhex(match.id))) == []
    (record,) = records(fed, "hope", Event.CASE_ERASED)

    assert (ines.id, {Count.CASES: 1}, ()) == (record.actor, record.counts, record.references)


def test_a_match_that_others_cases_still_have_stays_named(fed: Federation) -> None:
    """Forgetting one of two cases with the same number keeps what is about the other."""
    same = [Case(name).add(Kind.PHONE, "+4915123571113", Subject.RECRUITER) for name in ("A", "B")]
    fed["hope"].put_cases(same)
    fed["amparo"].put_cases([same[0]])
    fed.sync()
    fed.sync()
    match = fed["hope"].matches()[0]
    fed["hope"].forget("A")
    with fed.seats["hope"].store.read() as tx:
        assert tx.audit.about(named_match(bytes.fromhex(match.id))) != []


def test_who_looks_at_matches_is_counted(fed: Federation) -> None:
    """A program that looks every minute has one entry a day."""
    ines = fed.person("hope", "ines", *EVERY)
    for _ in range(10):
        fed["hope"].matches(by=ines)
    fed["hope"].matches()
    tomorrow(fed)

    assert [(ines.id, 10), ("operator", 1)] == sorted(
        ((one.actor, one.counts[Count.CALLS]) for one in records(fed, "hope", Event.MATCH_READ)),
        reverse=True,
    )


def test_evaluations_are_counted_by_day(fed: Federation) -> None:
    """A custodian records what it evaluated for whom; padding counts, as for the budget."""
    fed["hope"].put_cases(phones(range(5)))
    fed["hope"].tokenise()

    assert records(fed, "licht", Event.EVALUATIONS) == []
    custodians = [name for name in ("amparo", "licht") if charged(fed, name)]
    tomorrow(fed)
    for name in custodians:
        (record,) = records(fed, name, Event.EVALUATIONS)

        assert ("hope", Lane.NETWORK) == (record.member, record.lane)
        assert 8 == record.counts[Count.ELEMENTS]
        assert datetime(2026, 1, 5, tzinfo=UTC) == record.since
    tomorrow(fed)

    assert 1 == len(records(fed, custodians[0], Event.EVALUATIONS))


def charged(fed: Federation, custodian: str) -> int:
    """Return what a custodian charged hope today."""
    with fed.seats[custodian].store.read() as tx:
        return tx.quota.used("hope", "network", "identifier", fed.clock())[0]


def test_refusals_cannot_fill_the_log(fed: Federation) -> None:
    """A thousand refused calls of one member are one entry for each reason and day."""
    wrong = OpenSession(
        bytes(32), 1, Lane.NETWORK, IndicatorClass.IDENTIFIER, bytes(16), 1, 99, bytes(32)
    )
    right = [one for one in fed["hope"].require_charter().members if one.id == "amparo"]
    caller = fed["hope"]._core.connect(right[0])
    with fed.seats["amparo"].store.read() as tx:
        before = tx.audit.size()
    for _ in range(25):
        with pytest.raises(ExchangeError):
            caller.call(wrong)
    with fed.seats["amparo"].store.read() as tx:
        assert before == tx.audit.size()
    tomorrow(fed)
    (record,) = records(fed, "amparo", Event.REFUSALS)

    assert ("hope", "exchange_refused", {Count.CALLS: 25}) == (
        record.member,
        record.reason,
        record.counts,
    )


def test_a_spent_budget_is_a_refusal() -> None:
    """Guessing that stops at the budget stands in the custodian's log."""
    with limited("hope", "amparo") as fed:
        fed["hope"].put_cases(phones(range(700)))
        with pytest.raises(QuotaError):
            fed["hope"].tokenise()
        tomorrow(fed)
        found = [
            one
            for name in ("amparo", "licht")
            for one in records(fed, name, Event.REFUSALS)
            if one.reason == "quota_exhausted"
        ]

        assert {"hope"} == {one.member for one in found}


def test_a_call_of_nobody_is_counted_too(fed: Federation) -> None:
    """A stranger has no name, and one entry a day."""
    for _ in range(3):
        fed["hope"].record.refused(None, "UNAUTHENTICATED")
    tomorrow(fed)
    (record,) = records(fed, "hope", Event.REFUSALS)

    assert (None, "unauthenticated", 3) == (
        record.member,
        record.reason,
        record.counts[Count.CALLS],
    )


def test_the_whole_record_holds(fed: Federation) -> None:
    """After all of this the log is what was signed."""
    fed["hope"].put_cases(phones(range(3)))
    fed["amparo"].put_cases(phones(range(2)))
    fed.sync()
    tomorrow(fed)
    tomorrow(fed)
    for member in fed:
        with fed.seats[member.id].store.read() as tx:
            size = tx.audit.size()

        assert size == member.record.check()


def test_many_references_make_several_entries() -> None:
    """No entry grows beyond what a record may be."""
    named = [Named("match", number.to_bytes(16)) for number in range(150)]
    parts = list(in_parts(named))

    assert [64, 64, 22] == [len(part) for part in parts]
    assert named == [one for part in parts for one in part]
    assert [()] == list(in_parts([]))


def test_who_may_not_bring_cases_brings_none(fed: Federation) -> None:
    """A reviewer brings nothing, and what is refused leaves no entry."""
    fed.person("hope", "ines", *EVERY)
    reviewer = fed.person("hope", "otto", StaffRole.REVIEWER)
    with pytest.raises(PolicyError):
        fed["hope"].put_cases(phones([1]), by=reviewer)
    with pytest.raises(PolicyError):
        fed["hope"].forget("C-1", by=reviewer)

    assert records(fed, "hope", Event.CASES_PUT, Event.CASE_ERASED) == []

# SPDX-License-Identifier: Apache-2.0
"""What people decide about matches, and how long that holds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from federation.agreements import MatchBudget
from federation.audit import Event, Outcome, StaffRole
from federation.errors import InputError, MembershipError, PolicyError
from federation.indicators import Case, Kind, Subject
from federation.matching.strands import Why
from federation.member import Ground, Match, MatchStatus, Verdict
from federation.storage import Named
from federation.storage.verdicts import VERDICT_LIFETIME
from federation.testing import Federation
from tests.member import support
from tests.member.people import entries

NOTHING = MatchBudget(daily_base=0, daily_percent=0, first=0)


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Hope and Amparo, which share the phone of two cases of Hope's."""
    with support.federation("amparo", "hope", "licht") as federation:
        federation["hope"].put_cases([*support.phones([1]), held_too("H-2")])
        federation["amparo"].put_cases(support.phones([1], prefix="A"))
        federation.sync()
        federation.sync()
        yield federation


def held_too(name: str) -> Case:
    """Return another case with the phone of the first."""
    return Case(name).add(Kind.PHONE, support.phone(1), Subject.RECRUITER, field="other")


def rows(fed: Federation, status: MatchStatus | None = MatchStatus.PROVEN) -> dict[str, Match]:
    """Hope's matches by own case."""
    return {one.case: one for one in fed["hope"].matches(status=status)}


def verdicts(fed: Federation) -> dict[str, Verdict | None]:
    """What Hope decided, by own case."""
    return {case: one.verdict for case, one in rows(fed).items()}


def decide(fed: Federation, verdict: Verdict, ground: Ground, case: str = "") -> None:
    """Decide about Hope's one match."""
    found = next(iter(rows(fed).values()))
    fed["hope"].deciding.decide(bytes.fromhex(found.id), verdict, ground, case=case)


def test_a_decision_stands_beside_the_match(fed: Federation) -> None:
    """For all own cases, or for one; the other side hears nothing of it."""
    decide(fed, Verdict.CONFIRMED, Ground.PARTNER)
    one = rows(fed)["H-2"]
    calls = len(fed.calls)
    decide(fed, Verdict.REJECTED, Ground.CHANGED_HANDS, one.mark[:8])

    assert {"C-1": Verdict.CONFIRMED, "H-2": Verdict.REJECTED} == verdicts(fed)
    assert Ground.CHANGED_HANDS is rows(fed)["H-2"].ground
    assert [None] == [match.verdict for match in fed["amparo"].matches()]
    assert calls == len(fed.calls)


def test_a_later_decision_replaces_an_earlier_one_and_can_be_undone(fed: Federation) -> None:
    """Only the last one stands; once it is undone, nothing does."""
    match = bytes.fromhex(rows(fed)["C-1"].id)
    decide(fed, Verdict.UNSURE, Ground.TOO_LITTLE)
    decide(fed, Verdict.REJECTED, Ground.SHARED)
    assert {"C-1": Verdict.REJECTED, "H-2": Verdict.REJECTED} == verdicts(fed)
    fed["hope"].deciding.undo(match)

    assert {"C-1": None, "H-2": None} == verdicts(fed)
    with pytest.raises(InputError, match="nothing was decided"):
        fed["hope"].deciding.undo(match)


def test_a_rejected_match_that_is_proven_again_stays_rejected(fed: Federation) -> None:
    """Whatever it is called then: its row is another one, under another agreement."""
    decide(fed, Verdict.REJECTED, Ground.PLANTED)
    before = rows(fed)["C-1"].id
    with fed.seats["hope"].store.write() as tx:  # an import that takes the cases out
        for case in ("C-1", "H-2"):
            assert tx.cases.delete(case, "api")
    fed["hope"].revoke_agreement(support.agreement_of(fed), "over")
    fed.drive()
    fed.agree("amparo", "hope")
    fed["hope"].put_cases([*support.phones([1]), held_too("H-2")])
    fed.sync()
    fed.sync()

    assert {"C-1": Verdict.REJECTED, "H-2": Verdict.REJECTED} == verdicts(fed)
    assert before != rows(fed)["C-1"].id


def test_another_value_or_another_partner_is_another_question(fed: Federation) -> None:
    """A decision says nothing about what somebody else holds, or about a corrected value."""
    decide(fed, Verdict.REJECTED, Ground.SHARED)
    fed["licht"].put_cases(support.phones([1], prefix="L"))
    fed["amparo"].put_cases(support.phones([2], prefix="A"))
    corrected = Case("C-1").add(Kind.PHONE, support.phone(2), Subject.RECRUITER, field="tel")
    fed["hope"].put_cases([corrected])
    fed.sync()
    fed.sync()
    found = {(one.case, one.member): one.verdict for one in fed["hope"].matches()}

    assert {
        ("C-1", "amparo"): None,
        ("H-2", "amparo"): Verdict.REJECTED,
        ("H-2", "licht"): None,
    } == found


def test_an_erased_case_leaves_no_decision(fed: Federation) -> None:
    """Nothing is left that could be compared with a guess; the other case keeps its decision."""
    decide(fed, Verdict.REJECTED, Ground.SHARED)
    fed["hope"].forget("C-1")
    fed["hope"].put_cases(support.phones([1]))
    fed.sync()

    assert {"C-1": None, "H-2": Verdict.REJECTED} == verdicts(fed)


def test_a_decision_on_what_stays_away_is_forgotten(fed: Federation) -> None:
    """After a time, counted from when the node noticed; what comes again in between keeps it."""
    decide(fed, Verdict.REJECTED, Ground.SHARED)
    for away, kept in ((VERDICT_LIFETIME - timedelta(days=1), 2), (VERDICT_LIFETIME, 1)):
        with fed.seats["hope"].store.write() as tx:
            tx.cases.delete("H-2", "api")
            tx.verdicts.prune(fed.clock())
            tx.verdicts.prune(fed.clock() + away)
        fed["hope"].put_cases([held_too("H-2")])
        fed.sync()
        with fed.seats["hope"].store.write() as tx:
            tx.verdicts.prune(fed.clock())
        assert kept == sum(one is not None for one in verdicts(fed).values())


def test_the_threads_hear_of_it(fed: Federation) -> None:
    """A rejected match holds nothing; a confirmed one is said to be."""
    assert [("amparo",)] == [one.members for one in fed["hope"].threads()]
    decide(fed, Verdict.CONFIRMED, Ground.PARTNER)
    (thread,) = fed["hope"].threads()
    (edge,) = fed["hope"].thread(thread.id).edges
    assert Why.SAME is edge.why
    assert [True] == [met.confirmed for met in edge.members]
    decide(fed, Verdict.REJECTED, Ground.SHARED)
    assert [()] == [one.members for one in fed["hope"].threads()]
    decide(fed, Verdict.UNSURE, Ground.TOO_LITTLE)

    assert [("amparo",)] == [one.members for one in fed["hope"].threads()]


def test_only_what_is_proven_can_be_right(fed: Federation) -> None:
    """A held match can be rejected, and is not released then until that is undone."""
    hope = fed["hope"]
    hope.revoke_agreement(support.agreement_of(fed), "over")
    fed.drive()
    fed.agree("amparo", "hope", match_budget=NOTHING)
    fed.sync()
    hope.put_cases(support.phones([5]))
    hope.tokenise()
    fed["amparo"].put_cases(support.phones([5], prefix="A"))
    fed.sync(["amparo"])
    (held,) = hope.matches(status=MatchStatus.HELD)
    match = bytes.fromhex(held.id)
    with pytest.raises(MembershipError, match="not proven"):
        hope.deciding.decide(match, Verdict.CONFIRMED, Ground.PARTNER)
    hope.deciding.decide(match, Verdict.REJECTED, Ground.SHARED)
    with pytest.raises(MembershipError, match="rejected"):
        hope.release(match)
    hope.deciding.undo(match)
    hope.release(match)

    assert [MatchStatus.RELEASED] == [
        one.status for one in hope.matches(status=None) if one.case == "C-5"
    ]


@pytest.mark.parametrize(
    ("verdict", "ground"),
    [
        (Verdict.CONFIRMED, Ground.SHARED),
        (Verdict.REJECTED, Ground.TOO_LITTLE),
        (Verdict.UNSURE, Ground.PLANTED),
    ],
)
def test_a_ground_belongs_to_its_decision(
    fed: Federation, verdict: Verdict, ground: Ground
) -> None:
    """What does not fit is refused, and nothing is decided."""
    with pytest.raises(InputError, match="ground"):
        decide(fed, verdict, ground)

    assert {"C-1": None, "H-2": None} == verdicts(fed)


@pytest.mark.parametrize("mark", ["00" * 16, "zz" * 4, "ab", "%" * 8])
def test_a_case_that_the_match_is_not_about_is_refused(fed: Federation, mark: str) -> None:
    """Marks of other cases, and what is no mark."""
    with pytest.raises(InputError, match="mark"):
        decide(fed, Verdict.REJECTED, Ground.SHARED, mark)


def test_what_people_decide_stands_in_the_record(fed: Federation) -> None:
    """Who, what, why and with whom, also who only looked; and not which case it is."""
    match = bytes.fromhex(rows(fed)["C-1"].id)
    maria = fed.person("hope", "maria", StaffRole.CASEWORKER)
    hope = fed["hope"].deciding
    hope.show(match, by=maria)
    hope.decide(match, Verdict.REJECTED, Ground.SHARED, by=maria)
    hope.undo(match, by=maria)
    mine = [
        one for one in entries(fed, Event.MATCH_READ, Event.MATCH_DECIDED) if one.actor == maria.id
    ]
    with fed.seats["hope"].store.read() as tx:
        about = tx.audit.about(Named("match", match))

    assert [
        (Event.MATCH_READ, None, None),
        (Event.MATCH_DECIDED, Outcome.REJECTED, "shared"),
        (Event.MATCH_DECIDED, Outcome.UNDONE, None),
    ] == [(one.event, one.outcome, one.reason) for one in mine]
    assert {("amparo", 3)} == {(one.member, len(one.references)) for one in mine}
    assert len(about) >= 3
    assert not any(b"C-1" in one.to_bytes() for one in mine)


def test_who_may_not_decides_nothing(fed: Federation) -> None:
    """Data protection sees matches and leaves deciding to others; a technician sees none."""
    match = bytes.fromhex(rows(fed)["C-1"].id)
    ann = fed.person("hope", "ann", StaffRole.TECHNICIAN)
    officer = fed.person("hope", "olga", StaffRole.DATA_PROTECTION)
    hope = fed["hope"].deciding
    hope.show(match, by=officer)
    with pytest.raises(PolicyError, match="caseworker"):
        hope.show(match, by=ann)
    for who in (ann, officer):
        with pytest.raises(PolicyError, match="caseworker"):
            hope.decide(match, Verdict.REJECTED, Ground.SHARED, by=who)
        with pytest.raises(PolicyError, match="caseworker"):
            hope.undo(match, by=who)

    assert [] == entries(fed, Event.MATCH_DECIDED)

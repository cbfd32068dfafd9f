# SPDX-License-Identifier: Apache-2.0
"""What ends is told to every partner that may know of it, and counts nowhere any more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import MatchBudget, Purpose
from federation.audit import OPERATOR, Event
from federation.charter import Role
from federation.errors import CasethreadError, InputError, MembershipError
from federation.indicators import Case, Kind, Subject
from federation.letters import MOST_RETRACTED, Retraction
from federation.member import Ground, MatchStatus, Verdict
from federation.member.deeds import deed
from federation.member.pairing import offer
from federation.messages import ConfirmMatches, DeliverLetter, PutTags
from federation.storage import LetterStatus, Owed
from federation.testing import Federation
from tests.member.people import entries
from tests.member.support import _copied_store, agreement_of, federation, found, phone, phones
from tests.member.test_consents import consent
from tests.member.test_survivor_lane import A, B, agreed, meet, release, rows, tokens


def withdraw(fed: Federation, name: str, case: str) -> None:
    """Let a survivor withdraw."""
    fed[name].consents.withdraw(case, source="api")


@contextmanager
def matched() -> Iterator[tuple[Federation, str, str]]:
    """Let amparo and hope prove that they met the same survivor."""
    with agreed() as (fed, _):
        first, second = meet(fed, A), meet(fed, B)
        fed.sync()
        (holder,) = [name for name in (A, B) if rows(fed, name)]
        release(fed, holder)
        fed.sync()
        fed.sync()
        assert {(first, B)} == found(fed, A)
        assert {(second, A)} == found(fed, B)
        yield fed, first, second


@contextmanager
def acquainted(*parties: str, **terms: Any) -> Iterator[Federation]:
    """Let members agree, and meet before they have anything: then each sends what comes."""
    with federation() as fed:
        fed.agree(*parties, **terms)
        fed.sync()
        yield fed


def told(fed: Federation, name: str) -> list[tuple[str, int, bool]]:
    """Whom a member told of how many matches, and whether it was acknowledged."""
    return [
        (one.partner, one.matches, one.acknowledged is not None)
        for one in fed[name].retracting.owed()
    ]


def statuses(fed: Federation, name: str) -> list[str]:
    """How far the matches of a member are."""
    return [one.status.value for one in fed[name].matches(status=None)]


@pytest.mark.parametrize("who", [A, B])
def test_a_withdrawal_ends_a_proven_match_at_both(who: str) -> None:
    """It is gone where it was withdrawn, and kept as withdrawn where it was told."""
    other = B if who == A else A
    with matched() as (fed, first, second):
        mine, theirs = (first, second) if who == A else (second, first)
        withdraw(fed, who, mine)
        assert [] == rows(fed, who)
        assert [(other, 1, False)] == told(fed, who)
        assert {other: 1} == fed[who].retracting.owed_to()
        fed.drive()

        assert [(other, 1, True)] == told(fed, who)
        assert {} == fed[who].retracting.owed_to()
        assert [] == fed[other].matches()
        assert [(theirs, "withdrawn", "")] == rows(fed, other)
        assert 0 == tokens(fed, who)


def test_a_withdrawal_ends_what_the_partner_holds_back() -> None:
    """The partner was asked and said nothing; it must not release what is over."""
    with agreed() as (fed, _):
        meet(fed, B)
        fed.sync()
        case = meet(fed, A)
        fed.sync()
        assert [("H-1", "held", "survivor")] == rows(fed, B)
        withdraw(fed, A, case)
        fed.drive()

        assert [("H-1", "withdrawn", "unanswered")] == rows(fed, B)
        with pytest.raises(MembershipError, match="no held match"):
            fed[B].release(bytes.fromhex(fed[B].matches(status=None)[0].id))


def test_what_no_partner_may_know_is_told_to_nobody() -> None:
    """A token that never left, and that nobody was answered with."""
    with agreed() as (fed, _):
        case = meet(fed, A)
        fed[A].tokenise()
        withdraw(fed, A, case)
        fed.drive()

        assert [] == told(fed, A)


def test_a_match_that_is_held_here_is_not_told() -> None:
    """The asker saw a miss, and a retraction would tell it that it was none."""
    with agreed() as (fed, _):
        case = meet(fed, A)
        fed[A].tokenise()
        meet(fed, B)
        # Whoever sends first, the other one holds it back.
        fed.sync([B])
        if [("A-1", "held", "survivor")] != rows(fed, A):
            pytest.fail("hope sends first here")
        withdraw(fed, A, case)

        assert [] == told(fed, A)


def test_the_record_of_both_says_so() -> None:
    """Under which agreement, with whom, how many; and the letter by its hash."""
    with matched() as (fed, first, _):
        withdraw(fed, A, first)
        fed.drive()
        (gone,) = entries(fed, Event.RETRACTION_SENT, member=A)
        (came,) = entries(fed, Event.RETRACTION_RECEIVED, member=B)

        assert (B, A) == (gone.member, came.member)
        assert gone.documents == came.documents
        assert gone.agreement == came.agreement is not None
        assert 1 == gone.counts["matches"] == came.counts["matches"]  # type: ignore[index]


def test_a_consent_that_runs_out_is_told_like_a_withdrawal() -> None:
    """The letter does not say which it was."""
    with agreed() as (fed, _):
        meet(fed, A, expires=fed.clock().replace(microsecond=0) + timedelta(days=1))
        meet(fed, B)
        fed.sync()
        (holder,) = [name for name in (A, B) if rows(fed, name)]
        release(fed, holder)
        fed.sync()
        fed.clock.advance(days=2)
        fed.sync()
        with fed.seats[B].store.read() as tx:
            (letter,) = tx.letters.listed_in(Retraction.TYPE)

        assert ["withdrawn"] == statuses(fed, B)
        assert {"matches"} == {*Retraction.from_envelope(letter.envelope).model_dump()} - {
            *("id", "federation_id", "sender", "recipient", "agreement", "issued", "expires")
        }


def test_a_new_consent_matches_anew() -> None:
    """Held again, and released again: the old release does not count."""
    with matched() as (fed, first, _):
        withdraw(fed, A, first)
        fed.drive()
        fed.clock.advance(days=1)
        fed[A].consents.record(first, consent(fed.clock()), source="api")
        fed.sync()
        fed.sync()
        assert [("H-1", "held", "survivor")] == rows(fed, B)
        release(fed, B)
        fed.sync()
        fed.sync()

        assert {(first, B)} == found(fed, A)
        assert ["proven"] == statuses(fed, B)


def test_a_partner_that_is_down_is_told_when_it_returns() -> None:
    """Until then it is owed."""
    with matched() as (fed, first, _):
        fed.faults.down.add(B)
        withdraw(fed, A, first)
        for _ in range(3):
            fed.sync([A])
            fed.clock.advance(hours=2)
        assert [(B, 1, False)] == told(fed, A)
        fed.faults.down.clear()
        fed.sync()

        assert [(B, 1, True)] == told(fed, A)
        assert ["withdrawn"] == statuses(fed, B)


def test_nothing_is_compared_again_before_the_partner_knows() -> None:
    """Else its letter would take back what was found after it was written."""
    with matched() as (fed, first, _):
        withdraw(fed, A, first)
        fed.clock.advance(seconds=1)
        fed[A].consents.record(first, consent(fed.clock()), source="api")
        deliver = fed[A]._letters.drive
        fed[A]._letters.drive = lambda: False  # type: ignore[method-assign]
        fed.sync()
        meet(fed, B, 1)
        fed.sync()
        assert 1 == tokens(fed, A)
        assert ["proven"] == statuses(fed, B)
        assert [] == rows(fed, A)
        fed[A]._letters.drive = deliver  # type: ignore[method-assign]
        fed.sync()

        assert [("H-1", "held", "survivor")] == rows(fed, B)


def test_an_answer_that_is_overtaken_makes_no_match() -> None:
    """Hope answers, withdraws and says so; only then its answer arrives."""
    with acquainted(A, B) as fed:
        fed[B].put_cases(phones([1], prefix="H"))
        fed[B].tokenise()
        fed[A].put_cases(phones([1], prefix="A"))

        def overtake(recipient: str, request: Any, reply: Any) -> Any:
            if recipient == B and isinstance(request, PutTags) and reply.proofs:
                fed[B].forget("H-1")
                fed[B].drive()
            return reply

        fed.faults.tamper = overtake
        fed.sync([A])
        fed.faults.tamper = None
        assert [(A, 1, True)] == told(fed, B)

        assert [] == [one for one in statuses(fed, A) if one != "withdrawn"]


@pytest.mark.parametrize("late", [PutTags, ConfirmMatches])
def test_a_message_that_is_overtaken_makes_no_match(late: type[Any]) -> None:
    """Amparo sends, forgets and says so; only then what it sent arrives."""
    with acquainted(A, B) as fed:
        fed[B].put_cases(phones([1], prefix="H"))
        fed[B].tokenise()
        fed[A].put_cases(phones([1], prefix="A"))
        handle = fed[B]._handlers[late]

        def overtaken(sender: str, request: Any) -> object:
            fed[A].forget("A-1")
            fed[A].drive()
            return handle(sender, request)

        fed[B]._handlers[late] = overtaken
        fed.sync([A])
        assert [(B, 1, True)] == told(fed, A)

        assert [] == [one for one in statuses(fed, B) if one != "withdrawn"]
        assert [] == rows(fed, A)


def test_an_answer_that_was_dropped_is_taken_back_all_the_same() -> None:
    """The asker proved it, but could not say so for a week."""
    with acquainted(A, B) as fed:
        fed[B].put_cases(phones([1], prefix="H"))
        fed[B].tokenise()
        fed[A].put_cases(phones([1], prefix="A"))

        def refuse(_sender: str, _request: Any) -> object:
            raise CasethreadError("no")

        confirm, fed[B]._handlers[ConfirmMatches] = fed[B]._handlers[ConfirmMatches], refuse
        fed.sync([A])
        assert {("A-1", B)} == found(fed, A)
        assert ["pending"] == statuses(fed, B)
        fed.clock.advance(days=8)
        fed[B]._tidy()
        assert [] == rows(fed, B)
        fed[B]._handlers[ConfirmMatches] = confirm
        fed[B].forget("H-1")
        fed.drive()

        assert ["withdrawn"] == statuses(fed, A)


def correct(fed: Federation) -> None:
    """Bring the case with another number."""
    fed[A].put_cases([Case("A-1").add(Kind.PHONE, phone(9), Subject.RECRUITER, field="tel")])


def undo(fed: Federation) -> None:
    """Take back the import that brought the case."""
    fed[A].undo_import(1)


def replace(fed: Federation) -> None:
    """Import a file that has the case no more."""
    with fed.seats[A].store.write() as tx:
        begun = tx.imports.begin("api", b"2", fed.clock(), keep=False)
    fed[A].remove_missing(begun)


def survive(fed: Federation) -> None:
    """Learn that the number is a survivor's own."""
    fed[A].put_cases(phones([1], prefix="S", subject=Subject.SURVIVOR))


REASONS: dict[str, Callable[[Federation], object]] = {
    "forgotten": lambda fed: fed[A].forget("A-1"),
    "corrected": correct,
    "import undone": undo,
    "replaced": replace,
    "a survivor's": survive,
}


@pytest.mark.parametrize("end", REASONS.values(), ids=REASONS)
def test_whatever_removes_a_token_is_told(end: Callable[[Federation], object]) -> None:
    """In the same transaction; the partner cannot tell one reason from another."""
    with acquainted(A, B) as fed:
        with fed.seats[A].store.write() as tx:
            begun = tx.imports.begin("api", b"", fed.clock(), keep=True)
        fed[A].put_cases(phones([1], prefix="A"), run=str(begun.number), keep=True)
        with fed.seats[A].store.write() as tx:
            tx.imports.finish(begun.number, begun.counts)
        fed[B].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed.sync()
        assert {("H-1", A)} == found(fed, B)
        end(fed)
        assert [(B, 1, False)] == told(fed, A)
        fed.drive()

        assert ["withdrawn"] == statuses(fed, B)


def test_another_case_with_the_same_value_keeps_the_match() -> None:
    """The token stands for it too."""
    with federation(A, B) as fed:
        fed[A].put_cases(phones([1], prefix="A") + phones([1], prefix="B"))
        fed[B].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed.sync()
        fed[A].forget("A-1")
        fed.drive()

        assert [] == told(fed, A)
        assert ["proven"] == statuses(fed, B)


@pytest.mark.parametrize(
    ("roles", "left"), [({Role.HOTLINE}, ["proven"]), ({Role.NGO}, ["withdrawn"])]
)
def test_another_case_of_the_survivor_keeps_what_its_consent_covers(
    roles: set[Role], left: list[str]
) -> None:
    """What only the withdrawn consent covered is taken back, though the token stays."""
    with matched() as (fed, first, _):
        fed[A].put_cases(phones([1], prefix="X", subject=Subject.SURVIVOR))
        wanted = consent(fed.clock(), recipients=frozenset(roles))
        fed[A].consents.record("X-1", wanted, source="api")
        fed.sync()
        withdraw(fed, A, first)
        fed.drive()

        assert 1 == tokens(fed, A)
        assert left == statuses(fed, B)


def test_one_letter_for_each_partner_and_agreement() -> None:
    """Of many matches too; and as many more as one letter cannot hold."""
    with acquainted(A, B, "licht") as fed:
        many = [phone(n) for n in range(MOST_RETRACTED + 5)]
        case = Case("A-1")
        for number in many:
            case = case.add(Kind.PHONE, number, Subject.RECRUITER, field="tel")
        fed[A].put_cases([case])
        fed.sync()
        fed[A].forget("A-1")

        assert {
            (B, MOST_RETRACTED),
            (B, 5),
            ("licht", MOST_RETRACTED),
            ("licht", 5),
        } == {(one.partner, one.matches) for one in fed[A].retracting.owed()}
        fed.drive()
        assert {} == fed[A].retracting.owed_to()


def test_nobody_takes_back_a_match_of_others() -> None:
    """A member that learned the id of a match between two others changes nothing."""
    with federation(A, B, "licht") as fed:
        fed[A].put_cases(phones([1], prefix="A"))
        fed[B].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed.sync()
        with fed.seats[B].store.read() as tx:
            (match,) = tx.matches.list()
        with deed(fed["licht"]._core, OPERATOR, optional=True) as done:
            done.send(
                Retraction(
                    **done.letter_fields(B), agreement=match.agreement, matches=(match.match_id,)
                )
            )
        fed.drive()

        assert ["proven"] == statuses(fed, B)


def test_nothing_can_be_done_with_a_withdrawn_match() -> None:
    """Neither decided nor released nor asked about; it ties no cases."""
    with federation() as fed:
        terms: dict[str, Any] = {"purposes": (Purpose.NETWORK, Purpose.SUPPORT)}
        fed.agree(A, B, **terms)
        fed[A].put_cases(phones([1], prefix="A"))
        fed[B].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed.sync()
        fed[A].forget("A-1")
        fed.sync()
        (left,) = fed[B].matches(status=MatchStatus.WITHDRAWN)
        match = bytes.fromhex(left.id)
        with pytest.raises(MembershipError, match="took this match back"):
            fed[B].deciding.decide(match, Verdict.REJECTED, Ground.NAMESAKE)
        with pytest.raises(MembershipError, match="took this match back"):
            fed[B].deciding.decide(match, Verdict.CONFIRMED, Ground.OWN_FILE)
        with pytest.raises(MembershipError, match="no held match"):
            fed[B].release(match)
        with pytest.raises(InputError):
            fed[B].requests.ask([match], {Kind.PHONE}, Purpose.SUPPORT)

        assert [] == fed[B].threads()


def test_what_could_not_be_written_then_is_written_later() -> None:
    """A withdrawal counts at once, also while the charter is over."""
    with matched() as (fed, first, _):
        charter = fed[A].require_charter()
        fed.clock.now = charter.expires + timedelta(days=365)
        withdraw(fed, A, first)
        assert [] == rows(fed, A)
        assert [Owed(B, one.agreement, 1, None, None) for one in fed[A].retracting.owed()] == (
            fed[A].retracting.owed()
        )
        fed.clock.now = charter.expires - timedelta(days=1)
        fed.drive()

        assert [(B, 1, True)] == told(fed, A)


def test_a_letter_that_was_given_up_is_written_again() -> None:
    """What a partner is owed it stays owed."""
    with matched() as (fed, first, _):
        withdraw(fed, A, first)
        (before,) = fed[A].retracting.owed()
        assert before.letter is not None
        with fed.seats[A].store.write() as tx:
            tx.letters._change(before.letter, status=LetterStatus.UNDELIVERED.value)
        fed.drive()

        assert [(B, 1, True)] == told(fed, A)


def test_the_same_letter_again_changes_nothing() -> None:
    """Its reply was lost; by then the match is found anew."""
    with federation(A, B) as fed:
        fed[A].put_cases(phones([1], prefix="A"))
        fed[B].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed.sync()
        fed[A].forget("A-1")
        with fed.seats[A].store.read() as tx:
            (letter,) = tx.letters.listed_out(Retraction.TYPE)
        fed.drive()
        fed[A].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed.sync()
        assert ["proven"] == statuses(fed, B)
        with fed.seats[A].store.write() as tx:
            tx.letters.send_again(letter.id, fed.clock().replace(microsecond=0))
        count = len(fed.calls)
        fed.drive()

        assert any(one.path.endswith(DeliverLetter.__name__) for one in fed.calls[count:])
        assert ["proven"] == statuses(fed, B)


def test_a_match_taken_back_and_found_again_spends_the_budget_once() -> None:
    """Who was answered knows it already; who was not is held back again."""
    nothing = MatchBudget(daily_base=0, daily_percent=0, first=1)
    with acquainted(A, B, match_budget=nothing) as fed:
        fed[B].put_cases(phones([1, 2], prefix="H"))
        fed[B].tokenise()
        fed[A].put_cases(phones([1, 2], prefix="A"))
        fed.sync([A])
        before = sorted(statuses(fed, B))
        for number in (1, 2):
            fed[A].forget(f"A-{number}")
        fed[A].put_cases(phones([1, 2], prefix="A"))
        fed.sync([A])

        assert ["held", "proven"] == before == sorted(statuses(fed, B))


def test_a_partner_that_was_restored_is_told_again() -> None:
    """Its older database has the match and not the letter; it asks for new keys, and is told."""
    with acquainted(A, B) as fed:
        fed[A].put_cases(phones([1], prefix="A"))
        fed[B].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed.sync()
        backup = _copied_store(fed.seats[B].store)
        fed[A].forget("A-1")
        fed.drive()
        assert ["withdrawn"] == statuses(fed, B)
        fed.seats[B].store = backup
        fed.restart(B)
        assert ["proven"] == statuses(fed, B)
        agreement = agreement_of(fed)
        with backup.write() as tx:
            offer(fed[B]._core, tx, agreement, 2)
        fed.drive()

        assert ["withdrawn"] == statuses(fed, B)
        assert [(B, 1, True)] == told(fed, A)

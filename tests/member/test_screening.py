# SPDX-License-Identifier: Apache-2.0
"""What the lists keep out, what waits for a person, and what becomes of a decision."""

from collections import Counter
from contextlib import AbstractContextManager

import pytest

from federation.errors import ConfigurationError, InputError
from federation.indicators import Case, Kind, Screen, Subject, normalise
from federation.member.screening import KNOWN_SURVIVOR, REFUSED, HeldValue, Outlook
from federation.messages import PutTags
from federation.storage import ObservationStatus, Tx
from federation.storage.screening import ScreeningRepository
from federation.testing import Federation
from tests.member.support import federation, found, phone, phones, requests, tokens

PAIR = ("hope", "amparo")
COMMON = "snapchat:teamsnapchat"  # flagged by the built-in lists


def listed(fed: Federation, name: str, *, refuse: str = "", flag: str = "") -> None:
    """Give a member an own list of phones, from its next step on."""
    screen = Screen.with_values(
        [normalise(Kind.PHONE, one) for one in refuse.split()],
        flagged=[normalise(Kind.PHONE, one) for one in flag.split()],
    )
    fed[name]._core.screen = lambda: screen


def flagged(name: str) -> Case:
    """Return a case with a handle that very many cases mention."""
    return Case(name).add(Kind.HANDLE, COMMON, Subject.RECRUITER, field="profile")


def only_waiting(fed: Federation, name: str) -> HeldValue:
    """Return the one value that waits for a person."""
    (held,) = fed[name].screening.waiting()
    return held


def reasons(fed: Federation, name: str) -> dict[str, tuple[str, str]]:
    """Return status and reason of each case that has something left out."""
    return {one.case_id: (one.status.value, one.reason) for one in fed[name].not_tokenised()}


def test_taking_in_says_what_is_left_out() -> None:
    """Each status and reason is counted; what takes part is not."""
    cases = [
        *phones([1]),
        Case("A").add(Kind.PHONE, "+1 202 555 0143", Subject.RECRUITER),
        Case("B").add(Kind.PHONE, "not a number", Subject.RECRUITER),
        flagged("C"),
        *phones([2], prefix="S", subject=Subject.SURVIVOR),
        *phones([2], prefix="R"),
    ]
    with federation() as fed:
        expected = {
            (ObservationStatus.SCREENED, "fictional"): 1,
            (ObservationStatus.REFUSED, "has no number in it"): 1,
            (ObservationStatus.WAITING_DECISION, "common-value"): 1,
            (ObservationStatus.WAITING_DECISION, KNOWN_SURVIVOR): 1,
            (ObservationStatus.WAITING_CONSENT, ""): 1,
        }

        assert expected == fed["hope"].put_cases(cases).left_out
        assert Counter() == fed["hope"].put_cases(cases).left_out


def test_what_an_earlier_case_loses_is_counted_too() -> None:
    """A survivor's report takes a number out of a case that was there before."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1, 2], prefix="R"))
        done = fed["hope"].put_cases(phones([1], prefix="S", subject=Subject.SURVIVOR))

        assert 1 == done.left_out[ObservationStatus.WAITING_DECISION, KNOWN_SURVIVOR]


def test_a_flagged_value_is_compared_once_a_person_allows_it() -> None:
    """It waits at both; it matches when both have allowed it, and who did is remembered."""
    with federation(*PAIR) as fed:
        for name in PAIR:
            fed[name].put_cases([flagged(f"{name}-1")])
        fed.sync()
        for name in PAIR:
            assert set() == found(fed, name)
            held = only_waiting(fed, name)
            assert (("common-value",), (Kind.HANDLE,)) == (held.reasons, held.kinds)
            assert [f"{name}-1"] == [one.case_id for one in held.observations]
            fed[name].screening.decide(held.id, allow=True, name="Ana")
        fed.sync()

        assert {("hope-1", "amparo")} == found(fed, "hope")
        assert [] == fed["hope"].screening.waiting()
        (decided,) = fed["hope"].screening.decided()
        decision = decided.decision
        assert decision is not None
        assert (True, "Ana", {"common-value"}) == (decision.allowed, decision.by, decision.reasons)
        assert decision.at <= fed.clock()


@pytest.mark.parametrize("allow", [True, False])
def test_a_decision_holds_for_later_cases_of_the_value(allow: bool) -> None:
    """Nobody is asked twice about one value for one reason."""
    with federation() as fed:
        fed["hope"].put_cases([flagged("1")])
        fed["hope"].screening.decide(only_waiting(fed, "hope").id, allow=allow, name="Ana")
        fed["hope"].put_cases([flagged("2")])
        fed.sync()

        assert [] == fed["hope"].screening.waiting()
        kept_out = {} if allow else dict.fromkeys("12", ("screened", REFUSED))
        assert kept_out == reasons(fed, "hope")
        assert int(allow) == tokens(fed, "hope")


def test_a_decision_can_be_changed() -> None:
    """Refusing what was allowed takes its token and its match; allowing it brings them back."""
    with federation(*PAIR) as fed:
        for name in PAIR:
            fed[name].put_cases([flagged("1")])
            fed[name].screening.decide(only_waiting(fed, name).id, allow=True, name="Ana")
        fed.sync()
        value = fed["hope"].screening.decided()[0].id
        fed["hope"].screening.decide(value, allow=False, name="Bo")

        assert set() == found(fed, "hope")
        assert 0 == tokens(fed, "hope")

        fed["hope"].screening.decide(value, allow=True, name="Cy")
        fed.sync()

        assert {("1", "amparo")} == found(fed, "hope")
        (decided,) = fed["hope"].screening.decided()
        assert decided.decision is not None
        assert "Cy" == decided.decision.by


def test_only_what_waits_or_was_decided_can_be_decided() -> None:
    """A value that takes part, one that a list refuses, and one that is not here."""
    with federation() as fed:
        fed["hope"].put_cases(
            [*phones([1]), Case("A").add(Kind.PHONE, "+1 202 555 0143", Subject.RECRUITER)]
        )
        with fed.seats["hope"].store.read() as tx:
            known = [tx.screening.mark(value) for value in (phone(1), "+12025550143")]
        for value in (*known, bytes(16)):
            with pytest.raises(InputError) as caught:
                fed["hope"].screening.decide(value, allow=True, name="Ana")
            assert "casethread screen list" in str(caught.value.next_step)

        assert [] == fed["hope"].screening.decided()


def test_a_survivors_value_is_compared_once_a_person_allows_it() -> None:
    """The recruiter's column gets its token; the survivor's own observation never does."""
    with federation(*PAIR) as fed:
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["hope"].put_cases(phones([1], prefix="S", subject=Subject.SURVIVOR))
        fed["hope"].put_cases(phones([1], prefix="R"))
        held = only_waiting(fed, "hope")
        assert (KNOWN_SURVIVOR,) == held.reasons
        assert ["R-1"] == [one.case_id for one in held.observations]
        fed["hope"].screening.decide(held.id, allow=True, name="Ana")
        fed.sync()

        assert {("R-1", "amparo")} == found(fed, "hope")
        assert {"S-1": ("waiting-consent", "")} == reasons(fed, "hope")


def test_a_survivor_who_comes_later_asks_again() -> None:
    """Who allowed the value did not know of this survivor; the match is gone until they do."""
    with federation(*PAIR) as fed:
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["hope"].put_cases(phones([1], prefix="S", subject=Subject.SURVIVOR))
        fed["hope"].put_cases(phones([1], prefix="R"))
        fed["hope"].screening.decide(only_waiting(fed, "hope").id, allow=True, name="Ana")
        fed.sync()
        fed["hope"].put_cases(phones([1], prefix="T", subject=Subject.SURVIVOR))
        fed.sync()

        assert set() == found(fed, "hope")
        assert (KNOWN_SURVIVOR,) == only_waiting(fed, "hope").reasons


def test_an_allowance_is_against_one_reason() -> None:
    """A common value that is allowed waits again when it turns out to be a survivor's."""
    with federation() as fed:
        fed["hope"].put_cases([flagged("R")])
        value = only_waiting(fed, "hope").id
        fed["hope"].screening.decide(value, allow=True, name="Ana")
        fed["hope"].put_cases([Case("S").add(Kind.HANDLE, COMMON, Subject.SURVIVOR)])
        assert (KNOWN_SURVIVOR,) == only_waiting(fed, "hope").reasons
        after = fed["hope"].screening.decide(value, allow=True, name="Bo")

        assert [] == fed["hope"].screening.waiting()
        assert after.decision is not None
        assert {"common-value", KNOWN_SURVIVOR} == after.decision.reasons


def test_what_was_not_told_is_not_allowed() -> None:
    """Two things are held against a value; who allows the one is then told of the other."""
    with federation() as fed:
        fed["hope"].put_cases([Case("S").add(Kind.HANDLE, COMMON, Subject.SURVIVOR)])
        fed["hope"].put_cases([flagged("R")])
        first = only_waiting(fed, "hope")
        after = fed["hope"].screening.decide(first.id, allow=True, name="Ana")
        assert {"common-value", KNOWN_SURVIVOR} == {*first.reasons, *after.reasons}
        assert [ObservationStatus.WAITING_DECISION] == [one.status for one in after.observations]
        fed["hope"].screening.decide(first.id, allow=True, name="Ana")
        fed.sync()

        assert 1 == tokens(fed, "hope")


def test_what_is_forgotten_comes_back_undecided() -> None:
    """Nothing of a value stays when no case holds it any more, and so nothing lets it pass."""
    with federation() as fed:
        fed["hope"].put_cases([flagged("1")])
        fed["hope"].screening.decide(only_waiting(fed, "hope").id, allow=True, name="Ana")
        fed["hope"].forget("1")
        fed.sync()

        with fed.seats["hope"].store.read() as tx:
            assert {} == tx.decisions.list()
        fed["hope"].put_cases([flagged("1")])
        assert ("common-value",) == only_waiting(fed, "hope").reasons


def test_a_longer_list_takes_back_what_was_compared() -> None:
    """The token goes, and the match with it; a partner that asks later is not answered."""
    with federation("amparo", "hope", "licht") as fed:
        fed["amparo"].put_cases(phones([1, 2, 3], prefix="A"))
        fed["hope"].put_cases(phones([1, 2, 3], prefix="H"))
        fed.sync()
        assert 3 == len(found(fed, "hope"))
        listed(fed, "hope", refuse=phone(1), flag=phone(2))
        assert Outlook(kept_out=2) == fed["hope"].screening.outlook()
        fed["licht"].put_cases(phones([1, 2, 3], prefix="L"))
        fed["hope"].sync()

        assert {("H-3", "amparo")} == found(fed, "hope")
        kept_out = {
            "H-1": ("screened", "local-list"),
            "H-2": ("waiting-decision", "local-list"),
        }
        assert kept_out == reasons(fed, "hope")
        assert Outlook() == fed["hope"].screening.outlook()

        fed.sync()
        assert {("L-3", "hope")} == {row for row in found(fed, "licht") if row[1] == "hope"}


def test_a_longer_list_reaches_what_is_about_to_be_sent() -> None:
    """A bucket that was made before the list grew goes out without the value."""
    with federation(*PAIR) as fed:
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["amparo"].sync()
        fed["hope"].put_cases(phones([1, 2], prefix="H"))
        fed.faults.down.add("amparo")
        assert fed["hope"].sync().sent.failures
        listed(fed, "hope", refuse=phone(1))
        fed.faults.down.clear()
        fed.sync()

        assert requests(fed, PutTags)
        assert set() == found(fed, "amparo") | found(fed, "hope")


def test_a_shorter_list_frees_nothing_by_itself() -> None:
    """What a lost line had kept out waits for a person; who allows it, frees it."""
    with federation() as fed:
        listed(fed, "hope", refuse=phone(1))
        fed["hope"].put_cases(phones([1]))
        listed(fed, "hope")
        assert Outlook() == fed["hope"].screening.outlook()
        fed.sync()
        assert {"C-1": ("waiting-decision", "local-list")} == reasons(fed, "hope")
        listed(fed, "hope", flag=phone(9))
        fed.sync()
        fed["hope"].screening.decide(only_waiting(fed, "hope").id, allow=True, name="Ana")
        fed.sync()

        assert 1 == tokens(fed, "hope")


def test_an_allowance_does_not_outlive_a_refusal_by_the_list() -> None:
    """Once the own list refuses a value, no earlier decision lets it pass."""
    with federation() as fed:
        listed(fed, "hope", flag=phone(1))
        fed["hope"].put_cases(phones([1]))
        fed["hope"].screening.decide(only_waiting(fed, "hope").id, allow=True, name="Ana")
        fed.sync()
        assert 1 == tokens(fed, "hope")
        listed(fed, "hope", refuse=phone(1))
        fed.sync()

        assert 0 == tokens(fed, "hope")
        assert {"C-1": ("screened", "local-list")} == reasons(fed, "hope")


def test_a_list_that_cannot_be_read_stops_everything_that_it_protects() -> None:
    """Nothing is taken in, made a token or sent while nobody knows what is listed."""

    def broken() -> Screen:
        raise ConfigurationError("the list cannot be read")

    with federation(*PAIR) as fed:
        fed["hope"].put_cases(phones([1]))
        fed["hope"]._core.screen = broken
        for step in (
            lambda: fed["hope"].put_cases(phones([2])),
            fed["hope"].tokenise,
            fed["hope"].sync,
        ):
            with pytest.raises(ConfigurationError, match="cannot be read"):
                step()

        assert [] == requests(fed, PutTags)
        with fed.seats["hope"].store.read() as tx:
            assert (1, 0) == (tx.cases.count(), sum(tx.tokens.counts().values()))


def test_lists_are_applied_page_by_page() -> None:
    """Many observations are screened anew without one being left out."""
    numbers = list(range(1, 1_203))
    with federation() as fed:
        fed["hope"].put_cases(phones(numbers))
        kept_out = [phone(number) for number in numbers if number % 3 == 0]
        listed(fed, "hope", refuse=" ".join(kept_out))

        assert Outlook(kept_out=len(kept_out)) == fed["hope"].screening.outlook()
        assert len(kept_out) == fed["hope"].screening.refresh()
        assert 0 == fed["hope"].screening.refresh()
        outcomes = Counter(reasons(fed, "hope").values())
        assert len(kept_out) == outcomes["screened", "local-list"]


def test_what_was_screened_when_it_came_in_is_not_screened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first synchronisation after a large import does not read all of it once more."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1]))
        monkeypatch.setattr(ScreeningRepository, "page", None)

        assert 0 == fed["hope"].screening.refresh()


def test_a_held_value_does_not_show_itself() -> None:
    """What lands in a log by mistake names neither the value nor the case."""
    with federation() as fed:
        fed["hope"].put_cases([flagged("H-SECRET")])
        held = only_waiting(fed, "hope")

        assert "teamsnapchat" not in repr(held)
        assert "H-SECRET" not in repr(held)


def test_what_becomes_a_token_while_it_is_judged_is_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another process gives a value its token between the judgement and its record."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1]))
        store = fed.seats["hope"].store
        write, waiting = store.write, ["once"]

        def interrupted() -> AbstractContextManager[Tx]:
            if waiting:
                waiting.clear()
                fed["hope"]._tokeniser.run()
            return write()

        listed(fed, "hope", refuse=phone(1))
        monkeypatch.setattr(store, "write", interrupted)
        fed["hope"].screening.refresh()

        assert {"C-1": ("screened", "local-list")} == reasons(fed, "hope")
        assert 0 == tokens(fed, "hope")

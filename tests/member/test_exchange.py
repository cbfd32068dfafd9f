# SPDX-License-Identifier: Apache-2.0
"""What members learn from each other, and what they do not."""

from contextlib import suppress
from typing import Any

import pytest

from federation.agreements import MatchBudget, Status
from federation.errors import (
    AgreementError,
    ExchangeError,
    MembershipError,
    PeerError,
    PolicyError,
)
from federation.indicators import Case, IndicatorClass, Kind, Lane, Subject
from federation.member.screening import KNOWN_SURVIVOR
from federation.messages import ConfirmMatches, OpenSession, PutTags
from federation.storage.matches import MatchStatus
from federation.testing import Federation
from tests.member.support import (
    agreement_of,
    federation,
    found,
    key_of,
    phone,
    phones,
    put_in_buckets,
    requests,
    tokens,
)

PAIR = ("hope", "amparo")
NONE = MatchBudget(daily_base=0, daily_percent=0, first=0)


def opening(
    fed: Federation, sender: str, partner: str, agreement: bytes, /, **changes: Any
) -> OpenSession:
    """What a sender says to open a session, with changes."""
    with fed.seats[sender].store.read() as tx:
        version, _ = tx.agreements.pair_key(agreement, partner) or (1, b"")
    key = key_of(fed[sender])
    fields = {
        "agreement": agreement,
        "key_version": version,
        "lane": Lane.NETWORK,
        "cls": IndicatorClass.IDENTIFIER,
        "key_id": key.key_id,
        "epoch": key.epoch,
        "normalisation_version": 1,
        "nonce": bytes(32),
    }
    return OpenSession(**(fields | changes))


def test_both_sides_find_what_both_hold_and_nothing_else() -> None:
    """A common number is found on both sides; others leave no trace."""
    with federation(*PAIR) as fed:
        fed["hope"].put_cases(phones([1, 2, 3], prefix="H"))
        fed["amparo"].put_cases(phones([3, 4], prefix="A"))
        fed["licht"].put_cases(phones([1, 2, 3, 4], prefix="L"))
        fed.sync()

        assert {("H-3", "amparo")} == found(fed, "hope")
        assert {("A-3", "hope")} == found(fed, "amparo")
        assert set() == found(fed, "licht")
        (one,), (other,) = fed["hope"].matches(), fed["amparo"].matches()
        assert one.id != other.id
        assert ("tel", Kind.PHONE, Lane.NETWORK) == (one.field, one.kind, one.lane)


def test_without_an_agreement_nothing_is_sent() -> None:
    """Members exchange nothing by default."""
    with federation() as fed:
        for name in ("hope", "amparo"):
            fed[name].put_cases(phones([1]))
        fed.sync()
        fed.sync()

        assert set() == found(fed, "hope") | found(fed, "amparo")
        assert [] == requests(fed, OpenSession)


@pytest.mark.parametrize("order", [("amparo", "hope"), ("hope", "amparo")])
def test_backfill_is_sent_by_one_side_only(order: tuple[str, str]) -> None:
    """Who meets with tokens already there: the higher of two founders sends its set, once."""
    with federation() as fed:
        fed["hope"].put_cases(phones(range(20), prefix="H"))
        fed["amparo"].put_cases(phones(range(10, 40), prefix="A"))
        fed.sync()
        fed.agree("hope", "amparo")
        for _ in range(3):
            fed.sync(order)

        assert {(f"H-{n}", "amparo") for n in range(10, 20)} == found(fed, "hope")
        assert {(f"A-{n}", "hope") for n in range(10, 20)} == found(fed, "amparo")
        assert 20 == len(put_in_buckets(fed, "hope", "amparo"))
        assert [] == put_in_buckets(fed, "amparo", "hope")
        assert ["hope"] == [call.sender for call, _ in requests(fed, PutTags)]


def test_later_arrivals_are_sent_by_who_has_them_later() -> None:
    """After the first contact each side sends what is new to it, and each token once."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1, 2], prefix="H"))
        fed["amparo"].put_cases(phones([3, 4], prefix="A"))
        fed.sync()
        fed.agree("hope", "amparo")
        fed.sync()
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([4], prefix="H"))
        fed.sync()
        fed.sync()

        assert {("H-1", "amparo"), ("H-4", "amparo")} == found(fed, "hope")
        assert {("A-1", "hope"), ("A-4", "hope")} == found(fed, "amparo")
        assert 3 == len(put_in_buckets(fed, "hope", "amparo"))
        assert 1 == len(put_in_buckets(fed, "amparo", "hope"))


def test_equal_values_in_two_cases_are_two_rows_of_one_match() -> None:
    """One token stands for both cases: one match, shown with each of them."""
    with federation(*PAIR) as fed:
        fed["hope"].put_cases(phones([7], prefix="H") + phones([7], prefix="K"))
        fed["amparo"].put_cases(phones([7], prefix="A"))
        fed.sync()
        rows = fed["hope"].matches()

        assert ["H-7", "K-7"] == sorted(row.case for row in rows)
        assert 1 == len({row.id for row in rows})
        assert 1 == tokens(fed, "hope")


def test_a_case_added_later_with_a_matched_value_shows_the_match() -> None:
    """A value that is matched already needs no second exchange."""
    with federation(*PAIR) as fed:
        fed["hope"].put_cases(phones([7], prefix="H"))
        fed["amparo"].put_cases(phones([7], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([7], prefix="K"))
        fed.sync()

        assert {("H-7", "amparo"), ("K-7", "amparo")} == found(fed, "hope")
        assert {("A-7", "hope")} == found(fed, "amparo")


def test_a_corrected_cell_retracts_its_match() -> None:
    """The wrong number's token and match go with the correction; the right one is compared."""
    with federation(*PAIR) as fed:
        wrong = Case("H").add(Kind.PHONE, phone(1), Subject.RECRUITER, field="tel")
        right = Case("H").add(Kind.PHONE, phone(2), Subject.RECRUITER, field="tel")
        fed["amparo"].put_cases(phones([1, 2], prefix="A"))
        fed["hope"].put_cases([wrong])
        fed.sync()
        before = found(fed, "amparo")
        result = fed["hope"].put_cases([right])
        after = found(fed, "hope")
        fed.sync()

        assert {("A-1", "hope")} == before
        assert (1, 1) == (result.observations_added, result.observations_removed)
        assert set() == after
        assert {("H", "amparo")} == found(fed, "hope")
        assert 1 == tokens(fed, "hope")
        assert ("A-2", "hope") in found(fed, "amparo")


def test_forgetting_a_case_takes_its_matches_and_keeps_those_of_others() -> None:
    """A token that another case stands for stays, with its match."""
    with federation(*PAIR) as fed:
        fed["hope"].put_cases(phones([1, 2], prefix="H") + phones([2], prefix="K"))
        fed["amparo"].put_cases(phones([1, 2], prefix="A"))
        fed.sync()
        gone = fed["hope"].forget("H-1") + fed["hope"].forget("H-2")

        assert 2 == gone
        assert 0 == fed["hope"].forget("H-1")
        assert {("K-2", "amparo")} == found(fed, "hope")
        assert 1 == tokens(fed, "hope")


def test_a_case_put_again_after_forgetting_is_found_again() -> None:
    """What was forgotten and comes back is a new arrival, and spends no budget twice."""
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=MatchBudget(daily_base=1, first=0))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()
        fed["hope"].forget("H-1")
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()

        assert {("H-1", "amparo")} == found(fed, "hope")
        assert {("A-1", "hope")} == found(fed, "amparo")


def test_what_the_agreement_does_not_cover_is_never_sent() -> None:
    """Kinds and subjects outside the agreement are in no bucket."""
    with federation() as fed:
        fed.agree("hope", "amparo", kinds={Kind.PHONE}, subjects={Subject.RECRUITER})
        case = (
            Case("H")
            .add(Kind.PHONE, phone(1), Subject.RECRUITER)
            .add(Kind.PHONE, phone(2), Subject.PLACE)
            .add(Kind.EMAIL, "office@agency-one.example", Subject.RECRUITER)
        )
        fed["hope"].put_cases([case])
        fed.sync()
        fed.sync()

        assert 3 == tokens(fed, "hope")
        assert 1 == len(put_in_buckets(fed, "hope", "amparo"))


@pytest.mark.parametrize("sender", ["hope", "amparo"])
def test_what_the_agreement_does_not_cover_is_never_answered(sender: str) -> None:
    """A covered tag that meets an own value about another subject gets no answer."""
    other = "amparo" if sender == "hope" else "hope"
    with federation() as fed:
        fed.agree("hope", "amparo", kinds={Kind.PHONE}, subjects={Subject.RECRUITER})
        fed[sender].put_cases(phones([1, 2], prefix="S"))
        fed[other].put_cases(
            phones([1], prefix="R", subject=Subject.PLACE)
            + phones([2], prefix="R", subject=Subject.RECRUITER)
        )
        fed.sync()

        assert {("S-2", other)} == found(fed, sender)
        assert {("R-2", sender)} == found(fed, other)


def test_a_value_that_becomes_covered_later_is_sent_then() -> None:
    """A second observation, about a covered subject, makes the same token due."""
    with federation() as fed:
        fed.agree("hope", "amparo", subjects={Subject.RECRUITER})
        fed["hope"].put_cases(phones([1], prefix="P", subject=Subject.PLACE))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        before = found(fed, "hope")
        fed["hope"].put_cases(phones([1], prefix="R"))
        fed.sync()

        assert set() == before
        assert ("R-1", "amparo") in found(fed, "hope")
        assert {("A-1", "hope")} == found(fed, "amparo")


def test_beyond_the_budget_hits_are_held_and_the_asker_sees_a_miss() -> None:
    """Two answers a day: the third common number waits for a person, and only here."""
    budget = MatchBudget(daily_base=2, daily_percent=0, first=0)
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=budget)
        fed["amparo"].put_cases(phones(range(5), prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones(range(5), prefix="H"))
        fed.sync()
        held = fed["amparo"].matches(status=MatchStatus.HELD)

        assert 2 == len(found(fed, "hope")) == len(found(fed, "amparo"))
        assert 3 == len(held)
        assert {"over_budget"} == {match.reason for match in held}
        assert not any(match.proven for match in held)
        assert 2 == len(fed["hope"].matches(status=None))

        fed.clock.advance(days=1)
        fed.sync()
        assert 2 == len(found(fed, "hope")), "held matches wait for a person, not for midnight"


def test_a_first_budget_and_a_share_of_the_cases_add_up() -> None:
    """The day's budget is base plus percent of the own cases; the first budget comes on top."""
    budget = MatchBudget(daily_base=1, daily_percent=10, first=1)
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=budget)
        fed["amparo"].put_cases(phones(range(20), prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones(range(10), prefix="H"))
        fed.sync()

        assert 1 + 2 + 1 == len(found(fed, "hope"))


def test_a_released_match_is_found_on_both_sides_without_budget() -> None:
    """Release sends the token; the other side, which had asked, answers without a budget."""
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=NONE)
        fed["amparo"].put_cases(phones([1, 2], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([1, 2], prefix="H"))
        fed.sync()
        held = {match.case: match for match in fed["amparo"].matches(status=MatchStatus.HELD)}
        fed["amparo"].release(bytes.fromhex(held["A-1"].id))
        fed.sync()
        fed.sync()

        assert {"A-1", "A-2"} == set(held)
        assert {("A-1", "hope")} == found(fed, "amparo")
        assert {("H-1", "amparo")} == found(fed, "hope")
        assert ["A-2"] == [one.case for one in fed["amparo"].matches(status=MatchStatus.HELD)]


def test_only_a_held_match_can_be_released() -> None:
    """Releasing what is proven, or is not there, is refused."""
    with federation(*PAIR) as fed:
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()
        (match,) = fed["amparo"].matches()

        for uuid in (bytes.fromhex(match.id), bytes(16)):
            with pytest.raises(MembershipError):
                fed["amparo"].release(uuid)


def test_a_released_token_is_sent_once_even_if_nobody_answers() -> None:
    """If the partner has dropped its case meanwhile, release sends the token once, not forever."""
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=NONE)
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()
        (held,) = fed["amparo"].matches(status=MatchStatus.HELD)
        fed["hope"].forget("H-1")
        fed["amparo"].release(bytes.fromhex(held.id))
        before = len(put_in_buckets(fed, "amparo", "hope"))
        for _ in range(3):
            fed.sync()

        assert before + 1 == len(put_in_buckets(fed, "amparo", "hope"))
        assert set() == found(fed, "amparo")

        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()
        assert {("A-1", "hope")} == found(fed, "amparo"), "the release still counts"
        assert {("H-1", "amparo")} == found(fed, "hope")


def test_a_held_token_does_not_leave_by_another_way() -> None:
    """A new token that is held before it was sent waits for the person as well."""
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=NONE)
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["amparo"].tokenise()
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync(["hope"])
        fed.sync(["amparo"])
        fed.sync()

        assert 1 == len(fed["amparo"].matches(status=MatchStatus.HELD))
        assert set() == found(fed, "hope") | found(fed, "amparo")
        assert [] == put_in_buckets(fed, "amparo", "hope")


def test_three_parties_compare_pair_by_pair() -> None:
    """Under one agreement of three, each pair finds its own, and no third learns of it."""
    with federation("hope", "amparo", "licht") as fed:
        fed["hope"].put_cases(phones([1, 2, 9], prefix="H"))
        fed["amparo"].put_cases(phones([2, 3, 9], prefix="A"))
        fed["licht"].put_cases(phones([3, 1, 9], prefix="L"))
        fed.sync()
        fed.sync()

        assert {("H-1", "licht"), ("H-2", "amparo"), ("H-9", "amparo"), ("H-9", "licht")} == found(
            fed, "hope"
        )
        assert {("A-2", "hope"), ("A-3", "licht"), ("A-9", "hope"), ("A-9", "licht")} == found(
            fed, "amparo"
        )
        assert {("L-1", "hope"), ("L-3", "amparo"), ("L-9", "hope"), ("L-9", "amparo")} == found(
            fed, "licht"
        )


def test_two_agreements_of_one_pair_give_one_match() -> None:
    """Found again under another agreement, a match is the same match with an alias."""
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=MatchBudget(daily_base=1, first=0))
        fed.agree("hope", "amparo", match_budget=MatchBudget(daily_base=1, first=0))
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        for _ in range(2):
            fed.sync()

        for name, case in (("hope", "H-1"), ("amparo", "A-1")):
            (match,) = fed[name].matches(status=None)
            assert (case, MatchStatus.PROVEN) == (match.case, match.status)
            with fed.seats[name].store.read() as tx:
                aliases = tx.exchange._session.connection().exec_driver_sql(
                    "SELECT count(*) FROM match_aliases"
                )
                assert 1 == aliases.scalar()


def test_each_agreement_has_its_own_budget() -> None:
    """What one agreement holds back, another one with budget answers, in whatever order."""
    with federation() as fed:
        fed.agree("hope", "amparo", match_budget=NONE)
        first = fed.agree("hope", "amparo", match_budget=MatchBudget(daily_base=1, first=0))
        fed.agree("hope", "amparo", match_budget=NONE)
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed.sync()

        for name, case in (("hope", "H-1"), ("amparo", "A-1")):
            (match,) = fed[name].matches(status=None)
            assert (case, MatchStatus.PROVEN) == (match.case, match.status)
        (match,) = fed["amparo"].matches()
        assert first == match.agreement


def test_a_revoked_agreement_exchanges_nothing_and_loses_its_keys() -> None:
    """After one side revokes, both databases hold no pair key, and nothing is sent."""
    with federation(*PAIR) as fed:
        agreement = agreement_of(fed)
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["hope"].revoke_agreement(agreement, "the project is over")
        before = len(requests(fed, OpenSession))
        fed.sync()

        assert before == len(requests(fed, OpenSession))
        assert set() == found(fed, "hope") | found(fed, "amparo")
        for name in ("hope", "amparo"):
            (view,) = fed[name].agreements()
            assert Status.REVOKED is view.status
            assert {"hope": "the project is over"} == view.revoked_by
            with fed.seats[name].store.read() as tx:
                rows = tx.exchange._session.connection().exec_driver_sql(
                    "SELECT (SELECT count(*) FROM pair_keys) + (SELECT count(*) FROM pair_secrets)"
                )
                assert 0 == rows.scalar()


def test_a_partner_that_missed_the_revocation_is_refused() -> None:
    """Who still believes in the agreement is told that there is none, and stores nothing."""
    with federation(*PAIR) as fed:
        agreement = agreement_of(fed)
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed["amparo"].revoke_agreement(agreement, "over")
        fed["hope"].tokenise()
        report = fed["hope"]._sender.send_all()  # without fetching news first

        assert [("amparo", AgreementError)] == [
            (partner, type(error)) for partner, error in report.failures
        ]
        assert set() == found(fed, "hope") | found(fed, "amparo")


def test_an_expired_agreement_exchanges_nothing() -> None:
    """After the last day nobody sends, nobody answers, and the keys are erased."""
    with federation() as fed:
        agreement = fed.agree("hope", "amparo", valid_days=1)
        request = opening(fed, "hope", "amparo", agreement)
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.clock.advance(days=1)

        with pytest.raises(AgreementError):
            fed["amparo"].handle("hope", request)
        fed.sync()
        assert set() == found(fed, "hope") | found(fed, "amparo")
        for name in ("hope", "amparo"):
            (view,) = fed[name].agreements()
            assert (Status.EXPIRED, frozenset()) == (view.status, view.ready_with)


def test_an_agreement_that_ends_between_bucket_and_confirmation_stores_nothing() -> None:
    """The answerer checks the agreement again with each message."""
    with federation(*PAIR) as fed:
        agreement = agreement_of(fed)
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([1], prefix="H"))
        real = fed["amparo"].handle

        def revoke_first(sender, request):
            if isinstance(request, ConfirmMatches):
                fed["amparo"].revoke_agreement(agreement, "over")
            return real(sender, request)

        fed["amparo"].handle = revoke_first
        report = fed["hope"].sync()

        assert [AgreementError] == [type(error) for _, error in report.sent.failures]
        assert set() == found(fed, "amparo")


@pytest.mark.parametrize("seed", range(4))
def test_lost_messages_lead_to_the_same_state(seed: int) -> None:
    """Whatever gets lost on the way, in the end each common number is found once."""
    with federation("hope", "amparo", "licht", seed=seed) as fed:
        fed.faults.lose_reply, fed.faults.lose_request = 0.3, 0.1
        cases = {"hope": range(8), "amparo": range(4, 12), "licht": [0, 5, 11]}
        for name, numbers in cases.items():
            fed[name].put_cases(phones(numbers, prefix=name))
            for member in fed.seats:
                _sync_regardless(fed, member)
        fed.faults.lose_reply = fed.faults.lose_request = 0
        for _ in range(2):
            fed.sync()

        for name, numbers in cases.items():
            expected = {
                (f"{name}-{n}", other)
                for other, theirs in cases.items()
                for n in set(numbers) & set(theirs)
                if other != name
            }
            assert expected == found(fed, name)
            assert [] == fed[name].matches(status=MatchStatus.PENDING)
            with fed.seats[name].store.read() as tx:
                assert 0 == tx.exchange.unsent()


def _sync_regardless(fed: Federation, name: str) -> None:
    with suppress(PeerError):
        fed[name].sync()


def test_an_answer_that_nobody_confirms_expires() -> None:
    """A pending match is dropped after seven days, unless the sender comes back."""
    with federation(*PAIR) as fed:
        fed["amparo"].put_cases(phones([1], prefix="A"))
        fed.sync()
        fed["hope"].put_cases(phones([1], prefix="H"))
        real = fed["amparo"].handle

        def lose_confirmation(sender, request):
            if isinstance(request, ConfirmMatches):
                raise ExchangeError("lost")
            return real(sender, request)

        fed["amparo"].handle = lose_confirmation
        fed["hope"].sync()
        pending = fed["amparo"].matches(status=MatchStatus.PENDING)
        fed.clock.advance(days=7)
        fed["amparo"].sync()

        assert ["A-1"] == [match.case for match in pending]
        assert [] == fed["amparo"].matches(status=None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"normalisation_version": 2}, ExchangeError),
        ({"lane": Lane.SURVIVOR}, PolicyError),
        ({"cls": IndicatorClass.PERSON}, PolicyError),
        ({"key_version": 2}, ExchangeError),
        ({"key_id": b"x" * 16}, ExchangeError),
        ({"epoch": 2}, ExchangeError),
        ({"agreement": b"x" * 32}, AgreementError),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value.__name__,
)
def test_sessions_that_do_not_fit_are_refused(changes, error) -> None:
    """Another normalisation, lane, class, key or agreement than ours opens no session."""
    with federation(*PAIR) as fed:
        agreement = agreement_of(fed)

        with pytest.raises(error) as caught:
            fed["amparo"].handle("hope", opening(fed, "hope", "amparo", agreement, **changes))
        assert str(caught.value)


def test_nodes_with_other_rules_say_so() -> None:
    """A partner that normalises differently is named as the reason, and nothing is stored."""
    with federation(*PAIR) as fed, pytest.MonkeyPatch.context() as patch:
        fed["hope"].put_cases(phones([1], prefix="H"))
        fed["hope"].tokenise()
        patch.setattr("federation.member.sending.NORMALISATION_VERSION", 2)
        report = fed["hope"].sync()

        ((partner, error),) = report.sent.failures
        assert ("amparo", ExchangeError) == (partner, type(error))


def test_a_third_member_opens_no_session_under_an_agreement_of_others() -> None:
    """Only parties are answered."""
    with federation(*PAIR) as fed:
        agreement = agreement_of(fed)

        with pytest.raises(AgreementError):
            fed["amparo"].handle("licht", opening(fed, "licht", "amparo", agreement))


def test_a_session_ends_after_an_hour() -> None:
    """Tags of a session that is over are refused."""
    with federation(*PAIR) as fed:
        fed["hope"].put_cases(phones([1]))
        fed["hope"].sync()
        ((_, put),) = requests(fed, PutTags)
        fed.clock.advance(hours=1)

        with pytest.raises(ExchangeError):
            fed["amparo"].handle("hope", put)


@pytest.mark.parametrize("survivor_first", [True, False], ids=["survivor first", "recruiter first"])
def test_a_survivors_number_in_a_recruiters_column_is_withheld(survivor_first: bool) -> None:
    """A number known as a survivor's takes no part, even where it had been compared before."""
    with federation(*PAIR) as fed:
        fed["amparo"].put_cases(phones([1, 2], prefix="A"))
        fed.sync()
        puts = [
            phones([1], prefix="S", subject=Subject.SURVIVOR),
            phones([1, 2], prefix="R"),
        ]
        for cases in puts if survivor_first else reversed(puts):
            fed["hope"].put_cases(cases)
            fed.sync()

        assert {("R-2", "amparo")} == found(fed, "hope")
        reasons = {(one.case_id, one.reason) for one in fed["hope"].not_tokenised()}
        assert {("R-1", KNOWN_SURVIVOR), ("S-1", "")} == reasons
        assert 1 == tokens(fed, "hope")


def test_survivors_own_numbers_are_never_tokenised() -> None:
    """Without consent they wait and stay visible."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1], prefix="S", subject=Subject.SURVIVOR))
        fed.sync()

        assert 0 == tokens(fed, "hope")
        assert ["waiting-consent"] == [one.status.value for one in fed["hope"].not_tokenised()]

# SPDX-License-Identifier: Apache-2.0
"""A member gets its tokens from whatever quorum is honest, and no more than its budget."""

import itertools
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import pytest

from federation.crypto.group import add, random_elements
from federation.errors import (
    CasethreadError,
    GenerationError,
    InvalidInputError,
    MembershipError,
    PeerUnreachableError,
    PolicyError,
    QuorumError,
    QuotaError,
)
from federation.indicators import Case, IndicatorClass, Kind, Lane, Subject
from federation.messages import Evaluate, Evaluation
from federation.testing import Federation
from federation.tokens import Accusation, InProcess, guess_budget, sign_statement
from federation.tokens.statement import ShareEvaluation
from tests.member.support import (
    CUSTODIANS,
    LIMITED,
    charged,
    dishonest,
    federation,
    found,
    key_of,
    limited,
    phone,
    phones,
    requests,
    tokens,
    waiting,
)

T = TypeVar("T")
Change = Callable[[Federation, Evaluate, Evaluation], Evaluation]


@pytest.fixture
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose quorums in the order of the custodians, the own node first."""
    monkeypatch.setattr("secrets.randbits", lambda _: 0)


def many(count: int) -> list[Case]:
    """One case with many numbers: taking it in is quicker than many cases."""
    case = Case("C")
    for number in range(count):
        case = replace(
            case,
            observations=(
                *case.observations,
                *Case("x").add(Kind.PHONE, phone(number), Subject.RECRUITER).observations,
            ),
        )
    return [case]


def signed(fed: Federation, request: Evaluate, answer: Evaluation, **changes: Any) -> Evaluation:
    """Amparo signs what it answers, or something else."""
    index = key_of(fed["hope"]).custodian("amparo")
    assert index is not None
    fields: dict[str, Any] = {
        "index": index.index,
        "requester": "hope",
        "request_id": request.request_id,
        "key_id": request.key_id,
        "generation": request.generation,
        "quorum": request.quorum,
        "elements": request.elements,
        "evaluation": ShareEvaluation(answer.elements, answer.proof),
    }
    statement = sign_statement(fed.seats["amparo"].identity, **(fields | changes))
    return replace(answer, statement=statement)


def one_wrong(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """One well-formed element is another than it should be."""
    if request.check_of is not None:
        return answer
    wrong = add(answer.elements[32:64], random_elements(1))
    elements = answer.elements[:32] + wrong + answer.elements[64:]
    return signed(fed, request, replace(answer, elements=elements))


def unreadable(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """One element is none."""
    return signed(fed, request, replace(answer, elements=answer.elements[:-32] + b"\xff" * 32))


def refuse_proof(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """The proof is left out."""
    return signed(fed, request, replace(answer, proof=None))


def false_statement(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """The custodian signs other elements than it returns."""
    return signed(fed, request, answer, elements=random_elements(8))


def no_statement(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """The custodian signs nothing."""
    return replace(answer, statement=b"{}")


def other_generation(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """The custodian answers with another sharing of the key."""
    return signed(fed, request, answer, generation=request.generation + 1)


def too_few(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """A whole stated size is missing."""
    return signed(fed, request, replace(answer, elements=answer.elements[:-32]))


def too_many(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """More elements than were asked for, and a stated size all the same."""
    more = random_elements(64 - len(answer.elements) // 32)
    return signed(fed, request, replace(answer, elements=answer.elements + more))


def unreachable(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
    """The answer never arrives."""
    raise PeerUnreachableError("gone")


def corrupt(fed: Federation, change: Change) -> None:
    """Let amparo answer hope's evaluations dishonestly."""

    def changed(request: Any, answer: Any) -> Any:
        return change(fed, request, answer) if isinstance(request, Evaluate) else answer

    dishonest(fed, "amparo", changed)


@pytest.mark.parametrize("change", [one_wrong, unreadable, refuse_proof, too_many])
@pytest.mark.usefixtures("in_order")
def test_who_cheats_provably_is_named_and_left_out(change: Change) -> None:
    """The job finishes with another quorum, and the evidence convinces a third party."""
    with federation() as fed:
        corrupt(fed, change)
        fed["hope"].put_cases(phones(range(3)))
        report = fed["hope"].tokenise()

        assert frozenset({"amparo"}) == report.culprits
        assert (3, 0) == (report.tokens, waiting(fed, "hope"))
        (accusation,) = report.accusations
        third = fed["licht"].require_charter()
        accusation.convict(key_of(fed["licht"]), third.member("amparo").signing_key)
        with fed.seats["hope"].store.read() as tx:
            rows = tx.settings._session.connection().exec_driver_sql(
                "SELECT count(*) FROM settings WHERE name LIKE 'accusation/amparo/%'"
            )
            assert 1 == rows.scalar()


@pytest.mark.parametrize(
    "change", [false_statement, no_statement, other_generation, too_few, unreachable]
)
@pytest.mark.usefixtures("in_order")
def test_who_gives_no_usable_answer_is_left_out(change: Change) -> None:
    """Without proof of a lie nobody is accused; the job finishes with another quorum."""
    with federation() as fed:
        corrupt(fed, change)
        fed["hope"].put_cases(phones(range(3)))
        report = fed["hope"].tokenise()

        assert (3, frozenset(), []) == (report.tokens, report.culprits, report.accusations)
        assert 8 == charged(fed, "licht", "hope")


@pytest.mark.usefixtures("in_order")
def test_an_honest_custodian_is_charged_once_for_a_job() -> None:
    """Trying again with another quorum repeats the request, which is free."""
    with federation() as fed:
        corrupt(fed, one_wrong)
        fed["hope"].put_cases(phones(range(3)))
        fed["hope"].tokenise()

        assert [8, 8, 8] == [charged(fed, name, "hope") for name in CUSTODIANS]


@pytest.mark.parametrize(
    ("change", "culprits"),
    [(one_wrong, {"amparo"}), (too_few, set()), (false_statement, set())],
)
@pytest.mark.usefixtures("in_order")
def test_without_another_quorum_the_job_fails_clearly_and_goes_on_later(
    change: Change, culprits: set[str]
) -> None:
    """The error names who failed and who cheated; nothing is lost, and the next run finishes."""
    with federation() as fed:
        corrupt(fed, change)
        fed.faults.down = {"licht"}
        fed["hope"].put_cases(phones(range(3)))

        with pytest.raises(QuorumError) as caught:
            fed["hope"].tokenise()
        assert culprits == caught.value.culprits
        assert "amparo" in str(caught.value)
        assert (0, 3) == (tokens(fed, "hope"), waiting(fed, "hope"))

        fed.faults.down, fed.faults.tamper = set(), None
        assert 3 == fed["hope"].tokenise().tokens


def test_what_was_done_before_a_failure_is_exchanged_first() -> None:
    """A broken quorum does not stop the exchange of the tokens that are there."""
    with federation("hope", "amparo") as fed:
        for name in ("hope", "amparo"):
            fed[name].put_cases(phones([1], prefix=name))
            fed[name].tokenise()
        fed["hope"].put_cases(phones([2]))
        fed.faults.tamper = _no_evaluations

        with pytest.raises(QuorumError):
            fed["hope"].sync()
        assert {("hope-1", "amparo")} == found(fed, "hope")


def _no_evaluations(recipient: str, request: Any, reply: Any) -> Any:
    if isinstance(request, Evaluate):
        raise PeerUnreachableError("gone")
    return reply


@pytest.mark.usefixtures("in_order")
def test_one_wrong_element_in_4096_is_found() -> None:
    """The check of a full batch names the culprit and makes evidence; another quorum finishes."""
    with federation() as fed:
        corrupt(fed, one_wrong)
        fed["hope"].put_cases(many(4096))
        report = fed["hope"].tokenise()

        assert (4096, frozenset({"amparo"})) == (report.tokens, report.culprits)
        (accusation,) = report.accusations
        signing_key = fed["licht"].require_charter().member("amparo").signing_key
        Accusation.from_bytes(accusation.to_bytes()).convict(key_of(fed["licht"]), signing_key)
        # The batch once, and a small check of its own for the second attempt.
        assert 4097 + 8 == charged(fed, "hope", "hope")


@pytest.mark.parametrize("change", [unreadable, too_few])
@pytest.mark.usefixtures("in_order")
def test_a_broken_large_batch_names_its_sender(change: Change) -> None:
    """What is no list of elements, or too short a one, is not blamed on the others."""

    def shorter(fed: Federation, request: Evaluate, answer: Evaluation) -> Evaluation:
        return signed(fed, request, replace(answer, elements=answer.elements[: 512 * 32]))

    with federation() as fed:
        corrupt(fed, shorter if change is too_few else change)
        fed["hope"].put_cases(many(600))
        report = fed["hope"].tokenise()

        assert (600, frozenset({"amparo"})) == (report.tokens, report.culprits)


def test_who_vanishes_before_the_check_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check that one custodian has served already does not stop the second attempt."""
    falling = itertools.count(0, -1)
    monkeypatch.setattr("secrets.randbits", lambda _: next(falling))

    def vanish(recipient: str, request: Any, reply: Any) -> Any:
        # Licht has the highest index: hope has served its check by then.
        if recipient == "licht" and isinstance(request, Evaluate) and request.check_of:
            raise PeerUnreachableError("gone")
        return reply

    with federation() as fed:
        fed.faults.tamper = vanish
        fed["hope"].put_cases(many(65))
        report = fed["hope"].tokenise()

        assert (65, frozenset()) == (report.tokens, report.culprits)
        assert 513 == charged(fed, "licht", "hope")
        assert 513 + 8 == charged(fed, "hope", "hope") == charged(fed, "amparo", "hope")


def test_equal_values_are_one_evaluation() -> None:
    """The same number in three cases, spelled differently, costs one element."""
    with federation() as fed:
        spelled = [phone(1), f"00{phone(1)[1:]}", f"{phone(1)[:6]} {phone(1)[6:]}"]
        fed["hope"].put_cases(
            [
                Case(f"C-{place}", region="DE").add(Kind.PHONE, raw, Subject.RECRUITER)
                for place, raw in enumerate(spelled)
            ]
        )
        report = fed["hope"].tokenise()

        assert (3, 1) == (report.tokens, tokens(fed, "hope"))
        assert 8 == charged(fed, "hope", "hope")
        assert 0 == fed["hope"].tokenise().tokens


def test_a_case_forgotten_while_the_custodians_work_gets_no_token() -> None:
    """What a person deletes meanwhile stays deleted, and the others get theirs."""
    with federation() as fed:
        fed["hope"].put_cases(phones([1, 2]))

        def forget(_recipient: str, request: Any, reply: Any) -> Any:
            if isinstance(request, Evaluate):
                fed["hope"].forget("C-1")
            return reply

        fed.faults.tamper = forget
        report = fed["hope"].tokenise()

        assert (1, 1, 0) == (report.tokens, tokens(fed, "hope"), waiting(fed, "hope"))


class Eager(InProcess):
    """Calls what is ahead at once, as workers do, instead of when its result is wanted."""

    def ahead(self, call: Callable[[], T]) -> Callable[[], T]:
        """Call, and keep what came of it."""
        try:
            result = call()
        except CasethreadError as error:
            return partial(_raise, error)
        return lambda: result


def _raise(error: Exception) -> Any:
    raise error


@pytest.mark.usefixtures("in_order")
@pytest.mark.parametrize(
    ("compute", "made"),
    [
        pytest.param(Eager(), 5 + 64 + 8, id="the second page is paid for"),
        pytest.param(InProcess(), 64 + 8 + 8, id="the second page is not asked"),
    ],
)
def test_a_page_behind_a_refused_one_is_not_paid_twice(compute: InProcess, made: int) -> None:
    """What the rest of the budget bought beside a refusal is kept, or was not bought."""
    with limited() as fed:
        fed["police"]._core.compute = compute
        for custodian in CUSTODIANS:
            fed[custodian].handle(
                "police", ask(fed, elements=random_elements(512), prove=False, quorum=(1, 2, 3))
            )
        fed["police"].put_cases(many(512 + 5))
        with pytest.raises(QuotaError):
            fed["police"].tokenise()

        assert made == tokens(fed, "police")
        assert 513 + 80 == charged(fed, "hope", "police")


@pytest.mark.parametrize(("name", "colluding"), [("police", 0), ("hope", 1)])
def test_the_budget_stops_and_the_next_day_goes_on(name: str, colluding: int) -> None:
    """Whatever quorums are asked, a day's tokens stay within the published guess budget."""
    budget = guess_budget(3, 2, LIMITED.identifier_daily, colluding)
    with limited() as fed:
        fed[name].put_cases(many(1300))
        done = 0
        for _ in range(6):
            with suppress(QuotaError):
                fed[name].tokenise()
            today = tokens(fed, name) - done
            done += today
            for custodian in CUSTODIANS:
                assert charged(fed, custodian, name) <= LIMITED.identifier_daily
            assert today <= budget
            if done == 1300:
                break
            assert today >= 512, "a day's budget holds a batch of 512 at least"
            fed.clock.advance(days=1)

        assert (1300, 0) == (done, waiting(fed, name))


def ask(fed: Federation, lane: Lane = Lane.NETWORK, **changes: Any) -> Evaluate:
    """A request for eight elements to hope and amparo, with changes."""
    (key,) = fed["hope"].require_charter().live_keys(lane, IndicatorClass.IDENTIFIER)
    fields: dict[str, Any] = {
        "request_id": secrets.token_bytes(16),
        "key_id": key.key_id,
        "generation": key.generation,
        "quorum": (1, 2),
        "elements": random_elements(8),
        "prove": True,
    }
    return Evaluate(**(fields | changes))


def test_roles_decide_who_is_served() -> None:
    """Law enforcement gets nothing in the survivor lane, oversight nothing at all."""
    with limited() as fed:
        custodian = fed["hope"]

        assert 8 * 32 == len(custodian.handle("police", ask(fed)).elements)
        for sender, lane in (
            ("police", Lane.SURVIVOR),
            ("watch", Lane.NETWORK),
            ("watch", Lane.SURVIVOR),
        ):
            with pytest.raises(PolicyError):
                custodian.handle(sender, ask(fed, lane))
        with pytest.raises(MembershipError):
            custodian.handle("stranger", ask(fed))
        with pytest.raises(MembershipError):
            fed["police"].handle("hope", ask(fed))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"quorum": (1, 3)}, InvalidInputError),
        ({"quorum": (2,)}, InvalidInputError),
        ({"quorum": (2, 4)}, InvalidInputError),
        ({"quorum": (2, 1)}, InvalidInputError),
        ({"generation": 2}, GenerationError),
        ({"key_id": b"x" * 16}, MembershipError),
    ],
    ids=str,
)
def test_requests_that_do_not_fit_the_key_are_refused_uncharged(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    """A quorum without this custodian, too small or unknown; another generation or key."""
    with federation() as fed:
        with pytest.raises(error):
            fed["hope"].handle("licht", ask(fed, **changes))
        assert 0 == charged(fed, "hope", "licht")


def test_the_same_request_is_free_and_its_id_is_bound_to_its_elements() -> None:
    """A lost answer can be asked for again; another batch under the same id cannot."""
    with federation() as fed:
        request = ask(fed)
        first = fed["hope"].handle("licht", request)
        again = fed["hope"].handle("licht", request)

        assert first.elements == again.elements
        assert 8 == charged(fed, "hope", "licht")
        with pytest.raises(PolicyError):
            fed["hope"].handle("licht", replace(request, elements=random_elements(8)))


def test_a_check_is_served_once_for_a_paid_large_batch() -> None:
    """Not without a batch, not for a small one, not for another's, and not a second one."""
    with federation() as fed:
        hope = fed["hope"]
        small, large = ask(fed), ask(fed, elements=random_elements(512), prove=False)
        hope.handle("licht", small)
        hope.handle("licht", large)
        check = ask(fed, elements=random_elements(1), check_of=large.request_id)
        for refused in (
            replace(check, check_of=bytes(16)),
            replace(check, check_of=small.request_id),
            replace(check, elements=random_elements(2)),
            ask(
                fed,
                Lane.SURVIVOR,
                elements=random_elements(1),
                check_of=large.request_id,
            ),
        ):
            with pytest.raises(PolicyError):
                hope.handle("licht", refused)
        with pytest.raises(PolicyError):
            hope.handle("amparo", check)

        served = hope.handle("licht", check)
        assert served.proof is not None
        assert served.elements == hope.handle("licht", check).elements
        with pytest.raises(PolicyError):
            hope.handle("licht", replace(check, elements=random_elements(1)))
        assert 8 + 513 == charged(fed, "hope", "licht")


def test_the_check_of_a_paid_batch_is_served_at_a_spent_budget() -> None:
    """The check was paid in advance."""
    with limited() as fed:
        hope = fed["hope"]
        large = ask(fed, elements=random_elements(512), prove=False)
        hope.handle("police", large)
        hope.handle("police", ask(fed, elements=random_elements(64)))
        with pytest.raises(QuotaError) as caught:
            hope.handle("police", ask(fed, elements=random_elements(64)))
        assert 0 < caught.value.retry_after <= 86_400

        check = ask(fed, elements=random_elements(1), check_of=large.request_id)
        assert 32 == len(hope.handle("police", check).elements)


def test_two_live_epochs_are_both_tokenised_and_give_one_match() -> None:
    """While two epochs live every value has two tokens, and a match is still one match."""
    with federation("hope", "amparo") as fed:
        for name in ("hope", "amparo"):
            fed[name].put_cases(phones([1], prefix=name))
        fed.sync()
        fed.make_keys()
        fed.sync()
        fed.sync()

        assert [1, 2] == [
            key.epoch
            for key in fed["hope"]
            .require_charter()
            .live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
        ]
        assert 2 == tokens(fed, "hope")
        assert {("hope-1", "amparo")} == found(fed, "hope")
        assert {("amparo-1", "hope")} == found(fed, "amparo")


def test_elements_that_leave_are_all_fresh() -> None:
    """No two blinded elements of a member are ever equal, even for the same value."""
    with federation() as fed:
        for case in ("a", "b"):
            fed["hope"].put_cases(phones([1], prefix=case))
            fed["hope"].tokenise()
            fed["hope"].forget(f"{case}-1")
        sent = [request.elements for _, request in requests(fed, Evaluate)]
        elements = [one[at : at + 32] for one in sent for at in range(0, len(one), 32)]

        assert 16 == len(set(elements)) == len(elements)

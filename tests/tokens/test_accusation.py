# SPDX-License-Identifier: Apache-2.0
"""What convinces a third party that a custodian answered wrongly, and what does not."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from federation.charter import Custodian, Identity, LaneKey
from federation.crypto.group import add, random_elements
from federation.crypto.scalars import random_scalar
from federation.crypto.toprf import BatchCheck, ShareEvaluation, evaluate
from federation.errors import CasethreadError, MalformedError, VerifyError
from federation.indicators import IndicatorClass, Lane
from federation.tokens import Accusation, Answered, EvaluationStatement, sign_statement
from tests.crypto.helpers import KEY_ID, deal_key

QUORUM = (1, 2)
NAMES = {1: "hope", 2: "amparo", 3: "licht"}
SHARES, GROUP = deal_key(2, (1, 2, 3), random_scalar())
IDENTITIES = {index: Identity.generate(name) for index, name in NAMES.items()}
ACCUSED = IDENTITIES[2].signing.verify_key
KEY = LaneKey(
    lane=Lane.NETWORK,
    cls=IndicatorClass.IDENTIFIER,
    epoch=1,
    key_id=KEY_ID,
    generation=1,
    threshold=2,
    public_key=GROUP.public_key,
    next_index=4,
    custodians=tuple(
        Custodian(index=index, member=name, public_share=GROUP.public_shares[index])
        for index, name in NAMES.items()
    ),
)

Lie = Callable[[ShareEvaluation], ShareEvaluation]


@dataclass(frozen=True)
class Asked:
    """One request, and what custodian 2 answered to it, signed."""

    elements: bytes
    evaluation: ShareEvaluation
    document: Answered


def honest(evaluation: ShareEvaluation) -> ShareEvaluation:
    """Answer truly."""
    return evaluation


def one_wrong(evaluation: ShareEvaluation) -> ShareEvaluation:
    """Answer with one other element, of the same length and well-formed."""
    at = len(evaluation.elements) // 64 * 32
    wrong = add(evaluation.elements[at : at + 32], random_elements(1))
    elements = evaluation.elements[:at] + wrong + evaluation.elements[at + 32 :]
    return ShareEvaluation(elements, evaluation.proof)


def ask(elements: bytes, lie: Lie = honest, *, index: int = 2, generation: int = 1) -> Asked:
    """Ask a custodian, who answers as it likes and signs what it answered."""
    evaluation = lie(evaluate(SHARES[index], QUORUM, elements, KEY_ID, 1, prove=False))
    statement = sign_statement(
        IDENTITIES[index],
        index=index,
        requester="licht",
        request_id=bytes(16),
        key_id=KEY_ID,
        generation=generation,
        quorum=QUORUM,
        elements=elements,
        evaluation=evaluation,
    )
    document = Answered(
        elements=elements,
        answer=evaluation.elements,
        proof=evaluation.proof or b"",
        statement=statement,
    )
    return Asked(elements, evaluation, document)


def checked(batch: Asked, *, padding: int = 0) -> Accusation:
    """Accuse custodian 2 of a large batch, with its check."""
    other = evaluate(SHARES[1], QUORUM, batch.elements, KEY_ID, 1, prove=False)
    check = BatchCheck(batch.elements, {1: other.elements, 2: batch.evaluation.elements})
    proved = ask(check.element + random_elements(padding))
    return Accusation(
        custodian="amparo", batch=batch.document, check=proved.document, weights=check.weights
    )


@pytest.fixture(scope="module")
def elements() -> bytes:
    """A batch just too large for a proof."""
    return random_elements(65)


def test_a_wrong_proved_answer_convicts_itself() -> None:
    """Up to 64 elements, the signed answer and its proof contradict each other."""
    lie = ask(random_elements(8), one_wrong)

    Accusation(custodian="amparo", batch=lie.document).convict(KEY, ACCUSED)


def test_an_answer_without_its_proof_convicts() -> None:
    """Who signs an answer of up to 64 elements without a proof did not answer."""
    lie = ask(random_elements(8), lambda honest: ShareEvaluation(honest.elements, None))

    Accusation(custodian="amparo", batch=lie.document).convict(KEY, ACCUSED)


def test_one_wrong_element_in_4096_is_convicted_by_its_check() -> None:
    """The custodian proved another combination than it had returned."""
    checked(ask(random_elements(4096), one_wrong)).convict(KEY, ACCUSED)


def test_a_padded_check_convicts_as_well(elements: bytes) -> None:
    """The check of a second attempt is a batch of eight; the combination comes first."""
    checked(ask(elements, one_wrong), padding=7).convict(KEY, ACCUSED)


def test_evidence_survives_being_written_down(elements: bytes) -> None:
    """The accusation is a document: stored and read again, it convinces as before."""
    raw = checked(ask(elements, one_wrong)).to_bytes()

    Accusation.from_bytes(raw).convict(KEY, ACCUSED)


def test_an_answer_of_another_length_is_convicted(elements: bytes) -> None:
    """What is no list of as many elements is wrong, whatever the check says."""
    truth = ask(elements)
    short = ask(elements, lambda honest: ShareEvaluation(honest.elements[:-32], None))
    accusation = checked(truth).replace(batch=short.document)

    accusation.convict(KEY, ACCUSED)


def refused(accusation: Accusation, key: LaneKey = KEY, signing_key: bytes = ACCUSED) -> None:
    """Expect that the evidence does not convince."""
    with pytest.raises((VerifyError, MalformedError)):
        accusation.convict(key, signing_key)


def test_an_honest_small_answer_is_not_convicted() -> None:
    """The proof holds, so the accusation is false."""
    refused(Accusation(custodian="amparo", batch=ask(random_elements(8)).document))


def test_an_honest_large_answer_is_not_convicted(elements: bytes) -> None:
    """The combination is what was returned, so the accusation is false."""
    refused(checked(ask(elements)))
    refused(checked(ask(elements), padding=7))


def test_a_large_batch_is_not_convicted_without_its_check(elements: bytes) -> None:
    """A large answer carries no proof; that alone is no offence."""
    refused(Accusation(custodian="amparo", batch=ask(elements).document))


def test_altered_evidence_does_not_convince(elements: bytes) -> None:
    """Elements, answer, proof and weights are what was signed, or the evidence falls."""
    small, other = ask(random_elements(8)).document, random_elements(8)
    large = checked(ask(elements))
    assert large.check is not None
    weights = large.weights
    swapped = bytes([weights[0] % 255 + 1]) + weights[1:]

    for altered in (
        small.replace(elements=other),
        small.replace(answer=other),
        small.replace(proof=bytes(64)),
        small.replace(proof=b""),
    ):
        refused(Accusation(custodian="amparo", batch=altered))
    for accusation in (
        large.replace(weights=swapped),
        large.replace(weights=weights[:-1]),
        large.replace(weights=bytes(65)),
        large.replace(batch=large.batch.replace(answer=random_elements(65))),
        large.replace(batch=large.batch.replace(elements=random_elements(65))),
        large.replace(check=large.check.replace(answer=random_elements(1))),
        large.replace(check=large.check.replace(elements=random_elements(1))),
        large.replace(check=ask(random_elements(1)).document),
    ):
        refused(accusation)


def test_a_check_of_another_batch_does_not_convince(elements: bytes) -> None:
    """Two honest answers to two requests cannot be put together into a lie."""
    one, another = checked(ask(elements)), checked(ask(random_elements(65)))

    refused(one.replace(check=another.check, weights=another.weights))
    refused(one.replace(check=another.check))


def test_anothers_statement_does_not_convince() -> None:
    """What somebody else signed convicts nobody."""
    lie = ask(random_elements(8), one_wrong, index=1)

    refused(Accusation(custodian="amparo", batch=lie.document))
    refused(Accusation(custodian="hope", batch=lie.document), signing_key=ACCUSED)


@pytest.mark.parametrize("statement", [b"", b"{}", b"\x00"])
def test_a_missing_statement_does_not_convince(statement: bytes) -> None:
    """Without the custodian's signature there is no evidence."""
    lie = ask(random_elements(8), one_wrong).document

    refused(Accusation(custodian="amparo", batch=lie.replace(statement=statement)))


def test_evidence_about_another_key_or_generation_does_not_convince() -> None:
    """The evidence is held against the key that it names."""
    lie = Accusation(custodian="amparo", batch=ask(random_elements(8), one_wrong).document)
    stale = ask(random_elements(8), one_wrong, generation=2).document

    refused(lie, KEY.replace(key_id=b"x" * 16))
    refused(lie, KEY.replace(generation=2))
    refused(Accusation(custodian="amparo", batch=stale))
    refused(Accusation(custodian="nobody", batch=lie.batch))


def test_a_check_comes_with_its_weights(elements: bytes) -> None:
    """One without the other is no accusation."""
    whole = checked(ask(elements))

    with pytest.raises(CasethreadError):
        whole.replace(weights=b"")
    with pytest.raises(CasethreadError):
        whole.replace(check=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"index": 1},
        {"requester": "hope"},
        {"request_id": b"x" * 16},
        {"key_id": b"x" * 16},
        {"generation": 2},
        {"quorum": (2, 3)},
        {"elements": random_elements(8)},
        {"evaluation": ShareEvaluation(random_elements(8), None)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_statement_about_something_else_is_refused(changes: dict[str, object]) -> None:
    """Each field of request and answer is what the custodian signed."""
    asked = ask(random_elements(8))
    statement = asked.document.open("amparo", ACCUSED)
    fields: dict[str, object] = {
        "index": 2,
        "requester": "licht",
        "request_id": bytes(16),
        "key_id": KEY_ID,
        "generation": 1,
        "quorum": QUORUM,
        "elements": asked.elements,
        "evaluation": asked.evaluation,
    }
    assert isinstance(statement, EvaluationStatement)
    statement.check(**fields)  # type: ignore[arg-type]

    with pytest.raises(VerifyError):
        statement.check(**(fields | changes))  # type: ignore[arg-type]

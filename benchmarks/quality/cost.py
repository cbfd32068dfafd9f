# SPDX-License-Identifier: Apache-2.0
"""What one person costs: evaluations, time at the node and at a custodian, octets."""

import time
from dataclasses import dataclass

from benchmarks.crypto import HELD, QUORUM
from benchmarks.quality.data import Data
from benchmarks.quality.pairs import Slots, slots_of
from federation.crypto import oprf, toprf
from federation.indicators.person import PERSON_VERSION
from federation.tokens.inputs import oprf_input

_EVALUATED = 100
"""People whose slots are evaluated; the more, the longer the run."""
_POINT_BYTES = 32
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one person, on average."""

    evaluations: float
    making: float
    """Milliseconds of processor time for the slots."""
    node: float
    """Milliseconds of the node's for blinding, combining, checking and finalising."""
    custodian: float
    """Milliseconds of each custodian's."""

    @property
    def evaluated_bytes(self) -> float:
        """Octets of points to and from two custodians."""
        return 2 * _POINT_BYTES * len(QUORUM) * self.evaluations

    @property
    def tag_bytes(self) -> float:
        """Octets of tags to one partner."""
        return _TAG_BYTES * self.evaluations


def cost(data: Data) -> Cost:
    """Make the slots of everybody in one file, and evaluate those of some."""
    start = time.process_time()
    people = slots_of(data.left)
    making = time.process_time() - start
    some = people[:_EVALUATED]
    node, custodian = _evaluation(some)
    return Cost(
        sum(map(len, people)) / len(people),
        making / len(people) * 1_000,
        node / len(some) * 1_000,
        custodian / len(some) * 1_000,
    )


def _evaluation(people: list[Slots]) -> tuple[float, float]:
    """Return the seconds of the node and of one custodian; two of them answer."""
    values = [
        oprf_input(PERSON_VERSION, "network", "person", "person", slot.value, slot=slot.name)
        for person in people
        for slot in person
    ]
    started = time.process_time()
    blinded = oprf.blind_batch(values)
    asked = time.process_time()
    answers = {index: _evaluate(index, blinded.elements) for index in QUORUM}
    answered = time.process_time()
    combined = toprf.combine(answers)
    check = toprf.BatchCheck(blinded.elements, answers)
    check.verify(combined, {index: _evaluate(index, check.element) for index in QUORUM})
    oprf.finalize_batch(values, blinded.blinds, combined)
    ended = time.process_time()
    return (asked - started) + (ended - answered), (answered - asked) / len(QUORUM)


def _evaluate(index: int, elements: bytes) -> bytes:
    return toprf.evaluate(HELD[index], QUORUM, elements, bytes(16), 1, prove=False).elements

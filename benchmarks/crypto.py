# SPDX-License-Identifier: Apache-2.0
"""Cost per element of client and custodian, beside the raw libsodium calls they stand for.

Run it with ``python benchmarks/crypto.py [elements]``. Everything is measured in one run, the raw
calls and ours taking turns, so that the ratio means something on a busy machine.
"""

import ctypes
import sys
import time
from collections.abc import Callable

from federation.crypto import _sodium, group, oprf, scalars, shares, toprf

QUORUM = (1, 2)
ROUNDS = 3


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def raw(function: Callable[..., int], *arguments: bytes, count: int) -> Callable[[], None]:
    """Call a libsodium function again and again on the same octets."""
    addresses = [_sodium.address(argument) for argument in arguments]
    out = ctypes.create_string_buffer(64)

    def work() -> None:
        into = ctypes.addressof(out)
        for _ in range(count):
            function(into, *addresses)

    return work


def main(count: int) -> None:
    values = [b"benchmark %d" % number for number in range(count)]
    polynomial = shares.random_polynomial(len(QUORUM))
    held = {
        index: shares.KeyShare(
            index, shares.evaluate_polynomial(polynomial, index), bytes(16), 1, len(QUORUM)
        )
        for index in QUORUM
    }
    scalar, element, wide = scalars.random_scalar(), group.random_elements(1), bytes(range(64))
    costs: dict[str, list[float]] = {}

    def measure(name: str, work: Callable[[], object]) -> None:
        costs.setdefault(name, []).append(timed(work) / count * 1e6)

    for _ in range(ROUNDS):
        measure("raw scalarmult", raw(_sodium.scalarmult, scalar, element, count=count))
        measure("raw add", raw(_sodium.add, element, element, count=count))
        measure("raw from_hash", raw(_sodium.from_hash, wide, count=count))

        blinded = oprf.blind_batch(values)
        measure("blind", lambda: oprf.blind_batch(values))

        def evaluate(index: int, elements: bytes = blinded.elements) -> bytes:
            return toprf.evaluate(held[index], QUORUM, elements, bytes(16), 1, prove=False).elements

        answers = {index: evaluate(index) for index in QUORUM}
        measure("custodian", lambda: evaluate(1))
        measure("combine", lambda given=answers: toprf.combine(given))
        combined = toprf.combine(answers)

        def check(elements: bytes = blinded.elements) -> None:
            batch = toprf.BatchCheck(elements, answers)  # noqa: B023 - called in this round
            batch.verify(combined, {i: evaluate(i, batch.element) for i in QUORUM})  # noqa: B023

        measure("check", check)
        measure(
            "finalize",
            lambda b=blinded, c=combined: oprf.finalize_batch(values, b.blinds, c),
        )

    best = {name: min(found) for name, found in costs.items()}
    client_raw = 2 * best["raw scalarmult"] + best["raw from_hash"] + best["raw add"]
    client = best["blind"] + best["combine"] + best["finalize"]
    print(f"{count} elements, 2 custodians, best of {ROUNDS}, microseconds per element")
    for name, cost in best.items():
        print(f"  {name:16} {cost:8.1f}")
    for label, ours, theirs in (
        ("client", client, client_raw),
        ("custodian", best["custodian"], best["raw scalarmult"]),
    ):
        print(f"{label}: {ours:.1f}, raw calls {theirs:.1f}, ratio {ours / theirs:.2f}")
    print(f"check: {best['check'] / client:.0%} on top of the client's work")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4096)

# SPDX-License-Identifier: Apache-2.0
"""Who computes large batches: this process, or workers that a node hands in.

The library computes in its own process and in a fixed order. A node hands in a pool of
worker processes (`federation_node.workers`), because a Python process uses one core and one
busy thread beside slows every other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from federation.crypto import oprf, toprf
from federation.crypto.group import Element
from federation.crypto.shares import KeyShare
from federation.crypto.toprf import ShareEvaluation
from federation.crypto.weighted import weighted_sum
from federation.indicators import Assessment, Written, assess

__all__ = ["Compute", "InProcess"]

T = TypeVar("T")


class Compute(Protocol):
    """Bulk computation, and what may run beside something else.

    Every method gives the result of the function that it names, and raises what that raises.
    """

    def assess(self, values: Sequence[Written]) -> list[Assessment]:
        """Normalise and screen many values (`federation.indicators.assess`)."""
        ...

    def blind(self, values: list[bytes]) -> oprf.Blinded:
        """Blind many inputs (`oprf.blind_batch`)."""
        ...

    def evaluate(
        self, share: KeyShare, quorum: Sequence[int], elements: bytes, *, prove: bool
    ) -> ShareEvaluation:
        """Answer a batch as one custodian of a quorum (`toprf.evaluate`).

        The caller has checked that the share is of the key and generation asked for.
        """
        ...

    def combine(self, answers: Mapping[int, bytes]) -> bytes:
        """Add up the answers of a quorum (`toprf.combine`)."""
        ...

    def weigh(self, weights: bytes, elements: bytes) -> Element:
        """Sum up elements with small weights (`weighted.weighted_sum`)."""
        ...

    def finalize(self, values: list[bytes], blinds: bytes, evaluated: bytes) -> list[bytes]:
        """Unblind and hash many answers (`oprf.finalize_batch`)."""
        ...

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make calls that mostly wait, at the same time if that is possible.

        Returns:
            The results in order.

        Raises:
            Exception: What the first call that failed has raised, in order.
        """
        ...

    def ahead(self, call: Callable[[], T]) -> Callable[[], T]:
        """Make a call now or later, as suits.

        Returns:
            Waits for the call's result, or raises what the call raised.
        """
        ...


class InProcess:
    """Everything here, one after the other; a call ahead is made when its result is wanted."""

    def assess(self, values: Sequence[Written]) -> list[Assessment]:
        """See `Compute.assess`."""
        return [assess(value) for value in values]

    def blind(self, values: list[bytes]) -> oprf.Blinded:
        """See `Compute.blind`."""
        return oprf.blind_batch(values)

    def evaluate(
        self, share: KeyShare, quorum: Sequence[int], elements: bytes, *, prove: bool
    ) -> ShareEvaluation:
        """See `Compute.evaluate`."""
        return toprf.evaluate(share, quorum, elements, share.key_id, share.generation, prove=prove)

    def combine(self, answers: Mapping[int, bytes]) -> bytes:
        """See `Compute.combine`."""
        return toprf.combine(answers)

    def weigh(self, weights: bytes, elements: bytes) -> Element:
        """See `Compute.weigh`."""
        return weighted_sum(weights, elements)

    def finalize(self, values: list[bytes], blinds: bytes, evaluated: bytes) -> list[bytes]:
        """See `Compute.finalize`."""
        return oprf.finalize_batch(values, blinds, evaluated)

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """See `Compute.gather`."""
        return [call() for call in calls]

    def ahead(self, call: Callable[[], T]) -> Callable[[], T]:
        """See `Compute.ahead`."""
        return call

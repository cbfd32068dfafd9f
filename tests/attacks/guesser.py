# SPDX-License-Identifier: Apache-2.0
"""A member that spends custodians' budgets as cleverly as it can."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations

import pytest

from federation.charter import LaneKey
from federation.crypto.shares import KeyShare
from federation.crypto.toprf import ShareEvaluation, evaluate
from federation.errors import PeerUnreachableError, QuotaError
from federation.messages import Evaluate
from federation.testing import Federation, MemoryPeer
from federation.tokens import Batch, InProcess, oprf_input

CUSTODIANS = ("amparo", "hope", "licht")


@dataclass
class Meter:
    """Counts what custodians really evaluated for others, whatever their books say."""

    elements: dict[int, set[bytes]] = field(default_factory=dict)
    """Different elements by custodian index."""
    crash: Callable[[int], bool] = lambda _: False
    """Whether a custodian dies now, after it has charged and before it answers."""

    @property
    def total(self) -> int:
        """Elements over all custodians; an element again is no new guess."""
        return sum(map(len, self.elements.values()))

    @contextmanager
    def reading(self) -> Iterator["Meter"]:
        """Stand between every custodian's books and its share."""
        honest = InProcess.evaluate

        def counted(
            compute: InProcess,
            share: KeyShare,
            quorum: Sequence[int],
            elements: bytes,
            *,
            prove: bool,
        ) -> ShareEvaluation:
            if self.crash(share.index):
                raise PeerUnreachableError("the custodian died")
            seen = self.elements.setdefault(share.index, set())
            seen |= {elements[start : start + 32] for start in range(0, len(elements), 32)}
            return honest(compute, share, quorum, elements, prove=prove)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(InProcess, "evaluate", counted)
            yield self


@dataclass
class Guesser:
    """Guesses a range of phones until no quorum answers any more."""

    fed: Federation
    me: str
    phones: Iterator[str]
    own_share: KeyShare | None = None
    """Of a custodian-member: evaluates for itself without counting."""
    between: Callable[[], object] = lambda: None
    """Happens after every batch."""
    tokens: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    """What it learned, by key id and phone."""
    refusals: list[QuotaError] = field(default_factory=list)

    def spend(self, keys: Sequence[LaneKey], sizes: Sequence[int] = (512, 64, 8)) -> None:
        """Use every key, every quorum and every batch size until all of them refuse."""
        for size in sizes:
            quorums = self._quorums(keys[0])
            answered = [True]
            while any(answered):
                answered = [self._batch(key, quorum, size) for key in keys for quorum in quorums]

    def _quorums(self, key: LaneKey) -> list[tuple[int, ...]]:
        indices = [one.index for one in key.custodians]
        own = set() if self.own_share is None else {self.own_share.index}
        return [one for one in combinations(indices, key.threshold) if own <= set(one)]

    def _batch(self, key: LaneKey, quorum: tuple[int, ...], size: int) -> bool:
        """Guess one batch; when a custodian refuses, try the same elements with other quorums."""
        guesses = [next(self.phones) for _ in range(size)]
        batch = Batch([oprf_input(1, "network", "identifier", "phone", one) for one in guesses])
        assert batch.size == size
        for tried in (quorum, *(one for one in self._quorums(key) if one != quorum)):
            answers = self._ask(key, tried, batch)
            if answers is not None:
                tokens = batch.finish(batch.combine(answers))
                found = zip(guesses, tokens, strict=True)
                self.tokens |= {(key.key_id, phone): token for phone, token in found}
                self.between()
                return True
        return False

    def _ask(self, key: LaneKey, quorum: tuple[int, ...], batch: Batch) -> dict[int, bytes] | None:
        answers: dict[int, bytes] = {}
        for index in quorum:
            if self.own_share is not None and index == self.own_share.index:
                answers[index] = evaluate(
                    self.own_share,
                    quorum,
                    batch.elements,
                    key.key_id,
                    key.generation,
                    prove=False,
                ).elements
                continue
            try:
                answers[index] = self.evaluate(key, quorum, index, batch.request_id, batch.elements)
            except QuotaError as error:
                self.refusals.append(error)
                return None
        return answers

    def evaluate(
        self,
        key: LaneKey,
        quorum: tuple[int, ...],
        index: int,
        request_id: bytes,
        elements: bytes,
        *,
        check_of: bytes | None = None,
    ) -> bytes:
        """Ask one custodian; after a crash ask it the same again."""
        member = next(one.member for one in key.custodians if one.index == index)
        request = Evaluate(
            request_id=request_id,
            key_id=key.key_id,
            generation=key.generation,
            quorum=quorum,
            elements=elements,
            prove=False,
            check_of=check_of,
        )
        while True:
            try:
                return MemoryPeer(self.fed, self.me, member).call(request).elements
            except PeerUnreachableError:
                continue


def random_id() -> bytes:
    """Return a request id."""
    return secrets.token_bytes(16)

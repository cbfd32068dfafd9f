# SPDX-License-Identifier: Apache-2.0
"""Membership changes while members work: nobody's synchronisation fails more than once."""

from collections.abc import Callable, Iterator

import pytest

from federation.charter import Charter, with_member, with_suspension, without_member
from federation.errors import CasethreadError
from federation.testing import Federation
from tests.member import resharing, support
from tests.member.resharing import FIVE

Change = Callable[[Federation, Charter, bytes], Charter]


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Five members, keys 2-of-3."""
    with support.copied(resharing.template(), 0) as federation:
        yield federation


class Load:
    """Members that keep bringing in and synchronising cases."""

    def __init__(self, fed: Federation) -> None:
        self._fed = fed
        self._number = 0

    def work(self, names: tuple[str, ...]) -> None:
        """Give each member a new case, and let it synchronise with at most one retry."""
        for name in names:
            self._number += 1
            self._fed[name].put_cases(support.phones([self._number], prefix=f"N-{name}"))
            failures = 0
            while failures < 2 and not self._synced(name):
                failures += 1
                for member in self._fed:
                    member.drive()  # what every node does every few seconds
            assert failures < 2, name

    def _synced(self, name: str) -> bool:
        try:
            report = self._fed[name].sync()
        except CasethreadError:
            return False
        return not report.sent.failures and not support.waiting(self._fed, name)


def sign_quietly(fed: Federation, change: Change) -> None:
    """Let three stewards sign a change; nobody else has heard of it yet."""
    current = fed["hope"].in_force
    assert current is not None
    digest = fed["hope"].propose_charter(change(fed, current.charter, current.digest))
    for name in ("amparo", "licht"):
        fed[name]._membership.poll()
        fed[name].sign_charter(digest)


def moved(fed: Federation, charter: Charter, digest: bytes) -> Charter:
    """Echo has another endpoint and one certificate more."""
    entry = charter.member("echo")
    entry = entry.replace(
        endpoint="moved.test:7443", certificates=(*entry.certificates, b"new certificate")
    )
    return with_member(charter, digest, entry, at=fed.clock())


def suspended(fed: Federation, charter: Charter, digest: bytes) -> Charter:
    """Delta is suspended."""
    return with_suspension(charter, digest, "delta", suspended=True, at=fed.clock())


def lifted(fed: Federation, charter: Charter, digest: bytes) -> Charter:
    """Delta is no longer suspended."""
    return with_suspension(charter, digest, "delta", suspended=False, at=fed.clock())


def removed(fed: Federation, charter: Charter, digest: bytes) -> Charter:
    """Delta leaves."""
    return without_member(charter, digest, "delta", at=fed.clock())


def test_changes_under_load(fed: Federation) -> None:
    """An endpoint moves, a member is suspended, comes back, and leaves; the others go on."""
    for party in ("amparo", "licht", "echo"):
        fed.agree("hope", party)
    load = Load(fed)
    honest = ("hope", "amparo", "licht", "echo")
    load.work(honest)

    for change in (moved, suspended, lifted, removed):
        sign_quietly(fed, change)
        load.work(honest)
        load.work(honest)
        fed.drive(rounds=4)

    assert fed["echo"].require_charter().member("echo").endpoint == "moved.test:7443"
    assert "delta" not in {one.id for one in fed["licht"].require_charter().members}


def test_resharing_under_load(fed: Federation) -> None:
    """While keys are shared anew and the charter spreads, everybody gets its tokens."""
    fed.agree("hope", "echo")
    load = Load(fed)
    load.work(FIVE)
    ceremony = resharing.start(fed, threshold=3)
    resharing.accept(fed, ceremony, [name for name in FIVE if name != "hope"])
    for _ in range(6):
        for member in fed:
            member.drive()
        load.work(("hope", "echo"))
    for name in ("hope", "amparo", "licht"):
        for proposal in fed[name].proposals():
            if name in proposal.missing.members:
                fed[name].sign_charter(proposal.digest)
        fed[name]._membership.drive()
        load.work(("echo", "delta"))
    load.work(FIVE)

    assert {key.generation for name in FIVE for key in resharing.keys(fed, name)} == {2}


def test_removal_ends_agreements_and_budget(fed: Federation) -> None:
    """With the member its agreements go, on the other side too, and nothing is evaluated."""
    fed.agree("hope", "delta")
    sign_quietly(fed, removed)
    fed.drive(rounds=4)

    (view,) = fed["hope"].agreements()
    assert view.status.value in {"revoked", "expired"}
    assert not view.ready_with
    with fed.seats["hope"].store.read() as tx:
        assert tx.agreements.pair_key(view.hash, "delta") is None
    fed["delta"].put_cases(support.phones([1]))
    with pytest.raises(CasethreadError):
        fed["delta"].tokenise()


def test_a_suspension_ends_no_agreement(fed: Federation) -> None:
    """While one party is suspended the others go on; afterwards so does it, with the same keys."""
    fed.agree("hope", "echo", "delta")
    for name in ("hope", "echo", "delta"):
        fed[name].put_cases(support.phones([1]))
    sign_quietly(fed, suspended)
    fed.drive(rounds=4)
    for name in ("hope", "echo", "hope"):
        fed[name].sync()
    assert support.found(fed, "hope") == {("C-1", "echo")}

    sign_quietly(fed, lifted)
    fed.drive(rounds=4)
    for name in ("delta", "hope", "delta"):
        fed[name].sync()
    assert support.found(fed, "hope") == {("C-1", "echo"), ("C-1", "delta")}

# SPDX-License-Identifier: Apache-2.0
"""Resharing between real members: the same pseudonyms before and after, and no old share left."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.crypto.group import random_elements
from federation.errors import CeremonyError, GenerationError, MembershipError
from federation.member import CeremonyPlan
from federation.messages import Evaluate, SyncCeremony
from federation.storage import AtRest, Store
from federation.testing import Federation
from tests.member import resharing, support
from tests.member.resharing import FIVE, THREE


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Five members, keys 2-of-3, all five willing to be custodians."""
    with support.copied(resharing.template(), 0) as federation:
        yield federation


def request(fed: Federation, quorum: tuple[int, ...], generation: int) -> Evaluate:
    """Return a request for one generation of the network lane's identifier key."""
    return Evaluate(
        request_id=secrets.token_bytes(16),
        key_id=support.key_of(fed["hope"]).key_id,
        generation=generation,
        quorum=quorum,
        elements=random_elements(8),
        prove=True,
    )


def stores(fed: Federation) -> list[Store]:
    """Return the members' databases."""
    return [seat.store for seat in fed.seats.values()]


def test_there_and_back(tmp_path: Path) -> None:
    """2-of-3 to 3-of-5 and back: the same tokens, and the old shares are nowhere on disk."""
    wrapped: set[bytes] = set()
    real = AtRest.wrap

    def spy(self: AtRest, context: str, secret: bytes) -> bytes:
        sealed = real(self, context, secret)
        if context.startswith(("shares|", "ceremonies|")):
            wrapped.add(sealed)
        return sealed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AtRest, "wrap", spy)
        with resharing.founded(tmp_path) as fed:
            fed["hope"].put_cases(support.phones(range(5)))
            fed["hope"].tokenise()
            before = resharing.all_tokens(fed, "hope")
            old = resharing.secrets_of(stores(fed))
            assert len(old) == 12 + 3  # shares, and what each of the three sealed to the others
            assert resharing.left(tmp_path, old) == old

            resharing.reshare(fed, threshold=3)
            fed["echo"].put_cases(support.phones(range(5), prefix="E"))
            fed["echo"].tokenise()
            middle = resharing.secrets_of(stores(fed))
            assert resharing.all_tokens(fed, "echo") == before
            assert resharing.generations(fed) == {name: [2] * 4 for name in FIVE}
            assert resharing.left(tmp_path, old | wrapped) <= middle

            resharing.reshare(fed, THREE, threshold=2, without=("delta", "echo"))
            fed["delta"].put_cases(support.phones(range(5), prefix="D"))
            fed["delta"].tokenise()
            assert resharing.all_tokens(fed, "delta") == before
            assert resharing.generations(fed) == {
                name: [3] * 4 if name in THREE else [] for name in FIVE
            }
            last = resharing.secrets_of(stores(fed))
            assert resharing.left(tmp_path, old | middle | wrapped) <= last
            (key,) = {(k.threshold, k.next_index) for k in resharing.keys(fed)}
            assert key == (2, 6)


def test_both_shares_are_kept_until_a_charter_decides(fed: Federation) -> None:
    """A finished resharing changes nothing before its charter is signed."""
    ceremony = resharing.start(fed, threshold=3)
    resharing.accept(fed, ceremony, [name for name in FIVE if name != "hope"])
    fed.drive()
    for name in FIVE:
        fed.restart(name)

    assert resharing.generations(fed)["hope"] == [1, 2] * 4
    fed["hope"].handle("echo", request(fed, (1, 2), 1))
    with pytest.raises(GenerationError):
        fed["hope"].handle("echo", request(fed, (1, 2, 3), 2))

    fed.sign_all()
    assert resharing.generations(fed)["hope"] == [2] * 4
    fed["hope"].handle("echo", request(fed, (1, 2, 3), 2))
    with pytest.raises(GenerationError):
        fed["hope"].handle("echo", request(fed, (1, 2), 1))


def test_generations_never_combine(fed: Federation) -> None:
    """Who lags behind refuses the new generation, and nobody else answers the old one."""
    ceremony = resharing.start(fed, threshold=3)
    resharing.accept(fed, ceremony, [name for name in FIVE if name != "hope"])
    fed.drive()
    fed.faults.down = {"licht"}
    for name in ("hope", "amparo", "echo"):
        for proposal in fed[name].proposals():
            if name in proposal.missing.members:
                fed[name].sign_charter(proposal.digest)
        fed.drive()
    assert resharing.keys(fed)[0].generation == 2
    assert resharing.keys(fed, "licht")[0].generation == 1

    with pytest.raises(GenerationError):
        fed["licht"].handle("echo", request(fed, (1, 2, 3), 2))
    with pytest.raises(GenerationError):
        fed["amparo"].handle("licht", request(fed, (1, 3), 1))

    # Others answer instead; and who lags behind catches up when it asks.
    fed.faults.down = set()
    fed["hope"].put_cases(support.phones(range(3)))
    assert fed["hope"].tokenise().tokens == 3
    fed["licht"].put_cases(support.phones(range(3), prefix="L"))
    assert fed["licht"].tokenise().tokens == 3
    assert resharing.all_tokens(fed, "licht") == resharing.all_tokens(fed, "hope")


def test_offline_dealer_is_replaced(fed: Federation) -> None:
    """When a dealer does not answer, others deal; the ceremony that hangs is forgotten."""
    fed.faults.down = {"amparo"}
    stuck = resharing.start(fed, dealers=("hope", "amparo"), without=("amparo", "delta"))
    resharing.accept(fed, stuck, ("licht", "echo"))
    fed.drive(rounds=5)
    (view,) = [one for one in fed["hope"].ceremonies() if one.id == stuck]
    assert "amparo" in view.waiting_for

    second = resharing.start(fed, dealers=("hope", "licht"), without=("amparo", "delta"))
    resharing.accept(fed, second, ("licht", "echo"))
    fed.drive(rounds=8)
    for name in ("hope", "licht", "echo", "delta"):
        for proposal in fed[name].proposals():
            if name in proposal.missing.members:
                fed[name].sign_charter(proposal.digest)
        fed.drive(rounds=5)

    assert {one.member for one in resharing.keys(fed)[0].custodians} == {"hope", "licht", "echo"}
    assert stuck not in {one.id for one in fed["hope"].ceremonies()}
    fed.faults.down = set()
    fed.drive()
    assert resharing.generations(fed)["amparo"] == []
    assert stuck not in {one.id for one in fed["amparo"].ceremonies()}


def test_an_old_ceremony_does_not_come_back(fed: Federation) -> None:
    """Its messages hold old shares, so nobody can bring them again."""
    (view,) = fed["hope"].ceremonies()
    with fed.seats["hope"].store.read() as tx:
        messages = tx.ceremonies.messages(view.id)
    resharing.reshare(fed, threshold=3)

    with pytest.raises(CeremonyError):
        fed["licht"].handle("hope", SyncCeremony(view.id, (), tuple(messages)))

    assert view.id not in {one.id for one in fed["licht"].ceremonies()}


def test_unsuitable_plans_are_refused(fed: Federation) -> None:
    """Too few custodians, unknown dealers and a missing epoch are told before anything is sent."""
    for plan, error in (
        ({"without": ("amparo", "licht", "delta", "echo")}, MembershipError),
        ({"dealers": ("hope", "echo")}, CeremonyError),
        ({"epoch": 7}, CeremonyError),
    ):
        with pytest.raises(error):
            fed["hope"].start_ceremony(plan=CeremonyPlan(reshare=True, **plan))  # type: ignore[arg-type]


def test_who_has_not_seen_the_end_is_told_to_wait(fed: Federation) -> None:
    """A custodian signs only keys that its own ceremony ended with, and is not alarmed before."""
    ceremony = resharing.start(fed, threshold=3)
    resharing.accept(fed, ceremony, [name for name in FIVE if name != "hope"])
    fed.drive()
    with fed.seats["echo"].store.write() as tx:
        connection = tx.shares._session.connection()
        connection.exec_driver_sql(
            "DELETE FROM ceremony_messages WHERE position ="
            " (SELECT MAX(position) FROM ceremony_messages)"
        )
    echo = fed.restart("echo")
    echo._membership.poll()
    (proposal,) = echo.proposals()
    with pytest.raises(CeremonyError, match="has not seen the end") as refused:
        echo.sign_charter(proposal.digest)
    assert refused.value.next_step is not None

    fed.drive()
    echo.sign_charter(proposal.digest)

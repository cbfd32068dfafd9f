# SPDX-License-Identifier: Apache-2.0
"""`kill -9` between storing and sending, while keys are made and agreements are signed."""

import os
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from federation.crypto.group import scalarmult_base
from federation.indicators import Case, Kind, Subject
from tests.crash.fragile import Crash, FragileFederation
from tests.crash.killing import Killer, crash_worker

LONG: Final = os.environ.get("CASETHREAD_LONG") == "1"
CHAINS: Final = 60 if LONG else 5
KILLS: Final = 4
DEATHS: Final = 60 if LONG else 6


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """The process that is killed, again and again."""
    with Killer() as killer:
        yield killer


@pytest.fixture(scope="module")
def points(killer: Killer, tmp_path_factory: pytest.TempPathFactory) -> int:
    """At how many points an undisturbed founding can be killed."""
    home = tmp_path_factory.mktemp("undisturbed")
    points = killer.run("found", home)
    check(home)
    return points


def check(home: Path) -> None:
    """Check what the last process left."""
    with crash_worker.SavedFederation(home) as fed:
        check_federation(fed)


def check_federation(fed: Any) -> None:
    """Everything is in force, every share works, every pair has one key, no secret is left."""
    assert crash_worker.founded(fed)
    assert len({member.charter_state() for member in fed}) == 1

    for name in crash_worker.MEMBERS:
        check_shares(fed, name)
        check_no_secret(fed, name)
    for one, other in combinations(crash_worker.MEMBERS, 2):
        assert pair_key(fed, one, other) == pair_key(fed, other, one)

    check_match(fed)


def check_shares(fed: Any, name: str) -> None:
    """Each share is the one that the charter lists the public half of."""
    for key in fed[name].require_charter().keys:
        custodian = key.custodian(name)
        with fed.seats[name].store.read() as tx:
            share = tx.shares.get(key.key_id, custodian.public_share)

        assert share is not None
        assert (custodian.index, key.generation) == (share.index, share.generation)
        assert custodian.public_share == scalarmult_base(share.secret)


def check_no_secret(fed: Any, name: str) -> None:
    """What made the keys is erased."""
    with fed.seats[name].store.read() as tx:
        assert tx.agreements.secrets() == []
        assert {tx.ceremonies.secret(one.id) for one in tx.ceremonies.list()} == {None}
        assert len(tx.ceremonies.list()) == 1
        assert len(tx.agreements.list()) == 1


def pair_key(fed: Any, name: str, partner: str) -> tuple[int, bytes]:
    """What a member derived for a partner."""
    with fed.seats[name].store.read() as tx:
        (agreement,) = tx.agreements.list()
        found: tuple[int, bytes] = tx.agreements.pair_key(agreement.hash, partner)
    return found


def check_match(fed: Any) -> None:
    """Whichever custodians happen to evaluate, all members make the same token."""
    for name in crash_worker.MEMBERS:
        case = Case(name).add(Kind.PHONE, "+525512345678", Subject.RECRUITER)
        fed[name].put_cases([case])
    fed.sync()
    for name in crash_worker.MEMBERS:
        assert {match.member for match in fed[name].matches()} == set(crash_worker.MEMBERS) - {name}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(CHAINS))
def test_killed_while_founding(seed: int, killer: Killer, points: int, tmp_path: Path) -> None:
    """Killed four times, the ceremony and the agreement end as if nothing had been."""
    home = tmp_path / "home"
    home.mkdir()
    killer.torment("found", home, points=points, kills=KILLS, random=Random(seed))

    check(home)


@pytest.mark.slow
def test_killed_right_after_storing_before_sending(
    killer: Killer, points: int, tmp_path: Path
) -> None:
    """Killed after every so many commits, with no message ever sent in the same breath."""
    home = tmp_path / "home"
    home.mkdir()
    for _ in range(KILLS):
        # Even steps lie after a commit: what was stored there has not been sent.
        for commit in (2, 6, 14):
            killer.kill_at("found", home, commit)
        shutil.copytree(home, tmp_path / "copy", dirs_exist_ok=True)
    killer.run("found", home)

    check(home)


class Unfounded(FragileFederation):
    """Three strangers."""

    def _found(self, *_: object) -> None:
        """Founding is what is tested here."""


@pytest.mark.parametrize("seed", range(DEATHS))
def test_one_member_dies_while_founding(seed: int) -> None:
    """One member after another dies at some step, while the others live and go on."""
    random = Random(seed)
    with Unfounded(*crash_worker.MEMBERS, keys=False) as fed:
        for _ in range(KILLS):
            fed.crash_in = random.randint(1, 120)
            try:
                crash_worker.found_all(fed)
            except Crash as crash:
                fed.restart(crash.member)
        fed.crash_in = 0
        crash_worker.found_all(fed)

        check_federation(fed)

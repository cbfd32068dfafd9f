# SPDX-License-Identifier: Apache-2.0
"""`kill -9` anywhere in import, tokenise and exchange loses nothing and doubles nothing."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from sqlalchemy import text

from federation.audit import Count, Event
from federation.member import MatchStatus
from federation.member.naming import named_match
from federation.storage import Tx
from tests.crash.killing import Killer, crash_worker

LONG: Final = os.environ.get("CASETHREAD_LONG") == "1"
CHAINS: Final = 60 if LONG else 8
KILLS: Final = 3
BY_TIME: Final = 30 if LONG else 6


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """The process that is killed, again and again."""
    with Killer() as killer:
        yield killer


@pytest.fixture(scope="module")
def founded(killer: Killer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three members with keys and an agreement, and no cases."""
    home = tmp_path_factory.mktemp("founded")
    killer.run("found", home)
    return home


@pytest.fixture(scope="module")
def undisturbed(
    killer: Killer, founded: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], int, float]:
    """The state after a run that nobody killed, its commits, its seconds."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    shutil.copytree(founded, home)
    begun = time.monotonic()
    points = killer.run("work", home)
    seconds = time.monotonic() - begun
    said = said_by(home)
    state = {name: one | {"tags": said[name][Count.TAGS]} for name, one in state_of(home).items()}
    return state, points, seconds


def state_of(home: Path) -> dict[str, Any]:
    """What the members ended with, without what chance or repetition decides."""
    with crash_worker.SavedFederation(home) as fed:
        return {name: _state(tx) for name in crash_worker.MEMBERS for tx in _reading(fed, name)}


def _reading(fed: Any, name: str) -> Iterator[Tx]:
    with fed.seats[name].store.read() as tx:
        yield tx


def _state(tx: Tx) -> dict[str, Any]:
    session = tx.tokens._session
    ciphertexts = dict(session.execute(text("SELECT id, ciphertext FROM tokens")).all())
    sent = session.execute(
        text(
            "SELECT partner, token FROM exchange_items"
            " JOIN exchange_cursors ON exchange_cursors.id = exchange_items.cursor"
        )
    )
    cases = tx.cases.list()
    return {
        "tokens": sorted(ciphertexts.values()),
        "observations": sorted(
            (case.id, seen.field, seen.status, seen.reason, str(seen.value))
            for case in cases
            for seen in case.observations
        ),
        "linked": sorted(
            (ciphertexts[token], use.case_id, use.field)
            for token in ciphertexts
            for use in tx.tokens.observations_of(token)
        ),
        "matches": sorted(
            (match.partner, ciphertexts[match.token], match.match_id, match.status, match.reason)
            for match in tx.matches.list()
        ),
        "sent": Counter((row.partner, ciphertexts[row.token]) for row in sent),
        "unsent": tx.exchange.unsent(),
    }


def quota_of(home: Path) -> list[tuple[dict[str, int], dict[str, int]]]:
    """What each custodian counted, and the sum of what it charged, by member."""
    sums = (
        "SELECT member, SUM(used) FROM quota_days GROUP BY member",
        "SELECT member, SUM(amount) FROM quota_charges GROUP BY member",
    )
    with crash_worker.SavedFederation(home) as fed:
        counted = []
        for seat in fed.seats.values():
            with seat.store.read() as tx:
                one, two = (dict(tx.quota._session.execute(text(sql)).all()) for sql in sums)
            counted.append((one, two))
        return counted


def said_by(home: Path) -> dict[str, Counter[Count]]:
    """What the record of every member counts, once it and the matches were found to agree."""
    counted = {}
    with crash_worker.SavedFederation(home) as fed:
        for name, seat in fed.seats.items():
            entries = seat.member.record.check()
            with seat.store.write() as tx:
                # What a killed run had counted becomes its entry, as at the end of the day.
                tx.audit.close_days(fed.clock() + timedelta(days=2))
            with seat.store.read() as tx:
                leaves = tx.tokens._session.execute(text("SELECT count(*) FROM audit_leaves"))
                arrived = tx.tokens.latest_arrival()
                proven = tx.matches.list(MatchStatus.PROVEN)
                unsaid = [m for m in proven if not tx.audit.about(named_match(m.uuid))]
                said = tx.audit.entries(limit=10**6, events=[Event.TAGS_SENT, Event.TOKENS_MADE])
            total: Counter[Count] = Counter()
            for one in said:
                total.update(one.record.counts)
            assert entries <= leaves.scalar_one(), name
            assert total[Count.TOKENS] == arrived, name
            assert unsaid == [], name
            counted[name] = total
    return counted


def check(home: Path, expected: dict[str, Any]) -> None:
    """Compare a run that was killed with one that was not."""
    said = said_by(home)
    for name, state in state_of(home).items():
        for what, found in state.items():
            assert expected[name][what] == found, (name, what)
        # Also those of which the tokens are gone since.
        assert expected[name]["tags"] == said[name][Count.TAGS], name
    for counted, charged in quota_of(home):
        assert charged == counted


def test_the_undisturbed_run_is_worth_comparing_with(
    undisturbed: tuple[dict[str, Any], int, float],
) -> None:
    """Each pair found something, both sides the same, everything was sent once."""
    state, _, _ = undisturbed
    for name, own in state.items():
        assert own["unsent"] == 0
        assert set(own["sent"].values()) == {1}
        for partner in set(state) - {name}:
            mine = {row[2] for row in own["matches"] if row[0] == partner}
            theirs = {row[2] for row in state[partner]["matches"] if row[0] == name}

            assert mine
            assert theirs
            assert mine & theirs


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(CHAINS))
def test_killed_beside_random_commits(
    seed: int,
    killer: Killer,
    founded: Path,
    undisturbed: tuple[dict[str, Any], int, float],
    tmp_path: Path,
) -> None:
    """Killed three times on its way, the run ends in the state of an undisturbed one."""
    expected, points, _ = undisturbed
    home = tmp_path / "home"
    shutil.copytree(founded, home)
    killer.torment("work", home, points=points, kills=KILLS, random=Random(seed))

    check(home, expected)


@pytest.mark.slow
def test_killed_at_random_times(
    killer: Killer,
    founded: Path,
    undisturbed: tuple[dict[str, Any], int, float],
    tmp_path: Path,
) -> None:
    """The same at whatever the process is doing then."""
    expected, _, seconds = undisturbed
    random = Random(9)
    home = tmp_path / "home"
    shutil.copytree(founded, home)
    for _ in range(BY_TIME):
        killer.kill_after("work", home, random.uniform(0.02, seconds / 2))
    killer.run("work", home)

    check(home, expected)

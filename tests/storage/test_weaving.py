# SPDX-License-Identifier: Apache-2.0
"""Threads on every database, and what of them can be read without the key."""

import threading
from pathlib import Path

import pytest

from federation.audit import OPERATOR
from federation.errors import CasethreadError
from federation.member.weaving import Weaver
from federation.storage import AtRest, Store
from federation.storage.atrest import Vault
from federation.storage.thread_records import ThreadTrigger, Told, WeaveState
from tests.member.spinning import WOVEN, Spinner, narrow, yarn


def test_threads_come_out_on_every_database(store: Store) -> None:
    """Added, taken away, split, rejoined, and made again under other rules."""
    spinner = Spinner(store)
    yarn(spinner)
    steps = [spinner.woven()]
    spinner.threads.split(spinner.mark("a"), spinner.mark("d"), OPERATOR)
    steps.append(spinner.woven())
    spinner.decide(spinner.matches()[0], "a", confirmed=False)
    spinner.decide(spinner.matches()[0], "b", confirmed=False)
    steps.append(spinner.woven())
    spinner.threads.rejoin(spinner.mark("a"), spinner.mark("d"), OPERATOR)
    spinner.forget("b")
    steps.append(spinner.woven())
    spinner.rekey()
    spinner.reweave(narrow(cases=1))
    steps.append(spinner.woven())

    assert WOVEN == steps[0]
    assert {
        frozenset("abc"): frozenset({"amparo"}),
        frozenset("e"): frozenset({"licht"}),
    } == steps[1]
    assert {frozenset("abc"): frozenset(), frozenset("e"): frozenset({"licht"})} == steps[2]
    assert {frozenset("cd"): frozenset(), frozenset("e"): frozenset({"licht"})} == steps[3]
    assert {frozenset("e"): frozenset({"licht"})} == steps[4]
    assert spinner.expected() == steps[-1]


@pytest.mark.parametrize("seed", range(3))
def test_two_processes_follow_at_once(store: Store, seed: int) -> None:
    """They take turns, and nothing is followed twice or left out."""
    if store._single:
        return
    spinner = Spinner(store)
    for number in range(40):
        spinner.put(f"C{number}", ["ABCD"[(number + seed) % 4], "xyz"[number % 3]])
    weavers = [Weaver(spinner.core, spinner.rules, spinner.decided) for _ in range(3)]
    failures: list[BaseException] = []

    def follow(weaver: Weaver) -> None:
        try:
            weaver.catch_up()
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    running = [threading.Thread(target=follow, args=(weaver,)) for weaver in weavers]
    for one in running:
        one.start()
    for one in running:
        one.join()

    assert [] == failures
    assert spinner.expected() == spinner.woven()


def test_that_a_minor_is_concerned_stands_nowhere_in_clear(
    sqlite_url: str, at_rest: AtRest
) -> None:
    """Neither with the case nor with the thread; what two threads tell has the same length."""
    with Store.open(sqlite_url, at_rest) as store:
        spinner = Spinner(store)
        yarn(spinner)
        spinner.put("f", ["w", "Z"], minor=True)
        found = {one.cases: one.minor for one in spinner.threads.list()}
        store.scrub()
    raw = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()

    assert {4: True, 1: False} == found
    assert b"minor" not in raw.replace(b"thread_minor", b"")
    assert b"amparo" in raw


def test_what_was_told_opens_only_for_its_thread(at_rest: AtRest) -> None:
    """And says what each change told."""
    vault: Vault = at_rest.vault
    told = Told(5, {"amparo": 5, "licht": 9}, 7)
    sealed = told.seal(vault, 3)

    assert told == Told.open(vault, 3, sealed)
    assert 9 == told.last
    new, reaches, minor = ThreadTrigger.NEW, ThreadTrigger.REACHES, ThreadTrigger.MINOR
    assert [{new, reaches}, {minor}, {reaches}, set()] == [told.triggers(n) for n in (5, 7, 9, 6)]
    with pytest.raises(CasethreadError):
        Told.open(vault, 4, sealed)


def test_the_state_survives() -> None:
    """As it is written into the settings."""
    state = WeaveState(1, (50, 2, 8), 50, "ab", 7, 9)

    assert state == WeaveState.from_bytes(state.to_bytes())

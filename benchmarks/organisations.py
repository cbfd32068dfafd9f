# SPDX-License-Identifier: Apache-2.0
"""Two organisations with real nodes on loopback: homes, ``casethread`` processes, databases.

What people do once, at their keyboards, is done through the actions of the command line. What
takes long - serving, importing, synchronising - is done by processes of the command itself.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from federation.charter import Role, Rules
from federation_node import config
from federation_node.actions import agreements, custody, federate
from federation_node.actions.setup import initialise
from federation_node.context import NodeContext, now
from federation_node.demo.process import NodeProcess, free_ports
from federation_node.home import Home
from federation_node.unlock import Unlock

__all__ = ["NAMES", "Organisation", "agree", "founded", "until"]

NAMES = ("hope", "amparo")
_PATIENCE = 120.0
_POLL = 0.1


class Organisation:
    """One organisation: its home and its processes."""

    def __init__(self, directory: Path, name: str, port: int) -> None:
        """Make the node."""
        self.name = name
        self.home = Home(directory / name)
        self.process = NodeProcess(self.home)
        self._unlock = Unlock(self.process.passphrase.encode(), is_key=False)
        address = f"127.0.0.1:{port}"
        initialise(
            self.home,
            self._unlock,
            config.Organisation(
                member=name,
                name=name.capitalize(),
                legal_entity=f"invented: {name}",
                role=Role.HOTLINE,
                region="MX",
            ),
            # It synchronises when it is told to, so that what is measured is alone.
            config.Node(listen=address, endpoint=address, sync_seconds=86_400, drive_seconds=1),
            at=now(),
        )

    @contextmanager
    def open(self) -> Iterator[NodeContext]:
        """Open the node in this process, as a command does."""
        with NodeContext.open(self.home, self._unlock) as node:
            yield node

    def ask(self, query: str) -> int:
        """Ask the database for a number, beside whatever works on it."""
        path = config.load(self.home).database_url(self.home).removeprefix("sqlite:///")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            (number,) = connection.execute(query).fetchone()
        return int(number or 0)

    def newest(self, table: str) -> int:
        """Return the number of the newest row of a table, of which none was ever deleted."""
        return self.ask(f"SELECT max(rowid) FROM {table}")


@contextmanager
def founded(directory: Path, daily: int) -> Iterator[tuple[Organisation, Organisation]]:
    """Found a federation of two that serve, both custodians, both needed for a pseudonym.

    Args:
        directory: Where the homes are made.
        daily: Evaluations a day and member; 30 times that in 30 days.
    """
    rules = Rules(identifier_daily=daily, identifier_monthly=30 * daily)
    with ExitStack() as stack:
        ports = free_ports(len(NAMES))
        both = [
            Organisation(directory, name, port) for name, port in zip(NAMES, ports, strict=True)
        ]
        first, second = both
        for one in both:
            stack.callback(one.process.stop)
            one.process.start()
        for one in both:
            one.process.wait_until_listening()
        with first.open() as hope, second.open() as amparo:
            _found(hope, amparo, rules)
        yield first, second


def _found(hope: NodeContext, amparo: NodeContext, rules: Rules) -> None:
    federate.create(hope, "A measurement", rules=rules)
    joining = federate.join(amparo, federate.invite(hope))
    assert joining.words == federate.admit(hope, joining.request).words
    federate.sign(hope)
    until("the first charter", lambda: _sign_what_waits(amparo, hope) == 1)
    ceremony = custody.start(hope)
    until("the ceremony", lambda: ceremony in {view.id for view in custody.ceremonies(amparo)})
    custody.accept(amparo, ceremony)
    # Whose node finished the ceremony has proposed and signed; the other one is asked.
    until("the keys", lambda: _sign_what_waits(hope, amparo) == 2)


def agree(first: Organisation, second: Organisation, matches: int) -> None:
    """Sign an agreement over everything.

    Args:
        first: Who proposes.
        second: Who signs.
        matches: Answers that are given without a person in the first exchange.
    """
    with first.open() as hope, second.open() as amparo:
        draft = agreements.Draft(
            title="A measurement",
            parties=tuple(sorted(NAMES)),
            legal_basis="measurement with invented data",
            first_matches=matches,
        )
        name = agreements.propose(hope, draft)
        until("the proposal", lambda: name in {view.hash for view in agreements.listed(amparo)})
        agreements.sign(amparo, name)
        until(
            "the agreement",
            lambda: all(
                view.ready_with for node in (hope, amparo) for view in agreements.listed(node)
            ),
        )


def until(what: str, check: Callable[[], bool]) -> None:
    """Wait for the nodes to get somewhere by themselves."""
    end = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not check():
        if time.monotonic() > end:
            raise TimeoutError(f"waited too long for {what}")
        pause.wait(_POLL)


def _version(node: NodeContext) -> int:
    current = node.member.in_force
    return 0 if current is None else current.charter.version


def _sign_what_waits(*nodes: NodeContext) -> int:
    """Sign every charter that waits for one of them; returns the version that all have."""
    for node in nodes:
        if federate.to_sign(node):
            federate.sign(node)
    return min(_version(node) for node in nodes)

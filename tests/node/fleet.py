# SPDX-License-Identifier: Apache-2.0
"""A federation of real nodes: homes on disk, serving processes, mutual TLS, and their operators.

The nodes are founded in this process, message by message in memory, because that is not what
is tested; afterwards only their homes are left of it. `Fleet` starts a process for each
(`tests/scripts/node_worker.py`), and does at each home what its operator would do at the
command line, through the same actions.
"""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from federation.charter import CeremonyStatus, Charter, Role, next_version
from federation.errors import CeremonyError, MembershipError, PeerError
from federation.indicators import Case
from federation.messages import SyncCharter
from federation.testing import Clock, Federation, Seat
from federation_node import config
from federation_node.actions import custody, federate
from federation_node.actions.setup import initialise
from federation_node.actions.sync import synchronise
from federation_node.context import NodeContext, now
from federation_node.demo.process import free_ports
from federation_node.home import Home
from federation_node.unlock import Unlock
from tests.member import support
from tests.scripts.node_worker import Steps, noting_secrets

__all__ = ["KEY", "Fleet", "copied", "found_homes", "make_home"]

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "tests" / "scripts" / "node_worker.py"
KEY: Final = bytes(range(32))
UNLOCK: Final = Unlock(KEY, is_key=True)
PATIENCE: Final = 300.0
"""Seconds after which something that should come by itself is taken not to come; long, for a busy machine."""


def make_home(folder: Path, name: str, listen: str, *, drive_seconds: float = 1.0) -> Home:
    """Make an organisation's home, as ``casethread init`` does."""
    home = Home(folder / name)
    organisation = config.Organisation(
        member=name, name=name.capitalize(), legal_entity=f"TEST:{name}", role=Role.HOTLINE
    )
    node = config.Node(
        listen=listen,
        endpoint=listen,
        drive_seconds=drive_seconds,
        sync_seconds=86_400,
        workers=0,
    )
    initialise(home, UNLOCK, organisation, node, at=now())
    return home


class _Founding(Federation):
    """Members in memory whose databases are those of real homes."""

    def __init__(
        self,
        contexts: dict[str, NodeContext],
        custodians: Collection[str],
        holders: Collection[str],
    ) -> None:
        super().__init__(keys=False)
        self.clock = Clock(now())
        for name, context in contexts.items():
            identity, store = context.keystore.identity, context.store
            entry = federate.own_entry(context)
            self.seats[name] = Seat(identity, entry, store, self._member(identity, store))
        super()._found(holders, support.GENEROUS)
        self.make_keys()
        more = set(custodians) - set(holders)
        if more:
            self._widen(more)

    def _found(self, *_: object) -> None:
        """Founded above, once there is somebody."""

    def _widen(self, more: Collection[str]) -> None:
        """Let others be custodians too; they hold no share yet."""
        first = next(iter(self))
        current = first.in_force
        assert current is not None
        members = tuple(
            one.replace(custodian=one.custodian or one.id in more)
            for one in current.charter.members
        )
        first.propose_charter(
            next_version(current.charter, current.digest, at=self.clock(), members=members)
        )
        self.drive()
        self.sign_all()


def found_homes(
    folder: Path,
    names: Collection[str],
    *,
    holders: Collection[str],
    custodians: Collection[str] = (),
    drive_seconds: float = 1.0,
    agreements: Collection[Collection[str]] = (),
    cases: dict[str, list[Case]] | None = None,
    terms: Mapping[str, Any] | None = None,
) -> None:
    """Make homes of a federation that is founded and has its keys.

    Args:
        folder: Where; one directory for each member.
        names: All members; all are stewards.
        holders: Who holds the keys; a majority of them evaluates.
        custodians: Who else may hold shares later.
        drive_seconds: How often each looks at what is pending; what it costs adds up.
        agreements: The parties of each agreement.
        cases: What members have tokenised already.
        terms: Fields of every agreement that are to be different.
    """
    ports = free_ports(len(names))
    for name, port in zip(names, ports, strict=True):
        make_home(folder, name, f"127.0.0.1:{port}", drive_seconds=drive_seconds)
    with ExitStack() as stack:
        contexts = {
            name: stack.enter_context(NodeContext.open(Home(folder / name), UNLOCK))
            for name in names
        }
        fed = _Founding(contexts, custodians, holders)
        for parties in agreements:
            fed.agree(*parties, **(terms or {}))
        for name, rows in (cases or {}).items():
            fed[name].put_cases(rows)
            fed[name].tokenise()


@dataclass(slots=True)
class Node:
    """One organisation: the serving process is elsewhere, its operator here."""

    name: str
    context: NodeContext
    steps: Steps
    serving: bool = False

    @property
    def charter(self) -> Charter:
        """The charter in force, also an expired one."""
        current = self.context.member.in_force
        assert current is not None
        return current.charter

    def sync(self) -> bool:
        """Run ``casethread sync``; False if anything went wrong."""
        return not synchronise(self.context).failures

    def sync_at_once(self) -> bool:
        """Do the same without waiting for the lease of a process that was killed over it."""
        return not self.context.member.sync().sent.failures


class Fleet:
    """Real nodes, one process each."""

    def __init__(self, folder: Path, notes: Path) -> None:
        """Open the homes in a folder; nothing is started.

        Args:
            folder: From `found_homes`, or a copy.
            notes: For shared counters and what to look for on disk; outside every home.
        """
        self._stack = ExitStack()
        self._notes = notes
        self.folder = folder
        self.kills: list[tuple[str, str]] = []
        """(member, the step at which it died)."""
        notes.mkdir(exist_ok=True)
        # Operators draw the secrets of ceremonies when they accept, here in this process.
        self._stack.enter_context(noting_secrets(notes / "operators.secrets"))
        self.nodes: dict[str, Node] = {}
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                self.open(path.name)
        self._worker = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def open(self, name: str) -> Node:
        """Open a home as its operator does."""
        context = self._stack.enter_context(NodeContext.open(Home(self.folder / name), UNLOCK))
        steps = Steps(self._notes / f"{name}.steps")
        self._stack.callback(steps.close)
        self.nodes[name] = Node(name, context, steps)
        return self.nodes[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._worker.communicate()
        self._stack.close()

    def __getitem__(self, name: str) -> Node:
        return self.nodes[name]

    # Processes

    def start(self, *names: str) -> None:
        """Start serving processes; all without names. They answer when this returns."""
        for name in names or tuple(self.nodes):
            node = self.nodes[name]
            port = None
            while port is None:  # it may come to its step before it listens
                order = {"home": str(self.folder / name), "key": KEY.hex()}
                port = self._order(start=name, notes=str(self._notes), **order)["port"]
                node.serving = True
                if port is None:
                    assert self._died(node, wait=True)

    def stop(self, name: str) -> None:
        """End a node as a person does."""
        status = self._order(stop=name)["status"]
        self.nodes[name].serving = False

        assert status == 0

    def revive(self) -> list[str]:
        """Start again whoever has died at its step, to live on; return their names."""
        dead = [one.name for one in self.nodes.values() if one.serving and self._died(one)]
        if dead:
            self.start(*dead)
        return dead

    def _died(self, node: Node, *, wait: bool = False) -> bool:
        """Whether a node has killed itself; from then on it lives."""
        status = self._order(poll=node.name)["status"]
        while wait and status is None:
            status = self._order(poll=node.name)["status"]
        if status is None:
            return False
        self.kills.append((node.name, node.steps.read()[1]))
        node.serving = False
        node.steps.arm()

        assert status == signal.SIGKILL
        return True

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(json.dumps(order) + "\n")
        self._worker.stdin.flush()
        line = self._worker.stdout.readline()
        if not line:
            raise AssertionError("the worker has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    # Waiting

    def all_answer(self) -> bool:
        """Whether every node answers another's operator; one that is just dying does not."""
        names = list(self.nodes)
        for asked, asker in zip(names, names[1:] + names[:1], strict=True):
            context = self.nodes[asker].context
            listing = self.nodes[asker].charter.member(asked)
            question = SyncCharter(*context.member.charter_state())
            try:
                context.peers.connect(listing).call(question, timeout=2)
            except PeerError:
                return False
        return True

    def until(self, done: Callable[[], bool], *steps: Callable[[], object]) -> None:
        """Let the nodes work until it is done; who dies is started again.

        Args:
            done: Looked at again and again.
            steps: What the operators do in each round.
        """
        end = time.monotonic() + PATIENCE
        pause = threading.Event()
        while not done():
            for step in steps:
                step()
            self.revive()
            if time.monotonic() > end:
                raise AssertionError(f"it does not come to an end; {self.state()}")
            pause.wait(0.2)

    def state(self) -> str:
        """Say where everybody stands, for whoever has to find out why it hangs."""
        return "; ".join(
            f"{name}: charter {node.context.member.charter_state()[0]}, "
            f"{[(one.phase, sorted(one.waiting_for), one.failure) for one in node.context.member.ceremonies()]}"
            for name, node in self.nodes.items()
        )

    # Operators

    def accept(self) -> None:
        """Every custodian says yes to what is proposed."""
        for node in self.nodes.values():
            for view in custody.ceremonies(node.context):
                if view.status is CeremonyStatus.PROPOSED and node.name in view.waiting_for:
                    with suppress(CeremonyError):  # over in the meantime
                        custody.accept(node.context, view.id)

    def sign(self) -> None:
        """Every steward signs what is proposed."""
        for node in self.nodes.values():
            for proposal in federate.to_sign(node.context):
                # In force in the meantime; or the own node has not seen the end of the ceremony.
                with suppress(MembershipError, CeremonyError):
                    node.context.member.sign_charter(proposal.digest)

    def versions(self) -> dict[str, int]:
        """Return the charter version in force at each."""
        return {name: one.context.member.charter_state()[0] for name, one in self.nodes.items()}

    def wrapped(self) -> set[bytes]:
        """Return everything that any node ever wrapped which would give a key share."""
        return {
            bytes.fromhex(line)
            for path in self._notes.glob("*.secrets")
            for line in path.read_text().split()
        }


def copied(template: Path, folder: Path) -> Path:
    """Copy homes that nobody has open."""
    shutil.copytree(template, folder)
    return folder

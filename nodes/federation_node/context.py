# SPDX-License-Identifier: Apache-2.0
"""An opened node: keystore, database and member. The only place that reads a clock."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, TextIO, cast

from federation.audit import OPERATOR, Actor
from federation.member import Log, Member
from federation.storage import AtRest, Store
from federation_node import config, logs
from federation_node.config import Config
from federation_node.credentials import Credentials
from federation_node.home import Home
from federation_node.keystore import Keystore
from federation_node.own_list import OwnList
from federation_node.peers import PeerPool
from federation_node.unlock import Unlock
from federation_node.workers.pool import WorkerPool, default_processes

__all__ = ["NodeContext", "monotonic", "now"]


def now() -> datetime:
    """Read the clock.

    Returns:
        The time in UTC, with whole seconds as documents have them.
    """
    return datetime.now(UTC).replace(microsecond=0)


def _exactly_now() -> datetime:
    """Read the clock as finely as a log wants it."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Read the clock that never goes back.

    Returns:
        Seconds since some fixed time.
    """
    return time.monotonic()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeContext:
    """Everything that an action needs."""

    home: Home
    config: Config
    keystore: Keystore
    """As it was opened; `credentials` knows the TLS keys of now."""
    credentials: Credentials
    store: Store
    member: Member
    own_list: OwnList
    peers: PeerPool
    workers: WorkerPool
    log: Log
    by: Actor = OPERATOR
    """Who acts."""

    @classmethod
    def open(
        cls,
        home: Home,
        unlock: Unlock,
        *,
        whole_process: bool = False,
        log_stream: TextIO | None = None,
    ) -> "NodeContext":
        """Open a node.

        Args:
            home: the node's directory.
            unlock: what opens its keystore.
            whole_process: this process does nothing else, so what libraries log goes into
                the node's log too.
            log_stream: where the log is written besides its file.

        Returns:
            The opened node; close it after use.

        Raises:
            ConfigurationError: if the home is unsafe, the keystore does not open, or the own
                screening list cannot be used.
            StoreError: if the database is not at this version.
        """
        home.check()
        settings = config.load(home)
        keystore = Keystore.open(home.keystore_file, unlock)
        logger = logs.make_logger(home.logs / "node.log", log_stream, _exactly_now)
        if whole_process:
            logs.capture_library_logs(logger)
        log = cast("Log", logger)
        store = Store.open(settings.database_url(home), AtRest(keystore.root))
        try:
            own_list = OwnList(home, settings.screening.file, store)
        except BaseException:
            store.close()
            raise

        # What follows needs the member, which is put together last.
        def charter_state() -> tuple[int, bytes]:
            return member.charter_state()

        def note(peer: str, version: int, digest: bytes) -> None:
            member.admission.note(peer, version, digest)

        def listed() -> tuple[bytes, ...]:
            return member.admission.own_certificates()

        credentials = Credentials(keystore, listed, log)
        peers = PeerPool(keystore.identity, credentials.all, charter_state, note, now)
        processes = settings.node.workers
        workers = WorkerPool(default_processes() if processes is None else processes, log)
        member = Member(
            keystore.identity,
            store,
            clock=now,
            connect=peers.connect,
            screen=own_list,
            log=log,
            compute=workers,
            strong_roles=settings.people.second_factor,
            checkpoint_every=timedelta(hours=settings.audit.checkpoint_hours),
            thread_rules=settings.threads.rules,
            answer_within=timedelta(days=settings.disclosure.answer_days),
        )
        return cls(
            home, settings, keystore, credentials, store, member, own_list, peers, workers, log
        )

    @property
    def member_names(self) -> dict[str, str]:
        """What the members of the federation are called, by id; empty in no federation."""
        current = self.member.in_force
        return {} if current is None else {one.id: one.name for one in current.charter.members}

    def acting(self, by: Actor) -> "NodeContext":
        """Return the same opened node in somebody's hands.

        Args:
            by: Who acts.
        """
        return replace(self, by=by)

    def close(self) -> None:
        """Close connections, workers and the database."""
        self.peers.close()
        self.workers.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

# SPDX-License-Identifier: Apache-2.0
"""Real homes under an in-memory federation, and a log that a test can read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from federation.charter import Identity, Role, Rules
from federation.crypto.shares import KeyShare
from federation.indicators import IndicatorClass, Lane
from federation.storage import AtRest, Store
from federation.testing import Federation
from federation_node import config
from federation_node.actions.setup import initialise
from federation_node.home import Home
from federation_node.keystore import Keystore, Stretching
from federation_node.logs import make_logger
from federation_node.unlock import Unlock

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
QUICK = Stretching(passes=1, memory_kib=1024)
"""So that the thief can try passphrases in a test's time."""
GENEROUS = Rules(identifier_daily=10**6, identifier_monthly=10**7)


@dataclass
class Journal:
    """A log that a test can read."""

    entries: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """(level, event, fields)."""

    def info(self, event: str, /, **fields: object) -> None:
        """Keep what happened."""
        self.entries.append(("info", event, fields))

    def warning(self, event: str, /, **fields: object) -> None:
        """Keep what a person should look at."""
        self.entries.append(("warning", event, fields))

    def warnings(self, event: str) -> list[dict[str, Any]]:
        """Return the fields of every warning of a name."""
        return [
            fields for level, name, fields in self.entries if (level, name) == ("warning", event)
        ]


def passphrase(text: str) -> Unlock:
    """What opens a keystore."""
    return Unlock(text.encode(), is_key=False)


def make_home(path: Path, member: str, secret: str) -> Home:
    """Make a node's home as ``casethread init`` does, with a cheaper key derivation."""
    home = Home(path)
    initialise(
        home,
        passphrase(secret),
        config.Organisation(
            member=member,
            name=member.capitalize(),
            legal_entity=f"TEST:{member}",
            role=Role.HOTLINE,
            region="MX",
        ),
        config.Node(listen="127.0.0.1:7443", endpoint=f"{member}.test:7443"),
        at=AT,
        stretching=QUICK,
    )
    return home


@contextmanager
def federate(homes: Mapping[str, tuple[Home, str]], **options: Any) -> Iterator[Federation]:
    """Found a federation whose members live in real homes: own keys, database and log.

    Args:
        homes: Home and passphrase by member id.
        options: Of `Federation`.
    """
    keystores = {
        name: Keystore.open(home.keystore_file, passphrase(secret))
        for name, (home, secret) in homes.items()
    }

    class Existing:
        """Stands for `Identity` where the federation would generate one."""

        @staticmethod
        def generate(name: str) -> Identity:
            """Take the one from the keystore."""
            return keystores[name].identity

    def open_store(name: str, _: AtRest) -> Store:
        home, _secret = homes[name]
        return Store.open(f"sqlite:///{home.database_file}", AtRest(keystores[name].root))

    def log(name: str) -> Any:
        home, _secret = homes[name]
        return make_logger(home.logs / "node.log", None, lambda: AT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("federation.testing.Identity", Existing)
        federation = Federation(*homes, store=open_store, log=log, **options)
    with federation:
        yield federation


def share_of(fed: Federation, member: str) -> KeyShare:
    """Return a custodian's share of the network lane's identifier key, as its holder has it."""
    key = fed[member].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)[0]
    own = key.custodian(member)
    assert own is not None
    with fed.seats[member].store.read() as tx:
        stored = tx.shares.get(key.key_id, own.public_share)
    assert stored is not None
    return KeyShare(stored.index, stored.secret, key.key_id, stored.generation, key.threshold)


def files_of(*roots: Path) -> dict[str, bytes]:
    """Read everything that lies on a disk now, as a thief or an image of the disk would."""
    return {
        f"{root.name}/{path.relative_to(root)}": path.read_bytes()
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }

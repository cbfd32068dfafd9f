# SPDX-License-Identifier: Apache-2.0
"""A federation of five, three of whom hold the keys 2-of-3, and resharings of them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from federation.charter import LaneKey, next_version
from federation.charter.rounds import Shares
from federation.indicators import Kind, Subject
from federation.member import CeremonyPlan
from federation.storage import AtRest, Store
from federation.testing import Federation
from tests.member import support

THREE = support.THREE
FIVE = (*THREE, "delta", "echo")


def founded(folder: Path | None = None) -> Federation:
    """Found a federation of five with keys 2-of-3; databases in files if there is a folder."""

    def store(name: str, at_rest: AtRest) -> Store:
        return Store.create(f"sqlite:///{folder}/{name}.db", at_rest)

    fed = Federation(
        *FIVE,
        custodians=THREE,
        rules=support.GENEROUS,
        store=None if folder is None else store,
    )
    widen(fed)
    return fed


@cache
def template() -> Federation:
    """Found it once; each test works on a copy."""
    return founded()


def widen(fed: Federation) -> None:
    """Let the other two be custodians as well, by a new charter; they hold no share yet."""
    current = fed["hope"].in_force
    assert current is not None
    members = tuple(one.replace(custodian=True) for one in current.charter.members)
    draft = next_version(current.charter, current.digest, at=fed.clock(), members=members)
    fed["hope"].propose_charter(draft)
    fed.drive()
    fed.sign_all()


def start(fed: Federation, initiator: str = "hope", **plan: Any) -> bytes:
    """Propose a resharing; it is known to all who take part."""
    ceremony = fed[initiator].start_ceremony(plan=CeremonyPlan(reshare=True, **plan))
    fed.drive()
    return ceremony


def accept(fed: Federation, ceremony: bytes, names: Iterable[str]) -> None:
    """Let operators say yes."""
    for name in names:
        fed[name].accept_ceremony(ceremony)


def reshare(fed: Federation, names: Iterable[str] = FIVE, **plan: Any) -> bytes:
    """Run a resharing to the charter that lists it."""
    ceremony = start(fed, **plan)
    accept(fed, ceremony, [name for name in names if name != "hope"])
    fed.drive()
    fed.sign_all()
    return ceremony


def keys(fed: Federation, name: str = "hope") -> tuple[LaneKey, ...]:
    """Return the keys in force as a member sees them."""
    return fed[name].require_charter().keys


def generations(fed: Federation) -> dict[str, list[int]]:
    """Return the generation of every share that lies in each member's database."""
    found: dict[str, list[int]] = {}
    for name, seat in fed.seats.items():
        with seat.store.read() as tx:
            found[name] = [share.generation for share in tx.shares.list()]
    return found


def all_tokens(fed: Federation, name: str) -> set[bytes]:
    """Return every token that a member has, decrypted."""
    key = support.key_of(fed[name])
    with fed.seats[name].store.read() as tx:
        eligible = tx.tokens.eligible(key.key_id, Kind, Subject)
    return {token for _, token in eligible}


def secrets_of(stores: Iterable[Store]) -> set[bytes]:
    """Return all that would give a share: wrapped rows, and what was sealed to custodians."""
    found = set()
    for store in stores:
        with store.read() as tx:
            connection = tx.shares._session.connection()
            found |= {row[0] for row in connection.exec_driver_sql("SELECT secret FROM shares")}
            for (envelope,) in connection.exec_driver_sql("SELECT envelope FROM ceremony_messages"):
                if Shares.decode_envelope(envelope).payload_type == Shares.TYPE:
                    found.add(envelope)
    return found


def left(folder: Path, looked_for: Iterable[bytes]) -> set[bytes]:
    """Return which of these lie in any file below a folder, even in part."""
    disk = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    # A long row is spread over pages; its beginning says nothing secret.
    return {
        one
        for one in looked_for
        if any(
            one[at : at + 40] in disk
            for at in range(max(0, min(512, len(one) - 40)), len(one), 256)
        )
    }

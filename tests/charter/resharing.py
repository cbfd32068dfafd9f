# SPDX-License-Identifier: Apache-2.0
"""Five members, three of whom hold a key 2-of-3, and resharings of it."""

from collections.abc import Iterable
from functools import cache

from federation.charter import Ceremony, Charter, Outcome, found, with_keys
from federation.charter.ceremony import propose_resharing
from federation.crypto.shares import KeyShare
from tests.charter import support
from tests.charter.support import DAY, FEDERATION, NOW, charter_digest, identity, member

OLD = ("amparo", "hope", "licht")
NEW = ("amparo", "delta", "echo", "hope", "licht")
LATER = NOW + DAY
Shares = dict[str, KeyShare]


@cache
def base() -> tuple[Charter, Shares]:
    """Return a charter that lists one key 2-of-3 among five custodians, and its shares."""
    first = found("Carnival", tuple(map(member, NEW)), federation_id=FEDERATION, at=NOW)
    proposal = support.propose(
        identity("hope"),
        first,
        charter_digest(first),
        ceremony_id=support.CEREMONY,
        participants=dict(enumerate(OLD, start=1)),
        threshold=2,
        keys=support.ONE_KEY,
        at=NOW,
    )
    everybody = {name: Ceremony.load(identity(name), first, [proposal], None) for name in OLD}
    support.run(everybody)
    outcome = everybody["hope"].outcome
    assert outcome is not None
    return with_keys(first, charter_digest(first), outcome, at=LATER), shares_of(everybody)


def shares_of(everybody: dict[str, Ceremony]) -> Shares:
    """Return the share that each participant ended with."""
    found: Shares = {}
    for name, one in everybody.items():
        assert one.outcome is not None
        for share in one.outcome.shares.values():
            found[name] = share
    return found


def resharing(
    charter: Charter,
    *,
    dealers: Iterable[str] = ("amparo", "hope"),
    receivers: Iterable[str] = NEW,
    threshold: int = 3,
    ceremony_id: bytes = bytes(16),
    initiator: str = "hope",
) -> dict[str, Ceremony]:
    """Return a proposed resharing as each of its participants sees it."""
    dealing, receiving = set(dealers), set(receivers)
    proposal = propose_resharing(
        identity(initiator),
        charter,
        charter_digest(charter),
        ceremony_id=ceremony_id,
        receivers=receiving,
        dealers=dealing,
        threshold=threshold,
        keys=charter.keys,
        at=LATER,
    )
    return {
        name: Ceremony.load(identity(name), charter, [proposal], None)
        for name in sorted(dealing | receiving)
    }


def accept(everybody: dict[str, Ceremony], held: Shares) -> None:
    """Let all accept, with the shares that they hold."""
    for name, one in everybody.items():
        share = held.get(name)
        one.accept(LATER, {} if share is None else {share.key_id: share})


def run(everybody: dict[str, Ceremony], held: Shares) -> Outcome:
    """Let all accept, run the ceremony to its end, and return what one of them sees."""
    accept(everybody, held)
    support.deliver(everybody)
    outcome = everybody["hope"].outcome
    assert outcome is not None
    return outcome

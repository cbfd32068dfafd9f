# SPDX-License-Identifier: Apache-2.0
"""Members with fixed keys, and a federation of three of them."""

import hashlib
from datetime import UTC, datetime, timedelta

from federation.charter import (
    Applicant,
    Ceremony,
    Charter,
    Identity,
    KeySpec,
    Member,
    Role,
    found,
)
from federation.charter.ceremony import propose
from federation.crypto.signing import SigningKey
from federation.documents import digest
from federation.indicators import IndicatorClass, Lane

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FEDERATION = bytes(range(16))
CEREMONY = bytes(range(16, 32))
ALL_KEYS = [KeySpec(lane=lane, cls=cls, epoch=1) for lane in Lane for cls in IndicatorClass]
ONE_KEY = [KeySpec(lane=Lane.NETWORK, cls=IndicatorClass.IDENTIFIER, epoch=1)]


def secret(*labels: str) -> bytes:
    """Return 32 fixed bytes for a label."""
    return hashlib.sha256(b"test" + "/".join(labels).encode()).digest()


def identity(member_id: str) -> Identity:
    """Return an identity with fixed keys."""
    return Identity(
        member_id,
        SigningKey.from_bytes(secret(member_id, "signing")),
        secret(member_id, "agreement"),
        secret(member_id, "sealing"),
    )


def applicant(member_id: str, **changes: object) -> Applicant:
    """Return the public data of a member with fixed keys."""
    made = Applicant.of(
        identity(member_id),
        name=f"{member_id.title()} e.V.",
        legal_entity=f"REG:{member_id}",
        role=Role.HOTLINE,
        endpoint=f"{member_id}.example:7443",
        certificates=(secret(member_id, "certificate"),),
    )
    return made.replace(**changes)


def member(member_id: str, **changes: object) -> Member:
    """Return a founder's entry: steward and custodian."""
    made = applicant(member_id).as_member(
        steward=True, custodian=True, since_version=1, admitted=NOW
    )
    return made.replace(**changes)


def charter(*names: str) -> Charter:
    """Return a first charter; hope, amparo and licht without names."""
    members = tuple(member(name) for name in names or ("amparo", "hope", "licht"))
    return found("Carnival", members, federation_id=FEDERATION, at=NOW)


def charter_digest(one: Charter) -> bytes:
    """Return the hash of a charter's payload."""
    return digest(one.to_bytes())


def ceremonies(
    names: tuple[str, ...] = ("amparo", "hope", "licht"),
    *,
    keys: list[KeySpec] | None = None,
    threshold: int = 2,
) -> dict[str, Ceremony]:
    """Return a proposed ceremony as each of its participants sees it."""
    base = charter(*names)
    proposal = propose(
        identity(names[0]),
        base,
        charter_digest(base),
        ceremony_id=CEREMONY,
        participants=dict(enumerate(names, start=1)),
        threshold=threshold,
        keys=keys or ONE_KEY,
        at=NOW,
    )
    return {name: Ceremony.load(identity(name), base, [proposal], None) for name in names}


def deliver(all_of_them: dict[str, Ceremony]) -> None:
    """Let everybody advance and hear everything until nothing is new."""
    moved = True
    while moved:
        moved = False
        for one in all_of_them.values():
            moved |= bool(one.advance())
            for other in all_of_them.values():
                for envelope in one.messages:
                    moved |= other.receive(envelope)


def run(all_of_them: dict[str, Ceremony]) -> None:
    """Let all accept, and run the ceremony to its end."""
    for one in all_of_them.values():
        one.accept(NOW)
    deliver(all_of_them)

# SPDX-License-Identifier: Apache-2.0
"""Drafts of a charter: the first, and the next with a member more, a member less, new keys."""

from datetime import datetime, timedelta
from typing import Any

from federation.charter.ceremony import Outcome
from federation.charter.charter import Charter
from federation.charter.keys import KeyStatement, LaneKey
from federation.charter.members import Member
from federation.charter.rules import Rules
from federation.errors import MembershipError

__all__ = [
    "found",
    "next_version",
    "with_founder",
    "with_keys",
    "with_member",
    "with_suspension",
    "without_member",
]


def found(
    name: str,
    members: tuple[Member, ...],
    *,
    federation_id: bytes,
    at: datetime,
    rules: Rules | None = None,
    lifetime_days: int = 365,
    grace_days: int = 14,
) -> Charter:
    """Draft the first version of a charter.

    Args:
        name: The federation's name for people.
        members: The founders known so far, in any order.
        federation_id: 16 random bytes.
        at: Now, UTC, whole seconds.
        rules: Budgets; the defaults without.
        lifetime_days: Until it expires.
        grace_days: How long nodes go on after that.

    Raises:
        MembershipError: The founders do not fit together.
        MalformedError: A field is out of range.
    """
    return Charter(
        federation_id=federation_id,
        name=name,
        version=1,
        previous=None,
        issued=at,
        expires=at + timedelta(days=lifetime_days),
        grace_days=grace_days,
        members=tuple(sorted(members, key=lambda one: one.id)),
        keys=(),
        statements=(),
        rules=rules or Rules(),
    )


def with_founder(draft: Charter, member: Member) -> Charter:
    """Add a founder to the draft of the first version.

    Args:
        draft: The draft; nobody has signed it yet.
        member: The founder, in place of an entry with the same id. Its age is set here.

    Raises:
        MembershipError: It is not a first version, or the founders do not fit together.
    """
    if draft.version != 1:
        raise MembershipError("founders belong to the first version of a charter")
    entry = member.replace(since_version=1, admitted=draft.issued)
    others = [one for one in draft.members if one.id != member.id]
    return draft.replace(members=tuple(sorted([*others, entry], key=lambda one: one.id)))


def next_version(charter: Charter, digest: bytes, *, at: datetime, **changes: Any) -> Charter:
    """Draft a version that follows, and lasts as long as the one before did.

    Args:
        charter: The charter in force.
        digest: SHA-256 of its payload.
        at: Now, UTC, whole seconds.
        **changes: Fields that differ.

    Raises:
        MembershipError: The result is inconsistent.
        MalformedError: A field is out of range.
    """
    issued = max(at, charter.issued)
    following = {
        "version": charter.version + 1,
        "previous": digest,
        "issued": issued,
        "expires": issued + (charter.expires - charter.issued),
    }
    return charter.replace(**(following | changes))


def with_member(charter: Charter, digest: bytes, member: Member, *, at: datetime) -> Charter:
    """Draft a version with one member more, or with new data of a member.

    Args:
        charter: The charter in force.
        digest: SHA-256 of its payload.
        member: The entry. Its age is set here: a newcomer's to now, a member's as it was.
        at: Now.

    Raises:
        MembershipError: The result is inconsistent.
    """
    issued = max(at, charter.issued)
    before = next((one for one in charter.members if one.id == member.id), None)
    if before is None:
        entry = member.replace(since_version=charter.version + 1, admitted=issued)
    else:
        entry = member.replace(since_version=before.since_version, admitted=before.admitted)
    others = [one for one in charter.members if one.id != member.id]
    members = tuple(sorted([*others, entry], key=lambda one: one.id))
    keys = charter.keys
    if before is not None and not entry.custodian:
        keys = _without_custodian(charter, member.id)
    return next_version(charter, digest, at=at, members=members, **_backed(charter, keys))


def without_member(charter: Charter, digest: bytes, member_id: str, *, at: datetime) -> Charter:
    """Draft a version without a member.

    Its shares are struck from the keys. A key that the remaining custodians cannot evaluate
    is dropped if a newer epoch of it is live.

    Args:
        charter: The charter in force.
        digest: SHA-256 of its payload.
        member_id: Who leaves.
        at: Now.

    Raises:
        MembershipError: There is no such member, or too few custodians would remain.
    """
    charter.member(member_id)
    members = tuple(one for one in charter.members if one.id != member_id)
    keys = _without_custodian(charter, member_id)
    return next_version(charter, digest, at=at, members=members, **_backed(charter, keys))


def with_suspension(
    charter: Charter, digest: bytes, member_id: str, *, suspended: bool, at: datetime
) -> Charter:
    """Draft a version in which a member is suspended, or is so no longer.

    A suspended member keeps its place and its shares; it is asked nothing and answered nothing.

    Args:
        charter: The charter in force.
        digest: SHA-256 of its payload.
        member_id: Whom it is about.
        suspended: Whether it is to be suspended.
        at: Now.

    Raises:
        MembershipError: There is no such member, nothing would change, or no steward is left.
    """
    if charter.member(member_id).suspended == suspended:
        raise MembershipError("the member is so already")
    members = tuple(
        one.replace(suspended=suspended) if one.id == member_id else one for one in charter.members
    )
    return next_version(charter, digest, at=at, members=members)


def _without_custodian(charter: Charter, member_id: str) -> tuple[LaneKey, ...]:
    kept = []
    for key in charter.keys:
        rest = tuple(one for one in key.custodians if one.member != member_id)
        if len(rest) >= key.threshold:
            kept.append(key.replace(custodians=rest))
        elif key == charter.live_keys(key.lane, key.cls)[-1]:
            raise MembershipError(
                "too few custodians would remain for a key",
                next_step="run a key ceremony among the others first, then remove the member",
            )
    return tuple(kept)


def with_keys(charter: Charter, digest: bytes, outcome: Outcome, *, at: datetime) -> Charter:
    """Draft a version that lists the keys of a finished ceremony, new or shared anew.

    When a third epoch of a key would live, the oldest one is dropped.

    Args:
        charter: The charter in force.
        digest: SHA-256 of its payload.
        outcome: What the ceremony gave.
        at: Now.

    Raises:
        MembershipError: The result is inconsistent.
    """
    keys = list(charter.keys)
    for key in outcome.lane_keys:
        before = next((one for one in keys if one.key_id == key.key_id), None)
        if before is not None:
            if key.generation != before.generation + 1:
                raise MembershipError("the key has been reshared otherwise since")
            keys.remove(before)
        elif key.generation != 1:
            raise MembershipError("the key that was reshared is not in force any more")
        live = [one for one in keys if (one.lane, one.cls) == (key.lane, key.cls)]
        if before is None and len(live) > 1:
            keys.remove(live[0])
        keys.append(key)
    listed = tuple(sorted(keys, key=lambda one: one.order))
    return next_version(charter, digest, at=at, **_backed(charter, listed, outcome.statement))


def _backed(charter: Charter, keys: tuple[LaneKey, ...], *fresh: bytes) -> dict[str, Any]:
    live = {(key.key_id, key.generation) for key in keys}
    statements = {
        envelope
        for envelope in (*charter.statements, *fresh)
        if live
        & {(key.key_id, key.generation) for key in KeyStatement.from_envelope(envelope).lane_keys()}
    }
    return {"keys": keys, "statements": tuple(sorted(statements))}

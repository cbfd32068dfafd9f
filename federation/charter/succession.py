# SPDX-License-Identifier: Apache-2.0
"""What may change from one charter version to the next, whoever signed it."""

from datetime import datetime, timedelta

from federation.charter.charter import Charter
from federation.charter.keys import KeyStatement, LaneKey
from federation.charter.members import Member
from federation.charter.resharing import resharing_fault
from federation.documents import open_envelope
from federation.errors import CryptoError, MembershipError, VerifyError

__all__ = ["check_admissions", "check_new_keys", "verify_statement"]

CLOCK_TOLERANCE = timedelta(seconds=300)
"""How far the clocks of honest nodes may differ."""

CEREMONY_AGE = timedelta(days=30)
"""How old a ceremony may be when a charter first lists its keys."""


def check_admissions(previous: Charter, charter: Charter) -> None:
    """Refuse a member whose age is not true: it decides the budget.

    Who has other keys is another member, whatever its name: stewards cannot hand a member's
    place, with its age, to somebody else.

    Args:
        previous: The version before.
        charter: The version that follows.

    Raises:
        MembershipError: An admission was changed or backdated.
    """
    known = {member.id: member for member in previous.members}
    for member in charter.members:
        before = known.get(member.id)
        if before is None or _keys(before) != _keys(member):
            backdated = member.since_version != charter.version or member.admitted < previous.issued
        else:
            backdated = _age(member) != _age(before)
        if backdated:
            raise MembershipError("a member's admission is not when the charter says")


def _age(member: Member) -> tuple[int, datetime]:
    return member.since_version, member.admitted


def _keys(member: Member) -> tuple[bytes, bytes, bytes]:
    return member.signing_key, member.agreement_key, member.sealing_key


def check_new_keys(previous: Charter, previous_digest: bytes, charter: Charter) -> None:
    """Refuse keys that their custodians have not stated, or that changed.

    Args:
        previous: The version before.
        previous_digest: SHA-256 of its payload.
        charter: The version that follows.

    Raises:
        MembershipError: Says what is wrong.
        VerifyError: A new statement does not hold.
        MalformedError: A statement is none.
    """
    known = {key.key_id: key for key in previous.keys}
    stated = _stated(previous, previous_digest, charter)
    holders = {member.id for member in charter.members if member.custodian}
    for key in charter.keys:
        if key.key_id not in stated:
            raise MembershipError("a key is listed without its statement")
        statement, fresh = stated[key.key_id]
        before = known.get(key.key_id)
        if before is not None and before.generation == key.generation:
            if fresh:
                raise MembershipError("a key in force gets another statement")
            _check_kept(before, key, holders)
        elif key != statement:
            raise MembershipError("a key is listed otherwise than its custodians stated")
        elif before is not None:
            _check_reshared(before, key)
        elif any(key.epoch <= one.epoch for one in previous.live_keys(key.lane, key.cls)):
            raise MembershipError("a new key does not begin a new epoch")


def _stated(
    previous: Charter, previous_digest: bytes, charter: Charter
) -> dict[bytes, tuple[LaneKey, bool]]:
    """Return what backs each key id, and whether that statement is new."""
    listed = {(key.key_id, key.generation) for key in charter.keys}
    stated: dict[bytes, tuple[LaneKey, bool]] = {}
    for envelope in charter.statements:
        fresh = envelope not in previous.statements
        statement = (
            verify_statement(previous, previous_digest, charter, envelope)
            if fresh
            else KeyStatement.from_envelope(envelope)
        )
        # A statement may stay for some of its keys when others were reshared since.
        backed = {
            key.key_id: (key, fresh)
            for key in statement.lane_keys()
            if (key.key_id, key.generation) in listed
        }
        if not backed:
            raise MembershipError("a statement backs no key of the charter")
        if backed.keys() & stated.keys():
            raise MembershipError("two statements back one key")
        stated |= backed
    return stated


def _check_kept(before: LaneKey, after: LaneKey, holders: set[str]) -> None:
    gone = tuple(one for one in before.custodians if one not in after.custodians)
    # Only who is no custodian any more may be dropped; nothing else of a key ever changes
    # without a resharing.
    if after.replace(custodians=before.custodians) != before:
        raise MembershipError("a key changes without a resharing")
    if not set(after.custodians) <= set(before.custodians):
        raise MembershipError("a share is listed that nobody was dealt")
    if any(one.member in holders for one in gone):
        raise MembershipError("a custodian is dropped from a key though it still is one")


def _check_reshared(before: LaneKey, after: LaneKey) -> None:
    # Also an old statement, which was true once, does not bring its shares back.
    if after.generation != before.generation + 1:
        raise MembershipError("a generation of a key does not follow")
    if (after.order, after.public_key) != (before.order, before.public_key):
        raise MembershipError("a resharing changes the key")


def verify_statement(
    previous: Charter, previous_digest: bytes, charter: Charter, envelope: bytes
) -> KeyStatement:
    """Verify the statement that backs keys which a new charter lists first.

    Args:
        previous: The version before, whose signing keys count.
        previous_digest: SHA-256 of its payload.
        charter: The version that lists the keys.
        envelope: The statement's DSSE envelope.

    Raises:
        VerifyError: A participant has not signed, or the shares give no key.
        MembershipError: It belongs to another federation, charter or time, or reshares
            something else than the keys in force.
        MalformedError: Not a key statement.
    """
    claimed = KeyStatement.from_envelope(envelope)
    if claimed.federation_id != previous.federation_id:
        raise MembershipError("a key statement is of another federation")
    if claimed.charter_version > previous.version or (
        claimed.charter_version == previous.version and claimed.charter_digest != previous_digest
    ):
        raise MembershipError("a key statement is of another charter")
    age = charter.issued - claimed.proposed_at
    if not -CLOCK_TOLERANCE <= age <= CEREMONY_AGE:
        raise MembershipError("a key statement is too old, or from the future")
    for one in claimed.participants:
        member = previous.member(one.member)
        keys = (member.signing_key, member.sealing_key)
        if not member.custodian or keys != (one.signing_key, one.sealing_key):
            raise MembershipError("a key statement names a custodian that the charter does not")
    if claimed.resharing is not None:
        fault = resharing_fault(claimed, claimed.keys, previous.keys)
        if fault is not None:
            raise MembershipError(fault)
    signers = {one.member: one.signing_key for one in claimed.participants}
    statement = open_envelope(KeyStatement, envelope, signers, len(signers))
    try:
        statement.check_groups()
    except CryptoError as error:
        raise VerifyError("a stated key does not fit its shares") from error
    return statement

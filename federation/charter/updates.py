# SPDX-License-Identifier: Apache-2.0
"""A member tells the stewards, by a signed file, that its name, endpoint or certificates change.

Its keys, its role and its legal entity do not change in this way: who has other keys is
another member, and joins.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from federation.charter.charter import Charter
from federation.charter.identity import Identity
from federation.charter.members import Applicant, Member
from federation.crypto import dsse
from federation.documents import Document, Hex16, Instant, open_envelope, sign
from federation.errors import MembershipError

__all__ = ["MemberUpdate", "open_update", "request_update"]

_FIXED: Final = ("role", "legal_entity", "signing_key", "agreement_key", "sealing_key")
_LIFETIME: Final = timedelta(days=30)
_TOLERANCE: Final = timedelta(seconds=300)


class MemberUpdate(Document):
    """What a member wants the charter to say about it from now on."""

    TYPE: ClassVar[str] = "ct/v1/member-update"
    LIMIT: ClassVar[int] = 32 * 1024

    federation_id: Hex16
    applicant: Applicant
    """Its entry, with the changes."""
    issued: Instant


def request_update(
    identity: Identity, applicant: Applicant, charter: Charter, *, at: datetime
) -> bytes:
    """Write the file for a steward.

    Args:
        identity: The member.
        applicant: Its entry, with the changes.
        charter: The charter in force.
        at: Now, UTC, whole seconds.

    Returns:
        The signed envelope: the content of the file.

    Raises:
        MembershipError: It is no member, nothing changes, or something that may not.
    """
    update = MemberUpdate(federation_id=charter.federation_id, applicant=applicant, issued=at)
    _changed(update, charter)
    return dsse.encode(sign(update, identity.member_id, identity.signing))


def open_update(envelope: bytes, charter: Charter, *, at: datetime) -> Member:
    """Read such a file, at a steward.

    Args:
        envelope: The content of the file.
        charter: The charter in force, which knows the member's key.
        at: Now.

    Returns:
        The entry for the next charter version.

    Raises:
        VerifyError: It is not signed by the member that it is about.
        MembershipError: It is old, of another federation, or changes what it may not.
        MalformedError: Not such a file.
    """
    claimed = MemberUpdate.from_envelope(envelope).applicant.id
    member = charter.member(claimed)
    update = open_envelope(MemberUpdate, envelope, {claimed: member.signing_key}, 1)
    if update.federation_id != charter.federation_id:
        raise MembershipError("the update is for another federation")
    if not -_TOLERANCE <= at - update.issued <= _LIFETIME:
        raise MembershipError(
            "the update is too old, or from the future",
            next_step="ask for a new file: casethread federation update --out FILE",
        )
    return _changed(update, charter)


def _changed(update: MemberUpdate, charter: Charter) -> Member:
    member = charter.member(update.applicant.id)
    if any(getattr(member, name) != getattr(update.applicant, name) for name in _FIXED):
        raise MembershipError("an update changes no keys, no role and no legal entity")
    entry = member.replace(
        **{name: getattr(update.applicant, name) for name in ("name", "endpoint", "certificates")}
    )
    if entry == member:
        raise MembershipError("the charter says so already")
    return entry

# SPDX-License-Identifier: Apache-2.0
"""Joining by file, so that no port is open to strangers.

A member writes an invitation, the invited organisation answers with a request, and a
steward admits it. Both files are signed by those who write them; that the keys belong to
the right people is what eight words, compared by voice, are for.
"""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter.identity import Identity
from federation.charter.members import Applicant, Member
from federation.charter.words import eight_words
from federation.crypto import dsse
from federation.documents import Document, Hex16, Hex32, Instant, Text, digest, open_envelope, sign
from federation.errors import MembershipError

__all__ = [
    "Invitation",
    "JoinRequest",
    "invite",
    "open_invitation",
    "open_request",
    "request_to_join",
    "words_for",
]

_TOLERANCE = timedelta(seconds=300)


class Invitation(Document):
    """Where to find a federation, and by whose keys to know it."""

    TYPE: ClassVar[str] = "ct/v1/invitation"
    LIMIT: ClassVar[int] = 32 * 1024

    federation_id: Hex16
    federation: Text
    """The federation's name for people."""
    inviter: Applicant
    """Endpoint, keys and certificates of the member that invites."""
    charter_version: Annotated[int, Field(ge=0, le=2**32 - 1)]
    """The charter in force; 0 while the founders still gather."""
    charter_digest: Hex32 | None
    """SHA-256 of that charter's payload: what the invited node fetches must be this, or
    lead to it, or follow it. None while the founders still gather."""
    nonce: Hex16
    """Random: every invitation has its own words."""
    issued: Instant
    expires: Instant

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.charter_version == 0) != (self.charter_digest is None):
            raise ValueError("the charter's version and hash do not belong together")
        if self.expires <= self.issued:
            raise ValueError("the invitation ends before it begins")
        return self


class JoinRequest(Document):
    """An organisation asks to be admitted, in answer to one invitation."""

    TYPE: ClassVar[str] = "ct/v1/join-request"
    LIMIT: ClassVar[int] = 32 * 1024

    federation_id: Hex16
    invitation: Hex32
    """SHA-256 of the invitation's payload."""
    applicant: Applicant
    custodian: bool
    """Whether it is willing to hold shares of keys."""
    steward: bool
    """Whether it is willing to sign charters."""
    nonce: Hex16
    """Random, so that nobody can prepare an invitation with the same words."""
    issued: Instant

    def admitted(self, *, version: int, at: datetime, steward: bool, custodian: bool) -> Member:
        """Return the member that a charter lists once a steward agrees.

        Args:
            version: The charter version that will list it.
            at: When that charter is issued.
            steward: Whether its signature is to count.
            custodian: Whether it may hold shares.

        Raises:
            MembershipError: It is to get a duty that it did not offer to take.
        """
        if (steward and not self.steward) or (custodian and not self.custodian):
            raise MembershipError("the applicant did not offer to take this duty")
        return self.applicant.as_member(
            steward=steward, custodian=custodian, since_version=version, admitted=at
        )


def invite(
    identity: Identity,
    inviter: Applicant,
    *,
    federation_id: bytes,
    federation: str,
    charter: tuple[int, bytes] | None,
    nonce: bytes,
    at: datetime,
    days: int = 14,
) -> bytes:
    """Write an invitation.

    Args:
        identity: The member that invites.
        inviter: Its public data.
        federation_id: Which federation, 16 bytes.
        federation: Its name for people.
        charter: Version and hash of the charter in force, or None before the first.
        nonce: 16 random bytes.
        at: Now, UTC, whole seconds.
        days: How long it can be answered.

    Returns:
        The signed envelope: the content of the file.

    Raises:
        MalformedError: A field is out of range.
    """
    invitation = Invitation(
        federation_id=federation_id,
        federation=federation,
        inviter=_public(inviter),
        charter_version=0 if charter is None else charter[0],
        charter_digest=None if charter is None else charter[1],
        nonce=nonce,
        issued=at,
        expires=at + timedelta(days=days),
    )
    return dsse.encode(sign(invitation, identity.member_id, identity.signing))


def _public(applicant: Applicant) -> Applicant:
    # A charter's entry says more about a member than an invitation does.
    return Applicant(**{name: getattr(applicant, name) for name in Applicant.model_fields})


def open_invitation(envelope: bytes, *, at: datetime) -> Invitation:
    """Read an invitation. That its keys are the right ones, only the words show.

    Args:
        envelope: The content of the file.
        at: Now.

    Raises:
        VerifyError: The inviter's own signature does not hold.
        MembershipError: It is over, or from the future.
        MalformedError: Not an invitation.
    """
    claimed = Invitation.from_envelope(envelope).inviter
    invitation = open_envelope(Invitation, envelope, {claimed.id: claimed.signing_key}, 1)
    if not invitation.issued - _TOLERANCE <= at < invitation.expires:
        raise MembershipError(
            "the invitation is over, or from the future",
            next_step="check this machine's clock, or ask for a new invitation",
        )
    return invitation


def request_to_join(
    identity: Identity,
    applicant: Applicant,
    invitation: bytes,
    *,
    steward: bool,
    custodian: bool,
    nonce: bytes,
    at: datetime,
) -> bytes:
    """Answer an invitation.

    Args:
        identity: Who wants to join.
        applicant: Its public data.
        invitation: The invitation's envelope.
        steward: Whether it is willing to sign charters.
        custodian: Whether it is willing to hold shares.
        nonce: 16 random bytes.
        at: Now, UTC, whole seconds.

    Returns:
        The signed envelope: the content of the file.

    Raises:
        VerifyError: The invitation's signature does not hold.
        MembershipError: The invitation is over, or invites under the applicant's own name.
        MalformedError: A field is out of range.
    """
    opened = open_invitation(invitation, at=at)
    if opened.inviter.id == applicant.id:
        raise MembershipError(
            "the federation knows another member by this name",
            next_step="choose another member id",
        )
    request = JoinRequest(
        federation_id=opened.federation_id,
        invitation=_payload_digest(Invitation, invitation),
        applicant=applicant,
        steward=steward,
        custodian=custodian,
        nonce=nonce,
        issued=at,
    )
    return dsse.encode(sign(request, identity.member_id, identity.signing))


def open_request(envelope: bytes, invitation: bytes, *, at: datetime) -> JoinRequest:
    """Read a request to join, at the side that invited.

    Args:
        envelope: The content of the file.
        invitation: The envelope of the invitation that it must answer.
        at: Now.

    Raises:
        VerifyError: The applicant's own signature does not hold.
        MembershipError: It answers another invitation, or too late.
        MalformedError: Not a request to join.
    """
    claimed = JoinRequest.from_envelope(envelope).applicant
    request = open_envelope(JoinRequest, envelope, {claimed.id: claimed.signing_key}, 1)
    opened = open_invitation(invitation, at=at)
    if request.invitation != _payload_digest(Invitation, invitation):
        raise MembershipError("the request answers another invitation")
    if request.federation_id != opened.federation_id:
        raise MembershipError("the request is for another federation")
    if not opened.issued - _TOLERANCE <= request.issued <= at + _TOLERANCE:
        raise MembershipError("the request is not from now")
    return request


def _payload_digest(cls: type[Document], envelope: bytes) -> bytes:
    return digest(cls.decode_envelope(envelope).payload)


def words_for(invitation: bytes, request: bytes) -> list[str]:
    """Return the eight words that both sides see.

    Args:
        invitation: The invitation's envelope.
        request: The request's envelope.

    Raises:
        MalformedError: Not such envelopes.
    """
    return eight_words(
        Invitation.decode_envelope(invitation).payload,
        JoinRequest.decode_envelope(request).payload,
    )

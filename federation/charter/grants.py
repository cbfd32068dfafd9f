# SPDX-License-Identifier: Apache-2.0
"""Bulk grants: a bigger budget for a member that brings in the cases it already has.

A grant names one source system and its size, is signed by as many custodians as an
evaluation takes, and is shown to every member. It is the one way around the daily budget,
so what it is for is a closed list: a register of the population, a voter roll or a
subscriber list would turn pseudonyms into names, and has no entry in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter.charter import Charter
from federation.charter.identity import Identity
from federation.charter.keys import LaneKey
from federation.charter.members import Role
from federation.crypto import dsse
from federation.documents import Document, Hex16, Instant, MemberId, Text, sign
from federation.errors import MembershipError, PolicyError, VerifyError
from federation.indicators import IndicatorClass, Lane

__all__ = [
    "LONGEST_GRANT",
    "PERSON_EVALUATIONS",
    "Approval",
    "BulkGrant",
    "SourceKind",
    "approval",
    "check_grant",
    "merge_grants",
    "propose_grant",
    "sign_grant",
]

LONGEST_GRANT = timedelta(days=7)
PERSON_EVALUATIONS = 100
"""What one person is charged at."""


class SourceKind(StrEnum):
    """What a source system may be: the member's own records of its own cases."""

    CASE_MANAGEMENT = "case-management"
    HOTLINE_LOG = "hotline-log"
    CASE_FILES = "case-files"
    """Paper or documents, typed in."""
    SPREADSHEET = "spreadsheet"
    """Cases kept in spreadsheets."""
    INTELLIGENCE_DATABASE = "intelligence-database"
    """Reports about recruiters and their means, collected by the member."""


class BulkGrant(Document):
    """What custodians allow one member, once."""

    TYPE: ClassVar[str] = "ct/v1/bulk-grant"
    LIMIT: ClassVar[int] = 8 * 1024

    federation_id: Hex16
    member: MemberId
    """Who may ask for more."""
    source: Text
    """The name of the source system."""
    source_kind: SourceKind
    rows: Annotated[int, Field(ge=1, le=10**9)]
    """How many records the source has."""
    lane: Lane
    cls: IndicatorClass
    amount: Annotated[int, Field(ge=1, le=10**7)]
    """Identifiers or people, as the class says."""
    valid_from: Instant
    valid_until: Instant
    nonce: Hex16
    """Random."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.valid_from < self.valid_until <= self.valid_from + LONGEST_GRANT:
            raise ValueError("a bulk grant lasts at most seven days")
        return self

    @property
    def evaluations(self) -> int:
        """The budget that it gives at each custodian."""
        person = self.cls is IndicatorClass.PERSON
        return self.amount * (PERSON_EVALUATIONS if person else 1)


@dataclass(frozen=True, slots=True)
class Approval:
    """How far a grant is."""

    signers: frozenset[str]
    """Members whose signature holds and counts."""
    missing: int
    """How many more signatures it takes; 0 when it is good."""
    may_sign: frozenset[str]
    """Members whose signature would count and is not there."""


def check_grant(grant: BulkGrant, charter: Charter, at: datetime) -> None:
    """Refuse a grant that the charter does not allow, or that is over.

    Args:
        grant: Its signatures aside.
        charter: The charter in force.
        at: Now.

    Raises:
        PolicyError: Says why.
        MembershipError: It is of another federation, or for nobody.
    """
    if grant.federation_id != charter.federation_id:
        raise MembershipError("the grant is of another federation")
    member = charter.member(grant.member)
    if member.suspended:
        raise PolicyError("a suspended member gets no bulk grant")
    if member.role in {Role.LAW_ENFORCEMENT, Role.OVERSIGHT}:
        raise PolicyError("neither law enforcement nor oversight gets a bulk grant")
    person = grant.cls is IndicatorClass.PERSON
    if grant.amount > (charter.rules.bulk_people if person else charter.rules.bulk_identifiers):
        raise PolicyError("the grant exceeds what the charter allows at once")
    if grant.valid_until <= at:
        raise PolicyError("the grant is over")
    if grant.valid_from > at + LONGEST_GRANT:
        raise PolicyError("the grant begins too far from now")
    _key(grant, charter)


def _key(grant: BulkGrant, charter: Charter) -> LaneKey:
    keys = charter.live_keys(grant.lane, grant.cls)
    if not keys:
        raise MembershipError("the federation has no key of this lane and class")
    return keys[-1]


def _signers(grant: BulkGrant, charter: Charter) -> tuple[set[str], set[str], int]:
    """Custodians and others whose signatures count, and how many custodians it takes."""
    key = _key(grant, charter)
    able = set(charter.signing_keys) - {grant.member}
    custodians = {one.member for one in key.custodians} & able
    # A second pair of eyes for survivors: another custodian, or a steward.
    others = {one.id for one in charter.stewards} & able if grant.lane is Lane.SURVIVOR else set()
    return custodians, custodians | others, key.threshold


def _eligible(grant: BulkGrant, charter: Charter) -> Mapping[str, bytes]:
    _, able, _ = _signers(grant, charter)
    return {name: key for name, key in charter.signing_keys.items() if name in able}


def approval(envelope: bytes, charter: Charter) -> Approval:
    """Say whose signatures a grant has and needs.

    As many custodians of the newest key sign as an evaluation takes, the member that it is
    for not among them. In the survivor lane one more custodian, or a steward, signs as well.

    Args:
        envelope: The grant's DSSE envelope.
        charter: The charter in force.

    Raises:
        MalformedError: Not a bulk grant.
        MembershipError: The federation has no such key.
    """
    grant = BulkGrant.from_envelope(envelope)
    custodians, able, threshold = _signers(grant, charter)
    try:
        opened = BulkGrant.decode_envelope(envelope)
        signers = dsse.verify(opened, _eligible(grant, charter), 1, BulkGrant.TYPE).signers
    except VerifyError:
        signers = frozenset()
    missing = max(0, threshold - len(signers & custodians))
    if grant.lane is Lane.SURVIVOR:
        missing = max(missing, threshold + 1 - len(signers))
    return Approval(signers, missing, frozenset(able) - signers)


def propose_grant(grant: BulkGrant, identity: Identity, charter: Charter, at: datetime) -> bytes:
    """Put a grant into an envelope with a first signature.

    Raises:
        PolicyError: The charter does not allow it.
        MembershipError: The signature would not count, or the grant is for nobody.
    """
    check_grant(grant, charter, at)
    envelope = dsse.encode(sign(grant, identity.member_id, identity.signing))
    if identity.member_id not in approval(envelope, charter).signers:
        raise MembershipError("only another custodian of the key proposes a bulk grant")
    return envelope


def sign_grant(envelope: bytes, identity: Identity, charter: Charter, at: datetime) -> bytes:
    """Add a signature to a grant whose content a person has read.

    Raises:
        PolicyError: The charter does not allow it, or it is over.
        MembershipError: The signature would not count, or is there.
        MalformedError: Not a bulk grant.
    """
    check_grant(BulkGrant.from_envelope(envelope), charter, at)
    if identity.member_id not in approval(envelope, charter).may_sign:
        raise MembershipError("this member has signed already, or its signature does not count")
    opened = BulkGrant.decode_envelope(envelope)
    return dsse.encode(dsse.add_signature(opened, identity.member_id, identity.signing))


def merge_grants(first: bytes, second: bytes, charter: Charter, at: datetime) -> bytes:
    """Collect the signatures of two copies of one grant; only those that count are kept.

    Args:
        first: A grant.
        second: The same grant.
        charter: The charter in force.
        at: Now.

    Raises:
        PolicyError: The charter does not allow it, or it is over.
        MembershipError: Nobody whose signature counts has signed.
        MalformedError: They are not the same grant.
    """
    grant = BulkGrant.from_envelope(first)
    check_grant(grant, charter, at)
    keys = _eligible(grant, charter)
    merged = dsse.merge(BulkGrant.decode_envelope(first), BulkGrant.decode_envelope(second), keys)
    if not merged.signatures:
        raise MembershipError("nobody whose signature counts has signed this grant")
    return dsse.encode(merged)

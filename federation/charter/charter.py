# SPDX-License-Identifier: Apache-2.0
"""The charter: a federation's signed, versioned, expiring list of members, keys and rules."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter import checks
from federation.charter.keys import LaneKey
from federation.charter.members import Member
from federation.charter.rules import Rules
from federation.documents import Document, Hex16, Hex32, HexBytes, Instant, Text
from federation.errors import MembershipError
from federation.indicators import IndicatorClass, Lane

__all__ = ["Charter"]


class Charter(Document):
    """One version of the charter. An object of this class is consistent in itself.

    Whether its signatures hold, and whether it may follow the version before it, is
    decided in `federation.charter.versions`.
    """

    TYPE: ClassVar[str] = "ct/v1/charter"
    LIMIT: ClassVar[int] = 1024 * 1024

    federation_id: Hex16
    """Drawn at random by the founder; the same in all versions."""
    name: Text
    version: Annotated[int, Field(ge=1, le=2**32 - 1)]
    previous: Hex32 | None
    """SHA-256 of the payload of the version before; None in the first."""
    issued: Instant
    expires: Instant
    grace_days: Annotated[int, Field(ge=0, le=90)]
    """How long after `expires` nodes keep working without news."""
    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=200)]
    """Ascending by id."""
    keys: Annotated[tuple[LaneKey, ...], Field(max_length=8)]
    """Ascending by lane, class and epoch; at most two epochs live."""
    statements: Annotated[tuple[HexBytes, ...], Field(max_length=8)]
    """The envelopes of the key statements that back the keys, ascending."""
    rules: Rules

    @model_validator(mode="after")
    def _check(self) -> Self:
        checks.check_members(self.members, self.version, self.issued)
        checks.check_dates(self.issued, self.expires)
        checks.check_keys(self.keys, self.members)
        first = self.version == 1
        if first != (self.previous is None):
            raise MembershipError("only the first charter has no predecessor")
        if first and (self.keys or self.statements):
            raise MembershipError("the first charter lists keys before anybody could make them")
        if list(self.statements) != sorted(set(self.statements)):
            raise MembershipError("key statements are not sorted")
        return self

    def member(self, member_id: str) -> Member:
        """Return a member's entry.

        Raises:
            MembershipError: The charter lists no such member.
        """
        for member in self.members:
            if member.id == member_id:
                return member
        raise MembershipError("the charter lists no such member")

    @property
    def stewards(self) -> tuple[Member, ...]:
        """Whose signatures count towards the next version."""
        return tuple(one for one in self.members if one.steward and not one.suspended)

    @property
    def custodians(self) -> tuple[Member, ...]:
        """Who may take part in the next key ceremony."""
        return tuple(one for one in self.members if one.custodian and not one.suspended)

    @property
    def signing_keys(self) -> dict[str, bytes]:
        """The Ed25519 public key of every member that is not suspended, by id."""
        return {one.id: one.signing_key for one in self.members if not one.suspended}

    def key(self, key_id: bytes) -> LaneKey:
        """Return a key in force.

        Raises:
            MembershipError: The charter lists no such key.
        """
        for key in self.keys:
            if key.key_id == key_id:
                return key
        raise MembershipError("the charter lists no such key")

    def live_keys(self, lane: Lane, cls: IndicatorClass) -> tuple[LaneKey, ...]:
        """Return the keys of a lane and class, oldest epoch first; tokens are made under each."""
        return tuple(key for key in self.keys if (key.lane, key.cls) == (lane, cls))

    def warnings(self) -> list[str]:
        """Return what is allowed and yet worth a person's thought, one sentence each."""
        return checks.warnings(self)

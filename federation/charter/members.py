# SPDX-License-Identifier: Apache-2.0
"""Who is a member, in which role, under which keys."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from federation.charter.identity import Identity
from federation.crypto import agree
from federation.documents import Hex32, HexBytes, Instant, MemberId, Part, Text
from federation.errors import CryptoError

__all__ = ["Applicant", "Member", "Role", "fold_entity"]

_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
    r"|\[[0-9a-f:.]{2,45}\]"
)
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_MAX_CERTIFICATE = 4096
_PROBE = bytes([1]) * 32


class Role(StrEnum):
    """What an organisation is; agreements and custody depend on it."""

    NGO = "ngo"
    HOTLINE = "hotline"
    AGENCY = "agency"
    """A public body that is not law enforcement: labour, health, child protection."""
    LAW_ENFORCEMENT = "law-enforcement"
    """Holds no survivor share, and never compares survivors."""
    OVERSIGHT = "oversight"
    """Watches, and holds no cases."""


def fold_entity(legal_entity: str) -> str:
    """Return a legal-entity id without the differences that spelling makes."""
    folded = unicodedata.normalize("NFKC", legal_entity).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


class Applicant(Part):
    """What an organisation says about itself: the public half of an `Identity`."""

    id: MemberId
    """Its short name in the federation."""
    name: Text
    """Its name for people."""
    legal_entity: Text
    """An id from a public register, such as ``LEI:...``; counted where organisations count."""
    role: Role
    endpoint: Annotated[str, Field(max_length=260)]
    """``host:port`` of its node."""
    signing_key: Hex32
    """Ed25519."""
    agreement_key: Hex32
    """X25519, the S of pair keys."""
    sealing_key: Hex32
    """X25519, for what is sealed to it."""
    certificates: Annotated[tuple[HexBytes, ...], Field(min_length=1, max_length=3)]
    """TLS certificates, DER; more than one while a certificate is replaced."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        host, _, port = self.endpoint.rpartition(":")
        if not (_HOST.fullmatch(host) and _PORT.fullmatch(port) and int(port) <= 65535):
            raise ValueError("the endpoint is not host:port")
        if not fold_entity(self.legal_entity):
            raise ValueError("the legal entity has no letter or digit")
        if len({self.signing_key, self.agreement_key, self.sealing_key}) != 3:
            raise ValueError("one key serves two purposes")
        try:
            for key in (self.agreement_key, self.sealing_key):
                agree.exchange(_PROBE, key)
        except CryptoError:
            raise ValueError("a key is of small order") from None
        sizes = [len(certificate) for certificate in self.certificates]
        if not all(1 <= size <= _MAX_CERTIFICATE for size in sizes):
            raise ValueError("a certificate is empty or too large")
        if len(set(self.certificates)) != len(self.certificates):
            raise ValueError("a certificate is listed twice")
        return self

    @classmethod
    def of(
        cls,
        identity: Identity,
        *,
        name: str,
        legal_entity: str,
        role: Role,
        endpoint: str,
        certificates: tuple[bytes, ...],
    ) -> "Applicant":
        """Describe the holder of an identity.

        Raises:
            MalformedError: Something cannot stand in a charter.
        """
        return Applicant(
            id=identity.member_id,
            name=name,
            legal_entity=legal_entity,
            role=role,
            endpoint=endpoint,
            signing_key=identity.signing.verify_key,
            agreement_key=identity.agreement_key,
            sealing_key=identity.sealing_key,
            certificates=certificates,
        )

    def as_member(
        self, *, steward: bool, custodian: bool, since_version: int, admitted: Instant
    ) -> "Member":
        """Return what a charter lists once this applicant is admitted.

        Args:
            steward: Whether its signature counts towards new charters.
            custodian: Whether it may hold shares of keys.
            since_version: The first charter version that lists it.
            admitted: When a steward admitted it.
        """
        own = {name: getattr(self, name) for name in Applicant.model_fields}
        return Member(
            **own,
            steward=steward,
            custodian=custodian,
            since_version=since_version,
            admitted=admitted,
        )


class Member(Applicant):
    """A member as the charter lists it."""

    steward: bool
    """Its signature counts towards a new charter."""
    custodian: bool
    """It may hold shares of keys; which ones it holds stands with the keys."""
    since_version: Annotated[int, Field(ge=1, le=2**32 - 1)]
    """The charter version that admitted it; 1 for founders."""
    admitted: Instant
    """Its first 90 days are counted from here."""
    suspended: bool = False
    """It may ask nothing and sign nothing until a later version lifts this."""

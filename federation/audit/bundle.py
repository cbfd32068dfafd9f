# SPDX-License-Identifier: Apache-2.0
"""Evidence bundles: what the record says about one thing, with everything it takes to check it.

A bundle is one JSON file. What was signed or hashed lies in it as text, byte for byte, so that
people can read it and programs of others can check it (spec page ``audit-log``). It holds no
case content; what a reference means, and letters with content, only if the exporter put
them in.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.audit.checkpoint import LIMIT
from federation.documents import Document, Hex32, HexBytes, Instant, MemberId, Part
from federation.errors import MalformedError

__all__ = [
    "About",
    "Bundle",
    "Enclosure",
    "LogEvidence",
    "Opening",
    "SignedAgreement",
    "Stretch",
]

_Index = Annotated[int, Field(ge=0, le=2**53)]
_Type = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]


class About(StrEnum):
    """What was exported."""

    MATCH = "match"
    """Everything about one match."""
    LETTER = "letter"
    """Everything about one letter: a disclosure, a query, a referral."""
    PERIOD = "period"
    """Every entry from a time on."""


class Stretch(Part):
    """Neighbouring entries of a log, without gaps."""

    first: _Index
    """Index of the first one in its log."""
    records: Annotated[tuple[str, ...], Field(min_length=1, max_length=64)]
    """The exact text of each."""
    proof: Annotated[tuple[Hex32, ...], Field(max_length=128)]
    """`federation.crypto.merkle.range_proof` under the checkpoint; of one entry it is the
    inclusion proof of RFC 9162."""

    @property
    def end(self) -> int:
        """Index behind the last one."""
        return self.first + len(self.records)


class Opening(Part):
    """What one reference of one entry means; there because the exporter chose to say it."""

    index: _Index
    """Of the entry in its log."""
    position: Annotated[int, Field(ge=0, le=1000)]
    """Of the reference in the entry."""
    salt: Hex32
    value: HexBytes


class LogEvidence(Part):
    """Entries of one log."""

    checkpoint: Annotated[str, Field(max_length=LIMIT)]
    """Signed note, with the cosignatures of its witnesses."""
    stretches: tuple[Stretch, ...]
    """Ascending, apart from each other."""
    openings: tuple[Opening, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for before, after in zip(self.stretches, self.stretches[1:], strict=False):
            if after.first < before.end:
                raise MalformedError("entries of a log overlap, or stand in another order")
        return self


class SignedAgreement(Part):
    """An agreement that entries name."""

    terms: str
    """DSSE envelope."""
    revocations: tuple[str, ...] = ()
    """DSSE envelopes."""


class Enclosure(Part):
    """A signed document that entries name by its hash: a letter, a consent, a revocation."""

    digest: Hex32
    """SHA-256 of its payload."""
    type: _Type
    """DSSE payload type."""
    envelope: str | None = None
    """DSSE envelope; left out where it has content that the exporter did not choose to show."""
    receipt: str | None = None
    """Of a letter: DSSE envelope of what its recipient signed."""


class Bundle(Document):
    """A file that proves what one member's record says."""

    TYPE: ClassVar[str] = "ct/v1/evidence-bundle"
    LIMIT: ClassVar[int] = 128 * 1024 * 1024
    OMIT_DEFAULTS: ClassVar[bool] = True

    made: Instant
    member: MemberId
    """Whose record it is."""
    about: About
    since: Instant | None = None
    """Of a period: its begin."""
    charters: Annotated[tuple[str, ...], Field(min_length=1)]
    """DSSE envelopes of all versions of the charter, from the first."""
    logs: tuple[LogEvidence, ...]
    """Ascending by generation."""
    agreements: tuple[SignedAgreement, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()

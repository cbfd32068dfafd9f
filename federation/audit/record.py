# SPDX-License-Identifier: Apache-2.0
"""One entry of the log: who did what, with whom, under which agreement.

Every field is a word of a closed list, a number, a time, a member id, a hash of a signed
document, or a salted commitment. There is no field for free text, so no name, number or
case id can stand in the log by accident.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from federation.agreements import Purpose
from federation.audit.actor import StaffRole
from federation.documents import Document, Hex32, Instant, MemberId, Part
from federation.errors import MalformedError
from federation.indicators import IndicatorClass, Kind, Lane

__all__ = ["Count", "Event", "Outcome", "Record", "Reference"]


class Event(StrEnum):
    """What happened. The list grows with versions; a record of an unknown event is refused."""

    PADDING = "padding"
    """Nothing: fills the log up, so that its size does not tell how much happened."""
    LOG_BEGUN = "log-begun"
    """First entry of a log; after a restore its reference names the log before."""
    # The federation
    CHARTER_SIGNED = "charter-signed"
    CHARTER_ADOPTED = "charter-adopted"
    CHARTER_CONFLICT = "charter-conflict"
    """Another member shows another charter under a number that is taken here."""
    CEREMONY_JOINED = "ceremony-joined"
    """A custodian's operator said yes to making or sharing keys."""
    GRANT_SIGNED = "grant-signed"
    GRANT_OPENED = "grant-opened"
    """Enough custodians signed: a member may have more evaluated."""
    LOG_REFUSED = "log-refused"
    """A checkpoint of another member's log does not fit what was seen of it."""
    LOG_RENEWED = "log-renewed"
    """Another member began a new log: it lost entries, or has a new key."""
    REFUSALS = "refusals"
    """Calls of one peer that were refused for one reason, counted together."""
    EVALUATIONS = "evaluations"
    """Elements that this custodian evaluated for a member, counted together."""
    # Agreements
    AGREEMENT_PROPOSED = "agreement-proposed"
    AGREEMENT_SIGNED = "agreement-signed"
    AGREEMENT_IN_FORCE = "agreement-in-force"
    AGREEMENT_ENDED = "agreement-ended"
    """Revoked, expired or replaced; the outcome says which."""
    # Cases
    CASES_PUT = "cases-put"
    """An import or a program brought cases; one entry for each run."""
    CASES_REMOVED = "cases-removed"
    """An import took cases out that its source has no more, or was taken back."""
    CASE_READ = "case-read"
    CASE_ACCESSED = "case-accessed"
    """Everything that is held on a case was put together for the person concerned."""
    CASE_CORRECTED = "case-corrected"
    CASE_ERASED = "case-erased"
    CASE_RESTRICTED = "case-restricted"
    RETENTION_ENFORCED = "retention-enforced"
    SCREENING_DECIDED = "screening-decided"
    # Consent
    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    CONSENT_EXPIRED = "consent-expired"
    # Matching
    TOKENS_MADE = "tokens-made"
    TAGS_SENT = "tags-sent"
    TAGS_ANSWERED = "tags-answered"
    """Another member was told which of its tags are held here."""
    MATCHES_FOUND = "matches-found"
    """Both sides proved that they hold the same."""
    MATCHES_HELD = "matches-held"
    """Not answered until a person looks at it."""
    MATCH_DECIDED = "match-decided"
    MATCH_RELEASED = "match-released"
    MATCH_READ = "match-read"
    THREAD_READ = "thread-read"
    """It refers to the oldest case of the thread."""
    THREAD_SPLIT = "thread-split"
    """Two cases were put apart."""
    THREAD_REJOINED = "thread-rejoined"
    """That was undone."""
    RETRACTION_SENT = "retraction-sent"
    RETRACTION_RECEIVED = "retraction-received"
    DISPUTE_FILED = "dispute-filed"
    DISPUTE_RECEIVED = "dispute-received"
    # Disclosure and referral
    DISCLOSURE_ASKED = "disclosure-asked"
    DISCLOSURE_RECEIVED = "disclosure-received"
    """Another member asks."""
    DISCLOSURE_DECIDED = "disclosure-decided"
    DISCLOSURE_ANSWERED = "disclosure-answered"
    """The own answer leaves."""
    DISCLOSURE_ARRIVED = "disclosure-arrived"
    """The answer of another member is here."""
    DISCLOSURE_READ = "disclosure-read"
    REFERRAL_SENT = "referral-sent"
    REFERRAL_RECEIVED = "referral-received"
    REFERRAL_DECIDED = "referral-decided"
    REFERRAL_ARRIVED = "referral-arrived"
    # Query
    QUERY_ASKED = "query-asked"
    QUERY_RECEIVED = "query-received"
    QUERY_DECIDED = "query-decided"
    QUERY_ANSWERED = "query-answered"
    QUERY_ARRIVED = "query-arrived"
    # The node
    LETTER_DELIVERED = "letter-delivered"
    LETTER_UNDELIVERED = "letter-undelivered"
    STAFF_CHANGED = "staff-changed"
    """An account was made, or changed; the reason says in what."""
    SIGNED_IN = "signed-in"
    """The reason says with what."""
    SIGN_IN_REFUSED = "sign-in-refused"
    """Attempts of one day for one account, counted together; without a reference for names
    that nobody has."""
    BACKUP_MADE = "backup-made"
    BACKUP_RESTORED = "backup-restored"
    RECORD_EXPORTED = "record-exported"
    STATISTICS_SENT = "statistics-sent"
    STATISTICS_RECEIVED = "statistics-received"


class Outcome(StrEnum):
    """How something ended."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNSURE = "unsure"
    UNDONE = "undone"
    APPROVED = "approved"
    NARROWED = "narrowed"
    DENIED = "denied"
    WITHHELD = "withheld"
    """A rule decided, and no person."""
    UNDECIDED = "undecided"
    """The time was over first."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REFUSED = "refused"
    NO_MATCH = "no-match"


class Count(StrEnum):
    """What is counted."""

    CASES = "cases"
    OBSERVATIONS = "observations"
    TOKENS = "tokens"
    TAGS = "tags"
    MATCHES = "matches"
    HELD = "held"
    FIELDS = "fields"
    CALLS = "calls"
    ENTRIES = "entries"
    ELEMENTS = "elements"
    """Blinded elements that were evaluated, padding included."""
    VERSION = "version"


class Reference(Part):
    """Something that the log must not hold: a case, a match, a person of the staff."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$")]
    """What kind of thing."""
    commitment: Hex32
    """SHA-256(salt ‖ value); the salt is kept apart and deleted on erasure."""


class Record(Document):
    """One entry. Its bytes are a leaf of the Merkle tree."""

    TYPE: ClassVar[str] = "ct/v1/audit-record"
    LIMIT: ClassVar[int] = 16 * 1024
    OMIT_DEFAULTS: ClassVar[bool] = True

    at: Instant
    event: Event
    nonce: Hex32
    """Random: nobody finds a record by hashing what may have happened."""
    actor: Annotated[
        str,
        Field(pattern=r"^(node|operator|program|staff:[0-9a-f]{16}|member:[a-z][a-z0-9-]{1,31})$"),
    ]
    second_actor: Annotated[str, Field(pattern=r"^staff:[0-9a-f]{16}$")] | None = None
    """The other person, where it takes two."""
    member: MemberId | None = None
    """With whom."""
    agreement: Hex32 | None = None
    """Under which: SHA-256 of the terms."""
    lane: Lane | None = None
    cls: IndicatorClass | None = None
    kinds: tuple[Kind, ...] = ()
    """Of what was sent or disclosed; ascending."""
    purpose: Purpose | None = None
    roles: tuple[StaffRole, ...] = ()
    """That an account has from now on; ascending."""
    outcome: Outcome | None = None
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z_-]{0,63}$")] | None = None
    """A code of this program, never a person's words."""
    counts: dict[Count, Annotated[int, Field(ge=0, le=2**53)]] = Field(default={})
    since: Instant | None = None
    """Of what is counted together: when the first of it was; the entry is written at the end."""
    documents: tuple[Hex32, ...] = ()
    """SHA-256 of the payloads of signed documents that belong to it."""
    references: tuple[Reference, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "Record":
        if [kind.value for kind in self.kinds] != sorted({kind.value for kind in self.kinds}):
            raise MalformedError("kinds are not ascending")
        if [role.value for role in self.roles] != sorted({role.value for role in self.roles}):
            raise MalformedError("roles are not ascending")
        return self

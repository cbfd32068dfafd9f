# SPDX-License-Identifier: Apache-2.0
"""What one node asks another: self-contained, idempotent requests and their replies.

Each request class is generic in its reply, so that ``peer.call(request)`` is
typed. Nothing here knows how a message travels: `federation.wire` translates
to protobuf, and the same bytes may go by gRPC, in memory or by mailbox.
Limits stand beside each field; `federation.wire` enforces them.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from federation.indicators import IndicatorClass, Lane

__all__ = [
    "AgreementNews",
    "CeremonyNews",
    "CharterNews",
    "CheckpointWitnessed",
    "ConfirmMatches",
    "DeliverLetter",
    "Evaluate",
    "Evaluation",
    "LetterDelivered",
    "MatchesConfirmed",
    "OpenSession",
    "PutTags",
    "Request",
    "SessionOpened",
    "SyncAgreement",
    "SyncCeremony",
    "SyncCharter",
    "TagsAnswered",
    "WitnessCheckpoint",
]

R_co = TypeVar("R_co", covariant=True)


class Request(Generic[R_co]):
    """A message that asks for a reply of type ``R_co``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CharterNews:
    """Charter versions the asker lacks, and proposals with the signatures known so far."""

    envelopes: tuple[bytes, ...]
    """DSSE envelopes of the versions after the asker's, oldest first; at most 16."""
    proposals: tuple[bytes, ...]
    """DSSE envelopes of charters that still gather signatures; at most 8."""
    grants: tuple[bytes, ...] = ()
    """DSSE envelopes of bulk grants that are not over; at most 32."""


@dataclass(frozen=True, slots=True)
class SyncCharter(Request[CharterNews]):
    """Compare charters and pool the signatures of proposed ones."""

    version: int
    """The version in force here; 0 before the first."""
    digest: bytes
    """SHA-256 of that charter's payload; 32 zero bytes before the first."""
    proposals: tuple[bytes, ...] = ()
    """Proposals known here, with signatures; at most 8."""
    grants: tuple[bytes, ...] = ()
    """Bulk grants known here, with signatures; at most 32."""


@dataclass(frozen=True, slots=True)
class CeremonyNews:
    """Ceremony messages the asker lacks."""

    messages: tuple[bytes, ...]
    """DSSE envelopes, in an order in which they can be received; at most 256."""


@dataclass(frozen=True, slots=True)
class SyncCeremony(Request[CeremonyNews]):
    """Pool the messages of one key ceremony."""

    ceremony_id: bytes
    """16 bytes."""
    known: tuple[bytes, ...]
    """SHA-256 of each message known here; at most 1,024."""
    messages: tuple[bytes, ...]
    """Messages the other side may lack; at most 256."""


@dataclass(frozen=True, slots=True)
class AgreementNews:
    """Everything known of one agreement."""

    terms: bytes
    """DSSE envelope of the terms with the signatures so far."""
    offers: tuple[bytes, ...]
    """DSSE envelopes of pair offers; at most 256."""
    revocations: tuple[bytes, ...]
    """DSSE envelopes of revocations; at most 64."""


@dataclass(frozen=True, slots=True)
class SyncAgreement(Request[AgreementNews]):
    """Pool signatures, pair offers and revocations of one agreement."""

    terms: bytes
    """DSSE envelope of the terms with the signatures so far."""
    offers: tuple[bytes, ...] = ()
    """At most 256."""
    revocations: tuple[bytes, ...] = ()
    """At most 64."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One custodian's answer to an `Evaluate`."""

    elements: bytes
    """As many 32-byte elements as were asked for."""
    proof: bytes | None
    """DLEQ proof (64 bytes), when it was asked for."""
    statement: bytes
    """DSSE envelope: what this custodian says it answered."""


@dataclass(frozen=True, slots=True)
class Evaluate(Request[Evaluation]):
    """Evaluate blinded elements under this custodian's share."""

    request_id: bytes
    """16 bytes; the charge is keyed by it."""
    key_id: bytes
    """16 bytes."""
    generation: int
    quorum: tuple[int, ...]
    """Custodian indices that answer together, ascending; at most 64."""
    elements: bytes
    """32 bytes each; 8, 64, or a multiple of 512 up to 4,096 of them; one in a check."""
    prove: bool
    check_of: bytes | None = None
    """Request id of the large batch that this small one checks."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The answerer's half of a session."""

    nonce: bytes
    """32 bytes."""


@dataclass(frozen=True, slots=True)
class OpenSession(Request[SessionOpened]):
    """Open a session in which the asker sends tags."""

    agreement: bytes
    """SHA-256 of the agreement's payload."""
    key_version: int
    """Version of the pair key."""
    lane: Lane
    cls: IndicatorClass
    key_id: bytes
    """16 bytes."""
    epoch: int
    normalisation_version: int
    nonce: bytes
    """32 bytes."""


@dataclass(frozen=True, slots=True)
class TagsAnswered:
    """Which of the tags are held here, with proof."""

    proofs: tuple[tuple[int, bytes], ...]
    """(position in the sorted tags, 16-byte proof), ascending positions."""


@dataclass(frozen=True, slots=True)
class PutTags(Request[TagsAnswered]):
    """One bucket of tags."""

    session: bytes
    """16 bytes."""
    index_id: bytes
    """16 bytes; names the sender's index, new after a restore."""
    seq: int
    """Bucket number in that index, from 1."""
    tags: bytes
    """16 bytes each, sorted bytewise, unique; 64, 256, 1,024 or multiples of 4,096 up to 65,536."""
    released: bool = False
    """A person of the sender released what is in it."""


@dataclass(frozen=True, slots=True)
class MatchesConfirmed:
    """The answerer has stored what was confirmed."""


@dataclass(frozen=True, slots=True)
class ConfirmMatches(Request[MatchesConfirmed]):
    """The tag sender's own proofs for the positions it was answered; sent even when empty."""

    session: bytes
    """16 bytes."""
    seq: int
    """The bucket that is confirmed."""
    proofs: tuple[tuple[int, bytes], ...]
    """(position, 16-byte proof), ascending positions."""


@dataclass(frozen=True, slots=True)
class LetterDelivered:
    """The recipient has taken the letter."""

    receipt: bytes
    """DSSE envelope of its receipt."""


@dataclass(frozen=True, slots=True)
class DeliverLetter(Request[LetterDelivered]):
    """One signed letter, sealed to its recipient."""

    sealed: bytes
    """4, 16, 64 or 256 KiB (`federation.letters.SIZES`)."""


@dataclass(frozen=True, slots=True)
class CheckpointWitnessed:
    """What a witness says: its cosignature, or which checkpoint it saw last instead."""

    cosignature: bytes | None
    """A signature line under the checkpoint (`federation.audit.NoteSignature`)."""
    held: bytes | None = None
    """The note that it saw last, if it does not cosign and knows the log at all."""


@dataclass(frozen=True, slots=True)
class WitnessCheckpoint(Request[CheckpointWitnessed]):
    """Ask for a signature that the asker's log has only grown."""

    checkpoint: bytes
    """The note, with the asker's own signature alone; at most 1,024 bytes."""
    old_size: int
    """Where the proof begins: what the witness saw last, as far as the asker knows."""
    proof: tuple[bytes, ...]
    """Consistency proof from the old size, 32 bytes each; at most 64."""
    first_record: bytes = b""
    """The log's first record, for a witness that does not know the log; at most 16 KiB."""
    first_proof: tuple[bytes, ...] = ()
    """Inclusion proof of the first record, 32 bytes each; at most 64."""

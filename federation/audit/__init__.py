# SPDX-License-Identifier: Apache-2.0
"""What happened, in a log that nobody can quietly rewrite and that holds no case content.

- `actor`: who did it, and in which role
- `record`: one entry; what it refers to is a salted commitment
- `log`: entries in a Merkle tree, on a port for what keeps them
- `note`, `checkpoint`, `cosignature`: what keeper and witnesses sign, as c2sp.org says
- `witness`: whether a checkpoint may follow the last one
"""

from federation.audit.actor import (
    NODE,
    OPERATOR,
    PERSONAL_ROLES,
    PROGRAM,
    Actor,
    StaffRole,
    distinct,
    peer,
    staff,
)
from federation.audit.checkpoint import Checkpoint, Origin, open_checkpoint, sign_checkpoint
from federation.audit.cosignature import cosign, verify_cosignature
from federation.audit.log import BLOCK, Growth, Log, LogStore, MemoryLogStore, begin, padding
from federation.audit.note import Note, NoteSignature
from federation.audit.record import Count, Event, Outcome, Record, Reference
from federation.audit.witness import FirstRecord, Shown, Verdict, Word, judge

__all__ = [
    "BLOCK",
    "NODE",
    "OPERATOR",
    "PERSONAL_ROLES",
    "PROGRAM",
    "Actor",
    "Checkpoint",
    "Count",
    "Event",
    "FirstRecord",
    "Growth",
    "Log",
    "LogStore",
    "MemoryLogStore",
    "Note",
    "NoteSignature",
    "Origin",
    "Outcome",
    "Record",
    "Reference",
    "Shown",
    "StaffRole",
    "Verdict",
    "Word",
    "begin",
    "cosign",
    "distinct",
    "judge",
    "open_checkpoint",
    "padding",
    "peer",
    "sign_checkpoint",
    "staff",
    "verify_cosignature",
]

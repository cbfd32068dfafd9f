# SPDX-License-Identifier: Apache-2.0
"""What happened, in a log that nobody can quietly rewrite and that holds no case content.

- `actor`: who did it, and in which role
- `record`: one entry; what it refers to is a salted commitment
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
from federation.audit.record import Count, Event, Outcome, Record, Reference

__all__ = [
    "NODE",
    "OPERATOR",
    "PERSONAL_ROLES",
    "PROGRAM",
    "Actor",
    "Count",
    "Event",
    "Outcome",
    "Record",
    "Reference",
    "StaffRole",
    "distinct",
    "peer",
    "staff",
]

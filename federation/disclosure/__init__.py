# SPDX-License-Identifier: Apache-2.0
"""Asking another organisation what it holds on a match, and answering.

- `letters`: the request and the answer, as they are signed and sealed
- `choice`: what a person of the giver lets go
- `redact`: of what is held, exactly what is chosen and allowed
- `disclose`: the answer, with what the record says of it; takes grants, and nothing else, for a
  permission
"""

from federation.disclosure.choice import Choice, SafetyFlag
from federation.disclosure.disclose import Disclosure, disclose, refuse
from federation.disclosure.letters import (
    LONGEST_WAIT,
    AnswerOutcome,
    DisclosedCase,
    DisclosedValue,
    DisclosureAnswer,
    DisclosureRequest,
    Item,
    items_of,
)
from federation.disclosure.redact import Holding, accesses, redact

__all__ = [
    "LONGEST_WAIT",
    "AnswerOutcome",
    "Choice",
    "DisclosedCase",
    "DisclosedValue",
    "Disclosure",
    "DisclosureAnswer",
    "DisclosureRequest",
    "Holding",
    "Item",
    "SafetyFlag",
    "accesses",
    "disclose",
    "items_of",
    "redact",
    "refuse",
]

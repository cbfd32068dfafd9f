# SPDX-License-Identifier: Apache-2.0
"""Asking another organisation what it holds on a match and answering; referring a survivor.

- `letters`: the request and the answer, as they are signed and sealed
- `choice`: what a person of the giver lets go
- `redact`: of what is held, exactly what is chosen and allowed
- `disclose`: the answer, with what the record says of it; takes grants, and nothing else, for a
  permission
- `referral`, `refer`: the letters that put a survivor into another organisation's hands, and the
  making of one, which takes the survivor's consent
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
from federation.disclosure.refer import Referred, refer, referral_accesses
from federation.disclosure.referral import (
    DeclineReason,
    Referral,
    ReferralAnswer,
    ReferralChoice,
    ReferralRecall,
    Service,
    Urgency,
)

__all__ = [
    "LONGEST_WAIT",
    "AnswerOutcome",
    "Choice",
    "DeclineReason",
    "DisclosedCase",
    "DisclosedValue",
    "Disclosure",
    "DisclosureAnswer",
    "DisclosureRequest",
    "Holding",
    "Item",
    "Referral",
    "ReferralAnswer",
    "ReferralChoice",
    "ReferralRecall",
    "Referred",
    "SafetyFlag",
    "Service",
    "Urgency",
    "accesses",
    "disclose",
    "items_of",
    "redact",
    "refer",
    "referral_accesses",
    "refuse",
]

# SPDX-License-Identifier: Apache-2.0
"""Data-sharing agreements: what is allowed, who signed, and the keys that come of it.

- `terms`: the typed terms; nothing is allowed that no clause covers.
- `parts`, `lifecycle`: offers, revocations, and where an agreement stands.
- `pair`: the key of each two parties.
"""

from federation.agreements.lifecycle import (
    AgreementState,
    Status,
    merge,
    propose_terms,
    sign_terms,
)
from federation.agreements.pair import derive_pair_key
from federation.agreements.parts import PairOffer, Revocation, make_offer, make_revocation
from federation.agreements.terms import Clause, Flow, Handling, MatchBudget, Purpose, Terms

__all__ = [
    "AgreementState",
    "Clause",
    "Flow",
    "Handling",
    "MatchBudget",
    "PairOffer",
    "Purpose",
    "Revocation",
    "Status",
    "Terms",
    "derive_pair_key",
    "make_offer",
    "make_revocation",
    "merge",
    "propose_terms",
    "sign_terms",
]

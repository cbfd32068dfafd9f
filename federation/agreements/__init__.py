# SPDX-License-Identifier: Apache-2.0
"""Data-sharing agreements: what is allowed, who signed, and the keys that come of it.

- `terms`, `purposes`, `handling`: the typed terms; nothing is allowed that no clause covers.
- `parts`, `lifecycle`: offers, revocations, and where an agreement stands.
- `pair`: the key of each two parties.
- `consent`: what a survivor allowed.
- `access`, `authorise`: whether something may happen now, and the clause that decides.
- `draft`, `summary`: an agreement as people write it, and as they read it.
"""

from federation.agreements.access import AccessRequest, Action
from federation.agreements.authorise import Grant, authorise, comparisons, explain
from federation.agreements.clauses import Clause
from federation.agreements.consent import Consent, ConsentState
from federation.agreements.draft import Draft
from federation.agreements.handling import EuropolCode, Handling, Marking
from federation.agreements.lifecycle import (
    AgreementState,
    Status,
    merge,
    propose_terms,
    sign_terms,
)
from federation.agreements.pair import derive_pair_key
from federation.agreements.parts import PairOffer, Revocation, make_offer, make_revocation
from federation.agreements.purposes import Purpose
from federation.agreements.summary import Page, Section, summarise
from federation.agreements.terms import Detail, Flow, MatchBudget, QueryTerms, Terms

__all__ = [
    "AccessRequest",
    "Action",
    "AgreementState",
    "Clause",
    "Consent",
    "ConsentState",
    "Detail",
    "Draft",
    "EuropolCode",
    "Flow",
    "Grant",
    "Handling",
    "Marking",
    "MatchBudget",
    "Page",
    "PairOffer",
    "Purpose",
    "QueryTerms",
    "Revocation",
    "Section",
    "Status",
    "Terms",
    "authorise",
    "comparisons",
    "derive_pair_key",
    "explain",
    "make_offer",
    "make_revocation",
    "merge",
    "propose_terms",
    "sign_terms",
    "summarise",
]

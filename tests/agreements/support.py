# SPDX-License-Identifier: Apache-2.0
"""Terms between three members with fixed keys."""

from datetime import timedelta
from typing import Any

from federation.agreements import AgreementState, Purpose, Terms, propose_terms, sign_terms
from federation.indicators import Kind, Lane, Subject
from tests.charter.support import FEDERATION, NOW, identity

__all__ = ["KEYS", "NAMES", "NOW", "signed_terms", "state", "terms"]

NAMES = ("amparo", "hope", "licht")
KEYS = {name: identity(name).signing.verify_key for name in (*NAMES, "stranger")}


def terms(**changes: Any) -> Terms:
    """Return terms for recruiters' phones and vehicles."""
    fields: dict[str, Any] = {
        "federation_id": FEDERATION,
        "title": "Recruiters at carnivals",
        "parties": NAMES,
        "lanes": (Lane.NETWORK,),
        "kinds": (Kind.PHONE, Kind.VEHICLE),
        "subjects": (Subject.RECRUITER, Subject.TRAFFICKER),
        "purposes": (Purpose.NETWORK, Purpose.SUPPORT),
        "retention_days": 365,
        "legal_basis": "Joint-controller agreement of the invented federation",
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=365),
        "nonce": bytes(16),
    }
    return Terms(**(fields | changes))


def signed_terms(*names: str, **changes: Any) -> bytes:
    """Return the terms' envelope, signed by the named parties."""
    first, *rest = names or NAMES
    envelope = propose_terms(terms(**changes), identity(first))
    for name in rest:
        envelope = sign_terms(envelope, identity(name))
    return envelope


def state(*names: str, offers: Any = (), revocations: Any = ()) -> AgreementState:
    """Return a verified state with the named signatures."""
    return AgreementState.load(signed_terms(*names), offers, revocations, keys=KEYS)

# SPDX-License-Identifier: Apache-2.0
"""Who belongs to a federation, under which keys: the charter, joining, the key ceremony.

- `identity`, `members`, `keys`, `rules`: what a charter is made of.
- `charter`, `checks`: one version, consistent in itself; `drafts` of the next.
- `versions`: which versions may be believed, and when.
- `invitation`, `words`: joining by file, with eight words compared by voice.
- `updates`: a member's new endpoint or certificate, by file.
- `grants`: bigger budgets, for once, before all eyes.
- `ceremony`: how custodians make keys together, without a dealer, and share them anew.
"""

from federation.charter.ceremony import Ceremony, CeremonyStatus, Outcome
from federation.charter.charter import Charter
from federation.charter.drafts import (
    found,
    next_version,
    with_founder,
    with_keys,
    with_member,
    with_suspension,
    without_member,
)
from federation.charter.identity import Identity
from federation.charter.invitation import (
    Invitation,
    JoinRequest,
    invite,
    open_invitation,
    open_request,
    request_to_join,
    words_for,
)
from federation.charter.keys import (
    Custodian,
    KeySpec,
    KeyStatement,
    LaneKey,
    Participant,
    default_threshold,
)
from federation.charter.members import Applicant, Member, Role
from federation.charter.rules import QuotaLimits, Rules
from federation.charter.updates import open_update, request_update
from federation.charter.versions import (
    Missing,
    check_usable,
    compare,
    countersign,
    merge_signatures,
    propose,
    signatures_missing,
    verify_chain,
    verify_genesis,
    verify_successor,
)

__all__ = [
    "Applicant",
    "Ceremony",
    "CeremonyStatus",
    "Charter",
    "Custodian",
    "Identity",
    "Invitation",
    "JoinRequest",
    "KeySpec",
    "KeyStatement",
    "LaneKey",
    "Member",
    "Missing",
    "Outcome",
    "Participant",
    "QuotaLimits",
    "Role",
    "Rules",
    "check_usable",
    "compare",
    "countersign",
    "default_threshold",
    "found",
    "invite",
    "merge_signatures",
    "next_version",
    "open_invitation",
    "open_request",
    "open_update",
    "propose",
    "request_to_join",
    "request_update",
    "signatures_missing",
    "verify_chain",
    "verify_genesis",
    "verify_successor",
    "with_founder",
    "with_keys",
    "with_member",
    "with_suspension",
    "without_member",
    "words_for",
]

# SPDX-License-Identifier: Apache-2.0
"""One organisation's protocol runs, over the ports `Peer`, `Clock`, `Log` and a `Store`.

- `member`: `Member`, the verbs
- `membership`, `ceremonies`, `contracts`, `standing`: charter, keys, agreements
- `founding`, `forks`: before the first charter, and when there are two
- `consents`: what survivors allowed
- `casework`: own cases and their matches; `deciding`: what people say about these;
  `screening`: what is held back, and decisions
- `evaluating`, `tokenising`: custodian and requester of pseudonyms
- `answering`, `sending`: the two sides of the exchange
- `requesting`, `disclosing`: asking for what is held on a match, and answering
- `referring`, `referred`: putting a survivor into another organisation's hands
- `threads`: what hangs together; `weaving` and `loom` keep it up with what happens
- `admission`: who may call
- `staff`, `sign_in`: the organisation's people; `roles`: who of them may do what
- `deeds`: one transaction for what somebody does, its entry in the record, and its letters
"""

from federation.member.casework import ImportResult, Match, rows_of, without_weaker
from federation.member.ceremony_view import CeremonyView
from federation.member.consents import CaseConsent, ImportedConsent
from federation.member.core import InForce
from federation.member.disclosing import Preview
from federation.member.disclosure_view import DisclosureView
from federation.member.forks import Conflict, open_conflicts
from federation.member.granting import GrantRequest, GrantView
from federation.member.member import Member, SyncReport
from federation.member.membership import Proposal
from federation.member.planning import CeremonyPlan
from federation.member.ports import (
    Clock,
    Connect,
    Log,
    MatchDecision,
    MatchDecisions,
    Peer,
)
from federation.member.referral_view import ReferralView
from federation.member.referring import ReferralPreview, ToldReferral
from federation.member.requesting import Told
from federation.member.roles import ACTION_ROLES, SELF_SERVICE, StaffAction
from federation.member.screening import HeldValue
from federation.member.sending import SendReport
from federation.member.sign_in import SignedIn
from federation.member.staff import Invited, Person
from federation.member.standing import AgreementView
from federation.member.thread_view import (
    Apart,
    CommonEdge,
    Edge,
    EdgeEnd,
    EdgeMember,
    OverCommon,
    Share,
    Thread,
    ThreadCase,
    ThreadSummary,
    by_reach,
    shares_of,
    summaries,
)
from federation.member.tokenising import TokeniseReport
from federation.storage import (
    GROUNDS,
    Direction,
    DisclosureStatus,
    Ground,
    ReferralSide,
    ReferralStatus,
    Verdict,
)
from federation.storage.matches import MatchStatus

__all__ = [
    "ACTION_ROLES",
    "GROUNDS",
    "SELF_SERVICE",
    "AgreementView",
    "Apart",
    "CaseConsent",
    "CeremonyPlan",
    "CeremonyView",
    "Clock",
    "CommonEdge",
    "Conflict",
    "Connect",
    "Direction",
    "DisclosureStatus",
    "DisclosureView",
    "Edge",
    "EdgeEnd",
    "EdgeMember",
    "GrantRequest",
    "GrantView",
    "Ground",
    "HeldValue",
    "ImportResult",
    "ImportedConsent",
    "InForce",
    "Invited",
    "Log",
    "Match",
    "MatchDecision",
    "MatchDecisions",
    "MatchStatus",
    "Member",
    "OverCommon",
    "Peer",
    "Person",
    "Preview",
    "Proposal",
    "ReferralPreview",
    "ReferralSide",
    "ReferralStatus",
    "ReferralView",
    "SendReport",
    "Share",
    "SignedIn",
    "StaffAction",
    "SyncReport",
    "Thread",
    "ThreadCase",
    "ThreadSummary",
    "TokeniseReport",
    "Told",
    "ToldReferral",
    "Verdict",
    "by_reach",
    "open_conflicts",
    "rows_of",
    "shares_of",
    "summaries",
    "without_weaker",
]

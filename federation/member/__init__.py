# SPDX-License-Identifier: Apache-2.0
"""One organisation's protocol runs, over the ports `Peer`, `Clock`, `Log` and a `Store`.

- `member`: `Member`, the verbs
- `membership`, `ceremonies`, `contracts`, `standing`: charter, keys, agreements
- `casework`: own cases and their matches
- `evaluating`, `tokenising`: custodian and requester of pseudonyms
- `answering`, `sending`: the two sides of the exchange
- `admission`: who may call
"""

from federation.member.casework import ImportResult, Match, rows_of, without_weaker
from federation.member.ceremony_view import CeremonyView
from federation.member.core import InForce
from federation.member.granting import GrantRequest, GrantView
from federation.member.member import Member, SyncReport
from federation.member.membership import Proposal
from federation.member.planning import CeremonyPlan
from federation.member.ports import Clock, Connect, Log, Peer
from federation.member.sending import SendReport
from federation.member.standing import AgreementView
from federation.member.tokenising import TokeniseReport
from federation.storage.matches import MatchStatus

__all__ = [
    "AgreementView",
    "CeremonyPlan",
    "CeremonyView",
    "Clock",
    "Connect",
    "GrantRequest",
    "GrantView",
    "ImportResult",
    "InForce",
    "Log",
    "Match",
    "MatchStatus",
    "Member",
    "Peer",
    "Proposal",
    "SendReport",
    "SyncReport",
    "TokeniseReport",
    "rows_of",
    "without_weaker",
]

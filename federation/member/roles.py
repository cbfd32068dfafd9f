# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every action, and the roles of which it takes one.

This is the only place that says so. What is not listed nobody may do. The table in the
documentation is made from it.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from federation.audit import PERSONAL_ROLES, StaffRole

__all__ = ["ACTION_ROLES", "SELF_SERVICE", "StaffAction", "needs"]


class StaffAction(StrEnum):
    """One thing that somebody does with a node, in the words of the command line."""

    STATUS = "status"
    """See counts, and what waits for a person; nothing that identifies a case."""
    DOCTOR = "doctor"
    """Have the node examined."""
    SERVE = "serve"
    """Run the node."""
    CONSOLE = "console"
    """Show the pages for caseworkers; each of them checks who looks at it."""
    SYNC = "sync"
    """Compare with all partners now."""
    FEDERATION_SHOW = "federation show"
    """See the charter and what is proposed."""
    FEDERATION_CREATE = "federation create"
    """Begin a federation."""
    FEDERATION_INVITE = "federation invite"
    """Invite an organisation."""
    FEDERATION_JOIN = "federation join"
    """Ask to join with an invitation."""
    FEDERATION_ADMIT = "federation admit"
    """Admit who asks, after the eight words were compared."""
    FEDERATION_SIGN = "federation sign"
    """Sign a charter for the organisation."""
    FEDERATION_WITHDRAW = "federation withdraw"
    """Give a proposed charter up."""
    FEDERATION_REMOVE = "federation remove"
    """Propose to remove a member."""
    FEDERATION_RENEW = "federation renew"
    """Propose the same charter for another period."""
    FEDERATION_SUSPEND = "federation suspend"
    """Propose to suspend a member, or to end that."""
    FEDERATION_UPDATE = "federation update"
    """Ask for a change of what the charter says about this organisation."""
    FEDERATION_APPLY = "federation apply"
    """Propose a change that a member asked for."""
    CEREMONY_START = "custodian ceremony start"
    """Propose to make keys, or to share them anew."""
    CEREMONY_ACCEPT = "custodian ceremony accept"
    """Take part in it."""
    CEREMONY_STATUS = "custodian ceremony status"
    """See where ceremonies stand."""
    GRANT_PROPOSE = "custodian grant propose"
    """Propose a larger budget for a member that brings in its cases."""
    GRANT_SIGN = "custodian grant sign"
    """Sign one."""
    GRANT_LIST = "custodian grant list"
    """See them."""
    AGREEMENT_DRAFT = "agreement draft"
    """Write a draft into a file."""
    AGREEMENT_PROPOSE = "agreement propose"
    """Sign an agreement as its first party."""
    AGREEMENT_SIGN = "agreement sign"
    """Sign an agreement that another party proposed."""
    AGREEMENT_REVOKE = "agreement revoke"
    """End an agreement."""
    AGREEMENT_EXPLAIN = "agreement explain"
    """See which clause allows or denies something."""
    AGREEMENT_LIST = "agreement list"
    """See the agreements."""
    AGREEMENT_SHOW = "agreement show"
    """See the terms of one."""
    CASE_IMPORT = "case import"
    """Import a sheet, or take an import back. Shows counts, and no case."""
    CASE_IMPORTS = "case imports"
    """See the imports: counts and times."""
    CASE_LIST = "case list"
    """See which cases there are, and what takes no part in matching."""
    CASE_SHOW = "case show"
    """See a case."""
    CASE_FORGET = "case forget"
    """Delete a case."""
    CONSENT_RECORD = "consent record"
    """Record what a survivor allowed."""
    CONSENT_SHOW = "consent show"
    """See the consents of a case."""
    CONSENT_LIST = "consent list"
    """See which cases have consent, and until when."""
    CONSENT_WITHDRAW = "consent withdraw"
    """End a consent, and with it everything that it allowed."""
    MATCH_LIST = "match list"
    MATCH_RETRACTIONS = "match retractions"
    """See which own cases match, and with whom."""
    MATCH_SHOW = "match show"
    """See one match."""
    MATCH_CONFIRM = "match confirm"
    """Say that a match is right."""
    MATCH_REJECT = "match reject"
    """Say that it is none."""
    MATCH_UNSURE = "match unsure"
    """Say that it is not clear."""
    MATCH_UNDO = "match undo"
    """Take back what was decided about it."""
    MATCH_RELEASE = "match release"
    """Tell a partner of a match that was held."""
    DISCLOSURE_ASK = "disclosure ask"
    """Ask a partner what it holds on a match."""
    DISCLOSURE_LIST = "disclosure list"
    """See the requests for disclosure, own and received."""
    DISCLOSURE_SHOW = "disclosure show"
    """See one of them."""
    DISCLOSURE_PREVIEW = "disclosure preview"
    """See exactly what an answer would let go."""
    DISCLOSURE_APPROVE = "disclosure approve"
    """Let go all that was asked."""
    DISCLOSURE_NARROW = "disclosure narrow"
    """Let go less than was asked."""
    DISCLOSURE_DENY = "disclosure deny"
    """Let nothing go."""
    DISCLOSURE_READ = "disclosure read"
    """Read what a partner let go."""
    DISCLOSURE_EXPORT = "disclosure export"
    """Write what a partner let go into a file."""
    REFERRAL_LIST = "referral list"
    """See the referrals, own and received, and nothing of the survivors."""
    REFERRAL_PREVIEW = "referral preview"
    """See exactly what a referral would let go."""
    REFERRAL_SEND = "referral send"
    """Refer a survivor; alone, or as the first of two people."""
    REFERRAL_APPROVE = "referral approve"
    """Approve a referral as the second person."""
    REFERRAL_RECALL = "referral recall"
    """Take a referral back."""
    REFERRAL_READ = "referral read"
    """Read what a referral says."""
    REFERRAL_ACCEPT = "referral accept"
    """Take on a survivor whom a partner refers."""
    REFERRAL_DECLINE = "referral decline"
    """Do not take one on."""
    SCREEN_LIST = "screen list"
    """See the values that wait for a person."""
    SCREEN_ALLOW = "screen allow"
    """Let such a value be compared."""
    SCREEN_REFUSE = "screen refuse"
    """Keep such a value out."""
    THREAD_LIST = "thread list"
    """See which own cases hang together."""
    THREAD_SHOW = "thread show"
    """See one thread."""
    THREAD_SPLIT = "thread split"
    """Put two cases apart that do not belong together."""
    THREAD_REJOIN = "thread rejoin"
    """Undo that."""
    THREAD_COMMON = "thread common"
    """See the values that tie nothing because too many hold them."""
    AUDIT_LIST = "audit list"
    """Read the record."""
    AUDIT_VERIFY = "audit verify"
    """Check the record against its checkpoints."""
    AUDIT_EXPORT = "audit export"
    """Take evidence out of the record."""
    AUDIT_WITNESSES = "audit witnesses"
    """See who watches over the record."""
    AUDIT_BEGIN_ANEW = "audit begin-anew"
    """Begin a new log after entries were lost."""
    STAFF_ADD = "staff add"
    """Make an account."""
    STAFF_LIST = "staff list"
    """See who has an account; also the names of who acted, in the record."""
    STAFF_CHANGE = "staff change"
    """Change the roles or the full name of an account."""
    STAFF_DISABLE = "staff disable"
    """Disable an account, and end its sessions."""
    STAFF_ENABLE = "staff enable"
    """Enable it again."""
    STAFF_RESET = "staff reset"
    """Make a new first password for somebody, or remove a lost second factor."""
    STAFF_SIGN_IN = "staff sign-in"
    """Sign in with an own account."""
    STAFF_SIGN_OUT = "staff sign-out"
    """End an own session."""
    STAFF_WHO = "staff who"
    """See who is signed in here."""
    STAFF_PASSWORD = "staff password"  # noqa: S105 - a command
    """Change the own password."""
    STAFF_ENROL = "staff enrol"
    """Add a second factor to the own account."""
    PROGRAM_PUT_CASES = "program PutCases"
    """Hand over cases."""
    PROGRAM_DELETE_CASE = "program DeleteCase"
    """Delete a case."""
    PROGRAM_LIST_MATCHES = "program ListMatches"
    """See which own cases match, and with whom."""
    PROGRAM_LIST_THREADS = "program ListThreads"
    """See which own cases hang together."""
    PROGRAM_LIST_NOT_TOKENISED = "program ListNotTokenised"
    """See what takes no part in matching."""
    PROGRAM_WATCH_EVENTS = "program WatchEvents"
    """Be told of matches and agreements as they change."""


_C: Final = StaffRole.CASEWORKER
_R: Final = StaffRole.REVIEWER
_D: Final = StaffRole.DATA_PROTECTION
_T: Final = StaffRole.TECHNICIAN
_A: Final = StaffRole.AUDITOR
_P: Final = StaffRole.PROGRAM

_TECHNICAL: Final = frozenset({_T})
_ON_CASES: Final = frozenset({_C, _R, _D})
"""May see cases."""
_TERMS: Final = frozenset({_C, _R, _D, _T})
"""May see what identifies nobody."""
_ON_RECORD: Final = frozenset({_D, _A})
"""May read the record."""
_OWN_PROGRAM: Final = frozenset({_P})

ACTION_ROLES: Final[Mapping[StaffAction, frozenset[StaffRole]]] = MappingProxyType(
    {
        StaffAction.STATUS: _TERMS | {_P},
        StaffAction.DOCTOR: frozenset({_T, _D}),
        StaffAction.SERVE: _TECHNICAL,
        StaffAction.CONSOLE: _TECHNICAL,
        StaffAction.SYNC: frozenset({_T, _C, _R, _P}),
        StaffAction.FEDERATION_SHOW: _TERMS,
        StaffAction.FEDERATION_CREATE: _TECHNICAL,
        StaffAction.FEDERATION_INVITE: _TECHNICAL,
        StaffAction.FEDERATION_JOIN: _TECHNICAL,
        StaffAction.FEDERATION_ADMIT: _TECHNICAL,
        StaffAction.FEDERATION_SIGN: _TECHNICAL,
        StaffAction.FEDERATION_WITHDRAW: _TECHNICAL,
        StaffAction.FEDERATION_REMOVE: _TECHNICAL,
        StaffAction.FEDERATION_RENEW: _TECHNICAL,
        StaffAction.FEDERATION_SUSPEND: _TECHNICAL,
        StaffAction.FEDERATION_UPDATE: _TECHNICAL,
        StaffAction.FEDERATION_APPLY: _TECHNICAL,
        StaffAction.CEREMONY_START: _TECHNICAL,
        StaffAction.CEREMONY_ACCEPT: _TECHNICAL,
        StaffAction.CEREMONY_STATUS: _TECHNICAL,
        StaffAction.GRANT_PROPOSE: _TECHNICAL,
        StaffAction.GRANT_SIGN: _TECHNICAL,
        StaffAction.GRANT_LIST: _TECHNICAL,
        StaffAction.AGREEMENT_DRAFT: frozenset({_D, _T}),
        StaffAction.AGREEMENT_PROPOSE: frozenset({_D}),
        StaffAction.AGREEMENT_SIGN: frozenset({_D}),
        StaffAction.AGREEMENT_REVOKE: frozenset({_D}),
        StaffAction.AGREEMENT_EXPLAIN: _TERMS,
        StaffAction.AGREEMENT_LIST: _TERMS,
        StaffAction.AGREEMENT_SHOW: _TERMS,
        StaffAction.CASE_IMPORT: frozenset({_C, _T}),
        StaffAction.CASE_IMPORTS: frozenset({_C, _D, _T}),
        StaffAction.CASE_LIST: _ON_CASES,
        StaffAction.CASE_SHOW: _ON_CASES,
        StaffAction.CASE_FORGET: frozenset({_C, _D}),
        StaffAction.CONSENT_RECORD: frozenset({_C, _D}),
        StaffAction.CONSENT_SHOW: _ON_CASES,
        StaffAction.CONSENT_LIST: _ON_CASES,
        StaffAction.CONSENT_WITHDRAW: _ON_CASES,
        StaffAction.MATCH_LIST: _ON_CASES,
        StaffAction.MATCH_RETRACTIONS: _ON_CASES,
        StaffAction.MATCH_SHOW: _ON_CASES,
        StaffAction.MATCH_CONFIRM: frozenset({_C, _R}),
        StaffAction.MATCH_REJECT: frozenset({_C, _R}),
        StaffAction.MATCH_UNSURE: frozenset({_C, _R}),
        StaffAction.MATCH_UNDO: frozenset({_C, _R}),
        StaffAction.MATCH_RELEASE: frozenset({_R}),
        StaffAction.DISCLOSURE_ASK: frozenset({_C}),
        StaffAction.DISCLOSURE_LIST: _ON_CASES,
        StaffAction.DISCLOSURE_SHOW: _ON_CASES,
        StaffAction.DISCLOSURE_PREVIEW: frozenset({_R}),
        StaffAction.DISCLOSURE_APPROVE: frozenset({_R}),
        StaffAction.DISCLOSURE_NARROW: frozenset({_R}),
        StaffAction.DISCLOSURE_DENY: frozenset({_R}),
        StaffAction.DISCLOSURE_READ: frozenset({_C, _R}),
        StaffAction.DISCLOSURE_EXPORT: frozenset({_R, _D}),
        StaffAction.REFERRAL_LIST: _ON_CASES,
        StaffAction.REFERRAL_PREVIEW: frozenset({_C, _R}),
        StaffAction.REFERRAL_SEND: frozenset({_C, _R}),
        StaffAction.REFERRAL_APPROVE: frozenset({_R}),
        StaffAction.REFERRAL_RECALL: _ON_CASES,
        StaffAction.REFERRAL_READ: frozenset({_C, _R}),
        StaffAction.REFERRAL_ACCEPT: frozenset({_C, _R}),
        StaffAction.REFERRAL_DECLINE: frozenset({_C, _R}),
        StaffAction.SCREEN_LIST: _ON_CASES,
        StaffAction.SCREEN_ALLOW: frozenset({_R, _D}),
        StaffAction.SCREEN_REFUSE: frozenset({_R, _D}),
        StaffAction.THREAD_LIST: _ON_CASES,
        StaffAction.THREAD_SHOW: _ON_CASES | {_P},
        StaffAction.THREAD_SPLIT: frozenset({_C, _R}),
        StaffAction.THREAD_REJOIN: frozenset({_C, _R}),
        StaffAction.THREAD_COMMON: _ON_CASES,
        StaffAction.AUDIT_LIST: _ON_RECORD,
        StaffAction.AUDIT_VERIFY: _ON_RECORD | {_T},
        StaffAction.AUDIT_EXPORT: _ON_RECORD,
        StaffAction.AUDIT_WITNESSES: _ON_RECORD | {_T},
        StaffAction.AUDIT_BEGIN_ANEW: frozenset({_T, _D}),
        StaffAction.STAFF_ADD: _TECHNICAL,
        StaffAction.STAFF_LIST: frozenset({_T, _D, _A}),
        StaffAction.STAFF_CHANGE: _TECHNICAL,
        StaffAction.STAFF_DISABLE: _TECHNICAL,
        StaffAction.STAFF_ENABLE: _TECHNICAL,
        StaffAction.STAFF_RESET: _TECHNICAL,
        StaffAction.STAFF_SIGN_IN: PERSONAL_ROLES,
        StaffAction.STAFF_SIGN_OUT: PERSONAL_ROLES,
        StaffAction.STAFF_WHO: PERSONAL_ROLES,
        StaffAction.STAFF_PASSWORD: PERSONAL_ROLES,
        StaffAction.STAFF_ENROL: PERSONAL_ROLES,
        StaffAction.PROGRAM_PUT_CASES: _OWN_PROGRAM,
        StaffAction.PROGRAM_DELETE_CASE: _OWN_PROGRAM,
        StaffAction.PROGRAM_LIST_MATCHES: _OWN_PROGRAM,
        StaffAction.PROGRAM_LIST_THREADS: _OWN_PROGRAM,
        StaffAction.PROGRAM_LIST_NOT_TOKENISED: _OWN_PROGRAM,
        StaffAction.PROGRAM_WATCH_EVENTS: _OWN_PROGRAM,
    }
)
"""Any one of the roles is enough."""

SELF_SERVICE: Final = frozenset(
    {
        StaffAction.STAFF_SIGN_IN,
        StaffAction.STAFF_SIGN_OUT,
        StaffAction.STAFF_WHO,
        StaffAction.STAFF_PASSWORD,
        StaffAction.STAFF_ENROL,
    }
)
"""What everybody does with the own account; also who may do nothing else yet."""


def needs(action: StaffAction) -> tuple[StaffRole, ...]:
    """Return the roles of which an action takes one, for `federation.member.deeds.deed`.

    Args:
        action: What is to be done.
    """
    return () if action in SELF_SERVICE else tuple(sorted(ACTION_ROLES[action]))

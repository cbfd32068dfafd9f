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

__all__ = ["ACTION_ROLES", "SELF_SERVICE", "Action", "needs"]


class Action(StrEnum):
    """One thing that somebody does with a node, in the words of the command line."""

    STATUS = "status"
    """See counts, and what waits for a person; nothing that identifies a case."""
    DOCTOR = "doctor"
    """Have the node examined."""
    SERVE = "serve"
    """Run the node."""
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
    MATCH_LIST = "match list"
    """See which own cases match, and with whom."""
    MATCH_SHOW = "match show"
    """See one match."""
    MATCH_RELEASE = "match release"
    """Tell a partner of a match that was held."""
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
_OWN_PROGRAM: Final = frozenset({_P})

ACTION_ROLES: Final[Mapping[Action, frozenset[StaffRole]]] = MappingProxyType(
    {
        Action.STATUS: _TERMS | {_P},
        Action.DOCTOR: frozenset({_T, _D}),
        Action.SERVE: _TECHNICAL,
        Action.SYNC: frozenset({_T, _C, _R, _P}),
        Action.FEDERATION_SHOW: _TERMS,
        Action.FEDERATION_CREATE: _TECHNICAL,
        Action.FEDERATION_INVITE: _TECHNICAL,
        Action.FEDERATION_JOIN: _TECHNICAL,
        Action.FEDERATION_ADMIT: _TECHNICAL,
        Action.FEDERATION_SIGN: _TECHNICAL,
        Action.FEDERATION_REMOVE: _TECHNICAL,
        Action.FEDERATION_RENEW: _TECHNICAL,
        Action.FEDERATION_SUSPEND: _TECHNICAL,
        Action.FEDERATION_UPDATE: _TECHNICAL,
        Action.FEDERATION_APPLY: _TECHNICAL,
        Action.CEREMONY_START: _TECHNICAL,
        Action.CEREMONY_ACCEPT: _TECHNICAL,
        Action.CEREMONY_STATUS: _TECHNICAL,
        Action.GRANT_PROPOSE: _TECHNICAL,
        Action.GRANT_SIGN: _TECHNICAL,
        Action.GRANT_LIST: _TECHNICAL,
        Action.AGREEMENT_DRAFT: frozenset({_D, _T}),
        Action.AGREEMENT_PROPOSE: frozenset({_D}),
        Action.AGREEMENT_SIGN: frozenset({_D}),
        Action.AGREEMENT_REVOKE: frozenset({_D}),
        Action.AGREEMENT_EXPLAIN: _TERMS,
        Action.AGREEMENT_LIST: _TERMS,
        Action.AGREEMENT_SHOW: _TERMS,
        Action.CASE_IMPORT: frozenset({_C, _T}),
        Action.CASE_IMPORTS: frozenset({_C, _D, _T}),
        Action.CASE_LIST: _ON_CASES,
        Action.CASE_SHOW: _ON_CASES,
        Action.CASE_FORGET: frozenset({_C, _D}),
        Action.MATCH_LIST: _ON_CASES,
        Action.MATCH_SHOW: _ON_CASES,
        Action.MATCH_RELEASE: frozenset({_R}),
        Action.STAFF_ADD: _TECHNICAL,
        Action.STAFF_LIST: frozenset({_T, _D, _A}),
        Action.STAFF_CHANGE: _TECHNICAL,
        Action.STAFF_DISABLE: _TECHNICAL,
        Action.STAFF_ENABLE: _TECHNICAL,
        Action.STAFF_RESET: _TECHNICAL,
        Action.STAFF_SIGN_IN: PERSONAL_ROLES,
        Action.STAFF_SIGN_OUT: PERSONAL_ROLES,
        Action.STAFF_WHO: PERSONAL_ROLES,
        Action.STAFF_PASSWORD: PERSONAL_ROLES,
        Action.STAFF_ENROL: PERSONAL_ROLES,
        Action.PROGRAM_PUT_CASES: _OWN_PROGRAM,
        Action.PROGRAM_DELETE_CASE: _OWN_PROGRAM,
        Action.PROGRAM_LIST_MATCHES: _OWN_PROGRAM,
        Action.PROGRAM_LIST_NOT_TOKENISED: _OWN_PROGRAM,
        Action.PROGRAM_WATCH_EVENTS: _OWN_PROGRAM,
    }
)
"""Any one of the roles is enough."""

SELF_SERVICE: Final = frozenset(
    {
        Action.STAFF_SIGN_IN,
        Action.STAFF_SIGN_OUT,
        Action.STAFF_WHO,
        Action.STAFF_PASSWORD,
        Action.STAFF_ENROL,
    }
)
"""What everybody does with the own account; also who may do nothing else yet."""


def needs(action: Action) -> tuple[StaffRole, ...]:
    """Return the roles of which an action takes one, for `federation.member.deeds.deed`.

    Args:
        action: What is to be done.
    """
    return () if action in SELF_SERVICE else tuple(sorted(ACTION_ROLES[action]))

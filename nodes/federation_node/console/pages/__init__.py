# SPDX-License-Identifier: Apache-2.0
"""The pages: one module and its templates for each subject.

A new subject is a module here, in the list below, and a line of the navigation.
"""

from typing import Final

from federation.member import StaffAction
from federation_node.console.pages import (
    account,
    agreements,
    compare,
    consents,
    disclosures,
    health,
    imports,
    matches,
    members,
    record,
    screening,
    sign_in,
    threads,
    today,
)
from federation_node.console.visit import Entry
from federation_node.console.words import N_

__all__ = [
    "NAVIGATION",
    "account",
    "agreements",
    "compare",
    "consents",
    "disclosures",
    "health",
    "imports",
    "matches",
    "members",
    "record",
    "screening",
    "sign_in",
    "threads",
    "today",
]

NAVIGATION: Final = (
    Entry(N_("Today"), "/today", StaffAction.STATUS),
    Entry(N_("Matches"), "/matches", StaffAction.MATCH_LIST),
    Entry(N_("Threads"), "/threads", StaffAction.THREAD_LIST),
    Entry(N_("Disclosures"), "/disclosures", StaffAction.DISCLOSURE_LIST),
    Entry(N_("Consents"), "/consents", StaffAction.CONSENT_LIST),
    Entry(N_("Screening"), "/screening", StaffAction.SCREEN_LIST),
    Entry(N_("Import"), "/imports", StaffAction.CASE_IMPORTS),
    Entry(N_("Agreements"), "/agreements", StaffAction.AGREEMENT_LIST),
    Entry(N_("Members"), "/members", StaffAction.FEDERATION_SHOW),
    Entry(N_("Record"), "/record", StaffAction.AUDIT_LIST),
    Entry(N_("Health"), "/health", StaffAction.DOCTOR),
    Entry(N_("Account"), "/account", StaffAction.STAFF_WHO),
)
"""In the order of their use."""

# SPDX-License-Identifier: Apache-2.0
"""The pages: one module and its templates for each subject.

A new subject is a module here, in the list below, and a line of the navigation.
"""

from typing import Final

from federation.member import StaffAction
from federation_node.console.pages import account, matches, sign_in, today
from federation_node.console.visit import Entry
from federation_node.console.words import N_

__all__ = ["NAVIGATION", "account", "matches", "sign_in", "today"]

NAVIGATION: Final = (
    Entry(N_("Today"), "/today", StaffAction.STATUS),
    Entry(N_("Matches"), "/matches", StaffAction.MATCH_LIST),
    Entry(N_("Account"), "/account", StaffAction.STAFF_WHO),
)
"""In the order of their use."""

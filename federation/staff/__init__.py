# SPDX-License-Identifier: Apache-2.0
"""People who work with a node: what an account is, and what its password may be. Pure.

- `account`: the account, its names, the kinds of sessions and how long each lasts
- `passwords`: what is accepted as a password, and passphrases that the node makes
- `lockout`: how long an account waits after failed attempts
- `tokens`: what proves a session, and codes for who has lost the second factor

Roles are in `federation.audit`, because the record names them.
"""

from federation.staff.account import (
    CLI,
    CONSOLE,
    Account,
    Lifetime,
    SessionKind,
    StaffSession,
    check_full_name,
    check_name,
)
from federation.staff.lockout import pause
from federation.staff.passwords import (
    MINIMUM_PASSWORD,
    check_password,
    new_passphrase,
    prepare_password,
)
from federation.staff.tokens import (
    RECOVERY_CODES,
    SessionToken,
    fold_recovery_code,
    new_recovery_codes,
)

__all__ = [
    "CLI",
    "CONSOLE",
    "MINIMUM_PASSWORD",
    "RECOVERY_CODES",
    "Account",
    "Lifetime",
    "SessionKind",
    "SessionToken",
    "StaffSession",
    "check_full_name",
    "check_name",
    "check_password",
    "fold_recovery_code",
    "new_passphrase",
    "new_recovery_codes",
    "pause",
    "prepare_password",
]

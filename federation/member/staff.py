# SPDX-License-Identifier: Apache-2.0
"""The people who work with a member's node: their accounts and roles."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from federation.audit import OPERATOR, PERSONAL_ROLES, Actor, Event, StaffRole
from federation.crypto.password import hash_password
from federation.errors import InputError, PolicyError
from federation.member.acting import admit
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.roles import StaffAction, needs
from federation.staff import (
    Account,
    check_full_name,
    check_name,
    check_password,
    new_passphrase,
    prepare_password,
)
from federation.storage import Named

__all__ = ["Invited", "Person", "Staff", "named_account", "own_names"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has an account, without anything secret."""

    id: bytes
    name: str = field(repr=False)
    full_name: str = field(repr=False)
    roles: frozenset[StaffRole]
    created: datetime
    disabled: datetime | None
    password_once: bool
    """Has not chosen a password yet."""
    password_changed: datetime
    second_factor: bool
    recovery_codes: int
    """That are left."""
    failures: int
    """Failed attempts since the last success."""
    locked_until: datetime | None

    @property
    def actor(self) -> str:
        """How the record names them."""
        return f"staff:{self.id.hex()}"


@dataclass(frozen=True, slots=True)
class Invited:
    """An account with a first password."""

    id: bytes
    passphrase: str | None = field(repr=False)
    """To be handed over, good for a week and for choosing another; None if a password was
    given."""


class Staff:
    """Accounts. As soon as there is one, there is a technician among those enabled."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def add(
        self,
        name: str,
        roles: Collection[StaffRole],
        *,
        full_name: str = "",
        password: str | None = None,
        by: Actor = OPERATOR,
    ) -> Invited:
        """Make an account.

        Args:
            name: What the person signs in with.
            roles: At least one.
            full_name: For the lists of this organisation.
            password: Chosen by the person; without, a passphrase is made that is good for
                choosing one.
            by: Who makes it.

        Raises:
            InputError: A name, the roles or the password cannot be used, or the name is taken.
            PolicyError: Only a technician may; or the first account is no technician's.
        """
        folded, full_name = check_name(name), check_full_name(full_name)
        _check_roles(roles)
        passphrase = new_passphrase() if password is None else None
        if password is not None:
            check_password(password, (folded, full_name, *own_names(self._core)))
        hashed = hash_password(prepare_password(password or passphrase or ""))
        with deed(self._core, by, *needs(StaffAction.STAFF_ADD)) as done:
            account = Account.new(folded, full_name, roles, hashed, done.at, once=password is None)
            if not done.tx.staff.add(account):
                raise InputError(
                    "there is an account with this name", next_step="see 'casethread staff list'"
                )
            _require_technician(done)
            self._record(done, account.id, "added", roles)
        return Invited(account.id, passphrase)

    def admit(self, by: Actor, action: StaffAction) -> Actor:
        """Return somebody with the roles of now, if they may do something.

        What changes anything is checked once more in its own transaction.

        Args:
            by: Who wants to.
            action: What.

        Raises:
            AuthenticationError: The session is over, or the account disabled.
            PolicyError: They may not.
        """
        with self._core.store.read() as tx:
            return admit(self._core, tx, by, *needs(action))

    def people(self) -> list[Person]:
        """Return everybody who has an account, by name, the disabled ones too."""
        with self._core.store.read() as tx:
            found = [(one, tx.staff.recovery_left(one.id)) for one in tx.staff.accounts()]
        return [_person(one, left) for one, left in found]

    def find(self, name: str) -> Person:
        """Return somebody by the name of the account.

        Raises:
            InputError: Nobody has it.
        """
        with self._core.store.read() as tx:
            found = tx.staff.find(check_name(name))
            left = 0 if found is None else tx.staff.recovery_left(found.id)
        if found is None:
            raise InputError(
                "there is no account with this name", next_step="see 'casethread staff list'"
            )
        return _person(found, left)

    def change(
        self,
        account: bytes,
        *,
        roles: Collection[StaffRole] | None = None,
        full_name: str | None = None,
        by: Actor = OPERATOR,
    ) -> None:
        """Give somebody these roles and no others, or another full name.

        Raises:
            InputError: A role cannot be given to people, or the name is none.
            PolicyError: Only a technician may; or no technician would be left.
        """
        with deed(self._core, by, *needs(StaffAction.STAFF_CHANGE)) as done:
            current = self._locked(done, account)
            if roles is not None:
                _check_roles(roles)
                done.tx.staff.set_roles(account, roles)
                _require_technician(done)
                self._record(done, account, "roles", roles)
            if full_name is not None:
                done.tx.staff.set_full_name(account, check_full_name(full_name))
                self._record(done, account, "full-name", current.roles if roles is None else roles)

    def disable(self, account: bytes, *, by: Actor = OPERATOR) -> None:
        """Disable an account and end its sessions; what it was doing is refused at once.

        Raises:
            InputError: It is disabled.
            PolicyError: Only a technician may; or no technician would be left.
        """
        with deed(self._core, by, *needs(StaffAction.STAFF_DISABLE)) as done:
            if self._locked(done, account).disabled is not None:
                raise InputError("the account is disabled already")
            done.tx.staff.set_disabled(account, done.at)
            done.tx.staff_sessions.end_all(account)
            _require_technician(done)
            self._record(done, account, "disabled")

    def enable(self, account: bytes, *, by: Actor = OPERATOR) -> None:
        """Enable a disabled account again, with its old roles and password.

        Raises:
            InputError: It is not disabled.
            PolicyError: Only a technician may.
        """
        with deed(self._core, by, *needs(StaffAction.STAFF_ENABLE)) as done:
            current = self._locked(done, account)
            if current.disabled is None:
                raise InputError("the account is not disabled")
            done.tx.staff.set_disabled(account, None)
            self._record(done, account, "enabled", current.roles)

    def reset(
        self, account: bytes, *, second_factor: bool = False, by: Actor = OPERATOR
    ) -> Invited:
        """Make a new first password for somebody; end the sessions and any waiting.

        Args:
            account: Whose.
            second_factor: Also remove the second factor, which the person has lost.
            by: Who does it.

        Raises:
            InputError: There is no such account.
            PolicyError: Only a technician may.
        """
        passphrase = new_passphrase()
        hashed = hash_password(prepare_password(passphrase))
        with deed(self._core, by, *needs(StaffAction.STAFF_RESET)) as done:
            self._locked(done, account)
            done.tx.staff.set_password(account, hashed, done.at, once=True)
            if second_factor:
                done.tx.staff.set_second_factor(account, None)
                self._record(done, account, "second-factor-removed")
            done.tx.staff_sessions.end_all(account)
            self._record(done, account, "password-reset")
        return Invited(account, passphrase)

    def _locked(self, done: Deed, account: bytes) -> Account:
        done.tx.staff.lock()
        found = done.tx.staff.get(account)
        if found is None:
            raise InputError("there is no such account", next_step="see 'casethread staff list'")
        return found

    def _record(
        self, done: Deed, account: bytes, reason: str, roles: Collection[StaffRole] = ()
    ) -> None:
        done.record(
            Event.STAFF_CHANGED,
            named=(named_account(account),),
            reason=reason,
            roles=tuple(sorted(roles)),
        )


def named_account(account: bytes) -> Named:
    """Return how an entry of the record refers to an account that did not act itself."""
    return Named("staff", account)


def own_names(core: Core) -> tuple[str, ...]:
    """Return names that everybody would try as a password here."""
    current = core.in_force()
    listed = () if current is None else tuple(one.name for one in current.charter.members)
    return ("casethread", core.me, *listed)


def _check_roles(roles: Collection[StaffRole]) -> None:
    if not roles or not PERSONAL_ROLES.issuperset(roles):
        raise InputError(
            "an account has one role or several, and none of a program",
            next_step=f"choose of: {', '.join(sorted(PERSONAL_ROLES))}",
        )


def _require_technician(done: Deed) -> None:
    if not any(
        one.disabled is None and StaffRole.TECHNICIAN in one.roles
        for one in done.tx.staff.accounts()
    ):
        raise PolicyError(
            "one enabled account must be a technician's",
            next_step="first make somebody else a technician: 'casethread staff add' or "
            "'casethread staff change'",
        )


def _person(account: Account, recovery_codes: int) -> Person:
    return Person(
        id=account.id,
        name=account.name,
        full_name=account.full_name,
        roles=account.roles,
        created=account.created,
        disabled=account.disabled,
        password_once=account.password_once,
        password_changed=account.password_changed,
        second_factor=account.second_factor is not None,
        recovery_codes=recovery_codes,
        failures=account.failures,
        locked_until=account.locked_until,
    )

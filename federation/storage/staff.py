# SPDX-License-Identifier: Apache-2.0
"""Accounts of the people who work with the node."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from federation.audit import StaffRole
from federation.staff import Account, fold_recovery_code, pause
from federation.storage.atrest import AtRest
from federation.storage.registry import conflict_insert, run, table_of
from federation.storage.tables_staff import StaffAccountRow, StaffRecoveryRow, StaffRefusalRow

__all__ = ["Refusals", "StaffRepository"]

_ACCOUNTS: Final = table_of(StaffAccountRow)
_RECOVERY: Final = table_of(StaffRecoveryRow)
_REFUSALS: Final = table_of(StaffRefusalRow)

_NOBODY: Final = b""
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refused attempts to sign in, of one day."""

    account: bytes | None
    """None for names that nobody has."""
    calls: int


class StaffRepository:
    """Accounts, their recovery codes, and the attempts that were refused."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def exist(self) -> bool:
        """Whether there is an account, disabled ones included."""
        return self._session.scalar(select(_ACCOUNTS.c.account).limit(1)) is not None

    def accounts(self) -> list[Account]:
        """All accounts by name."""
        rows = self._session.execute(select(_ACCOUNTS))
        return sorted(map(self._opened, rows), key=lambda account: account.name)

    def get(self, account: bytes) -> Account | None:
        """An account by its id."""
        query = select(_ACCOUNTS).where(_ACCOUNTS.c.account == account)
        row = self._session.execute(query).first()
        return None if row is None else self._opened(row)

    def find(self, name: str) -> Account | None:
        """An account by its name in its one spelling."""
        query = select(_ACCOUNTS).where(_ACCOUNTS.c.mark == self._mark(name))
        row = self._session.execute(query).first()
        return None if row is None else self._opened(row)

    def lock(self) -> None:
        """Let nobody else change an account before this transaction ends.

        What is checked over several accounts, such as that a technician is left, must hold
        when two people change two of them at once. On SQLite every writer is alone anyway.
        """
        ordered = select(_ACCOUNTS.c.account).order_by(_ACCOUNTS.c.account)
        self._session.execute(ordered.with_for_update()).all()

    def add(self, account: Account) -> bool:
        """Keep a new account; False if its name is taken."""
        row = {
            "account": account.id,
            "mark": self._mark(account.name),
            "name": self._seal(account.id, "name", account.name),
            "full_name": self._seal(account.id, "full_name", account.full_name),
            "roles": self._seal(account.id, "roles", _spell(account.roles)),
            "password": self._wrap(account.id, "password", account.password.encode()),
            "password_changed": account.password_changed,
            "password_once": account.password_once,
            "created": account.created,
            "failures": account.failures,
            "code_step": account.code_step,
        }
        new = conflict_insert(self._session, _ACCOUNTS)
        return run(self._session, new.on_conflict_do_nothing(index_elements=["mark"]), [row]) == 1

    def set_roles(self, account: bytes, roles: Iterable[StaffRole]) -> None:
        """Give an account these roles and no others."""
        self._change(account, roles=self._seal(account, "roles", _spell(roles)))

    def set_full_name(self, account: bytes, full_name: str) -> None:
        """Change how a person is called."""
        self._change(account, full_name=self._seal(account, "full_name", full_name))

    def set_disabled(self, account: bytes, at: datetime | None) -> None:
        """Disable an account, or enable it again."""
        self._change(account, disabled=at, failures=0, locked_until=None)

    def set_password(self, account: bytes, hashed: str, at: datetime, *, once: bool) -> None:
        """Change a password.

        Args:
            account: Id.
            hashed: Argon2id string.
            at: Now.
            once: It is good for choosing another one.
        """
        wrapped = self._wrap(account, "password", hashed.encode())
        self._change(
            account,
            password=wrapped,
            password_changed=at,
            password_once=once,
            failures=0,
            locked_until=None,
        )

    def rehash_password(self, account: bytes, hashed: str) -> None:
        """Keep the same password at today's cost."""
        self._change(account, password=self._wrap(account, "password", hashed.encode()))

    def set_second_factor(self, account: bytes, secret: bytes | None) -> None:
        """Keep the secret of the one-time codes, or forget it, with all recovery codes."""
        wrapped = None if secret is None else self._wrap(account, "second_factor", secret)
        self._change(account, second_factor=wrapped, code_step=-1)
        self._session.execute(delete(_RECOVERY).where(_RECOVERY.c.account == account))

    def spend_attempt(self, account: bytes, at: datetime) -> bool:
        """Count an attempt before it is known whether it will fail.

        However many come at once, each is counted before its password is looked at.

        Returns:
            False if the account has to wait; the attempt is not counted then, or who only
            knows a name could prolong the wait for ever.
        """
        query = select(_ACCOUNTS.c.failures, _ACCOUNTS.c.locked_until)
        row = self._session.execute(
            query.where(_ACCOUNTS.c.account == account).with_for_update()
        ).one()
        if row.locked_until is not None and at < row.locked_until:
            return False
        failures = row.failures + 1
        wait = pause(failures)
        self._change(account, failures=failures, locked_until=at + wait if wait else None)
        return True

    def forgive(self, account: bytes) -> None:
        """Forget the failed attempts."""
        self._change(account, failures=0, locked_until=None)

    def use_code(self, account: bytes, step: int) -> bool:
        """Remember the step of an accepted code; False if it, or a later one, was used."""
        older = _ACCOUNTS.c.account == account, _ACCOUNTS.c.code_step < step
        return run(self._session, update(_ACCOUNTS).where(*older).values(code_step=step)) == 1

    def put_recovery(self, account: bytes, codes: Iterable[str]) -> None:
        """Keep new recovery codes instead of all older ones."""
        self._session.execute(delete(_RECOVERY).where(_RECOVERY.c.account == account))
        rows = [{"mark": self._code(account, code), "account": account} for code in codes]
        self._session.execute(_RECOVERY.insert(), rows)

    def has_recovery(self, account: bytes, code: str) -> bool:
        """Whether this is an unused recovery code of the account."""
        query = select(_RECOVERY.c.mark).where(_RECOVERY.c.mark == self._code(account, code))
        return self._session.scalar(query) is not None

    def use_recovery(self, account: bytes, code: str) -> bool:
        """Use up a recovery code; False if there is none such."""
        spent = delete(_RECOVERY).where(_RECOVERY.c.mark == self._code(account, code))
        return run(self._session, spent) == 1

    def recovery_left(self, account: bytes) -> int:
        """How many recovery codes an account has."""
        query = select(func.count()).where(_RECOVERY.c.account == account)
        return self._session.scalar(query) or 0

    def count_refusal(self, account: bytes | None, at: datetime) -> None:
        """Count an attempt that was refused."""
        row = {"day": _day(at), "account": account or _NOBODY, "calls": 1}
        more = conflict_insert(self._session, _REFUSALS).values(**row)
        self._session.execute(
            more.on_conflict_do_update(
                index_elements=["day", "account"], set_={"calls": _REFUSALS.c.calls + 1}
            )
        )

    def refusals_due(self, at: datetime) -> bool:
        """Whether there are counts of days that are over."""
        query = select(_REFUSALS.c.day).where(_REFUSALS.c.day < _day(at)).limit(1)
        return self._session.scalar(query) is not None

    def take_refusals(self, at: datetime) -> list[Refusals]:
        """Return the counts of the days that are over, and forget them."""
        gone = delete(_REFUSALS).where(_REFUSALS.c.day < _day(at))
        rows = self._session.execute(gone.returning(_REFUSALS)).all()
        ordered = sorted(rows, key=lambda row: (row.day, row.account))
        return [Refusals(row.account or None, row.calls) for row in ordered]

    def _change(self, account: bytes, **values: Any) -> None:
        self._session.execute(
            update(_ACCOUNTS).where(_ACCOUNTS.c.account == account).values(**values)
        )

    def _mark(self, name: str) -> bytes:
        return self._at_rest.fingerprint(b"staff|name|" + name.encode())

    def _code(self, account: bytes, code: str) -> bytes:
        folded = fold_recovery_code(code).encode()
        return self._at_rest.fingerprint(b"staff|recovery|" + account + folded)

    def _seal(self, account: bytes, column: str, text: str) -> bytes:
        return self._at_rest.vault.seal("staff_accounts", column, account, text.encode())

    def _open(self, account: bytes, column: str, sealed: bytes) -> str:
        return self._at_rest.vault.open("staff_accounts", column, account, sealed).decode()

    def _wrap(self, account: bytes, column: str, secret: bytes) -> bytes:
        return self._at_rest.wrap(_place(account, column), secret)

    def _opened(self, row: Row[Any]) -> Account:
        password = self._at_rest.unwrap(_place(row.account, "password"), row.password)
        wrapped = row.second_factor
        return Account(
            id=row.account,
            name=self._open(row.account, "name", row.name),
            full_name=self._open(row.account, "full_name", row.full_name),
            roles=_read(self._open(row.account, "roles", row.roles)),
            password=password.decode(),
            password_changed=row.password_changed,
            password_once=row.password_once,
            created=row.created,
            disabled=row.disabled,
            failures=row.failures,
            locked_until=row.locked_until,
            second_factor=None
            if wrapped is None
            else self._at_rest.unwrap(_place(row.account, "second_factor"), wrapped),
            code_step=row.code_step,
        )


def _place(account: bytes, column: str) -> str:
    return f"staff_accounts|{column}|{account.hex()}"


def _spell(roles: Iterable[StaffRole]) -> str:
    return json.dumps(sorted(role.value for role in roles))


def _read(text: str) -> frozenset[StaffRole]:
    return frozenset(map(StaffRole, json.loads(text)))


def _day(at: datetime) -> int:
    return int(at.timestamp()) // _DAY

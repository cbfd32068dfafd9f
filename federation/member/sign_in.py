# SPDX-License-Identifier: Apache-2.0
"""Signing in, and what people do with their own account.

Every attempt costs one Argon2id, whether or not there is such an account, and every refusal
says the same, so that nobody learns who has one. An attempt is counted before it is looked at.
"""

from dataclasses import dataclass, field
from datetime import datetime

from federation.audit import NODE, PERSONAL_ROLES, Actor, Count, Event, staff
from federation.crypto.password import hash_password, is_current
from federation.crypto.totp import verify_code
from federation.errors import AuthenticationError, InputError, VerifyError
from federation.member.acting import admit, require_session
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.proof import Proof, fits, prove
from federation.member.staff import named_account, own_names
from federation.staff import (
    Account,
    SessionKind,
    SessionToken,
    check_name,
    check_password,
    new_recovery_codes,
    prepare_password,
)
from federation.storage import Tx

__all__ = ["SignIns", "SignedIn"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun."""

    token: str = field(repr=False)
    """Proves the session; nobody else may have it."""
    account: bytes
    expires: datetime
    strong: bool
    """A second factor was given."""
    must_choose: bool
    """Nothing can be done before a password is chosen (`SignIns.change_password`)."""
    failures: int
    """Attempts that failed since the last success: others', if the person did not mistype."""


class SignIns:
    """Sessions of the people who work with the node."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def sign_in(
        self, name: str, password: str, code: str = "", *, kind: SessionKind = SessionKind.CLI
    ) -> SignedIn:
        """Begin a session.

        Args:
            name: Of the account.
            password: As typed.
            code: Of the authenticator app, or a recovery code; empty without a second factor.
            kind: Through what.

        Raises:
            AuthenticationError: Something is wrong, or the account has to wait. Which of the
                two, or what, is not said.
        """
        at = self._core.clock()
        with self._core.store.write() as tx:
            account = _find(tx, name)
            allowed = account is not None and tx.staff.spend_attempt(account.id, at)
            recovery = account is not None and tx.staff.has_recovery(account.id, code)
        proof = prove(account, password, code, at, recovery=recovery)
        if account is None or proof is None or not allowed or account.disabled is not None:
            raise self._refused(account)
        return self._begin(account, proof, password, kind)

    def sign_out(self, token: str) -> bool:
        """End a session; False if there is none (any more)."""
        with self._core.store.write() as tx:
            found = tx.staff_sessions.find(SessionToken.parse(token))
            return found is not None and tx.staff_sessions.end(found.mark)

    def actor(self, token: str) -> Actor:
        """Return who has a token, and say that the session is used.

        Args:
            token: From `sign_in`.

        Raises:
            AuthenticationError: The session is over.
            MalformedError: It is no token.
        """
        parsed = SessionToken.parse(token)
        with self._core.store.read() as tx:
            session = tx.staff_sessions.find(parsed)
            claim = staff(parsed.account, PERSONAL_ROLES, b"" if session is None else session.mark)
            found, _ = require_session(self._core, tx, claim)
            acting = admit(self._core, tx, claim)
        if found.stale(self._core.clock()):
            with self._core.store.write() as tx:
                tx.staff_sessions.touch(found.mark, self._core.clock())
        return acting

    def expires(self, by: Actor) -> datetime:
        """Return when the session of a person who acts is over, used or not.

        Raises:
            AuthenticationError: It is.
        """
        with self._core.store.read() as tx:
            return require_session(self._core, tx, by)[0].expires

    def change_password(self, by: Actor, old: str, new: str) -> None:
        """Change the own password; other sessions of the account end.

        Args:
            by: Who is signed in.
            old: The password until now.
            new: From now on.

        Raises:
            AuthenticationError: The old password is wrong, or the session is over.
            InputError: The new one cannot be used.
        """
        account = self._own(by)
        check_password(new, (account.name, account.full_name, *own_names(self._core)))
        if prepare_password(new) == prepare_password(old):
            raise InputError("the new password is the old one", next_step="choose another one")
        self._confirm(account, old)
        hashed = hash_password(prepare_password(new))
        with deed(self._core, by) as done:
            self._unchanged(done.tx, account)
            done.tx.staff.set_password(account.id, hashed, done.at, once=False)
            done.tx.staff_sessions.end_all(account.id, but=by.session)
            done.record(
                Event.STAFF_CHANGED, named=(named_account(account.id),), reason="password-changed"
            )

    def enrol(self, by: Actor, password: str, secret: bytes, code: str) -> tuple[str, ...]:
        """Add a second factor to the own account, or replace it; other sessions end.

        Args:
            by: Who is signed in.
            password: The own one once more: a session left open is not enough.
            secret: From `federation.crypto.totp.new_secret`, now also in the app.
            code: That the app shows.

        Returns:
            Recovery codes, each good once instead of a code. They are shown now and never
            again.

        Raises:
            AuthenticationError: The password is wrong, or the session is over.
            InputError: The code does not fit.
        """
        account = self._own(by)
        self._confirm(account, password)
        at = self._core.clock()
        try:
            step = verify_code(secret, code, at.timestamp(), after=-1)
        except VerifyError as error:
            raise InputError(
                "the code does not fit", next_step="compare the clocks, and try the next code"
            ) from error
        codes = new_recovery_codes()
        with deed(self._core, by) as done:
            self._unchanged(done.tx, account)
            done.tx.staff.set_second_factor(account.id, secret)
            done.tx.staff.use_code(account.id, step)
            done.tx.staff.put_recovery(account.id, codes)
            done.tx.staff_sessions.end_all(account.id, but=by.session)
            done.tx.staff_sessions.strengthen(by.session)
            done.record(
                Event.STAFF_CHANGED, named=(named_account(account.id),), reason="second-factor"
            )
        return codes

    def settle(self) -> None:
        """Write the refused attempts of the days that are over into the record.

        One entry for each account and day, and one for all unknown names: who tries cannot
        make the record grow.
        """
        at = self._core.clock()
        with self._core.store.read() as tx:
            due = tx.staff.refusals_due(at)
        if not due:
            return
        with deed(self._core, NODE) as done:
            taken = done.tx.staff.take_refusals(at)
            for one in taken:
                done.record(
                    Event.SIGN_IN_REFUSED,
                    counts={Count.CALLS: one.calls},
                    named=() if one.account is None else (named_account(one.account),),
                )
            if not taken:
                done.entries += 1  # another process was faster, and wrote them

    def _begin(self, account: Account, proof: Proof, password: str, kind: SessionKind) -> SignedIn:
        """Begin the session, if nothing has changed since the proof was checked."""
        self.settle()
        dearer = None if is_current(account.password) else hash_password(prepare_password(password))
        token = SessionToken.new(account.id)
        try:
            with deed(self._core, NODE) as done:
                self._unchanged(done.tx, account)
                used = (
                    (proof.step is None or done.tx.staff.use_code(account.id, proof.step))
                    and (
                        proof.recovery is None
                        or done.tx.staff.use_recovery(account.id, proof.recovery)
                    )
                )  # fmt: skip
                if not used:
                    raise _wrong()
                done.tx.staff.forgive(account.id)
                if dearer is not None:
                    done.tx.staff.rehash_password(account.id, dearer)
                done.tx.staff_sessions.prune(done.at)
                strong = account.second_factor is not None
                begun = done.tx.staff_sessions.begin(token, kind, done.at, strong=strong)
                done.record(
                    Event.SIGNED_IN, by=staff(account.id, account.roles), reason=proof.reason
                )
        except AuthenticationError as error:
            raise self._refused(account) from error
        return SignedIn(
            token.text(), account.id, begun.expires, strong, account.password_once, account.failures
        )

    def _own(self, by: Actor) -> Account:
        with self._core.store.read() as tx:
            return require_session(self._core, tx, by)[1]

    def _confirm(self, account: Account, password: str) -> None:
        """Check a password that is given again; it counts as an attempt."""
        at = self._core.clock()
        with self._core.store.write() as tx:
            allowed = tx.staff.spend_attempt(account.id, at)
        right = fits(account.password, password)
        if not allowed or not right:
            raise self._refused(account)
        with self._core.store.write() as tx:
            tx.staff.forgive(account.id)

    def _unchanged(self, tx: Tx, account: Account) -> None:
        """Refuse if what was checked is not what stands now."""
        current = tx.staff.get(account.id)
        seen = (account.password, account.second_factor, account.disabled)
        if current is None or seen != (current.password, current.second_factor, current.disabled):
            raise _wrong()

    def _refused(self, account: Account | None) -> AuthenticationError:
        """Count a refusal."""
        with self._core.store.write() as tx:
            tx.staff.count_refusal(None if account is None else account.id, self._core.clock())
        self._core.log.warning(
            "sign_in_refused", account=None if account is None else account.id.hex()
        )
        return _wrong()


def _wrong() -> AuthenticationError:
    return AuthenticationError(
        "the name, the password or the code is wrong, or it is too early to try again",
        next_step="wait and try again, up to an hour after many failures; a technician can help: "
        "'casethread staff reset NAME'",
    )


def _find(tx: Tx, name: str) -> Account | None:
    try:
        return tx.staff.find(check_name(name))
    except InputError:
        return None  # nobody can have it

# SPDX-License-Identifier: Apache-2.0
"""Keeping a case out of everything: restriction of processing (Art. 18 GDPR), and do-not-match."""

from federation.audit import OPERATOR, Actor, Event, Outcome
from federation.errors import InputError
from federation.member.consents import require_case
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.naming import named_case
from federation.member.roles import StaffAction, needs
from federation.storage import Restriction, RestrictionGround

__all__ = ["Restricting"]


class Restricting:
    """What is done about restrictions."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def restrict(
        self, case_id: str, ground: RestrictionGround, *, source: str, by: Actor = OPERATOR
    ) -> None:
        """Keep a case out of everything: comparing, disclosing, referring.

        Its pseudonyms are removed, and partners that may know of a match on it are told that it
        is over. It stays here, and stays kept out if it is imported again.

        Args:
            case_id: The own case.
            ground: Why.
            source: Of the case.
            by: Who restricts it.

        Raises:
            InputError: There is no such case, or it is kept out already.
            PolicyError: Who restricts it may not.
        """
        with deed(self._core, by, *needs(StaffAction.CASE_RESTRICT)) as done:
            tx, case = done.tx, require_case(done.tx, case_id, source)
            if not tx.restrictions.put(case_id, source, Restriction(ground, done.at, done.by.id)):
                raise InputError("the case is kept out already")
            tx.tokens.remove(tx.restrictions.observations(case))
            tx.restrictions.reset(case)
            done.record(
                Event.CASE_RESTRICTED, reason=ground.value, named=(named_case(source, case_id),)
            )
        self._core.scrub(due=True)

    def unrestrict(self, case_id: str, *, source: str, by: Actor = OPERATOR) -> None:
        """Let a case in again; the next synchronisation compares what may be compared.

        Args:
            case_id: The own case.
            source: Of the case.
            by: Who lets it in.

        Raises:
            InputError: There is no such case, or it is not kept out.
            PolicyError: Who lets it in may not.
        """
        with deed(self._core, by, *needs(StaffAction.CASE_UNRESTRICT)) as done:
            require_case(done.tx, case_id, source)
            if not done.tx.restrictions.lift(case_id, source):
                raise InputError("the case is not kept out")
            done.record(
                Event.CASE_RESTRICTED,
                outcome=Outcome.UNDONE,
                named=(named_case(source, case_id),),
            )

    def of(self, case_id: str, *, source: str) -> Restriction | None:
        """Return why a case is kept out, or None if it is not."""
        with self._core.store.read() as tx:
            return tx.restrictions.get(case_id, source)

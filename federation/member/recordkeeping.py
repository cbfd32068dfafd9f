# SPDX-License-Identifier: Apache-2.0
"""The own record: counting what would fill it, checking it, beginning anew after a loss."""

from collections.abc import Callable
from typing import Final

from federation.audit import NODE, OPERATOR, Actor, Count, Event, StaffRole, open_checkpoint
from federation.audit.inspect import inspect_log
from federation.errors import VerifyError
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.publishing import Publisher

__all__ = ["RecordKeeper"]

_TECHNICIANS: Final = (StaffRole.TECHNICIAN, StaffRole.DATA_PROTECTION)


class RecordKeeper:
    """What is done with the record as a whole."""

    def __init__(self, core: Core, publisher: Publisher) -> None:
        self._core = core
        self._publisher = publisher

    def refused(self, sender: str | None, reason: str) -> None:
        """Count a call that was refused; one entry for each caller, reason and day.

        Args:
            sender: Who called; None for a caller that is not known.
            reason: Of the catalogue of errors.
        """
        at = self._core.clock()
        facts = {"actor": NODE.id, "member": sender, "reason": reason.lower()}
        with self._core.store.write() as tx:
            tx.audit.count(Event.REFUSALS, at, {Count.CALLS: 1}, **facts)

    def looked(self, event: Event, by: Actor) -> None:
        """Count that somebody looked at a listing; one entry for each person and day.

        Args:
            event: `Event.MATCH_READ` or another event of reading.
            by: Who looked.
        """
        with self._core.store.write() as tx:
            tx.audit.count(event, self._core.clock(), {Count.CALLS: 1}, actor=by.id)

    def check(self, progress: Callable[[int], None] | None = None) -> int:
        """Check every entry of the record against the own checkpoints.

        Args:
            progress: Called with the number of entries of the log so far.

        Returns:
            How many entries there are.

        Raises:
            VerifyError: Something was changed, removed, moved or cut off. Says what and where.
        """
        key = self._core.identity.signing.verify_key
        total = 0
        with self._core.store.read() as tx:
            for span in tx.audit.logs():
                if span.begin != total:
                    raise VerifyError("the logs of the record do not follow each other")
                published = tx.checkpoints.list(span.generation)
                checkpoints = [open_checkpoint(one.note, key) for one in published]
                total += inspect_log(tx.audit.store_of(span), checkpoints, progress=progress)
        return total

    def begin_anew(self, by: Actor = OPERATOR) -> int:
        """Begin a new log after entries were lost, as after restoring a backup.

        The entries that are left stay in the record. Every witness is told, and says so to its
        own people.

        Args:
            by: Who decides it.

        Returns:
            The generation of the new log.

        Raises:
            PolicyError: Who decides it may not.
        """
        by.require(*_TECHNICIANS)
        self._publisher.ask()
        with deed(self._core, by, *_TECHNICIANS) as done:
            generation = self._publisher.begin_anew(done.tx, by)
            done.entries += 1  # the first record of the new log
        return generation

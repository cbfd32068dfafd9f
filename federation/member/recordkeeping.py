# SPDX-License-Identifier: Apache-2.0
"""The own record: counting what would fill it, checking it, beginning anew after a loss."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from federation.audit import NODE, OPERATOR, Actor, Count, Event, open_checkpoint
from federation.audit.bundle import Enclosure
from federation.audit.inspect import inspect_log
from federation.documents import digest
from federation.errors import VerifyError
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.evidence import Exported, Gatherer, Selection
from federation.member.naming import named_letter, named_match
from federation.member.publishing import Publisher
from federation.member.roles import StaffAction, needs
from federation.storage import Tx

__all__ = ["RecordKeeper"]

_RENEWERS: Final = needs(StaffAction.AUDIT_BEGIN_ANEW)
_READERS: Final = needs(StaffAction.AUDIT_EXPORT)


class RecordKeeper:
    """What is done with the record as a whole."""

    def __init__(self, core: Core, publisher: Publisher, gatherer: Gatherer) -> None:
        self._core = core
        self._publisher = publisher
        self._gatherer = gatherer

    def encloses(self, finder: Callable[[Tx, bytes], Enclosure | None]) -> None:
        """Let evidence bundles enclose further signed documents that entries name.

        Args:
            finder: Returns the document whose payload has a hash, or None.
        """
        self._gatherer.finders.append(finder)

    def next_checkpoint(self) -> datetime:
        """When the next checkpoint is due."""
        return self._publisher.next_slot()

    def export(self, wanted: Selection, *, reveal: bool = False, by: Actor = OPERATOR) -> Exported:
        """Put an evidence bundle together; the record says that it was, before it is handed out.

        Args:
            wanted: What it is about.
            reveal: Whether it says what references mean, and shows letters with content.
            by: Who exports.

        Raises:
            PolicyError: Who exports may not.
            InputError: The record says nothing about it, or nothing that a checkpoint covers.
        """
        with self._core.store.read() as tx:
            exported = self._gatherer.gather(tx, wanted, reveal=reveal)
        named = []
        if wanted.match is not None:
            named.append(named_match(wanted.match))
        if wanted.letter is not None:
            named.append(named_letter(wanted.letter))
        with deed(self._core, by, *_READERS) as done:
            done.record(
                Event.RECORD_EXPORTED,
                named=named,
                documents=(digest(exported.bundle),),
                counts={Count.ENTRIES: exported.entries},
                reason="revealed" if reveal else None,
            )
        return exported

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
        self._publisher.ask()
        with deed(self._core, by, *_RENEWERS) as done:
            generation = self._publisher.begin_anew(done.tx, by)
            done.entries += 1  # the first record of the new log
        return generation

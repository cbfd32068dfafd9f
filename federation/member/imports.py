# SPDX-License-Identifier: Apache-2.0
"""Imports of whole files: cases that are gone, and taking an import back."""

from typing import Final

from federation.audit import OPERATOR, Actor, Count, Event
from federation.errors import InputError
from federation.member.casework import Casework
from federation.member.core import Core
from federation.member.deeds import deed
from federation.member.roles import StaffAction, needs
from federation.storage import UNDO_DAYS, ImportStatus, StoredImport, UndoStep

__all__ = ["Imports"]

_BATCH: Final = 200
_REMOVES: Final = needs(StaffAction.CASE_IMPORT)


class Imports:
    """What is done with an import as a whole."""

    def __init__(self, core: Core, cases: Casework) -> None:
        self._core = core
        self._cases = cases

    def remove_missing(self, begun: StoredImport, by: Actor = OPERATOR) -> int:
        """Remove the cases of its source that an import did not bring.

        Args:
            begun: An import that has read its file to the end.
            by: Who imports.

        Returns:
            How many were removed.
        """
        removed = 0
        while True:
            with deed(self._core, by, *_REMOVES) as done:
                some = done.tx.imports.remove_missing(
                    begun.source, begun.number, _BATCH, keep=begun.kept
                )
                done.count(Event.CASES_REMOVED, {Count.CASES: some})
                if not some:
                    done.tx.audit.close_run(Event.CASES_REMOVED, done.at, actor=by.id)
            removed += some
            if not some:
                break
        if removed:
            self._core.scrub(due=True)
        return removed

    def undo(self, number: int, by: Actor = OPERATOR) -> UndoStep:
        """Take an import back: what it brought goes, what it replaced returns.

        It is done in parts, each in a transaction; if it is cut off, it is called again.

        Args:
            number: The import.
            by: Who takes it back.

        Returns:
            What was done.

        Raises:
            InputError: There is no such import, or it cannot be taken back (any more).
        """
        self._require_undoable(number)
        deleted = restored = left = 0
        while True:
            with deed(self._core, by, *_REMOVES) as done:
                step = done.tx.imports.undo_some(number, done.at, _BATCH)
                self._cases.prepare(done.tx)
                done.count(Event.CASES_REMOVED, {Count.CASES: step.deleted + step.restored})
                if step.done:
                    done.tx.imports.mark_undone(number)
                    done.tx.audit.close_run(Event.CASES_REMOVED, done.at, actor=by.id)
                    break
            deleted += step.deleted
            restored += step.restored
            left += step.left
        self._core.scrub(due=True)
        return UndoStep(deleted, restored, left)

    def _require_undoable(self, number: int) -> None:
        with self._core.store.read() as tx:
            found = tx.imports.get(number)
            last = None if found is None else tx.imports.last(found.source)
        if found is None:
            raise InputError(
                "there is no such import", next_step="run 'casethread case imports' to see all"
            )
        if found.status is ImportStatus.UNDONE:
            raise InputError(
                "this import was taken back already",
                next_step="nothing is left to do",
            )
        if not found.kept:
            raise InputError(
                f"what this import replaced is not kept (any more; it is for {UNDO_DAYS} days)",
                next_step="correct the file and import it again",
            )
        if last is not None and last != number:
            raise InputError(
                f"import {last} of the same source came after it",
                next_step=f"take that one back first: casethread case import --undo {last}",
            )

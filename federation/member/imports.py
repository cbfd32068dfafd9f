# SPDX-License-Identifier: Apache-2.0
"""Imports of whole files: cases that are gone, and taking an import back."""

from typing import Final

from federation.errors import InputError
from federation.member.casework import Casework
from federation.member.core import Core
from federation.storage import UNDO_DAYS, ImportStatus, StoredImport, UndoStep

__all__ = ["Imports"]

_BATCH: Final = 200


class Imports:
    """What is done with an import as a whole."""

    def __init__(self, core: Core, cases: Casework) -> None:
        self._core = core
        self._cases = cases

    def remove_missing(self, begun: StoredImport) -> int:
        """Remove the cases of its source that an import did not bring.

        Args:
            begun: An import that has read its file to the end.

        Returns:
            How many were removed.
        """
        removed = 0
        while True:
            with self._core.store.write() as tx:
                some = tx.imports.remove_missing(
                    begun.source, begun.number, _BATCH, keep=begun.kept
                )
            removed += some
            if not some:
                break
        if removed:
            self._core.scrub(due=True)
        return removed

    def undo(self, number: int) -> UndoStep:
        """Take an import back: what it brought goes, what it replaced returns.

        It is done in parts, each in a transaction; if it is cut off, it is called again.

        Args:
            number: The import.

        Returns:
            What was done.

        Raises:
            InputError: There is no such import, or it cannot be taken back (any more).
        """
        self._require_undoable(number)
        deleted = restored = left = 0
        while True:
            with self._core.store.write() as tx:
                step = tx.imports.undo_some(number, self._core.clock(), _BATCH)
                self._cases.prepare(tx)
                if step.done:
                    tx.imports.mark_undone(number)
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

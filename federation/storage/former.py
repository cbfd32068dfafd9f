# SPDX-License-Identifier: Apache-2.0
"""A case as it was, kept in the vault while the import that changed it can be taken back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.indicators import Case, Kind, Observation, Subject
from federation.storage.atrest import AtRest, Vault
from federation.storage.records import CaseContent, ObservationContent
from federation.storage.registry import chunks, insert_new, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow
from federation.storage.tables_imports import ImportUndoRow

_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_UNDO: Final = table_of(ImportUndoRow)


@dataclass(frozen=True, slots=True, repr=False)
class FormerCase:
    """A case with all that its row remembered."""

    case: Case
    source: str
    run: str
    born: str

    def seal(self, vault: Vault, row: bytes) -> bytes:
        """Seal it for its row."""
        observations = [
            [seen.kind.value, seen.subject.value, seen.field, _plain(seen.raw), seen.region]
            for seen in self.case.observations
        ]
        about = [self.case.id, self.source, self.case.region, self.run, self.born]
        content = [*about, observations, self.case.minor]
        return vault.seal("import_undo", "content", row, json.dumps(content).encode())

    @classmethod
    def open(cls, vault: Vault, row: bytes, sealed: bytes) -> Self:
        """Open what `seal` made for this row (OpenError)."""
        content = json.loads(vault.open("import_undo", "content", row, sealed))
        # Version 0.1 kept no word on minors.
        case_id, source, region, run, born, observations, *minor = content
        seen = tuple(
            Observation(Kind(kind), raw, Subject(subject), region=where, field=field)
            for kind, subject, field, raw, where in observations
        )
        return cls(Case(case_id, region, seen, *minor), source, run, born)


def keep_cases(session: Session, at_rest: AtRest, uuids: Sequence[bytes], run: str) -> None:
    """Keep cases as they are now, before an import changes or removes them.

    The first state that an import meets is kept: an import that was cut off and is
    repeated does not overwrite it.

    Args:
        session: A writing transaction.
        at_rest: The ciphers.
        uuids: Rows of the cases.
        run: Number of the import.
    """
    vault = at_rest.vault
    for part in chunks(uuids):
        seen = _observations(session, vault, part)
        found = session.execute(select(_CASES).where(_CASES.c.uuid.in_(part)))
        rows: list[dict[str, Any]] = []
        for row in found:
            content = CaseContent.open(vault, row.uuid, row.content)
            observed = tuple(seen.get(row.uuid, ()))
            case = Case(content.id, content.region, observed, content.minor)
            uuid = uuid4().bytes
            former = FormerCase(case, content.source, row.run, row.born).seal(vault, uuid)
            rows.append({"uuid": uuid, "number": int(run), "handle": row.handle, "content": former})
        insert_new(session, _UNDO, rows)


def forget_former(session: Session, handle: bytes) -> None:
    """Delete what imports kept of a case that is being forgotten."""
    session.execute(delete(_UNDO).where(_UNDO.c.handle == handle))


def _observations(
    session: Session, vault: Vault, cases: Sequence[bytes]
) -> dict[bytes, list[Observation]]:
    query = (
        select(_OBSERVATIONS)
        .where(_OBSERVATIONS.c.case.in_(cases))
        .order_by(_OBSERVATIONS.c.position)
    )
    found: dict[bytes, list[Observation]] = {}
    for row in session.execute(query):
        seen = ObservationContent.open(vault, row.uuid, row.content)
        observation = Observation(
            Kind(row.kind), seen.raw, Subject(row.subject), region=seen.region, field=seen.field
        )
        found.setdefault(row.case, []).append(observation)
    return found


def _plain(raw: str | Mapping[str, str]) -> str | dict[str, str]:
    return raw if isinstance(raw, str) else dict(raw)

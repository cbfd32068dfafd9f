# SPDX-License-Identifier: Apache-2.0
"""Cases on their way in, with the fingerprints by which they and their observations are found.

Made before the transaction that stores them, so that what is new in them can be judged while
nobody waits for the database.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from json.encoder import encode_basestring_ascii as quoted
from typing import Final, Self

from federation.indicators import Case, Kind, Observation, Raw, Subject
from federation.storage.atrest import AtRest
from federation.storage.records import ObservationContent

__all__ = [
    "CaseBatch",
    "IncomingCase",
    "Unknown",
    "case_handle",
    "case_name",
    "cut",
    "source_mark",
]

_MOST_ROWS: Final = 2_000
"""In one transaction, so that other writers wait no longer than some tenths of a second."""


def case_handle(at_rest: AtRest, source: str, case_id: str) -> bytes:
    """What a case is found by: the fingerprint of its source and id."""
    return at_rest.fingerprint(f'["case", {quoted(source)}, {quoted(case_id)}]'.encode())


def case_name(at_rest: AtRest, case_id: str) -> bytes:
    """What the cases with this id are found by, whatever their source."""
    return at_rest.fingerprint(f'["case id", {quoted(case_id)}]'.encode())


def source_mark(at_rest: AtRest, source: str) -> bytes:
    """What the cases of a source are found by."""
    return at_rest.fingerprint(f'["source", {quoted(source)}]'.encode())


@dataclass(frozen=True, slots=True, repr=False)
class IncomingCase:
    """One case of a batch."""

    case: Case
    handle: bytes
    """What it is found by."""
    seen: Mapping[bytes, tuple[Observation, ObservationContent]]
    """Its observations by fingerprint; one that is there twice counts once."""

    @classmethod
    def of(cls, at_rest: AtRest, source: str, case: Case) -> Self:
        """Work out the fingerprints of a case."""
        handle = case_handle(at_rest, source, case.id)
        seen: dict[bytes, tuple[Observation, ObservationContent]] = {}
        for one in case.observations:
            content = ObservationContent(one.field, one.raw, one.region or case.region)
            # The handle keeps equal values of two cases from looking equal in the database.
            what = f'["observation", "{handle.hex()}", "{one.kind.value}", "{one.subject.value}"]'
            fingerprint = at_rest.fingerprint(what.encode() + content.encode())
            seen.setdefault(fingerprint, (one, content))
        return cls(case, handle, seen)


@dataclass(frozen=True, slots=True, repr=False)
class Unknown:
    """An observation that is not in the database yet."""

    fingerprint: bytes
    uuid: bytes
    """What its row will be called."""
    kind: Kind
    subject: Subject
    raw: Raw
    region: str | None
    """Its own region, else that of its case."""


@dataclass(frozen=True, slots=True, repr=False)
class CaseBatch:
    """Cases of one source, each id once."""

    source: str
    cases: Sequence[IncomingCase]
    unknown: Sequence[Unknown] = ()
    """What was not in the database when it was looked up."""

    @classmethod
    def of(cls, at_rest: AtRest, source: str, cases: Iterable[Case]) -> Self:
        """Work out the fingerprints of all."""
        return cls(source, [IncomingCase.of(at_rest, source, case) for case in cases])

    def without(self, known: Collection[bytes], uuids: Iterator[bytes]) -> Self:
        """Return the batch with every observation unknown whose fingerprint is not known."""
        unknown = [
            Unknown(fingerprint, next(uuids), one.kind, one.subject, one.raw, content.region)
            for incoming in self.cases
            for fingerprint, (one, content) in incoming.seen.items()
            if fingerprint not in known
        ]
        return replace(self, unknown=unknown)


def cut(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """Cut a stream of cases into batches that make short transactions.

    Each id is once in a batch: of two spellings of one case both count, and the later wins.

    Yields:
        Cases with at most 2,000 rows together, or one case with more.
    """
    batch: dict[str, Case] = {}
    rows = 0
    for case in cases:
        more = 1 + len(case.observations)
        if batch and (rows + more > _MOST_ROWS or case.id in batch):
            yield [*batch.values()]
            batch, rows = {}, 0
        batch[case.id] = case
        rows += more
    if batch:
        yield [*batch.values()]

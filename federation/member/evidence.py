# SPDX-License-Identifier: Apache-2.0
"""Putting an evidence bundle together from the record."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from federation.audit import BLOCK, Event, Log, Record
from federation.audit.bundle import (
    About,
    Bundle,
    Enclosure,
    LogEvidence,
    Opening,
    SignedAgreement,
    Stretch,
)
from federation.documents import digest
from federation.errors import InputError
from federation.letters import make_receipt
from federation.member.core import Core
from federation.member.correspondence import Correspondence
from federation.member.naming import named_letter, named_match
from federation.storage import Entry, LogSpan, StoredCheckpoint, Tx

__all__ = ["Exported", "Gatherer", "Selection"]

_AGREEMENTS: Final = (
    Event.AGREEMENT_PROPOSED,
    Event.AGREEMENT_SIGNED,
    Event.AGREEMENT_IN_FORCE,
    Event.AGREEMENT_ENDED,
)
_ALL: Final = 2**31


@dataclass(frozen=True, slots=True)
class Selection:
    """What is exported: one of these."""

    match: bytes | None = None
    """Everything about one match, by its own UUID."""
    letter: bytes | None = None
    """Everything about one letter, by its id."""
    since: datetime | None = None
    """Every entry from a time on."""

    @property
    def about(self) -> About:
        """Which of them it is."""
        if self.since is not None:
            return About.PERIOD
        return About.MATCH if self.match is not None else About.LETTER


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was put together."""

    bundle: bytes = field(repr=False)
    """The file."""
    entries: int
    """How many entries it proves."""
    left_out: int
    """How many more there are that no checkpoint covers yet."""


class Gatherer:
    """Finds what belongs to a thing, and everything that it takes to check it."""

    def __init__(self, core: Core, letters: Correspondence) -> None:
        self._core = core
        self._letters = letters
        self.finders: list[Callable[[Tx, bytes], Enclosure | None]] = []
        """Find other signed documents by the hash of their payload: consents, decisions."""

    def gather(self, tx: Tx, wanted: Selection, *, reveal: bool) -> Exported:
        """Put a bundle together.

        Args:
            tx: An open transaction.
            wanted: What it is about.
            reveal: Whether it says what references mean, and shows letters with content.

        Raises:
            InputError: The record says nothing about it, or nothing that a checkpoint covers.
        """
        places = self._places(tx, wanted)
        if not places:
            raise InputError(
                "the record says nothing about this", next_step="see 'casethread audit list'"
            )
        logs, records, left_out = [], [], 0
        for span in tx.audit.logs():
            inside = [place - span.begin for place in places if span.begin <= place < span.end]
            if not inside:
                continue
            published = _checkpoint(tx, span)
            size = 0 if published is None else published.size
            covered = [index for index in inside if index < size]
            left_out += len(inside) - len(covered)
            if published is None or not covered:
                continue
            # A log after a loss shows how it begins: that names the log before.
            indices = sorted({*covered, *([0] if span.generation > 1 else [])})
            evidence, read = self._log(tx, span, published, indices, reveal=reveal)
            logs.append(evidence)
            records += read
        if not logs:
            raise InputError(
                "no checkpoint covers these entries yet",
                next_step="export again after the next one: 'casethread audit witnesses' says when",
            )
        bundle = Bundle(
            made=self._core.clock(),
            member=self._core.me,
            about=wanted.about,
            since=wanted.since,
            charters=tuple(one.decode() for one in tx.charters.chain(0)),
            logs=tuple(logs),
            agreements=tuple(_agreements(tx, records)),
            enclosures=tuple(self._enclosures(tx, records, reveal=reveal)),
        )
        return Exported(bundle.to_bytes(), len(records), left_out)

    def _places(self, tx: Tx, wanted: Selection) -> list[int]:
        if wanted.since is not None:
            return list(range(_first_since(tx, wanted.since), tx.audit.size()))
        if wanted.letter is not None:
            places = set(tx.audit.about(named_letter(wanted.letter)))
        else:
            places = set(tx.audit.about(named_match(wanted.match or b"")))
            for place in tuple(places):
                for letter in _letters_of(tx, place, _entry(tx, place).record):
                    places |= set(tx.audit.about(named_letter(letter)))
        named = {_entry(tx, place).record.agreement for place in places} - {None}
        if named:
            found = tx.audit.entries(limit=_ALL, events=_AGREEMENTS)
            places |= {one.index for one in found if one.record.agreement in named}
        return sorted(places)

    def _log(
        self,
        tx: Tx,
        span: LogSpan,
        published: StoredCheckpoint,
        indices: Sequence[int],
        *,
        reveal: bool,
    ) -> tuple[LogEvidence, list[tuple[int, Record]]]:
        """Prove entries of one log; return them with their places too."""
        store = tx.audit.store_of(span)
        log = Log(store)
        stretches, records, openings = [], [], []
        for first, end in _stretches(indices):
            leaves = store.leaves(first, end)
            stretches.append(
                Stretch(
                    first=first,
                    records=tuple(leaf.decode() for leaf in leaves),
                    proof=tuple(log.proof(first, end, published.size)),
                )
            )
            for index, leaf in enumerate(leaves, first):
                records.append((span.begin + index, Record.from_bytes(leaf)))
                openings += _openings(tx, span.begin + index, index) if reveal else []
        lines = tx.checkpoints.cosignatures(published.generation, published.size)
        evidence = LogEvidence(
            checkpoint=published.cosigned(list(lines.values())).encode().decode(),
            stretches=tuple(stretches),
            openings=tuple(openings),
        )
        return evidence, records

    def _enclosures(
        self, tx: Tx, records: Sequence[tuple[int, Record]], *, reveal: bool
    ) -> Iterator[Enclosure]:
        named = dict.fromkeys(hashed for _, record in records for hashed in record.documents)
        letters: dict[bytes, Enclosure] = {}
        for place, record in records:
            for letter in _letters_of(tx, place, record) if record.documents else ():
                found = self._letter(tx, letter, record, reveal=reveal)
                letters |= {} if found is None else {found.digest: found}
        for hashed in named:
            found = letters.get(hashed)
            for finder in self.finders:
                found = found or finder(tx, hashed)
            if found is not None:
                yield found

    def _letter(self, tx: Tx, letter: bytes, record: Record, *, reveal: bool) -> Enclosure | None:
        sent = tx.letters.get_out(letter)
        came = None if record.member is None else tx.letters.get_in(record.member, letter)
        known = sent or came
        kind = None if known is None else self._letters.types.get(known.type)
        if known is None or kind is None or not known.envelope:
            return None  # none of ours, or its content was kept for as long as was agreed
        payload = kind.decode_envelope(known.envelope).payload
        receipt = tx.letters.receipt(letter) if came is None else None
        shown = reveal or not kind.PRIVATE
        if came is not None:
            read = kind.from_bytes(payload)
            shown = shown and not read.kept_back
            receipt = make_receipt(self._core.identity, read, payload, came.received)
        return Enclosure(
            digest=digest(payload),
            type=known.type,
            envelope=known.envelope.decode() if shown else None,
            receipt=None if receipt is None else receipt.decode(),
        )


def _entry(tx: Tx, place: int) -> Entry:
    return tx.audit.entries(place, 1)[0]


def _letters_of(tx: Tx, place: int, record: Record) -> list[bytes]:
    """The ids of the letters that an entry names, where that is not erased."""
    named = [at for at, one in enumerate(record.references) if one.name == "letter"]
    opened = tx.audit.openings(place) if named else {}
    return [opened[at][1] for at in named if at in opened]


def _openings(tx: Tx, place: int, index: int) -> list[Opening]:
    return [
        Opening(index=index, position=position, salt=salt, value=value)
        for position, (salt, value) in sorted(tx.audit.openings(place).items())
    ]


def _checkpoint(tx: Tx, span: LogSpan) -> StoredCheckpoint | None:
    """The newest checkpoint of a log that somebody has cosigned, else the newest."""
    published = tx.checkpoints.list(span.generation)
    for one in reversed(published):
        if tx.checkpoints.cosignatures(one.generation, one.size):
            return one
    return published[-1] if published else None


def _stretches(indices: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Cut indices into runs without gaps, at most one block of the log each."""
    first = end = -1
    for index in indices:
        if index != end or index % BLOCK == 0:
            if end > first:
                yield first, end
            first = index
        end = index + 1
    if end > first:
        yield first, end


def _first_since(tx: Tx, since: datetime) -> int:
    """Find the first entry from a time on; entries stand in the order of their commits."""
    low, high = 0, tx.audit.size()
    while low < high:
        middle = (low + high) // 2
        if _entry(tx, middle).record.at < since:
            low = middle + 1
        else:
            high = middle
    return low


def _agreements(tx: Tx, records: Iterable[tuple[int, Record]]) -> Iterator[SignedAgreement]:
    named = dict.fromkeys(record.agreement for _, record in records if record.agreement)
    for agreement in named:
        stored = tx.agreements.get(agreement)
        if stored is not None:
            yield SignedAgreement(
                terms=stored.terms.decode(),
                revocations=tuple(one.decode() for one in stored.revocations),
            )

# SPDX-License-Identifier: Apache-2.0
"""The witness: may this checkpoint follow the last one that was seen of this log?

A pure state machine. Its state is the last checkpoint of each keeper; its answer is either the
word that the log only grew, or what is wrong with it, and then the last checkpoint and the
one that was shown are evidence that anybody can check.
"""

from dataclasses import dataclass
from enum import StrEnum

from federation.audit.checkpoint import Checkpoint
from federation.audit.record import Count, Event, Record
from federation.crypto.merkle import leaf_hash, verify_consistency, verify_inclusion
from federation.errors import MalformedError, VerifyError

__all__ = ["FirstRecord", "Shown", "Verdict", "Word", "judge"]


class Word(StrEnum):
    """What a witness makes of a checkpoint."""

    GROWN = "grown"
    """The log only grew, or stayed: cosigned."""
    BEGUN = "begun"
    """The first checkpoint of a log, or of a log after a loss: cosigned."""
    BEHIND = "behind"
    """The proof begins at another size than the one that was seen last: try again from there."""
    SHRUNK = "shrunk"
    """Smaller than before, or of a generation that is over: an old message, or entries are gone."""
    FORKED = "forked"
    """Two different logs of one size, both signed: the keeper shows different logs."""
    UNPROVEN = "unproven"
    """Nothing shows that it is the same log: it was rewritten, or the proof is wrong."""

    @property
    def good(self) -> bool:
        """Whether the checkpoint is cosigned."""
        return self in {Word.GROWN, Word.BEGUN}

    @property
    def alarming(self) -> bool:
        """Whether a person must look at it."""
        return self in {Word.SHRUNK, Word.FORKED, Word.UNPROVEN}


@dataclass(frozen=True, slots=True)
class FirstRecord:
    """The first record of a log, with the proof that it is the first."""

    leaf: bytes
    """Its exact octets."""
    proof: tuple[bytes, ...]
    """Inclusion proof of index 0 under the checkpoint that is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a keeper shows a witness."""

    checkpoint: Checkpoint
    """Its signature was checked."""
    old_size: int
    """Where the consistency proof begins; 0 for a log that the witness does not know."""
    proof: tuple[bytes, ...]
    """Consistency proof from the old size."""
    first: FirstRecord | None = None
    """Goes with an old size of 0."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered, and why."""

    word: Word
    lost: int | None = None
    """With `BEGUN` after a loss: how many entries that the witness saw are gone at least."""


def judge(held: Checkpoint | None, shown: Shown) -> Verdict:
    """Decide whether a checkpoint may follow the last one.

    Args:
        held: The last checkpoint that was cosigned for this keeper and its key, or None.
        shown: What the keeper shows now.

    Returns:
        The verdict. The caller stores the new checkpoint only if it is good.
    """
    new = shown.checkpoint
    if held is None or new.origin.generation > held.origin.generation:
        return _begun(held, shown)
    if new.origin.generation < held.origin.generation or new.size < held.size:
        return Verdict(Word.SHRUNK)
    if new.size == held.size:
        return Verdict(Word.GROWN if new.root == held.root else Word.FORKED)
    if shown.old_size != held.size:
        return Verdict(Word.BEHIND)
    try:
        verify_consistency(held.size, new.size, held.root, new.root, shown.proof)
    except VerifyError:
        return Verdict(Word.UNPROVEN)
    return Verdict(Word.GROWN)


def _begun(held: Checkpoint | None, shown: Shown) -> Verdict:
    """A log that is not known yet shows its first record, which names the log before it."""
    new, first = shown.checkpoint, shown.first
    if first is None:
        return Verdict(Word.BEHIND)
    try:
        verify_inclusion(leaf_hash(first.leaf), 0, new.size, new.root, first.proof)
        record = Record.from_bytes(first.leaf)
    except (VerifyError, MalformedError):
        return Verdict(Word.UNPROVEN)
    follows = bool(record.documents)
    if record.event is not Event.LOG_BEGUN or follows != (new.origin.generation > 1):
        return Verdict(Word.UNPROVEN)
    if held is None:
        return Verdict(Word.BEGUN)
    return Verdict(Word.BEGUN, max(0, held.size - record.counts.get(Count.ENTRIES, 0)))

# SPDX-License-Identifier: Apache-2.0
"""The steps of checking a bundle that are about logs."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from federation.agreements.plain_words import plural
from federation.audit.bundle import About, LogEvidence, Opening, Stretch
from federation.audit.checked import Checked, CheckedEntry, CheckedLog, Keys, first_that_holds
from federation.audit.checkpoint import LIMIT, Checkpoint, open_checkpoint
from federation.audit.cosignature import verify_cosignature
from federation.audit.note import Note
from federation.audit.record import Event, Record
from federation.charter import Role
from federation.crypto.commit import verify_commitment
from federation.crypto.merkle import leaf_hash, verify_range
from federation.documents import digest
from federation.errors import CryptoError, MalformedError, VerifyError

__all__ = ["check_log", "check_succession", "name_log"]


def check_log(checked: Checked, keys: Keys, evidence: LogEvidence, least: int) -> None:
    """Check one log of a bundle: steps 3 to 6, and 8 for its references.

    Args:
        checked: What holds so far; the log and its entries are added.
        keys: Of the members.
        evidence: The log.
        least: How many members must have cosigned its checkpoint.

    Raises:
        VerifyError: Something does not hold. Says what and where.
    """
    note, checkpoint = _checkpoint(checked, keys, evidence)
    witnesses = _witnesses(checked, keys, note, checkpoint)
    if len(witnesses) < least:
        raise VerifyError(
            f"step 4: {plural(len(witnesses), 'member has', 'members have')} cosigned "
            f"{name_log(checkpoint)}, and you ask for {least}"
        )
    checked.logs.append(CheckedLog(checkpoint, witnesses))
    openings = {(one.index, one.position): one for one in evidence.openings}
    for stretch in evidence.stretches:
        _prove(checkpoint, stretch)
        for index, text in enumerate(stretch.records, stretch.first):
            record = _read(checkpoint, index, text)
            opened = _open(checkpoint, index, record, openings)
            checked.entries.append(
                CheckedEntry(checkpoint.origin.generation, index, record, opened)
            )
    if checked.bundle.about is About.PERIOD:
        _check_whole(checkpoint, evidence.stretches)
    if openings:
        index, position = min(openings)
        raise VerifyError(
            f"step 8: reference {position} of entry {index}, which is opened, is not among the "
            f"entries of {name_log(checkpoint)}"
        )


def check_succession(checked: Checked) -> str:
    """Check that a log after a loss names the one before: step 7.

    Returns:
        What was found, in words.

    Raises:
        VerifyError: The first record of a later log is not shown.
    """
    begun = {one.generation: one.record for one in checked.entries if one.index == 0}
    before: Checkpoint | None = None
    found = "the record is in one log"
    for log in checked.logs:
        origin = log.checkpoint.origin
        if origin.generation > 1:
            record = begun.get(origin.generation)
            if record is None:
                raise VerifyError(
                    f"step 7: {name_log(log.checkpoint)} is not the first, and its first record, "
                    "which names the one before, is not shown"
                )
            same = before is not None and record.documents == (digest(str(before).encode()),)
            found = (
                f"log {origin.generation} was begun after a loss and names the last checkpoint of "
                + ("the log before, which is shown" if same else "a log before, which is not shown")
            )
        before = log.checkpoint
    return found


def name_log(checkpoint: Checkpoint) -> str:
    """Return the words for a log at a size."""
    origin = checkpoint.origin
    return f"log {origin.generation} of {origin.member} with {checkpoint.size} entries"


def _checkpoint(checked: Checked, keys: Keys, evidence: LogEvidence) -> tuple[Note, Checkpoint]:
    keeper = checked.bundle.member
    try:
        note = Note.decode(evidence.checkpoint.encode(), LIMIT)
        claimed = Checkpoint.parse(note.text)
    except MalformedError as error:
        raise VerifyError(f"step 3: a checkpoint cannot be read: {error}") from None
    origin = claimed.origin
    if (origin.federation_id, origin.member) != (checked.charter.federation_id, keeper):
        raise VerifyError("step 3: a checkpoint is of another member's log, or federation")
    if checked.logs and origin.generation <= checked.logs[-1].checkpoint.origin.generation:
        raise VerifyError("step 3: the logs stand in another order, or one is there twice")
    checkpoint = first_that_holds(
        keys[keeper],
        partial(open_checkpoint, note),
        f"step 3: the checkpoint of {name_log(claimed)} is not signed by {keeper}",
    )
    return note, checkpoint


def _witnesses(
    checked: Checked, keys: Keys, note: Note, checkpoint: Checkpoint
) -> dict[str, datetime]:
    """Check every signature but the keeper's: none may be there that does not hold."""
    roles = {member.id: member.role for member in checked.charter.members}
    where, seen = name_log(checkpoint), {}
    for line in note.signatures:
        if line.name == str(checkpoint.origin):
            continue
        witness = line.name.rpartition("/")[2]
        if witness not in keys or witness == checkpoint.origin.member:
            raise VerifyError(f"step 4: {where} is cosigned by somebody who is no other member")
        if roles.get(witness) is Role.LAW_ENFORCEMENT:
            raise VerifyError(
                f"step 4: {where} is cosigned by {witness}, who is law enforcement and no witness"
            )
        seen[witness] = first_that_holds(
            keys[witness],
            partial(verify_cosignature, checkpoint, line, witness),
            f"step 4: the cosignature of {witness} under {where} does not hold",
        )
    return seen


def _check_whole(checkpoint: Checkpoint, stretches: Sequence[Stretch]) -> None:
    """A period has no gaps up to its checkpoint; only the first record may stand apart."""
    apart = len(stretches) > 1 and stretches[0].end == 1
    rest = stretches[1:] if apart else stretches
    due = rest[0].first if rest else 0
    for stretch in rest:
        if stretch.first != due:
            break
        due = stretch.end
    if due != checkpoint.size:
        raise VerifyError(
            f"step 5: entry {due} of {name_log(checkpoint)} is missing, though the bundle is of a "
            "whole period"
        )


def _prove(checkpoint: Checkpoint, stretch: Stretch) -> None:
    hashes = [leaf_hash(record.encode()) for record in stretch.records]
    try:
        verify_range(hashes, stretch.first, checkpoint.size, checkpoint.root, stretch.proof)
    except VerifyError:
        last = stretch.end - 1
        span = (
            f"entry {last}" if stretch.first == last else f"an entry from {stretch.first} to {last}"
        )
        raise VerifyError(
            f"step 5: {span} is not what {name_log(checkpoint)} holds there: it was altered, "
            "removed, moved or put in"
        ) from None


def _read(checkpoint: Checkpoint, index: int, text: str) -> Record:
    try:
        record = Record.from_bytes(text.encode())
    except MalformedError as error:
        raise VerifyError(
            f"step 6: entry {index} of {name_log(checkpoint)} cannot be read: {error}"
        ) from None
    if (record.event is Event.LOG_BEGUN) != (index == 0):
        raise VerifyError(f"step 6: entry {index} of {name_log(checkpoint)} is out of place")
    return record


def _open(
    checkpoint: Checkpoint, index: int, record: Record, openings: dict[tuple[int, int], Opening]
) -> dict[int, bytes]:
    """Take the openings of one entry out of those that are left."""
    opened = {}
    for position, reference in enumerate(record.references):
        one = openings.pop((index, position), None)
        if one is None:
            continue
        try:
            verify_commitment(reference.commitment, one.salt, one.value)
        except CryptoError:
            raise VerifyError(
                f"step 8: reference {position} of entry {index} of {name_log(checkpoint)} means "
                "something else than the bundle says"
            ) from None
        opened[position] = one.value
    return opened

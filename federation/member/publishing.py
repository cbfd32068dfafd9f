# SPDX-License-Identifier: Apache-2.0
"""The own log: checkpoints on a fixed clock, shown to witnesses, and begun anew after a loss.

A checkpoint is due at fixed times of the day, whether anything happened or not, and the log
is filled up to a multiple of 64 entries before. So neither its time nor its size says how
much happened, up to the 64 (spec page ``audit-log``).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from federation.audit import (
    BLOCK,
    Actor,
    Checkpoint,
    Count,
    Event,
    Log,
    Note,
    NoteSignature,
    Origin,
    Word,
    open_checkpoint,
    padding,
    sign_checkpoint,
    verify_cosignature,
)
from federation.audit.checkpoint import LIMIT
from federation.charter import Member as Listing
from federation.documents import digest
from federation.errors import CasethreadError, MalformedError, PeerUnreachableError
from federation.indicators import IndicatorClass, Lane
from federation.member.core import Core
from federation.member.deeds import record
from federation.member.witnessing import witnesses_of
from federation.messages import WitnessCheckpoint
from federation.storage import StoredCheckpoint, Tx

__all__ = ["EVERY", "Publisher"]

EVERY: Final = timedelta(hours=6)
"""Time between two checkpoints; the day begins with one."""

_GRACE: Final = timedelta(minutes=10)
"""A day is closed so long after its end: until then a transaction may still belong to it."""
_CLOSED: Final = "audit-closed-until"
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)


class Publisher:
    """Publishes the own log."""

    def __init__(self, core: Core, every: timedelta) -> None:
        """Publish on a fixed clock.

        Args:
            core: The member.
            every: Time between two checkpoints; a whole part of a day.
        """
        if not every or timedelta(days=1) % every:
            raise ValueError("a day is no multiple of the time between two checkpoints")
        self._core = core
        self._every = every
        self._closed: date | None = None
        self._pauses: dict[str, tuple[int, datetime]] = {}
        self._asked = False
        """Whether a witness has said, since this process began, that the log is not behind."""

    def drive(self) -> bool:
        """Close the days that are over, publish what is due, and show it to the witnesses.

        Returns:
            Whether a witness could not be reached just now.
        """
        self._close_days()
        self._publish()
        with self._core.store.read() as tx:
            latest = _latest(tx)
            seen = {} if latest is None else tx.checkpoints.seen_by(latest.generation)
            broken = bool(tx.witnessed.evidence(self._core.me))
        if latest is None or broken:
            return False
        waiting = False
        for witness in witnesses_of(self._core.require_charter().charter, self._core.me):
            size, _ = seen.get(witness.id, (0, None))
            if size < latest.size and not self._pausing(witness.id):
                waiting |= not self._show_safely(witness, latest, size)
        return waiting

    def next_slot(self) -> datetime:
        """When the next checkpoint is due."""
        return self._slot(self._core.clock()) + self._every

    def begin_anew(self, tx: Tx, by: Actor) -> int:
        """Begin a new log after a loss, inside the deed that restored what is left.

        Before that, `ask` tells which checkpoints of this log others have seen.

        Args:
            tx: An open transaction.
            by: Who decides it.

        Returns:
            Its generation.
        """
        at = self._core.clock()
        latest = tx.checkpoints.latest()
        shown = [one.shown for one in tx.witnessed.evidence(self._core.me)]
        known = [Checkpoint.parse(Note.decode(one, LIMIT).text) for one in shown]
        known += [] if latest is None else [latest.checkpoint]
        last = max(known, key=lambda one: (one.origin.generation, one.size), default=None)
        own = max((span.generation for span in tx.audit.logs()), default=1)
        generation = max(own, 0 if last is None else last.origin.generation) + 1
        former = bytes(32) if last is None else digest(str(last).encode())
        tx.audit.begin_anew(at, generation, former, by)
        tx.witnessed.drop_evidence(self._core.me)
        self._core.log.warning("own_log_begun_anew", generation=generation)
        return generation

    def ask(self) -> bool:
        """Show the newest checkpoint to everybody, to learn whether somebody saw a newer one.

        Returns:
            Whether anybody answered, or there is nobody to ask, or nothing to show.
        """
        with self._core.store.read() as tx:
            latest = _latest(tx)
        witnesses = witnesses_of(self._core.require_charter().charter, self._core.me)
        if latest is None or not witnesses:
            return True
        answers = [self._show_safely(witness, latest, 0) for witness in witnesses]
        return any(answers)

    def _slot(self, at: datetime) -> datetime:
        midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + (at - midnight) // self._every * self._every

    def _due(self, tx: Tx, slot: datetime) -> bool:
        logs = tx.audit.logs()
        latest = tx.checkpoints.latest()
        if not logs or tx.witnessed.evidence(self._core.me):
            return False
        return slot > logs[-1].begun and (latest is None or slot > latest.slot)

    def _publish(self) -> None:
        at = self._core.clock()
        slot = self._slot(at)
        with self._core.store.read() as tx:
            if not self._due(tx, slot):
                return
        # A database that was restored behind our back would sign a second history: ask first.
        self._asked = self._asked or self.ask()
        if not self._asked:
            return
        federation_id = self._core.require_charter().charter.federation_id
        with self._core.store.write() as tx:
            tx.audit.lock()
            if not self._due(tx, slot):
                return  # another process of this node was first
            span = tx.audit.logs()[-1]
            latest = _latest(tx)
            for one in padding(at, span.size, 0 if latest is None else latest.size):
                tx.audit.append(one)
            tree = tx.audit.store_of(span).tree()
            origin = Origin(federation_id, self._core.me, span.generation)
            note = sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), self._core.identity)
            tx.checkpoints.put(span.generation, tree.size, slot, note)
        self._core.log.info("checkpoint_published", count=tree.size // BLOCK)

    def _show_safely(self, witness: Listing, latest: StoredCheckpoint, size: int) -> bool:
        """Show a checkpoint; False if the witness cannot be reached."""
        try:
            done = self._show(witness, latest, size)
        except CasethreadError as error:
            self._core.log.info(
                "checkpoint_not_witnessed", member=witness.id, error=type(error).__name__
            )
            self._pause(witness.id)
            return not isinstance(error, PeerUnreachableError)
        if done:
            self._pauses.pop(witness.id, None)
        else:
            self._pause(witness.id)
        return True

    def _show(self, witness: Listing, latest: StoredCheckpoint, size: int) -> bool:
        """Show a checkpoint, a second time from where the witness says that it stands."""
        checkpoint = latest.checkpoint
        for _ in range(2):
            reply = self._core.call(witness.id, self._request(latest, size))
            if reply.cosignature is not None:
                line = NoteSignature.parse(reply.cosignature.decode("utf-8", "replace"))
                time = verify_cosignature(checkpoint, line, witness.id, witness.signing_key)
                with self._core.store.write() as tx:
                    tx.checkpoints.put_cosignature(
                        latest.generation, latest.size, witness.id, line, time
                    )
                return True
            known = 0 if reply.held is None else self._compare(witness.id, reply.held, latest)
            if known is None:
                return False
            size = known
        return False

    def _request(self, latest: StoredCheckpoint, size: int) -> WitnessCheckpoint:
        with self._core.store.read() as tx:
            span = next(one for one in tx.audit.logs() if one.generation == latest.generation)
            store = tx.audit.store_of(span)
            log = Log(store)
            return WitnessCheckpoint(
                checkpoint=latest.note.encode(),
                old_size=size,
                proof=tuple(log.consistency(size, latest.size)),
                first_record=b"" if size else store.leaves(0, 1)[0],
                first_proof=() if size else tuple(log.proof(0, 1, latest.size)),
            )

    def _compare(self, witness: str, held: bytes, latest: StoredCheckpoint) -> int | None:
        """Find the witness's checkpoint in the own log.

        Returns:
            The size to prove from; None if this log does not go on from there.

        Raises:
            CryptoError: The witness shows something that this member did not sign.
        """
        note = Note.decode(held, LIMIT)
        seen = open_checkpoint(note, self._core.identity.signing.verify_key)
        own = latest.checkpoint
        if seen.origin.keeper != own.origin.keeper:
            raise MalformedError("a witness shows a checkpoint of another log")
        if seen.origin.generation < own.origin.generation:
            return 0
        if seen.origin == own.origin and seen.size <= own.size:
            with self._core.store.read() as tx:
                span = next(one for one in tx.audit.logs() if one.generation == latest.generation)
                if Log(tx.audit.store_of(span)).root(seen.size) == seen.root:
                    return seen.size
        with self._core.store.write() as tx:
            newest = tx.checkpoints.latest()
            if newest is not None and newest.size >= seen.size > own.size:
                return None  # another process of this node published meanwhile
            # Signed by this member, and not in its log: the database is older than it should
            # be, or somebody else has the key.
            tx.witnessed.add_evidence(
                self._core.me, Word.SHRUNK, latest.note.encode(), held, self._core.clock()
            )
        self._core.log.warning("own_log_behind", member=witness)
        return None

    def _close_days(self) -> None:
        """Write the entries of what was counted on days that are over."""
        at = self._core.clock()
        today = (at - _GRACE).astimezone(UTC).date()
        if self._closed == today:
            return
        with self._core.store.write() as tx:
            tx.audit.lock()
            tx.audit.close_days(at - _GRACE)
            marked = tx.settings.get(_CLOSED)
            day = today if marked is None else date.fromisoformat(marked.decode())
            while day < today:
                self._record_evaluations(tx, day, at)
                day += timedelta(days=1)
            tx.settings.put(_CLOSED, today.isoformat().encode())
        self._closed = today

    def _record_evaluations(self, tx: Tx, day: date, at: datetime) -> None:
        since = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for member, lane, cls, calls, elements in tx.quota.charged_on(day):
            record(
                tx,
                Event.EVALUATIONS,
                at,
                member=member,
                lane=Lane(lane),
                cls=IndicatorClass(cls),
                counts={Count.CALLS: calls, Count.ELEMENTS: elements},
                since=since,
            )

    def _pausing(self, witness: str) -> bool:
        _, until = self._pauses.get(witness, (0, None))
        return until is not None and self._core.clock() < until

    def _pause(self, witness: str) -> None:
        failures, _ = self._pauses.get(witness, (0, None))
        length = min(_FIRST_PAUSE * 2 ** min(failures, 16), _LONGEST_PAUSE)
        self._pauses[witness] = (failures + 1, self._core.clock() + length)


def _latest(tx: Tx) -> StoredCheckpoint | None:
    """Return the newest checkpoint of the log that goes on; None before its first."""
    logs, latest = tx.audit.logs(), tx.checkpoints.latest()
    return latest if latest is not None and latest.generation == logs[-1].generation else None

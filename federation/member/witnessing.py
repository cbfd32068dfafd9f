# SPDX-License-Identifier: Apache-2.0
"""The witness of other members' logs: cosigns what only grew, keeps what does not fit."""

from federation.audit import (
    Checkpoint,
    Event,
    FirstRecord,
    Note,
    Shown,
    Verdict,
    Word,
    cosign,
    judge,
    open_checkpoint,
    peer,
)
from federation.audit.checkpoint import LIMIT
from federation.charter import Charter, Role
from federation.charter import Member as Listing
from federation.documents import digest
from federation.errors import AuthenticationError, PolicyError
from federation.member.core import Core
from federation.member.deeds import record
from federation.messages import CheckpointWitnessed, WitnessCheckpoint
from federation.storage import Tx, Witnessed

__all__ = ["Witness", "witnesses_of"]


def witnesses_of(charter: Charter, member: str) -> list[Listing]:
    """Return who witnesses a member's log: all others, law enforcement excepted.

    The times and sizes of a log are nothing that police should learn about a contributor.
    """
    return [
        one
        for one in charter.members
        if one.id != member and not one.suspended and one.role is not Role.LAW_ENFORCEMENT
    ]


class Witness:
    """Looks at the checkpoints of other members."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def handle(self, sender: str, request: WitnessCheckpoint) -> CheckpointWitnessed:
        """Cosign a checkpoint that may follow the last one, or show the last one.

        Raises:
            PolicyError: This member is law enforcement, and witness to nobody.
            AuthenticationError: The log is not the sender's.
            VerifyError: The sender has not signed it.
            MalformedError: It is no checkpoint.
        """
        charter = self._core.require_charter().charter
        if charter.member(self._core.me).role is Role.LAW_ENFORCEMENT:
            raise PolicyError("law enforcement is no witness to the logs of others")
        key = charter.member(sender).signing_key
        note = Note.decode(request.checkpoint, LIMIT)
        checkpoint = open_checkpoint(note, key)
        origin = checkpoint.origin
        if (origin.federation_id, origin.member) != (charter.federation_id, sender):
            raise AuthenticationError("the log is another member's, or another federation's")
        with self._core.store.write() as tx:
            tx.witnessed.lock()
            held = tx.witnessed.get(sender)
            # A member with a new key, as after a lost machine, keeps a new log.
            same = held if held is not None and held.key == key else None
            last = None if same is None else same.checkpoint
            verdict = judge(last, _shown(checkpoint, request))
            self._keep(tx, sender, key, held, note, verdict)
        self._report(sender, held, verdict)
        if verdict.word.good:
            line = cosign(checkpoint, self._core.identity, self._core.clock())
            return CheckpointWitnessed(cosignature=str(line).encode())
        return CheckpointWitnessed(None, None if same is None else same.note.encode())

    def _keep(
        self,
        tx: Tx,
        sender: str,
        key: bytes,
        held: Witnessed | None,
        note: Note,
        verdict: Verdict,
    ) -> None:
        at = self._core.clock()
        before = b"" if held is None else held.note.encode()
        if verdict.word.good:
            tx.witnessed.put(sender, key, note, at)
        anew = verdict.word is Word.BEGUN and held is not None
        if (anew or verdict.word.alarming) and tx.witnessed.add_evidence(
            sender, verdict.word, before, note.encode(), at
        ):
            record(
                tx,
                Event.LOG_REFUSED if verdict.word.alarming else Event.LOG_RENEWED,
                at,
                by=peer(sender),
                member=sender,
                reason=verdict.word.value,
                documents=tuple(digest(one) for one in (before, note.encode()) if one),
            )

    def _report(self, sender: str, held: Witnessed | None, verdict: Verdict) -> None:
        if verdict.word.alarming:
            self._core.log.warning("log_refused", member=sender, reason=verdict.word.value)
        elif verdict.word is Word.BEGUN and held is not None:
            self._core.log.warning("log_begun_anew", member=sender, count=verdict.lost or 0)


def _shown(checkpoint: Checkpoint, request: WitnessCheckpoint) -> Shown:
    first = None
    if request.first_record:
        first = FirstRecord(request.first_record, request.first_proof)
    return Shown(checkpoint, request.old_size, request.proof, first)

# SPDX-License-Identifier: Apache-2.0
"""Two charters that claim one version: who goes by the other, and who signed both.

A majority of stewards has to sign each version, and any two majorities have a steward in
common. So where two histories part, some steward signed both, or its key did; both envelopes
together prove it to anybody. A node that meets another history stops with that peer, asks it
for the version in which the two part, and keeps it.
"""

from dataclasses import dataclass
from typing import Final

from federation.audit import Count, Event, peer
from federation.charter import Applicant, Charter, verify_genesis, verify_successor
from federation.crypto import dsse
from federation.documents import digest as digest_of
from federation.errors import CasethreadError, CharterConflictError
from federation.member.core import NO_CHARTER, Core
from federation.member.deeds import record
from federation.messages import SyncCharter
from federation.storage import StoredCharter, StoredConflict, Tx

__all__ = ["Conflict", "Forks", "open_conflicts"]

_MOST_SHOWN: Final = 16
"""Conflicts that are kept of one member, which can make up as many as it likes."""

_NEXT_STEP: Final = "compare 'casethread federation show' by voice with the other stewards"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A member goes by another charter than this one, and nobody has settled it yet."""

    member: str
    version: int
    """The first version that is known to differ."""
    proven: bool
    """Whether the other version was seen, with the signatures that it needs."""
    signed_both: frozenset[str]
    """The stewards whose signatures are under both; empty while it is not proven."""


class Forks:
    """Notes conflicts, and gathers the evidence."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._unproven: dict[str, None] = {}
        """Members to be asked for their history."""

    def check(self, member: str, version: int, digest: bytes) -> int:
        """Compare the charter that a member goes by with the one of that version here.

        Returns:
            The own version; 0 before the first.

        Raises:
            CharterConflictError: They differ; or the member was found to go by another history
                before, and is at a version that this node cannot compare.
        """
        with self._core.store.read() as tx:
            known = tx.charters.get(version) if version else None
            current = tx.charters.current()
            own = 0 if current is None else current.version
            stopped = version > own and member in {one.member for one in open_conflicts(tx)}
        if known is not None and known.digest != digest:
            self._note(member, version, known.digest, digest)
        elif not stopped:
            return own
        self.suspect(member)
        raise CharterConflictError("two charters claim one version", next_step=_NEXT_STEP)

    def suspect(self, member: str) -> None:
        """Ask a member for its history when there is time: it says that the two differ."""
        self._unproven[member] = None

    def suspected(self) -> list[str]:
        """Return the members that are to be asked for their history."""
        return list(self._unproven)

    def investigate(self, peer: Applicant) -> None:
        """Find the version in which a peer's history parts from the own one, and keep it.

        Raises:
            CasethreadError: The peer cannot be asked; it is asked again later.
        """
        parted = self._parting(peer)
        if parted is not None:
            self._keep(peer.id, *parted)
        self._unproven.pop(peer.id, None)

    def _parting(self, peer: Applicant) -> tuple[StoredCharter, bytes] | None:
        """Return the own version in which the histories part, and the peer's envelope of it."""
        version, digest = 0, NO_CHARTER
        while True:
            news = self._core.connect(peer).call(SyncCharter(version=version, digest=digest))
            for envelope in news.envelopes:
                charter = Charter.from_envelope(envelope)
                with self._core.store.read() as tx:
                    own = tx.charters.get(charter.version)
                if own is None or charter.version != version + 1:
                    return None
                if own.digest != (theirs := digest_of(charter.to_bytes())):
                    return own, envelope
                version, digest = charter.version, theirs
            if not news.envelopes:
                return None

    def _note(self, member: str, version: int, ours: bytes, theirs: bytes) -> None:
        with self._core.store.write() as tx:
            shown = sum(one.member == member for one in tx.charters.conflicts())
            fresh = shown < _MOST_SHOWN and tx.charters.put_conflict(
                version, ours, theirs, member, self._core.clock()
            )
            if fresh:
                record(
                    tx,
                    Event.CHARTER_CONFLICT,
                    self._core.clock(),
                    by=peer(member),
                    member=member,
                    documents=(ours, theirs),
                    counts={Count.VERSION: version},
                )
        if fresh:
            self._core.log.warning("charter_conflict", member=member, version=version)

    def _keep(self, member: str, own: StoredCharter, envelope: bytes) -> None:
        """Keep the other version, if its signatures are those that it needs."""
        theirs = digest_of(Charter.decode_envelope(envelope).payload)
        self._note(member, own.version, own.digest, theirs)
        with self._core.store.read() as tx:
            before = tx.charters.get(own.version - 1)
        try:
            if before is None:
                verify_genesis(envelope)
            else:
                verify_successor(Charter.from_envelope(before.envelope), before.digest, envelope)
        except CasethreadError as error:
            # Nothing but a claim: the peer is broken, or makes things up.
            self._core.log.warning(
                "charter_unsigned", member=member, version=own.version, error=type(error).__name__
            )
            return
        with self._core.store.write() as tx:
            tx.settings.put(_name(own.version, theirs), envelope)
            both = _signed_both(tx, own, envelope)
        self._core.log.warning("charter_forked", member=member, version=own.version, culprits=both)


def open_conflicts(tx: Tx) -> list[Conflict]:
    """Return the conflicts that are not settled, one for each member, in order of members.

    One is settled when its member leaves; who is admitted again does so with new keys.

    Args:
        tx: An open transaction.
    """
    current = tx.charters.current()
    if current is None:
        return []
    admitted = {one.id: one.admitted for one in Charter.from_envelope(current.envelope).members}
    first: dict[str, StoredConflict] = {}
    for row in tx.charters.conflicts():
        if row.member in admitted and row.seen >= admitted[row.member]:
            known = first.get(row.member)
            if known is None or row.version < known.version:
                first[row.member] = row
    return [_conflict(tx, row) for _, row in sorted(first.items())]


def _conflict(tx: Tx, row: StoredConflict) -> Conflict:
    envelope = tx.settings.get(_name(row.version, row.theirs))
    own = tx.charters.get(row.version)
    proven = envelope is not None and own is not None
    both = _signed_both(tx, own, envelope) if own is not None and envelope is not None else ()
    return Conflict(row.member, row.version, proven, frozenset(both))


def _signed_both(tx: Tx, own: StoredCharter, envelope: bytes) -> frozenset[str]:
    before = tx.charters.get(own.version - 1) or own
    keys = {one.id: one.signing_key for one in Charter.from_envelope(before.envelope).stewards}
    mine, other = (
        dsse.verify(Charter.decode_envelope(one), keys, 1, Charter.TYPE).signers
        for one in (own.envelope, envelope)
    )
    return mine & other


def _name(version: int, theirs: bytes) -> str:
    return f"fork/{version}/{theirs.hex()}"

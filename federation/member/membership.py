# SPDX-License-Identifier: Apache-2.0
"""The charter: proposing, signing, putting into force, passing on.

Nobody's word is taken for a charter: each node verifies every signature itself
(`federation.charter.versions`), and stops with who goes by another one (`forks`).
"""

from dataclasses import dataclass
from typing import Final

from federation.audit import NODE, OPERATOR, Actor, Count, Event
from federation.charter import (
    Applicant,
    Charter,
    Missing,
    countersign,
    merge_signatures,
    propose,
    signatures_missing,
    verify_chain,
    verify_genesis,
    verify_successor,
)
from federation.documents import digest as digest_of
from federation.errors import (
    CasethreadError,
    CharterConflictError,
    CryptoError,
    MalformedError,
    MembershipError,
)
from federation.member import proposals
from federation.member.core import NO_CHARTER, Core, InForce
from federation.member.deeds import deed, record
from federation.member.forks import Forks
from federation.member.founding import Founding
from federation.member.granting import Granting
from federation.member.roles import StaffAction, needs
from federation.messages import CharterNews, SyncCharter
from federation.storage import Tx

__all__ = ["Membership", "Proposal"]

_MAX_NEWS: Final = 16


@dataclass(frozen=True, slots=True)
class Proposal:
    """A charter that gathers signatures."""

    digest: bytes
    """SHA-256 of its payload."""
    charter: Charter
    missing: Missing


class Membership:
    """The charter as this member knows it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.founding = Founding(core)
        self.grants = Granting(core)
        self._forks = Forks(core)
        core.accept_charters = self.accept
        self._told: dict[str, tuple[object, ...]] = {}
        self._newer: set[str] = set()
        self._seen: dict[str, int] = {}
        """The highest version that each member has named, in a signed header."""

    # Proposals

    def proposals(self) -> list[Proposal]:
        """Return the charters that gather signatures, with what each still lacks."""
        with self._core.store.read() as tx:
            current = self._core.in_force(tx)
            stored = tx.charters.proposals()
        previous = None if current is None else current.charter
        return [
            Proposal(
                one.digest,
                Charter.from_envelope(one.envelope),
                signatures_missing(one.envelope, previous),
            )
            for one in stored
        ]

    def propose(self, charter: Charter, by: Actor = OPERATOR) -> bytes:
        """Sign a charter and offer it to the other stewards.

        Args:
            charter: The next version.
            by: Who signs for the organisation; the node itself where a ceremony is over.

        Returns:
            SHA-256 of its payload.

        Raises:
            MembershipError: It may not follow the charter in force, this member is no steward, or
                it has signed another charter of the same version.
        """
        envelope = propose(charter, self._core.identity)
        digest = digest_of(charter.to_bytes())
        wanted = () if by is NODE else needs(StaffAction.FEDERATION_SIGN)
        with deed(self._core, by, *wanted) as done:
            tx = done.tx
            current = self._core.in_force(tx)
            stewards = (charter if current is None else current.charter).stewards
            if self._core.me not in {steward.id for steward in stewards}:
                raise MembershipError("only a steward proposes a charter")
            self._check_promise(tx, digest)
            done.record(Event.CHARTER_SIGNED, documents=(digest,))
            if not self._merge(tx, envelope):
                raise MembershipError("the charter may not follow the one in force")
            self.founding.drop_draft(tx)
        self._core.scrub()
        return digest

    def sign(self, digest: bytes, by: Actor = OPERATOR) -> None:
        """Add the own steward's signature to a proposal.

        Args:
            digest: Which proposal; its content has been shown to a person.
            by: Who signs for the organisation.

        Raises:
            MembershipError: There is no such proposal, this member's signature does not count, or
                it has signed another charter of the same version.
        """
        with deed(self._core, by, *needs(StaffAction.FEDERATION_SIGN)) as done:
            tx = done.tx
            stored = proposals.find(tx, digest)
            current = self._core.in_force(tx)
            previous = None if current is None else current.charter
            if self._core.me not in signatures_missing(stored.envelope, previous).members:
                raise MembershipError("this member has signed already, or is no steward")
            self._check_promise(tx, digest)
            done.record(Event.CHARTER_SIGNED, documents=(digest,))
            self._merge(tx, countersign(stored.envelope, self._core.identity))
        self._core.scrub()

    def withdraw(self, digest: bytes) -> None:
        """Give a proposal up, and take it over from nobody again.

        A signature that others hold is not undone by this: they must give it up as well.

        Args:
            digest: Which proposal.

        Raises:
            MembershipError: There is no such proposal here.
        """
        with self._core.store.write() as tx:
            current = self._core.in_force(tx)
            proposals.withdraw(tx, digest, None if current is None else current.charter)

    def has_promised(self) -> bool:
        """Say whether this steward has signed a charter that may still become the next version."""
        with self._core.store.read() as tx:
            return bool(self._promises(tx))

    def has_withdrawn_keys(self) -> bool:
        """Say whether this steward gave up new keys, so that another version comes first."""
        with self._core.store.read() as tx:
            return proposals.has_withdrawn_keys(tx)

    def _promises(self, tx: Tx) -> set[bytes]:
        current = self._core.in_force(tx)
        previous = None if current is None else current.charter
        return proposals.signed_by(tx, self._core.me, previous)

    def _check_promise(self, tx: Tx, digest: bytes) -> None:
        """Refuse to sign two charters of one version: each could find a majority somewhere."""
        if self._promises(tx) - {digest}:
            raise MembershipError(
                "this member has signed another charter of the same version",
                next_step="have that one signed by the others first, or have every steward run "
                "'casethread federation withdraw'",
            )

    # Passing on

    def handle(self, sender: str, request: SyncCharter) -> CharterNews:
        """Answer with what the sender lacks, and take over the signatures that it brings.

        Raises:
            CharterConflictError: The sender shows another charter under a version of ours.
        """
        self.check_state(sender, request.version, request.digest)
        with self._core.store.write() as tx:
            for envelope in request.proposals[: proposals.MAX_PROPOSALS]:
                self._try_merge(tx, sender, envelope)
            self.grants.receive(tx, sender, request.grants)
            news = CharterNews(
                envelopes=tuple(tx.charters.chain(request.version)[:_MAX_NEWS]),
                proposals=self._offers(tx),
                grants=self.grants.offers(tx),
            )
        self._core.scrub()
        return news

    def check_state(self, sender: str, version: int, digest: bytes) -> int:
        """Compare a peer's charter with ours, and remember what it has.

        Returns:
            -1 if the peer's is newer, 0 if they are the same, 1 if ours is newer.

        Raises:
            CharterConflictError: One version, two contents. The evidence is kept.
        """
        own = self._forks.check(sender, version, digest)
        self._seen[sender] = max(version, self._seen.get(sender, 0))
        if version > own:
            self._newer.add(sender)
        return (own > version) - (own < version)

    def behind(self, version: int) -> frozenset[str]:
        """Return the members that are not known to hold this version yet, since this start.

        Args:
            version: Of the charter.
        """
        with self._core.store.read() as tx:
            peers = self._peers(tx)
        return frozenset(one.id for one in peers if self._seen.get(one.id, 0) < version)

    def poll(self) -> bool:
        """Ask every member for news of the charter, and bring ours.

        Returns:
            Whether anything changed here.
        """
        with self._core.store.read() as tx:
            before = self._fingerprint(tx)
            peers = self._peers(tx)
        for other in peers:
            self._poll_safely(other)
        self._investigate(peers)
        self._core.scrub()
        with self._core.store.read() as tx:
            return before != self._fingerprint(tx)

    def drive(self) -> bool:
        """Tell every member what changed here, and fetch what a caller had newer.

        Returns:
            Whether a member could not be told yet.
        """
        with self._core.store.read() as tx:
            now = self._fingerprint(tx)
            peers = self._peers(tx)
        waiting = False
        for other in peers:
            if self._told.get(other.id) != now or other.id in self._newer:
                waiting |= not self._poll_safely(other)
        self._investigate(peers)
        self._core.scrub()
        return waiting

    def _peers(self, tx: Tx) -> list[Applicant]:
        current = self._core.in_force(tx)
        if current is None:
            return self.founding.peers(tx)
        return [
            member
            for member in current.charter.members
            if member.id != self._core.me and not member.suspended
        ]

    def _poll_safely(self, other: Applicant) -> bool:
        with self._core.store.read() as tx:
            telling = self._fingerprint(tx)
        try:
            self._poll_one(other)
        except CharterConflictError:
            # It says so; what it can show for that is asked next.
            self._forks.suspect(other.id)
        except CasethreadError as error:
            self._core.log.info("charter_poll_failed", member=other.id, error=_name(error))
            return False
        self._told[other.id] = telling
        self._newer.discard(other.id)
        return True

    def _investigate(self, peers: list[Applicant]) -> None:
        for peer in peers:
            if peer.id in self._forks.suspected():
                try:
                    self._forks.investigate(peer)
                except CasethreadError as error:
                    self._core.log.info("fork_not_shown", member=peer.id, error=_name(error))

    def accept(self, envelopes: tuple[bytes, ...]) -> None:
        """Verify newer versions and put them into force.

        Raises:
            CasethreadError: They may not follow the charter in force; nothing is kept.
        """
        with self._core.store.write() as tx:
            current = self._core.in_force(tx)
            known = None if current is None else (current.charter, current.digest)
            chain = verify_chain(envelopes, known)
            if current is None and chain:
                self.founding.check_chain(tx, chain)
            by_digest = {
                digest_of(Charter.decode_envelope(envelope).payload): envelope
                for envelope in envelopes
            }
            for charter, digest in chain:
                self._enact(tx, InForce(charter, digest), by_digest[digest])
        self._core.scrub()

    def _poll_one(self, other: Applicant) -> None:
        with self._core.store.read() as tx:
            current = self._core.in_force(tx)
            request = SyncCharter(
                version=0 if current is None else current.charter.version,
                digest=NO_CHARTER if current is None else current.digest,
                proposals=self._offers(tx),
                grants=self.grants.offers(tx),
            )
        news = self._core.connect(other).call(request)
        if news.envelopes:
            self.accept(news.envelopes)
        with self._core.store.write() as tx:
            for envelope in news.proposals[: proposals.MAX_PROPOSALS]:
                self._try_merge(tx, other.id, envelope)
            self.grants.receive(tx, other.id, news.grants)

    def _offers(self, tx: Tx) -> tuple[bytes, ...]:
        """Return what to pass on, first what this member has signed: nobody can crowd that out."""
        promised = self._promises(tx)
        offers = sorted(tx.charters.proposals(), key=lambda one: one.digest not in promised)
        return tuple(one.envelope for one in offers[: proposals.MAX_PROPOSALS])

    def _fingerprint(self, tx: Tx) -> tuple[object, ...]:
        current = tx.charters.current()
        proposals = (one.envelope for one in tx.charters.proposals())
        return (current and current.digest, *proposals, *self.grants.offers(tx))

    def _try_merge(self, tx: Tx, sender: str, envelope: bytes) -> None:
        try:
            self._merge(tx, envelope)
        except (MembershipError, MalformedError, CryptoError) as error:
            self._core.log.warning("proposal_refused", member=sender, error=_name(error))

    def _merge(self, tx: Tx, envelope: bytes) -> bool:
        """Pool the signatures of a proposal; put it into force when they suffice."""
        current = self._core.in_force(tx)
        previous = None if current is None else current.charter
        charter = Charter.from_envelope(envelope)
        follows = charter.version == (1 if previous is None else previous.version + 1)
        if not follows or charter.previous != (None if current is None else current.digest):
            return False
        if current is None:
            self.founding.check_proposal(tx, charter)
        digest = digest_of(Charter.decode_envelope(envelope).payload)
        if proposals.is_withdrawn(tx, digest):
            return False
        stored = next((one for one in tx.charters.proposals() if one.digest == digest), None)
        merged = merge_signatures(
            envelope if stored is None else stored.envelope, envelope, previous
        )
        missing = signatures_missing(merged, previous)
        signers = proposals.signers_of(merged, previous)
        if not signers:
            raise MembershipError("no steward has signed this proposal")
        if stored is None:
            proposals.check_number(tx, signers, previous)
        if missing.count:
            tx.charters.put_proposal(charter.version, digest, merged)
            return True
        verified = (
            verify_genesis(merged)
            if current is None
            else verify_successor(current.charter, current.digest, merged)
        )
        self._enact(tx, InForce(verified, digest), merged)
        return True

    def _enact(self, tx: Tx, new: InForce, envelope: bytes) -> None:
        mine = [member for member in new.charter.members if member.id == self._core.me]
        if mine and mine[0].signing_key != self._core.identity.signing.verify_key:
            raise MembershipError("the charter lists another key for this member than its own")
        tx.charters.append(new.charter.version, new.digest, envelope)
        tx.charters.drop_proposals(new.charter.version)
        record(
            tx,
            Event.CHARTER_ADOPTED,
            self._core.clock(),
            documents=(new.digest,),
            counts={Count.VERSION: new.charter.version},
        )
        proposals.forget_withdrawn(tx)
        self.founding.drop_draft(tx)
        for listener in self._core.on_charter:
            listener(tx, new)
        self._core.log.info("charter_in_force", version=new.charter.version)


def _name(error: Exception) -> str:
    return type(error).__name__

# SPDX-License-Identifier: Apache-2.0
"""Founding, and the charter: proposing, signing, putting into force, passing on.

Nobody's word is taken for a charter: each node verifies every signature itself
(`federation.charter.versions`), keeps the evidence of two charters that claim
one version, and stops with who shows the other one.
"""

from dataclasses import dataclass
from typing import Final

from federation.audit import NODE, OPERATOR, Actor, Count, Event, peer
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
    ConfigurationError,
    CryptoError,
    MalformedError,
    MembershipError,
)
from federation.member.core import NO_CHARTER, Core, InForce
from federation.member.deeds import deed, record
from federation.member.granting import Granting
from federation.member.roles import StaffAction, needs
from federation.messages import CharterNews, SyncCharter
from federation.storage import Tx

__all__ = ["Membership", "Proposal"]

_DRAFT: Final = "founding-draft"
_INVITER: Final = "founding-inviter"
_PINNED: Final = "founding-pinned"
_MAX_NEWS: Final = 16
_MAX_PROPOSALS: Final = 8


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
        self.grants = Granting(core)
        core.accept_charters = self.accept
        self._told: dict[str, tuple[object, ...]] = {}
        self._newer: set[str] = set()

    # Founding

    def draft(self) -> Charter | None:
        """Return the draft of the first charter, at the founder that collects members."""
        with self._core.store.read() as tx:
            raw = tx.settings.get(_DRAFT)
        return None if raw is None else Charter.from_bytes(raw)

    def put_draft(self, charter: Charter) -> None:
        """Keep a new state of the draft.

        Raises:
            ConfigurationError: This node belongs to a federation already.
        """
        with self._core.store.write() as tx:
            if tx.charters.current() is not None or tx.charters.proposals():
                raise ConfigurationError("this node belongs to a federation already")
            tx.settings.put(_DRAFT, charter.to_bytes())

    def await_charter(self, inviter: Applicant, pinned: tuple[int, bytes] | None) -> None:
        """Remember who invited this node, until it holds a charter.

        Args:
            inviter: From the invitation whose eight words were compared.
            pinned: Version and digest of the charter in the invitation, if it had one.
        """
        with self._core.store.write() as tx:
            if tx.charters.current() is not None:
                raise ConfigurationError("this node belongs to a federation already")
            tx.settings.put(_INVITER, inviter.model_dump_json().encode())
            if pinned is None:
                tx.settings.delete(_PINNED)
            else:
                tx.settings.put(_PINNED, pinned[0].to_bytes(4, "big") + pinned[1])

    def founding_peers(self, tx: Tx) -> list[Applicant]:
        """Return whom to talk to before there is a charter: the inviter, the invited."""
        known: dict[str, Applicant] = {}
        inviter = tx.settings.get(_INVITER)
        if inviter is not None:
            applicant = Applicant.model_validate_json(inviter)
            known[applicant.id] = applicant
        draft = tx.settings.get(_DRAFT)
        charters = [] if draft is None else [Charter.from_bytes(draft)]
        charters += [Charter.from_envelope(one.envelope) for one in tx.charters.proposals()]
        for charter in charters:
            known.update({member.id: member for member in charter.members})
        known.pop(self._core.me, None)
        return list(known.values())

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
            MembershipError: It may not follow the charter in force, or this member is no steward.
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
            done.record(Event.CHARTER_SIGNED, documents=(digest,))
            if not self._merge(tx, envelope):
                raise MembershipError("the charter may not follow the one in force")
            tx.settings.delete(_DRAFT)
        self._core.scrub()
        return digest

    def sign(self, digest: bytes, by: Actor = OPERATOR) -> None:
        """Add the own steward's signature to a proposal.

        Args:
            digest: Which proposal; its content has been shown to a person.
            by: Who signs for the organisation.

        Raises:
            MembershipError: There is no such proposal, or this member's signature does not count.
        """
        with deed(self._core, by, *needs(StaffAction.FEDERATION_SIGN)) as done:
            tx = done.tx
            stored = next((one for one in tx.charters.proposals() if one.digest == digest), None)
            if stored is None:
                raise MembershipError(
                    "there is no such proposal here",
                    next_step="run 'casethread sync' and 'casethread federation show'",
                )
            current = self._core.in_force(tx)
            previous = None if current is None else current.charter
            if self._core.me not in signatures_missing(stored.envelope, previous).members:
                raise MembershipError("this member has signed already, or is no steward")
            done.record(Event.CHARTER_SIGNED, documents=(digest,))
            self._merge(tx, countersign(stored.envelope, self._core.identity))
        self._core.scrub()

    # Passing on

    def handle(self, sender: str, request: SyncCharter) -> CharterNews:
        """Answer with what the sender lacks, and take over the signatures that it brings.

        Raises:
            CharterConflictError: The sender shows another charter under a version of ours.
        """
        if self.check_state(sender, request.version, request.digest) < 0:
            self._newer.add(sender)
        with self._core.store.write() as tx:
            for envelope in request.proposals[:_MAX_PROPOSALS]:
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
        """Compare a peer's charter with ours.

        Returns:
            -1 if the peer's is newer, 0 if they are the same, 1 if ours is newer.

        Raises:
            CharterConflictError: One version, two contents. The evidence is kept.
        """
        with self._core.store.read() as tx:
            current = self._core.in_force(tx)
            known = tx.charters.get(version) if version else None
        if known is not None and known.digest != digest:
            with self._core.store.write() as tx:
                at = self._core.clock()
                if tx.charters.put_conflict(version, known.digest, digest, sender, at):
                    record(
                        tx,
                        Event.CHARTER_CONFLICT,
                        at,
                        by=peer(sender),
                        member=sender,
                        documents=(known.digest, digest),
                        counts={Count.VERSION: version},
                    )
            self._core.log.warning("charter_conflict", member=sender, version=version)
            raise CharterConflictError(
                "two charters claim one version",
                next_step="compare 'casethread federation show' by voice with the other stewards",
            )
        own = 0 if current is None else current.charter.version
        return (own > version) - (own < version)

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
        return waiting

    def _peers(self, tx: Tx) -> list[Applicant]:
        current = self._core.in_force(tx)
        if current is None:
            return self.founding_peers(tx)
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
        except CasethreadError as error:
            self._core.log.info("charter_poll_failed", member=other.id, error=_name(error))
            return False
        self._told[other.id] = telling
        self._newer.discard(other.id)
        return True

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
                self._check_pin(tx, chain)
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
            for envelope in news.proposals[:_MAX_PROPOSALS]:
                self._try_merge(tx, other.id, envelope)
            self.grants.receive(tx, other.id, news.grants)
        self._core.scrub()

    def _offers(self, tx: Tx) -> tuple[bytes, ...]:
        return tuple(one.envelope for one in tx.charters.proposals()[:_MAX_PROPOSALS])

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
            self._check_founding(tx, charter)
        digest = digest_of(Charter.decode_envelope(envelope).payload)
        stored = next((one for one in tx.charters.proposals() if one.digest == digest), None)
        merged = merge_signatures(
            envelope if stored is None else stored.envelope, envelope, previous
        )
        missing = signatures_missing(merged, previous)
        stewards = {steward.id for steward in (previous or charter).stewards}
        if missing.members == stewards:
            raise MembershipError("no steward has signed this proposal")
        if stored is None and len(tx.charters.proposals()) >= _MAX_PROPOSALS:
            raise MembershipError("there are too many proposals already")
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
        tx.settings.delete(_DRAFT)
        record(
            tx,
            Event.CHARTER_ADOPTED,
            self._core.clock(),
            documents=(new.digest,),
            counts={Count.VERSION: new.charter.version},
        )
        for listener in self._core.on_charter:
            listener(tx, new)
        self._core.log.info("charter_in_force", version=new.charter.version)

    def _check_founding(self, tx: Tx, charter: Charter) -> None:
        """Before the first charter, only what the inviter stands for is looked at."""
        own = charter.member(self._core.me)
        if own.signing_key != self._core.identity.signing.verify_key:
            raise MembershipError("the proposal lists another key for this member than its own")
        raw = tx.settings.get(_INVITER)
        if raw is None:
            if tx.settings.get(_DRAFT) is None and not tx.charters.proposals():
                raise MembershipError("this node was not invited")
            return
        inviter = Applicant.model_validate_json(raw)
        if charter.member(inviter.id).signing_key != inviter.signing_key:
            raise MembershipError("the proposal lists another key for the inviter than invited")

    def _check_pin(self, tx: Tx, chain: list[tuple[Charter, bytes]]) -> None:
        """Take over a first charter only from whom a person compared eight words with."""
        if chain[0][1] in {one.digest for one in tx.charters.proposals()}:
            return  # its content was judged when it was proposed here
        raw = tx.settings.get(_INVITER)
        if raw is None:
            raise MembershipError("a first charter is taken over only by invitation")
        pin = tx.settings.get(_PINNED)
        if pin is not None:
            pinned = (int.from_bytes(pin[:4], "big"), pin[4:])
            if pinned not in [(charter.version, digest) for charter, digest in chain]:
                raise MembershipError("the charter is not the one of the invitation")
            return
        inviter = Applicant.model_validate_json(raw)
        founder = chain[0][0].member(inviter.id)
        if not founder.steward or founder.signing_key != inviter.signing_key:
            raise MembershipError("the inviter did not sign the first charter")
        chain[-1][0].member(self._core.me)


def _name(error: Exception) -> str:
    return type(error).__name__

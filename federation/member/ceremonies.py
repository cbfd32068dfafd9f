# SPDX-License-Identifier: Apache-2.0
"""Key ceremonies: every message is stored before it is sent, so a crash repeats nothing.

The state machine is `federation.charter.ceremony`; this module only moves its
messages between the database and the other custodians.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from federation.audit import NODE, OPERATOR, Actor, Event
from federation.charter import (
    Ceremony,
    CeremonyStatus,
    Charter,
    LaneKey,
    Outcome,
    with_keys,
)
from federation.charter.proposal import overtaken
from federation.charter.rounds import Proposal
from federation.documents import digest as digest_of
from federation.errors import CasethreadError, CeremonyError, MembershipError
from federation.member.ceremony_view import CeremonyView, view_of
from federation.member.core import Core, InForce
from federation.member.custody import Custody
from federation.member.deeds import Deed, deed
from federation.member.membership import Membership
from federation.member.planning import CeremonyPlan, draft_proposal
from federation.member.roles import StaffAction, needs
from federation.messages import CeremonyNews, SyncCeremony
from federation.storage import Tx

__all__ = ["Ceremonies", "CeremonyView"]

_MAX_OPEN: Final = 4
"""More open ceremonies than this are somebody's mistake or attack."""
_MAX_NEWS: Final = 256


class Ceremonies:
    """The ceremonies that this member takes part in."""

    def __init__(self, core: Core, membership: Membership) -> None:
        self._core = core
        self._membership = membership
        self._custody = Custody(core)
        self._loaded: dict[bytes, Ceremony] = {}
        """Ceremonies that were verified once; taken out while one is worked on."""
        self._finished: dict[bytes, tuple[Proposal, Outcome]] = {}
        """Ceremonies whose outcome no charter lists yet."""
        self._delivered: dict[tuple[bytes, str], set[bytes]] = {}
        self._resumed: set[bytes] = set()
        """Ceremonies that this process has looked at once, as after a crash."""

    def start(self, plan: CeremonyPlan | None = None, by: Actor = OPERATOR) -> bytes:
        """Propose to make a new epoch of all four lane-and-class keys, or to reshare keys.

        Args:
            plan: What is to be done; new keys by a majority of all custodians without.
            by: Who proposes it.

        Returns:
            The ceremony's id, 16 bytes.

        Raises:
            MembershipError: This member is no custodian, or there are fewer than two.
            CeremonyError: The resharing does not fit the keys in force.
        """
        current = self._core.require_charter()
        envelope = draft_proposal(
            self._core.identity,
            current.charter,
            current.digest,
            plan or CeremonyPlan(),
            ceremony_id=secrets.token_bytes(16),
            at=self._core.clock(),
        )
        with deed(self._core, by, *needs(StaffAction.CEREMONY_START)) as done:
            ceremony = Ceremony.load(self._core.identity, current.charter, [envelope], None)
            self._accept(done, ceremony)
        return ceremony.id

    def accept(self, ceremony_id: bytes, by: Actor = OPERATOR) -> None:
        """Give the operator's yes to take part.

        Args:
            ceremony_id: Which ceremony.
            by: Who says yes.

        Raises:
            CeremonyError: There is no such ceremony, it is over, or this custodian is to deal
                a share that it does not have.
        """
        with deed(self._core, by, *needs(StaffAction.CEREMONY_ACCEPT)) as done:
            self._accept(done, self._load(done.tx, ceremony_id))

    def _accept(self, done: Deed, ceremony: Ceremony) -> None:
        ceremony.accept(done.at, self._custody.held(done.tx, ceremony.proposal))
        ceremony.advance()
        self._save(done.tx, ceremony)
        proposal = Proposal.decode_envelope(ceremony.messages[0]).payload
        done.record(Event.CEREMONY_JOINED, documents=(digest_of(proposal),))

    def check_keys(self, proposal: bytes) -> None:
        """Refuse a charter that lists other keys than this custodian saw being made.

        Args:
            proposal: Digest of the proposed charter.

        Raises:
            CeremonyError: Some key is not what the own ceremony ended with; or it has not ended
                here yet.
        """
        charters = [one.charter for one in self._membership.proposals() if one.digest == proposal]
        with self._core.store.read() as tx:
            known = [self._load(tx, stored.id) for stored in tx.ceremonies.list()]
            made = [
                key
                for ceremony in known
                if (outcome := ceremony.outcome) is not None
                for key in outcome.lane_keys
            ]
            current = self._core.in_force(tx)
        listed = [] if current is None else list(map(_sharing, current.charter.keys))
        witnessed = set(map(_sharing, made))
        for charter in charters:
            for key in charter.keys:
                if _sharing(key) in listed:
                    continue
                mine = key.custodian(self._core.me) is not None
                if (mine or _sharing(key) in witnessed) and key not in made:
                    if any(one.outcome is None and one.failure is None for one in known):
                        raise CeremonyError(
                            "this node has not seen the end of the ceremony that makes these keys",
                            next_step="let it serve, see 'casethread custodian ceremony status', "
                            "then sign again",
                        )
                    raise CeremonyError("the proposal lists a key that was not made together here")

    def views(self) -> list[CeremonyView]:
        """Return all known ceremonies."""
        with self._core.store.read() as tx:
            return [view_of(self._load(tx, stored.id)) for stored in tx.ceremonies.list()]

    def handle(self, sender: str, request: SyncCeremony) -> CeremonyNews:
        """Take over the sender's messages, go on as far as possible, answer with what it lacks.

        Raises:
            CeremonyError: The sender takes no part in it, or the first message is no proposal.
        """
        with self._core.store.write() as tx:
            if not _known(tx, request.ceremony_id):
                self._admit(tx, sender, request)
            ceremony = self._load(tx, request.ceremony_id)
            if sender not in _members(ceremony):
                raise CeremonyError("the sender takes no part in this ceremony")
            self._receive(ceremony, sender, request.messages)
            ceremony.advance()
            self._save(tx, ceremony)
            known = set(request.known)
            lacking = [one for one in ceremony.messages if digest_of(one) not in known]
            return CeremonyNews(messages=tuple(lacking[:_MAX_NEWS]))

    def drive(self) -> bool:
        """Bring every participant the messages that it may lack, and take over its answers.

        Returns:
            Whether a message still waits to be delivered.
        """
        with self._core.store.read() as tx:
            known = {one.id: tx.ceremonies.messages(one.id) for one in tx.ceremonies.list()}
        waiting = False
        for ceremony_id, messages in known.items():
            targets = self._targets(ceremony_id, messages)
            if targets or ceremony_id not in self._resumed:
                self._resumed.add(ceremony_id)
                waiting |= not self._deliver(ceremony_id, targets)
        for proposal, outcome in list(self._finished.values()):
            self._offer(proposal, outcome)
        self._core.scrub()
        return waiting

    def _targets(self, ceremony_id: bytes, messages: Sequence[bytes]) -> list[str]:
        """The participants to whom not every message was delivered by this process."""
        digests = {digest_of(one) for one in messages}
        others = _names(Proposal.from_envelope(messages[0])) - {self._core.me}
        return sorted(
            member
            for member in others
            if digests - self._delivered.get((ceremony_id, member), set())
        )

    def _deliver(self, ceremony_id: bytes, targets: Sequence[str]) -> bool:
        """Go on as far as possible, then talk to the targets; False if one did not answer."""
        answered = True
        ceremony = self._advance(ceremony_id)
        for member in targets:
            if ceremony is None:
                break
            messages = {digest_of(one): one for one in ceremony.messages}
            delivered = self._delivered.setdefault((ceremony_id, member), set())
            lacking = [one for digest, one in messages.items() if digest not in delivered]
            request = SyncCeremony(
                ceremony_id=ceremony_id,
                known=tuple(sorted(messages)),
                messages=tuple(lacking[:_MAX_NEWS]),
            )
            try:
                news = self._core.call(member, request)
            except CasethreadError as error:
                self._core.log.info(
                    "ceremony_peer_failed", member=member, error=type(error).__name__
                )
                answered = False
                continue
            delivered |= messages.keys() | {digest_of(one) for one in news.messages}
            if news.messages:
                ceremony = self._advance(ceremony_id, member, news.messages)
        outcome = None if ceremony is None else ceremony.outcome
        if ceremony is not None and outcome is not None:
            self._finished[ceremony_id] = (ceremony.proposal, replace(outcome, shares={}))
        return answered

    def _advance(
        self, ceremony_id: bytes, sender: str = "", messages: Sequence[bytes] = ()
    ) -> Ceremony | None:
        """Take in messages and do what can be done; None if a charter has ended the ceremony."""
        with self._core.store.write() as tx:
            if not _known(tx, ceremony_id):
                return None
            ceremony = self._load(tx, ceremony_id)
            self._receive(ceremony, sender, messages)
            ceremony.advance()
            self._save(tx, ceremony)
        return ceremony

    def _offer(self, proposal: Proposal, outcome: Outcome) -> None:
        """Offer the charter that lists the outcome, until one does or it is ruled out."""
        current = self._core.require_charter()
        made = set(map(_sharing, outcome.lane_keys))
        listed = made & set(map(_sharing, current.charter.keys))
        if listed or overtaken(proposal, current.charter):
            self._finished.pop(proposal.ceremony, None)
            return
        if _proposer(proposal, current.charter) != self._core.me:
            return
        if self._membership.has_promised() or self._membership.has_withdrawn_keys():
            return  # one version after the other: what a person decided comes first
        offered = {key for one in self._membership.proposals() for key in one.charter.keys}
        if made & set(map(_sharing, offered)):
            return
        try:
            draft = with_keys(current.charter, current.digest, outcome, at=self._core.clock())
            self._membership.propose(draft, NODE)
        except MembershipError as error:
            self._finished.pop(proposal.ceremony, None)
            self._core.log.warning("ceremony_outcome_refused", error=str(error))

    def _admit(self, tx: Tx, sender: str, request: SyncCeremony) -> None:
        open_now = [one for one in tx.ceremonies.list() if one.status == CeremonyStatus.PROPOSED]
        if len(open_now) >= _MAX_OPEN:
            raise CeremonyError("there are too many open ceremonies already")
        current = self._core.require_charter(tx)
        ceremony = Ceremony.load(self._core.identity, current.charter, request.messages[:1], None)
        if ceremony.id != request.ceremony_id or sender not in _members(ceremony):
            raise CeremonyError("the first message is not this ceremony's proposal")
        if self._core.me not in _members(ceremony):
            raise CeremonyError("this member takes no part in the ceremony")
        if ceremony.failure is not None:
            # Also an old ceremony, whose shares were destroyed here, does not come back.
            raise ceremony.failure
        self._save(tx, ceremony)
        self._core.log.info("ceremony_proposed", member=ceremony.proposal.initiator)

    def _receive(self, ceremony: Ceremony, sender: str, messages: Sequence[bytes]) -> None:
        for envelope in messages[:_MAX_NEWS]:
            try:
                ceremony.receive(envelope)
            except CasethreadError as error:
                self._core.log.warning(
                    "ceremony_message_refused", member=sender, error=type(error).__name__
                )

    def _load(self, tx: Tx, ceremony_id: bytes) -> Ceremony:
        messages = tx.ceremonies.messages(ceremony_id)
        if not messages:
            raise CeremonyError("there is no such ceremony here")
        loaded = self._loaded.pop(ceremony_id, None)
        secret = tx.ceremonies.secret(ceremony_id)
        # The database decides: what was undone, or done by another process, is loaded anew.
        if loaded is not None and (loaded.messages, loaded.secret) == (messages, secret or b""):
            return loaded
        charter = self._charter_of(tx, messages[0])
        return Ceremony.load(self._core.identity, charter.charter, messages, secret)

    def _charter_of(self, tx: Tx, proposal: bytes) -> InForce:
        """A ceremony runs under the charter that it was proposed under, also afterwards."""
        named = Proposal.from_envelope(proposal)
        stored = tx.charters.get(named.charter_version)
        if stored is None or stored.digest != named.charter_digest:
            raise CeremonyError("the ceremony was proposed under a charter unknown here")
        return InForce(Charter.from_envelope(stored.envelope), stored.digest)

    def _save(self, tx: Tx, ceremony: Ceremony) -> None:
        at = self._core.clock()
        tx.ceremonies.put(ceremony.id, ceremony.status.value, at)
        for envelope in ceremony.messages:
            tx.ceremonies.add_message(ceremony.id, digest_of(envelope), envelope)
        outcome = ceremony.outcome
        if outcome is not None and outcome.shares:
            self._custody.keep(tx, ceremony.id, outcome)
        secret = b"" if outcome is not None else ceremony.secret
        if secret:
            tx.ceremonies.put_secret(ceremony.id, secret)
        elif tx.ceremonies.secret(ceremony.id) is not None:
            tx.ceremonies.erase_secret(ceremony.id)
            self._core.scrub_due = True
        if outcome is None:
            self._loaded[ceremony.id] = ceremony


def _members(ceremony: Ceremony) -> frozenset[str]:
    return _names(ceremony.proposal)


def _names(proposal: Proposal) -> frozenset[str]:
    return frozenset(one.member for one in proposal.participants)


def _known(tx: Tx, ceremony_id: bytes) -> bool:
    return ceremony_id in {one.id for one in tx.ceremonies.list()}


def _sharing(key: LaneKey) -> tuple[bytes, int]:
    return key.key_id, key.generation


def _proposer(proposal: Proposal, charter: Charter) -> str | None:
    """Who offers the charter that lists the keys: the initiator, or the first who can."""
    stewards = {member.id for member in charter.stewards}
    order = sorted(proposal.participants, key=lambda one: one.member != proposal.initiator)
    return next((one.member for one in order if one.member in stewards), None)

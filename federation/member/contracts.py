# SPDX-License-Identifier: Apache-2.0
"""Agreements: proposing, signing, revoking, replacing; keys live as long as they do."""

from collections.abc import Sequence
from typing import Any, Final

from federation.agreements import (
    AgreementState,
    Revocation,
    Status,
    Terms,
    make_revocation,
    merge,
    propose_terms,
    sign_terms,
)
from federation.audit import NODE, OPERATOR, Actor, Event, Outcome, peer
from federation.documents import digest
from federation.errors import AgreementError, CasethreadError
from federation.member import pairing
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.roles import StaffAction, needs
from federation.member.standing import Standing
from federation.messages import AgreementNews, SyncAgreement
from federation.storage import StoredAgreement, Tx

__all__ = ["Contracts"]

_MAX_PROPOSALS: Final = 100
"""A member cannot fill another's database with proposals."""

_PARTY_LEFT: Final = "party-left"
"""Reason in the record of an agreement that ends because a party is not a member any more."""

_OUTCOMES: Final = {
    Status.EXPIRED: Outcome.EXPIRED,
    Status.REVOKED: Outcome.REVOKED,
    Status.REPLACED: Outcome.REPLACED,
}


class Contracts:
    """The agreements that this member is a party of, as it changes them."""

    def __init__(self, core: Core, standing: Standing) -> None:
        self._core = core
        self._standing = standing
        self._delivered: dict[tuple[bytes, str], AgreementNews] = {}

    def propose(self, terms: Terms, *, by: Actor = OPERATOR) -> bytes:
        """Sign terms, draw the own half of the pair keys, and offer both to the other parties.

        Args:
            terms: What is agreed.
            by: Who proposes.

        Returns:
            The agreement's hash.

        Raises:
            AgreementError: The federation does not allow these terms, or they replace an
                agreement that is not here or has other parties.
            PolicyError: Who proposes may not.
        """
        with deed(self._core, by, *needs(StaffAction.AGREEMENT_PROPOSE)) as done:
            terms.check_new(self._core.require_charter(done.tx).charter)
            if terms.supersedes is not None and done.tx.agreements.get(terms.supersedes) is None:
                raise AgreementError("clause 'supersedes': there is no such agreement here")
            _check_successor(done.tx, terms)
            envelope = propose_terms(terms, self._core.identity)
            state = AgreementState.load(envelope, keys=self._standing.keys(done.tx))
            self._put(done.tx, state, proposer=self._core.me)
            pairing.offer(self._core, done.tx, state.hash)
            done.record(Event.AGREEMENT_PROPOSED, agreement=state.hash)
        return state.hash

    def sign(self, agreement: bytes, *, by: Actor = OPERATOR) -> None:
        """Sign terms, and draw the own half of the pair keys, in one transaction.

        Args:
            agreement: The hash.
            by: Who signs for this member.

        Raises:
            AgreementError: There is no such proposal, it is signed, over or revoked.
            PolicyError: Who signs may not.
        """
        with deed(self._core, by, *needs(StaffAction.AGREEMENT_SIGN)) as done:
            state = self._standing.require(done.tx, agreement)
            if self._core.me in state.signers:
                raise AgreementError("this member has signed this agreement already")
            if state.status(done.at) is not Status.PROPOSED:
                raise AgreementError("the agreement is over or revoked")
            state.terms.check_new(self._core.require_charter(done.tx).charter)
            _check_successor(done.tx, state.terms)
            envelope = sign_terms(state.envelope, self._core.identity)
            signed = AgreementState.load(envelope, keys=self._standing.keys(done.tx))
            self._put(done.tx, merge(state, signed), proposer="")
            pairing.offer(self._core, done.tx, agreement)
            done.record(Event.AGREEMENT_SIGNED, agreement=agreement, member=self._core.me)
            self._advance(done, agreement)
        self._core.scrub()

    def revoke(self, agreement: bytes, reason: str, *, by: Actor = OPERATOR) -> None:
        """End an agreement for all parties: its keys are erased here at once.

        Args:
            agreement: The hash.
            reason: One line for the other parties, without case content.
            by: Who ends it.

        Raises:
            AgreementError: There is no such agreement, or it is revoked by this member already.
            PolicyError: Who ends it may not.
        """
        with deed(self._core, by, *needs(StaffAction.AGREEMENT_REVOKE)) as done:
            state = self._standing.require(done.tx, agreement)
            if self._core.me in state.revocations:
                raise AgreementError("this member has revoked this agreement already")
            envelope = make_revocation(self._core.identity, agreement, reason, done.at)
            done.tx.agreements.add_revocation(agreement, self._core.me, envelope)
            if not self._advance(done, agreement):
                # Over already: that this member does not want it either is noted all the same.
                self._record_end(done, agreement, Status.REVOKED, [envelope])
        self._core.scrub()

    def handle(self, sender: str, request: SyncAgreement) -> AgreementNews:
        """Pool what the sender knows of an agreement with what is known here.

        Raises:
            AgreementError: The sender or this member is no party, or the terms are not allowed.
        """
        with deed(self._core, peer(sender), optional=True) as done:
            theirs = AgreementState.load(
                request.terms,
                request.offers,
                request.revocations,
                keys=self._standing.keys(done.tx),
            )
            if not {sender, self._core.me} <= set(theirs.terms.parties):
                raise AgreementError("this is no agreement between the two members")
            stored = done.tx.agreements.get(theirs.hash)
            if stored is None:
                self._check_unknown(done.tx, sender, theirs)
            self._receive(done, sender, stored, theirs)
            self._advance(done, theirs.hash, sender)
            news = _news(done.tx, theirs.hash)
        self._core.scrub()
        return news

    def drive(self) -> bool:
        """Bring every party what it may lack, derive and erase keys.

        Returns:
            Whether something is still to be delivered.
        """
        self._tidy()
        waiting = False
        members = {one.id: one for one in self._core.require_charter().charter.members}
        with self._core.store.read() as tx:
            news = {stored.hash: _news(tx, stored.hash) for stored in tx.agreements.list()}
        for agreement, own in news.items():
            parties = Terms.from_envelope(own.terms).parties
            if not set(parties) <= members.keys():
                continue  # who left is told nothing, and the others see it in the charter
            for partner in parties:
                told = self._delivered.get((agreement, partner)) == own
                if partner == self._core.me or members[partner].suspended or told:
                    continue
                waiting |= not self._deliver(agreement, partner, own)
        return waiting

    def _deliver(self, agreement: bytes, partner: str, own: AgreementNews) -> bool:
        request = SyncAgreement(own.terms, own.offers, own.revocations)
        try:
            theirs = self._core.call(partner, request)
            self.handle(partner, SyncAgreement(theirs.terms, theirs.offers, theirs.revocations))
        except CasethreadError as error:
            self._core.log.info(
                "agreement_not_delivered", member=partner, error=type(error).__name__
            )
            return False
        self._delivered[agreement, partner] = own
        return True

    def _check_unknown(self, tx: Tx, sender: str, theirs: AgreementState) -> None:
        """Refuse an agreement that this member should not even keep."""
        charter = self._core.require_charter(tx).charter
        if self._core.me in theirs.signers:
            theirs.terms.check_against(charter)  # signed here once, and lost with a database
        else:
            theirs.terms.check_new(charter)
            _check_successor(tx, theirs.terms)
        if sum(one.proposer == sender for one in tx.agreements.list()) >= _MAX_PROPOSALS:
            raise AgreementError("the sender has proposed too many agreements already")
        self._core.log.info("agreement_proposed", member=sender)

    def _receive(
        self, done: Deed, sender: str, stored: StoredAgreement | None, theirs: AgreementState
    ) -> None:
        """Store what a partner knows, and write into the record who signed since."""
        if stored is None:
            known = frozenset({sender})
            done.record(Event.AGREEMENT_PROPOSED, agreement=theirs.hash, member=sender)
        else:
            known = self._standing.load(done.tx, stored).signers
        for signer in sorted(theirs.signers - known):
            done.record(Event.AGREEMENT_SIGNED, agreement=theirs.hash, member=signer)
        self._put(done.tx, theirs, proposer=sender)

    def _advance(self, done: Deed, agreement: bytes, sender: str | None = None) -> bool:
        """Note where an agreement stands now: what ended loses its keys in this transaction.

        Returns:
            Whether it stands elsewhere than before; there is an entry in the record then.
        """
        stored = done.tx.agreements.get(agreement)
        assert stored is not None
        before, now = Status(stored.status), self._standing.status(done.tx, stored)
        if now.ended:
            pairing.erase(self._core, done.tx, agreement)
        else:
            state = self._standing.require(done.tx, agreement)
            if sender is not None:
                pairing.renew(self._core, done.tx, state, sender)
                state = self._standing.require(done.tx, agreement)
            pairing.derive(self._core, done.tx, state)
        if now is before or now is Status.PROPOSED:
            return False
        done.tx.agreements.set_status(agreement, now.value)
        if now is Status.IN_FORCE:
            done.record(Event.AGREEMENT_IN_FORCE, by=NODE, agreement=agreement)
            former = Terms.from_envelope(stored.terms).supersedes
            if former is not None and done.tx.agreements.get(former) is not None:
                self._advance(done, former)
        else:
            self._core.log.warning("agreement_ended", member=sender, reason=now.value)
            self._record_end(done, agreement, now, stored.revocations)
        return True

    def _record_end(
        self, done: Deed, agreement: bytes, status: Status, revocations: Sequence[bytes]
    ) -> None:
        facts: dict[str, Any] = {"agreement": agreement, "outcome": _OUTCOMES[status]}
        if status is Status.REPLACED:
            later = done.tx.agreements.successors(agreement)
            facts["documents"] = tuple(one.hash for one in later)
        elif status is Status.REVOKED and revocations:
            facts["member"] = Revocation.from_envelope(revocations[0]).member
            payloads = [Revocation.decode_envelope(one).payload for one in revocations]
            facts["documents"] = tuple(digest(payload) for payload in payloads)
        elif status is Status.REVOKED:
            facts["reason"] = _PARTY_LEFT
        done.record(Event.AGREEMENT_ENDED, **facts)

    def _tidy(self) -> None:
        """Note what began or ended with time, and destroy secrets that nobody took up."""
        with self._core.store.read() as tx:
            moved = [
                stored.hash
                for stored in tx.agreements.list()
                if (status := self._standing.status(tx, stored)).value != stored.status
                or (status.ended and tx.agreements.keeps_keys(stored.hash))
            ]
            old = pairing.has_old_secrets(self._core, tx)
        if moved or old:
            with deed(self._core, NODE, optional=True) as done:
                pairing.erase_old_secrets(self._core, done.tx)
                for agreement in moved:
                    self._advance(done, agreement)
        self._core.scrub()

    def _put(self, tx: Tx, state: AgreementState, *, proposer: str) -> None:
        """Store what is new in a state; signatures are pooled with those stored."""
        stored = tx.agreements.get(state.hash)
        if stored is not None:
            state = merge(self._standing.load(tx, stored), state)
        if stored is None or stored.terms != state.envelope:
            tx.agreements.put(
                state.hash,
                state.envelope,
                proposer,
                self._core.clock(),
                supersedes=state.terms.supersedes,
            )
        for (member, version), envelope in state.offers.items():
            tx.agreements.add_offer(state.hash, member, version, envelope)
        for member, envelope in state.revocations.items():
            tx.agreements.add_revocation(state.hash, member, envelope)


def _check_successor(tx: Tx, terms: Terms) -> None:
    """Refuse to replace an agreement without one of its parties."""
    former = None if terms.supersedes is None else tx.agreements.get(terms.supersedes)
    if former is not None:
        parties = Terms.from_envelope(former.terms).parties
        if not set(parties) <= set(terms.parties):
            raise AgreementError(
                "clause 'supersedes': a party of the agreement that is replaced is missing",
                clause="supersedes",
                next_step="to go on without a party, revoke the old agreement and sign a new one",
            )


def _news(tx: Tx, agreement: bytes) -> AgreementNews:
    stored = tx.agreements.get(agreement)
    if stored is None:
        raise AgreementError("there is no such agreement here")
    return AgreementNews(stored.terms, stored.offers, stored.revocations)

# SPDX-License-Identifier: Apache-2.0
"""Agreements: proposing, signing, revoking, and the pair keys that live as long as they do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from federation.agreements import (
    AgreementState,
    Revocation,
    Status,
    Terms,
    derive_pair_key,
    make_offer,
    make_revocation,
    merge,
    propose_terms,
    sign_terms,
)
from federation.audit import NODE, OPERATOR, Actor, Event, Outcome, StaffRole, peer
from federation.documents import digest as digest_of
from federation.errors import AgreementError, CasethreadError, CryptoError, MembershipError
from federation.member.contract_records import record_news, record_status
from federation.member.core import Core
from federation.member.deeds import deed
from federation.messages import AgreementNews, SyncAgreement
from federation.storage import StoredAgreement, Tx

__all__ = ["AgreementView", "Contracts", "LiveAgreement"]

_FIRST_VERSION: Final = 1
_SECRET_LIFETIME: Final = timedelta(days=14)
_MAX_PROPOSALS: Final = 100
"""A member cannot fill another's database with proposals."""


@dataclass(frozen=True, slots=True)
class LiveAgreement:
    """An agreement in force, with the keys to work under it."""

    hash: bytes
    terms: Terms
    pair_keys: Mapping[str, tuple[int, bytes]] = field(repr=False)
    """(key version, key) by partner, for partners that are members now."""


@dataclass(frozen=True, slots=True)
class AgreementView:
    """Where an agreement stands, for people."""

    hash: bytes
    terms: Terms
    status: Status
    proposer: str
    signers: frozenset[str]
    missing: frozenset[str]
    ready_with: frozenset[str]
    """Partners with whom a pair key exists."""
    revoked_by: Mapping[str, str]
    """Reason by member."""


class Contracts:
    """The agreements that this member is a party of."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._delivered: dict[tuple[bytes, str], AgreementNews] = {}

    def propose(self, terms: Terms, by: Actor = OPERATOR) -> bytes:
        """Sign terms, draw the own half of the pair keys, and offer both to the other parties.

        Args:
            terms: What is agreed.
            by: Who signs for the organisation.

        Returns:
            The agreement's hash.

        Raises:
            AgreementError: The federation does not allow these terms.
        """
        current = self._core.require_charter()
        terms.check_against(current.charter)
        envelope = propose_terms(terms, self._core.identity)
        state = AgreementState.load(envelope, keys=current.charter.signing_keys)
        with deed(self._core, by, StaffRole.DATA_PROTECTION) as done:
            done.record(Event.AGREEMENT_PROPOSED, agreement=state.hash)
            self._put(done.tx, state, proposer=self._core.me)
            self._offer(done.tx, state.hash)
        return state.hash

    def sign(self, agreement: bytes, by: Actor = OPERATOR) -> None:
        """Sign terms, and draw the own half of the pair keys, in one transaction.

        Args:
            agreement: The hash.
            by: Who signs for the organisation.

        Raises:
            AgreementError: There is no such proposal, it is signed, over or revoked.
        """
        with deed(self._core, by, StaffRole.DATA_PROTECTION) as done:
            tx = done.tx
            state = self._state(tx, agreement)
            if self._core.me in state.signers:
                raise AgreementError("this member has signed this agreement already")
            if state.status(done.at) is not Status.PROPOSED:
                raise AgreementError("the agreement is over or revoked")
            charter = self._core.require_charter(tx).charter
            state.terms.check_against(charter)
            envelope = sign_terms(state.envelope, self._core.identity)
            signed = AgreementState.load(envelope, keys=charter.signing_keys)
            done.record(Event.AGREEMENT_SIGNED, agreement=agreement)
            self._put(tx, merge(state, signed), proposer="")
            self._offer(tx, agreement)
            self._derive(tx, agreement)

    def revoke(self, agreement: bytes, reason: str, by: Actor = OPERATOR) -> None:
        """End an agreement for all parties: its keys are erased here at once.

        Args:
            agreement: The hash.
            reason: One line for the other parties, without case content.
            by: Who ends it for the organisation.

        Raises:
            AgreementError: There is no such agreement, or it is revoked by this member already.
        """
        with deed(self._core, by, StaffRole.DATA_PROTECTION) as done:
            state = self._state(done.tx, agreement)
            if self._core.me in state.revocations:
                raise AgreementError("this member has revoked this agreement already")
            envelope = make_revocation(self._core.identity, agreement, reason, done.at)
            done.tx.agreements.add_revocation(agreement, self._core.me, envelope)
            done.record(
                Event.AGREEMENT_ENDED,
                agreement=agreement,
                outcome=Outcome.REVOKED,
                documents=(digest_of(Revocation.decode_envelope(envelope).payload),),
            )
            self._erase(done.tx, agreement, recorded=True)
        self._core.store.scrub()

    def handle(self, sender: str, request: SyncAgreement) -> AgreementNews:
        """Pool what the sender knows of an agreement with what is known here.

        Raises:
            AgreementError: The sender or this member is no party, or the terms are not allowed.
        """
        at = self._core.clock()
        revoked = False
        with self._core.store.write() as tx:
            charter = self._core.require_charter(tx).charter
            theirs = AgreementState.load(
                request.terms, request.offers, request.revocations, keys=charter.signing_keys
            )
            if not {sender, self._core.me} <= set(theirs.terms.parties):
                raise AgreementError("this is no agreement between the two members")
            stored = tx.agreements.get(theirs.hash)
            if stored is None:
                theirs.terms.check_against(charter)
                proposed = [one for one in tx.agreements.list() if one.proposer == sender]
                if len(proposed) >= _MAX_PROPOSALS:
                    raise AgreementError("the sender has proposed too many agreements already")
                self._core.log.info("agreement_proposed", member=sender)
            self._put(tx, theirs, proposer=sender)
            state = self._state(tx, theirs.hash)
            if state.status(at) in {Status.REVOKED, Status.EXPIRED}:
                revoked = tx.agreements.pair_key(state.hash, sender) is not None
                self._erase(tx, state.hash)
            else:
                self._renew(tx, state, sender)
                self._derive(tx, state.hash)
            news = _news(tx, theirs.hash)
        if revoked:
            self._core.store.scrub()
            self._core.log.warning("agreement_ended", member=sender)
        return news

    def in_force(self) -> list[LiveAgreement]:
        """Return the agreements in force under which this member can work now."""
        with self._core.store.read() as tx:
            live = [self.live(stored.hash, tx) for stored in tx.agreements.list()]
        return [agreement for agreement in live if agreement is not None and agreement.pair_keys]

    def live(self, agreement: bytes, tx: Tx) -> LiveAgreement | None:
        """Return one agreement if it is in force now, else None."""
        stored = tx.agreements.get(agreement)
        if stored is None:
            return None
        current = self._core.require_charter(tx)
        try:
            state = self._load(tx, stored)
            state.terms.check_against(current.charter)
        except (AgreementError, CryptoError, MembershipError):
            return None  # a party left the federation: what it signed ends with it
        if state.status(self._core.clock()) is not Status.IN_FORCE:
            return None
        keys = {
            partner: key
            for partner in state.terms.parties
            if partner != self._core.me
            and (key := tx.agreements.pair_key(agreement, partner)) is not None
        }
        return LiveAgreement(agreement, state.terms, keys)

    def views(self) -> list[AgreementView]:
        """Return every agreement that is known here."""
        with self._core.store.read() as tx:
            return [self._view(tx, stored) for stored in tx.agreements.list()]

    def drive(self) -> bool:
        """Bring every party what it may lack, derive and erase keys.

        Returns:
            Whether something is still to be delivered.
        """
        self._tidy()
        waiting = False
        members = self._core.require_charter().charter.signing_keys
        with self._core.store.read() as tx:
            news = {stored.hash: _news(tx, stored.hash) for stored in tx.agreements.list()}
        for agreement, own in news.items():
            parties = Terms.from_envelope(own.terms).parties
            if not set(parties) <= members.keys():
                continue  # who left is told nothing, and the others see it in the charter
            for partner in parties:
                if partner == self._core.me or self._delivered.get((agreement, partner)) == own:
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

    def _tidy(self) -> None:
        at = self._core.clock()
        erased = False
        with self._core.store.read() as tx:
            old = [one for one in tx.agreements.secrets() if one.created <= at - _SECRET_LIFETIME]
            ended = [
                view.hash
                for stored in tx.agreements.list()
                if (view := self._view(tx, stored)).status in {Status.EXPIRED, Status.REVOKED}
                and view.ready_with
            ]
        if old or ended:
            with self._core.store.write() as tx:
                for secret in old:
                    tx.agreements.erase_secret(secret.hash, secret.key_version)
                for agreement in ended:
                    self._erase(tx, agreement)
            erased = True
        if erased:
            self._core.store.scrub()

    def _put(self, tx: Tx, state: AgreementState, *, proposer: str) -> None:
        """Store and record what is new in a state; signatures are pooled with those stored."""
        at = self._core.clock()
        stored = tx.agreements.get(state.hash)
        known = None if stored is None else self._load(tx, stored)
        if known is not None:
            state = merge(known, state)
        if stored is None or stored.terms != state.envelope:
            tx.agreements.put(state.hash, state.envelope, proposer, at)
        for (member, version), envelope in state.offers.items():
            tx.agreements.add_offer(state.hash, member, version, envelope)
        for member, envelope in state.revocations.items():
            tx.agreements.add_revocation(state.hash, member, envelope)
        record_news(tx, at, self._core.me, known, state, proposer)
        ended = sorted(state.revocations.keys() - {self._core.me})
        before = Status.PROPOSED.value if stored is None else stored.status
        status = state.status(at)
        record_status(tx, at, state.hash, before, status, peer(ended[0]) if ended else NODE)
        tx.agreements.set_status(state.hash, status.value)

    def _offer(self, tx: Tx, agreement: bytes, version: int = _FIRST_VERSION) -> None:
        at = self._core.clock()
        secret, envelope = make_offer(self._core.identity, agreement, version, at)
        tx.agreements.put_secret(agreement, version, secret, at)
        tx.agreements.add_offer(agreement, self._core.me, version, envelope)

    def _renew(self, tx: Tx, state: AgreementState, sender: str) -> None:
        """A partner that lost its keys offers a higher version: go along, and say so."""
        wanted = state.latest_version(sender)
        if self._core.me in state.signers and wanted > state.latest_version(self._core.me):
            self._offer(tx, state.hash, wanted)
            self._core.log.warning("pair_key_renewed", member=sender, version=wanted)

    def _derive(self, tx: Tx, agreement: bytes) -> None:
        """Derive every pair key that can be, then erase the secret that made the last one."""
        state = self._state(tx, agreement)
        if state.missing or state.revocations:
            return
        charter = self._core.require_charter(tx).charter
        partners = [party for party in state.terms.parties if party != self._core.me]
        for partner in partners:
            version = state.shared_version(self._core.me, partner)
            held = tx.agreements.pair_key(agreement, partner)
            if version is None or (held is not None and held[0] >= version):
                continue
            secret = tx.agreements.secret(agreement, version)
            offer = state.offer(partner, version)
            if secret is None or offer is None:
                continue
            key = derive_pair_key(
                agreement,
                version,
                self._core.identity,
                secret,
                partner=partner,
                partner_ephemeral=offer.key,
                partner_key=charter.member(partner).agreement_key,
            )
            tx.agreements.put_pair_key(agreement, partner, version, key)
            self._core.log.info("pair_key_ready", member=partner, version=version)
        own = state.latest_version(self._core.me)
        ready = [tx.agreements.pair_key(agreement, partner) for partner in partners]
        if all(key is not None and key[0] >= own for key in ready):
            tx.agreements.erase_secret(agreement, own)

    def _erase(self, tx: Tx, agreement: bytes, *, recorded: bool = False) -> None:
        tx.agreements.erase_pair_keys(agreement)
        for secret in tx.agreements.secrets():
            if secret.hash == agreement:
                tx.agreements.erase_secret(agreement, secret.key_version)
        stored = tx.agreements.get(agreement)
        if stored is not None:
            status = self._view(tx, stored).status
            if not recorded:
                record_status(tx, self._core.clock(), agreement, stored.status, status)
            tx.agreements.set_status(agreement, status.value)

    def _state(self, tx: Tx, agreement: bytes) -> AgreementState:
        stored = tx.agreements.get(agreement)
        if stored is None:
            raise AgreementError(
                "there is no such agreement here", next_step="run 'casethread agreement list'"
            )
        return self._load(tx, stored)

    def _load(self, tx: Tx, stored: StoredAgreement) -> AgreementState:
        keys = self._core.require_charter(tx).charter.signing_keys
        return AgreementState.load(stored.terms, stored.offers, stored.revocations, keys=keys)

    def _view(self, tx: Tx, stored: StoredAgreement) -> AgreementView:
        terms = Terms.from_envelope(stored.terms)
        at = self._core.clock()
        try:
            state = self._load(tx, stored)
        except (AgreementError, CryptoError):
            status, signers = Status.REVOKED, frozenset[str]()
        else:
            status, signers = state.status(at), state.signers
        revocations = [Revocation.from_envelope(one) for one in stored.revocations]
        return AgreementView(
            hash=stored.hash,
            terms=terms,
            status=status,
            proposer=stored.proposer,
            signers=signers,
            missing=frozenset(terms.parties) - signers,
            ready_with=frozenset(
                party
                for party in terms.parties
                if tx.agreements.pair_key(stored.hash, party) is not None
            ),
            revoked_by={one.member: one.reason for one in revocations},
        )


def _news(tx: Tx, agreement: bytes) -> AgreementNews:
    stored = tx.agreements.get(agreement)
    if stored is None:
        raise AgreementError("there is no such agreement here")
    return AgreementNews(stored.terms, stored.offers, stored.revocations)

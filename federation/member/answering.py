# SPDX-License-Identifier: Apache-2.0
"""The exchange of identifiers, from the side that is sent tags."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from federation.audit import Count, Event, peer
from federation.charter import LaneKey
from federation.errors import AgreementError, ExchangeError, PolicyError
from federation.indicators import NORMALISATION_VERSION, IndicatorClass, Lane
from federation.matching.exchange import Answering, Hit, Session, look_up
from federation.matching.tags import TAG_SIZE, match_id
from federation.member.core import Core
from federation.member.sending import EXCHANGED_LANES, ensure_cursor, record_found, session_of
from federation.member.standing import LiveAgreement, Standing
from federation.messages import (
    ConfirmMatches,
    MatchesConfirmed,
    OpenSession,
    PutTags,
    SessionOpened,
    TagsAnswered,
)
from federation.storage import Tx
from federation.storage.exchange import OpenedSession
from federation.storage.matches import UNANSWERED, MatchStatus, StoredMatch

__all__ = ["OVER_BUDGET", "SURVIVOR", "Answerer"]

OVER_BUDGET = "over_budget"
"""Reason of a match that is held because the day's match budget is spent."""
SURVIVOR = "survivor"
"""Reason of a match that is held because it is about a survivor."""


class Answerer:
    """Answers the tags of partners, and nobody else's."""

    def __init__(self, core: Core, standing: Standing) -> None:
        self._core = core
        self._standing = standing

    def open(self, sender: str, request: OpenSession) -> SessionOpened:
        """Open a session, stored before the reply leaves.

        Raises:
            AgreementError: No agreement in force covers it.
            PolicyError: The lane or class is not exchanged, or not with this member.
            ExchangeError: Another key, key version or normalisation than ours.
        """
        at = self._core.clock()
        if request.lane not in EXCHANGED_LANES or request.cls is not IndicatorClass.IDENTIFIER:
            raise PolicyError("this lane and class are not exchanged")
        if request.normalisation_version != NORMALISATION_VERSION:
            raise ExchangeError(
                "the two nodes normalise by different rules and would miss each other's values",
                next_step="bring both nodes to the same version",
            )
        opened = SessionOpened(nonce=secrets.token_bytes(32))
        with self._core.store.write() as tx:
            agreement = self._agreement(
                tx, sender, request.agreement, request.key_version, request.lane
            )
            key = self._live_key(tx, request)
            ensure_cursor(self._core, tx, agreement, sender, key)
            session = session_of(request, opened, sender=sender, receiver=self._core.me)
            tx.exchange.prune(at)
            tx.exchange.put_session(_stored(session, at, tx.retractions.latest()))
        return opened

    def put_tags(self, sender: str, request: PutTags) -> TagsAnswered:
        """Answer which of the tags are held here, as far as the match budget goes.

        The same bucket again gives the same answer and spends nothing.

        Raises:
            ExchangeError: The session is not the sender's or is over, or the bucket is malformed.
            AgreementError: The agreement ended meanwhile.
        """
        at = self._core.clock()
        with self._core.store.read() as tx:
            session = self._session(tx, sender, request.session, at)
            agreement = self._under(tx, session)
            terms = agreement.terms
            own = tx.tokens.heads(session.key_id, terms.kinds, terms.subjects)
        _, pair_key = agreement.pair_keys[sender]
        keys = session.keys(pair_key)
        found = [(position, own.ids[at]) for position, at in look_up(keys, request.tags, own.heads)]
        with self._core.store.write() as tx:
            # Checked again: the agreement may have been revoked since, or a token deleted.
            agreement = self._under(tx, session)
            held_here = dict(
                tx.tokens.eligible(
                    session.key_id, terms.kinds, terms.subjects, [row for _, row in found]
                )
            )
            if session.lane == Lane.SURVIVOR:
                # A token without a consent that covers this partner is not held here.
                allowed = self._standing.allowed(tx, agreement, sender, held_here)
                held_here = {row: token for row, token in held_here.items() if row in allowed}
            # Nor is one that the sender has taken back, or does not know yet to be taken back.
            for row in self._barred(tx, session, pair_key, held_here):
                del held_here[row]
            hits = [
                Hit(position, row, held_here[row]) for position, row in found if row in held_here
            ]
            # Counted once for all hits: it reads every case.
            daily = agreement.terms.match_budget.daily(tx.cases.count()) if hits else 0
            moved: list[StoredMatch] = []
            spoken = [
                hit
                for hit in hits
                if self._may_answer(tx, agreement, session, hit, daily, at, moved, request.released)
            ]
            self._record(tx, session, len(request.tags) // TAG_SIZE, moved, at)
            tx.exchange.put_answers(
                request.session, request.seq, [(hit.position, hit.token_id) for hit in spoken]
            )
        held = len(hits) - len(spoken)
        if held:
            reason = _held_because(session)
            self._core.log.warning("matches_held", member=sender, count=held, reason=reason)
        return TagsAnswered(proofs=Answering(keys, spoken).answer())

    def confirm(self, sender: str, request: ConfirmMatches) -> MatchesConfirmed:
        """Store as proven what the sender proves too.

        Raises:
            ExchangeError: A position was not answered, or a proof does not hold; nothing of
                the message is stored then.
        """
        at = self._core.clock()
        found: list[StoredMatch] = []
        with self._core.store.write() as tx:
            session = self._session(tx, sender, request.session, at)
            agreement = self._under(tx, session)
            _, pair_key = agreement.pair_keys[sender]
            answered = tx.exchange.answers(request.session, request.seq)
            answering = Answering(session.keys(pair_key), [Hit(*row) for row in answered])
            proven = answering.confirm(request.proofs)
            if session.lane == Lane.SURVIVOR:
                tokens = {hit.token_id for hit in proven}
                allowed = self._standing.allowed(tx, agreement, sender, tokens)
                proven = [hit for hit in proven if hit.token_id in allowed]
            known = {hit.token_id: hit.token for hit in proven}
            barred = self._barred(tx, session, pair_key, known)
            proven = [hit for hit in proven if hit.token_id not in barred]
            for hit in proven:
                put = tx.matches.put(
                    agreement=agreement.hash,
                    partner=sender,
                    token=hit.token_id,
                    lane=session.lane,
                    match_id=match_id(pair_key, hit.token),
                    status=MatchStatus.PROVEN,
                    at=at,
                )
                found += [put.match] if put.moved else []
            record_found(tx, Event.MATCHES_FOUND, at, found)
        return MatchesConfirmed()

    def _barred(
        self, tx: Tx, session: Session, pair_key: bytes, tokens: Mapping[int, bytes]
    ) -> set[int]:
        """Return those of some tokens that must not become a match in a session."""
        stored = tx.exchange.session(session.id, self._core.clock())
        since = 0 if stored is None or stored.withdrawn is None else stored.withdrawn
        return tx.retractions.barred(session.sender, tokens, pair_key, since)

    def _record(
        self, tx: Tx, session: Session, tags: int, moved: list[StoredMatch], at: datetime
    ) -> None:
        """Count the bucket for the day; say of each match when it was answered or held first."""
        tx.audit.count(
            Event.TAGS_ANSWERED,
            at,
            {Count.CALLS: 1, Count.TAGS: tags},
            actor=peer(session.sender).id,
            member=session.sender,
            agreement=session.agreement,
            lane=Lane(session.lane),
            cls=IndicatorClass(session.cls),
        )
        held = [match for match in moved if match.status is MatchStatus.HELD]
        told = [match for match in moved if match.status is not MatchStatus.HELD]
        record_found(tx, Event.TAGS_ANSWERED, at, told, by=peer(session.sender))
        record_found(tx, Event.MATCHES_HELD, at, held, reason=_held_because(session))

    def _may_answer(
        self,
        tx: Tx,
        agreement: LiveAgreement,
        session: Session,
        hit: Hit,
        daily: int,
        at: datetime,
        moved: list[StoredMatch],
        released: bool,
    ) -> bool:
        partner = session.sender
        _, pair_key = agreement.pair_keys[partner]
        known = tx.matches.find(partner, hit.token_id)
        again = False
        if known is not None and known.status is MatchStatus.WITHDRAWN:
            # The sender stands by it again: it is found anew. What it was told it knows already.
            again = known.agreement == agreement.hash and known.reason != UNANSWERED
            known = None
        if known is not None and known.status in {MatchStatus.PROVEN, MatchStatus.PENDING}:
            return True
        let = known is not None and known.status is MatchStatus.RELEASED
        if session.lane == Lane.SURVIVOR:
            # A person decides, here or at the sender. Who was sent this token could already
            # know that it is held here, so that the sender's word on its own release is enough.
            free = (let and known is not None and known.agreement == agreement.hash) or (
                released and tx.exchange.was_sent(agreement.hash, partner, hit.token_id)
            )
            status = MatchStatus.PENDING if free else MatchStatus.HELD
        else:
            # Who was sent this token already knows that it is held here, if it holds it too;
            # and a person's release needs no second budget.
            free = let or again or tx.exchange.was_sent(agreement.hash, partner, hit.token_id)
            status = (
                MatchStatus.PENDING
                if free
                or (
                    (known is None or known.agreement != agreement.hash)
                    and tx.matches.spend(
                        agreement.hash,
                        partner,
                        at,
                        daily=daily,
                        first=agreement.terms.match_budget.first,
                    )
                )
                else MatchStatus.HELD
            )
        put = tx.matches.put(
            agreement=agreement.hash,
            partner=partner,
            token=hit.token_id,
            lane=session.lane,
            match_id=match_id(pair_key, hit.token),
            status=status,
            at=at,
            reason=_held_because(session) if status is MatchStatus.HELD else "",
        )
        moved += [put.match] if put.moved else []
        return status is MatchStatus.PENDING

    def _under(self, tx: Tx, session: Session) -> LiveAgreement:
        return self._agreement(
            tx, session.sender, session.agreement, session.key_version, Lane(session.lane)
        )

    def _agreement(
        self, tx: Tx, sender: str, agreement_hash: bytes, key_version: int, lane: Lane
    ) -> LiveAgreement:
        agreement = self._standing.live(agreement_hash, tx)
        if agreement is None or sender not in agreement.pair_keys:
            raise AgreementError("no agreement in force covers this exchange")
        if agreement.pair_keys[sender][0] != key_version:
            raise ExchangeError("the pair key has another version; synchronise the agreement")
        self._standing.check_comparison(tx, agreement, sender, lane)
        return agreement

    def _live_key(self, tx: Tx, request: OpenSession) -> LaneKey:
        charter = self._core.require_charter(tx).charter
        for key in charter.live_keys(request.lane, request.cls):
            if key.key_id == request.key_id and key.epoch == request.epoch:
                return key
        raise ExchangeError("this key is not in the charter in force here")

    def _session(self, tx: Tx, sender: str, session_id: bytes, at: datetime) -> Session:
        stored = tx.exchange.session(session_id, at)
        if stored is None or stored.partner != sender:
            raise ExchangeError("there is no such session; open a new one")
        return Session(
            agreement=stored.agreement,
            key_version=stored.key_version,
            sender=stored.partner,
            receiver=self._core.me,
            lane=stored.lane,
            cls=stored.cls,
            key_id=stored.key_id,
            epoch=stored.epoch,
            normalisation_version=stored.normalisation_version,
            nonce_opener=stored.nonce_opener,
            nonce_answerer=stored.nonce_answerer,
        )


def _held_because(session: Session) -> str:
    return SURVIVOR if session.lane == Lane.SURVIVOR else OVER_BUDGET


def _stored(session: Session, at: datetime, withdrawn: int) -> OpenedSession:
    return OpenedSession(
        id=session.id,
        agreement=session.agreement,
        partner=session.sender,
        key_version=session.key_version,
        lane=session.lane,
        cls=session.cls,
        key_id=session.key_id,
        epoch=session.epoch,
        normalisation_version=session.normalisation_version,
        nonce_opener=session.nonce_opener,
        nonce_answerer=session.nonce_answerer,
        opened=at,
        withdrawn=withdrawn,
    )

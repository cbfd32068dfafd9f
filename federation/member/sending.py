# SPDX-License-Identifier: Apache-2.0
"""The exchange of identifiers, from the side that opens a session and sends tags."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from federation.audit import Count, Event
from federation.charter import LaneKey
from federation.errors import CasethreadError, ExchangeError
from federation.indicators import NORMALISATION_VERSION, IndicatorClass, Lane
from federation.matching.exchange import Sending, Session
from federation.matching.tags import SessionKeys, match_id
from federation.member.core import Core
from federation.member.deeds import record
from federation.member.naming import in_parts, named_match
from federation.member.standing import LiveAgreement, Standing
from federation.messages import ConfirmMatches, OpenSession, PutTags, SessionOpened
from federation.storage import Tx
from federation.storage.exchange import Bucket, Cursor, Cut
from federation.storage.matches import MatchStatus, StoredMatch

__all__ = ["SendReport", "Sender", "ensure_cursor", "record_found", "session_of"]

EXCHANGED_LANES = (Lane.NETWORK, Lane.SURVIVOR)
_ASKED_AT_ONCE = 4096
"""Most tokens in one bucket of which each is asked whether it may go."""


@dataclass(slots=True)
class SendReport:
    """What one round of sending did."""

    buckets: int = 0
    """Acknowledged by their partners."""
    matches: int = 0
    """Proven in the answers."""
    failures: tuple[tuple[str, CasethreadError], ...] = ()
    """(partner, what went wrong); what was not sent stays due."""


def ensure_cursor(
    core: Core, tx: Tx, agreement: LiveAgreement, partner: str, key: LaneKey
) -> Cursor:
    """Return the cursor towards a partner, beginning it at the first contact.

    Of two members that meet with tokens already there, only the later-admitted one
    (of two alike the higher id) sends its whole set; the other begins behind what it
    has, before it looks at the first bucket. So neither can be made to send again.
    """
    cursor = tx.exchange.cursor(agreement.hash, partner, key.key_id)
    if cursor is not None:
        return cursor
    charter = core.require_charter(tx).charter
    rank = {member: (charter.member(member).since_version, member) for member in (core.me, partner)}
    sends_all = rank[core.me] > rank[partner]
    start = 0 if sends_all else tx.exchange.last_arrival(key.key_id)
    return tx.exchange.create_cursor(
        agreement.hash, partner, key.key_id, start=start, at=core.clock()
    )


class Sender:
    """Sends every token that is due to every partner, once."""

    def __init__(self, core: Core, standing: Standing) -> None:
        self._core = core
        self._standing = standing

    def send_all(self) -> SendReport:
        """Send what is due under every agreement; one partner's fault stops only itself."""
        report = SendReport()
        charter = self._core.require_charter().charter
        for agreement in self._standing.in_force():
            for lane in EXCHANGED_LANES:
                with self._core.store.read() as tx:
                    partners = self._standing.compares_with(tx, agreement, lane)
                for partner in partners:
                    for key in charter.live_keys(lane, IndicatorClass.IDENTIFIER):
                        try:
                            self._send(agreement, partner, key, report)
                        except CasethreadError as error:
                            self._core.log.warning(
                                "exchange_failed", member=partner, error=type(error).__name__
                            )
                            report.failures += ((partner, error),)
        return report

    def _send(
        self, agreement: LiveAgreement, partner: str, key: LaneKey, report: SendReport
    ) -> None:
        buckets = self._cut(agreement, partner, key)
        if not buckets:
            return
        with self._core.store.read() as tx:
            # Before the session: what the partner takes back from now on is answered too late.
            since = tx.retractions.latest()
        session, keys = self._open(agreement, partner, key)
        for bucket_id in buckets:
            cursor, bucket = self._take(agreement, partner, key, bucket_id)
            report.matches += self._send_bucket(agreement, session, keys, cursor, bucket, since)
            report.buckets += 1

    def _take(
        self, agreement: LiveAgreement, partner: str, key: LaneKey, bucket_id: int
    ) -> tuple[Cursor, Bucket]:
        """Read a bucket that is about to leave, less what may not be sent any more."""
        with self._core.store.write() as tx:
            bucket = tx.exchange.bucket(bucket_id)
            cursor = tx.exchange.cursor(agreement.hash, partner, key.key_id)
            live = self._standing.live(agreement.hash, tx)
            if cursor is None or live is None:
                raise ExchangeError("the agreement ended while its bucket was being sent")
            tokens = {token for token, _ in bucket.tokens}
            gone = tokens - self._sendable(tx, live, partner, key.lane, tokens)
            if gone:
                bucket = tx.exchange.take_out(bucket, gone)
            # Written before it leaves: a withdrawal after a crash must know whom to tell.
            tx.exchange.offer(bucket_id, self._core.clock())
        return cursor, bucket

    def _sendable(
        self, tx: Tx, agreement: LiveAgreement, partner: str, lane: Lane, tokens: Collection[int]
    ) -> set[int]:
        """Return those of some tokens that may go to a partner at this moment."""
        found = set(tokens)
        if lane is Lane.SURVIVOR:
            found = self._standing.allowed(tx, agreement, partner, tokens)
        if tx.retractions.owes(partner):
            _, pair_key = agreement.pair_keys[partner]
            found -= tx.retractions.pass_over(partner, tx.tokens.plain(found), pair_key)
        return found

    def _cut(self, agreement: LiveAgreement, partner: str, key: LaneKey) -> list[int]:
        terms = agreement.terms
        with self._core.store.write() as tx:
            cursor = ensure_cursor(self._core, tx, agreement, partner, key)
            released = [
                token
                for token in tx.matches.released(agreement.hash, partner, key.key_id)
                if not tx.exchange.is_waiting(cursor, token)
            ]
            sendable = self._sendable(tx, agreement, partner, key.lane, released)
            released = [token for token in released if token in sendable]
            self._record_cut(
                tx, agreement, partner, key, tx.exchange.cut_released(cursor, released)
            )
        more = True
        while more:
            # A transaction for each bucket, so that a large first exchange stops nobody's work.
            with self._core.store.write() as tx:
                current = tx.exchange.cursor(agreement.hash, partner, key.key_id)
                if current is None:
                    raise ExchangeError("the agreement ended while its buckets were made")
                cut = tx.exchange.cut(
                    current,
                    kinds=terms.kinds,
                    subjects=terms.subjects,
                    **self._asking(tx, agreement, partner, key.lane),
                )
                self._record_cut(tx, agreement, partner, key, cut)
                more = cut is not None
        with self._core.store.read() as tx:
            return tx.exchange.open_buckets(cursor)

    def _asking(self, tx: Tx, agreement: LiveAgreement, partner: str, lane: Lane) -> dict[str, Any]:
        """Return what makes a cut ask for each token, where not all may go."""
        if lane is Lane.NETWORK and not tx.retractions.owes(partner):
            return {}
        only = partial(self._sendable, tx, agreement, partner, lane)
        return {"only": only, "limit": _ASKED_AT_ONCE}

    def _record_cut(
        self, tx: Tx, agreement: LiveAgreement, partner: str, key: LaneKey, cut: Cut | None
    ) -> None:
        """Record a bucket with its making: from then on it leaves, whatever crashes."""
        if cut is not None:
            record(
                tx,
                Event.TAGS_SENT,
                self._core.clock(),
                member=partner,
                agreement=agreement.hash,
                lane=key.lane,
                cls=key.cls,
                counts={Count.TAGS: cut.tokens},
            )

    def _open(
        self, agreement: LiveAgreement, partner: str, key: LaneKey
    ) -> tuple[Session, SessionKeys]:
        key_version, pair_key = agreement.pair_keys[partner]
        request = OpenSession(
            agreement=agreement.hash,
            key_version=key_version,
            lane=key.lane,
            cls=key.cls,
            key_id=key.key_id,
            epoch=key.epoch,
            normalisation_version=NORMALISATION_VERSION,
            nonce=secrets.token_bytes(32),
        )
        opened = self._core.call(partner, request)
        session = session_of(request, opened, sender=self._core.me, receiver=partner)
        return session, session.keys(pair_key)

    def _send_bucket(
        self,
        agreement: LiveAgreement,
        session: Session,
        keys: SessionKeys,
        cursor: Cursor,
        bucket: Bucket,
        since: int,
    ) -> int:
        partner = session.receiver
        sending = Sending(keys, bucket.tokens, size=bucket.size, seed=bucket.seed)
        answered = self._core.call(
            partner,
            PutTags(
                session=session.id,
                index_id=cursor.index_id,
                seq=bucket.seq,
                tags=sending.tags,
                released=bucket.released,
            ),
            timeout=120.0,
        )
        hits = sending.accept(answered.proofs)
        _, pair_key = agreement.pair_keys[partner]
        found = []
        with self._core.store.write() as tx:
            # Some may have been removed, or lost their consent, while the partner was asked.
            lane, tokens = Lane(session.lane), {hit.token_id for hit in hits}
            good = self._sendable(tx, agreement, partner, lane, tokens)
            hits = [hit for hit in hits if hit.token_id in good and tx.tokens.exists(hit.token_id)]
            # Or the partner took its side back, after it had answered.
            known = {hit.token_id: hit.token for hit in hits}
            barred = tx.retractions.barred(partner, known, pair_key, since)
            hits = [hit for hit in hits if hit.token_id not in barred]
            for hit in hits:
                put = tx.matches.put(
                    agreement=agreement.hash,
                    partner=partner,
                    token=hit.token_id,
                    lane=session.lane,
                    match_id=match_id(pair_key, hit.token),
                    status=MatchStatus.PROVEN,
                    at=self._core.clock(),
                )
                found += [put.match] if put.moved else []
            record_found(tx, Event.MATCHES_FOUND, self._core.clock(), found)
        # Only now may the cursor move: the partner has stored what it was confirmed.
        self._core.call(
            partner,
            ConfirmMatches(session=session.id, seq=bucket.seq, proofs=sending.confirm(hits)),
        )
        with self._core.store.write() as tx:
            tx.exchange.acknowledge(bucket.id, self._core.clock())
            tx.matches.offered(partner, [token for token, _ in bucket.tokens])
        return len(hits)


def record_found(
    tx: Tx, event: Event, at: datetime, found: Sequence[StoredMatch], **facts: Any
) -> None:
    """Record matches with one partner under one agreement, each by its reference.

    Args:
        tx: The transaction that stores them.
        event: What became of them.
        at: Now.
        found: The matches; none leave no entry.
        facts: Other fields of `federation.audit.Record`.
    """
    if not found:
        return
    first = found[0]
    for part in in_parts(named_match(match.uuid) for match in found):
        record(
            tx,
            event,
            at,
            named=part,
            member=first.partner,
            agreement=first.agreement,
            lane=Lane(first.lane),
            counts={Count.MATCHES: len(part)},
            **facts,
        )


def session_of(
    request: OpenSession, opened: SessionOpened, *, sender: str, receiver: str
) -> Session:
    """Put both halves of an opening together."""
    return Session(
        agreement=request.agreement,
        key_version=request.key_version,
        sender=sender,
        receiver=receiver,
        lane=request.lane.value,
        cls=request.cls.value,
        key_id=request.key_id,
        epoch=request.epoch,
        normalisation_version=request.normalisation_version,
        nonce_opener=request.nonce,
        nonce_answerer=opened.nonce,
    )

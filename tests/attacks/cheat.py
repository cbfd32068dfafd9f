# SPDX-License-Identifier: Apache-2.0
"""A member that speaks the protocol correctly and says what it likes."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from federation import Case, Kind, Subject
from federation.charter import LaneKey
from federation.crypto.kdf import hkdf
from federation.indicators import NORMALISATION_VERSION, IndicatorClass, Lane
from federation.matching.exchange import Session
from federation.matching.tags import SessionKeys
from federation.member.sending import session_of
from federation.messages import (
    ConfirmMatches,
    MatchesConfirmed,
    OpenSession,
    PutTags,
    Request,
    TagsAnswered,
)
from federation.storage.matches import MatchStatus
from federation.testing import Federation, MemoryPeer


class Cheat:
    """A dishonest member, with the keys that it really has and with recordings."""

    def __init__(self, fed: Federation, me: str) -> None:
        self.fed, self.me = fed, me

    def call(self, to: str, request: Request[Any]) -> Any:
        """Send any message, properly signed."""
        return MemoryPeer(self.fed, self.me, to).call(request)

    def pair_key(self, agreement: bytes, partner: str) -> tuple[int, bytes]:
        """Return the own pair key and its version."""
        with self.fed.seats[self.me].store.read() as tx:
            found = tx.agreements.pair_key(agreement, partner)
        assert found is not None
        return found

    def open(self, agreement: bytes, to: str) -> tuple[Session, SessionKeys]:
        """Open a session as the side that sends tags."""
        version, pair_key = self.pair_key(agreement, to)
        key = key_of(self.fed)
        request = OpenSession(
            agreement=agreement,
            key_version=version,
            lane=key.lane,
            cls=key.cls,
            key_id=key.key_id,
            epoch=key.epoch,
            normalisation_version=NORMALISATION_VERSION,
            nonce=secrets.token_bytes(32),
        )
        session = session_of(request, self.call(to, request), sender=self.me, receiver=to)
        return session, session.keys(pair_key)

    def send(self, agreement: bytes, to: str, tags: bytes) -> tuple[Session, TagsAnswered]:
        """Send any tags in a new session."""
        session, _ = self.open(agreement, to)
        return session, self.put(session.id, to, tags)

    def put(self, session: bytes, to: str, tags: bytes) -> TagsAnswered:
        """Send any tags in any session."""
        answered: TagsAnswered = self.call(to, PutTags(session, secrets.token_bytes(16), 1, tags))
        return answered

    def confirm(
        self, session: bytes, to: str, proofs: tuple[tuple[int, bytes], ...]
    ) -> MatchesConfirmed:
        """Confirm anything."""
        confirmed: MatchesConfirmed = self.call(to, ConfirmMatches(session, 1, proofs))
        return confirmed

    def keys_of(self, request: PutTags, sender: str) -> SessionKeys:
        """Return the keys of a session that a victim opened here."""
        with self.fed.seats[self.me].store.read() as tx:
            session = self.fed[self.me]._answerer._session(
                tx, sender, request.session, self.fed.clock()
            )
        return session.keys(self.pair_key(session.agreement, sender)[1])

    @contextmanager
    def answering(self, answer: Callable[[PutTags], TagsAnswered]) -> Iterator[None]:
        """Answer every bucket that others send with something else."""

        def tamper(recipient: str, request: Request[Any], reply: Any) -> Any:
            mine = recipient == self.me and isinstance(request, PutTags)
            return answer(request) if mine and isinstance(request, PutTags) else reply

        self.fed.faults.tamper = tamper
        try:
            yield
        finally:
            self.fed.faults.tamper = None


def key_of(fed: Federation) -> LaneKey:
    """Return the key that phones are evaluated under."""
    charter = next(iter(fed)).require_charter()
    return charter.live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)[0]


def hold(fed: Federation, member: str, *phones: str) -> None:
    """Let a member take in phones and make their tokens; nothing is exchanged."""
    fed[member].put_cases(
        Case(f"{member}:{phone}", region="MX").add(Kind.PHONE, phone, Subject.RECRUITER)
        for phone in phones
    )
    fed[member].tokenise()


def newest_token(fed: Federation, member: str) -> bytes:
    """Return the token that a member made last."""
    key_id = key_of(fed).key_id
    with fed.seats[member].store.read() as tx:
        _, token = tx.tokens.eligible(key_id, Kind, Subject)[-1]
    return token


def stored(fed: Federation, member: str, partner: str) -> dict[bytes, MatchStatus]:
    """Return how far every match with a partner is in a member's database, by its UUID."""
    with fed.seats[member].store.read() as tx:
        return {match.uuid: match.status for match in tx.matches.list() if match.partner == partner}


def undirected_keys(pair_key: bytes, **_: Any) -> SessionKeys:
    """Session keys without direction, session and nonces: what the defence replaces."""
    return SessionKeys(tag=hkdf(pair_key, info=b"tag"), proof=hkdf(pair_key, info=b"proof"))


def group_keys(_: bytes, **__: Any) -> SessionKeys:
    """Session keys that all parties share: not even the pair is in them."""
    return undirected_keys(b"the same for everybody, 32 bytes")

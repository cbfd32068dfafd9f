# SPDX-License-Identifier: Apache-2.0
"""A key ceremony as a state machine without input or output.

Its whole state is the messages so far and one secret. What it makes of them depends on
nothing else, so it can be reloaded after any crash, and messages may come in any order,
as often as they like, from whomever.

::

    ceremony = Ceremony.load(identity, charter, messages, secret)
    ceremony.receive(envelope)          # what peers sent
    ceremony.accept(now, shares)        # the operator's yes; shares to deal anew, if any
    fresh = ceremony.advance()          # own new messages: store them with `secret` in one
                                        # transaction, THEN send them
    ceremony.outcome                    # once status is COMPLETE

Custodians who agree on what they saw sign one statement, byte for byte; it is signed
last, after every share has been tried, and only then does the ceremony have an outcome.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from federation.charter.board import Board
from federation.charter.charter import Charter
from federation.charter.dealer import BadDeliveryError, Dealer
from federation.charter.dealings import Dealings
from federation.charter.faults import find_fault
from federation.charter.identity import Identity
from federation.charter.keys import LaneKey
from federation.charter.proposal import (
    check_proposal,
    open_proposal,
    overtaken,
    propose,
    propose_resharing,
)
from federation.charter.rounds import Abort, Proposal, Reason, Round
from federation.crypto import dsse
from federation.crypto.shares import KeyShare
from federation.documents import Document, digest, sign
from federation.errors import CasethreadError, CeremonyError, CryptoError, MalformedError

__all__ = [
    "Ceremony",
    "CeremonyStatus",
    "Outcome",
    "Proposal",
    "check_proposal",
    "overtaken",
    "propose",
    "propose_resharing",
]

_LONGEST = timedelta(days=30)
_TOLERANCE = timedelta(seconds=300)


class CeremonyStatus(StrEnum):
    """Where a ceremony stands, seen from this node."""

    PROPOSED = "proposed"
    """Waits for the own operator."""
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Outcome:
    """What a finished ceremony gives."""

    statement: bytes
    """The key statement's envelope, signed by all participants; for the next charter."""
    lane_keys: tuple[LaneKey, ...]
    """The keys as that charter lists them."""
    shares: Mapping[bytes, KeyShare]
    """The own shares by key id; empty for who receives none, and once the secret is erased."""


class Ceremony:
    """One ceremony, seen by one member, which may also be an onlooker."""

    def __init__(self, identity: Identity, charter: Charter, proposal: bytes) -> None:
        """Begin with the proposal; use `load`.

        Raises:
            VerifyError: Its signature does not hold.
            MalformedError: It is no proposal.
        """
        opened = Proposal.decode_envelope(proposal)
        self.proposal = open_proposal(proposal)
        """What the ceremony is about."""
        self._identity = identity
        self._charter = charter
        self._messages = [proposal]
        self._board = Board(self.proposal, digest(opened.payload))
        self._dealings = Dealings(self._board)
        own = self.proposal.participant(identity.member_id)
        self._index = None if own is None else own.index
        self._dealer: Dealer | None = None
        self._withdrawn = False
        self._outcome: Outcome | None = None

    @classmethod
    def load(
        cls,
        identity: Identity,
        charter: Charter,
        messages: Iterable[bytes],
        secret: bytes | None,
    ) -> "Ceremony":
        """Rebuild a ceremony from what was stored.

        Args:
            identity: The own keys.
            charter: The charter in force.
            messages: All messages in the order in which they arrived, the proposal first.
            secret: What `secret` gave when the last of them was stored, or None.

        Raises:
            VerifyError: A signature does not hold.
            MalformedError: A message is none, or the secret belongs to another ceremony.
            CeremonyError: A message breaks its round's form.
        """
        first, *rest = list(messages) or [b""]
        ceremony = cls(identity, charter, first)
        for envelope in rest:
            ceremony.receive(envelope)
        if secret and ceremony._index is not None:
            ceremony._dealer = Dealer.from_bytes(
                identity, ceremony._index, ceremony._dealings, secret
            )
        return ceremony

    @property
    def id(self) -> bytes:
        """The ceremony's id, 16 bytes."""
        return self.proposal.ceremony

    @property
    def messages(self) -> list[bytes]:
        """All messages, in an order in which they can be received."""
        return list(self._messages)

    @property
    def secret(self) -> bytes:
        """What must be stored, wrapped, with the messages; empty when nothing is secret.

        Erase it once the shares of the outcome are stored.
        """
        if self._dealer is None:
            return b""
        # Who has signed the statement keeps the secret even if the ceremony seems to have
        # failed: the others may be complete, and count on this share.
        if self.status is CeremonyStatus.FAILED and self._lacks(Round.SIGN):
            return b""
        return self._dealer.to_bytes()

    @property
    def failure(self) -> CeremonyError | None:
        """Why the ceremony cannot go on, with its culprits, or None."""
        if self._complete():
            return None
        fault = find_fault(self._dealings)
        if fault is not None:
            return fault
        if not self._board.rounds[Round.SIGN]:
            # Later the charter may list the new keys before this node has every signature.
            try:
                check_proposal(self.proposal, self._charter)
            except CeremonyError as error:
                return error
        return None

    @property
    def status(self) -> CeremonyStatus:
        """Where the ceremony stands."""
        if self._complete():
            return CeremonyStatus.COMPLETE
        if self.failure is not None:
            return CeremonyStatus.FAILED
        if self._index is not None and self._dealer is None and not self._has_dealt():
            return CeremonyStatus.PROPOSED
        return CeremonyStatus.RUNNING

    @property
    def _round(self) -> Round | None:
        return next((place for place in Round if not self._board.complete(place)), None)

    @property
    def phase(self) -> str:
        """The round that is under way, or "complete" or "failed"."""
        if self.status in {CeremonyStatus.COMPLETE, CeremonyStatus.FAILED}:
            return self.status.value
        current = self._round
        return Round.SIGN.value if current is None else current.value

    @property
    def waiting_for(self) -> frozenset[str]:
        """The members whose message the ceremony waits for; empty when it is over."""
        current = self._round
        if current is None or self.phase != current.value:
            return frozenset()
        return self._board.missing(current)

    def accept(self, at: datetime, held: Mapping[bytes, KeyShare] | None = None) -> None:
        """Take part: the operator's yes. Draws the secret; `advance` then has a message.

        Args:
            at: Now.
            held: The own present shares by key id, for a resharing in which this member deals.

        Raises:
            CeremonyError: This member does not take part, the ceremony has failed, is too
                old or from the future, the secret of an earlier yes is lost, or a share to
                deal is missing.
            GenerationError: A share is of another generation than is to be reshared.
        """
        if self._index is None:
            raise CeremonyError("this member does not take part in the ceremony")
        if self._dealer is not None or self.status is CeremonyStatus.COMPLETE:
            return
        failure = self.failure
        if failure is not None:
            raise failure
        if self._has_dealt():
            # Dealing anew would contradict what was sent before a restore.
            raise CeremonyError(
                "the secret of this ceremony is lost",
                [self._identity.member_id],
                next_step="start a new ceremony",
            )
        age = at - self.proposal.proposed_at
        if not -_TOLERANCE <= age <= _LONGEST:
            raise CeremonyError("the proposal is too old, or from the future")
        self._dealer = Dealer.draw(self._identity, self._index, self._dealings, held or {})

    def withdraw(self) -> None:
        """Stop the ceremony, or decline it: the operator's no. `advance` then says so to all.

        Raises:
            CeremonyError: This member does not take part, or has signed the keys already.
        """
        if self._index is None:
            raise CeremonyError("this member does not take part in the ceremony")
        if not self._lacks(Round.SIGN):
            raise CeremonyError("the keys are signed; remove them by a new charter version")
        self._withdrawn = True

    def receive(self, envelope: bytes) -> bool:
        """Take in a message, whoever brought it.

        Args:
            envelope: The message.

        Returns:
            True if it is new and must be stored.

        Raises:
            MalformedError: It is no message of this ceremony.
            VerifyError: Its signature does not hold.
            CeremonyError: A participant signed something that breaks its round's form;
                such a message is not kept.
        """
        if envelope == self._messages[0]:
            return False
        new = self._board.post(envelope)
        if new:
            self._messages.append(envelope)
        return new

    def advance(self) -> list[bytes]:
        """Do what can be done now.

        Returns:
            Own new messages. Store them, and `secret`, in one transaction before any of
            them is sent.
        """
        fresh = []
        while (document := self._next()) is not None:
            envelope = dsse.encode(sign(document, self._identity.member_id, self._identity.signing))
            self.receive(envelope)
            fresh.append(envelope)
        return fresh

    def _lacks(self, place: Round) -> bool:
        return self._index is None or self._index not in self._board.rounds[place]

    def _has_dealt(self) -> bool:
        return self._index in self._board.rounds[Round.COMMIT]

    def _next(self) -> Document | None:
        if self._index is None or self._index in self._board.aborts or self._complete():
            return None
        if self._withdrawn:
            return self._abort(Reason.WITHDRAWN)
        dealer = self._dealer
        if dealer is None:
            return None
        if self.failure is not None:
            # What another has stopped already needs no second message.
            return None if self._board.aborts else self._abort(Reason.FAULT)
        ready = Round.COMMIT if self._round is None else self._round
        if self._index not in self._board.expected(ready) or not self._lacks(ready):
            return None
        return self._make(dealer, ready)

    def _make(self, dealer: Dealer, place: Round) -> Document:
        try:
            match place:
                case Round.COMMIT:
                    return dealer.commit()
                case Round.REVEAL:
                    return dealer.reveal()
                case Round.SHARE:
                    return dealer.shares()
                case Round.TRIAL:
                    return dealer.trial()
                case Round.SIGN:
                    return self._dealings.statement()
        except BadDeliveryError as error:
            return error.abort

    def _abort(self, reason: Reason) -> Abort:
        index = self._index
        assert index is not None
        return Abort(
            proposal=self._board.digest, index=index, reason=reason, dealer=None, evidence=None
        )

    def _complete(self) -> bool:
        board = self._board
        if not all(board.complete(place) for place in Round):
            return False
        try:
            expected = digest(self._dealings.statement().to_bytes())
        except (CryptoError, MalformedError):
            return False
        return all(one.digest == expected for one in board.rounds[Round.SIGN].values())

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, once the status is COMPLETE.

        Raises:
            CeremonyError: The own shares cannot be opened any more: the sealing key changed.
        """
        if self._outcome is None and self._complete():
            self._outcome = self._finish()
        return self._outcome

    def _finish(self) -> Outcome:
        signed = [one.envelope for one in self._board.rounds[Round.SIGN].values()]
        keys = {one.member: one.signing_key for one in self.proposal.participants}
        merged = signed[0]
        for envelope in signed[1:]:
            merged = dsse.merge(merged, envelope, keys)
        shares: tuple[KeyShare, ...] = ()
        if self._dealer is not None and self._index in self.proposal.receivers:
            try:
                shares = self._dealer.key_shares()
            except (BadDeliveryError, CasethreadError):
                raise CeremonyError(
                    "the own shares of a finished ceremony do not open",
                    [self._identity.member_id],
                ) from None
        return Outcome(
            statement=dsse.encode(merged),
            lane_keys=self._dealings.statement().lane_keys(),
            shares={share.key_id: share for share in shares},
        )

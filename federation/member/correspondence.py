# SPDX-License-Identifier: Apache-2.0
"""Letters: taking those that come, and delivering the own until there is a receipt."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar, cast

from federation.audit import NODE, Event, peer
from federation.documents import digest
from federation.errors import (
    CasethreadError,
    ExchangeError,
    MembershipError,
    PeerUnreachableError,
)
from federation.letters import (
    Letter,
    make_receipt,
    open_letter,
    open_receipt,
    seal_letter,
)
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.naming import named_letter
from federation.messages import DeliverLetter, LetterDelivered
from federation.storage import OutgoingLetter

__all__ = ["Correspondence"]

L = TypeVar("L", bound=Letter)

_AT_ONCE: Final = 200
"""Letters of one round."""
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_AFTER_REFUSAL: Final = timedelta(hours=6)
"""A refusal does not change soon; but the other side may be updated, or an agreement signed."""


class Correspondence:
    """The outbox and the inbox of one member.

    Whoever understands a kind of letter registers for it with `on`; its handler runs in the
    transaction that takes the letter, and writes the entry in the record.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.types: dict[str, type[Letter]] = {}
        """The letters that are understood here, by payload type."""
        self._handlers: dict[str, Callable[[Deed, Any], None]] = {}
        self._guards: dict[str, Callable[[Deed, Any], bool]] = {}
        self._told: dict[str, Callable[[Deed, Any], None]] = {}

    def on(self, kind: type[L], handler: Callable[[Deed, L], None]) -> None:
        """Understand a kind of letter.

        Args:
            kind: The letter.
            handler: Called once for each; what it raises is told to the sender, and the letter
                is not taken then.
        """
        self.types[kind.TYPE] = kind
        self._handlers[kind.TYPE] = cast("Callable[[Deed, Any], None]", handler)

    def guard(self, kind: type[L], may_leave: Callable[[Deed, L], bool]) -> None:
        """Ask once more, right before a kind of letter is delivered.

        Args:
            kind: The letter.
            may_leave: Called in a transaction of its own; what it says no to is never delivered.
        """
        self._guards[kind.TYPE] = cast("Callable[[Deed, Any], bool]", may_leave)

    def after(self, kind: type[L], told: Callable[[Deed, L], None]) -> None:
        """Follow the receipt for a kind of letter.

        Args:
            kind: The letter.
            told: Called in the transaction that keeps the receipt.
        """
        self._told[kind.TYPE] = cast("Callable[[Deed, Any], None]", told)

    def handle(self, sender: str, request: DeliverLetter) -> LetterDelivered:
        """Take a letter, once.

        Raises:
            CasethreadError: It is not what it should be, or what it asks is refused.
        """
        current = self._core.require_charter().charter
        letter, payload, envelope = open_letter(
            request.sealed,
            self._core.identity,
            sender=sender,
            signing_key=current.member(sender).signing_key,
            types=self.types,
            federation_id=current.federation_id,
            at=self._core.clock(),
        )
        fingerprint = digest(payload)
        with self._core.store.read() as tx:
            known = tx.letters.get_in(sender, letter.id)
        if known is None:
            with deed(self._core, peer(sender)) as done:
                # Asked again: the same letter may be on another thread.
                known = done.tx.letters.get_in(sender, letter.id)
                if known is None:
                    done.tx.letters.put_in(
                        sender, letter.id, letter.TYPE, fingerprint, envelope, done.at
                    )
                    self._handlers[letter.TYPE](done, letter)
                    received = done.at
                else:
                    done.entries += 1  # written when it was taken
        if known is not None:
            if known.digest != fingerprint:
                raise ExchangeError("two letters have one id")
            received = known.received
        return LetterDelivered(make_receipt(self._core.identity, letter, payload, received))

    def drive(self) -> bool:
        """Deliver what is due.

        Returns:
            Whether something due could not be delivered now.
        """
        at = self._core.clock()
        self._give_up()
        with self._core.store.read() as tx:
            due = tx.letters.due(at, _AT_ONCE)
        down: set[str] = set()
        for one in due:
            # A letter to who does not answer would make the others wait for its time-out.
            if one.recipient not in down and not self._deliver(one):
                down.add(one.recipient)
        return bool(down)

    def _deliver(self, one: OutgoingLetter) -> bool:
        """Deliver one letter; False if its recipient cannot be reached."""
        kind = self.types[one.type]
        letter = kind.from_envelope(one.envelope)
        payload = kind.decode_envelope(one.envelope).payload
        if not self._may_leave(one, letter):
            return True
        try:
            listing = self._core.listing(one.recipient)
            sealed = seal_letter(
                one.envelope,
                sender=self._core.me,
                recipient=one.recipient,
                sealing_key=listing.sealing_key,
            )
            reply = self._core.call(one.recipient, DeliverLetter(sealed))
            open_receipt(reply.receipt, letter, payload, listing.signing_key)
        except CasethreadError as error:
            self._fail(one, error)
            return not isinstance(error, PeerUnreachableError)
        with deed(self._core, NODE) as done:
            done.tx.letters.mark_delivered(one.id, reply.receipt, done.at)
            if one.type in self._told:
                self._told[one.type](done, letter)
            done.record(
                Event.LETTER_DELIVERED,
                member=one.recipient,
                documents=(digest(payload),),
                named=(named_letter(one.id),),
            )
        return True

    def _may_leave(self, one: OutgoingLetter, letter: Letter) -> bool:
        guard = self._guards.get(one.type)
        if guard is None:
            return True
        with deed(self._core, NODE, optional=True) as done:
            if guard(done, letter):
                return True
            done.tx.letters.cancel(one.id)
            done.record(
                Event.LETTER_UNDELIVERED,
                member=one.recipient,
                reason="withheld",
                named=(named_letter(one.id),),
            )
        self._core.log.info("letter_withheld", member=one.recipient)
        return False

    def _fail(self, one: OutgoingLetter, error: CasethreadError) -> None:
        reason = type(error).__name__
        if isinstance(error, PeerUnreachableError):
            pause = min(_FIRST_PAUSE * 2 ** min(one.attempts, 16), _LONGEST_PAUSE)
        elif isinstance(error, MembershipError):
            pause = _LONGEST_PAUSE  # suspended, or the charter is over: both may change
        else:
            pause = _AFTER_REFUSAL
        with self._core.store.write() as tx:
            tx.letters.mark_failed(one.id, reason, self._core.clock() + pause)
        self._core.log.info("letter_not_delivered", member=one.recipient, error=reason)

    def _give_up(self) -> None:
        at = self._core.clock()
        with self._core.store.read() as tx:
            over = tx.letters.any_expired(at)
        if not over:
            return
        with deed(self._core, NODE) as done:
            for one in done.tx.letters.expire_out(at):
                done.record(
                    Event.LETTER_UNDELIVERED,
                    member=one.recipient,
                    named=(named_letter(one.id),),
                )
                self._core.log.warning("letter_undelivered", member=one.recipient)

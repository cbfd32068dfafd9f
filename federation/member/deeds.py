# SPDX-License-Identifier: Apache-2.0
"""A deed: what somebody does, its entry in the record, and the letters that tell of it.

All three are one transaction: after a crash at any moment there are all of them or none.
What a deed takes back, partners are told of in the same transaction. A deed that ends without
an entry is a mistake of this program and does not happen.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from federation.audit import NODE, Actor, Count, Event, Record, StaffRole
from federation.charter import Charter
from federation.errors import CharterExpiredError, ConfigurationError
from federation.letters import Letter, sign_letter
from federation.member.acting import admit
from federation.member.core import Core
from federation.member.telling import tell
from federation.storage import Named, Tx

__all__ = ["LETTER_LIFETIME", "Deed", "deed", "record"]

LETTER_LIFETIME: Final = timedelta(days=30)
"""How long delivery of an ordinary letter is tried."""


class Deed:
    """What somebody does in one transaction."""

    def __init__(self, core: Core, tx: Tx, by: Actor) -> None:
        """Use `deed` instead."""
        self._core = core
        self.tx = tx
        self.by = by
        """Who acts."""
        self.at: datetime = core.clock()
        """Now, whole seconds."""
        self.entries = 0
        """Entries written so far."""

    def record(
        self, event: Event, *, named: Sequence[Named] = (), by: Actor | None = None, **facts: Any
    ) -> None:
        """Write an entry; it stands in the log when the deed is done.

        Args:
            event: What happens.
            named: What it refers to.
            by: Who acts, if it is not who does the deed.
            facts: Other fields of `federation.audit.Record`.
        """
        record(self.tx, event, self.at, by=by or self.by, named=named, **facts)
        self.entries += 1

    def count(self, event: Event, amounts: Mapping[Count, int], **facts: Any) -> None:
        """Count something that gets one entry for its run or its day, however often it happens.

        Args:
            event: What happens.
            amounts: How much of what.
            facts: Other fields of `federation.audit.Record`.
        """
        self.tx.audit.count(event, self.at, amounts, actor=self.by.id, **facts)
        self.entries += 1

    def letter_fields(
        self, recipient: str, *, lifetime: timedelta = LETTER_LIFETIME
    ) -> dict[str, Any]:
        """Return the fields that every letter to a member begins with.

        Args:
            recipient: Member id.
            lifetime: How long it is accepted.
        """
        return {
            "id": secrets.token_bytes(16),
            "federation_id": self._core.require_charter(self.tx).charter.federation_id,
            "sender": self._core.me,
            "recipient": recipient,
            "issued": self.at,
            "expires": self.at + lifetime,
        }

    def send(self, letter: Letter, *, due: datetime | None = None) -> None:
        """Sign a letter and put it into the outbox.

        Args:
            letter: To be delivered.
            due: Not before; at once without.
        """
        self.tx.letters.put_out(
            letter.id,
            letter.recipient,
            letter.TYPE,
            sign_letter(self._core.identity, letter),
            due=due or self.at,
            expires=letter.expires,
        )


def record(
    tx: Tx,
    event: Event,
    at: datetime,
    *,
    by: Actor = NODE,
    named: Sequence[Named] = (),
    **facts: Any,
) -> None:
    """Write an entry about what the node does by itself, or for another member.

    Args:
        tx: The transaction of what happens.
        event: What happens.
        at: Now.
        by: Who acts.
        named: What it refers to.
        facts: Other fields of `federation.audit.Record`.
    """
    entry = Record(at=at, event=event, nonce=secrets.token_bytes(32), actor=by.id, **facts)
    tx.audit.append(entry, named)


@contextmanager
def deed(core: Core, by: Actor, *needs: StaffRole, optional: bool = False) -> Iterator[Deed]:
    """Open a transaction in which somebody does something.

    Args:
        core: The member.
        by: Who acts.
        needs: The roles of which it takes one, best from `federation.member.roles.needs`; none
            for what the node does by itself, and for what people do with their own account.
        optional: It may turn out that nothing happens, and then there is no entry.

    Raises:
        AuthenticationError: The session is over, or the account disabled.
        PolicyError: Who acts has none of the roles now.
    """
    with core.store.write() as tx:
        done = Deed(core, tx, admit(core, tx, by, *needs))
        yield done
        if not done.entries and not optional:
            raise AssertionError("a deed left no entry in the record")
        if tx.retractions.any_untold() and (charter := _usable(core, tx)) is not None:
            tell(done, charter)


def _usable(core: Core, tx: Tx) -> Charter | None:
    """Return the charter in force; None without one that is still good for letters."""
    try:
        return core.require_charter(tx).charter
    except (ConfigurationError, CharterExpiredError):
        return None

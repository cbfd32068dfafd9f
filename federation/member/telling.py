# SPDX-License-Identifier: Apache-2.0
"""Telling partners what ended, in the transaction in which it ends."""

from typing import TYPE_CHECKING

from federation.audit import Count, Event
from federation.documents import digest
from federation.letters import MOST_RETRACTED, RETRACTION_LIFETIME, Retraction
from federation.member.naming import named_letter

if TYPE_CHECKING:
    from federation.charter import Charter
    from federation.member.deeds import Deed

__all__ = ["tell"]


def tell(done: "Deed", charter: "Charter") -> None:
    """Write the letters about everything that partners have to be told and no letter says.

    Who is no member any more is told nothing; it stays in the list of what is owed.

    Args:
        done: The deed in which it ends, or any later one.
        charter: In force.
    """
    partners = {member.id for member in charter.members}
    for one in done.tx.retractions.untold(partners, MOST_RETRACTED):
        letter = Retraction(
            **done.letter_fields(one.partner, lifetime=RETRACTION_LIFETIME),
            agreement=one.agreement,
            matches=one.matches,
        )
        done.send(letter)
        done.tx.retractions.put_letter(one.numbers, letter.id)
        done.record(
            Event.RETRACTION_SENT,
            member=one.partner,
            agreement=one.agreement,
            counts={Count.MATCHES: len(one.matches)},
            documents=(digest(letter.to_bytes()),),
            named=(named_letter(letter.id),),
        )

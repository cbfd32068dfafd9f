# SPDX-License-Identifier: Apache-2.0
"""Matches that end: telling partners, and following what they tell.

Whatever removes a token, for whatever reason, notes in the same transaction what partners may
know of it (`federation.storage.retractions`), and the deed writes the letters
(`federation.member.telling`). Here is what remains: a letter that could not be written then,
taking those that come, and what to do once they are acknowledged.
"""

from collections.abc import Collection

from federation.audit import NODE, Count, Event
from federation.documents import digest
from federation.errors import MembershipError
from federation.indicators import Lane
from federation.letters import Retraction
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.naming import in_parts, named_letter, named_match
from federation.member.standing import LiveAgreement, Standing
from federation.storage import Owed, Tx
from federation.storage.matches import MatchStatus

__all__ = ["Retracting", "withhold"]


class Retracting:
    """What is done about matches that end."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def settle(self) -> None:
        """Tell partners what no letter tells them (any more)."""
        current = self._core.in_force()
        if current is None:
            return
        members = {member.id for member in current.charter.members}
        with self._core.store.read() as tx:
            if not tx.retractions.untold(members, 1):
                return
        with deed(self._core, NODE, optional=True):
            pass  # every deed tells what is untold

    def take(self, done: Deed, letter: Retraction) -> None:
        """Follow a letter: its matches are matches no more, and nothing can be done with them."""
        tx = done.tx
        tx.retractions.withdraw(letter.sender, letter.matches)
        known = [tx.matches.known_as(letter.sender, one) for one in letter.matches]
        ended = {
            one.uuid: one
            for one in known
            if one is not None and one.status is not MatchStatus.WITHDRAWN
        }
        for match in ended.values():
            tx.matches.withdraw(match, done.at)
        lanes = {one.lane for one in ended.values()}
        named = [named_letter(letter.id), *map(named_match, ended)]
        for part in in_parts(named):
            done.record(
                Event.RETRACTION_RECEIVED,
                member=letter.sender,
                agreement=letter.agreement,
                lane=Lane(*lanes) if len(lanes) == 1 else None,
                counts={Count.MATCHES: sum(one.name == "match" for one in part)},
                documents=(digest(letter.to_bytes()),),
                named=part,
            )

    def told(self, done: Deed, letter: Retraction) -> None:
        """Compare again what waited until a partner knew."""
        done.tx.retractions.acknowledge(letter.id)

    def owed(self, case: bytes | None = None) -> list[Owed]:
        """Return whom this node told of ended matches, and whether they acknowledged it.

        Args:
            case: Only about this own case, by its UUID.
        """
        with self._core.store.read() as tx:
            return tx.retractions.owed(case)

    def owed_to(self) -> dict[str, int]:
        """Return how many ended matches each partner has not acknowledged, those with any."""
        with self._core.store.read() as tx:
            return tx.retractions.owed_to()


def withhold(standing: Standing, tx: Tx, tokens: Collection[int]) -> None:
    """Take tokens about survivors back from partners to whom no consent lets them go any more.

    What other cases still allow is sent to them anew.

    Args:
        standing: The own agreements.
        tx: The transaction that ends a consent.
        tokens: Tokens that are still here for the sake of other cases.
    """
    for (partner, agreement), known in tx.retractions.known_to(tokens).items():
        live = standing.live(agreement, tx)
        allowed = set() if live is None else _allowed(standing, tx, live, partner, known)
        if gone := known - allowed:
            tx.retractions.take_from(partner, gone)
            tx.tokens.arrive_anew(tx.tokens.holders(gone))


def _allowed(
    standing: Standing, tx: Tx, live: LiveAgreement, partner: str, tokens: Collection[int]
) -> set[int]:
    try:
        return standing.allowed(tx, live, partner, tokens)
    except MembershipError:
        return set()

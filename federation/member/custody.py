# SPDX-License-Identifier: Apache-2.0
"""The shares that this custodian holds: which one counts, and when the others are destroyed.

After a resharing two shares of one key lie side by side until a charter decides. From then
on the other one, the ceremony that dealt it and everything sealed in it are overwritten: *t*
old shares would still give the key, whatever the charter says.
"""

from federation.charter import Charter, KeyStatement, Outcome
from federation.charter.proposal import overtaken
from federation.charter.rounds import Proposal
from federation.crypto.shares import KeyShare
from federation.member.core import Core, InForce
from federation.storage import StoredShare, Tx

__all__ = ["Custody"]


class Custody:
    """Keeps and destroys shares; listens to what charters decide."""

    def __init__(self, core: Core) -> None:
        self._core = core
        core.on_charter.append(self.settle)

    def held(self, tx: Tx, proposal: Proposal) -> dict[bytes, KeyShare]:
        """Return the own shares that a resharing starts from, by key id; those that are there."""
        own = proposal.participant(self._core.me)
        if proposal.resharing is None or own is None or own.index not in proposal.dealers:
            return {}
        place = proposal.dealers.index(own.index)
        found = {}
        for key in proposal.resharing.keys:
            stored = tx.shares.get(key.key_id, key.dealer_shares[place])
            if stored is not None:
                found[key.key_id] = KeyShare(
                    stored.index, stored.secret, key.key_id, stored.generation, key.threshold
                )
        return found

    def keep(self, tx: Tx, ceremony: bytes, outcome: Outcome) -> None:
        """Store the shares that a finished ceremony gave, beside those in force."""
        listed = {key.key_id: key for key in outcome.lane_keys}
        for key_id, share in outcome.shares.items():
            tx.shares.put(
                StoredShare(
                    ceremony=ceremony,
                    key_id=key_id,
                    generation=share.generation,
                    index=share.index,
                    public_share=listed[key_id].group.public_shares[share.index],
                    secret=share.secret,
                )
            )

    def settle(self, tx: Tx, current: InForce) -> None:
        """Destroy every share and ceremony that the charter in force rules out."""
        charter = current.charter
        listed = {KeyStatement.from_envelope(one).ceremony for one in charter.statements}
        gone = [
            stored.id
            for stored in tx.ceremonies.list()
            if stored.id not in listed and _overtaken(tx, stored.id, charter)
        ]
        for ceremony in gone:
            tx.ceremonies.destroy(ceremony)
        destroyed = 0
        for share in tx.shares.list():
            if share.ceremony in listed:
                counts = self._counts(charter, share)
            else:
                counts = share.ceremony not in gone
            if not counts:
                tx.shares.destroy(share.ceremony, share.key_id)
                destroyed += 1
        if gone or destroyed:
            self._core.scrub_due = True
            self._core.log.info("shares_destroyed", shares=destroyed, ceremonies=len(gone))

    def _counts(self, charter: Charter, share: StoredShare) -> bool:
        for key in charter.keys:
            if key.key_id == share.key_id:
                own = key.custodian(self._core.me)
                return own is not None and own.public_share == share.public_share
        return False


def _overtaken(tx: Tx, ceremony: bytes, charter: Charter) -> bool:
    messages = tx.ceremonies.messages(ceremony)
    return overtaken(Proposal.from_envelope(messages[0]), charter)

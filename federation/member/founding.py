# SPDX-License-Identifier: Apache-2.0
"""Before there is a charter: the founder's draft, and whose word an invited node takes."""

from typing import Final

from federation.charter import Applicant, Charter
from federation.errors import ConfigurationError, MembershipError
from federation.member.core import Core
from federation.storage import Tx

__all__ = ["Founding"]

_DRAFT: Final = "founding-draft"
_INVITER: Final = "founding-inviter"
_PINNED: Final = "founding-pinned"


class Founding:
    """What this member knows of a federation whose charter it does not hold yet."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def draft(self) -> Charter | None:
        """Return the draft of the first charter, at the founder that collects members."""
        with self._core.store.read() as tx:
            raw = tx.settings.get(_DRAFT)
        return None if raw is None else Charter.from_bytes(raw)

    def put_draft(self, charter: Charter) -> None:
        """Keep a new state of the draft.

        Raises:
            ConfigurationError: This node belongs to a federation already.
        """
        with self._core.store.write() as tx:
            if tx.charters.current() is not None or tx.charters.proposals():
                raise ConfigurationError("this node belongs to a federation already")
            tx.settings.put(_DRAFT, charter.to_bytes())

    def drop_draft(self, tx: Tx) -> None:
        """Forget the draft: it is proposed, or there is a charter."""
        tx.settings.delete(_DRAFT)

    def await_charter(self, inviter: Applicant, pinned: tuple[int, bytes] | None) -> None:
        """Remember who invited this node, until it holds a charter.

        Args:
            inviter: From the invitation whose eight words were compared.
            pinned: Version and digest of the charter in the invitation, if it had one.
        """
        with self._core.store.write() as tx:
            if tx.charters.current() is not None:
                raise ConfigurationError("this node belongs to a federation already")
            tx.settings.put(_INVITER, inviter.model_dump_json().encode())
            if pinned is None:
                tx.settings.delete(_PINNED)
            else:
                tx.settings.put(_PINNED, pinned[0].to_bytes(4, "big") + pinned[1])

    def peers(self, tx: Tx) -> list[Applicant]:
        """Return whom to talk to before there is a charter: the inviter, the invited."""
        known: dict[str, Applicant] = {}
        inviter = _inviter(tx)
        if inviter is not None:
            known[inviter.id] = inviter
        draft = tx.settings.get(_DRAFT)
        charters = [] if draft is None else [Charter.from_bytes(draft)]
        charters += [Charter.from_envelope(one.envelope) for one in tx.charters.proposals()]
        for charter in charters:
            known.update({member.id: member for member in charter.members})
        known.pop(self._core.me, None)
        return list(known.values())

    def check_proposal(self, tx: Tx, charter: Charter) -> None:
        """Before the first charter, only what the inviter stands for is looked at.

        Raises:
            MembershipError: This node was not invited, or a key is another than invited.
        """
        own = charter.member(self._core.me)
        if own.signing_key != self._core.identity.signing.verify_key:
            raise MembershipError("the proposal lists another key for this member than its own")
        inviter = _inviter(tx)
        if inviter is None:
            if tx.settings.get(_DRAFT) is None and not tx.charters.proposals():
                raise MembershipError("this node was not invited")
            return
        if charter.member(inviter.id).signing_key != inviter.signing_key:
            raise MembershipError("the proposal lists another key for the inviter than invited")

    def check_chain(self, tx: Tx, chain: list[tuple[Charter, bytes]]) -> None:
        """Take over a first charter only from whom a person compared eight words with.

        Raises:
            MembershipError: It is another one.
        """
        if chain[0][1] in {one.digest for one in tx.charters.proposals()}:
            return  # its content was judged when it was proposed here
        inviter = _inviter(tx)
        if inviter is None:
            raise MembershipError("a first charter is taken over only by invitation")
        pin = tx.settings.get(_PINNED)
        if pin is not None:
            pinned = (int.from_bytes(pin[:4], "big"), pin[4:])
            if pinned not in [(charter.version, digest) for charter, digest in chain]:
                raise MembershipError("the charter is not the one of the invitation")
            return
        founder = chain[0][0].member(inviter.id)
        if not founder.steward or founder.signing_key != inviter.signing_key:
            raise MembershipError("the inviter did not sign the first charter")
        chain[-1][0].member(self._core.me)


def _inviter(tx: Tx) -> Applicant | None:
    raw = tx.settings.get(_INVITER)
    return None if raw is None else Applicant.model_validate_json(raw)

# SPDX-License-Identifier: Apache-2.0
"""What a serving node does to its connections when the charter changes.

Who may ask is decided anew for every call (`auth`), so nothing here keeps anybody out. It ends
the connections of those who left, so that they hold nothing open, and the use of a certificate
that was replaced.
"""

from datetime import datetime, timedelta
from typing import Final

from federation.charter import Charter
from federation_node.context import NodeContext, now
from federation_node.credentials import KEYSTORE_LEASE
from federation_node.lease import holding
from federation_node.server import NodeServer
from federation_node.tls import expiry_of

__all__ = ["Upkeep"]

_LONGEST: Final = timedelta(days=14)
"""How long a replaced certificate is kept for members that do not answer."""


class Upkeep:
    """Looks at what changed since its last turn."""

    def __init__(self, context: NodeContext, server: NodeServer) -> None:
        """Begin with the charter of now.

        Args:
            context: the node.
            server: its server.
        """
        self._context = context
        self._server = server
        self._admitted = self._certificates()

    def turn(self) -> None:
        """Do what is due.

        Raises:
            ConfigurationError: the server cannot listen again; the next turn tries once more.
        """
        self._retire_certificate()
        self._context.peers.keep(self._context.member.admission.peers())
        admitted = self._certificates()
        if not self._admitted <= admitted:
            self._server.reopen()
        # Only now: a server that did not come back is opened on the next turn.
        self._admitted = admitted

    def _certificates(self) -> frozenset[bytes]:
        return frozenset(self._context.member.admission.certificates())

    def _retire_certificate(self) -> None:
        """Forget a replaced TLS key once nobody needs its certificate."""
        context = self._context
        held = context.credentials.replacement()
        listed = context.member.admission.own_certificates()
        if held is None or held.coming.certificate not in listed:
            return
        version, issued = self._listed_since(held.coming.certificate)
        if (
            held.former.certificate in listed
            and context.member.admission.behind(version)
            and now() < min(issued + _LONGEST, expiry_of(held.former.certificate))
        ):
            return
        with holding(context.store, KEYSTORE_LEASE, now) as alone:
            # A command may just be making another one: then all this is judged again.
            if alone and context.credentials.replacement() == held:
                context.credentials.forget_former()
                context.log.info("certificate_replaced", version=version)

    def _listed_since(self, certificate: bytes) -> tuple[int, datetime]:
        """Return the charter version that first listed an own certificate, and its time."""
        with self._context.store.read() as tx:
            current = tx.charters.current()
            assert current is not None  # it lists the certificate
            listing = Charter.from_envelope(current.envelope)
            while (before := tx.charters.get(listing.version - 1)) is not None:
                charter = Charter.from_envelope(before.envelope)
                own = [one for one in charter.members if one.id == self._context.member.id]
                if not any(certificate in one.certificates for one in own):
                    break
                listing = charter
        return listing.version, listing.issued

# SPDX-License-Identifier: Apache-2.0
"""A ceremony in which one participant cheats."""

from collections.abc import Callable

from federation.charter import Ceremony, CeremonyStatus
from federation.charter.rounds import (
    Dealt,
    Reveal,
    Round,
    ShareDelivery,
    Shares,
)
from federation.crypto import dkg, dsse, seal
from federation.crypto.dkg import PublicDealing
from federation.crypto.scalars import add_scalars, random_scalar
from federation.documents import Document, sign
from tests.charter.support import NOW, ceremonies, deliver, identity

CHEAT = "amparo"
HONEST = ("hope", "licht")
Forge = Callable[[Ceremony, Document], Document]


def signed(document: Document, name: str = CHEAT) -> bytes:
    """Return a document as the named member would send it."""
    return dsse.encode(sign(document, name, identity(name).signing))


def run_with(forge: Forge, place: Round, *, threshold: int = 2) -> dict[str, Ceremony]:
    """Run a ceremony in which one participant replaces its message of one round."""
    everybody = ceremonies(threshold=threshold)
    for one in everybody.values():
        one.accept(NOW)
    cheat = everybody[CHEAT]
    make = cheat._make

    def replaced(dealer: object, now: Round) -> Document:
        honest = make(dealer, now)  # type: ignore[arg-type]
        return forge(cheat, honest) if now is place else honest

    cheat._make = replaced  # type: ignore[method-assign, assignment]
    deliver(everybody)
    return everybody


def assert_named(everybody: dict[str, Ceremony], *culprits: str) -> None:
    """Every honest participant has stopped, names the culprits, and holds no secret."""
    for name in HONEST:
        one = everybody[name]
        assert one.status is CeremonyStatus.FAILED
        assert one.failure is not None
        assert one.failure.culprits == set(culprits)
        assert one.outcome is None
        assert one.secret == b""


def forge_reveal(change: Callable[[Ceremony, Dealt], Dealt]) -> Forge:
    """Replace what was dealt, with the commitment hash of the honest dealing."""

    def forge(cheat: Ceremony, honest: Document) -> Document:
        assert isinstance(honest, Reveal)
        return honest.replace(dealings=tuple(change(cheat, one) for one in honest.dealings))

    return forge


def run_consistent(
    change: Callable[[Ceremony, PublicDealing], PublicDealing],
) -> dict[str, Ceremony]:
    """Run with a dealing that is forged before it is committed to."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    dealer = everybody[CHEAT]._dealer
    assert dealer is not None
    dealer.own = tuple(
        dkg.Dealing(dealing.polynomial, change(everybody[CHEAT], dealing.public))
        for dealing in dealer.own
    )
    deliver(everybody)
    return everybody


def reseal(
    cheat: Ceremony, honest: Document, change: Callable[[ShareDelivery], Document], *, to: int = 2
) -> Document:
    """Replace what the cheat seals to one participant."""
    assert isinstance(honest, Shares)
    dealer = cheat._dealer
    assert dealer is not None
    delivery = ShareDelivery(
        proposal=honest.proposal, index=1, recipient=to, shares=dealer._shares_for(to)
    )
    recipient = cheat.proposal.participants[to - 1]
    ciphertext = seal.seal(recipient.sealing_key, signed(change(delivery)), dealer._context(1, to))
    return honest.replace(
        sealed=tuple(
            one.replace(ciphertext=ciphertext) if one.recipient == to else one
            for one in honest.sealed
        )
    )


def wrong_share(delivery: ShareDelivery) -> Document:
    """Return a delivery whose share does not fit the commitments."""
    return delivery.replace(
        shares=tuple(add_scalars(share, random_scalar()) for share in delivery.shares)
    )

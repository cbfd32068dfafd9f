# SPDX-License-Identifier: Apache-2.0
"""Cheating while dealing: every kind is found, and its culprit named, by everybody."""

import pytest

from federation.charter import Ceremony, CeremonyStatus
from federation.charter.rounds import (
    Abort,
    Dealt,
    Reason,
    Round,
    SealedShares,
    ShareDelivery,
    Shares,
)
from federation.crypto import dkg
from federation.crypto.dkg import PublicDealing
from federation.crypto.group import scalarmult_base
from federation.crypto.scalars import random_scalar
from federation.crypto.shares import commit, random_polynomial
from federation.documents import Document
from federation.errors import MalformedError
from tests.charter import support
from tests.charter.cheating import (
    CHEAT,
    assert_named,
    forge_reveal,
    reseal,
    run_consistent,
    run_with,
    signed,
    wrong_share,
)
from tests.charter.support import NOW, ceremonies, deliver


def test_wrong_opening() -> None:
    """Who reveals something else than it committed to is named."""

    def other(cheat: Ceremony, dealt: Dealt) -> Dealt:
        del cheat
        return dealt.replace(commitments=commit(random_polynomial(len(dealt.commitments))))

    assert_named(run_with(forge_reveal(other), Round.REVEAL), CHEAT)


def test_over_long_vector() -> None:
    """A polynomial of too high a degree, honestly committed to, is named."""

    def longer(cheat: Ceremony, public: PublicDealing) -> PublicDealing:
        extra = scalarmult_base(random_scalar())
        return PublicDealing(public.index, (*public.commitments, extra), public.proof)

    assert_named(run_consistent(longer), CHEAT)


def test_too_short_vector() -> None:
    """A polynomial of too low a degree would let fewer custodians evaluate."""

    def shorter(cheat: Ceremony, public: PublicDealing) -> PublicDealing:
        return PublicDealing(public.index, public.commitments[:1], public.proof)

    assert_named(run_consistent(shorter), CHEAT)


def test_identity_commitment() -> None:
    """A commitment to zero is named."""

    def zero(cheat: Ceremony, public: PublicDealing) -> PublicDealing:
        return PublicDealing(public.index, (public.commitments[0], bytes(32)), public.proof)

    assert_named(run_consistent(zero), CHEAT)


def test_bad_proof_of_possession() -> None:
    """A proof that does not hold is named."""

    def unproved(cheat: Ceremony, public: PublicDealing) -> PublicDealing:
        proof = public.proof[:32] + random_scalar()
        return PublicDealing(public.index, public.commitments, proof)

    assert_named(run_consistent(unproved), CHEAT)


def test_replayed_proof_of_possession() -> None:
    """Somebody else's dealing, with its valid proof, is not accepted a second time."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    cheat, copied = everybody[CHEAT]._dealer, everybody["hope"]._dealer
    assert cheat is not None
    assert copied is not None
    cheat.own = tuple(
        dkg.Dealing(
            own.polynomial,
            PublicDealing(cheat.index, theirs.public.commitments, theirs.public.proof),
        )
        for own, theirs in zip(cheat.own, copied.own, strict=True)
    )

    deliver(everybody)

    assert_named(everybody, CHEAT)


def test_bad_share_proves_itself() -> None:
    """A bad share is shown with its dealer's signature, and only the dealer is named."""
    everybody = run_with(lambda cheat, honest: reseal(cheat, honest, wrong_share), Round.SHARE)

    assert_named(everybody, CHEAT)


def test_zero_share_is_a_bad_share() -> None:
    """A share of zero is found like any other wrong one."""
    everybody = run_with(
        lambda cheat, honest: reseal(
            cheat, honest, lambda delivery: delivery.replace(shares=(bytes(32),))
        ),
        Round.SHARE,
    )

    assert_named(everybody, CHEAT)


def test_undecryptable_share_names_the_pair() -> None:
    """What does not open may be the fault of either side: both are named."""

    def garbled(cheat: Ceremony, honest: Document) -> Document:
        assert isinstance(honest, Shares)
        first, *rest = honest.sealed
        broken = first.ciphertext[:-1] + bytes([first.ciphertext[-1] ^ 1])
        return honest.replace(sealed=(first.replace(ciphertext=broken), *rest))

    assert_named(run_with(garbled, Round.SHARE), CHEAT, "hope")


def test_share_for_somebody_else_names_the_pair() -> None:
    """A delivery that is signed for another recipient counts as one that does not open."""
    everybody = run_with(
        lambda cheat, honest: reseal(cheat, honest, lambda delivery: delivery.replace(recipient=3)),
        Round.SHARE,
    )

    assert_named(everybody, CHEAT, "hope")


def test_false_accusation_falls_back() -> None:
    """Who shows a good share as a bad one is named instead of the dealer."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    hope = everybody["hope"]._dealer
    assert hope is not None

    def accuse(cheat: Ceremony, honest: Document) -> Document:
        good = ShareDelivery(
            proposal=cheat._board.digest, index=2, recipient=1, shares=hope._shares_for(1)
        )
        return Abort(
            proposal=cheat._board.digest,
            index=1,
            reason=Reason.BAD_SHARE,
            dealer=2,
            evidence=signed(good, "hope"),
        )

    cheat = everybody[CHEAT]
    make = cheat._make
    cheat._make = lambda dealer, now: (  # type: ignore[method-assign]
        accuse(cheat, make(dealer, now)) if now is Round.TRIAL else make(dealer, now)
    )
    deliver(everybody)

    assert_named(everybody, CHEAT)


def test_evidence_without_signature_falls_back() -> None:
    """A made-up delivery convinces nobody."""

    def accuse(cheat: Ceremony, honest: Document) -> Document:
        made_up = ShareDelivery(
            proposal=cheat._board.digest, index=2, recipient=1, shares=(random_scalar(),)
        )
        return Abort(
            proposal=cheat._board.digest,
            index=1,
            reason=Reason.BAD_SHARE,
            dealer=2,
            evidence=signed(made_up, CHEAT),
        )

    assert_named(run_with(accuse, Round.TRIAL), CHEAT)


def test_sealed_shares_hide_their_content() -> None:
    """No share is in the clear in what travels."""
    everybody = ceremonies()
    support.run(everybody)
    dealer = everybody[CHEAT]._dealer
    assert dealer is not None
    shares = [share.hex().encode() for to in (2, 3) for share in dealer._shares_for(to)]
    payloads = b"".join(
        posted.envelope.payload
        for posts in everybody["hope"]._board.rounds.values()
        for posted in posts.values()
    )

    assert not any(share in payloads for share in shares)


def test_forger_helpers_make_valid_messages() -> None:
    """The helpers of this file, when they change nothing, do not stop a ceremony."""
    everybody = run_with(
        lambda cheat, honest: reseal(cheat, honest, lambda delivery: delivery), Round.SHARE
    )
    unchanged = run_consistent(lambda cheat, public: public)

    assert {one.status for one in everybody.values()} == {CeremonyStatus.COMPLETE}
    assert {one.status for one in unchanged.values()} == {CeremonyStatus.COMPLETE}


def test_over_long_ciphertext_is_refused() -> None:
    """A sealed share is never longer than what a message may hold."""
    with pytest.raises(MalformedError):
        SealedShares(recipient=2, ciphertext=bytes(4097))

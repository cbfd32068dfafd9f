# SPDX-License-Identifier: Apache-2.0
"""Cheating in a ceremony: every kind is found, and its culprit named, by everybody."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.charter import Ceremony, CeremonyStatus
from federation.charter.rounds import (
    Abort,
    Commit,
    Dealt,
    Reason,
    Reveal,
    Round,
    SealedShares,
    ShareDelivery,
    Shares,
    Trial,
    TrialEvaluation,
)
from federation.crypto import dkg, dsse, seal
from federation.crypto.dkg import PublicDealing
from federation.crypto.group import scalarmult_base
from federation.crypto.scalars import add_scalars, random_scalar
from federation.crypto.shares import commit, random_polynomial
from federation.documents import Document, sign
from federation.errors import CeremonyError, MalformedError, VerifyError
from tests.charter import support
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


def run_consistent(change: Callable[[Ceremony, PublicDealing], PublicDealing]) -> dict[str, Ceremony]:
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
    ciphertext = seal.seal(
        recipient.sealing_key, signed(change(delivery)), dealer._context(1, to)
    )
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


def test_bad_share_proves_itself() -> None:
    """A bad share is shown with its dealer's signature, and only the dealer is named."""
    everybody = run_with(
        lambda cheat, honest: reseal(cheat, honest, wrong_share), Round.SHARE
    )

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
        lambda cheat, honest: reseal(
            cheat, honest, lambda delivery: delivery.replace(recipient=3)
        ),
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


def test_wrong_trial_evaluation() -> None:
    """A participant whose share does not evaluate is named."""

    def wrong(cheat: Ceremony, honest: Document) -> Document:
        assert isinstance(honest, Trial)
        (one,) = honest.evaluations
        other = TrialEvaluation(element=scalarmult_base(random_scalar()), proof=one.proof)
        return honest.replace(evaluations=(other,))

    assert_named(run_with(wrong, Round.TRIAL), CHEAT)


def test_statement_of_other_keys() -> None:
    """Who signs another statement than the others is named."""

    def other(cheat: Ceremony, honest: Document) -> Document:
        return honest.replace(transcript=bytes(32))  # type: ignore[attr-defined, no-any-return]

    everybody = run_with(other, Round.SIGN)

    for name in HONEST:
        assert everybody[name].status is CeremonyStatus.FAILED
        assert everybody[name].failure.culprits == {CHEAT}  # type: ignore[union-attr]


def second_commit(everybody: dict[str, Ceremony]) -> bytes:
    """Return a second, different commitment of the cheat."""
    one = everybody[CHEAT]
    return signed(Commit(proposal=one._board.digest, index=1, hashes=(bytes(32),)))


def test_equivocation_seen_directly() -> None:
    """Two messages for one round, once both are known, convict their signer."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
        one.advance()
    everybody["licht"].receive(second_commit(everybody))

    deliver(everybody)

    assert_named(everybody, CHEAT)


def test_equivocation_seen_in_what_others_saw() -> None:
    """If only the trial shows a difference, its reporter and the differing signer are named."""

    def blind(cheat: Ceremony, honest: Document) -> Document:
        assert isinstance(honest, Trial)
        return honest.replace(seen=(*honest.seen[:1], bytes(32), *honest.seen[2:]))

    assert_named(run_with(blind, Round.TRIAL), CHEAT, "hope")


@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(3)))
def test_equivocation_convicts_in_any_order(order: list[int]) -> None:
    """In whatever order the two versions arrive, the same participant is named."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
        one.advance()
    hope = everybody["hope"]
    heard = [everybody[CHEAT].messages[1], everybody["licht"].messages[1], second_commit(everybody)]
    for position in order:
        hope.receive(heard[position])

    assert hope.failure is not None
    assert hope.failure.culprits == {CHEAT}


def test_third_version_is_not_kept() -> None:
    """Two versions are evidence enough: a flood of further ones is not stored."""
    everybody = ceremonies()
    hope, cheat = everybody["hope"], everybody[CHEAT]
    news = [
        hope.receive(
            signed(Commit(proposal=cheat._board.digest, index=1, hashes=(bytes([i]) * 32,)))
        )
        for i in range(4)
    ]

    assert news == [True, True, False, False]


def test_unexplained_stop_names_its_author() -> None:
    """Who claims a fault that nobody can see is named for stopping."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    stop = Abort(
        proposal=everybody[CHEAT]._board.digest,
        index=1,
        reason=Reason.FAULT,
        dealer=None,
        evidence=None,
    )
    everybody["hope"].receive(signed(stop))

    deliver(everybody)

    assert_named(everybody, CHEAT)


def test_broken_form_is_named_and_not_kept() -> None:
    """A signed message that does not fit the proposal names its signer, and is not stored."""
    everybody = ceremonies()
    hope = everybody["hope"]
    odd = Commit(proposal=hope._board.digest, index=1, hashes=(bytes(32), bytes(32)))

    with pytest.raises(CeremonyError) as caught:
        hope.receive(signed(odd))

    assert caught.value.culprits == {CHEAT}
    assert len(hope.messages) == 1


@pytest.mark.parametrize("field", ["index", "proposal"])
def test_message_under_anothers_index_or_ceremony(field: str) -> None:
    """Nobody can speak for another, or carry a message over from another ceremony."""
    everybody = ceremonies()
    hope = everybody["hope"]
    honest = Commit(proposal=hope._board.digest, index=1, hashes=(bytes(32),))
    changed = honest.replace(**{field: 3 if field == "index" else bytes(32)})

    with pytest.raises(CeremonyError):
        hope.receive(signed(changed))


def test_strangers_and_forgers_are_refused() -> None:
    """Only participants speak, with their own keys, one signature each."""
    everybody = ceremonies()
    hope = everybody["hope"]
    message = Commit(proposal=hope._board.digest, index=1, hashes=(bytes(32),))
    by_stranger = signed(message, "stranger")
    by_forger = dsse.encode(sign(message, CHEAT, identity("licht").signing))
    twice = dsse.encode(
        dsse.add_signature(
            sign(message, CHEAT, identity(CHEAT).signing), "hope", identity("hope").signing
        )
    )

    for envelope in (by_stranger, by_forger):
        with pytest.raises(VerifyError):
            hope.receive(envelope)
    for envelope in (twice, b"", hope.messages[0] + b" ", signed(support.charter())):
        with pytest.raises(MalformedError):
            hope.receive(envelope)


def test_late_abort_does_not_undo_a_finished_ceremony() -> None:
    """Once all have signed, nobody can stop the ceremony any more."""
    everybody = ceremonies()
    support.run(everybody)
    stop = Abort(
        proposal=everybody[CHEAT]._board.digest,
        index=1,
        reason=Reason.WITHDRAWN,
        dealer=None,
        evidence=None,
    )

    everybody["hope"].receive(signed(stop))

    assert everybody["hope"].status is CeremonyStatus.COMPLETE


def test_signer_keeps_its_secret_after_an_abort() -> None:
    """Who has signed keeps its secret: the others may be complete and count on its share."""
    everybody = ceremonies()
    support.run(everybody)
    hope = everybody["hope"]
    signatures = list(hope._board.rounds[Round.SIGN].values())
    late = [dsse.encode(one.envelope) for one in signatures]
    early = Ceremony.load(
        identity("hope"),
        support.charter(),
        [one for one in hope.messages if one not in late or b'"keyid":"hope"' in one],
        hope.secret,
    )
    stop = Abort(
        proposal=hope._board.digest, index=1, reason=Reason.WITHDRAWN, dealer=None, evidence=None
    )
    early.receive(signed(stop))
    assert early.status is CeremonyStatus.FAILED
    early = Ceremony.load(identity("hope"), support.charter(), early.messages, early.secret)

    for envelope in late:
        early.receive(envelope)

    assert early.outcome is not None
    assert len(early.outcome.shares) == 1


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

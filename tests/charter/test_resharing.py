# SPDX-License-Identifier: Apache-2.0
"""Resharing as a ceremony: the key stays, shares and custodians change, and nobody cheats."""

from itertools import combinations

import pytest

from federation.charter import (
    Ceremony,
    CeremonyStatus,
    Charter,
    KeyStatement,
    Outcome,
    verify_successor,
    with_keys,
    without_member,
)
from federation.charter.ceremony import check_proposal, overtaken, propose_resharing
from federation.charter.rounds import Commit, Round
from federation.crypto import dkg, dsse, shares, toprf
from federation.crypto.group import random_elements, scalarmult_base
from federation.crypto.scalars import random_scalar
from federation.crypto.shares import commit, random_polynomial
from federation.errors import (
    CeremonyError,
    GenerationError,
    MalformedError,
    MembershipError,
    VerifyError,
)
from tests.charter import resharing, support
from tests.charter.cheating import reseal, wrong_share
from tests.charter.cheating import signed as signed_message
from tests.charter.resharing import LATER, NEW, OLD, Shares
from tests.charter.signing import signed
from tests.charter.support import charter_digest, identity


@pytest.fixture(scope="module")
def base() -> tuple[Charter, Shares]:
    """Return the charter with one key 2-of-3, and its shares."""
    return resharing.base()


@pytest.fixture(scope="module")
def reshared(base: tuple[Charter, Shares]) -> tuple[Outcome, Shares]:
    """Return what a resharing to 3-of-5 gave, and the new shares."""
    charter, held = base
    everybody = resharing.resharing(charter)
    return resharing.run(everybody, held), resharing.shares_of(everybody)


def listing(charter: Charter, outcome: Outcome) -> Charter:
    """Return the charter that lists the outcome."""
    return with_keys(charter, charter_digest(charter), outcome, at=LATER)


def test_key_stays_and_is_shared_anew(
    base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares]
) -> None:
    """Key id and public key stay; generation, threshold and custodians are new."""
    (old,) = base[0].keys
    (new,) = reshared[0].lane_keys

    assert (new.key_id, new.public_key, new.order) == (old.key_id, old.public_key, old.order)
    assert (old.generation, new.generation, new.threshold) == (1, 2, 3)
    assert [one.member for one in new.custodians] == ["amparo", "hope", "licht", "delta", "echo"]
    assert [one.index for one in new.custodians] == [1, 2, 3, 4, 5]
    assert (old.next_index, new.next_index) == (4, 6)


@pytest.mark.parametrize("quorum", list(combinations(NEW, 3)))
def test_every_new_quorum_has_the_old_key(
    base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares], quorum: tuple[str, ...]
) -> None:
    """Any three of the five new shares give the key, and so the pseudonyms, of before."""
    held = {reshared[1][name].index: reshared[1][name].secret for name in quorum}

    assert scalarmult_base(shares.combine_shares(held)) == base[0].keys[0].public_key


def test_mixed_generations_give_nothing(
    base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares]
) -> None:
    """Old and new shares together give another key, and no evaluation accepts the mixture."""
    old, new = base[1], reshared[1]
    (key,) = reshared[0].lane_keys
    mixed = {1: old["amparo"].secret, 2: new["hope"].secret, 3: new["licht"].secret}
    element = random_elements(1)

    assert scalarmult_base(shares.combine_shares(mixed)) != key.public_key
    with pytest.raises(GenerationError):
        toprf.evaluate(old["amparo"], (1, 2, 3), element, key.key_id, 2, prove=True)
    stale = toprf.evaluate(old["amparo"], (1, 2, 3), element, key.key_id, 1, prove=True)
    with pytest.raises(VerifyError):
        toprf.verify_share(key.group, (1, 2, 3), 1, element, stale)


def test_back_again(base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares]) -> None:
    """From 3-of-5 back to 2-of-3, with the same key, indices and no index used twice."""
    second = listing(base[0], reshared[0])
    everybody = resharing.resharing(
        second, dealers=("amparo", "delta", "hope"), receivers=OLD, threshold=2
    )

    outcome = resharing.run(everybody, reshared[1])

    (key,) = outcome.lane_keys
    held = resharing.shares_of(everybody)
    third = listing(second, outcome)
    assert [(one.index, one.member) for one in key.custodians] == [
        (1, "amparo"),
        (2, "hope"),
        (3, "licht"),
    ]
    assert (key.generation, key.next_index) == (3, 6)
    assert set(held) == set(OLD)
    for quorum in combinations(OLD, 2):
        part = {held[name].index: held[name].secret for name in quorum}
        assert scalarmult_base(shares.combine_shares(part)) == key.public_key
    again = resharing.resharing(third, receivers=(*OLD, "delta"), threshold=2)
    assert again["delta"].proposal.participant("delta").index == 6  # type: ignore[union-attr]


def test_refresh_changes_every_share(base: tuple[Charter, Shares]) -> None:
    """A resharing among the same custodians leaves no share as it was."""
    charter, held = base
    everybody = resharing.resharing(charter, receivers=OLD, threshold=2)

    outcome = resharing.run(everybody, held)

    fresh = resharing.shares_of(everybody)
    assert all(fresh[name].secret != held[name].secret for name in OLD)
    assert outcome.lane_keys[0].public_key == charter.keys[0].public_key


def test_charter_lists_the_new_generation(
    base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares]
) -> None:
    """The next charter replaces the key's entry and its statement, and may follow."""
    charter, digest = base[0], charter_digest(base[0])

    verified = verify_successor(charter, digest, signed(listing(charter, reshared[0]), *NEW))

    assert verified.keys == reshared[0].lane_keys
    assert verified.statements == (reshared[0].statement,)


def test_only_the_generation_in_force_is_followed(
    base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares]
) -> None:
    """Neither the statement of an earlier generation nor one of a rival resharing is listed."""
    charter, held = base
    rival = resharing.run(
        resharing.resharing(charter, ceremony_id=bytes([1]) * 16, receivers=OLD, threshold=2), held
    )
    second = listing(charter, reshared[0])
    digest = charter_digest(second)
    for keys, statement in (
        (charter.keys, charter.statements[0]),
        (rival.lane_keys, rival.statement),
    ):
        third = second.replace(
            version=4, previous=digest, keys=keys, statements=(statement,), issued=LATER
        )
        with pytest.raises(MembershipError, match="generation"):
            verify_successor(second.replace(version=3), digest, signed(third, *NEW))
    swapped = second.replace(version=3, previous=digest, statements=(rival.statement,))
    with pytest.raises(MembershipError):
        verify_successor(second.replace(version=2), digest, signed(swapped, *NEW))
    with pytest.raises(MembershipError, match="reshared otherwise"):
        listing(second, rival)


def test_statement_takes_all_who_took_part(
    base: tuple[Charter, Shares], reshared: tuple[Outcome, Shares]
) -> None:
    """Without the old custodians, the new ones could list shares that nobody dealt."""
    opened = KeyStatement.decode_envelope(reshared[0].statement)
    fewer = tuple(one for one in opened.signatures if one.keyid != "amparo")
    statement = dsse.encode(dsse.Envelope(opened.payload_type, opened.payload, fewer))
    charter, digest = base[0], charter_digest(base[0])
    forged = listing(charter, reshared[0]).replace(statements=(statement,))

    with pytest.raises(VerifyError):
        verify_successor(charter, digest, signed(forged, *NEW))


@pytest.mark.parametrize("victim", NEW)
def test_reload_after_every_step(base: tuple[Charter, Shares], victim: str) -> None:
    """Whoever is stopped after any step goes on from its messages and its secret."""
    charter, held = base
    everybody = resharing.resharing(charter)
    resharing.accept(everybody, held)
    for _ in range(8):
        for name in NEW:
            everybody[name].advance()
            if name == victim:
                one = everybody[name]
                everybody[name] = Ceremony.load(identity(name), charter, one.messages, one.secret)
            for other in everybody.values():
                for envelope in everybody[name].messages:
                    other.receive(envelope)

    assert {one.status for one in everybody.values()} == {CeremonyStatus.COMPLETE}
    assert len(resharing.shares_of(everybody)) == len(NEW)


def test_receivers_say_yes_too(base: tuple[Charter, Shares]) -> None:
    """Nothing is complete before the operator of every new custodian has agreed."""
    charter, held = base
    everybody = resharing.resharing(charter)
    for name in OLD:
        everybody[name].accept(LATER, {held[name].key_id: held[name]})
    support.deliver(everybody)

    assert everybody["hope"].waiting_for == {"delta", "echo"}
    assert everybody["echo"].status is CeremonyStatus.PROPOSED


def test_dealer_without_its_share_is_refused(base: tuple[Charter, Shares]) -> None:
    """Who has no share, or one of another generation, cannot say yes to dealing it."""
    charter, held = base
    everybody = resharing.resharing(charter)
    share = held["hope"]
    later = shares.KeyShare(share.index, share.secret, share.key_id, 2, 3)

    with pytest.raises(CeremonyError, match="no share to deal"):
        everybody["hope"].accept(LATER, {})
    with pytest.raises(GenerationError):
        everybody["hope"].accept(LATER, {share.key_id: later})


def test_dealer_of_another_share_is_named(base: tuple[Charter, Shares]) -> None:
    """A dealer that shares something else than its share would change the key."""
    charter, held = base
    everybody = resharing.resharing(charter)
    resharing.accept(everybody, held)
    cheat = everybody["amparo"]
    dealer = cheat._dealer
    assert dealer is not None
    (setting,) = cheat._board.settings()
    fake = shares.KeyShare(1, random_scalar(), charter.keys[0].key_id, 1, 2)
    dealer.own = (dkg.deal(setting, 1, fake),)
    support.deliver(everybody)

    for name in set(NEW) - {"amparo"}:
        failure = everybody[name].failure
        assert failure is not None
        assert failure.culprits == {"amparo"}
        assert "something else than its share" in str(failure)
        assert everybody[name].secret == b""


def test_dealer_of_a_bad_share_is_named(base: tuple[Charter, Shares]) -> None:
    """A share that does not fit its commitments convicts its dealer before all."""
    charter, held = base
    everybody = resharing.resharing(charter)
    resharing.accept(everybody, held)
    cheat = everybody["amparo"]
    make = cheat._make

    def replaced(dealer, now):  # type: ignore[no-untyped-def]
        honest = make(dealer, now)
        return reseal(cheat, honest, wrong_share, to=4) if now is Round.SHARE else honest

    cheat._make = replaced  # type: ignore[method-assign]
    support.deliver(everybody)

    assert all(
        one.failure is not None and one.failure.culprits == {"amparo"}
        for name, one in everybody.items()
        if name != "amparo"
    )


def test_who_only_receives_does_not_deal(base: tuple[Charter, Shares]) -> None:
    """A message in a round that is not the signer's breaks the round's form."""
    charter, held = base
    everybody = resharing.resharing(charter)
    resharing.accept(everybody, held)
    (commit_message,) = everybody["hope"].advance()
    opened = Commit.from_envelope(commit_message).replace(index=4)
    with pytest.raises(CeremonyError) as caught:
        everybody["hope"].receive(signed_message(opened, "delta"))

    assert caught.value.culprits == {"delta"}


def test_another_quorum_deals_when_one_is_offline(base: tuple[Charter, Shares]) -> None:
    """A resharing that waits for a dealer does not stand in the way of another one."""
    charter, held = base
    stuck = resharing.resharing(charter, receivers=("hope", "licht"), threshold=2)
    for name in ("hope", "licht"):
        stuck[name].accept(LATER, {held[name].key_id: held[name]})
    support.deliver({name: stuck[name] for name in ("hope", "licht")})
    assert stuck["hope"].waiting_for == {"amparo"}

    outcome = resharing.run(
        resharing.resharing(
            charter,
            dealers=("hope", "licht"),
            receivers=("hope", "licht"),
            threshold=2,
            ceremony_id=bytes([2]) * 16,
        ),
        held,
    )

    second = listing(charter, outcome)
    assert [one.member for one in second.keys[0].custodians] == ["hope", "licht"]
    assert overtaken(stuck["hope"].proposal, second)


def test_proposals_that_do_not_fit(base: tuple[Charter, Shares]) -> None:
    """Too few dealers, strangers to the key, and keys that are not in force are refused."""
    charter, _ = base
    with pytest.raises(MalformedError):
        resharing.resharing(charter, dealers=("hope",))
    with pytest.raises(CeremonyError, match="no share"):
        resharing.resharing(charter, dealers=("hope", "delta"))
    with pytest.raises(MalformedError, match="threshold"):
        resharing.resharing(charter, receivers=OLD, threshold=4)
    with pytest.raises(CeremonyError, match="no key"):
        propose_resharing(
            identity("hope"),
            charter,
            charter_digest(charter),
            ceremony_id=bytes(16),
            receivers=OLD,
            dealers=OLD,
            threshold=2,
            keys=(),
            at=LATER,
        )
    (key,) = charter.keys
    foreign = key.replace(generation=2)
    with pytest.raises(CeremonyError, match="another generation"):
        propose_resharing(
            identity("hope"),
            charter,
            charter_digest(charter),
            ceremony_id=bytes(16),
            receivers=OLD,
            dealers=OLD,
            threshold=2,
            keys=(foreign,),
            at=LATER,
        )


def test_proposal_with_a_used_index_is_refused(base: tuple[Charter, Shares]) -> None:
    """An index that a former custodian had is not given to another."""
    charter, _ = base
    third = without_member(charter, charter_digest(charter), "licht", at=LATER)
    everybody = resharing.resharing(third, receivers=("amparo", "hope", "delta"))
    proposal = everybody["hope"].proposal
    assert proposal.indices == (1, 2, 4)
    assert proposal.resharing is not None
    renumbered = proposal.replace(
        participants=tuple(
            one.replace(index=3) if one.index == 4 else one for one in proposal.participants
        ),
        resharing=proposal.resharing.replace(receivers=(1, 2, 3)),
    )
    with pytest.raises(CeremonyError, match="index that the key has used"):
        check_proposal(renumbered, third)


def test_over_long_vector_is_named(base: tuple[Charter, Shares]) -> None:
    """A polynomial of too high a degree would leave no quorum that can evaluate."""
    charter, held = base
    everybody = resharing.resharing(charter, receivers=OLD, threshold=2)
    resharing.accept(everybody, held)
    dealer = everybody["amparo"]._dealer
    assert dealer is not None
    (dealing,) = dealer.own
    longer = random_polynomial(3, held["amparo"].secret)
    public = dkg.PublicDealing(1, commit(longer), dealing.public.proof)
    dealer.own = (dkg.Dealing(longer, public),)
    support.deliver(everybody)

    failure = everybody["licht"].failure
    assert failure is not None
    assert failure.culprits == {"amparo"}

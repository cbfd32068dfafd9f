# SPDX-License-Identifier: Apache-2.0
"""From a proposal to the end of an agreement, in whatever order the news comes."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.agreements import (
    AgreementState,
    Status,
    make_offer,
    make_revocation,
    merge,
    propose_terms,
    sign_terms,
)
from federation.agreements.parts import PairOffer
from federation.crypto import dsse
from federation.documents import digest, sign
from federation.errors import AgreementError, MalformedError, VerifyError
from tests.agreements.support import KEYS, NAMES, NOW, signed_terms, state, terms
from tests.charter.support import identity

HASH = digest(terms().to_bytes())
OFFERS = {
    (name, version): make_offer(identity(name), HASH, version, NOW)[1]
    for name in NAMES
    for version in (1, 2)
}
RIVAL = make_offer(identity("hope"), HASH, 1, NOW)[1]
REVOCATIONS = {name: make_revocation(identity(name), HASH, "staff left", NOW) for name in NAMES}

states = st.builds(
    lambda names, offers, ends: state(*names, offers=offers, revocations=ends),
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.lists(st.sampled_from([*OFFERS.values(), RIVAL])),
    st.lists(st.sampled_from(list(REVOCATIONS.values()))),
)


def test_in_force_when_all_have_signed() -> None:
    """An agreement is proposed until the last party has signed the same bytes."""
    assert state("hope").status(NOW) is Status.PROPOSED
    assert state("hope").missing == {"amparo", "licht"}
    assert state("hope", "licht").status(NOW) is Status.PROPOSED
    assert state(*NAMES).status(NOW) is Status.IN_FORCE
    assert state(*NAMES).hash == HASH


def test_time_and_revocation() -> None:
    """An agreement is neither in force before its time, nor after it, nor once revoked."""
    whole = state(*NAMES)
    revoked = state(*NAMES, revocations=[REVOCATIONS["licht"]])

    assert whole.status(NOW - timedelta(seconds=1)) is Status.PROPOSED
    assert whole.status(whole.terms.valid_until) is Status.EXPIRED
    assert revoked.status(NOW) is Status.REVOKED
    assert revoked.status(whole.terms.valid_until) is Status.REVOKED


@settings(deadline=None, max_examples=40)
@given(first=states, second=states)
def test_merge_commutes(first: AgreementState, second: AgreementState) -> None:
    """Who hears what first does not matter."""
    assert merge(first, second) == merge(second, first)


@settings(deadline=None, max_examples=40)
@given(first=states, second=states, third=states)
def test_merge_associates(
    first: AgreementState, second: AgreementState, third: AgreementState
) -> None:
    """Nor in which groups news are pooled."""
    assert merge(merge(first, second), third) == merge(first, merge(second, third))


@settings(deadline=None, max_examples=40)
@given(one=states, other=states)
def test_merge_is_idempotent(one: AgreementState, other: AgreementState) -> None:
    """Nor how often."""
    assert merge(one, one) == one
    assert merge(merge(one, other), other) == merge(one, other)


@settings(deadline=None, max_examples=40)
@given(first=states, second=states)
def test_merged_state_reads_back(first: AgreementState, second: AgreementState) -> None:
    """What is stored of a state gives the same state again."""
    whole = merge(first, second)

    again = AgreementState.load(
        whole.envelope, whole.offers.values(), whole.revocations.values(), keys=KEYS
    )

    assert again == whole


@settings(deadline=None, max_examples=40)
@given(first=states, second=states)
def test_a_revocation_is_never_merged_away(first: AgreementState, second: AgreementState) -> None:
    """Once one side knows of an end, the merged state has ended."""
    ended = bool(first.revocations or second.revocations)

    assert (merge(first, second).status(NOW) is Status.REVOKED) == ended


def test_two_agreements_do_not_merge() -> None:
    """The same words with another nonce are another agreement."""
    other = AgreementState.load(signed_terms(nonce=bytes([1]) * 16), keys=KEYS)

    with pytest.raises(AgreementError, match="two agreements"):
        merge(state(), other)


def test_rival_offers_settle_alike() -> None:
    """Of two offers of one party for one version everybody keeps the same."""
    one = state(offers=[OFFERS["hope", 1]])
    other = state(offers=[RIVAL])

    assert merge(one, other).offers == merge(other, one).offers
    assert merge(one, other).offers["hope", 1] == min(RIVAL, OFFERS["hope", 1])


def test_shared_version() -> None:
    """A pair uses the highest version that both have offered."""
    one = state(offers=[OFFERS["hope", 1], OFFERS["hope", 2], OFFERS["amparo", 1]])

    assert one.shared_version("hope", "amparo") == 1
    assert one.shared_version("hope", "licht") is None
    assert one.latest_version("hope") == 2
    assert one.latest_version("licht") == 0
    offer = one.offer("hope", 2)
    assert offer is not None
    assert (offer.member, offer.key_version) == ("hope", 2)
    assert one.offer("licht", 1) is None


def test_only_parties_sign() -> None:
    """A stranger's signature is neither made nor counted."""
    with pytest.raises(AgreementError, match="only a party"):
        sign_terms(signed_terms("hope"), identity("stranger"))
    with pytest.raises(AgreementError, match="only a party"):
        propose_terms(terms(), identity("stranger"))
    foreign = dsse.encode(sign(terms(), "stranger", identity("stranger").signing))
    with pytest.raises(VerifyError):
        AgreementState.load(foreign, keys=KEYS)


def test_signatures_that_do_not_hold_are_left_out() -> None:
    """A forged signature neither counts nor travels on."""
    envelope = dsse.add_signature(
        sign(terms(), "hope", identity("hope").signing), "licht", identity("stranger").signing
    )

    loaded = AgreementState.load(dsse.encode(envelope), keys=KEYS)

    assert loaded.signers == {"hope"}
    assert loaded == state("hope")


def test_party_that_left_the_charter_does_not_count() -> None:
    """Without a key in the charter a party's signature does not count any more."""
    keys = {name: key for name, key in KEYS.items() if name != "licht"}

    left = AgreementState.load(signed_terms(), keys=keys)

    assert left.status(NOW) is Status.PROPOSED


def test_parts_of_another_agreement() -> None:
    """Offers and revocations name the agreement that they belong to."""
    offer = make_offer(identity("hope"), bytes(32), 1, NOW)[1]
    end = make_revocation(identity("hope"), bytes(32), "none", NOW)

    with pytest.raises(AgreementError, match="another agreement"):
        state(offers=[offer])
    with pytest.raises(AgreementError, match="another agreement"):
        state(revocations=[end])


def test_parts_by_strangers_and_forgers() -> None:
    """Only a party offers and revokes, and only for itself."""
    by_stranger = make_offer(identity("stranger"), HASH, 1, NOW)[1]
    _, own = make_offer(identity("hope"), HASH, 1, NOW)
    forged = dsse.encode(sign(PairOffer.from_envelope(own), "hope", identity("licht").signing))
    ended = make_revocation(identity("stranger"), HASH, "none", NOW)

    with pytest.raises(AgreementError, match="no party"):
        state(offers=[by_stranger])
    with pytest.raises(AgreementError, match="no party"):
        state(revocations=[ended])
    with pytest.raises(VerifyError):
        state(offers=[forged])


def test_parts_carry_one_signature() -> None:
    """A second signature beside the right one is refused: parts have one spelling."""
    opened = PairOffer.decode_envelope(OFFERS["hope", 1])
    double = dsse.encode(dsse.add_signature(opened, "licht", identity("licht").signing))

    with pytest.raises(MalformedError, match="more than one signature"):
        state(offers=[double])


def test_revocation_reason_is_one_line() -> None:
    """A reason is for people, short, and one line."""
    for reason in ("", "a\nb", "x" * 201):
        with pytest.raises(MalformedError):
            make_revocation(identity("hope"), HASH, reason, NOW)


def test_other_documents_are_no_terms() -> None:
    """An offer does not pass for terms, nor terms for an offer."""
    with pytest.raises(MalformedError):
        AgreementState.load(OFFERS["hope", 1], keys=KEYS)
    with pytest.raises(MalformedError):
        state(offers=[signed_terms("hope")])


def later(*names: str, revoked: timedelta | None = None, **changes: object) -> AgreementState:
    """Return an agreement that takes the place of the usual one."""
    envelope = signed_terms(*names, **({"supersedes": HASH, "nonce": bytes([2]) * 16} | changes))
    new = AgreementState.load(envelope, keys=KEYS)
    if revoked is None:
        return new
    end = make_revocation(identity("hope"), new.hash, "none", new.terms.valid_from + revoked)
    return AgreementState.load(envelope, revocations=[end], keys=KEYS)


BEGINS = {"valid_from": NOW + timedelta(days=9)}


def test_a_replacement_takes_all_signatures_of_all_parties() -> None:
    """It begins on its first day; nothing less than all parties of both replaces anything."""
    former = state(*NAMES)

    assert NOW + timedelta(days=9) == later(**BEGINS).replaces(former)
    assert later("hope", "amparo").replaces(former) is None
    assert later("amparo", "hope", parties=("amparo", "hope")).replaces(former) is None
    assert later(supersedes=None).replaces(former) is None
    assert later(supersedes=bytes(32)).replaces(former) is None
    assert former.replaces(former) is None


def test_a_replacement_that_never_began() -> None:
    """Revoked before its first day it replaces nothing; revoked later it has replaced."""
    former = state(*NAMES)

    assert later(revoked=-timedelta(seconds=1)).replaces(former) is None
    assert NOW == later(revoked=timedelta(0)).replaces(former)


def test_replaced_from_the_first_day_of_the_earliest() -> None:
    """Of several replacements the one that begins first counts, to the second."""
    whole = state(*NAMES).after(
        [later(**BEGINS), later("hope"), later(nonce=bytes([3]) * 16, **BEGINS)]
    )

    assert whole.status(NOW + timedelta(days=9) - timedelta(seconds=1)) is Status.IN_FORCE
    assert whole.status(NOW + timedelta(days=9)) is Status.REPLACED
    assert whole.after([later()]).status(NOW) is Status.REPLACED


def test_what_was_noticed_stays() -> None:
    """Once a node has noticed an end, neither time nor news change it."""
    expired = state(*NAMES).after([], ended=Status.EXPIRED)

    assert expired.status(NOW) is Status.EXPIRED
    assert merge(expired, state(revocations=[REVOCATIONS["hope"]])).status(NOW) is Status.EXPIRED
    assert merge(state(), expired) == merge(expired, state())


def test_only_what_is_over_has_ended() -> None:
    """A proposal and an agreement in force have not."""
    assert {one for one in Status if one.ended} == {
        Status.EXPIRED,
        Status.REVOKED,
        Status.REPLACED,
    }

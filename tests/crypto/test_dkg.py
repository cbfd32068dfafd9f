# SPDX-License-Identifier: Apache-2.0
"""Key generation, refresh and resharing: honest runs work, each cheat is named."""

import itertools
from dataclasses import replace

import pytest

from federation.crypto import dkg, group, scalars, shares
from federation.crypto.setting import Setting, compute_key_id
from federation.errors import (
    GenerationError,
    InvalidInputError,
    ShareVerifyError,
    VerifyError,
)
from tests.crypto.helpers import run, setting


def secret_of(held: dict[int, shares.KeyShare], quorum: tuple[int, ...]) -> bytes:
    """Put the secret together, which the product never does."""
    return shares.combine_shares({index: held[index].secret for index in quorum})


@pytest.mark.parametrize(
    ("threshold", "participants"), [(2, (1, 2, 3)), (3, (1, 2, 3, 4, 5)), (1, (1,)), (2, (5, 900))]
)
def test_key_generation(threshold: int, participants: tuple[int, ...]) -> None:
    """All end with one public key, consistent shares, generation 1 and the same key id."""
    frame = setting(threshold=threshold, participants=participants)
    held, key = run(frame)

    shares.check_group_key(key)
    for quorum in itertools.combinations(participants, threshold):
        assert key.public_key == group.scalarmult_base(secret_of(held, quorum))
    assert (1, threshold) == (key.generation, key.threshold)
    assert key.key_id == compute_key_id(
        frame.ceremony_id, frame.lane, frame.key_class, frame.epoch, key.public_key
    )
    assert {key.key_id} == {share.key_id for share in held.values()}


def test_keys_differ_between_runs() -> None:
    """Two runs of one frame give two keys."""
    assert run(setting())[1].key_id != run(setting())[1].key_id


@pytest.mark.parametrize(
    ("dealers", "threshold", "participants"),
    [
        ((1, 2), 2, (1, 2, 3)),
        ((1, 2, 3), 2, (1, 2, 3)),
        ((2, 3), 3, (2, 3, 4, 5, 6)),
        ((1, 3), 1, (9,)),
    ],
)
def test_resharing_keeps_the_key(
    dealers: tuple[int, ...], threshold: int, participants: tuple[int, ...]
) -> None:
    """Any old quorum moves the key to new shares; old and new shares do not combine."""
    held, key = run(setting())
    secret = secret_of(held, (1, 2))
    frame = setting(
        previous=key, old_dealers=dealers, threshold=threshold, participants=participants
    )
    renewed, new_key = run(frame, held)

    shares.check_group_key(new_key)
    for quorum in itertools.combinations(participants, threshold):
        assert secret == secret_of(renewed, quorum)
    assert (key.key_id, key.public_key, 2) == (
        new_key.key_id,
        new_key.public_key,
        new_key.generation,
    )
    if participants == (1, 2, 3):
        assert secret != secret_of({1: held[1], 2: renewed[2]}, (1, 2))


def test_refresh_twice() -> None:
    """Generations count up, the key stays."""
    held, key = run(setting())
    for generation in (2, 3):
        held, renewed = run(setting(previous=key, old_dealers=(1, 2)), held)
        assert (generation, key.public_key) == (renewed.generation, renewed.public_key)
        key = renewed


def test_a_share_of_an_old_generation_cannot_be_reshared() -> None:
    """A dealer that missed a refresh is told so before it deals."""
    held, key = run(setting())
    _, renewed = run(setting(previous=key, old_dealers=(1, 2)), held)
    with pytest.raises(GenerationError):
        dkg.deal(setting(previous=renewed, old_dealers=(1, 2)), 1, held[1])


def test_a_long_vector_makes_shares_that_verify_and_do_not_combine() -> None:
    """Why the length is checked: the attack works as soon as the check is taken away."""
    frame = setting()
    long = replace(frame, threshold=3)
    own = {1: dkg.deal(frame, 1), 2: dkg.deal(frame, 2), 3: dkg.deal(long, 3)}
    for dealing in own.values():
        for index in frame.participants:
            share = shares.evaluate_polynomial(dealing.polynomial, index)
            dkg.verify_share_against(dealing.public, index, share)
    sums = dict.fromkeys(frame.participants, scalars.ZERO)
    for dealing, index in itertools.product(own.values(), sums):
        share = shares.evaluate_polynomial(dealing.polynomial, index)
        sums[index] = scalars.add_scalars(sums[index], share)
    keys = {
        shares.combine_shares({index: sums[index] for index in pair})
        for pair in itertools.combinations(sums, 2)
    }

    assert len(keys) == 3
    with pytest.raises(ShareVerifyError) as caught:
        dkg.verify_dealing(frame, own[3].public, dkg.commitment_hash(frame, own[3].public))
    assert frozenset({3}) == caught.value.culprits


def test_a_cancelling_contribution_needs_a_constant_that_the_cheat_does_not_know() -> None:
    """The rogue-key attack: commitments chosen to cancel the others fail the proof."""
    frame = setting()
    honest = dkg.deal(frame, 1).public
    rogue = dkg.deal(frame, 2).public
    cancelled = group.subtract(rogue.commitments[0], honest.commitments[0])
    forged = replace(rogue, commitments=(cancelled, rogue.commitments[1]))
    with pytest.raises(ShareVerifyError) as caught:
        dkg.verify_dealing(frame, forged, dkg.commitment_hash(frame, forged))

    assert frozenset({2}) == caught.value.culprits


def test_assemble_names_every_dealer_of_a_bad_share() -> None:
    """Two bad shares name two dealers."""
    frame = setting()
    own = {index: dkg.deal(frame, index) for index in (1, 2, 3)}
    shown = {index: dealing.public for index, dealing in own.items()}
    received = {dealer: dkg.share_for(frame, dealing, 1) for dealer, dealing in own.items()}
    bad = received | {2: scalars.ONE, 3: b"\xff" * 32}
    with pytest.raises(ShareVerifyError) as caught:
        dkg.assemble(frame, 1, shown, bad)

    assert frozenset({2, 3}) == caught.value.culprits


def test_contributions_must_be_complete() -> None:
    """No key without every dealer, none with a stranger's contribution."""
    frame = setting()
    own = {index: dkg.deal(frame, index) for index in (1, 2, 3)}
    shown = {index: dealing.public for index, dealing in own.items()}
    received = {dealer: dkg.share_for(frame, dealing, 1) for dealer, dealing in own.items()}
    for call in (
        lambda: dkg.group_key(frame, {1: shown[1], 2: shown[2]}),
        lambda: dkg.group_key(frame, shown | {4: shown[1]}),
        lambda: dkg.assemble(frame, 1, shown, {1: received[1]}),
        lambda: dkg.assemble(frame, 4, shown, received),
        lambda: dkg.share_for(frame, own[1], 4),
        lambda: dkg.deal(frame, 4),
        lambda: dkg.verify_dealing(setting(participants=(2, 3)), shown[1], bytes(32)),
    ):
        with pytest.raises(InvalidInputError):
            call()


def test_generation_and_resharing_are_not_confused() -> None:
    """A generation takes no share, a resharing needs one."""
    held, key = run(setting())
    frame = setting(previous=key, old_dealers=(1, 2))
    with pytest.raises(InvalidInputError):
        dkg.deal(frame, 1)
    with pytest.raises(InvalidInputError):
        dkg.deal(setting(), 1, held[1])
    with pytest.raises(InvalidInputError):
        dkg.deal(frame, 3, held[3])
    with pytest.raises(GenerationError):
        dkg.deal(frame, 1, held[2])


def test_contributions_that_cancel_give_no_key() -> None:
    """A key that adds up to the identity is refused."""
    frame = setting(participants=(1, 2))
    dealing = dkg.deal(frame, 1).public
    inverse = tuple(group.subtract(group.IDENTITY, item) for item in dealing.commitments)
    with pytest.raises(VerifyError):
        dkg.group_key(frame, {1: dealing, 2: replace(dealing, index=2, commitments=inverse)})


def test_a_resharing_that_changes_the_key_is_refused() -> None:
    """If the old public shares do not fit the old key, nothing comes out."""
    held, key = run(setting())
    frame = setting(previous=replace(key, public_key=group.GENERATOR), old_dealers=(1, 2))
    with pytest.raises(VerifyError):
        run(frame, held)


@pytest.mark.parametrize(
    "changes",
    [
        {"participants": ()},
        {"participants": (1, 1, 2)},
        {"participants": (0, 1, 2)},
        {"threshold": 0},
        {"threshold": 4},
        {"ceremony_id": b"short"},
        {"participants_hash": b""},
        {"epoch": 0},
        {"old_dealers": (1, 2)},
    ],
)
def test_settings_that_cannot_lead_to_a_key(changes: dict[str, object]) -> None:
    """A frame is refused before anything secret exists."""
    with pytest.raises(InvalidInputError):
        setting(**changes)


@pytest.mark.parametrize("dealers", [(), (1,), (1, 4), (2, 1)])
def test_resharing_needs_an_old_quorum(dealers: tuple[int, ...]) -> None:
    """At least t dealers, each with a share."""
    _, key = run(setting())
    with pytest.raises(InvalidInputError):
        setting(previous=key, old_dealers=dealers)


def test_every_field_of_a_setting_is_bound() -> None:
    """Two frames that differ anywhere have different digests."""
    held, key = run(setting())
    frames: list[Setting] = [
        setting(),
        setting(ceremony_id=b"ceremony-0000002"),
        setting(lane="survivor"),
        setting(key_class="person"),
        setting(lane="networkidentifier", key_class=""),
        setting(epoch=2),
        setting(threshold=3),
        setting(participants=(1, 2, 4)),
        setting(participants_hash=b"\x01" * 32),
        setting(previous=key, old_dealers=(1, 2)),
        setting(previous=key, old_dealers=(1, 3)),
        setting(previous=replace(key, generation=2), old_dealers=(1, 2)),
        setting(previous=replace(key, key_id=bytes(16)), old_dealers=(1, 2)),
    ]

    assert len(frames) == len({frame.digest() for frame in frames})
    assert len(held) == 3


def test_dealings_are_not_printed() -> None:
    """Polynomials do not show in a repr."""
    dealing = dkg.deal(setting(), 1)
    for coefficient in dealing.polynomial.coefficients:
        assert repr(coefficient) not in repr(dealing)
        assert coefficient.hex() not in repr(dealing.polynomial)

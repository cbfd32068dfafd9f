# SPDX-License-Identifier: Apache-2.0
"""Blinding, in bulk and one by one, beyond the RFC's vectors."""

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.crypto import group, oprf, poprf, scalars
from federation.errors import (
    DeriveKeyPairError,
    DeserializeError,
    InvalidInputError,
    InverseError,
    VerifyError,
)

KEY = oprf.derive_key_pair(bytes(32), b"tests")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=4))
def test_bulk_is_the_function(values: list[bytes]) -> None:
    """Blind, evaluate and finalize in bulk give the function's outputs, duplicates included."""
    blinded = oprf.blind_batch(values)
    evaluated = group.scalarmult_batch(KEY.secret, blinded.elements)

    assert [oprf.evaluate(KEY.secret, value) for value in values] == oprf.finalize_batch(
        values, blinded.blinds, evaluated
    )


def test_blinds_are_fresh() -> None:
    """Equal inputs look unrelated to the server."""
    batch = oprf.blind_batch([b"same"] * 50)
    single = {oprf.blind(b"same").element for _ in range(10)}

    assert len(set(group.split_elements(batch.elements))) == 50
    assert len(single) == 10


def test_no_public_function_takes_a_blind_to_blind_with() -> None:
    """Only the private function for vectors can fix the blind."""
    assert {"value", "mode"} == set(inspect.signature(oprf.blind).parameters)
    assert {"values", "mode"} == set(inspect.signature(oprf.blind_batch).parameters)


def test_secrets_are_not_printed() -> None:
    """Neither blinds nor keys show in a repr."""
    blinded = oprf.blind(b"value")
    batch = oprf.blind_batch([b"value"])
    for holder, secret in (
        (KEY, KEY.secret),
        (blinded, blinded.blind),
        (batch, batch.blinds),
    ):
        assert repr(secret) not in repr(holder)
        assert secret.hex() not in repr(holder)


def test_long_inputs_are_refused() -> None:
    """An input of 65,536 octets does not fit the RFC's framing."""
    value = bytes(0x10000)
    for call in (
        lambda: oprf.blind(value),
        lambda: oprf.blind_batch([value]),
        lambda: oprf.evaluate(KEY.secret, value),
    ):
        with pytest.raises(InvalidInputError):
            call()


def test_lengths_must_agree() -> None:
    """Answers, blinds and inputs that differ in number are refused."""
    blinded = oprf.blind_batch([b"a", b"b"])
    with pytest.raises(DeserializeError):
        oprf.unblind_batch(blinded.blinds, blinded.elements[:32])
    with pytest.raises(DeserializeError):
        oprf.finalize_batch([b"a"], blinded.blinds, blinded.elements)
    with pytest.raises(InverseError):
        oprf.unblind_batch(bytes(64), blinded.elements)
    with pytest.raises(DeserializeError):
        oprf.finalize(b"a", scalars.ONE, group.IDENTITY)


def test_modes_are_separated() -> None:
    """The same key and input give different outputs in different modes."""
    assert oprf.evaluate(KEY.secret, b"a", oprf.Mode.OPRF) != oprf.evaluate(KEY.secret, b"a")


def test_a_seed_has_32_octets() -> None:
    """Another length is refused."""
    with pytest.raises(DeriveKeyPairError):
        oprf.derive_key_pair(bytes(31), b"")


def test_poprf_refuses_a_tweak_that_cancels_the_key() -> None:
    """A key that the public input turns to zero is refused on both sides."""
    secret = scalars.negate(poprf._tweak(b"info"))
    key = oprf.KeyPair(secret, group.scalarmult_base(secret))
    with pytest.raises(InverseError):
        poprf.blind_evaluate(key, group.GENERATOR, b"info")
    with pytest.raises(InvalidInputError):
        poprf.tweaked_key(key.public, b"info")


def test_poprf_finalize_checks() -> None:
    """A proof for another public input does not hold; too few inputs are refused."""
    blinded = oprf.blind_batch([b"a"], oprf.Mode.POPRF)
    evaluated, proof = poprf.blind_evaluate(KEY, blinded.elements, b"info")
    rest = {"public": KEY.public, "proof": proof}
    with pytest.raises(VerifyError):
        poprf.finalize([b"a"], blinded.blinds, blinded.elements, evaluated, info=b"other", **rest)
    with pytest.raises(DeserializeError):
        poprf.finalize([], blinded.blinds, blinded.elements, evaluated, info=b"info", **rest)

# SPDX-License-Identifier: Apache-2.0
"""RFC 9497, appendix A.1: all three modes, bit for bit."""

from typing import Any

import pytest

from federation.crypto import dleq, group, oprf, poprf, voprf
from federation.crypto.oprf import KeyPair, Mode
from federation.crypto.scalars import add_scalars, invert, scalar_from_int
from tests.crypto.helpers import octets, split_octets, suite

CASES = [(Mode(mode), vector) for mode in Mode for vector in suite(mode)["vectors"]]


def _key(mode: Mode) -> KeyPair:
    part = suite(mode)
    return oprf.derive_key_pair(bytes.fromhex(part["seed"]), bytes.fromhex(part["keyInfo"]), mode)


@pytest.mark.parametrize("mode", Mode)
def test_derive_key_pair(mode: Mode) -> None:
    """The key pair of the RFC comes out of its seed."""
    part, key = suite(mode), _key(mode)

    assert part["skSm"] == key.secret.hex()
    assert part.get("pkSm", key.public.hex()) == key.public.hex()


@pytest.mark.parametrize("mode", Mode)
def test_group_dst(mode: Mode) -> None:
    """The mode is inside the domain-separation tag."""
    assert suite(mode)["groupDST"] == (b"HashToGroup-" + oprf.context_string(mode)).hex()


@pytest.mark.parametrize(("mode", "vector"), CASES)
def test_blind(mode: Mode, vector: Any) -> None:
    """Blinding with the RFC's blinds gives its blinded elements."""
    inputs, blinds = split_octets(vector["Input"]), split_octets(vector["Blind"])
    blinded = [
        oprf._blind_with(value, blind, mode).element
        for value, blind in zip(inputs, blinds, strict=True)
    ]

    assert octets(vector["BlindedElement"]) == b"".join(blinded)


@pytest.mark.parametrize("vector", suite(0)["vectors"])
def test_oprf(vector: Any) -> None:
    """Mode OPRF: evaluation, output, and the output in the clear."""
    key, value = _key(Mode.OPRF), octets(vector["Input"])
    evaluated = oprf.blind_evaluate(key.secret, octets(vector["BlindedElement"]))

    assert vector["EvaluationElement"] == evaluated.hex()
    assert vector["Output"] == oprf.finalize(value, octets(vector["Blind"]), evaluated).hex()
    assert vector["Output"] == oprf.evaluate(key.secret, value, Mode.OPRF).hex()


@pytest.mark.parametrize("vector", suite(1)["vectors"])
def test_voprf(vector: Any) -> None:
    """Mode VOPRF: evaluation, proof with the RFC's nonce, outputs."""
    key, blinded = _key(Mode.VOPRF), octets(vector["BlindedElement"])
    evaluated, proof = voprf.blind_evaluate(key, blinded)
    fixed = dleq._generate_with(
        key.secret,
        group.GENERATOR,
        key.public,
        blinded,
        evaluated,
        r=octets(vector["Proof"]["r"]),
    )
    values, blinds = split_octets(vector["Input"]), octets(vector["Blind"])

    assert octets(vector["EvaluationElement"]) == evaluated
    assert vector["Proof"]["proof"] == fixed.hex()
    for good in (proof, fixed):
        outputs = voprf.finalize(values, blinds, blinded, evaluated, public=key.public, proof=good)
        assert split_octets(vector["Output"]) == outputs
    assert split_octets(vector["Output"]) == [oprf.evaluate(key.secret, v) for v in values]


@pytest.mark.parametrize("vector", suite(2)["vectors"])
def test_poprf(vector: Any) -> None:
    """Mode POPRF: evaluation under the tweaked key, proof with the RFC's nonce, outputs."""
    key, blinded = _key(Mode.POPRF), octets(vector["BlindedElement"])
    info = octets(vector["Info"])
    evaluated, proof = poprf.blind_evaluate(key, blinded, info)
    secret = add_scalars(key.secret, poprf._tweak(info))
    fixed = dleq._generate_with(
        secret,
        group.GENERATOR,
        poprf.tweaked_key(key.public, info),
        evaluated,
        blinded,
        r=octets(vector["Proof"]["r"]),
        mode=Mode.POPRF,
    )
    values, blinds = split_octets(vector["Input"]), octets(vector["Blind"])

    assert octets(vector["EvaluationElement"]) == evaluated
    assert vector["Proof"]["proof"] == fixed.hex()
    for good in (proof, fixed):
        outputs = poprf.finalize(
            values, blinds, blinded, evaluated, public=key.public, proof=good, info=info
        )
        assert split_octets(vector["Output"]) == outputs
    assert split_octets(vector["Output"]) == [
        poprf.evaluate(key.secret, value, info) for value in values
    ]


def test_bulk_gives_the_vectors() -> None:
    """The batch functions agree with the RFC's batch of two."""
    vector = suite(1)["vectors"][2]
    values, blinds = split_octets(vector["Input"]), octets(vector["Blind"])
    outputs = oprf.finalize_batch(values, blinds, octets(vector["EvaluationElement"]))
    unblinded = oprf.unblind_batch(blinds, octets(vector["BlindedElement"]))
    hashed = group.hash_to_group_batch(values, b"HashToGroup-" + oprf.context_string(Mode.VOPRF))

    assert split_octets(vector["Output"]) == outputs
    assert hashed == unblinded
    assert invert(scalar_from_int(1)) == scalar_from_int(1)

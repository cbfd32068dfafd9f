# SPDX-License-Identifier: Apache-2.0
"""What must be refused is refused, with the right error; its valid neighbour is not."""

from collections.abc import Callable
from typing import Any

import pytest

from federation import errors
from federation.crypto import dkg, group, scalars, toprf
from federation.crypto.setting import Setting
from federation.crypto.shares import GroupKey, KeyShare
from tests.crypto.helpers import load

VECTORS = load("oprf_refusals.json")["vectors"]
unhex = bytes.fromhex


def _key(value: Any) -> GroupKey:
    return GroupKey(
        unhex(value["key_id"]),
        value["generation"],
        value["threshold"],
        unhex(value["public_key"]),
        {int(index): unhex(share) for index, share in value["public_shares"].items()},
    )


def _dealing(value: Any) -> dkg.PublicDealing:
    return dkg.PublicDealing(
        value["index"], tuple(unhex(item) for item in value["commitments"]), unhex(value["proof"])
    )


def _setting(value: Any) -> Setting:
    return Setting(
        unhex(value["ceremony_id"]),
        value["lane"],
        value["key_class"],
        value["epoch"],
        value["threshold"],
        tuple(value["participants"]),
        unhex(value["participants_hash"]),
        None if value["previous"] is None else _key(value["previous"]),
        tuple(value["old_dealers"]),
    )


def _evaluate(given: Any) -> None:
    share = given["share"]
    toprf.evaluate(
        KeyShare(
            share["index"],
            unhex(share["secret"]),
            unhex(share["key_id"]),
            share["generation"],
            share["threshold"],
        ),
        given["quorum"],
        unhex(given["elements"]),
        unhex(given["key_id"]),
        given["generation"],
        prove=True,
    )


def _verify_share(given: Any) -> None:
    proof = given["proof"]
    answer = toprf.ShareEvaluation(unhex(given["elements"]), unhex(proof) if proof else None)
    toprf.verify_share(
        _key(given["key"]), given["quorum"], given["custodian"], unhex(given["blinded"]), answer
    )


OPERATIONS: dict[str, Callable[[Any], object]] = {
    "validate_element": lambda given: group.validate_element(unhex(given["element"])),
    "validate_scalar": lambda given: scalars.validate_scalar(unhex(given["scalar"])),
    "evaluate": _evaluate,
    "verify_share": _verify_share,
    "verify_dealing": lambda given: dkg.verify_dealing(
        _setting(given["setting"]), _dealing(given["dealing"]), unhex(given["announced"])
    ),
    "verify_share_against": lambda given: dkg.verify_share_against(
        _dealing(given["dealing"]), given["index"], unhex(given["share"])
    ),
}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['operation']}: {v['comment']}")
def test_vector(vector: Any) -> None:
    """Each vector ends as it says."""
    act = OPERATIONS[vector["operation"]]
    if vector["result"] == "valid":
        act(vector["input"])
        return

    with pytest.raises(getattr(errors, vector["error"])) as caught:
        act(vector["input"])

    assert vector["error"] == type(caught.value).__name__


def test_every_refusal_says_what_it_would_cost() -> None:
    """A refusal names the effect of accepting it, and each operation has a valid vector."""
    refused = [vector for vector in VECTORS if vector["result"] == "invalid"]

    assert all(vector["effect"] for vector in refused)
    assert set(OPERATIONS) == {v["operation"] for v in VECTORS if v["result"] == "valid"}


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["operation"] == "validate_element"])
def test_multiplication_refuses_what_validation_refuses(vector: Any) -> None:
    """A custodian need not validate before it multiplies: the product is refused as well."""
    element = unhex(vector["input"]["element"])
    if vector["result"] == "valid":
        group.scalarmult(scalars.ONE, element)
        group.scalarmult_batch(scalars.ONE, element)
        return

    with pytest.raises(errors.DeserializeError):
        group.scalarmult(scalars.ONE, element)
    if element:
        with pytest.raises(errors.DeserializeError):
            group.scalarmult_batch(scalars.ONE, element)
        with pytest.raises(errors.DeserializeError):
            group.validate_elements(element)

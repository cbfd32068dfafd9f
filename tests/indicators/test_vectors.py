# SPDX-License-Identifier: Apache-2.0
"""The published vectors of every kind, which ports to other languages share."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.errors import NormalisationError
from federation.indicators import NORMALISATION_VERSION, Indicator, Kind, normalise
from federation.indicators.reasons import Reason

REPOSITORY = Path(__file__).parents[2]
VECTORS = REPOSITORY / "tests/vectors/normalisation"
SPEC = REPOSITORY / "proto/spec/normalisation.md"


def load(kind: Kind) -> dict[str, Any]:
    """Return the vector file of a kind."""
    document: dict[str, Any] = json.loads((VECTORS / f"{kind}.json").read_text(encoding="utf-8"))
    return document


def all_vectors() -> Iterator[Any]:
    """Yield every vector with a readable id."""
    for kind in Kind:
        for position, vector in enumerate(load(kind)["vectors"]):
            yield pytest.param(kind, vector, id=f"{kind}-{position}")


@pytest.mark.parametrize(("kind", "vector"), list(all_vectors()))
def test_vector(kind: Kind, vector: dict[str, Any]) -> None:
    """A valid vector gives its value; a refused one its reason."""
    if vector["result"] == "valid":
        expected = Indicator(kind, vector["value"], NORMALISATION_VERSION)

        assert expected == normalise(kind, vector["raw"], region=vector["region"])
        return
    with pytest.raises(NormalisationError) as caught:
        normalise(kind, vector["raw"], region=vector["region"])

    assert (kind, vector["reason"]) == (caught.value.kind, caught.value.reason)


def test_the_files_are_of_this_version() -> None:
    """Vectors of other rules would prove nothing."""
    headers = [(load(kind)["kind"], load(kind)["version"]) for kind in Kind]

    assert [(kind.value, NORMALISATION_VERSION) for kind in Kind] == headers


def test_there_are_many_vectors_and_refusals() -> None:
    """At least 500 vectors, each kind with refusals, and no vector twice."""
    vectors = [(kind, v) for kind in Kind for v in load(kind)["vectors"]]
    inputs = {(kind, json.dumps(v["raw"]), v["region"]) for kind, v in vectors}

    assert len(vectors) >= 500
    assert len(vectors) == len(inputs)
    assert set(Kind) == {kind for kind, v in vectors if v["result"] == "refused"}


def test_the_specification_lists_every_reason() -> None:
    """A reason that can be raised stands in the specification, in its words."""
    text = SPEC.read_text(encoding="utf-8")

    assert [reason for reason in Reason if f"`{reason}`" not in text] == []

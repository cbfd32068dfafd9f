# SPDX-License-Identifier: Apache-2.0
"""OPRF inputs and tokens are what the specification page and its vectors say."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.crypto import oprf
from federation.errors import InvalidInputError, MalformedError
from federation.tokens.inputs import oprf_input, token_of

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "tokens.json").read_text(encoding="utf-8")
)

fields = st.tuples(
    st.integers(1, 3),
    st.text("ab", max_size=3),
    st.text("ab", max_size=3),
    st.text("ab", max_size=3),
    st.text("ab", min_size=1, max_size=3),
    st.text("ab", max_size=3),
)


@pytest.mark.parametrize("vector", VECTORS["vectors"])
def test_vectors(vector: Any) -> None:
    """Input, output and token of each vector are reproduced."""
    made = oprf_input(
        vector["version"],
        vector["lane"],
        vector["class"],
        vector["kind"],
        vector["value"],
        slot=vector["slot"],
    )
    output = oprf.evaluate(bytes.fromhex(VECTORS["key"]), made)

    assert made.hex() == vector["input"]
    assert output.hex() == vector["output"]
    assert token_of(output).hex() == vector["token"]


@given(fields, fields)
def test_fields_never_run_together(left: Any, right: Any) -> None:
    """Two inputs are equal only if every field is."""
    made = [oprf_input(*given[:5], slot=given[5]) for given in (left, right)]
    assert (left == right) == (made[0] == made[1])


def test_refusals_do_not_show_the_value() -> None:
    """Empty, ill-formed and over-long values are refused without being repeated."""
    for value, error in (
        ("", InvalidInputError),
        ("secret\ud800", InvalidInputError),
        ("secret" * 20_000, MalformedError),
    ):
        with pytest.raises(error) as caught:
            oprf_input(1, "network", "identifier", "phone", value)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
    with pytest.raises(InvalidInputError):
        token_of(bytes(32))

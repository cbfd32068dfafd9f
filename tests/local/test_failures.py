# SPDX-License-Identifier: Apache-2.0
"""Errors between a node and its organisation's programs."""

import re
from typing import Any

import pytest
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo
from hypothesis import given
from hypothesis import strategies as st

from federation import errors
from federation.errors import CasethreadError, QuotaError
from federation.local.failures import DOMAIN, from_status, reason_of, to_status


def tree(kind: type[CasethreadError] = CasethreadError) -> list[type[CasethreadError]]:
    """The error tree, as far as the library defines it."""
    below = [each for child in kind.__subclasses__() for each in tree(child)]
    return [kind, *below] if kind.__module__ == errors.__name__ else []


def make(kind: type[CasethreadError]) -> CasethreadError:
    """Make an error that says something."""
    special: dict[type[CasethreadError], CasethreadError] = {
        errors.NormalisationError: errors.NormalisationError("phone", "raw", "is empty"),
        errors.ShareVerifyError: errors.ShareVerifyError([3]),
        QuotaError: QuotaError("spent", retry_after=89.5),
    }
    return special.get(kind) or kind("said")


@pytest.mark.parametrize("kind", tree())
def test_every_error_arrives(kind: type[CasethreadError]) -> None:
    """As itself or its nearest ancestor, with its words and its next step."""
    error = make(kind)
    error.next_step = "do this"
    back = from_status(to_status(error).SerializeToString())

    assert isinstance(error, type(back))
    assert (str(back), back.next_step) == (str(error), "do this")
    assert re.fullmatch(r"[A-Z][A-Z_]{1,62}", reason_of(error))


def test_decisions_keep_their_type() -> None:
    """A caller that waits, corrects or starts the node is told by the type."""
    for kind in (
        errors.InputError,
        errors.AuthenticationError,
        errors.NodeUnavailableError,
        errors.QuorumError,
        errors.StoreError,
        errors.CharterExpiredError,
        QuotaError,
    ):
        assert type(from_status(to_status(make(kind)).SerializeToString())) is kind


def test_a_spent_budget_says_when_to_come_back() -> None:
    """Rounded up."""
    back: Any = from_status(to_status(QuotaError("x", retry_after=89.5)).SerializeToString())

    assert back.retry_after == 90


def test_what_is_not_ours_says_nothing() -> None:
    """A foreign error may quote what it worked on."""
    status = to_status(ValueError("canary"))
    info = ErrorInfo()
    status.details[0].Unpack(info)

    assert (status.code, info.reason, info.domain) == (code_pb2.INTERNAL, "INTERNAL", DOMAIN)
    assert b"canary" not in status.SerializeToString()


def test_an_unknown_reason_is_still_an_error() -> None:
    """From a newer node."""
    status = to_status(errors.InputError("said"))
    status.details[0].Pack(ErrorInfo(reason="NEWER", domain=DOMAIN))
    back = from_status(status.SerializeToString())

    assert (type(back), str(back)) == (CasethreadError, "said")


@given(raw=st.binary(max_size=100))
def test_any_bytes_are_an_error(raw: bytes) -> None:
    """Of the tree."""
    assert isinstance(from_status(raw), CasethreadError)

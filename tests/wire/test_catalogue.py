# SPDX-License-Identifier: Apache-2.0
"""Errors on the wire."""

import re
from typing import Any

import pytest
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st

from federation import errors
from federation.errors import (
    CasethreadError,
    CeremonyError,
    CharterStaleError,
    NormalisationError,
    PeerError,
    QuorumError,
    QuotaError,
    ShareVerifyError,
)
from federation.wire.catalogue import CATALOGUE, DOMAIN, INTERNAL, from_status, row_of, to_status

CANARY = "canary value"


def tree(kind: type[CasethreadError] = CasethreadError) -> list[type[CasethreadError]]:
    """The error tree, as far as this library defines it."""
    below = [each for child in kind.__subclasses__() for each in tree(child)]
    return [kind, *below] if kind.__module__ == errors.__name__ else []


def make(kind: type[CasethreadError]) -> CasethreadError:
    """Make an error that says a canary."""
    special: dict[type[CasethreadError], CasethreadError] = {
        NormalisationError: NormalisationError(CANARY, CANARY, CANARY),
        ShareVerifyError: ShareVerifyError([3], CANARY),
        CeremonyError: CeremonyError(CANARY, ["amparo"]),
        CharterStaleError: CharterStaleError(CANARY, [b"{v4}"]),
        QuotaError: QuotaError(CANARY, retry_after=89.5),
        QuorumError: QuorumError(CANARY, ["amparo"]),
    }
    return special.get(kind) or kind(CANARY)


@pytest.mark.parametrize("kind", tree())
def test_every_error_has_a_row(kind: type[CasethreadError]) -> None:
    """Adding a class to the tree means deciding how it travels."""
    row = CATALOGUE[kind]

    assert re.fullmatch(r"[A-Z][A-Z0-9_]{1,62}", row.reason)
    assert code_pb2.OK != row.code


def test_the_catalogue_has_nothing_else() -> None:
    """A removed class leaves no row behind."""
    assert set(tree()) == set(CATALOGUE)


def test_a_reason_that_comes_back_is_of_one_error() -> None:
    """Else the caller could not tell which."""
    reasons = [row.reason for row in CATALOGUE.values() if row.comes_back]

    assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("kind", tree())
def test_a_status_says_no_more_than_its_row(kind: type[CasethreadError]) -> None:
    """One ErrorInfo, and nothing of the error's own text or culprits."""
    status = to_status(make(kind))
    info = ErrorInfo()
    found = [info.reason for detail in status.details if detail.Unpack(info)]
    row = CATALOGUE[kind]

    assert ([row.reason], row.code, row.message) == (found, status.code, status.message)
    assert DOMAIN == info.domain
    assert CANARY.encode() not in status.SerializeToString()
    assert b"amparo" not in status.SerializeToString()


@pytest.mark.parametrize("kind", tree())
def test_an_error_comes_back_as_itself_or_as_the_peers(kind: type[CasethreadError]) -> None:
    """What a caller acts on keeps its type; the rest is a peer that cannot be used."""
    back = from_status(to_status(make(kind)).SerializeToString(), "hope")

    assert (kind if CATALOGUE[kind].comes_back else PeerError) is type(back)
    assert str(back).startswith("hope refused: ")


def test_a_foreign_error_is_internal() -> None:
    """What nobody foresaw says nothing at all."""
    status = to_status(RuntimeError(CANARY))

    assert (code_pb2.INTERNAL, "internal error") == (status.code, status.message)
    assert CANARY.encode() not in status.SerializeToString()


def test_a_subclass_travels_as_its_ancestor() -> None:
    """An application may refine an error without knowing the wire."""

    class OwnError(errors.AgreementError):
        pass

    assert CATALOGUE[errors.AgreementError] is row_of(OwnError())
    assert INTERNAL is row_of(ValueError())


def test_a_quota_error_says_when_to_come_back() -> None:
    """RetryInfo, in whole seconds, rounded up."""
    back: Any = from_status(
        to_status(QuotaError("spent", retry_after=89.5)).SerializeToString(), "h"
    )

    assert 90.0 == back.retry_after


@pytest.mark.parametrize(("seconds", "believed"), [(-5, 0.0), (10**11, 31 * 86_400.0)])
def test_an_absurd_wait_is_not_believed(seconds: int, believed: float) -> None:
    """A peer cannot put a member to sleep for years."""
    status = to_status(QuotaError("spent", retry_after=1))
    retry = RetryInfo()
    retry.retry_delay.seconds = seconds
    status.details[1].Pack(retry)
    back: Any = from_status(status.SerializeToString(), "hope")

    assert believed == back.retry_after


def test_a_stale_charter_brings_the_newer_ones() -> None:
    """Oldest first, as they were given."""
    error = CharterStaleError("old", [b"{v4}", b"{v5}"])
    back: Any = from_status(to_status(error).SerializeToString(), "hope")

    assert (b"{v4}", b"{v5}") == back.envelopes


def test_large_envelopes_stay_out_of_an_error() -> None:
    """Trailers are small; the caller fetches them."""
    status = to_status(CharterStaleError("old", [bytes(40_000)]))
    back: Any = from_status(status.SerializeToString(), "hope")

    assert () == back.envelopes
    assert len(status.SerializeToString()) < 1000


def test_an_unknown_reason_is_not_repeated() -> None:
    """A peer does not get to write into our messages and logs."""
    status = Status(code=code_pb2.INTERNAL, message=CANARY)
    status.details.add().Pack(ErrorInfo(reason=CANARY, domain=DOMAIN))
    back = from_status(status.SerializeToString(), "hope")

    assert (PeerError, "hope refused: unknown reason") == (type(back), str(back))


@given(st.binary(max_size=200))
def test_any_status_becomes_an_error(raw: bytes) -> None:
    """A peer's bytes never raise anything here."""
    assert isinstance(from_status(raw, "hope"), CasethreadError)

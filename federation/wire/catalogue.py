# SPDX-License-Identifier: Apache-2.0
"""The error tree on the wire: type, gRPC status code, reason, safe message.

A row's message is a constant. What an error says about itself stays in the own log,
because it may tell a stranger what exists here. A reason that comes back from a peer
becomes the error of its row only where that decides what the caller does next, and never
with the peer's word on who is to blame.
"""

from dataclasses import dataclass
from typing import Final

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from federation import errors
from federation.errors import CasethreadError, CharterStaleError, PeerError, QuotaError
from federation.v1.charter_stale_pb2 import CharterStale

__all__ = ["CATALOGUE", "DOMAIN", "INTERNAL", "Row", "from_status", "row_of", "to_status"]

DOMAIN: Final = "federation.v1"
"""Domain of every `ErrorInfo`."""

_STALE_LIMIT: Final = 32 * 1024
"""Most bytes of charter envelopes in error details, which travel in HTTP/2 trailers."""

_LONGEST_RETRY: Final = 31 * 86_400
"""Longest wait that a peer's RetryInfo is believed, seconds: quotas last 30 days."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one error type travels."""

    code: int
    """A google.rpc.Code."""
    reason: str
    """``ErrorInfo.reason``; UPPER_SNAKE, at most 63 characters."""
    message: str
    """What the other side may read."""
    comes_back: bool = False
    """Whether a caller raises the same type; else a PeerError that names the reason."""


INTERNAL: Final = Row(code_pb2.INTERNAL, "INTERNAL", "internal error")
"""For everything unexpected, and for what is nobody else's business."""

_FORBIDDEN: Final = "permission denied (or it might not exist)"
_UNUSABLE: Final = "the request cannot be used"

CATALOGUE: Final[dict[type[CasethreadError], Row]] = {
    errors.CasethreadError: INTERNAL,
    errors.InputError: Row(code_pb2.INVALID_ARGUMENT, "INPUT_INVALID", _UNUSABLE),
    errors.NormalisationError: Row(code_pb2.INVALID_ARGUMENT, "NORMALISATION_FAILED", _UNUSABLE),
    errors.MalformedError: Row(code_pb2.INVALID_ARGUMENT, "MALFORMED", "malformed request"),
    errors.CryptoError: Row(code_pb2.INVALID_ARGUMENT, "CRYPTO_FAILED", _UNUSABLE),
    errors.DeserializeError: Row(
        code_pb2.INVALID_ARGUMENT, "DESERIALIZE_FAILED", "not a canonical element or scalar"
    ),
    errors.InvalidInputError: Row(code_pb2.INVALID_ARGUMENT, "INPUT_IS_IDENTITY", _UNUSABLE),
    errors.InverseError: INTERNAL,
    errors.DeriveKeyPairError: INTERNAL,
    errors.GenerationError: Row(
        code_pb2.FAILED_PRECONDITION, "GENERATION_MISMATCH", "another key or generation", True
    ),
    errors.VerifyError: Row(
        code_pb2.INVALID_ARGUMENT, "VERIFY_FAILED", "a signature or proof does not hold"
    ),
    errors.ShareVerifyError: Row(
        code_pb2.INVALID_ARGUMENT, "SHARE_VERIFY_FAILED", "a share does not verify"
    ),
    errors.OpenError: Row(code_pb2.INVALID_ARGUMENT, "OPEN_FAILED", _UNUSABLE),
    errors.SodiumError: INTERNAL,
    errors.CeremonyError: Row(
        code_pb2.FAILED_PRECONDITION, "CEREMONY_FAILED", "the ceremony cannot go on", True
    ),
    errors.MembershipError: Row(
        code_pb2.PERMISSION_DENIED, "MEMBERSHIP_DENIED", "the charter does not allow it", True
    ),
    errors.CharterStaleError: Row(
        code_pb2.FAILED_PRECONDITION, "CHARTER_STALE", "there is a newer charter", True
    ),
    errors.CharterExpiredError: Row(
        code_pb2.FAILED_PRECONDITION, "CHARTER_EXPIRED", "the charter has expired", True
    ),
    errors.CharterConflictError: Row(
        code_pb2.FAILED_PRECONDITION,
        "CHARTER_CONFLICT",
        "two charters claim the same version",
        True,
    ),
    errors.AuthenticationError: Row(
        code_pb2.UNAUTHENTICATED, "UNAUTHENTICATED", "not authenticated", True
    ),
    errors.PolicyError: Row(code_pb2.PERMISSION_DENIED, "POLICY_DENIED", _FORBIDDEN, True),
    errors.AgreementError: Row(code_pb2.PERMISSION_DENIED, "AGREEMENT_DENIED", _FORBIDDEN, True),
    errors.QuotaError: Row(
        code_pb2.RESOURCE_EXHAUSTED, "QUOTA_EXHAUSTED", "the evaluation budget is spent", True
    ),
    errors.ExchangeError: Row(
        code_pb2.FAILED_PRECONDITION, "EXCHANGE_REFUSED", "the exchange cannot go on", True
    ),
    errors.PeerError: INTERNAL,
    errors.PeerUnreachableError: INTERNAL,
    errors.QuorumError: INTERNAL,
    errors.NodeUnavailableError: INTERNAL,
    errors.StoreError: INTERNAL,
    errors.ConfigurationError: INTERNAL,
}
"""Every type of the tree; a test walks it."""

_BY_REASON: Final = {row.reason: kind for kind, row in CATALOGUE.items() if row.comes_back}


def row_of(error: Exception) -> Row:
    """Return the row of an error, or of its nearest ancestor; `INTERNAL` for foreign ones."""
    for kind in type(error).__mro__:
        if (row := CATALOGUE.get(kind)) is not None:
            return row
    return INTERNAL


def to_status(error: Exception) -> Status:
    """Translate an error for the other side.

    Args:
        error: Anything that was raised.

    Returns:
        A status with exactly one `ErrorInfo`, and what the caller needs to go on.
    """
    row = row_of(error)
    details: list[AnyMessage] = [_pack(ErrorInfo(reason=row.reason, domain=DOMAIN))]
    if isinstance(error, QuotaError):
        delay = Duration(seconds=max(0, min(_LONGEST_RETRY, int(error.retry_after) + 1)))
        details.append(_pack(RetryInfo(retry_delay=delay)))
    elif isinstance(error, CharterStaleError):
        fits = sum(map(len, error.envelopes)) <= _STALE_LIMIT
        details.append(_pack(CharterStale(envelopes=error.envelopes if fits else ())))
    return Status(code=row.code, message=row.message, details=details)


def from_status(raw: bytes, peer: str) -> CasethreadError:
    """Translate a peer's status.

    Args:
        raw: A serialised google.rpc.Status.
        peer: Member id of the peer, for the message.

    Returns:
        The error to raise. A CharterStaleError without envelopes asks for `SyncCharter`.
    """
    try:
        status = Status.FromString(raw)
        reason = _reason(status)
        kind = _BY_REASON.get(reason)
        if kind is None:
            return PeerError(f"{peer} refused: {reason}")
        said = f"{peer} refused: {CATALOGUE[kind].message}"
        if kind is QuotaError:
            return QuotaError(said, retry_after=_retry_after(status))
        if kind is CharterStaleError:
            return CharterStaleError(said, _envelopes(status))
    except DecodeError:
        return PeerError(f"{peer} answered with an unreadable error")
    return errors.CeremonyError(said) if kind is errors.CeremonyError else kind(said)


def _pack(message: ErrorInfo | RetryInfo | CharterStale) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed


def _reason(status: Status) -> str:
    info = ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info) and info.domain == DOMAIN:
            # Only reasons of this contract: a peer must not write into our messages.
            known = {row.reason for row in CATALOGUE.values()}
            return info.reason if info.reason in known else "unknown reason"
    return "no reason given"


def _retry_after(status: Status) -> float:
    retry = RetryInfo()
    for detail in status.details:
        if detail.Unpack(retry):
            return float(max(0, min(_LONGEST_RETRY, retry.retry_delay.seconds)))
    return 0.0


def _envelopes(status: Status) -> tuple[bytes, ...]:
    stale = CharterStale()
    for detail in status.details:
        if detail.Unpack(stale):
            return tuple(stale.envelopes)
    return ()

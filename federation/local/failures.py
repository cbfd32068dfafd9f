# SPDX-License-Identifier: Apache-2.0
"""Errors between a node and its organisation's programs.

Unlike the contract between members (`federation.wire.catalogue`), what an error says goes
along with it, and so does its next step: both ends belong to one organisation, and no error
of the tree holds a value. What is not of the tree stays a bare "internal error".
"""

from typing import Final

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import code_pb2
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from federation import errors
from federation.errors import CasethreadError, QuotaError

__all__ = ["DOMAIN", "from_status", "reason_of", "to_status"]

DOMAIN: Final = "casethread.local"
"""Domain of every `ErrorInfo` here."""

_CODES: Final[tuple[tuple[type[CasethreadError], int], ...]] = (
    (errors.InputError, code_pb2.INVALID_ARGUMENT),
    (errors.AuthenticationError, code_pb2.UNAUTHENTICATED),
    (errors.QuotaError, code_pb2.RESOURCE_EXHAUSTED),
    (errors.NodeUnavailableError, code_pb2.UNAVAILABLE),
    (errors.StoreError, code_pb2.INTERNAL),
    (errors.CryptoError, code_pb2.INTERNAL),
)
"""Most specific first; whatever else the tree holds is a state that a person must change."""

_REASONS: Final[dict[str, type[CasethreadError]]] = {
    "INPUT": errors.InputError,
    "MALFORMED": errors.MalformedError,
    "CRYPTO": errors.CryptoError,
    "CEREMONY": errors.CeremonyError,
    "MEMBERSHIP": errors.MembershipError,
    "CHARTER_EXPIRED": errors.CharterExpiredError,
    "CHARTER_CONFLICT": errors.CharterConflictError,
    "AUTHENTICATION": errors.AuthenticationError,
    "POLICY": errors.PolicyError,
    "AGREEMENT": errors.AgreementError,
    "QUOTA": errors.QuotaError,
    "EXCHANGE": errors.ExchangeError,
    "PEER": errors.PeerError,
    "PEER_UNREACHABLE": errors.PeerUnreachableError,
    "QUORUM": errors.QuorumError,
    "NODE_UNAVAILABLE": errors.NodeUnavailableError,
    "STORE": errors.StoreError,
    "CONFIGURATION": errors.ConfigurationError,
    "INTERNAL": CasethreadError,
}
"""``ErrorInfo.reason`` to type; other types travel as their nearest ancestor."""

_REASON_OF: Final = {kind: reason for reason, kind in _REASONS.items()}
_NEXT_STEP: Final = "next_step"
_INTERNAL: Final = "internal error; the node's log says more"


def reason_of(error: Exception) -> str:
    """Return the reason under which an error travels."""
    ancestors = (kind for kind in type(error).__mro__ if kind in _REASON_OF)
    return _REASON_OF[next(ancestors, CasethreadError)]


def to_status(error: Exception) -> Status:
    """Translate an error for the program that asked.

    Args:
        error: Anything that was raised.

    Returns:
        A status with exactly one `ErrorInfo`, and `RetryInfo` where waiting helps.
    """
    if not isinstance(error, CasethreadError):
        info = ErrorInfo(reason="INTERNAL", domain=DOMAIN)
        return Status(code=code_pb2.INTERNAL, message=_INTERNAL, details=[_pack(info)])
    code = next(
        (code for kind, code in _CODES if isinstance(error, kind)), code_pb2.FAILED_PRECONDITION
    )
    info = ErrorInfo(reason=reason_of(error), domain=DOMAIN)
    if error.next_step is not None:
        info.metadata[_NEXT_STEP] = error.next_step
    details = [_pack(info)]
    if isinstance(error, QuotaError):
        delay = Duration(seconds=max(0, int(error.retry_after) + 1))
        details.append(_pack(RetryInfo(retry_delay=delay)))
    return Status(code=code, message=str(error) or type(error).__name__, details=details)


def from_status(raw: bytes) -> CasethreadError:
    """Translate a status back.

    Args:
        raw: A serialised google.rpc.Status.

    Returns:
        The error to raise.
    """
    info, retry = ErrorInfo(), RetryInfo()
    try:
        status = Status.FromString(raw)
        for detail in status.details:
            if not detail.Unpack(info):
                detail.Unpack(retry)
    except DecodeError:
        return CasethreadError("the node answered with an unreadable error")
    kind = _REASONS.get(info.reason, CasethreadError)
    next_step = info.metadata.get(_NEXT_STEP)
    error = (
        QuotaError(status.message, retry_after=retry.retry_delay.seconds)
        if kind is QuotaError
        else kind(status.message)
    )
    if next_step:
        error.next_step = next_step
    return error


def _pack(message: ErrorInfo | RetryInfo) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed

# SPDX-License-Identifier: Apache-2.0
"""The own node as an object: the verbs that a case management system needs."""

import dataclasses
import os
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from google.protobuf.message import Message

from federation.client import TLS_NAME

# Importing federation.client has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

from federation.errors import (
    CasethreadError,
    ConfigurationError,
    InputError,
    MalformedError,
    NodeUnavailableError,
)
from federation.indicators import Case
from federation.local import translation as to
from federation.local.access import TOKEN_FILE, Access, check_loopback, locate_home
from federation.local.failures import from_status
from federation.local.records import Event, NodeStatus
from federation.local.reports import event_from_proto, status_from_proto, sync_from_proto
from federation.local.threads import summary_from_proto, thread_from_proto
from federation.member import (
    ImportResult,
    Match,
    MatchStatus,
    SyncReport,
    Thread,
    ThreadSummary,
    by_reach,
    without_weaker,
)
from federation.storage import NotTokenised
from federation.v1 import local_service_pb2 as pb

__all__ = ["LocalNode", "connect"]

M = TypeVar("M", bound=Message)

_SERVICE: Final = pb.DESCRIPTOR.services_by_name["LocalService"].full_name
_DETAILS_KEY: Final = "grpc-status-details-bin"
_TIMEOUT: Final = 60.0
_SYNC_TIMEOUT: Final = 3_600.0
_PAGE: Final = 500
_BATCH_BYTES: Final = 1024 * 1024
"""Cases go in requests of about this size."""
_LARGEST_CASE: Final = to.MESSAGE_LIMIT - 4096
_AWAY: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
    }
)


def connect(
    home: str | Path | None = None, *, address: str | None = None, token: str | None = None
) -> "LocalNode":
    """Connect to the own node, which must be serving on this machine.

    Args:
        home: The node's home; else ``CASETHREAD_HOME``, else where ``casethread`` looks too.
        address: Where to reach it, if not where ``local.token`` says.
        token: What ``local.token`` holds, for a program that cannot read the file. The node
            writes a new one at each start; a program that reads the file follows by itself.

    Returns:
        The node; close it after use, or use it in a ``with`` statement.

    Raises:
        NodeUnavailableError: The node does not serve.
        ConfigurationError: Another account can read the file, or the address is not one of
            this machine alone.
        MalformedError: The token is not what ``local.token`` holds.
    """
    if address is not None:
        check_loopback(address)
    if token is None:
        path = locate_home(home, os.environ) / TOKEN_FILE
    elif home is not None:
        raise ConfigurationError(
            "both a home and a token are given", next_step="pass one of the two"
        )
    else:
        given = Access.from_text(token.removesuffix("\n"))

    def find() -> Access:
        access = Access.read(path) if token is None else given
        return access if address is None else dataclasses.replace(access, address=address)

    find()
    return LocalNode(find)


class LocalNode:
    """The own node. Safe to use from several threads; every verb may be repeated."""

    def __init__(self, find: Callable[[], Access]) -> None:
        """Use `connect` instead.

        Args:
            find: Returns how to reach the node now.
        """
        self._find = find
        self._lock = threading.Lock()
        self._open: tuple[Access, grpc.Channel] | None = None

    def put_cases(
        self, cases: Iterable[Case], *, source: str = "api", run: str = ""
    ) -> ImportResult:
        """Hand over cases; the same case again changes nothing, a changed one replaces the old.

        Args:
            cases: Any number. They go in batches: after an error the batches before it are
                in, and handing over all of them again is safe.
            source: Names the system they come from; a case is keyed by source and id.
            run: Names this import, for people.

        Raises:
            InputError: A case cannot be taken; says which, never what it holds.
            NodeUnavailableError: The node does not answer.
        """
        to.check_id("a source", source)
        to.check_id("the name of an import", run, shortest=0)
        total = ImportResult()
        for batch in _batches(cases):
            request = pb.PutCasesRequest(source=source, run=run, cases=batch)
            done = to.import_from_proto(self._call("PutCases", request, pb.PutCasesResponse))
            for each in dataclasses.fields(ImportResult):
                setattr(total, each.name, getattr(total, each.name) + getattr(done, each.name))
        return total

    def delete_case(self, case_id: str, *, source: str = "api") -> bool:
        """Delete a case with its observations, pseudonyms and matches.

        Args:
            case_id: Its id in the source.
            source: The system it comes from.

        Returns:
            False if there was none.
        """
        request = pb.DeleteCaseRequest(
            source=to.check_id("a source", source), case_id=to.check_id("a case id", case_id)
        )
        return self._call("DeleteCase", request, pb.DeleteCaseResponse).deleted

    def matches(self, *, status: MatchStatus | None = MatchStatus.PROVEN) -> list[Match]:
        """Return one row per match and own observation, oldest first.

        Args:
            status: Only matches that have come this far; all for None.
        """
        request = pb.ListMatchesRequest(page_size=_PAGE, status=to.match_status_to_proto(status))
        # A match that changed while pages were read comes again; the later row counts.
        rows: dict[tuple[str, ...], Match] = {}
        while True:
            page = self._call("ListMatches", request, pb.ListMatchesResponse)
            for message in page.matches:
                row = to.match_from_proto(message)
                rows[row.id, row.source, row.case, row.field, row.kind, row.subject] = row
            if not page.next_page_token:
                oldest_first = sorted(rows.values(), key=lambda row: (row.found, row.id))
                return without_weaker(oldest_first)
            request.page_token = page.next_page_token

    def threads(self) -> list[ThreadSummary]:
        """Return the threads that own cases make, widest reach first."""
        request = pb.ListThreadsRequest(page_size=_PAGE)
        # A thread that changed while pages were read comes again; the later state counts.
        found: dict[str, ThreadSummary] = {}
        while True:
            page = self._call("ListThreads", request, pb.ListThreadsResponse)
            found.update((one.id, summary_from_proto(one)) for one in page.threads)
            if not page.next_page_token:
                return sorted(found.values(), key=by_reach)
            request.page_token = page.next_page_token

    def thread(self, mark: str) -> Thread:
        """Return one thread. That it was read goes into the node's record.

        Args:
            mark: Id of the thread, or mark of a case in it; at least 8 hex digits.

        Raises:
            InputError: No single thread has it, or it is too long for one message.
        """
        reply = self._call("GetThread", pb.GetThreadRequest(id=mark), pb.GetThreadResponse)
        return thread_from_proto(reply.thread)

    def not_tokenised(self) -> list[NotTokenised]:
        """Return every observation that takes no part in matching, and why."""
        request = pb.ListNotTokenisedRequest(page_size=_PAGE)
        found: list[NotTokenised] = []
        while True:
            page = self._call("ListNotTokenised", request, pb.ListNotTokenisedResponse)
            found += [to.not_tokenised_from_proto(message) for message in page.observations]
            if not page.next_page_token:
                return sorted(found, key=lambda entry: (entry.case_id, entry.field, entry.kind))
            request.page_token = page.next_page_token

    def sync(self, *, timeout: float = _SYNC_TIMEOUT) -> SyncReport:
        """Make pseudonyms of what waits, and compare with every partner now.

        The node does so by itself as well, every quarter of an hour unless configured
        otherwise.

        Args:
            timeout: Seconds to wait; the node goes on if it takes longer.

        Raises:
            QuotaError: The budget is spent; what is done is done, the rest waits.
            QuorumError: Too few custodians answered.
            PeerError: Another program is at it for long.
        """
        reply = self._call(
            "Synchronise", pb.SynchroniseRequest(), pb.SynchroniseResponse, timeout=timeout
        )
        return sync_from_proto(reply)

    def status(self) -> NodeStatus:
        """Return where the node stands."""
        return status_from_proto(
            self._call("GetStatus", pb.GetStatusRequest(), pb.GetStatusResponse)
        )

    def watch(self, after: str = "", *, follow: bool = True) -> Iterator[Event]:
        """Return what changed: matches that are proven or held, agreements, and threads.

        Keep the position of the last event that was dealt with, and begin from it next time.
        An event may come again, none is left out. An event with neither match nor agreement
        nor thread is of a kind that this version does not know.

        Args:
            after: The position; empty for everything that is there.
            follow: Wait for more, until the caller stops or the node does.

        Yields:
            The events in order.

        Raises:
            InputError: The position is of another database: begin again with an empty one.
            NodeUnavailableError: The node does not answer any more; watch again from the last
                position.
        """
        request = pb.WatchEventsRequest(position=after, catch_up_only=not follow)
        access, channel = self._channel()
        ask: grpc.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(
            _path("WatchEvents")
        )
        stream = ask(request.SerializeToString(), metadata=_metadata(access))
        try:
            for body in stream:
                yield event_from_proto(to.parse(pb.WatchEventsResponse, body))
        except grpc.RpcError as error:
            raise _translate(error) from None
        finally:
            stream.cancel()

    def close(self) -> None:
        """Close the connection. The next call opens a new one."""
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None:
            opened[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _call(self, name: str, request: Message, reply: type[M], *, timeout: float = _TIMEOUT) -> M:
        access, channel = self._channel()
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(_path(name))
        try:
            body = ask(request.SerializeToString(), timeout=timeout, metadata=_metadata(access))
        except grpc.RpcError as error:
            raise _translate(error) from None
        except ValueError:
            # What gRPC raises when another thread has closed the channel meanwhile.
            raise NodeUnavailableError("the connection to the node was closed") from None
        return to.parse(reply, body)

    def _channel(self) -> tuple[Access, grpc.Channel]:
        """Return the connection to the node as it serves now: each start has a new secret."""
        access = self._find()
        with self._lock:
            if self._open is None or self._open[0] != access:
                if self._open is not None:
                    self._open[1].close()
                self._open = (access, _open_channel(access))
            return self._open


def _open_channel(access: Access) -> grpc.Channel:
    try:
        pem = ssl.DER_cert_to_PEM_cert(access.certificate).encode()
        credentials = grpc.ssl_channel_credentials(root_certificates=pem)
    except ValueError:
        raise MalformedError("the certificate of the node is unreadable") from None
    options = (
        ("grpc.ssl_target_name_override", TLS_NAME),
        ("grpc.max_receive_message_length", to.MESSAGE_LIMIT),
        ("grpc.max_send_message_length", to.MESSAGE_LIMIT),
        ("grpc.enable_http_proxy", 0),
        ("grpc.enable_retries", 0),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 1_000),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    )
    return grpc.secure_channel(access.target, credentials, options)


def _batches(cases: Iterable[Case]) -> Iterator[list[pb.Case]]:
    """Cut cases into requests that are neither too many nor too large."""
    batch: list[pb.Case] = []
    size = 0
    for case in cases:
        message = to.case_to_proto(case)
        grown = message.ByteSize()
        if grown > _LARGEST_CASE:
            raise InputError(f"a case is longer than {_LARGEST_CASE} bytes")
        if batch and (len(batch) == to.MAX_CASES or size + grown > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += grown
    if batch:
        yield batch


def _path(name: str) -> str:
    return f"/{_SERVICE}/{name}"


def _metadata(access: Access) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {access.token}"),)


def _translate(error: grpc.RpcError) -> CasethreadError:
    """Turn a failed call into an error of the tree."""
    if not isinstance(error, grpc.Call):
        return NodeUnavailableError("the node cannot be asked")
    details = [value for name, value in error.trailing_metadata() or () if name == _DETAILS_KEY]
    if len(details) == 1 and isinstance(details[0], bytes):
        return from_status(details[0])
    code = error.code()
    if code in _AWAY:
        return NodeUnavailableError(f"the node does not answer ({code.name})")
    return CasethreadError(
        f"the node refused without a reason ({code.name})",
        next_step="install the same version of casethread for the node and this program",
    )

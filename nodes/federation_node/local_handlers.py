# SPDX-License-Identifier: Apache-2.0
"""The methods that the organisation's own programs may call, as gRPC handlers.

Handlers take and return bytes, so that nothing is parsed before the secret was checked. Each
is thin: check, one action, translate.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from google.protobuf.message import Message

from federation.audit import PROGRAM
from federation.errors import CasethreadError, InputError, NodeUnavailableError, PeerError
from federation.local import reports, threads, translation
from federation.local.failures import reason_of, to_status
from federation.local.records import Event
from federation.member import SendReport, SyncReport, TokeniseReport
from federation.v1 import local_service_pb2 as pb
from federation_node.actions import local, sync
from federation_node.context import NodeContext

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = ["MOST_WATCHERS", "SERVICE", "LocalHandlers", "abort"]

Q = TypeVar("Q", bound=Message)

SERVICE: Final = pb.DESCRIPTOR.services_by_name["LocalService"].full_name
MOST_WATCHERS: Final = 4
"""Each holds a thread for as long as it likes."""

_GLANCE: Final = 0.5
"""Seconds between two looks for something new, for a watcher."""
_DETAILS_KEY: Final = "grpc-status-details-bin"
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


def abort(context: grpc.ServicerContext, error: Exception) -> None:
    """End a call with an error; does not return."""
    status = to_status(error)
    context.set_trailing_metadata(((_DETAILS_KEY, status.SerializeToString()),))
    context.abort(_CODES[status.code], status.message)


class LocalHandlers:
    """Answers every method of `LocalService` for one node."""

    def __init__(self, node: NodeContext) -> None:
        """Stand for a node.

        Args:
            node: the opened node.
        """
        self._node = node.acting(PROGRAM)
        self._watchers = threading.BoundedSemaphore(MOST_WATCHERS)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Send watchers away."""
        self._stopping.set()

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the handler of the service."""
        methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            "PutCases": self._unary("PutCases", pb.PutCasesRequest, self._put_cases),
            "DeleteCase": self._unary("DeleteCase", pb.DeleteCaseRequest, self._delete_case),
            "ListMatches": self._unary("ListMatches", pb.ListMatchesRequest, self._list_matches),
            "ListNotTokenised": self._unary(
                "ListNotTokenised", pb.ListNotTokenisedRequest, self._list_not_tokenised
            ),
            "ListThreads": self._unary("ListThreads", pb.ListThreadsRequest, self._list_threads),
            "GetThread": self._unary("GetThread", pb.GetThreadRequest, self._get_thread),
            "Synchronise": self._unary("Synchronise", pb.SynchroniseRequest, self._synchronise),
            "GetStatus": self._unary("GetStatus", pb.GetStatusRequest, self._get_status),
            "WatchEvents": grpc.unary_stream_rpc_method_handler(self._watch),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _unary(
        self, name: str, kind: type[Q], work: Callable[[Q], Message]
    ) -> "grpc.RpcMethodHandler[bytes, bytes]":
        def answer(body: bytes, context: grpc.ServicerContext) -> bytes:
            begun = time.monotonic()
            try:
                return work(translation.parse(kind, body)).SerializeToString()
            except Exception as error:  # noqa: BLE001 - nothing may reach gRPC, which prints it
                failure = error
            self._refuse(name, failure, begun, context)
            return b""  # never reached: abort raises

        return grpc.unary_unary_rpc_method_handler(answer)

    def _watch(self, body: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        begun = time.monotonic()
        if not self._watchers.acquire(blocking=False):
            self._refuse("WatchEvents", _busy(), begun, context)
        try:
            request = translation.parse(pb.WatchEventsRequest, body)
            for event in self._events(request, context):
                yield reports.event_to_proto(event).SerializeToString()
            return
        except Exception as error:  # noqa: BLE001 - nothing may reach gRPC, which prints it
            failure = error
        finally:
            self._watchers.release()
        self._refuse("WatchEvents", failure, begun, context)

    def _events(
        self, request: pb.WatchEventsRequest, context: grpc.ServicerContext
    ) -> Iterator[Event]:
        after = local.check_position(self._node, request.position)
        while context.is_active():
            before = after
            # Read in full before any is sent: no transaction waits for a slow watcher.
            found, after = local.events(self._node, after)
            yield from found
            if after != before:
                continue
            if request.catch_up_only:
                return
            if self._stopping.wait(_GLANCE):
                raise NodeUnavailableError("the node stops")

    def _put_cases(self, request: pb.PutCasesRequest) -> Message:
        source = translation.check_id("source", request.source)
        run = translation.check_id("run", request.run, shortest=0)
        if len(request.cases) > translation.MAX_CASES:
            raise InputError(f"there are more than {translation.MAX_CASES} cases")
        region = self._node.config.organisation.region
        # All are checked before any is stored.
        cases = [
            translation.case_from_proto(case, index, region)
            for index, case in enumerate(request.cases)
        ]
        return translation.import_to_proto(local.put_cases(self._node, cases, source, run))

    def _delete_case(self, request: pb.DeleteCaseRequest) -> Message:
        source = translation.check_id("source", request.source)
        case_id = translation.check_id("case_id", request.case_id)
        return pb.DeleteCaseResponse(deleted=local.delete_case(self._node, case_id, source))

    def _list_matches(self, request: pb.ListMatchesRequest) -> Message:
        only = translation.match_status_from_proto(request.status)
        page = local.match_page(self._node, only, request.page_token, request.page_size)
        rows = [translation.match_to_proto(row) for row in page.rows]
        return pb.ListMatchesResponse(matches=rows, next_page_token=page.next)

    def _list_threads(self, request: pb.ListThreadsRequest) -> Message:
        page = local.thread_page(self._node, request.page_token, request.page_size)
        found = [threads.summary_to_proto(one) for one in page.threads]
        return pb.ListThreadsResponse(threads=found, next_page_token=page.next)

    def _get_thread(self, request: pb.GetThreadRequest) -> Message:
        thread = threads.thread_to_proto(self._node.member.thread(request.id, self._node.by))
        reply = pb.GetThreadResponse(thread=thread)
        if reply.ByteSize() > translation.MESSAGE_LIMIT:
            raise InputError(
                "this thread is too long for one message",
                next_step="look at it with 'casethread thread show'",
            )
        return reply

    def _list_not_tokenised(self, request: pb.ListNotTokenisedRequest) -> Message:
        page = local.not_tokenised_page(self._node, request.page_token, request.page_size)
        entries = [translation.not_tokenised_to_proto(entry) for entry in page.entries]
        return pb.ListNotTokenisedResponse(observations=entries, next_page_token=page.next)

    def _synchronise(self, _: pb.SynchroniseRequest) -> Message:
        done = sync.synchronise(self._node)
        failures = tuple((member, PeerError(why)) for member, why in done.failures)
        return reports.sync_to_proto(
            SyncReport(
                TokeniseReport(tokens=done.tokenised, culprits=set(done.culprits)),
                SendReport(buckets=done.sent, matches=done.matches, failures=failures),
            )
        )

    def _get_status(self, _: pb.GetStatusRequest) -> Message:
        return reports.status_to_proto(local.status(self._node))

    def _refuse(
        self, name: str, failure: Exception, begun: float, context: grpc.ServicerContext
    ) -> None:
        """Log why a call failed, and end it; does not return."""
        self._node.log.warning(
            "local_call_failed",
            method=f"/{SERVICE}/{name}",
            reason=reason_of(failure),
            seconds=round(time.monotonic() - begun, 3),
            exc_info=failure,
        )
        abort(context, failure)


def _busy() -> CasethreadError:
    return NodeUnavailableError(
        f"{MOST_WATCHERS} programs watch already", next_step="end one of them, then try again"
    )

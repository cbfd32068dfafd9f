# SPDX-License-Identifier: Apache-2.0
"""Health and reflection, whose clients sign nothing, for current members only."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias, cast

from federation.errors import AuthenticationError
from federation.member.ports import Log
from federation.wire.methods import METHODS
from federation_node.auth import Authority, caller
from federation_node.services import abort

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = ["MembersOnly"]

_SIGNED: Final = frozenset(method.path for method in METHODS.values())
_MOST_STREAMS: Final = 2

AnyHandler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class MembersOnly(grpc.ServerInterceptor):
    """Checks the owner of the connection before every call and every message of a stream.

    The contract's own methods pass: `federation_node.services` checks more than that. Of
    the others, only the kinds that are used are offered.
    """

    def __init__(self, authority: Authority, log: Log) -> None:
        self._authority = authority
        self._log = log
        # A stream holds a thread for as long as its client likes.
        self._streams = threading.BoundedSemaphore(_MOST_STREAMS)

    def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], AnyHandler | None]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "AnyHandler | None":
        """Return the handler, guarded if it is not one of the contract's."""
        handler = continuation(handler_call_details)
        if handler is None or handler_call_details.method in _SIGNED:
            return handler
        if not handler.request_streaming and not handler.response_streaming:
            return self._unary(handler)
        if handler.request_streaming and handler.response_streaming:
            return self._stream(handler)
        return None

    def _admit(self, context: grpc.ServicerContext) -> None:
        try:
            caller(context, self._authority)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody gets in
            self._log.warning("call_refused", reason="UNAUTHENTICATED", exc_info=error)
            abort(context, AuthenticationError())

    def _unary(self, handler: AnyHandler) -> AnyHandler:
        behaviour = cast("Callable[[object, grpc.ServicerContext], object]", handler.unary_unary)

        def answer(request: object, context: grpc.ServicerContext) -> object:
            self._admit(context)
            return behaviour(request, context)

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )

    def _stream(self, handler: AnyHandler) -> AnyHandler:
        behaviour = cast(
            "Callable[[Iterator[object], grpc.ServicerContext], Iterator[object]]",
            handler.stream_stream,
        )

        def admitted(requests: Iterator[object], context: grpc.ServicerContext) -> Iterator[object]:
            for request in requests:
                self._admit(context)
                yield request

        def answer(requests: Iterator[object], context: grpc.ServicerContext) -> Iterator[object]:
            self._admit(context)
            if not self._streams.acquire(blocking=False):
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many streams")
            try:
                yield from behaviour(admitted(requests, context), context)
            finally:
                self._streams.release()

        return grpc.stream_stream_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )

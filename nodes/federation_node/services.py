# SPDX-License-Identifier: Apache-2.0
"""The methods of the contract as gRPC handlers, all from one table.

Each call: authenticate, permit, compare charters, parse, handle, sign the reply. Handlers
take and return bytes, because signatures cover the bytes as they were sent.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation.errors import CasethreadError, MalformedError
from federation.member.ports import Log
from federation.messages import Request, SyncCharter
from federation.wire import catalogue
from federation.wire.header import METADATA_KEY, Header, Signer, sign_reply
from federation.wire.method import Method
from federation.wire.methods import METHODS
from federation_node.auth import Authority, authenticate

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = ["Dispatcher", "Handle", "abort"]

Handle = Callable[[str, Request[Any]], Any]
"""Answers a request of an authenticated member: `federation.member.Member.handle`."""

AnyMethod = Method[Any, Any, Any, Any]

_DETAILS_KEY: Final = "grpc-status-details-bin"
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}


def abort(context: grpc.ServicerContext, error: Exception) -> None:
    """End a call with an error of the catalogue; does not return."""
    status = catalogue.to_status(error)
    context.set_trailing_metadata(((_DETAILS_KEY, status.SerializeToString()),))
    context.abort(_CODES[status.code], status.message)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Answers every method of `METHODS`."""

    authority: Authority
    """Who may call."""
    handle: Handle
    """What it is answered."""
    identity: Signer
    clock: Callable[[], datetime]
    log: Log

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """Return one generic handler for each service of the contract."""
        services: dict[str, dict[str, grpc.RpcMethodHandler[bytes, bytes]]] = {}
        for method in METHODS.values():
            handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
                self._behaviour(method)
            )
            services.setdefault(method.service, {})[method.name] = handler
        return [
            grpc.method_handlers_generic_handler(service, methods)
            for service, methods in services.items()
        ]

    def _behaviour(self, method: AnyMethod) -> Callable[[bytes, grpc.ServicerContext], bytes]:
        def answer(body: bytes, context: grpc.ServicerContext) -> bytes:
            begun = time.monotonic()
            sender: str | None = None
            try:
                header = authenticate(
                    context,
                    self.authority,
                    self.identity,
                    self.clock,
                    method=method.path,
                    body=body,
                )
                sender = header.sender
                reply, signed = self._answer(method, header, body)
            except Exception as error:  # noqa: BLE001 - nothing may reach gRPC, which prints it
                failure = error
            else:
                context.set_trailing_metadata(((METADATA_KEY, signed),))
                return reply
            reason = catalogue.row_of(failure).reason
            self.log.warning(
                "call_refused",
                method=method.path,
                sender=sender,
                address=context.peer(),
                reason=reason,
                seconds=round(time.monotonic() - begun, 3),
                exc_info=failure,
            )
            self._count(sender, reason)
            abort(context, failure)
            return b""  # never reached: abort raises

        return answer

    def _count(self, sender: str | None, reason: str) -> None:
        """Count a refusal in the record; where that fails, the refusal stands all the same."""
        try:
            self.authority.refused(sender, reason)
        except Exception as error:
            self.log.warning("refusal_not_counted", exc_info=error)

    def _answer(self, method: AnyMethod, header: Header, body: bytes) -> tuple[bytes, bytes]:
        """Answer a call whose sender is known; return the reply and its signed header."""
        # (1) who asks is settled
        # (2) whether it may, and by the same charter; before anything it sent is parsed
        self.authority.permit(header.sender, method.request)
        if method.request is not SyncCharter:
            self.authority.check_charter(
                header.sender, header.charter_version, header.charter_digest
            )
        # (3) what it asks
        request: Request[Any] = method.decode(body)
        # (4) the answer
        reply = _encode(method, self.handle(header.sender, request))
        version, digest = self.authority.charter_state()
        return reply, sign_reply(
            self.identity,
            header,
            reply,
            charter_version=version,
            charter_digest=digest,
            at=self.clock(),
        )


def _encode(method: AnyMethod, reply: object) -> bytes:
    try:
        return method.encode_reply(reply)
    except MalformedError as error:
        # Our fault, not the caller's.
        raise CasethreadError("the reply breaks a limit of the contract") from error

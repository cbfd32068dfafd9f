# SPDX-License-Identifier: Apache-2.0
"""Who is calling: decided anew for every call, from the certificate and the signature.

A stranger gets the same answer whatever is wrong; the reason goes to the own log.
"""

import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

from federation.errors import AuthenticationError
from federation.messages import Request
from federation.wire.header import (
    CLOCK_TOLERANCE,
    METADATA_KEY,
    Header,
    Signer,
    verify_request,
)

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = ["Authority", "authenticate", "caller"]


class Authority(Protocol):
    """What the server asks before it looks at a call: a `federation.member` admission."""

    def certificates(self) -> Sequence[bytes]:
        """Return the certificates (DER) that may open a connection now."""
        ...

    def identify(self, leaf: bytes) -> str | None:
        """Return the current, not suspended member that owns exactly this certificate."""
        ...

    def signing_key(self, member_id: str) -> bytes:
        """Return a member's Ed25519 public key; raises MembershipError."""
        ...

    def charter_state(self) -> tuple[int, bytes]:
        """Return version and digest of the charter; (0, 32 zero bytes) before the first."""
        ...

    def permit(self, member_id: str, request: type[Request[Any]]) -> None:
        """Raise MembershipError or PolicyError if this member may not ask this now."""
        ...

    def remember_nonce(self, sender: str, nonce: bytes, expires: datetime) -> bool:
        """Return False if this sender used the nonce before; durable until `expires`."""
        ...

    def check_charter(self, sender: str, version: int, digest: bytes) -> None:
        """Raise CharterStaleError or CharterConflictError if the caller's charter differs."""
        ...

    def refused(self, sender: str | None, reason: str) -> None:
        """Count a refused call; the sender is None where it is not known who called."""
        ...


def caller(context: grpc.ServicerContext, authority: Authority) -> str:
    """Return the member at the other end of the connection, as the charter stands now.

    An open connection of a removed member keeps working in TLS, so this is asked again
    for every call.

    Args:
        context: The call.
        authority: Knows the charter.

    Raises:
        AuthenticationError: No current member owns exactly this leaf certificate.
    """
    # The published types say bytes; it is a list of them.
    properties = cast("Mapping[str, Sequence[bytes]]", context.auth_context())
    leaf = properties.get("x509_pem_cert", ())
    if len(leaf) != 1:
        raise AuthenticationError("no client certificate")
    try:
        der = ssl.PEM_cert_to_DER_cert(leaf[0].decode("ascii"))
    except ValueError:
        raise AuthenticationError("client certificate is unreadable") from None
    member = authority.identify(der)
    if member is None:
        raise AuthenticationError("client certificate is not that of a current member")
    return member


def authenticate(
    context: grpc.ServicerContext,
    authority: Authority,
    identity: Signer,
    clock: Callable[[], datetime],
    *,
    method: str,
    body: bytes,
) -> Header:
    """Check certificate, signature, times and nonce of a call.

    Args:
        context: The call.
        authority: Knows the charter and the nonces.
        identity: The own identity: the only recipient that is accepted.
        clock: Returns now.
        method: The method that was called.
        body: The request's bytes as received.

    Returns:
        The verified header; its sender owns the connection.

    Raises:
        AuthenticationError: With the reason, for the own log only.
    """
    member = caller(context, authority)
    signed = [value for key, value in context.invocation_metadata() if key == METADATA_KEY]
    if len(signed) != 1 or not isinstance(signed[0], bytes):
        raise AuthenticationError("request is not signed")
    header = verify_request(
        signed[0],
        method=method,
        recipient=identity.member_id,
        body=body,
        key_of=authority.signing_key,
        at=clock(),
    )
    if header.sender != member:
        raise AuthenticationError("signer is not the owner of the connection")
    # Kept for as long as the header could still be accepted.
    expires = header.expires + CLOCK_TOLERANCE
    if not authority.remember_nonce(member, header.nonce, expires):
        raise AuthenticationError("header was used before")
    return header

# SPDX-License-Identifier: Apache-2.0
"""A node that serves own programs, around one member of a federation in memory."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import grpc

from federation import Case, Kind, Subject
from federation.audit import OPERATOR
from federation.charter import Role
from federation.local.node import LocalNode, connect
from federation.testing import Federation
from federation_node.config import Config, Node, Organisation
from federation_node.context import NodeContext
from federation_node.home import Home
from federation_node.local_server import LocalServer
from tests.node.network import Journal

CANARY = "+52 55 1234 5678"
SERVICE = "/federation.v1.LocalService"


@dataclass
class Served:
    """A serving node and its federation."""

    home: Home
    context: NodeContext
    server: LocalServer
    journal: Journal
    federation: Federation

    def connect(self) -> LocalNode:
        """Connect as an own program does."""
        return connect(self.home.path)

    def find(self, *names: str) -> None:
        """Let a partner hold what these cases hold, and compare."""
        self.federation["amparo"].put_cases([recruiter(f"A-{name}", name) for name in names])
        self.federation.sync()

    @contextmanager
    def channel(self) -> Iterator[grpc.Channel]:
        """A bare channel, as another implementation would open it."""
        access = self.server.access
        with ExitStack() as stack:
            yield stack.enter_context(bare_channel(access.target, access.certificate))


@contextmanager
def bare_channel(target: str, certificate: bytes) -> Iterator[grpc.Channel]:
    """Open a channel that trusts one certificate."""
    import ssl

    pem = ssl.DER_cert_to_PEM_cert(certificate).encode()
    options = (
        ("grpc.ssl_target_name_override", "node.casethread.invalid"),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_send_message_length", -1),
    )
    channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(pem), options)
    try:
        yield channel
    finally:
        channel.close()


def ask(
    channel: grpc.Channel, method: str, body: bytes, token: str | None
) -> tuple[grpc.StatusCode, str]:
    """Call a method and say how it was refused."""
    metadata = [] if token is None else [("authorization", f"Bearer {token}")]
    try:
        channel.unary_unary(f"{SERVICE}/{method}")(body, timeout=20, metadata=metadata)
    except grpc.RpcError as error:
        refused = cast("Any", error)
        return refused.code(), refused.details()
    return grpc.StatusCode.OK, ""


def recruiter(case_id: str, name: str) -> Case:
    """A case with one handle of a recruiter."""
    handle = {"platform": "telegram", "handle": f"recruiter_{name}"}
    return Case(case_id, region="MX").add(Kind.HANDLE, handle, Subject.RECRUITER, field="contact")


def node_of(
    federation: Federation, home: Home, journal: Journal, name: str = "hope"
) -> NodeContext:
    """Return a member's node as actions are given it."""
    seat = federation.seats[name]
    settings = Config(
        organisation=Organisation(
            member=name,
            name=name.capitalize(),
            legal_entity="x",
            role=Role.HOTLINE,
            region="MX",
        ),
        node=Node(endpoint=f"{name}.example:7411"),
    )
    # What own programs ask for needs no keystore and no peers over gRPC.
    parts: dict[str, Any] = dict.fromkeys(field.name for field in fields(NodeContext))
    parts |= {"home": home, "config": settings, "store": seat.store}
    return NodeContext(**parts | {"member": seat.member, "log": journal, "by": OPERATOR})


@contextmanager
def serve(federation: Federation, path: Path, address: str = "127.0.0.1:0") -> Iterator[Served]:
    """Serve hope's own programs from a home."""
    home, journal = Home(path), Journal()
    if not path.exists():
        home.create()
    context = node_of(federation, home, journal)
    server = LocalServer(context, address=address, at=datetime.now(UTC))
    server.start()
    try:
        yield Served(home, context, server, journal, federation)
    finally:
        server.stop(0)

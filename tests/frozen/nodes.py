# SPDX-License-Identifier: Apache-2.0
"""Homes of one machine as running nodes: with a clock that is set, and a road to each other.

The nodes are those of `federation_node`, behind real servers with mutual TLS on loopback.
Charters list endpoints of hosts that do not exist; the road leads to where each node listens.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from federation.charter import Applicant, Identity
from federation.client import GrpcPeer, TlsIdentity
from federation_node import context, peers
from federation_node.actions import agreements, cases, matches
from federation_node.actions.intake import list_imports
from federation_node.actions.overview import overview
from federation_node.authority import MemberAuthority
from federation_node.context import NodeContext
from federation_node.demo.process import free_ports
from federation_node.home import Home
from federation_node.server import NodeServer
from federation_node.unlock import Unlock

__all__ = ["MEMBERS", "PASSPHRASE", "UNLOCK", "at", "describe", "opened", "owners_only", "serving"]

MEMBERS = ("amparo", "hope", "licht")

PASSPHRASE = "frozen carnival, invented"
"""Of every frozen keystore. The keys in them protect nothing."""

UNLOCK = Unlock(PASSPHRASE.encode(), is_key=False)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the nodes of this process believe that it is this moment."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Self:
            """Return the moment."""
            return cls.fromtimestamp(moment.timestamp(), tz)

    # Where the one clock of the node is read.
    with patch.object(context, "datetime", Stopped):
        yield


def opened(home: Path) -> NodeContext:
    """Open a node."""
    return NodeContext.open(Home(home), UNLOCK)


@contextmanager
def serving(nodes: Mapping[str, NodeContext]) -> Iterator[None]:
    """Let opened nodes answer each other; whoever is not among them is away."""
    ports = dict(zip(MEMBERS, free_ports(len(MEMBERS)), strict=True))

    def by_road(
        identity: Identity, own: Sequence[TlsIdentity], member: Applicant, **more: Any
    ) -> GrpcPeer:
        listing = member.replace(endpoint=f"127.0.0.1:{ports[member.id]}")
        return GrpcPeer(identity, own, listing, **more)

    with ExitStack() as stack:
        stack.enter_context(patch.object(peers, "GrpcPeer", by_road))
        for name, node in nodes.items():
            server = NodeServer(
                MemberAuthority(node.member),
                node.keystore.identity,
                node.credentials.shown,
                handle=node.member.handle,
                address=f"127.0.0.1:{ports[name]}",
                clock=context.now,
                log=node.log,
            )
            server.start()
            stack.callback(server.stop, 0)
        yield
        for node in nodes.values():
            node.peers.close()


def describe(node: NodeContext) -> dict[str, Any]:
    """Say what a person can see of a node."""
    return {
        "overview": overview(node),
        "cases": [
            {
                "case": case.id,
                "source": case.source,
                "region": case.region,
                "observations": [
                    {
                        "field": seen.field,
                        "kind": seen.kind.value,
                        "subject": seen.subject.value,
                        "written": seen.raw if isinstance(seen.raw, str) else dict(seen.raw),
                        "status": seen.status.value,
                        "reason": seen.reason,
                    }
                    for seen in case.observations
                ],
            }
            for case in cases.list_cases(node)
        ],
        "left_out": [one.document() for one in cases.left_out(node)],
        "matches": [matches.document(one) for one in matches.listed(node, None)],
        "imports": [one.document() for one in list_imports(node)],
        "agreements": [agreements.document(one) for one in agreements.listed(node)],
    }


@contextmanager
def owners_only() -> Iterator[None]:
    """Make files that only their owner can read, as the command does."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)

# SPDX-License-Identifier: Apache-2.0
"""Two members behind real servers on loopback: gRPC, mutual TLS 1.3, signed requests."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from benchmarks.seeding import RULES
from federation.charter import Applicant, Identity, found
from federation.client import GrpcPeer
from federation.member import Member
from federation.storage import AtRest, Store
from federation.testing import make_applicant
from federation.tokens import Compute
from federation_node.authority import MemberAuthority
from federation_node.demo.process import free_ports
from federation_node.server import NodeServer
from federation_node.tls import make_certificate

__all__ = ["Quiet", "two_nodes"]


class Quiet:
    """A log that nobody reads."""

    def info(self, event: str, /, **fields: object) -> None:
        """Say nothing."""

    def warning(self, event: str, /, **fields: object) -> None:
        """Say nothing."""


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def two_nodes(compute: Compute) -> Iterator[tuple[Member, Member]]:
    """Found a federation of two custodians, both needed, and serve both.

    Args:
        compute: Does the bulk arithmetic of both, as one machine has the processors of one.
    """
    with ExitStack() as stack:
        nodes = [
            _node(stack, name, port, compute)
            for name, port in zip(("hope", "amparo"), free_ports(2), strict=True)
        ]
        (hope, first), (amparo, second) = nodes
        listings = tuple(
            one.as_member(steward=True, custodian=True, since_version=1, admitted=_now())
            for one in (first, second)
        )
        draft = found(
            "Benchmark", listings, federation_id=secrets.token_bytes(16), at=_now(), rules=RULES
        )
        hope.put_draft(draft)
        amparo.await_charter(first)
        hope.propose_charter(draft)
        _sign_all(hope, amparo)
        ceremony = hope.start_ceremony(2)
        _drive(hope, amparo)
        amparo.accept_ceremony(ceremony)
        _drive(hope, amparo)
        _sign_all(hope, amparo)
        yield hope, amparo


def _node(stack: ExitStack, name: str, port: int, compute: Compute) -> tuple[Member, Applicant]:
    identity = Identity.generate(name)
    shown = make_certificate(name, _now())
    applicant = make_applicant(
        identity, endpoint=f"127.0.0.1:{port}", certificate=shown.certificate
    )
    peers: dict[str, GrpcPeer] = {}

    def charter_state() -> tuple[int, bytes]:
        return member.charter_state()

    def connect(listing: Applicant) -> GrpcPeer:
        if listing.id not in peers:
            peers[listing.id] = GrpcPeer(
                identity, (shown,), listing, charter_state=charter_state, clock=_now
            )
            stack.callback(peers[listing.id].close)
        return peers[listing.id]

    store = stack.enter_context(Store.memory(AtRest(secrets.token_bytes(32))))
    member = Member(identity, store, clock=_now, connect=connect, log=Quiet(), compute=compute)
    server = NodeServer(
        MemberAuthority(member),
        identity,
        lambda: shown,
        handle=member.handle,
        address=f"127.0.0.1:{port}",
        clock=_now,
        log=Quiet(),
    )
    server.start()
    stack.callback(server.stop, 0)
    return member, applicant


def _drive(*members: Member) -> None:
    for _ in range(8):
        for member in members:
            member.drive()


def _sign_all(*members: Member) -> None:
    _drive(*members)
    for member in members:
        for proposal in member.proposals():
            if member.id in proposal.missing.members:
                member.sign_charter(proposal.digest)
        _drive(*members)

# SPDX-License-Identifier: Apache-2.0
"""The charter changes while everybody works: real nodes, mutual TLS, nobody is started again.

Beside the changes a driver brings in cases at every honest member and synchronises, again and
again, as ``casethread case import`` and ``casethread sync`` would. A synchronisation that fails
is tried once more, as the serving node does.
"""

import logging
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from federation.agreements import Status
from federation.charter import Member
from federation.client import TlsIdentity
from federation.errors import CasethreadError, MembershipError
from federation_node import config
from federation_node.actions import agreements, changing, federate
from tests.member import support
from tests.node.fleet import Fleet, found_homes, make_home
from tests.node.relay import Relay

FIVE: Final = ("amparo", "delta", "echo", "hope", "licht")
HOLDERS: Final = ("amparo", "hope", "licht")
HONEST: Final = ("amparo", "echo", "hope")
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS: Final = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
ACKNOWLEDGED: Final = bytes([0, 0, 0, 4, 1, 0, 0, 0, 0])
"""What a client has to say (RFC 9113, sections 3.4 and 6.5) for a server to keep a connection."""
PAUSE: Final = 1.2
RETRY: Final = 1.0
"""Seconds until a synchronisation that failed is tried again."""


@dataclass
class Load:
    """Brings in one case after the other at a member, and synchronises."""

    fleet: Fleet
    name: str
    stopping: threading.Event
    attempts: list[bool] = field(default_factory=list)
    """Whether each attempt went through, in order."""
    errors: list[str] = field(default_factory=list)
    begun: int = 0
    ended: int = 0
    """Rounds; one brings in one case."""

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stopping.is_set():
            self.begun += 1
            self.fleet[self.name].context.member.put_cases(
                support.phones([self.begun], prefix=f"N-{self.name}")
            )
            while not self._attempt() and not self.stopping.wait(RETRY):
                pass
            self.ended += 1
            self.stopping.wait(PAUSE)

    def _attempt(self) -> bool:
        try:
            done = self.fleet[self.name].sync()
        except CasethreadError as error:
            self.errors.append(type(error).__name__)
            done = False
        self.attempts.append(done)
        return done

    @property
    def twice(self) -> bool:
        """Whether two attempts in a row failed."""
        return any(not (one or two) for one, two in pairwise(self.attempts))


class Loads:
    """The driver: one thread for each honest member."""

    def __init__(self, fleet: Fleet) -> None:
        self._stopping = threading.Event()
        self.all = [Load(fleet, name, self._stopping) for name in HONEST]
        self._threads = [threading.Thread(target=load.run) for load in self.all]
        self._fleet = fleet
        for thread in self._threads:
            thread.start()

    def another_round(self) -> None:
        """Wait until everybody has begun and ended a round after now."""
        wanted = [load.begun + 1 for load in self.all]
        self._fleet.until(
            lambda: all(load.ended >= one for load, one in zip(self.all, wanted, strict=True)),
            self._check_alive,
        )

    def _check_alive(self) -> None:
        if not all(thread.is_alive() for thread in self._threads):
            raise AssertionError("a driver has ended with an error")

    def stop(self) -> None:
        """End the driver."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()


class Stewards:
    """What the stewards do about a proposal, and how far it has come."""

    def __init__(self, fleet: Fleet, loads: Loads) -> None:
        self._fleet = fleet
        self._loads = loads

    def decide(self, propose: Callable[[], object], *, but: tuple[str, ...] = ()) -> None:
        """Let hope propose and the others sign, while everybody works.

        Args:
            propose: Makes the proposal.
            but: Who will not hear of it.
        """
        version = self._fleet["hope"].charter.version + 1
        propose()
        self._fleet.until(
            lambda: all(
                found == version
                for name, found in self._fleet.versions().items()
                if name not in but
            ),
            self._sign,
        )
        self._loads.another_round()

    def _sign(self) -> None:
        for name in ("amparo", "licht"):
            context = self._fleet[name].context
            for proposal in federate.to_sign(context):
                try:
                    context.member.sign_charter(proposal.digest)
                except MembershipError:
                    continue  # in force in the meantime


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Five nodes, serving; echo is reached through a router."""
    folder = tmp_path / "homes"
    folder.mkdir()
    found_homes(
        folder,
        FIVE,
        holders=HOLDERS,
        agreements=[("hope", name) for name in FIVE if name != "hope"],
        cases={"delta": support.phones([1], prefix="D")},
    )
    with Fleet(folder, tmp_path / "notes") as running:
        running.start()
        yield running


def port_of(member: Member) -> int:
    """Return the port at which a member is reached."""
    return int(member.endpoint.rpartition(":")[2])


def shown_by(member: Member, own: TlsIdentity, folder: Path) -> bytes:
    """Shake hands with a node, and return the certificate that it shows."""
    with connected(member, own, folder) as connection:
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return shown


def connected(member: Member, own: TlsIdentity, folder: Path) -> ssl.SSLSocket:
    """Open a connection with a member's certificate, and use it for nothing."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_bytes(own.key)
    certificate.write_text(ssl.DER_cert_to_PEM_cert(own.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", port_of(member)), timeout=30)
    secure = context.wrap_socket(plain)
    secure.sendall(PREFACE + SETTINGS)
    assert secure.recv(4096)
    secure.sendall(ACKNOWLEDGED)
    return secure


def is_closed(connection: ssl.SSLSocket) -> bool:
    """Whether the other side has ended a connection; what it says before is read away."""
    connection.settimeout(0.1)
    try:
        while connection.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def join(fleet: Fleet, name: str, listen: str) -> None:
    """A newcomer makes a node, answers hope's invitation, serves, and is admitted."""
    make_home(fleet.folder, name, listen)
    context = fleet.open(name).context
    joining = federate.join(context, federate.invite(fleet["hope"].context))
    fleet.start(name)
    admission = federate.admit(fleet["hope"].context, joining.request)

    assert joining.words == admission.words


def agree(fleet: Fleet, name: str) -> None:
    """Hope and another sign an agreement."""
    draft = agreements.Draft(title="Test", parties=("hope", name), legal_basis="test")
    agreement = agreements.propose(fleet["hope"].context, draft)

    def status(of: str) -> Any:
        views = agreements.listed(fleet[of].context)
        return next((view for view in views if view.hash == agreement), None)

    fleet.until(lambda: status(name) is not None)
    agreements.sign(fleet[name].context, agreement)
    fleet.until(
        lambda: all(
            status(of).status is Status.IN_FORCE and status(of).ready_with for of in ("hope", name)
        )
    )


def update(fleet: Fleet, name: str, endpoint: str | None = None) -> None:
    """A member writes its change down, and hope proposes it."""
    context = fleet[name].context
    entry = changing.own_change(context, endpoint)
    content = changing.request_change(context, entry)
    if endpoint is not None:
        config.set_endpoint(context.home, endpoint)
    changing.change(fleet["hope"].context, changing.read_change(fleet["hope"].context, content))


@pytest.mark.slow
def test_changes_under_load(fleet: Fleet, tmp_path: Path) -> None:
    """Nobody's synchronisation fails twice in a row, whatever changes meanwhile."""
    hope, loads = fleet["hope"], Loads(fleet)
    stewards = Stewards(fleet, loads)
    try:
        # A member more.
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = "127.0.0.1:{1}".format(*free.getsockname())
        stewards.decide(lambda: join(fleet, "casa", listen))
        agree(fleet, "casa")

        # One is suspended, and comes back. Its agreement waits for it.
        suspend = lambda lift: changing.suspend(hope.context, "delta", lift=lift)  # noqa: E731
        stewards.decide(lambda: suspend(False), but=("delta",))
        fleet["delta"].context.member.put_cases(support.phones([2], prefix="D"))
        with pytest.raises(CasethreadError):
            fleet["delta"].sync()
        stewards.decide(lambda: suspend(True))
        assert fleet["delta"].sync()

        # A router is replaced: another address, and the old one leads nowhere.
        old_port = port_of(hope.charter.member("echo"))
        with Relay(old_port) as router:
            stewards.decide(lambda: update(fleet, "echo", router.endpoint))
            assert port_of(fleet["licht"].charter.member("echo")) == router.port

            # A custodian replaces its certificate.
            amparo = fleet["amparo"].context
            (former,) = amparo.credentials.held()
            changing.replace_certificate(amparo)
            (_, coming) = amparo.credentials.held()
            stewards.decide(lambda: update(fleet, "amparo"))
            fleet.until(lambda: amparo.credentials.held() == (coming,))
            loads.another_round()
            own = hope.context.credentials.shown()
            listed = hope.charter.member("amparo")
            assert shown_by(listed, own, tmp_path) == coming.certificate
            assert listed.certificates == (coming.certificate, former.certificate)

            # A member leaves, and what it had open is closed.
            shown = fleet["delta"].context.credentials.shown()
            with connected(hope.charter.member("hope"), shown, tmp_path) as connection:
                assert not is_closed(connection)
                stewards.decide(lambda: changing.remove(hope.context, "delta"), but=("delta",))
                fleet.until(lambda: is_closed(connection))
            loads.another_round()
    finally:
        loads.stop()

    attempts = Counter(done for load in loads.all for done in load.attempts)
    logging.getLogger(__name__).info(
        "%d synchronisations, %d attempts failed: %s",
        attempts.total(),
        attempts[False],
        Counter(error for load in loads.all for error in load.errors),
    )
    assert [] == [load.name for load in loads.all if load.twice]
    assert [] == fleet.kills
    for load in loads.all:
        assert fleet[load.name].sync()
    found = {(match.case, match.member) for match in hope.context.member.matches()}
    for load in loads.all:
        if load.name != "hope":
            common = range(1, min(load.ended, loads.all[-1].ended) + 1)
            assert {(f"N-hope-{one}", load.name) for one in common} <= found
    # Before its suspension, and after it.
    assert {("N-hope-1", "delta"), ("N-hope-2", "delta")} <= found

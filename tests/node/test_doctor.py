# SPDX-License-Identifier: Apache-2.0
"""The examination of a node."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from federation.audit import StaffRole
from federation.charter import Identity, Role, with_member
from federation.errors import AuthenticationError, CharterConflictError, CharterExpiredError
from federation.staff.lockout import FREE
from federation.testing import make_applicant
from federation_node import config, doctor
from federation_node.actions import changing, federate, overview
from federation_node.actions.setup import initialise
from federation_node.context import NodeContext, now
from federation_node.doctor import Finding, Health
from federation_node.home import Home
from federation_node.tls import make_certificate
from federation_node.unlock import Unlock
from tests.member.people import cheap_passwords

UNLOCK = Unlock(bytes(32), is_key=True)
OTHER = make_certificate("amparo", now()).certificate


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeContext]:
    """A node that is the sole member of its federation."""
    home = Home(tmp_path / "node")
    initialise(
        home,
        UNLOCK,
        config.Organisation(member="hope", name="Hope", legal_entity="T:1", role=Role.NGO),
        config.Node(endpoint="127.0.0.1:7001"),
        at=now(),
    )
    with NodeContext.open(home, UNLOCK) as context:
        federate.create(context, "Test")
        federate.sign(context)
        yield context


def findings(node: NodeContext, about: str) -> list[Finding]:
    """What the doctor says about one thing."""
    return [finding for finding in doctor.examine(node) if finding.about == about]


def test_each_finding_that_is_not_good_has_a_next_step(node: NodeContext) -> None:
    """And the good ones need none."""
    for finding in doctor.examine(node):
        assert bool(finding.next_step) == (finding.health is not Health.GOOD)


@pytest.mark.parametrize(
    ("days", "health"), [(0, Health.GOOD), (340, Health.LOOK), (366, Health.BAD)]
)
def test_the_charter_expires(
    node: NodeContext, monkeypatch: pytest.MonkeyPatch, days: int, health: Health
) -> None:
    """A month before its end it is worth a look; after it nothing works."""
    at = now() + timedelta(days=days)
    monkeypatch.setattr(doctor, "now", lambda: at)

    assert findings(node, "charter")[0].health is health


def test_in_the_grace_period_it_says_how_long_that_lasts(
    node: NodeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charter is over, work goes on; who does nothing about it stops on a known day."""
    charter = node.member.require_charter()
    end = charter.expires + timedelta(days=charter.grace_days)
    monkeypatch.setattr(doctor, "now", lambda: charter.expires + timedelta(days=1))
    (finding, *_) = findings(node, "charter")

    assert finding.health is Health.BAD
    assert f"go on until {end:%Y-%m-%d}" in finding.says
    assert "federation renew" in finding.next_step


def test_an_expired_charter_is_renewed_and_looked_at(
    node: NodeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor and status work when nothing else does, and so does what they advise."""
    later = now() + timedelta(days=400)
    monkeypatch.setattr(node.member._core, "clock", lambda: later)
    for module in (doctor, overview, changing, federate):
        monkeypatch.setattr(module, "now", lambda: later)
    with pytest.raises(CharterExpiredError):
        node.member.require_charter()
    assert not overview.overview(node)["federation"]["usable"]
    assert findings(node, "charter")[0].health is Health.BAD

    changing.renew(node)
    assert overview.overview(node)["federation"]["usable"]
    assert findings(node, "charter")[0].health is Health.GOOD


def test_a_member_with_another_charter(node: NodeContext) -> None:
    """Whoever looks is told with whom, about which version, and not to sign anything."""
    entry = make_applicant(Identity.generate("amparo"), certificate=OTHER).as_member(
        steward=False, custodian=False, since_version=1, admitted=now()
    )
    current = federate.in_force(node)
    node.member.propose_charter(with_member(current.charter, current.digest, entry, at=now()))
    with pytest.raises(CharterConflictError):
        node.member.admission.note("amparo", 2, b"x" * 32)
    (conflict,) = [one for one in findings(node, "charter") if one.health is Health.BAD]

    assert "amparo goes by another charter version 2" in conflict.says
    assert "sign nothing" in conflict.next_step
    assert [{"member": "amparo", "version": 2, "signed_both": []}] == overview.overview(node)[
        "federation"
    ]["conflicts"]


def test_a_new_certificate_waits(node: NodeContext) -> None:
    """First for the charter, then for the members, and each time the next step is another."""
    changing.replace_certificate(node)
    (_, waits) = findings(node, "certificate")
    assert "waits for the charter" in waits.says
    assert "federation update --out" in waits.next_step

    changing.change(
        node, changing.read_change(node, changing.request_change(node, changing.own_change(node)))
    )
    (_, waits) = findings(node, "certificate")
    assert "waits for members" in waits.says
    assert [] == [one for one in findings(node, "membership") if one.health is not Health.GOOD]


def test_the_certificate_expires(node: NodeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two years partners refuse it."""
    at = now() + timedelta(days=731)
    monkeypatch.setattr(doctor, "now", lambda: at)

    assert findings(node, "certificate")[0].health is Health.BAD


def test_the_certificate_will_expire(node: NodeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month before, the doctor names the command that makes a new one."""
    at = now() + timedelta(days=705)
    monkeypatch.setattr(doctor, "now", lambda: at)
    (finding,) = findings(node, "certificate")

    assert finding.health is Health.LOOK
    assert "federation update --new-certificate" in finding.next_step


def test_a_clock_that_is_behind_is_found(
    node: NodeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that is younger than its own certificate has a wrong clock."""
    monkeypatch.setattr(doctor, "now", lambda: datetime(2001, 1, 1, tzinfo=UTC))

    assert {finding.health for finding in findings(node, "clock")} == {Health.BAD}


def test_another_endpoint_than_the_charters(tmp_path: Path, node: NodeContext) -> None:
    """Partners would look for the node where it is not."""
    text = node.home.config_file.read_text().replace('"127.0.0.1:7001"', '"127.0.0.1:7002"')
    node.home.config_file.write_text(text)
    with NodeContext.open(node.home, UNLOCK) as moved:
        (finding,) = findings(moved, "membership")

    assert finding.health is Health.LOOK


def test_there_are_no_keys_yet(node: NodeContext) -> None:
    """Nothing can be compared before the first ceremony."""
    assert findings(node, "keys")[0].health is Health.LOOK


def test_a_member_that_nearly_spent_its_budget(node: NodeContext) -> None:
    """A custodian's operator asks what is going on before the budget stops it."""
    limits = node.member.require_charter().rules
    with node.store.write() as tx:
        tx.quota.charge(
            "hope",
            bytes(16),
            bytes(32),
            "network",
            "identifier",
            limits.identifier_daily * 9 // 10,
            now(),
            limits.identifier_daily,
            limits.identifier_monthly,
        )
    (finding,) = findings(node, "quota")

    assert "hope used 1800 of 2000" in finding.says


def test_people_are_missing_or_wait(node: NodeContext) -> None:
    """Nobody has an account; then somebody has; then somebody guesses."""
    assert findings(node, "people")[0].health is Health.LOOK
    with cheap_passwords():
        made = node.member.staff.add("ann", [StaffRole.TECHNICIAN])
        (good,) = findings(node, "people")
        for _ in range(FREE + 1):
            with pytest.raises(AuthenticationError):
                node.member.sign_ins.sign_in("ann", "a wrong password")
    (waits,) = findings(node, "people")

    assert made.passphrase is not None
    assert (Health.GOOD, Health.LOOK) == (good.health, waits.health)
    assert "1 of them without a second factor" in good.says
    assert "1 of 1 accounts wait" in waits.says
    assert "ann" not in good.says + waits.says

# SPDX-License-Identifier: Apache-2.0
"""``casethread federation update``: an endpoint and a certificate change, by file or at once."""

import json
from pathlib import Path

import pytest

from federation.charter import Applicant, Member, request_update, with_member
from federation_node.actions import federate
from federation_node.context import NodeContext, now
from federation_node.home import Home
from federation_node.unlock import Unlock
from tests.node.operator import Operator
from tests.node.test_cli import join, make

KEY = Unlock(bytes.fromhex("5a" * 32), is_key=True)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Operator, Operator]:
    """Hope, the sole steward of a federation, and amparo, which never answers."""
    hope, amparo = make(tmp_path / "hope", "hope", 7001), make(tmp_path / "amparo", "amparo", 7002)
    hope.ok("federation", "create", "Test")
    join(hope, amparo, tmp_path, "--no-steward")
    hope.ok("federation", "sign", "--yes")
    # As if it had fetched the charter: nobody serves here.
    with opened(hope) as source, opened(amparo) as target:
        with source.store.read() as tx:
            envelopes = tuple(tx.charters.chain(0))
        target.member._membership.accept(envelopes)
    return hope, amparo


def opened(node: Operator) -> NodeContext:
    """Open a node as a command does."""
    return NodeContext.open(Home(node.home), KEY)


def held(node: Operator) -> list[bytes]:
    """Return the certificates in a node's keystore, the one in use first."""
    with opened(node) as context:
        return [one.certificate for one in context.credentials.held()]


def listed(node: Operator, name: str) -> Member:
    """Return what the charter in force lists of a member."""
    with opened(node) as context:
        return context.member.require_charter().member(name)


def findings(node: Operator, about: str) -> list[dict[str, str]]:
    """Return what the doctor says about one thing."""
    done = node.run("doctor", "--json")
    return [one for one in json.loads(done.stdout) if one["about"] == about]


def test_a_steward_needs_no_file(pair: tuple[Operator, Operator]) -> None:
    """Its own change is proposed, and here in force, at once."""
    hope, _ = pair
    said = hope.ok("federation", "update", "--endpoint", "hope.example.org:7411")

    assert "proposed and signed" in said
    assert listed(hope, "hope").endpoint == "hope.example.org:7411"
    assert 'endpoint = "hope.example.org:7411"' in (hope.home / "casethread.toml").read_text()


def test_who_is_no_steward_is_told_to_write_a_file(pair: tuple[Operator, Operator]) -> None:
    """And nothing is changed: the settings neither."""
    _, amparo = pair
    before = (amparo.home / "casethread.toml").read_text()
    said = amparo.fails("federation", "update", "--endpoint", "amparo.example.org:7411")

    assert "only a steward proposes" in said
    assert "--out" in said
    assert (amparo.home / "casethread.toml").read_text() == before


def test_an_endpoint_by_file(pair: tuple[Operator, Operator], tmp_path: Path) -> None:
    """The member writes, the steward applies."""
    hope, amparo = pair
    file = str(tmp_path / "amparo.update")
    amparo.ok("federation", "update", "--endpoint", "amparo.example.org:7411", "--out", file)
    shown = hope.ok("federation", "apply", file, "--yes")

    assert "amparo.example.org:7411" in shown
    assert listed(hope, "amparo").endpoint == "amparo.example.org:7411"


@pytest.mark.parametrize("endpoint", ["amparo.example.org", "amparo:0", "http://amparo:7411"])
def test_what_is_no_endpoint_is_refused(pair: tuple[Operator, Operator], endpoint: str) -> None:
    """Before anything is written."""
    hope, _ = pair
    hope.fails("federation", "update", "--endpoint", endpoint)

    assert listed(hope, "hope").endpoint == "127.0.0.1:7001"


def test_a_new_certificate_by_file(pair: tuple[Operator, Operator], tmp_path: Path) -> None:
    """Both are listed, the newer first; until then the old one is used, and the doctor says so."""
    hope, amparo = pair
    (old,) = held(amparo)
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    amparo.ok("federation", "update", "--new-certificate", "--out", first)
    (still, new) = held(amparo)
    assert still == old
    assert any("waits for the charter" in one["says"] for one in findings(amparo, "certificate"))

    # Asked again, it is the same one: a lost file costs nothing.
    amparo.ok("federation", "update", "--new-certificate", "--out", second)
    assert held(amparo) == [old, new]
    shown = hope.ok("federation", "apply", second, "--yes")

    assert "valid until" in shown
    assert listed(hope, "amparo").certificates == (new, old)


def test_another_change_meanwhile_keeps_both_certificates(
    pair: tuple[Operator, Operator], tmp_path: Path
) -> None:
    """An endpoint that changes while a certificate waits does not lose it."""
    hope, amparo = pair
    amparo.ok("federation", "update", "--new-certificate", "--out", str(tmp_path / "lost"))
    file = str(tmp_path / "both")
    amparo.ok("federation", "update", "--endpoint", "amparo.example.org:7411", "--out", file)
    hope.ok("federation", "apply", file, "--yes")

    assert list(listed(hope, "amparo").certificates) == held(amparo)[::-1]


def test_a_certificate_that_is_none_is_not_proposed(
    pair: tuple[Operator, Operator], tmp_path: Path
) -> None:
    """It would keep out members behind it; the steward is told before it signs."""
    hope, amparo = pair
    with opened(amparo) as context:
        charter = context.member.require_charter()
        entry = _applicant(listed(amparo, "amparo")).replace(certificates=(b"garbage",))
        update = request_update(context.keystore.identity, entry, charter, at=now())
    (tmp_path / "bad").write_bytes(update)

    assert "certificate" in hope.fails("federation", "apply", str(tmp_path / "bad"), "--yes")


def _applicant(member: Member) -> Applicant:
    return Applicant(**{name: getattr(member, name) for name in Applicant.model_fields})


def test_a_proposal_is_given_up(pair: tuple[Operator, Operator], tmp_path: Path) -> None:
    """Until a proposal is signed or given up, no other of its version is signed here."""
    hope, _ = pair
    with opened(hope) as context:
        current = federate.in_force(context)
        steward = current.charter.member("amparo").replace(steward=True)
        context.member.propose_charter(
            with_member(current.charter, current.digest, steward, at=now())
        )
    hope.ok("federation", "renew")
    assert "another charter" in hope.fails("federation", "suspend", "amparo", "--yes")
    (waits,) = [one for one in findings(hope, "charter") if "lacks 1 signatures" in one["says"]]
    assert "not signed by amparo" in waits["says"]

    said = hope.ok("federation", "withdraw", "--yes")
    assert "withdrew a proposal of version 3" in said
    hope.ok("federation", "suspend", "amparo", "--yes")
    hope.fails("federation", "withdraw", "0000", "--yes")

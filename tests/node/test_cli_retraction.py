# SPDX-License-Identifier: Apache-2.0
"""A survivor withdraws: what follows at two real nodes, whoever is down meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import Purpose
from federation.indicators import Subject
from federation_node.context import now
from tests.member import asking, support
from tests.member.people import cheap_passwords
from tests.node.fleet import KEY, Fleet, found_homes
from tests.node.test_cli_staff import Desk

TERMS = asking.TERMS | {"purposes": (Purpose.SUPPORT,), "subjects": {Subject.SURVIVOR}}
CONSENT = (
    *("consent", "record", "--purpose", "support", "--role", "hotline"),
    *("--basis", "form-3", "--expires", f"{now() + timedelta(days=365):%Y-%m-%d}"),
)
SURVIVORS = range(1, 4)


@dataclass
class Two:
    """Both serve; at each somebody does everything that has to do with survivors."""

    fleet: Fleet
    amparo: Desk
    hope: Desk

    def matches(self, desk: Desk, status: str = "proven") -> dict[str, str]:
        """Match ids by own case."""
        listed = desk.json("match", "list", "--status", status)
        return {one["case"]: one["match"] for one in listed}

    def until(self, desk: Desk, case: str, status: str) -> None:
        """Wait until a case's match is so far."""
        self.fleet.until(lambda: case in self.matches(desk, status))

    def ask(self, case: str) -> str:
        """Let Amparo ask what Hope knows, and wait until Hope has the request."""
        match = self.matches(self.amparo)[case]
        items = ("--item", "phone", "--purpose", "support")
        made = self.amparo.json("disclosure", "ask", match[:12], *items)
        request: str = made["request"]

        def there() -> bool:
            listed: list[dict[str, Any]] = self.hope.json("disclosure", "list")
            return request in {one["request"] for one in listed}

        self.fleet.until(there)
        return request


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Two serving nodes that have proved three matches about survivors."""
    path = tmp_path_factory.mktemp("two")
    found_homes(
        path / "homes",
        ("amparo", "hope"),
        holders=("amparo", "hope"),
        agreements=[("amparo", "hope")],
        terms=TERMS | {"approvers": 1},
        cases={
            name: support.phones(SURVIVORS, prefix=name[0].upper(), subject=Subject.SURVIVOR)
            for name in ("amparo", "hope")
        },
    )
    with cheap_passwords(), Fleet(path / "homes", path / "notes") as fleet:
        fleet.start()
        key = {"CASETHREAD_KEY": KEY.hex()}
        desks = [Desk(path / "homes" / name).given(**key) for name in ("amparo", "hope")]
        made = Two(fleet, *desks)
        for desk, letter in zip(desks, "AH", strict=True):
            for number in SURVIVORS:
                desk.ok(*CONSENT, stdin=f"{letter}-{number}\n")
        for _ in range(2):
            for desk in desks:
                desk.ok("sync")
        for desk in desks:
            for match in made.matches(desk, "held").values():
                desk.ok("match", "release", match[:12], "--yes")
        for _ in range(2):
            for desk in desks:
                desk.ok("sync")
        yield made


def test_withdraw_in_the_middle_of_a_disclosure(two: Two) -> None:
    """Nothing can be approved any more, and the match is none any more."""
    request = two.ask("A-1")
    two.hope.ok("disclosure", "preview", request[:12])
    two.hope.ok("consent", "withdraw", stdin="H-1\n")
    two.hope.fails("disclosure", "approve", request[:12], "--yes")
    two.until(two.amparo, "A-1", "withdrawn")

    assert "A-1" not in two.matches(two.amparo)
    assert "H-1" not in two.matches(two.hope)
    gone = two.matches(two.amparo, "withdrawn")["A-1"]
    two.amparo.fails("disclosure", "ask", gone[:12], "--item", "phone", "--purpose", "support")
    two.amparo.fails("match", "confirm", gone[:12], "--because", "own-file")
    assert "they took it back" in two.amparo.ok("match", "show", gone[:12])


def test_withdraw_after_the_approval(two: Two) -> None:
    """What is approved and has not left yet does not leave."""
    request = two.ask("A-2")
    two.fleet.stop("amparo")
    two.hope.ok("disclosure", "approve", request[:12], "--yes")
    two.hope.ok("consent", "withdraw", stdin="H-2\n")
    two.fleet.start("amparo")
    two.until(two.amparo, "A-2", "withdrawn")

    def over() -> bool:
        listed: list[dict[str, Any]] = two.amparo.json("disclosure", "list")
        return (request, "expired") in {(one["request"], one["status"]) for one in listed}

    two.fleet.until(over)
    two.amparo.fails("disclosure", "read", request[:12])


def test_withdraw_while_the_partner_is_down(two: Two) -> None:
    """It is owed, and everybody who looks sees it; the partner catches up when it returns."""
    two.fleet.stop("hope")
    withdrawn = two.amparo.json("consent", "withdraw", stdin="A-3\n")
    assert [("hope", 1, None)] == [
        (one["member"], one["matches"], one["acknowledged"]) for one in withdrawn["told"]
    ]
    assert "hope has not acknowledged yet that 1 matches ended" in two.amparo.ok("status")
    assert "hope has not acknowledged" in two.amparo.run("doctor").stdout
    assert "not yet" in two.amparo.ok("case", "show", stdin="A-3\n")
    two.fleet.start("hope")
    two.until(two.hope, "H-3", "withdrawn")

    def known() -> bool:
        listed: list[dict[str, Any]] = two.amparo.json("match", "retractions")
        return all(one["acknowledged"] for one in listed)

    two.fleet.until(known)
    for _ in range(2):
        two.amparo.ok("sync")
        two.hope.ok("sync")
    assert "A-3" not in two.matches(two.amparo, "all")
    assert "H-3" not in two.matches(two.hope)
    assert "not yet" not in two.amparo.ok("case", "show", stdin="A-3\n")
    assert {} == two.amparo.json("status")["retractions_owed"]

# SPDX-License-Identifier: Apache-2.0
"""From a match to what another organisation lets go, typed by people at two real nodes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.member import asking, support
from tests.member.people import cheap_passwords
from tests.node.fleet import KEY, Fleet, found_homes
from tests.node.test_cli_staff import Desk

PEOPLE = {
    "amparo": {"tom": ["technician"], "cara": ["caseworker"], "carl": ["caseworker"]},
    "hope": {
        "tom": ["technician"],
        "rosa": ["reviewer"],
        "ruth": ["reviewer"],
        "olga": ["data-protection"],
    },
}


@dataclass
class Two:
    """Amparo asks, Hope answers; both serve."""

    fleet: Fleet
    amparo: Desk
    hope: Desk

    def until_listed(self, desk: Desk, who: str, request: str, status: str) -> None:
        """Wait until somebody sees a request in a state."""

        def there() -> bool:
            listed: list[dict[str, Any]] = desk.json("--staff", who, "disclosure", "list")
            return (request, status) in {(one["request"], one["status"]) for one in listed}

        self.fleet.until(there)

    def ask(self, *items: str) -> str:
        """Ask for something, and wait until Hope has the request."""
        (match,) = self.amparo.json("--staff", "cara", "match", "list")
        words = [word for item in items for word in ("--item", item)]
        asked = ["disclosure", "ask", match["match"][:12], *words, "--purpose", "support"]
        made = self.amparo.json("--staff", "cara", *asked, "--note", "-", stdin="two women\n")
        self.until_listed(self.hope, "rosa", made["request"], "open")
        request: str = made["request"]
        return request


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Two serving nodes with people, an agreement, and a match."""
    path = tmp_path_factory.mktemp("two")
    found_homes(
        path / "homes",
        ("amparo", "hope"),
        holders=("amparo", "hope"),
        agreements=[("amparo", "hope")],
        terms=asking.TERMS,
        cases={"hope": [asking.case("H-1")], "amparo": support.phones([1], prefix="A")},
    )
    with cheap_passwords(), Fleet(path / "homes", path / "notes") as fleet:
        fleet.start()
        key = {"CASETHREAD_KEY": KEY.hex()}
        made = Two(
            fleet,
            Desk(path / "homes" / "amparo").given(**key),
            Desk(path / "homes" / "hope").given(**key),
        )
        made.amparo.ok("sync")
        made.hope.ok("sync")
        for desk, people in ((made.amparo, PEOPLE["amparo"]), (made.hope, PEOPLE["hope"])):
            for name, roles in people.items():
                desk.hire(name, *roles)
                desk.sign_in(name)
        yield made


@pytest.fixture
def contact(tmp_path: Path) -> str:
    """A file with whom to call."""
    path = tmp_path / "contact"
    path.write_text("Hope, night desk\n")
    return str(path)


def test_match_confirm_ask_approve_twice_read(two: Two, contact: str) -> None:
    """What the second person approves is what the first saw; what arrives is what both saw."""
    (match,) = two.amparo.json("--staff", "cara", "match", "list")
    two.amparo.ok(
        *("--staff", "cara", "match", "confirm", match["match"][:8], "--because", "own-file")
    )
    request = two.ask("phone", "vehicle", "contact")
    said = two.hope.ok("--staff", "rosa", "disclosure", "show", request[:12])
    assert "they write: two women" in said
    assert "no text for it" in two.hope.fails(
        "--staff", "rosa", "disclosure", "approve", request[:12], "--yes"
    )
    approve = ["disclosure", "approve", request[:12], "--yes"]
    first = two.hope.ok("--staff", "rosa", *approve, "--contact", contact, "--flag", "minor")
    assert "another person must approve the same" in first
    assert "you were the first" in two.hope.fails("--staff", "rosa", *approve)
    seen = two.hope.json(
        "--staff", "ruth", "disclosure", "preview", request[:12], "--contact", contact
    )
    second = two.hope.ok("--staff", "ruth", *approve)
    assert "A MINOR IS CONCERNED" in second
    assert "approved; the next synchronisation delivers it" in second
    two.until_listed(two.amparo, "cara", request, "approved")
    told = two.amparo.json("--staff", "cara", "disclosure", "read", request[:12])
    shown = two.amparo.ok("--staff", "cara", "disclosure", "read", request[:12])

    assert {"phone": 2, "vehicle": 1} == {
        kind: sum(one["kind"] == kind for one in told["cases"][0]["values"])
        for kind in ("phone", "vehicle")
    }
    assert seen["cases"] == told["cases"]
    assert (["minor"], "tlp:amber+strict", "Hope, night desk") == (
        told["flags"],
        told["handling"],
        told["contact"],
    )
    assert shown.index("A MINOR IS CONCERNED") < shown.index("tlp:amber+strict")
    assert shown.index("tlp:amber+strict") < shown.index("Hope, night desk")
    assert support.phone(500) not in shown
    record = two.hope.json(*("--staff", "olga", "audit", "list", "--event", "disclosure-answered"))
    assert 1 == len(record)


def test_narrow(two: Two) -> None:
    """Both say which item; the asker reads that one."""
    request = two.ask("phone", "vehicle")
    narrow = ["disclosure", "narrow", request[:12], "--only", "vehicle", "--yes"]
    two.hope.ok("--staff", "rosa", *narrow)
    two.hope.ok("--staff", "ruth", *narrow)
    two.until_listed(two.amparo, "cara", request, "narrowed")
    told = two.amparo.json("--staff", "carl", "disclosure", "read", request[:12])

    assert ["vehicle"] == [one["kind"] for case in told["cases"] for one in case["values"]]


def test_deny(two: Two) -> None:
    """The asker learns that nothing is given, and there is nothing to read."""
    request = two.ask("phone")
    two.hope.ok("--staff", "ruth", "disclosure", "deny", request[:12])
    two.until_listed(two.amparo, "cara", request, "denied")

    assert "holds nothing" in two.amparo.fails(
        "--staff", "cara", "disclosure", "read", request[:12]
    )


def test_revoke_in_the_middle(two: Two) -> None:
    """One has approved; the agreement ends; nobody can approve any more, and nothing leaves."""
    request = two.ask("phone")
    approve = ["disclosure", "approve", request[:12], "--yes"]
    two.hope.ok("--staff", "rosa", *approve)
    (agreement,) = two.hope.json("--staff", "olga", "agreement", "list")
    two.hope.ok(
        *("--staff", "olga", "agreement", "revoke", agreement["agreement"][:12]),
        *("--reason", "over", "--yes"),
    )
    two.hope.fails("--staff", "ruth", *approve)
    two.until_listed(two.amparo, "cara", request, "expired")
    two.until_listed(two.hope, "rosa", request, "withheld")

# SPDX-License-Identifier: Apache-2.0
"""A survivor is referred from one real node to another, by people who type commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.member import support
from tests.member.people import cheap_passwords
from tests.member.test_referring import HER_PHONE, TERMS, case
from tests.node.fleet import KEY, Fleet, found_homes
from tests.node.test_cli_staff import Desk

PEOPLE = {
    "amparo": {"tom": ["technician"], "ines": ["caseworker"]},
    "hope": {
        "tom": ["technician"],
        "cara": ["caseworker"],
        "rosa": ["reviewer"],
        "olga": ["data-protection"],
    },
}
CONSENT = ["--purpose", "referral", "--role", "hotline", "--basis", "intake-form-3"]


@dataclass
class Two:
    """Hope refers, Amparo takes on; both serve."""

    fleet: Fleet
    amparo: Desk
    hope: Desk
    contact: str

    def until(self, desk: Desk, who: str, referral: str, status: str) -> None:
        """Wait until somebody sees a referral in a state."""

        def there() -> bool:
            listed: list[dict[str, Any]] = desk.json("--staff", who, "referral", "list")
            return any(
                one["referral"].startswith(referral) and one["status"] == status for one in listed
            )

        self.fleet.until(there)

    def arguments(self, verb: str, *more: str) -> list[str]:
        """Return a command about a survivor, the id of whose case comes from standard input."""
        return [
            *("--staff", "cara", "referral", verb, "--to", "amparo", "--service", "shelter"),
            *("--urgency", "now", "--kind", "phone", "--flag", "danger"),
            *("--contact", self.contact, "--safety", self.contact, *more),
        ]

    def consent(self, name: str) -> None:
        """Record that the survivor of a case wants to be referred."""
        self.hope.ok(
            *("--staff", "olga", "consent", "record", *CONSENT, "--expires", "2030-12-31"),
            stdin=f"{name}\n",
        )

    def refer(self, name: str) -> str:
        """Refer a survivor, with two people, and wait until Amparo has the letter."""
        said = self.hope.ok(*self.arguments("send", "--yes"), stdin=f"{name}\n")
        referral = said.splitlines()[-1].split()[1].rstrip(":;")
        assert "another person must approve the same" in said
        self.hope.ok("--staff", "rosa", "referral", "approve", referral, "--yes")
        self.until(self.amparo, "ines", referral, "open")
        return referral


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Two serving nodes with people, and an agreement to refer."""
    path = tmp_path_factory.mktemp("two")
    found_homes(
        path / "homes",
        ("amparo", "hope"),
        holders=("amparo", "hope"),
        agreements=[("amparo", "hope")],
        terms=TERMS | {"approvers": 2},
        cases={"hope": [case(f"S-{number}") for number in range(4)]},
    )
    contact = path / "contact"
    contact.write_text("Hope, night desk\n")
    with cheap_passwords(), Fleet(path / "homes", path / "notes") as fleet:
        fleet.start()
        key = {"CASETHREAD_KEY": KEY.hex()}
        made = Two(
            fleet,
            Desk(path / "homes" / "amparo").given(**key),
            Desk(path / "homes" / "hope").given(**key),
            str(contact),
        )
        for desk, people in ((made.amparo, PEOPLE["amparo"]), (made.hope, PEOPLE["hope"])):
            for name, roles in people.items():
                desk.hire(name, *roles)
                desk.sign_in(name)
        yield made


def test_without_consent_nothing_is_shown(two: Two) -> None:
    """The clause is named, and nothing of the survivor."""
    said = two.hope.fails(*two.arguments("preview"), stdin="S-0\n")

    assert "consent" in said
    assert HER_PHONE not in said


def test_consent_refer_approve_read_accept(two: Two) -> None:
    """What the second person approves arrives; what matters for safety is shown first."""
    two.consent("S-1")
    referral = two.refer("S-1")
    shown = two.amparo.ok("--staff", "ines", "referral", "read", referral)
    told = two.amparo.json("--staff", "ines", "referral", "read", referral)
    two.amparo.ok("--staff", "ines", "referral", "accept", referral, "--contact", two.contact)
    two.until(two.hope, "cara", referral, "accepted")
    (seen,) = [
        one
        for one in two.hope.json("--staff", "cara", "referral", "list")
        if one["referral"].startswith(referral)
    ]

    assert [{"kind": "phone", "value": HER_PHONE}] == told["values"]
    assert shown.index("IN DANGER") < shown.index("safety:") < shown.index(HER_PHONE)
    assert support.phone(1) not in shown
    assert ("S-1", "Hope, night desk") == (seen["case"], seen["contact"])
    assert "S-1" not in shown


def test_withdraw_in_the_middle(two: Two) -> None:
    """It was accepted; the consent ends; the other node deletes what it was told."""
    two.consent("S-2")
    referral = two.refer("S-2")
    two.amparo.ok("--staff", "ines", "referral", "accept", referral)
    two.until(two.hope, "cara", referral, "accepted")
    two.hope.ok("--staff", "olga", "consent", "withdraw", stdin="S-2\n")
    two.until(two.amparo, "ines", referral, "recalled")

    assert "nothing of it is kept" in two.amparo.fails(
        "--staff", "ines", "referral", "read", referral
    )


def test_decline_and_recall(two: Two) -> None:
    """A reason comes back; and who is asked again and recalled has nothing left to decide."""
    two.consent("S-3")
    referral = two.refer("S-3")
    two.amparo.ok(*("--staff", "ines", "referral", "decline", referral, "--reason", "capacity"))
    two.until(two.hope, "cara", referral, "declined")
    again = two.refer("S-3")
    two.hope.ok("--staff", "cara", "referral", "recall", again)
    two.until(two.amparo, "ines", again, "recalled")

    assert [("declined", "capacity")] == [
        (one["status"], one["reason"])
        for one in two.hope.json("--staff", "cara", "referral", "list")
        if one["referral"].startswith(referral)
    ]
    assert "waits for an answer" in two.amparo.fails("--staff", "ines", "referral", "accept", again)

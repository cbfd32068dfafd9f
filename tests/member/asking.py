# SPDX-License-Identifier: Apache-2.0
"""Amparo asks Hope what it holds on a recruiter's phone."""

from collections.abc import Collection
from typing import Any

from federation.agreements import Detail, Flow, Purpose
from federation.audit import OPERATOR, Actor, Event, Record, StaffRole
from federation.disclosure import Choice, Item
from federation.indicators import Case, Kind, Subject
from federation.member import Direction, DisclosureStatus, DisclosureView
from federation.testing import Federation
from tests.member import support
from tests.member.people import entries

ITEMS: frozenset[Item] = frozenset({Kind.PHONE, Kind.VEHICLE, Detail.CONTACT})
ALL = Choice(kinds=(Kind.PHONE, Kind.VEHICLE), contact="Hope, night desk")
PLATE = {"plate": "ABC-123", "country": "MX"}
OTHER_PHONE = 77


TERMS: dict[str, Any] = {
    "disclosure": (
        Flow(giver="amparo", receiver="hope"),
        Flow(giver="hope", receiver="amparo"),
    ),
    "details": (Detail.CONTACT, Detail.NOTE),
    "purposes": (Purpose.NETWORK, Purpose.SUPPORT),
    "approvers": 2,
    "disclosed_days": 90,
}


def case(name: str) -> Case:
    """Return a case of Hope's: the phone they share, another one, a vehicle, and a survivor."""
    made = Case(name, region="MX", minor=True)
    made = made.add(Kind.PHONE, support.phone(1), Subject.RECRUITER, field="tel")
    made = made.add(Kind.PHONE, support.phone(OTHER_PHONE), Subject.RECRUITER, field="tel 2")
    made = made.add(Kind.VEHICLE, PLATE, Subject.RECRUITER, field="car")
    return made.add(Kind.PHONE, support.phone(500), Subject.SURVIVOR, field="own tel")


def agree(fed: Federation, **changes: Any) -> bytes:
    """Let Hope and Amparo agree that both disclose."""
    return fed.agree("amparo", "hope", **(TERMS | changes))


def match(fed: Federation) -> None:
    """Let them find that they hold the same phone."""
    fed["hope"].put_cases([case("H-1")])
    fed["amparo"].put_cases(support.phones([1], prefix="A"))
    fed.sync()
    fed.sync()


def team(fed: Federation, member: str = "hope") -> dict[str, Actor]:
    """Give people accounts: the technician, two reviewers, a caseworker."""
    return {
        "tom": fed.person(member, "tom", StaffRole.TECHNICIAN),
        "rosa": fed.person(member, "rosa", StaffRole.REVIEWER),
        "ruth": fed.person(member, "ruth", StaffRole.REVIEWER),
        "cara": fed.person(member, "cara", StaffRole.CASEWORKER),
    }


def ask(fed: Federation, items: Collection[Item] = ITEMS, by: Actor = OPERATOR) -> bytes:
    """Let Amparo ask, and the letter arrive."""
    (found,) = [one for one in fed["amparo"].matches() if one.case == "A-1"]
    request = fed["amparo"].requests.ask(
        [bytes.fromhex(found.id)], items, Purpose.SUPPORT, note="two women were told", by=by
    )
    fed.drive()
    return request


def view(fed: Federation, name: str, request: bytes) -> DisclosureView:
    """What a member sees of a request."""
    (found,) = [one for one in fed[name].requests.list() if one.id == request.hex()]
    return found


def statuses(fed: Federation, request: bytes) -> tuple[DisclosureStatus, DisclosureStatus]:
    """Where it stands at Amparo, and at Hope."""
    stored = []
    for name, other, way in (
        ("amparo", "hope", Direction.ASKED),
        ("hope", "amparo", Direction.RECEIVED),
    ):
        with fed.seats[name].store.read() as tx:
            found = tx.disclosures.get(way, other, request)
            assert found is not None
            stored.append(found.status)
    return stored[0], stored[1]


def approve(fed: Federation, request: bytes, by: Actor, choice: Choice = ALL) -> DisclosureStatus:
    """Look at what would leave, and approve it."""
    seen = fed["hope"].disclosures.preview(request, choice, by).seen
    return fed["hope"].disclosures.approve(request, choice, seen, by)


def story(fed: Federation, name: str) -> list[Record]:
    """What a member's record says of disclosures and their letters."""
    return entries(
        fed,
        Event.DISCLOSURE_ASKED,
        Event.DISCLOSURE_RECEIVED,
        Event.DISCLOSURE_DECIDED,
        Event.DISCLOSURE_ANSWERED,
        Event.DISCLOSURE_ARRIVED,
        Event.LETTER_UNDELIVERED,
        member=name,
    )

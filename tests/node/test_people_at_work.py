# SPDX-License-Identifier: Apache-2.0
"""People and programs of one organisation at work, through the node's actions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.agreements import MatchBudget
from federation.audit import Actor, Event, StaffRole
from federation.errors import PolicyError
from federation.member import MatchStatus
from federation.storage import Named
from federation.testing import Federation
from federation_node.actions import agreements, matches
from federation_node.context import NodeContext
from federation_node.home import Home
from tests.member.people import entries
from tests.node.local_node import node_of, recruiter, serve
from tests.node.network import Journal

NOTHING = MatchBudget(daily_base=0, daily_percent=0, first=0)
TECHNICIAN = StaffRole.TECHNICIAN


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Hope holds a match back from Amparo."""
    with Federation("hope", "amparo") as made:
        made.agree("hope", "amparo", match_budget=NOTHING)
        made.sync()
        # What Hope has sent itself it answers at once; so it has not yet sent this one.
        made["hope"].put_cases([recruiter("H-1", "ana")])
        made["hope"].tokenise()
        made["amparo"].put_cases([recruiter("A-1", "ana")])
        made.sync(["amparo"])
        yield made


@pytest.fixture
def node(fed: Federation, tmp_path: Path) -> NodeContext:
    """Hope's node."""
    home = Home(tmp_path / "home")
    home.create()
    return node_of(fed, home, Journal())


def people(fed: Federation) -> dict[StaffRole, Actor]:
    """Give somebody in each role an account."""
    roles = [TECHNICIAN, StaffRole.CASEWORKER, StaffRole.REVIEWER, StaffRole.DATA_PROTECTION]
    return {role: fed.person("hope", f"the-{role}", role) for role in roles}


def test_a_reviewer_releases_a_match(fed: Federation, node: NodeContext) -> None:
    """Nobody else; the record says who, with whom, and which, without the case."""
    team = people(fed)
    (held,) = matches.listed(node.acting(team[StaffRole.CASEWORKER]), MatchStatus.HELD)
    for role in team.keys() - {StaffRole.REVIEWER}:
        with pytest.raises(PolicyError, match="reviewer"):
            matches.release(node.acting(team[role]), held.id)
    with pytest.raises(PolicyError, match="reviewer"):
        matches.release(node, held.id)
    assert [] == entries(fed, Event.MATCH_RELEASED)

    matches.release(node.acting(team[StaffRole.REVIEWER]), held.id)
    (entry,) = entries(fed, Event.MATCH_RELEASED)
    with fed.seats["hope"].store.read() as tx:
        places = tx.audit.about(Named("match", bytes.fromhex(held.id)))
        about = [tx.audit.entries(place, 1)[0].record.event for place in places]

    assert (team[StaffRole.REVIEWER].id, "amparo", held.agreement) == (
        entry.actor,
        entry.member,
        entry.agreement,
    )
    assert [Event.MATCHES_HELD, Event.MATCH_READ, Event.MATCH_RELEASED] == about
    assert b"H-1" not in entry.to_bytes()
    fed.sync()
    fed.sync()
    assert ["H-1"] == [one.case for one in fed["hope"].matches()]


def test_data_protection_signs_and_ends_agreements(fed: Federation, node: NodeContext) -> None:
    """For the organisation; the record says who did."""
    team = people(fed)
    officer = node.acting(team[StaffRole.DATA_PROTECTION])
    draft = agreements.Draft(title="x", parties=("amparo", "hope"), legal_basis="x")
    for role in team.keys() - {StaffRole.DATA_PROTECTION}:
        with pytest.raises(PolicyError, match="data-protection"):
            agreements.propose(node.acting(team[role]), draft)
    proposed = agreements.propose(officer, draft)
    fed.drive()
    fed["amparo"].sign_agreement(proposed)
    fed.drive()
    assert {"amparo", "hope"} == agreements.find(officer, proposed.hex()).signers
    agreements.revoke(officer, proposed, "over")

    assert [(Event.AGREEMENT_PROPOSED, proposed), (Event.AGREEMENT_ENDED, proposed)] == [
        (one.event, one.agreement)
        for one in entries(fed, Event.AGREEMENT_PROPOSED, Event.AGREEMENT_ENDED)
        if one.actor == team[StaffRole.DATA_PROTECTION].id
    ]


def test_programs_go_on_when_people_get_accounts(fed: Federation, tmp_path: Path) -> None:
    """They hand over and take back cases and see matches, as before; nobody signs in for them."""
    people(fed)
    with serve(fed, tmp_path / "served") as served, served.connect() as program:
        done = program.put_cases([recruiter("H-2", "eva")])
        program.sync()
        status = program.status()
        held = program.matches(status=MatchStatus.HELD)
        watched = [one.match.case for one in program.watch(follow=False) if one.match is not None]
        left = program.not_tokenised()

        assert (1, 2, ["H-1"], ["H-1"]) == (done.new, status.cases, [m.case for m in held], watched)
        assert [] == left
        assert program.delete_case("H-2")


def test_a_program_is_no_person(fed: Federation, tmp_path: Path) -> None:
    """With its secret nobody releases, signs, or looks into a case."""
    with serve(fed, tmp_path / "served") as served:
        program = served.server._handlers._node
        (held,) = fed["hope"].matches(status=MatchStatus.HELD)

        assert "program" == program.by.id
        with pytest.raises(PolicyError):
            matches.release(program, held.id)
        with pytest.raises(PolicyError):
            matches.listed(program)
        with pytest.raises(PolicyError):
            fed["hope"].release(bytes.fromhex(held.id), by=program.by)

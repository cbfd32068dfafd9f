# SPDX-License-Identifier: Apache-2.0
"""The templates can be signed as they are, and the example runs to its end."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.agreements import AccessRequest, Action, Draft, Purpose, Status, summarise
from federation.charter import Role
from federation.indicators import Kind, Lane, Subject
from federation.testing import Federation
from federation_node.actions.agreements import read_draft

EXAMPLES = Path(__file__).parents[2] / "examples"
TEMPLATES = sorted(path.name for path in (EXAMPLES / "agreements").glob("*.toml"))
ROLES = {
    "hope": Role.HOTLINE,
    "amparo": Role.NGO,
    "licht": Role.HOTLINE,
    "police": Role.LAW_ENFORCEMENT,
}

SAID = """
  Recruiters that both of us meet: in_force
  hope's matches: phone with amparo
  may hope and amparo compare a recruiter's phone? yes
  may hope and amparo compare a recruiter's vehicle? clause 'kinds': kind vehicle is not listed
They agree on vehicles too. An amendment is another agreement.
  Recruiters that both of us meet: replaced
  Recruiters that both of us meet: in_force
  hope's matches: phone with amparo, vehicle with amparo
  may hope and amparo compare a recruiter's vehicle? clause 'status': a later agreement stands in \
its place; clause 'kinds': kind vehicle is not listed
  may hope and amparo compare a recruiter's vehicle? yes
Amparo ends it. One party is enough, and hope hears of it.
  Recruiters that both of us meet: replaced
  Recruiters that both of us meet: revoked
  hope's matches: phone with amparo, vehicle with amparo
  may hope and amparo compare a recruiter's phone? clause 'status': a party has revoked the agreement
"""


@pytest.fixture(scope="module")
def fed() -> Iterator[Federation]:
    """The members that the templates name."""
    with Federation(*ROLES, roles=ROLES, keys=False) as made:
        yield made


def agree(fed: Federation, draft: Draft) -> bytes:
    """Let every party of a draft sign it."""
    first, *others = draft.parties
    terms = draft.terms(fed[first].require_charter(), fed.clock())
    agreement = fed[first].propose_agreement(terms)
    fed.drive()
    for party in others:
        fed[party].sign_agreement(agreement)
    fed.drive()
    return agreement


def test_the_templates() -> None:
    """There is one for each of the usual cases."""
    assert TEMPLATES == ["hotlines.toml", "ngo_and_police.toml", "two_ngos.toml"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_read_proposed_and_signed(fed: Federation, name: str) -> None:
    """It comes into force for all its parties, with a key for every pair."""
    draft = read_draft(EXAMPLES / "agreements" / name)
    agreement = agree(fed, draft)

    for party in draft.parties:
        (view,) = [one for one in fed[party].agreements() if one.hash == agreement]
        assert view.status is Status.IN_FORCE
        assert view.ready_with == set(draft.parties) - {party}
        assert draft.title in summarise(view.hash, view.terms, fed[party].require_charter()).text()


@pytest.mark.parametrize(
    ("name", "action", "giver", "receiver", "subject", "purpose", "allowed"),
    [
        ("two_ngos", "compare", "hope", "amparo", "recruiter", "network", True),
        ("two_ngos", "disclose", "hope", "amparo", "recruiter", "network", True),
        ("two_ngos", "disclose", "hope", "amparo", "survivor", "network", False),
        ("two_ngos", "query", "hope", "amparo", "recruiter", "network", False),
        ("hotlines", "compare", "hope", "licht", "trafficker", "support", True),
        ("hotlines", "refer", "hope", "licht", "survivor", "referral", False),
        ("hotlines", "query", "hope", "licht", "recruiter", "network", False),
        ("ngo_and_police", "query", "amparo", "police", "recruiter", "investigation", True),
        ("ngo_and_police", "query", "police", "amparo", "recruiter", "investigation", False),
        ("ngo_and_police", "compare", "amparo", "police", "recruiter", "investigation", False),
        ("ngo_and_police", "disclose", "amparo", "police", "recruiter", "investigation", True),
        ("ngo_and_police", "disclose", "amparo", "police", "survivor", "investigation", False),
    ],
)
def test_what_a_template_allows(
    fed: Federation,
    name: str,
    action: str,
    giver: str,
    receiver: str,
    subject: str,
    purpose: str,
    allowed: bool,
) -> None:
    """Each does what its first lines say; a survivor's details take a consent on top."""
    agreement = agree(fed, read_draft(EXAMPLES / "agreements" / f"{name}.toml"))
    about = Subject(subject)
    asked = AccessRequest(
        Action(action), giver, receiver, about.lane, Kind.PHONE, about, Purpose(purpose)
    )

    clauses = fed[giver].explain(agreement, asked)

    assert allowed is all(clause.allows for clause in clauses)
    if about.lane is Lane.SURVIVOR and name == "hotlines":
        assert ["consent"] == [clause.name for clause in clauses if not clause.allows]


def test_the_example_runs() -> None:
    """From draft to end, with what is allowed at each step."""
    done = subprocess.run(
        [sys.executable, EXAMPLES / "agreement_lifecycle.py"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )

    said = re.sub(r"^  [0-9a-f]{8} ", "  ", done.stdout, flags=re.MULTILINE)
    assert done.stderr == ""
    assert said.endswith(SAID)
    assert "+52 55" not in done.stdout

# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the matrix against every command and every action of the node."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from federation.audit import NODE, OPERATOR, PERSONAL_ROLES, PROGRAM, Actor, StaffRole, peer
from federation.errors import AuthenticationError, ConfigurationError, PolicyError
from federation.member import ACTION_ROLES, SELF_SERVICE, StaffAction
from federation.testing import Federation
from federation_node import actions, doctor, serve
from federation_node.actions.roles import GUARDED
from federation_node.context import NodeContext
from federation_node.home import Home
from tests.member.people import WORDS, cheap_passwords
from tests.node.local_node import node_of
from tests.node.network import Journal
from tests.node.test_cli import COMMANDS
from tests.node.test_cli_staff import Desk

WITHOUT_A_NODE = {"init", "demo", "upgrade"}
"""There is none yet, or its accounts cannot be read before."""
ROLES = sorted(PERSONAL_ROLES, key=lambda role: (role is not StaffRole.TECHNICIAN, role))
"""A technician is the first to get an account."""
REFUSED = "this takes the role"


def modules() -> list[Any]:
    """Return every module that holds actions."""
    names = [one.name for one in pkgutil.iter_modules(actions.__path__)]
    return [doctor, serve, *(importlib.import_module(f"{actions.__name__}.{n}") for n in names)]


def on_a_node() -> dict[str, Callable[..., Any]]:
    """Return every public function that is given an opened node."""
    found = {}
    for module in modules():
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            first = next(iter(inspect.signature(function).parameters.values()), None)
            own = function.__module__ == module.__name__ and first is not None
            if own and first.annotation in {NodeContext, "NodeContext"}:
                found[f"{function.__module__}.{function.__qualname__}"] = function
    return found


FUNCTIONS = on_a_node()

UNGUARDED = {"federation_node.doctor.examine_home"}
"""Says no more than that the node was opened."""


def test_no_action_is_unguarded() -> None:
    """Whoever adds an action says what it is, or the matrix does not hold for it."""
    assert set(FUNCTIONS) - UNGUARDED == set(GUARDED)


def test_every_action_is_there() -> None:
    """Each row of the matrix is something that can be done, and nothing is done without a row."""
    commands = set(COMMANDS) - WITHOUT_A_NODE
    rows = {action.value for action in StaffAction if not action.value.startswith("program ")}

    assert commands == rows
    assert set(StaffAction) == set(GUARDED.values())


@dataclass(frozen=True)
class Staffed:
    """A node with one person in each role."""

    node: NodeContext
    actors: tuple[Actor, ...]
    """Everybody who could act."""


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    """Hope's node, and its people."""
    with Federation("hope", keys=False) as fed:
        home = Home(tmp_path_factory.mktemp("node") / "home")
        home.create()
        people = [fed.person("hope", f"the-{role}", role) for role in ROLES]
        assert [{role} for role in ROLES] == [set(one.roles) for one in people]
        others = (OPERATOR, PROGRAM, NODE, peer("amparo"))
        yield Staffed(node_of(fed, home, Journal()), (*people, *others))


def may(who: Actor, action: StaffAction) -> bool:
    """What the matrix says, once there are accounts."""
    if action in SELF_SERVICE:
        return True
    roles = frozenset({StaffRole.TECHNICIAN}) if who.id == OPERATOR.id else who.roles
    return bool(ACTION_ROLES[action] & roles)


def refuses(name: str, node: NodeContext) -> bool:
    """Tell whether an action refuses who acts, for want of a role."""
    try:
        # Without arguments: who is let in fails on something else, or gets an answer.
        FUNCTIONS[name](node)
    except (PolicyError, AuthenticationError) as error:
        return REFUSED in str(error)
    except Exception:  # noqa: BLE001 - let in
        return False
    return False


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_every_action_with_every_actor(staffed: Staffed, name: str) -> None:
    """Who may not is refused before anything else; who may is not refused for a role."""
    expected = {who.id: not may(who, GUARDED[name]) for who in staffed.actors}

    assert expected == {who.id: refuses(name, staffed.node.acting(who)) for who in staffed.actors}


def test_while_nobody_has_an_account(tmp_path: Path) -> None:
    """Who opened the node is let in everywhere; programs and the node itself are not."""
    with Federation("hope", keys=False) as fed:
        home = Home(tmp_path / "home")
        home.create()
        node = node_of(fed, home, Journal())
        for name, action in GUARDED.items():
            assert not refuses(name, node)
            for who in (PROGRAM, NODE):
                assert may(who, action) != refuses(name, node.acting(who))


REFERRAL = (
    *("FILE", "--to", "amparo", "--service", "legal", "--urgency", "day"),
    *("--contact", "FILE"),
)
ARGUMENTS = {
    "thread show": ("00" * 8,),
    "thread split": ("00" * 8, "11" * 8),
    "thread rejoin": ("00" * 8, "11" * 8),
    "audit export": ("--match", "00" * 16, "--out", "NEW"),
    "screen allow": ("00" * 8, "--yes"),
    "screen refuse": ("00" * 8, "--yes"),
    "agreement draft": ("--title", "x", "--with", "amparo", "--legal-basis", "x", "--out", "NEW"),
    "agreement propose": ("FILE",),
    "agreement sign": ("00" * 8,),
    "agreement revoke": ("00" * 8, "--reason", "x", "--yes"),
    "agreement explain": ("00" * 8, "--kind", "phone", "--subject", "recruiter"),
    "agreement show": ("00" * 8,),
    "case forget": ("FILE",),
    "case import": ("FILE",),
    "case show": ("FILE",),
    "consent record": (
        *("FILE", "--purpose", "support", "--role", "hotline"),
        *("--basis", "x", "--expires", "2030-12-31"),
    ),
    "consent show": ("FILE",),
    "consent withdraw": ("FILE",),
    "custodian ceremony accept": ("00" * 8,),
    "custodian grant propose": (
        *("amparo", "--source", "x", "--source-kind", "case-management"),
        *("--rows", "10", "--amount", "10"),
    ),
    "custodian grant sign": ("00" * 8,),
    "federation admit": ("FILE",),
    "federation apply": ("FILE",),
    "federation create": ("x",),
    "federation invite": ("--out", "NEW"),
    "federation join": ("FILE", "--out", "NEW"),
    "federation remove": ("amparo", "--yes"),
    "federation suspend": ("amparo", "--yes"),
    "federation update": ("--out", "NEW"),
    "referral accept": ("00" * 8,),
    "referral approve": ("00" * 8, "--yes"),
    "referral decline": ("00" * 8, "--reason", "capacity"),
    "referral preview": (*REFERRAL,),
    "referral read": ("00" * 8,),
    "referral recall": ("00" * 8,),
    "referral send": (*REFERRAL, "--yes"),
    "disclosure ask": ("00" * 8, "--item", "phone", "--purpose", "support"),
    "disclosure approve": ("00" * 8, "--yes"),
    "disclosure deny": ("00" * 8,),
    "disclosure export": ("00" * 8, "--out", "NEW"),
    "disclosure narrow": ("00" * 8, "--only", "phone", "--yes"),
    "disclosure preview": ("00" * 8,),
    "disclosure read": ("00" * 8,),
    "disclosure show": ("00" * 8,),
    "match confirm": ("00" * 8, "--because", "own-file"),
    "match reject": ("00" * 8, "--because", "shared"),
    "match unsure": ("00" * 8, "--because", "too-little"),
    "match undo": ("00" * 8,),
    "match release": ("00" * 8, "--yes"),
    "match show": ("00" * 8,),
    "staff add": ("new", "--role", "auditor"),
    "staff change": ("spare", "--role", "auditor"),
    "staff disable": ("spare",),
    "staff enable": ("spare",),
    "staff reset": ("spare",),
    "staff sign-in": ("spare",),
    "staff sign-out": ("spare",),
}
"""What a command needs to be understood; it may well fail afterwards."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A home in which somebody in each role is signed in."""
    desk = Desk(tmp_path_factory.mktemp("desk") / "home")
    options = ["--name", "Hope", "--legal-entity", "TEST:hope", "--role", "hotline"]
    with cheap_passwords():
        desk.ok("init", "hope", *options, "--endpoint", "127.0.0.1:7001", "--region", "US")
        for role in ROLES:
            desk.hire(f"the-{role}", role.value)
            desk.sign_in(f"the-{role}")
        desk.hire("spare", "auditor")
    return desk


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_A_NODE))
def test_every_command_as_everybody(
    desk: Desk, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real command: refused in exactly the roles that the matrix leaves out."""

    def stop(*_: object, **__: object) -> None:
        raise ConfigurationError("let in")

    monkeypatch.setattr(serve, "NodeServer", stop)
    monkeypatch.setattr(serve, "ConsoleServer", stop)
    file = tmp_path / "file"
    file.write_text("x\n")
    action = StaffAction(name)
    given = desk.given(CASETHREAD_STAFF_PASSWORD=WORDS)
    with cheap_passwords():
        for role in (None, *ROLES):
            names = {"FILE": str(file), "NEW": str(tmp_path / f"{role}")}
            words = [names.get(word, word) for word in ARGUMENTS.get(name, ())]
            who = [] if role is None else ["--staff", f"the-{role}"]
            done = given.run(*who, *name.split(), *words)
            assert done.exit_code != 2, done.output
            roles = ACTION_ROLES[action]
            let_in = action in SELF_SERVICE or (role or StaffRole.TECHNICIAN) in roles
            if role is None and action in {StaffAction.STAFF_PASSWORD, StaffAction.STAFF_ENROL}:
                let_in = False
            refused = any(text in done.stderr for text in (REFUSED, "several people"))

            assert let_in != refused, (role, done.output)

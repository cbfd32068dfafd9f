# SPDX-License-Identifier: Apache-2.0
"""Accounts and roles: who may do what, looked up when it is done."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.audit import (
    NODE,
    OPERATOR,
    PERSONAL_ROLES,
    PROGRAM,
    Actor,
    Event,
    StaffRole,
    distinct,
    peer,
    staff,
)
from federation.errors import AuthenticationError, InputError, PolicyError
from federation.member import ACTION_ROLES, SELF_SERVICE, Member, StaffAction
from federation.member.deeds import deed
from federation.member.roles import needs
from federation.storage import AtRest, Named, Store
from federation.testing import Federation
from tests.member.people import OTHER, WORDS, alone, cheap_passwords, entries, hire

T, C, R, D = (
    StaffRole.TECHNICIAN,
    StaffRole.CASEWORKER,
    StaffRole.REVIEWER,
    StaffRole.DATA_PROTECTION,
)


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    """Passwords cost nothing here."""
    with cheap_passwords():
        yield


@pytest.fixture
def fed() -> Iterator[Federation]:
    """A federation of one, without keys."""
    with Federation("hope", keys=False) as made:
        yield made


@pytest.fixture
def hope(fed: Federation) -> Member:
    """Its member."""
    return fed["hope"]


def act(hope: Member, by: Actor, *roles: StaffRole) -> str:
    """Do something that takes one of some roles; return who the record names."""
    with deed(hope._core, by, *roles) as done:
        done.record(Event.MATCH_RELEASED)
        return done.by.id


def test_while_nobody_has_an_account(hope: Member) -> None:
    """Who opened the node may do everything, and the record says no more than that."""
    for role in StaffRole:
        assert "operator" == act(hope, OPERATOR, role)


def test_from_the_first_account_on(hope: Member) -> None:
    """Who opened the node is a technician and no more, also through the library."""
    hire(hope, "ann", T)
    act(hope, OPERATOR, T)

    for role in sorted(frozenset(StaffRole) - {T}):
        with pytest.raises(PolicyError, match=role.value):
            act(hope, OPERATOR, role)


def test_the_first_account_is_a_technicians(fed: Federation, hope: Member) -> None:
    """Otherwise nobody could make the next one; nothing of the refused one stays."""
    before = entries(fed)
    with pytest.raises(PolicyError, match="technician"):
        hope.staff.add("maria", [C], by=OPERATOR)

    assert [] == hope.staff.people()
    assert before == entries(fed)


def test_a_person_does_what_the_roles_allow(fed: Federation, hope: Member) -> None:
    """Under the account's id, and nothing that takes another role."""
    maria = fed.person("hope", "maria", C, R)
    fed.person("hope", "juan", R)

    assert maria.id == act(hope, maria, R)
    with pytest.raises(PolicyError, match="data-protection"):
        act(hope, maria, D)
    assert [maria.id] == [one.actor for one in entries(fed, Event.MATCH_RELEASED)]


@pytest.mark.parametrize("how", ["disabled", "role", "signed-out", "reset", "too-late", "idle"])
def test_what_is_lost_meanwhile_counts(fed: Federation, hope: Member, how: str) -> None:
    """A deed that began before is refused, and leaves nothing."""
    fed.person("hope", "ann", T)
    maria = fed.person("hope", "maria", R)
    account = hope.staff.find("maria").id
    act(hope, maria, R)
    if how == "disabled":
        hope.staff.disable(account)
    elif how == "role":
        hope.staff.change(account, roles=[C])
    elif how == "reset":
        hope.staff.reset(account)
    elif how == "signed-out":
        with fed.seats["hope"].store.write() as tx:
            assert tx.staff_sessions.end(maria.session)
    else:
        fed.clock.advance(hours=8 if how == "too-late" else 2)

    with pytest.raises((AuthenticationError, PolicyError)):
        act(hope, maria, R)
    assert 1 == len(entries(fed, Event.MATCH_RELEASED))


def test_an_enabled_account_has_to_sign_in_again(fed: Federation, hope: Member) -> None:
    """The sessions from before stay ended."""
    maria = fed.person("hope", "maria", R)
    fed.person("hope", "ann", T)
    account = hope.staff.find("maria").id
    hope.staff.disable(account)
    hope.staff.enable(account)

    with pytest.raises(AuthenticationError):
        act(hope, maria, R)


def test_an_actor_is_only_a_claim(fed: Federation, hope: Member) -> None:
    """Roles that are claimed, borrowed or made up give nothing."""
    ann, maria = fed.person("hope", "ann", T), fed.person("hope", "maria", C)
    everything = frozenset(StaffRole)
    account = hope.staff.find("maria").id
    claims = [
        staff(account, everything),
        staff(account, everything, b"\x00" * 16),
        staff(account, everything, ann.session),
        staff(account, everything, maria.session),
        Actor(OPERATOR.id, everything),
        Actor(PROGRAM.id, everything),
        Actor(NODE.id, everything),
        Actor(peer("amparo").id, everything),
        Actor("", everything),
    ]

    for claim in claims:
        with pytest.raises((AuthenticationError, PolicyError)):
            act(hope, claim, R)
    assert [] == entries(fed, Event.MATCH_RELEASED)


def test_a_borrowed_session_is_refused(fed: Federation, hope: Member) -> None:
    """Nobody acts under a colleague's name, even where both may."""
    ann, tom = fed.person("hope", "ann", T), fed.person("hope", "tom", T)

    with pytest.raises(AuthenticationError):
        act(hope, Actor(tom.id, tom.roles, ann.session), T)


def test_a_session_that_outlived_its_account_is_refused(fed: Federation, hope: Member) -> None:
    """Disabling ends sessions; should one be left, it gives nothing all the same."""
    fed.person("hope", "ann", T)
    maria = fed.person("hope", "maria", R)
    account = hope.staff.find("maria").id
    with fed.seats["hope"].store.write() as tx:
        tx.staff.set_disabled(account, fed.clock())

    with pytest.raises(AuthenticationError):
        act(hope, maria, R)


def test_a_narrower_actor_stays_narrow(fed: Federation, hope: Member) -> None:
    """Who acts in one role of several has the others not."""
    both = fed.person("hope", "maria", C, R)

    with pytest.raises(PolicyError):
        act(hope, Actor(both.id, frozenset({C}), both.session), R)


def test_a_program_does_what_programs_may(fed: Federation, hope: Member) -> None:
    """With and without accounts; the record names it."""
    assert "program" == act(hope, PROGRAM, StaffRole.PROGRAM)
    fed.person("hope", "ann", T)
    act(hope, PROGRAM, StaffRole.PROGRAM)

    with pytest.raises(PolicyError):
        act(hope, PROGRAM, C, R, D, T)


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("not a name", [T]),
        ("maria", []),
        ("maria", [StaffRole.PROGRAM]),
        ("maria", [T, StaffRole.PROGRAM]),
        ("Ann", [C]),
    ],
)
def test_accounts_that_cannot_be(hope: Member, name: str, roles: list[StaffRole]) -> None:
    """No such name, no role, a program's role, a name that is taken."""
    hire(hope, "ann", T)
    with pytest.raises(InputError):
        hope.staff.add(name, roles, by=OPERATOR)

    assert ["ann"] == [one.name for one in hope.staff.people()]


@pytest.mark.parametrize("words", ["short", "password1234", "ann-ann-ann!", "Hope2024!!!!"])
def test_a_bad_password_makes_no_account(hope: Member, words: str) -> None:
    """Neither a common one, nor the names of the person or the organisation."""
    with pytest.raises(InputError):
        hope.staff.add("ann", [T], full_name="Ann Ann Ann", password=words, by=OPERATOR)

    assert [] == hope.staff.people()


def test_only_technicians_change_accounts(fed: Federation, hope: Member) -> None:
    """Nobody else, whatever other roles they have."""
    everything_else = fed.person("hope", "maria", *(PERSONAL_ROLES - {T}))
    ann = hope.staff.find("maria").id
    hire(hope, "tom", T)
    hope.staff.change(ann, roles=PERSONAL_ROLES - {T})
    changes = [
        lambda: hope.staff.add("new", [C], by=everything_else),
        lambda: hope.staff.change(ann, roles=[T], by=everything_else),
        lambda: hope.staff.disable(ann, by=everything_else),
        lambda: hope.staff.enable(ann, by=everything_else),
        lambda: hope.staff.reset(ann, by=everything_else),
    ]
    before = hope.staff.people()

    for change in changes:
        with pytest.raises(PolicyError, match="technician"):
            change()
    assert before == hope.staff.people()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "change", "disable", "enable"]),
            st.integers(0, 3),
            st.sets(st.sampled_from(sorted(PERSONAL_ROLES)), min_size=1, max_size=2),
        ),
        max_size=25,
    )
)
def test_a_technician_is_always_left(steps: list[tuple[str, int, set[StaffRole]]]) -> None:
    """Whatever is tried, in any order; and what is refused changes nothing."""
    with cheap_passwords(), Store.memory(AtRest(bytes(32))) as store:
        hope = alone(store)
        for what, which, roles in steps:
            before = hope.staff.people()
            try:
                if what == "add":
                    hope.staff.add(f"name{which}", roles, password=WORDS)
                else:
                    account = hope.staff.find(f"name{which}").id
                    if what == "change":
                        hope.staff.change(account, roles=roles)
                    else:
                        getattr(hope.staff, what)(account)
            except (InputError, PolicyError):
                assert before == hope.staff.people()
            people = hope.staff.people()
            assert not people or any(T in one.roles and one.disabled is None for one in people)


def test_a_first_password_is_handed_over(hope: Member) -> None:
    """A passphrase is made for who chose none, and another at a reset."""
    ann = hope.staff.add("ann", [T], by=OPERATOR)
    again = hope.staff.reset(ann.id)
    hire(hope, "maria", C)
    first, second = hope.staff.people()

    assert ann.passphrase is not None
    assert again.passphrase not in {None, ann.passphrase}
    assert ann.passphrase not in repr(ann)
    assert (True, False) == (first.password_once, second.password_once)


def test_the_record_names_accounts_and_no_people(fed: Federation, hope: Member) -> None:
    """Who did what to which account, which roles it has since, and no name anywhere."""
    ann = fed.person("hope", "ann.canary", T)
    new = hope.staff.add("maria.canary", [D, C], full_name="Canaria", password=WORDS, by=ann).id
    hope.staff.change(new, roles=[R], full_name="María Canaria", by=ann)
    hope.staff.reset(new, second_factor=True, by=ann)
    hope.staff.disable(new, by=ann)
    hope.staff.enable(new, by=ann)
    found = entries(fed, Event.STAFF_CHANGED)
    with fed.seats["hope"].store.read() as tx:
        about = tx.audit.about(Named("staff", new))

    assert [
        ("added", (C, D)),
        ("roles", (R,)),
        ("full-name", (R,)),
        ("second-factor-removed", ()),
        ("password-reset", ()),
        ("disabled", ()),
        ("enabled", (R,)),
    ] == [(one.reason, one.roles) for one in found]
    assert {ann.id} == {one.actor for one in found}
    assert len(found) == len(about)
    assert not any(word in one.to_bytes() for one in found for word in (b"canary", b"anaria"))


def test_two_people_are_two_accounts(fed: Federation) -> None:
    """Not one account twice, and not somebody who is no person."""
    maria, juan = fed.person("hope", "maria", R), fed.person("hope", "juan", R)
    distinct(maria, juan)
    distinct(Actor(maria.id), juan)

    for first, second in [(maria, maria), (OPERATOR, maria), (maria, OPERATOR), (NODE, PROGRAM)]:
        with pytest.raises(PolicyError, match="two people"):
            distinct(first, second)


def test_roles_that_take_a_second_factor(fed: Federation, hope: Member) -> None:
    """They count only in a session that began with one; the others do not mind."""
    hope._core.strong_roles = frozenset({R, T})
    fed.person("hope", "ann", T)
    weak, strong = fed.person("hope", "maria", C, R), fed.person("hope", "juan", R, strong=True)
    act(hope, strong, R)
    act(hope, weak, C)
    act(hope, weak, R, C)

    with pytest.raises(PolicyError, match="second factor"):
        act(hope, weak, R)


def test_every_action_has_roles() -> None:
    """None is missing from the matrix, and none is open to nobody."""
    assert set(StaffAction) == set(ACTION_ROLES)
    assert all(ACTION_ROLES.values())
    for action in StaffAction:
        assert needs(action) or action in SELF_SERVICE


def test_what_the_matrix_must_never_say() -> None:
    """Rules that a later change of the matrix must not break by accident."""
    seeing = {
        StaffAction.CASE_LIST,
        StaffAction.CASE_SHOW,
        StaffAction.MATCH_LIST,
        StaffAction.MATCH_SHOW,
    }
    reading = {
        StaffAction.STAFF_LIST,
        StaffAction.AUDIT_LIST,
        StaffAction.AUDIT_VERIFY,
        StaffAction.AUDIT_EXPORT,
        StaffAction.AUDIT_WITNESSES,
    }
    for action in seeing:
        assert not ACTION_ROLES[action] & {T, StaffRole.AUDITOR, StaffRole.PROGRAM}
    for action in StaffAction:
        roles = ACTION_ROLES[action]
        if action.value.startswith("program "):
            assert {StaffRole.PROGRAM} == roles
        if action.value.startswith(("federation ", "custodian ")):
            assert T in roles
        if StaffRole.AUDITOR in roles:
            assert action in reading | SELF_SERVICE
    assert {R} == ACTION_ROLES[StaffAction.MATCH_RELEASE]


def test_a_first_password_does_nothing_but_choose(fed: Federation, hope: Member) -> None:
    """Until then the technician who made it could be the one who acts."""
    hire(hope, "ann", T)
    made = hope.staff.add("maria", [R], by=OPERATOR)
    assert made.passphrase is not None
    signed = hope.sign_ins.sign_in("maria", made.passphrase)
    maria = hope.sign_ins.actor(signed.token)

    assert signed.must_choose
    with pytest.raises(PolicyError, match="password"):
        act(hope, maria, R)
    hope.sign_ins.change_password(maria, made.passphrase, OTHER)
    act(hope, hope.sign_ins.actor(signed.token), R)


def test_a_first_password_is_good_for_a_week(fed: Federation, hope: Member) -> None:
    """Forgotten slips of paper open nothing."""
    hire(hope, "ann", T)
    made = hope.staff.add("maria", [R], by=OPERATOR)
    assert made.passphrase is not None
    fed.clock.now += timedelta(days=7) - timedelta(seconds=1)
    hope.sign_ins.sign_in("maria", made.passphrase)
    fed.clock.advance(seconds=1)

    with pytest.raises(AuthenticationError):
        hope.sign_ins.sign_in("maria", made.passphrase)

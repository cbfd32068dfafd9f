# SPDX-License-Identifier: Apache-2.0
"""Two charters that claim one version: found at the first contact, proven, and stopped."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from federation.charter import Rules, next_version, with_member, without_member
from federation.charter.versions import countersign, propose
from federation.documents import digest
from federation.errors import CasethreadError, CharterConflictError, MembershipError
from federation.member import Conflict, open_conflicts
from federation.messages import SyncCharter
from federation.storage import StoredConflict
from federation.testing import Federation
from tests.member import support

THIRD = "licht"
"""The steward that signs both."""


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Three members, two of whom have an agreement."""
    with support.federation("hope", "amparo") as federation:
        yield federation


def go_on(fed: Federation, name: str, days: int) -> None:
    """Let a member and the third sign a version that nobody else sees."""
    current = fed[name].in_force
    assert current is not None
    draft = next_version(
        current.charter, current.digest, at=fed.clock(), rules=Rules(new_member_days=days)
    )
    envelope = countersign(propose(draft, fed.seats[name].identity), fed.seats[THIRD].identity)
    fed[name]._membership.accept((envelope,))


def conflicts(fed: Federation, name: str) -> list[Conflict]:
    """Return what a member holds against others."""
    with fed.seats[name].store.read() as tx:
        return open_conflicts(tx)


def rows(fed: Federation, name: str) -> list[StoredConflict]:
    """Return every conflict that a member noted."""
    with fed.seats[name].store.read() as tx:
        return tx.charters.conflicts()


@pytest.mark.parametrize("hope", [1, 2])
@pytest.mark.parametrize("amparo", [1, 2])
@pytest.mark.parametrize("asker", ["hope", "amparo"])
def test_a_fork_is_found_at_the_first_contact(
    fed: Federation, hope: int, amparo: int, asker: str
) -> None:
    """Whoever asks, and however far each side went on: that call fails, and somebody notes it."""
    for _ in range(hope):
        go_on(fed, "hope", 1)
    for _ in range(amparo):
        go_on(fed, "amparo", 2)
    asked = ({"hope", "amparo"} - {asker}).pop()
    opening = SyncCharter(*fed[asker].charter_state())
    calls = len(fed.calls)
    try:
        fed[asker]._core.call(asked, opening)
    except CharterConflictError:
        assert rows(fed, asked)
    else:
        assert rows(fed, asker)
    assert len(fed.calls) - calls <= 1


@pytest.mark.parametrize("hope", [1, 2])
@pytest.mark.parametrize("amparo", [1, 2])
def test_both_sides_learn_who_signed_both(fed: Federation, hope: int, amparo: int) -> None:
    """Each asks the other for its history; any two majorities have a steward in common."""
    version = fed["hope"].charter_state()[0] + 1
    for _ in range(hope):
        go_on(fed, "hope", 1)
    for _ in range(amparo):
        go_on(fed, "amparo", 2)
    fed.faults.down = {THIRD}
    for _ in range(2):
        for name in ("hope", "amparo"):
            fed[name].drive()

    for name, other in (("hope", "amparo"), ("amparo", "hope")):
        assert [Conflict(other, version, True, frozenset({THIRD}))] == conflicts(fed, name)


def test_the_two_sides_stop_with_each_other(fed: Federation) -> None:
    """Nothing is evaluated or exchanged any more, in neither direction, with either of them."""
    for name in ("hope", "amparo"):
        fed[name].put_cases(support.phones([1]))
    go_on(fed, "hope", 1)
    go_on(fed, "amparo", 2)
    go_on(fed, "amparo", 2)
    fed.faults.down = {THIRD}
    for name in ("hope", "amparo", "hope"):
        fed[name].drive()
        with pytest.raises(CasethreadError):
            fed[name].sync()

    with pytest.raises(CharterConflictError):
        fed["hope"].admission.check_charter("amparo", *fed["amparo"].charter_state())
    assert [] == support.put_in_buckets(fed, "hope", "amparo")
    assert 0 == support.tokens(fed, "hope") == support.tokens(fed, "amparo")


def test_who_is_only_ahead_or_behind_is_no_conflict(fed: Federation) -> None:
    """Charters spread one after the other; nobody is suspected for that."""
    go_on(fed, "hope", 1)
    current = fed["hope"].in_force
    assert current is not None
    fed["amparo"].sync()
    fed["licht"].sync()

    assert {current.digest} == {member.charter_state()[1] for member in fed}
    assert [[], [], []] == [rows(fed, name) for name in support.THREE]


def test_a_claim_without_signatures_is_noted_and_proves_nothing(fed: Federation) -> None:
    """A broken or lying peer is stopped with; no steward is accused."""
    version, _ = fed["hope"].charter_state()
    with pytest.raises(CharterConflictError):
        fed["hope"].admission.check_charter("amparo", version, b"x" * 32)
    fed["hope"].drive()

    assert [Conflict("amparo", version, False, frozenset())] == conflicts(fed, "hope")


def test_a_history_that_is_not_signed_is_not_kept(fed: Federation) -> None:
    """What a peer shows counts only with the signatures of a majority."""
    current = fed["amparo"].in_force
    assert current is not None
    version, _ = fed["hope"].charter_state()
    go_on(fed, "hope", 1)
    draft = next_version(
        current.charter, current.digest, at=fed.clock(), rules=Rules(new_member_days=2)
    )
    alone = propose(draft, fed.seats["amparo"].identity)
    with fed.seats["amparo"].store.write() as tx:
        tx.charters.append(version + 1, digest(draft.to_bytes()), alone)
    fed.faults.down = {THIRD}
    for _ in range(2):
        fed["hope"].drive()

    assert [Conflict("amparo", version + 1, False, frozenset())] == conflicts(fed, "hope")
    with fed.seats["hope"].store.read() as tx:
        assert tx.settings.get(f"fork/{version + 1}/{digest(draft.to_bytes()).hex()}") is None


def test_made_up_conflicts_fill_no_database(fed: Federation) -> None:
    """One member's claims are kept up to a number, and refused beyond it as well."""
    version, _ = fed["hope"].charter_state()
    for number in range(30):
        with pytest.raises(CharterConflictError):
            fed["hope"].admission.check_charter("amparo", version, bytes([number]) * 32)

    assert 16 == len(rows(fed, "hope"))


def test_a_conflict_is_settled_when_the_member_joins_anew(fed: Federation) -> None:
    """Who comes back comes with new keys, and is not held to what the old ones signed."""
    version, _ = fed["hope"].charter_state()
    with pytest.raises(CharterConflictError):
        fed["hope"].admission.check_charter("amparo", version, b"x" * 32)
    fed.clock.advance(days=1)
    member = fed["hope"].require_charter().member("amparo")
    for change in (
        lambda charter, digest: without_member(charter, digest, "amparo", at=fed.clock()),
        lambda charter, digest: with_member(charter, digest, member, at=fed.clock()),
    ):
        current = fed["hope"].in_force
        assert current is not None
        draft = change(current.charter, current.digest)
        envelope = countersign(
            propose(draft, fed.seats["hope"].identity), fed.seats[THIRD].identity
        )
        fed["hope"]._membership.accept((envelope,))
        assert [] == conflicts(fed, "hope")
    assert 1 == len(rows(fed, "hope"))


def rival(fed: Federation, name: str, days: int) -> bytes:
    """Let a steward propose a next version."""
    current = fed[name].in_force
    assert current is not None
    return fed[name].propose_charter(
        next_version(
            current.charter, current.digest, at=fed.clock(), rules=Rules(new_member_days=days)
        )
    )


def test_no_steward_signs_two_charters_of_one_version(fed: Federation) -> None:
    """Two honest stewards that propose at once do not split the federation."""
    first = rival(fed, "hope", 1)
    second = rival(fed, "amparo", 2)
    fed.drive(rounds=4)
    for name, other in (("hope", second), ("amparo", first)):
        with pytest.raises(MembershipError, match="another charter of the same version"):
            fed[name].sign_charter(other)
        with pytest.raises(MembershipError, match="another charter of the same version"):
            rival(fed, name, 3)

    # The third decides; the other proposal is over.
    fed[THIRD].sign_charter(second)
    fed.drive()
    assert {second} == {member.charter_state()[1] for member in fed}
    assert [[], [], []] == [member.proposals() for member in fed]
    rival(fed, "hope", 3)


def test_a_proposal_that_nobody_wants_is_given_up(fed: Federation) -> None:
    """Who gave it up signs another, and does not get it back from those who still have it."""
    unwanted = rival(fed, "hope", 1)
    fed.drive(rounds=4)
    fed["hope"].withdraw_charter(unwanted)
    fed.drive(rounds=4)
    assert [] == fed["hope"].proposals()
    with pytest.raises(MembershipError, match="no such proposal"):
        fed["hope"].withdraw_charter(unwanted)

    wanted = rival(fed, "hope", 2)
    fed.drive(rounds=4)
    fed[THIRD].withdraw_charter(unwanted)
    fed[THIRD].sign_charter(wanted)
    fed.drive(rounds=4)
    assert {wanted} == {member.charter_state()[1] for member in fed}


def test_a_proposal_given_up_too_early_is_followed_if_others_sign_it(fed: Federation) -> None:
    """A majority decides also when one steward has changed its mind."""
    first = rival(fed, "hope", 1)
    fed.drive(rounds=4)
    fed["hope"].withdraw_charter(first)
    fed["amparo"].sign_charter(first)
    fed.drive(rounds=4)

    assert {first} == {member.charter_state()[1] for member in fed}


def test_the_keys_of_a_ceremony_wait_for_what_is_signed(fed: Federation) -> None:
    """Its charter is proposed by itself, but not against one that its steward has signed."""
    waiting = rival(fed, "hope", 1)
    ceremony = fed["hope"].start_ceremony()
    fed.drive(rounds=6)
    for name in ("amparo", THIRD):
        fed[name].accept_ceremony(ceremony)
    fed.drive(rounds=12)
    assert [waiting] == [one.digest for one in fed["hope"].proposals()]

    fed["amparo"].sign_charter(waiting)
    fed.drive()
    (made,) = fed["hope"].proposals()
    assert 8 == len(made.charter.keys)


def test_given_up_keys_of_a_ceremony_come_again_with_the_next_version(fed: Federation) -> None:
    """Nothing is proposed by itself before the stewards did what they gave it up for."""
    ceremony = fed["hope"].start_ceremony()
    fed.drive(rounds=6)
    for name in ("amparo", THIRD):
        fed[name].accept_ceremony(ceremony)
    fed.drive()
    fed.drive()  # the first is over when the keys are made, this brings the proposal to all
    (made,) = fed["hope"].proposals()
    for member in fed:
        member.withdraw_charter(made.digest)
    fed.clock.advance(days=1)  # else it would be the same proposal
    fed.drive(rounds=4)
    assert [[], [], []] == [member.proposals() for member in fed]

    urgent = rival(fed, "hope", 1)
    fed.drive(rounds=4)
    fed["amparo"].sign_charter(urgent)
    fed.drive(rounds=4)
    (again,) = fed["hope"].proposals()
    assert again.charter.keys == made.charter.keys


def test_one_steward_cannot_crowd_out_the_others(fed: Federation) -> None:
    """A steward that signs everything is removed all the same."""
    current = fed[THIRD].in_force
    assert current is not None
    flood = [
        propose(
            next_version(
                current.charter, current.digest, at=fed.clock(), rules=Rules(new_member_days=days)
            ),
            fed.seats[THIRD].identity,
        )
        for days in range(1, 41)
    ]
    for name in ("hope", "amparo"):
        for at in range(0, len(flood), 8):
            request = SyncCharter(*fed[THIRD].charter_state(), proposals=tuple(flood[at : at + 8]))
            fed[name]._membership.handle(THIRD, request)
        assert 8 == len(fed[name].proposals())
    # Proposals are in the order of their digests; this one would be the last, and left out.
    last = max(one.digest for one in fed["hope"].proposals())
    drafts = (
        without_member(
            current.charter, current.digest, THIRD, at=fed.clock() + timedelta(seconds=by)
        )
        for by in range(1000)
    )
    wanted = fed["hope"].propose_charter(
        next(draft for draft in drafts if digest(draft.to_bytes()) > last)
    )
    fed.faults.down = {THIRD}
    fed.drive(rounds=4)
    fed["amparo"].sign_charter(wanted)
    fed.drive(rounds=4)

    assert wanted == fed["hope"].charter_state()[1] == fed["amparo"].charter_state()[1]

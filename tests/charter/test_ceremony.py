# SPDX-License-Identifier: Apache-2.0
"""The key ceremony among honest participants: order, crashes, outcome."""

import random
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.charter import Ceremony, CeremonyStatus, KeySpec, KeyStatement
from federation.charter.ceremony import propose
from federation.crypto import shares, toprf
from federation.crypto.group import scalarmult, scalarmult_base
from federation.documents import open_envelope
from federation.errors import CeremonyError, MalformedError, VerifyError
from federation.indicators import IndicatorClass, Lane
from tests.charter import support
from tests.charter.support import NOW, ceremonies, deliver, identity, run

NAMES = ("amparo", "hope", "licht")


def test_all_participants_end_with_the_same_statement() -> None:
    """Four keys come out of one ceremony, and everybody holds the same signed statement."""
    everybody = ceremonies(keys=support.ALL_KEYS)

    run(everybody)

    outcomes = [one.outcome for one in everybody.values()]
    assert [one.status for one in everybody.values()] == [CeremonyStatus.COMPLETE] * 3
    assert len({outcome.statement for outcome in outcomes if outcome}) == 1
    assert all(outcome is not None and len(outcome.lane_keys) == 4 for outcome in outcomes)


def test_statement_is_signed_by_all() -> None:
    """The statement carries a valid signature of every participant."""
    everybody = ceremonies()
    run(everybody)
    outcome = everybody["hope"].outcome
    assert outcome is not None
    keys = {name: identity(name).signing.verify_key for name in NAMES}

    statement = open_envelope(KeyStatement, outcome.statement, keys, 3)

    assert statement.lane_keys() == outcome.lane_keys


@pytest.mark.parametrize("quorum", list(combinations((1, 2, 3), 2)))
def test_every_quorum_evaluates_as_the_key_would(quorum: tuple[int, ...]) -> None:
    """The shares of every two of three custodians give the listed public key."""
    everybody = ceremonies()
    run(everybody)
    (key,) = everybody["hope"].outcome.lane_keys  # type: ignore[union-attr]
    held = {
        share.index: share.secret
        for one in everybody.values()
        for share in one.outcome.shares.values()  # type: ignore[union-attr]
    }

    whole = shares.combine_shares({index: held[index] for index in quorum})

    assert scalarmult_base(whole) == key.public_key


def test_shares_answer_requests() -> None:
    """A share of the outcome evaluates with a proof that holds against the charter's key."""
    everybody = ceremonies()
    run(everybody)
    outcome = everybody["licht"].outcome
    assert outcome is not None
    (key,) = outcome.lane_keys
    share = outcome.shares[key.key_id]
    blinded = scalarmult(support.secret("x")[:31] + b"\x00", key.public_key)

    answer = toprf.evaluate(share, (1, 3), blinded, key.key_id, 1, prove=True)

    toprf.verify_share(key.group, (1, 3), 3, blinded, answer)


def test_epochs_and_classes_have_their_own_keys() -> None:
    """No two keys of one ceremony are equal."""
    everybody = ceremonies(keys=support.ALL_KEYS)
    run(everybody)
    outcome = everybody["hope"].outcome
    assert outcome is not None

    assert len({key.public_key for key in outcome.lane_keys}) == 4
    assert len({key.key_id for key in outcome.lane_keys}) == 4


@pytest.mark.parametrize(("n", "t"), [(2, 2), (3, 3), (5, 3)])
def test_other_sizes(n: int, t: int) -> None:
    """Any number of custodians and any threshold from two upwards will do."""
    everybody = ceremonies(tuple(f"member-{i}" for i in range(n)), threshold=t)

    run(everybody)

    assert {one.status for one in everybody.values()} == {CeremonyStatus.COMPLETE}


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_order_of_delivery_ends_alike(seed: int) -> None:
    """Messages may come in any order, repeatedly and late: all end with one statement."""
    order = random.Random(seed)
    everybody = ceremonies()
    accepting = list(NAMES)
    for _ in range(400):
        one = everybody[order.choice(NAMES)]
        if accepting and order.random() < 0.2:
            everybody[accepting.pop(order.randrange(len(accepting)))].accept(NOW)
        one.advance()
        other = everybody[order.choice(NAMES)]
        other.receive(order.choice(one.messages))
    for name in accepting:
        everybody[name].accept(NOW)
    deliver(everybody)

    statements = {one.outcome.statement for one in everybody.values() if one.outcome}
    assert [one.status for one in everybody.values()] == [CeremonyStatus.COMPLETE] * 3
    assert len(statements) == 1


def test_reload_after_every_step() -> None:
    """A node that is stopped after each step goes on from its messages and its secret."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    for _ in range(8):
        for name in NAMES:
            one = everybody[name]
            one.advance()
            everybody[name] = Ceremony.load(
                identity(name), support.charter(), one.messages, one.secret
            )
            for other in everybody.values():
                for envelope in everybody[name].messages:
                    other.receive(envelope)

    assert [one.status for one in everybody.values()] == [CeremonyStatus.COMPLETE] * 3
    held = [share.secret for one in everybody.values() for share in one.outcome.shares.values()]  # type: ignore[union-attr]
    assert len(set(held)) == 3


def test_crash_before_storing_repeats_nothing() -> None:
    """What was never stored was never sent: after a reload the node deals the same again."""
    everybody = ceremonies()
    hope = everybody["hope"]
    hope.accept(NOW)
    secret = hope.secret
    (first,) = hope.advance()

    again = Ceremony.load(identity("hope"), support.charter(), hope.messages[:1], secret)

    assert again.advance() == [first]


def test_erased_secret_leaves_the_statement() -> None:
    """Once the shares are stored and the secret is erased, the ceremony is still complete."""
    everybody = ceremonies()
    run(everybody)

    later = Ceremony.load(identity("hope"), support.charter(), everybody["hope"].messages, None)

    assert later.status is CeremonyStatus.COMPLETE
    assert later.outcome is not None
    assert later.outcome.shares == {}


def test_nothing_happens_before_the_operators_yes() -> None:
    """A proposal waits for the operator; until then no message leaves and nothing is secret."""
    everybody = ceremonies()
    for name in ("amparo", "licht"):
        everybody[name].accept(NOW)
    deliver(everybody)
    hope = everybody["hope"]

    assert hope.status is CeremonyStatus.PROPOSED
    assert hope.secret == b""
    assert everybody["amparo"].waiting_for == {"hope"}
    assert everybody["amparo"].phase == "commit"


def test_silent_participant_is_waited_for() -> None:
    """Who sends nothing more is named as the one that is waited for."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
        one.advance()
    rest = {name: everybody[name] for name in ("amparo", "hope")}
    for one in rest.values():
        one.receive(everybody["licht"].messages[1])
    deliver(rest)

    assert rest["hope"].waiting_for == {"licht"}
    assert rest["hope"].phase == "reveal"


def test_onlooker_sees_the_outcome() -> None:
    """A member that takes no part can follow the ceremony, and gets no share."""
    everybody = ceremonies()
    run(everybody)
    onlooker = Ceremony.load(
        identity("stranger"), support.charter(), everybody["hope"].messages, None
    )

    assert onlooker.status is CeremonyStatus.COMPLETE
    assert onlooker.outcome is not None
    assert onlooker.outcome.statement == everybody["hope"].outcome.statement  # type: ignore[union-attr]
    with pytest.raises(CeremonyError, match="does not take part"):
        onlooker.accept(NOW)


def test_withdrawal_stops_it_and_says_who() -> None:
    """An operator's no reaches everybody, who then hold no secret any more."""
    everybody = ceremonies()
    for one in everybody.values():
        one.accept(NOW)
    everybody["licht"].withdraw()

    deliver(everybody)

    for one in everybody.values():
        assert one.status is CeremonyStatus.FAILED
        assert one.failure is not None
        assert one.failure.culprits == {"licht"}
        assert one.secret == b""


def test_decline_before_accepting() -> None:
    """An operator can say no without ever having said yes."""
    everybody = ceremonies()
    everybody["hope"].withdraw()

    deliver(everybody)

    assert everybody["amparo"].status is CeremonyStatus.FAILED
    with pytest.raises(CeremonyError, match="withdrew"):
        everybody["amparo"].accept(NOW)


def test_signed_keys_cannot_be_withdrawn() -> None:
    """Once a node has signed the keys it cannot pretend that it did not."""
    everybody = ceremonies()
    run(everybody)

    with pytest.raises(CeremonyError, match="signed"):
        everybody["hope"].withdraw()


@pytest.mark.parametrize("shift", [timedelta(days=31), timedelta(hours=-1)])
def test_old_and_future_proposals_are_not_accepted(shift: timedelta) -> None:
    """A proposal from another month, or from the future, is not accepted."""
    everybody = ceremonies()

    with pytest.raises(CeremonyError, match="too old, or from the future"):
        everybody["hope"].accept(NOW + shift)


def test_lost_secret_is_noticed() -> None:
    """After a restore without the secret a node does not deal a second time."""
    everybody = ceremonies()
    everybody["hope"].accept(NOW)
    everybody["hope"].advance()
    restored = Ceremony.load(identity("hope"), support.charter(), everybody["hope"].messages, None)

    with pytest.raises(CeremonyError, match="secret of this ceremony is lost"):
        restored.accept(NOW)


def test_secret_of_another_ceremony_is_refused() -> None:
    """A secret only fits the ceremony and the index that it was drawn for."""
    everybody = ceremonies()
    everybody["hope"].accept(NOW)

    with pytest.raises(MalformedError):
        Ceremony.load(
            identity("licht"),
            support.charter(),
            everybody["licht"].messages,
            everybody["hope"].secret,
        )


def test_survivor_keys_without_law_enforcement() -> None:
    """Law enforcement may hold network shares, and no survivor share."""
    base = support.charter()
    listed = tuple(
        one.replace(role=support.Role.LAW_ENFORCEMENT) if one.id == "licht" else one
        for one in base.members
    )
    mixed = base.replace(members=listed)

    def begin(lane: Lane) -> bytes:
        return propose(
            identity("hope"),
            mixed,
            support.charter_digest(mixed),
            ceremony_id=support.CEREMONY,
            participants=dict(enumerate(NAMES, start=1)),
            threshold=2,
            keys=[KeySpec(lane=lane, cls=IndicatorClass.IDENTIFIER, epoch=1)],
            at=NOW,
        )

    begin(Lane.NETWORK)
    with pytest.raises(CeremonyError, match="no survivor share"):
        begin(Lane.SURVIVOR)


def test_one_custodian_is_not_enough() -> None:
    """A threshold of one, or a single custodian, could compute every pseudonym alone."""
    with pytest.raises(MalformedError):
        ceremonies(threshold=1)
    with pytest.raises(MalformedError):
        ceremonies(("hope",), threshold=2)


def test_proposal_of_a_stranger_is_refused() -> None:
    """A proposal that its initiator did not sign is not read."""
    everybody = ceremonies()
    proposal = everybody["hope"].messages[0]
    forged = proposal.replace(b'"keyid":"amparo"', b'"keyid":"hope"')

    with pytest.raises(VerifyError):
        Ceremony.load(identity("hope"), support.charter(), [forged], None)


def test_proposal_with_other_keys_than_the_charter_fails() -> None:
    """Participants whose keys are not the charter's are noticed by everybody."""
    everybody = ceremonies()
    proposal = everybody["hope"].messages[0]
    base = support.charter()
    rotated = base.replace(
        members=tuple(
            one.replace(sealing_key=identity("other").sealing_key) if one.id == "licht" else one
            for one in base.members
        ),
    )

    seen = Ceremony.load(identity("hope"), rotated, [proposal], None)

    assert seen.status is CeremonyStatus.FAILED
    assert seen.failure is not None

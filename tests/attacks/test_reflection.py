# SPDX-License-Identifier: Apache-2.0
"""Tags that are reflected, relayed or replayed, and proofs of what nobody holds.

Every attack is a function that returns what it got; each is run against the product and against
the product without the defence.
"""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import pytest

from federation.errors import ExchangeError
from federation.matching.exchange import Sending
from federation.matching.tags import Role, SessionKeys, prove, tag_tokens
from federation.messages import PutTags, TagsAnswered
from federation.storage.matches import MatchStatus
from federation.testing import Federation
from tests.attacks.cheat import Cheat, group_keys, hold, newest_token, stored, undirected_keys
from tests.attacks.support import GENEROUS

VICTIM, CHEAT, THIRD = "hope", "amparo", "licht"
KEYS = "federation.matching.exchange.session_keys"
PROOFS = "federation.matching.exchange.check_proof"
_phones = count(2_000)


def phone() -> str:
    """Return a phone that no test used before."""
    return f"+5255{next(_phones):04}7391"


@dataclass
class World:
    """Three parties of one agreement, two of them with a second one, and a cheat among them."""

    fed: Federation
    agreement: bytes
    second: bytes
    cheat: Cheat
    before: dict[str, set[bytes]] = field(default_factory=dict)

    def believed(self, member: str = VICTIM) -> list[MatchStatus]:
        """Return the matches with the cheat that a member stored since the test began."""
        now = stored(self.fed, member, CHEAT)
        return [status for match, status in now.items() if match not in self.before[member]]


@pytest.fixture(scope="module")
def parties() -> Iterator[World]:
    """Members that have met, so that everybody sends what arrives from now on."""
    with Federation(VICTIM, CHEAT, THIRD, rules=GENEROUS) as fed:
        agreement = fed.agree(CHEAT, VICTIM, THIRD)
        second = fed.agree(CHEAT, VICTIM)
        fed.sync()
        yield World(fed, agreement, second, Cheat(fed, CHEAT))


@pytest.fixture
def world(parties: World) -> World:
    """Remember what was there before the test; nothing waits to be sent."""
    parties.fed.sync()
    parties.before = {name: set(stored(parties.fed, name, CHEAT)) for name in (VICTIM, THIRD)}
    return parties


# Reflection


def reflect(world: World) -> tuple[tuple[int, bytes], ...]:
    """Send the victim its own tags, and its proofs back as the answer to its bucket."""
    hold(world.fed, VICTIM, phone())
    got: list[tuple[int, bytes]] = []

    def answer(request: PutTags) -> TagsAnswered:
        _, answered = world.cheat.send(world.agreement, VICTIM, request.tags)
        got.extend(answered.proofs)
        return answered

    with world.cheat.answering(answer):
        world.fed[VICTIM].sync()
    return tuple(got)


def test_reflected_tags_match_nothing(world: World) -> None:
    """The victim does not recognise its own tags, and believes no match from them."""
    assert reflect(world) == ()
    assert world.believed() == []


def test_reflection_works_against_undirected_tags(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without direction and session in the keys, the victim proves its own tokens to itself."""
    monkeypatch.setattr(KEYS, undirected_keys)

    assert len(reflect(world)) > 0
    assert MatchStatus.PROVEN in world.believed()


# Relay to the third party


def relay(world: World) -> tuple[tuple[int, bytes], ...]:
    """Ask the third party about the victim's tags, and pass its proofs off as own ones."""
    common = phone()
    hold(world.fed, VICTIM, common)
    hold(world.fed, THIRD, common)
    got: list[tuple[int, bytes]] = []

    def answer(request: PutTags) -> TagsAnswered:
        _, answered = world.cheat.send(world.agreement, THIRD, request.tags)
        got.extend(answered.proofs)
        return answered

    with world.cheat.answering(answer):
        world.fed[VICTIM].sync()
    return tuple(got)


def test_relayed_tags_match_nothing(world: World) -> None:
    """A third party of the same agreement recognises none of them; nobody stores a match."""
    assert relay(world) == ()
    assert world.believed() == []
    assert world.believed(THIRD) == []


def test_relay_works_against_tags_of_the_whole_group(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one key for all parties, the relay learns who holds what and is believed."""
    monkeypatch.setattr(KEYS, group_keys)

    assert len(relay(world)) > 0
    assert MatchStatus.PROVEN in world.believed()
    assert world.believed(THIRD) != []


# Replay


def replay(world: World, agreement: bytes, recorded_under: bytes) -> tuple[tuple[int, bytes], ...]:
    """Send tags again that were recorded in an older session, when the victim holds the phone."""
    held = phone()
    hold(world.fed, THIRD, held)  # only to have the token: the cheat recorded it long ago
    token = newest_token(world.fed, THIRD)
    session, keys = world.cheat.open(recorded_under, VICTIM)
    old = Sending(keys, [(1, token)], size=64, seed=secrets.token_bytes(32)).tags
    assert world.cheat.put(session.id, VICTIM, old).proofs == ()
    hold(world.fed, VICTIM, held)
    _, answered = world.cheat.send(agreement, VICTIM, old)
    return answered.proofs


def test_tags_of_an_older_session_match_nothing(world: World) -> None:
    """What was recorded in one session is noise in the next."""
    assert replay(world, world.agreement, world.agreement) == ()
    assert world.believed() == []


def test_replay_works_against_tags_without_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the session in the keys, old tags ask new questions."""
    monkeypatch.setattr(KEYS, undirected_keys)

    assert len(replay(world, world.agreement, world.agreement)) == 1
    assert world.believed() == [MatchStatus.PENDING]


def test_tags_of_another_agreement_match_nothing(world: World) -> None:
    """Tags that were recorded under one agreement of a pair are noise under its other one."""
    assert replay(world, world.agreement, world.second) == ()
    assert world.believed() == []


def test_replay_across_agreements_works_without_pair_keys(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one key for everything, an agreement does not bound what tags are good for."""
    monkeypatch.setattr(KEYS, group_keys)

    assert len(replay(world, world.agreement, world.second)) == 1


def test_an_old_session_is_over(world: World) -> None:
    """After an hour a session takes neither tags nor confirmations."""
    session, answered = world.cheat.send(world.agreement, VICTIM, _noise())
    assert answered.proofs == ()
    world.fed.clock.advance(hours=2)

    with pytest.raises(ExchangeError, match="no such session"):
        world.cheat.put(session.id, VICTIM, _noise())
    with pytest.raises(ExchangeError, match="no such session"):
        world.cheat.confirm(session.id, VICTIM, ())


def test_a_session_belongs_to_who_opened_it(world: World) -> None:
    """Another party of the agreement cannot speak in it."""
    session, _ = world.cheat.open(world.agreement, VICTIM)

    with pytest.raises(ExchangeError, match="no such session"):
        Cheat(world.fed, THIRD).put(session.id, VICTIM, _noise())


def _noise() -> bytes:
    return b"".join(sorted(secrets.token_bytes(16) for _ in range(64)))


# Claims without the token


def claim(world: World, proof: bytes = b"", *, everywhere: bool = False) -> None:
    """Answer the victim's bucket with claims that have no token behind them."""
    hold(world.fed, VICTIM, phone())
    tag_of = newest_token(world.fed, VICTIM)

    def answer(request: PutTags) -> TagsAnswered:
        # The best case for the cheat: it guessed the one position that is no dummy.
        tag = tag_tokens(world.cheat.keys_of(request, VICTIM), tag_of)
        places = range(64) if everywhere else [request.tags.index(tag) // 16]
        return TagsAnswered(tuple((place, proof or secrets.token_bytes(16)) for place in places))

    with world.cheat.answering(answer):
        report = world.fed[VICTIM].sync()
    for partner, error in report.sent.failures:
        assert partner == CHEAT
        raise error


@pytest.mark.parametrize("everywhere", [True, False])
def test_claimed_hits_are_refused(world: World, everywhere: bool) -> None:
    """A responder that claims what it does not hold is refused, and nothing is stored."""
    with pytest.raises(ExchangeError, match="claims a match"):
        claim(world, everywhere=everywhere)
    assert world.believed() == []


def test_claims_work_without_proofs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If proofs were not checked, a lucky position would be a match."""
    monkeypatch.setattr(PROOFS, lambda *_: True)
    # The cheat's own node does not know what was claimed in its name; the victim believes it.
    with suppress(ExchangeError):
        claim(world)

    assert MatchStatus.PROVEN in world.believed()


def half_a_token(world: World) -> tuple[bytes, SessionKeys, tuple[tuple[int, bytes], ...]]:
    """Send the tag of a token of which the cheat knows only the half that the tag is made of."""
    hold(world.fed, VICTIM, phone())
    token = newest_token(world.fed, VICTIM)[:16] + secrets.token_bytes(16)
    session, keys = world.cheat.open(world.agreement, VICTIM)
    tags = Sending(keys, [(1, token)], size=64, seed=secrets.token_bytes(32)).tags
    answered = world.cheat.put(session.id, VICTIM, tags)
    assert len(answered.proofs) == 1
    return session.id, keys, answered.proofs


def test_a_sender_cannot_confirm_what_it_does_not_hold(world: World) -> None:
    """Neither a made-up proof nor the victim's own one, sent back, makes a match."""
    session, keys, proofs = half_a_token(world)
    ((place, echo),) = proofs
    made_up = prove(keys, Role.SENDER, place, bytes(32))
    for proof in (echo, made_up):
        with pytest.raises(ExchangeError, match="does not hold"):
            world.cheat.confirm(session, VICTIM, ((place, proof),))

    # What was answered waits for its proof and is no match.
    assert world.believed() == [MatchStatus.PENDING]


def test_false_confirmation_works_without_proofs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If proofs were not checked, half a token would do."""
    session, _, proofs = half_a_token(world)
    monkeypatch.setattr(PROOFS, lambda *_: True)
    world.cheat.confirm(session, VICTIM, proofs)

    assert world.believed() == [MatchStatus.PROVEN]


def test_positions_that_were_not_answered_cannot_be_confirmed(world: World) -> None:
    """A confirmation for other positions, or for a bucket that was never sent, is refused."""
    session, answered = world.cheat.send(world.agreement, VICTIM, _noise())
    assert answered.proofs == ()
    for place in (0, 63, 65_535):
        with pytest.raises(ExchangeError, match="not answered"):
            world.cheat.confirm(session.id, VICTIM, ((place, bytes(16)),))
    assert world.believed() == []


def test_repeating_an_exchange_changes_nothing(world: World) -> None:
    """The same bucket gets the same answer, and its confirmation again makes no second match."""
    common = phone()
    hold(world.fed, VICTIM, common)
    hold(world.fed, CHEAT, common)
    token = newest_token(world.fed, CHEAT)
    session, keys = world.cheat.open(world.agreement, VICTIM)
    sending = Sending(keys, [(1, token)], size=64, seed=secrets.token_bytes(32))
    answers = [world.cheat.put(session.id, VICTIM, sending.tags) for _ in range(3)]
    confirmation = sending.confirm(sending.accept(answers[0].proofs))
    for _ in range(3):
        world.cheat.confirm(session.id, VICTIM, confirmation)

    assert answers == [answers[0]] * 3
    assert len(answers[0].proofs) == 1
    assert world.believed() == [MatchStatus.PROVEN]

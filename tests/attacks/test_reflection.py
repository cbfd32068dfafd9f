# SPDX-License-Identifier: Apache-2.0
"""Tags that are reflected, relayed or replayed, and proofs of what nobody holds.

Every attack is a function that returns what it got; each is run against the product and against
the product without the defence.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from federation.errors import ExchangeError
from federation.matching.exchange import Sending
from federation.matching.tags import Role, prove
from federation.messages import ConfirmMatches, PutTags, TagsAnswered
from federation.storage.matches import MatchStatus
from federation.testing import Federation
from tests.attacks.cheat import (
    Cheat,
    group_keys,
    hold,
    last_tags,
    newest_token,
    recorded,
    stored,
    undirected_keys,
)
from tests.attacks.support import GENEROUS

VICTIM, CHEAT, THIRD = "hope", "amparo", "licht"
KEYS = "federation.matching.exchange.session_keys"
PROOFS = "federation.matching.exchange.check_proof"
_phones = count(1)


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
    before: dict[str, int] = field(default_factory=dict)

    def new_matches(self, member: str) -> list[MatchStatus]:
        """Return the matches that a member stored since the test began."""
        return stored(self.fed, member)[self.before[member] :]


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
    parties.fed.calls.clear()
    parties.before = {member.id: len(stored(parties.fed, member.id)) for member in parties.fed}
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
    assert world.new_matches(VICTIM) == []


def test_reflection_works_against_undirected_tags(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without direction and session in the keys, the victim proves its own tokens to itself."""
    monkeypatch.setattr(KEYS, undirected_keys)

    assert len(reflect(world)) > 0
    assert MatchStatus.PROVEN in world.new_matches(VICTIM)


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

    world.fed.faults.down.add(THIRD)  # for the victim: the relay is all that it hears
    with world.cheat.answering(lambda request: _reaching(world, answer, request)):
        world.fed[VICTIM].sync()
    world.fed.faults.down.clear()
    return tuple(got)


def _reaching(world: World, answer: object, request: PutTags) -> TagsAnswered:
    world.fed.faults.down.discard(THIRD)
    assert callable(answer)
    answered: TagsAnswered = answer(request)
    world.fed.faults.down.add(THIRD)
    return answered


def test_relayed_tags_match_nothing(world: World) -> None:
    """A third party of the same agreement recognises none of them; nobody stores a match."""
    assert relay(world) == ()
    assert world.new_matches(VICTIM) == []
    assert world.new_matches(THIRD) == []


def test_relay_works_against_tags_of_the_whole_group(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one key for all parties, the relay learns who holds what and is believed."""
    monkeypatch.setattr(KEYS, group_keys)

    assert len(relay(world)) > 0
    assert MatchStatus.PROVEN in world.new_matches(VICTIM)
    assert world.new_matches(THIRD) != []


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
    assert world.new_matches(VICTIM) == []


def test_replay_works_against_tags_without_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the session in the keys, old tags ask new questions."""
    monkeypatch.setattr(KEYS, undirected_keys)

    assert len(replay(world, world.agreement, world.agreement)) == 1
    assert world.new_matches(VICTIM) == [MatchStatus.PENDING]


def test_tags_of_another_agreement_match_nothing(world: World) -> None:
    """Tags that were recorded under one agreement of a pair are noise under its other one."""
    assert replay(world, world.agreement, world.second) == ()
    assert world.new_matches(VICTIM) == []


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


def claim(world: World, *, every_position: bool) -> None:
    """Answer the victim's bucket with claims that have no token behind them."""
    hold(world.fed, VICTIM, phone())
    token = newest_token(world.fed, VICTIM)

    def answer(request: PutTags) -> TagsAnswered:
        # The best case for the cheat: it guessed the one position that is no dummy.
        _, pair_key = world.cheat.pair_key(world.agreement, VICTIM)
        guess = range(64) if every_position else [_position_of(world, token, request, pair_key)]
        return TagsAnswered(tuple((place, secrets.token_bytes(16)) for place in guess))

    with world.cheat.answering(answer):
        report = world.fed[VICTIM].sync()
    world.fed[VICTIM].forget(f"{VICTIM}:+5255{next(_phones) - 1:04}7391")
    failures = [error for partner, error in report.sent.failures if partner == CHEAT]
    for error in failures:
        raise error


def _position_of(world: World, token: bytes, request: PutTags, _: bytes) -> int:
    """Find the token's place by the victim's own keys: luck that a cheat does not have."""
    from federation.matching.tags import tag_tokens

    with world.fed.seats[CHEAT].store.read() as tx:
        opened = tx.exchange.session(request.session, world.fed.clock())
    assert opened is not None
    with world.fed.seats[CHEAT].store.read() as tx:
        held = tx.agreements.pair_key(opened.agreement, VICTIM)
    assert held is not None
    session = world.fed[CHEAT]._answerer
    with world.fed.seats[CHEAT].store.read() as tx:
        keys = session._session(tx, VICTIM, request.session, world.fed.clock()).keys(held[1])
    tags = [request.tags[start : start + 16] for start in range(0, len(request.tags), 16)]
    return tags.index(tag_tokens(keys, token))


@pytest.mark.parametrize("every_position", [True, False])
def test_claimed_hits_are_refused(world: World, every_position: bool) -> None:
    """A responder that claims what it does not hold is refused, and nothing is stored."""
    with pytest.raises(ExchangeError, match="claims a match"):
        claim(world, every_position=every_position)
    assert world.new_matches(VICTIM) == []

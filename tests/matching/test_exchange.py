# SPDX-License-Identifier: Apache-2.0
import hashlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import ExchangeError
from federation.matching.buckets import MAX_BUCKET, bucket_size, dummy_tokens, is_bucket_size
from federation.matching.exchange import Answering, Hit, Sending, Session, look_up
from federation.matching.tags import Role, SessionKeys, match_id, prove, tag_tokens

PAIR_KEY = bytes(range(32))


def hits_of(keys: SessionKeys, tags: bytes, own: list[tuple[int, bytes]]) -> list[Hit]:
    """Look up own tokens, numbered, as a member does."""
    heads = b"".join(token[:16] for _, token in own)
    return [Hit(position, *own[index]) for position, index in look_up(keys, tags, heads)]


def session(**changes: object) -> Session:
    """A session, with some of its parts changed."""
    fields: dict[str, object] = {
        "agreement": b"a" * 32,
        "key_version": 1,
        "sender": "hope",
        "receiver": "amparo",
        "lane": "network",
        "cls": "identifier",
        "key_id": b"k" * 16,
        "epoch": 1,
        "normalisation_version": 1,
        "nonce_opener": b"o" * 32,
        "nonce_answerer": b"r" * 32,
    }
    return Session(**(fields | changes))  # type: ignore[arg-type]


def numbered(*names: str) -> list[tuple[int, bytes]]:
    """Tokens that differ by name, with row numbers."""
    return [(index, hashlib.sha256(name.encode()).digest()) for index, name in enumerate(names, 1)]


def bucket(keys: SessionKeys, tokens: list[tuple[int, bytes]]) -> Sending:
    """The bucket that holds the tokens."""
    return Sending(keys, tokens, size=bucket_size(len(tokens)), seed=b"s" * 32)


def test_both_sides_find_exactly_the_common_tokens() -> None:
    """A bucket answered and confirmed proves the common tokens to both sides, and only those."""
    keys = session().keys(PAIR_KEY)
    theirs = numbered("x", "b", "y", "c")
    sending = bucket(keys, numbered("a", "b", "c"))

    answering = Answering(keys, hits_of(keys, sending.tags, theirs))
    hits = sending.accept(answering.answer())
    proven = answering.confirm(sending.confirm(hits))

    assert {2, 3} == {hit.token_id for hit in hits}
    assert {2, 4} == {hit.token_id for hit in proven}


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": "amparo", "receiver": "hope"},
        {"receiver": "licht"},
        {"nonce_opener": b"x" * 32},
        {"nonce_answerer": b"x" * 32},
        {"lane": "survivor"},
        {"cls": "person"},
        {"epoch": 2},
        {"key_id": b"x" * 16},
        {"key_version": 2},
        {"agreement": b"b" * 32},
        {"normalisation_version": 2},
    ],
    ids="-".join,
)
def test_tags_of_another_session_share_nothing(changes: dict[str, object]) -> None:
    """Reflected, relayed and replayed tags are foreign: each part of a session is in its keys."""
    tokens = numbered("a", "b", "c")
    tags = bucket(session().keys(PAIR_KEY), tokens).tags

    assert [] == hits_of(session(**changes).keys(PAIR_KEY), tags, tokens)


def test_another_pair_key_shares_nothing() -> None:
    """The same session fields under another pair's key give other tags."""
    tokens = numbered("a", "b")
    tags = bucket(session().keys(PAIR_KEY), tokens).tags

    assert [] == hits_of(session().keys(b"z" * 32), tags, tokens)


def test_claimed_hit_without_the_token_is_refused() -> None:
    """A responder that answers a position it has no token for is found out."""
    keys = session().keys(PAIR_KEY)
    sending = bucket(keys, numbered("a", "b"))
    position = hits_of(keys, sending.tags, numbered("a"))[0].position

    with pytest.raises(ExchangeError, match="cannot prove"):
        sending.accept([(position, bytes(16))])


def test_senders_own_proof_reflected_is_refused() -> None:
    """The sender's proof sent back as the receiver's does not hold: roles are bound."""
    keys = session().keys(PAIR_KEY)
    own = numbered("a")
    sending = bucket(keys, own)
    hit = hits_of(keys, sending.tags, own)[0]

    with pytest.raises(ExchangeError):
        sending.accept([(hit.position, prove(keys, Role.SENDER, hit.position, hit.token))])


def test_dummy_position_is_refused() -> None:
    """A claim on a dummy is a claim on nothing."""
    keys = session().keys(PAIR_KEY)
    sending = bucket(keys, numbered("a"))
    real = hits_of(keys, sending.tags, numbered("a"))[0].position

    with pytest.raises(ExchangeError, match="holds nothing"):
        sending.accept([((real + 1) % 64, bytes(16))])


def test_repeated_position_is_refused() -> None:
    """The same position twice is no second match."""
    keys = session().keys(PAIR_KEY)
    sending = bucket(keys, numbered("a"))
    answer = Answering(keys, hits_of(keys, sending.tags, numbered("a"))).answer()

    with pytest.raises(ExchangeError):
        sending.accept(answer + answer)


def test_confirmation_without_the_token_is_refused() -> None:
    """Who relays a tag cannot confirm it: the proof covers the other half of the token."""
    keys = session().keys(PAIR_KEY)
    sending = bucket(keys, numbered("a"))
    hits = hits_of(keys, sending.tags, numbered("a"))

    with pytest.raises(ExchangeError, match="does not hold"):
        Answering(keys, hits).confirm([(hits[0].position, os.urandom(16))])


def test_confirmation_of_what_was_held_back_is_refused() -> None:
    """A position that was not answered cannot be confirmed."""
    keys = session().keys(PAIR_KEY)
    sending = bucket(keys, numbered("a"))
    hit = hits_of(keys, sending.tags, numbered("a"))[0]

    with pytest.raises(ExchangeError, match="not answered"):
        Answering(keys, []).confirm([(hit.position, bytes(16))])


@pytest.mark.parametrize("mangle", ["short", "odd", "unsorted", "twice"])
def test_malformed_buckets_are_refused(mangle: str) -> None:
    """Only the stated sizes, sorted and unique, are looked at."""
    keys = session().keys(PAIR_KEY)
    tags = bucket(keys, numbered("a")).tags
    mangled = {
        "short": tags[:-16],
        "odd": tags[:-1],
        "unsorted": tags[16:32] + tags[:16] + tags[32:],
        "twice": tags[:16] + tags[:16] + tags[32:],
    }[mangle]

    with pytest.raises(ExchangeError):
        hits_of(keys, mangled, [])


def test_the_same_bucket_is_the_same_bytes() -> None:
    """A bucket sent again in its session is bit for bit the same, dummies included."""
    keys = session().keys(PAIR_KEY)

    assert bucket(keys, numbered("a", "b")).tags == bucket(keys, numbered("a", "b")).tags


@given(st.integers(0, MAX_BUCKET))
def test_bucket_sizes_are_the_stated_ones(count: int) -> None:
    """A size holds its tokens, is one of the stated sizes, and is stable."""
    size = bucket_size(count)

    assert size >= count
    assert is_bucket_size(size)
    assert size in {64, 256, 1024} or size % 4096 == 0


def test_dummies_differ_by_seed_and_number() -> None:
    """Dummies never repeat within or across buckets."""
    first, second = dummy_tokens(b"a" * 32, 64), dummy_tokens(b"b" * 32, 64)
    pieces = {(first + second)[start : start + 32] for start in range(0, 4096, 32)}

    assert 128 == len(pieces)


@given(st.lists(st.binary(min_size=32, max_size=32), unique=True, max_size=40), st.data())
def test_any_two_sets_meet_in_their_intersection(tokens: list[bytes], data: st.DataObject) -> None:
    """Whatever the two sets are, both sides prove the intersection."""
    left = data.draw(st.sets(st.sampled_from(tokens))) if tokens else set()
    right = data.draw(st.sets(st.sampled_from(tokens))) if tokens else set()
    keys = session().keys(PAIR_KEY)
    sending = bucket(keys, list(enumerate(left)))
    answering = Answering(keys, hits_of(keys, sending.tags, list(enumerate(right))))
    hits = sending.accept(answering.answer())

    assert left & right == {hit.token for hit in hits}
    assert left & right == {hit.token for hit in answering.confirm(sending.confirm(hits))}


def test_match_id_is_bound_to_the_pair() -> None:
    """A token has another match id under each pair key."""
    token = b"t" * 32

    assert match_id(PAIR_KEY, token) != match_id(b"z" * 32, token)
    assert 16 == len(match_id(PAIR_KEY, token))


def test_tags_depend_on_the_first_half_only() -> None:
    """The second half stays out of tags, so that a tag never helps to make a proof."""
    keys = session().keys(PAIR_KEY)

    assert tag_tokens(keys, b"a" * 16 + b"b" * 16) == tag_tokens(keys, b"a" * 16 + b"c" * 16)

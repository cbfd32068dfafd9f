# SPDX-License-Identifier: Apache-2.0
"""What somebody learns who sees only how long the messages are."""

from collections.abc import Iterator
from itertools import count

import pytest

from federation.agreements import MatchBudget
from federation.testing import Call, Federation
from tests.attacks.cheat import hold, stored
from tests.attacks.support import GENEROUS

ASKER, ANSWERER = "hope", "amparo"
_phones = count(2_000)


def phones(number: int) -> list[str]:
    """Return phones that no test used before."""
    return [f"+5255{next(_phones):04}7391" for _ in range(number)]


@pytest.fixture(scope="module")
def fed() -> Iterator[Federation]:
    """Two members that have met."""
    with Federation(ASKER, ANSWERER, rules=GENEROUS) as made:
        made.agree(ASKER, ANSWERER, match_budget=MatchBudget(daily_base=1_000))
        made.sync()
        yield made


def exchange(fed: Federation, *, sent: int, common: int) -> list[Call]:
    """Let the asker send one bucket of which the answerer holds a part; return what crossed."""
    shared = phones(common)
    if shared:
        hold(fed, ANSWERER, *shared)
    hold(fed, ASKER, *shared, *phones(sent - common))
    before = set(stored(fed, ASKER, ANSWERER))
    fed.calls.clear()
    fed[ASKER].sync()
    assert len(stored(fed, ASKER, ANSWERER).keys() - before) == common
    return [call for call in fed.calls if "Exchange" in call.path]


def sizes(fed: Federation, *, sent: int, common: int) -> list[tuple[str, int, int]]:
    """Return method, request size and reply size of each message of an exchange."""
    return [
        (call.path.rpartition("/")[2], len(call.request), len(call.reply))
        for call in exchange(fed, sent=sent, common=common)
    ]


def test_sizes_do_not_tell_the_number_of_hits(fed: Federation) -> None:
    """No hit, one, some, or every tag a hit: the same messages of the same lengths."""
    none, *others = [sizes(fed, sent=60, common=common) for common in (0, 1, 7, 60)]

    assert [method for method, _, _ in none] == ["OpenSession", "PutTags", "ConfirmMatches"]
    assert others == [none] * 3


def test_sizes_do_not_tell_the_number_of_tags(fed: Federation) -> None:
    """One new token or sixty: the same messages of the same lengths."""
    assert sizes(fed, sent=1, common=0) == sizes(fed, sent=60, common=3)


def test_a_larger_step_hides_its_hits_too(fed: Federation) -> None:
    """In a bucket of 256 a hundred hits look like two hundred."""
    assert sizes(fed, sent=200, common=100) == sizes(fed, sent=201, common=201)


def test_lengths_tell_the_hits_without_padding(
    fed: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If answers were not filled up, every hit would show in their length."""
    monkeypatch.setattr("federation.wire.exchange.padding", lambda _: b"")
    answers = {sizes(fed, sent=60, common=common)[1][2] for common in (0, 1, 7)}

    assert len(answers) == 3


def test_batches_for_custodians_hide_their_number(fed: Federation) -> None:
    """One value or eight: the custodian is sent as many elements."""
    lengths = set()
    for number in (1, 5, 8):
        fed.calls.clear()
        hold(fed, ASKER, *phones(number))
        lengths.add(tuple((len(call.request), len(call.reply)) for call in fed.calls))

    assert len(lengths) == 1


def test_what_is_held_back_looks_like_no_hit() -> None:
    """A hit over the match budget gets, byte for byte, the answer of a miss."""
    with Federation(ASKER, ANSWERER, rules=GENEROUS) as fed:
        nothing = MatchBudget(daily_base=0, daily_percent=0, first=0)
        fed.agree(ASKER, ANSWERER, match_budget=nothing)
        fed.sync()
        replies = []
        for common in (0, 5):
            shared = phones(common)
            if shared:
                hold(fed, ANSWERER, *shared)
            hold(fed, ASKER, *shared, *phones(20))
            fed.calls.clear()
            fed[ASKER].sync()
            replies.append([call.reply for call in fed.calls if "PutTags" in call.path])

        assert replies[0] == replies[1]
        assert len(stored(fed, ANSWERER, ASKER)) == 5
        assert stored(fed, ASKER, ANSWERER) == {}

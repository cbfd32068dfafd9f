# SPDX-License-Identifier: Apache-2.0
"""The witness: what may follow what."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.audit import FirstRecord, Growth, Origin, Verdict, Word, begin, judge
from federation.crypto.merkle import CompactRange, leaf_hash
from tests.audit.support import AT, FEDERATION, Kept, entry

SECOND = Origin(FEDERATION, "hope", 2)


@given(st.integers(1, 80), st.integers(0, 80))
def test_a_log_that_grows_is_cosigned(size: int, more: int) -> None:
    """Whatever the sizes, and also if nothing came."""
    kept = Kept(size)
    held = kept.checkpoint()
    if more:
        kept.append([entry(1000 + number) for number in range(more)])

    assert Verdict(Word.GROWN) == judge(held, kept.shown(size))


@given(st.integers(2, 60), st.integers(0, 60), st.data())
def test_no_rewritten_log_is_cosigned(size: int, more: int, data: st.DataObject) -> None:
    """Another entry in place of one that was seen is found, however long the log is now."""
    kept, other = Kept(size), Kept()
    changed = data.draw(st.integers(1, size - 1))
    other.append([entry(n if n != changed else 5000) for n in range(1, size + more)])
    verdict = judge(kept.checkpoint(), other.shown(size))

    assert verdict.word in ({Word.UNPROVEN} if more else {Word.FORKED})
    assert verdict.word.alarming
    assert not verdict.word.good


def test_two_logs_of_one_size_are_a_fork() -> None:
    """Both are signed: that is proof enough."""
    kept, other = Kept(4), Kept(3)
    other.append([entry(77)])

    assert Verdict(Word.FORKED) == judge(kept.checkpoint(), other.shown(4))
    assert Verdict(Word.FORKED) == judge(kept.checkpoint(), other.shown(0))


def test_a_shorter_log_is_not_cosigned() -> None:
    """Entries are gone, or it is an old message; either way it is not the newest."""
    kept = Kept(9)

    assert Verdict(Word.SHRUNK) == judge(kept.checkpoint(), kept.shown(0, 8))


def test_a_proof_from_another_size_is_asked_for_again() -> None:
    """The keeper may not know what the witness saw last; nothing is wrong with that."""
    kept = Kept(9)

    assert Verdict(Word.BEHIND) == judge(kept.checkpoint(5), kept.shown(4))
    assert Verdict(Word.BEHIND) == judge(None, kept.shown(4))
    assert Verdict(Word.GROWN) == judge(kept.checkpoint(5), kept.shown(5))


@pytest.mark.parametrize("size", [1, 2, 64])
def test_a_log_that_is_not_known_shows_how_it_begins(size: int) -> None:
    """The first record is proved; without it nothing is cosigned."""
    kept = Kept(size)
    shown = kept.shown(0)

    assert Verdict(Word.BEGUN) == judge(None, shown)
    assert shown.first is not None
    wrong = [
        FirstRecord(entry(1).to_bytes(), shown.first.proof),
        FirstRecord(shown.first.leaf, (*shown.first.proof, bytes(32))),
        FirstRecord(b"{}", shown.first.proof),
    ]
    for first in wrong:
        assert Verdict(Word.UNPROVEN) == judge(None, replace(shown, first=first))
    assert Verdict(Word.BEHIND) == judge(None, replace(shown, first=None))


def test_a_log_must_begin_as_logs_do() -> None:
    """Another first record, though it is proved, is no beginning."""
    kept, record = Kept(), entry(1)
    leaf = record.to_bytes()
    tree = CompactRange()
    tree.append(leaf_hash(leaf))
    kept.store.put(Growth(0, (record,), (leaf,), (leaf_hash(leaf),), (), tree))

    assert Verdict(Word.UNPROVEN) == judge(None, kept.shown(0))


def renewed(kept_entries: int) -> Kept:
    """Return a log of the second generation."""
    kept = Kept(origin=SECOND)
    kept.append([begin(AT, bytes(range(32)), kept_entries), entry(3)])
    return kept


def test_a_log_after_a_loss_names_the_one_before() -> None:
    """It is cosigned, and the witness says how much it saw is gone."""
    old = Kept(70)

    assert Verdict(Word.BEGUN, lost=6) == judge(old.checkpoint(), renewed(64).shown(0))
    assert Verdict(Word.BEGUN, lost=0) == judge(old.checkpoint(), renewed(70).shown(0))
    assert Verdict(Word.BEGUN) == judge(None, renewed(64).shown(0))


def test_a_log_after_a_loss_does_not_hide_that_it_is_one() -> None:
    """A second generation that begins like a first is refused, and the reverse."""
    fresh = Kept(3, SECOND)
    old = renewed(3)
    old.origin = Origin(FEDERATION, "hope", 1)

    assert Verdict(Word.UNPROVEN) == judge(Kept(3).checkpoint(), fresh.shown(0))
    assert Verdict(Word.UNPROVEN) == judge(None, fresh.shown(0))
    assert Verdict(Word.UNPROVEN) == judge(None, old.shown(0))


def test_a_generation_that_is_over_stays_over() -> None:
    """Nobody goes back to the log from before, however long it has become."""
    old = Kept(70)
    old.append([entry(500 + number) for number in range(100)])

    assert Verdict(Word.SHRUNK) == judge(renewed(64).checkpoint(), old.shown(0))
    assert Verdict(Word.SHRUNK) == judge(renewed(64).checkpoint(), old.shown(70))


def test_only_good_words_are_good() -> None:
    """A word is good, alarming, or asks to try again."""
    assert {Word.GROWN, Word.BEGUN} == {word for word in Word if word.good}
    assert {Word.SHRUNK, Word.FORKED, Word.UNPROVEN} == {word for word in Word if word.alarming}

# SPDX-License-Identifier: Apache-2.0
import secrets
from datetime import datetime

import pytest

from federation.errors import StoreError
from federation.indicators import Case, Kind, Subject
from federation.storage import Store, Tx

KEY = b"k" * 16
OTHER_KEY = b"o" * 16
TOKEN, ANOTHER = bytes(range(32)), bytes(range(32, 64))


def observe(
    tx: Tx, at: datetime, case_id: str, kind: Kind = Kind.PHONE, subject: Subject = Subject.PLACE
) -> bytes:
    """Put a case with one observation and return the observation's UUID."""
    case = Case(case_id).add(kind, f"{kind} {case_id}", subject, field="f")
    tx.cases.put(case, "calls", at)
    found = tx.cases.get(case_id, "calls")
    assert found is not None
    return found.observations[0].uuid


def test_one_token_stands_for_several_observations(store: Store, at: datetime) -> None:
    """Equal tokens are one row; each observation is linked once."""
    with store.write() as tx:
        one, two = observe(tx, at, "1"), observe(tx, at, "2")
        assert tx.tokens.add(KEY, [(one, TOKEN), (two, TOKEN), (one, TOKEN)], at) == 2
        assert tx.tokens.add(KEY, [(one, TOKEN)], at) == 0
        ((token_id, token),) = tx.tokens.eligible(KEY, [Kind.PHONE], [Subject.PLACE])
        uses = tx.tokens.observations_of(token_id)

    assert token == TOKEN
    assert [(use.case_id, use.source, use.field, use.observation_uuid) for use in uses] == [
        ("1", "calls", "f", one),
        ("2", "calls", "f", two),
    ]
    assert {(use.kind, use.subject) for use in uses} == {(Kind.PHONE, Subject.PLACE)}


def test_eligible_is_what_an_agreement_allows(store: Store, at: datetime) -> None:
    """Kind and subject must both be allowed for the same observation."""
    with store.write() as tx:
        place = observe(tx, at, "1", Kind.PHONE, Subject.PLACE)
        recruiter = observe(tx, at, "2", Kind.EMAIL, Subject.RECRUITER)
        tx.tokens.add(KEY, [(place, TOKEN), (recruiter, ANOTHER)], at)

        def eligible(kinds: set[Kind], subjects: set[Subject]) -> list[bytes]:
            return [token for _, token in tx.tokens.eligible(KEY, kinds, subjects)]

        assert eligible({Kind.PHONE, Kind.EMAIL}, {Subject.PLACE, Subject.RECRUITER}) == [
            TOKEN,
            ANOTHER,
        ]
        assert eligible({Kind.PHONE}, {Subject.PLACE}) == [TOKEN]
        assert eligible({Kind.PHONE}, {Subject.RECRUITER}) == []
        assert eligible({Kind.PHONE}, set()) == []


def test_keys_do_not_mix(store: Store, at: datetime) -> None:
    """The same bytes under two keys are two tokens."""
    with store.write() as tx:
        one = observe(tx, at, "1")
        tx.tokens.add(KEY, [(one, TOKEN)], at)
        tx.tokens.add(OTHER_KEY, [(one, TOKEN)], at)
        assert tx.tokens.counts() == {KEY: 1, OTHER_KEY: 1}
        assert len(tx.tokens.eligible(KEY, [Kind.PHONE], [Subject.PLACE])) == 1


def test_arrivals_grow_without_gaps(store: Store, at: datetime) -> None:
    """Reading from the last arrival on meets each new token once."""
    with store.write() as tx:
        assert tx.tokens.latest_arrival() == 0
        one, two = observe(tx, at, "1"), observe(tx, at, "2")
        tx.tokens.add(KEY, [(one, TOKEN)], at)
        seen = tx.tokens.latest_arrival()
        tx.tokens.add(KEY, [(one, TOKEN), (two, ANOTHER)], at)

        assert (seen, tx.tokens.latest_arrival()) == (1, 2)


def test_an_undone_transaction_uses_no_arrival(store: Store, at: datetime) -> None:
    """Arrivals follow the commits."""
    with store.write() as tx:
        one = observe(tx, at, "1")

    def fail_half_way() -> None:
        with store.write() as tx:
            tx.tokens.add(KEY, [(one, TOKEN)], at)
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    with store.read() as tx:
        assert (tx.tokens.latest_arrival(), tx.tokens.counts()) == (0, {})


def test_a_token_for_a_deleted_observation_is_refused(store: Store, at: datetime) -> None:
    """Custodians answered, but the case was deleted meanwhile: nothing is stored."""
    with store.write() as tx:
        one = observe(tx, at, "1")
        tx.cases.delete("1", "calls")
    with pytest.raises(StoreError, match="deleted"), store.write() as tx:
        tx.tokens.add(KEY, [(one, TOKEN)], at)
    with store.read() as tx:
        assert tx.tokens.counts() == {}


def test_token_numbers_are_not_used_again(store: Store, at: datetime) -> None:
    """What refers to a deleted token finds nothing, not another token."""
    with store.write() as tx:
        tx.tokens.add(KEY, [(observe(tx, at, "1"), TOKEN)], at)
        ((first, _),) = tx.tokens.eligible(KEY, [Kind.PHONE], [Subject.PLACE])
        tx.cases.delete("1", "calls")
        assert tx.tokens.exists(first) is False
        tx.tokens.add(KEY, [(observe(tx, at, "2"), TOKEN)], at)
        ((second, _),) = tx.tokens.eligible(KEY, [Kind.PHONE], [Subject.PLACE])
        assert tx.tokens.exists(second) is True

    assert second > first


def test_a_large_batch_is_stored_whole(store: Store, at: datetime) -> None:
    """More tokens than fit into one statement are linked to the right observations."""
    with store.write() as tx:
        cases = [
            Case(str(number)).add(Kind.PHONE, str(number), Subject.PLACE) for number in range(1200)
        ]
        tx.cases.put_many(cases, "calls", at)
        pending = tx.cases.pending(KEY, 2000)
        pairs = [(seen.uuid, secrets.token_bytes(32)) for seen in pending]
        assert tx.tokens.add(KEY, pairs, at) == 1200
        by_token = {
            token: token_id
            for token_id, token in tx.tokens.eligible(KEY, [Kind.PHONE], [Subject.PLACE])
        }
        for uuid, token in pairs[::100]:
            (use,) = tx.tokens.observations_of(by_token[token])
            assert use.observation_uuid == uuid
        assert tx.tokens.latest_arrival() == 1200


def test_nothing_to_add_is_fine(store: Store, at: datetime) -> None:
    """An empty batch writes nothing."""
    with store.write() as tx:
        assert tx.tokens.add(KEY, [], at) == 0
        assert tx.tokens.eligible(KEY, [Kind.PHONE], [Subject.PLACE]) == []


def test_a_token_of_another_length_is_a_bug(store: Store, at: datetime) -> None:
    """Half a token must not shift its neighbours."""
    with store.write() as tx, pytest.raises(ValueError, match="32 bytes"):
        tx.tokens.add(KEY, [(b"u" * 16, bytes(16)), (b"v" * 16, bytes(48))], at)


def test_heads_are_the_first_halves_of_eligible_tokens(store: Store, at: datetime) -> None:
    """What is asked for again has what arrived meanwhile, and only in its scope."""
    phones, places = {Kind.PHONE}, {Subject.PLACE}
    with store.write() as tx:
        place = observe(tx, at, "1")
        recruiter = observe(tx, at, "2", Kind.PHONE, Subject.RECRUITER)
        tx.tokens.add(KEY, [(place, TOKEN), (recruiter, ANOTHER)], at)
    with store.read() as tx:
        first = tx.tokens.heads(KEY, phones, places)
    with store.write() as tx:
        third = secrets.token_bytes(32)
        tx.tokens.add(KEY, [(observe(tx, at, "3"), third)], at)
    with store.read() as tx:
        both = tx.tokens.heads(KEY, phones, places)
        ids = dict(tx.tokens.eligible(KEY, phones, places))
        none = tx.tokens.heads(OTHER_KEY, phones, places)

    assert first.heads == TOKEN[:16]
    assert both.heads == TOKEN[:16] + third[:16]
    assert list(both.ids) == list(ids)
    assert none.heads == b""


def test_what_was_undone_never_reaches_the_heads(store: Store, at: datetime) -> None:
    """An arrival number that is used again after an undone transaction is not missed."""
    phones, places = {Kind.PHONE}, {Subject.PLACE}
    with store.write() as tx:
        one = observe(tx, at, "1")

    def fail_half_way() -> None:
        with store.write() as tx:
            tx.tokens.add(KEY, [(one, ANOTHER)], at)
            assert tx.tokens.heads(KEY, phones, places).heads == ANOTHER[:16]
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    with store.write() as tx:
        tx.tokens.add(KEY, [(one, TOKEN)], at)
    with store.read() as tx:
        assert tx.tokens.heads(KEY, phones, places).heads == TOKEN[:16]


def test_heads_are_read_anew_after_many_deletions(store: Store, at: datetime) -> None:
    """A deleted token may stay among the heads for a while, but it is eligible no more."""
    phones, places = {Kind.PHONE}, {Subject.PLACE}
    with store.write() as tx:
        cases = [Case(str(n)).add(Kind.PHONE, str(n), Subject.PLACE) for n in range(1_100)]
        tx.cases.put_many(cases, "calls", at)
        pairs = [(seen.uuid, secrets.token_bytes(32)) for seen in tx.cases.pending(KEY, 2_000)]
        tx.tokens.add(KEY, pairs, at)
    with store.read() as tx:
        assert len(tx.tokens.heads(KEY, phones, places).ids) == 1_100
    with store.write() as tx:
        tx.cases.delete("0", "calls")
    with store.read() as tx:
        stale = tx.tokens.heads(KEY, phones, places).ids
        assert len(stale) == 1_100
        assert len(tx.tokens.eligible(KEY, phones, places, stale)) == 1_099
    with store.write() as tx:
        for number in range(1, 1_050):
            tx.cases.delete(str(number), "calls")
    with store.read() as tx:
        assert len(tx.tokens.heads(KEY, phones, places).ids) == 50

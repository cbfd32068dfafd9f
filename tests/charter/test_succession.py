# SPDX-License-Identifier: Apache-2.0
"""Everything that dishonest stewards could try with a next version and its keys."""

from collections.abc import Callable
from typing import Any

import pytest

from federation.charter import (
    Ceremony,
    Charter,
    KeyStatement,
    next_version,
    verify_successor,
    with_keys,
    with_member,
    without_member,
)
from federation.charter.ceremony import propose as propose_ceremony
from federation.crypto import dsse
from federation.documents import sign
from federation.errors import (
    MalformedError,
    MembershipError,
    VerifyError,
)
from tests.charter import support
from tests.charter.signing import LATER, NAMES, restated, signed
from tests.charter.support import DAY, NOW, charter_digest, identity, member

KEYS: dict[str, Callable[[Any], bytes]] = {
    "signing_key": lambda one: one.signing.verify_key,
    "agreement_key": lambda one: one.agreement_key,
    "sealing_key": lambda one: one.sealing_key,
}


def shift(**changes: Any) -> Callable[[Charter], Charter]:
    """Return a change of fields."""
    return lambda charter: charter.replace(**changes)


def drop_statement(charter: Charter) -> Charter:
    """List keys without what backs them."""
    return charter.replace(statements=())


def weaker(charter: Charter) -> Charter:
    """List the keys with another public key's share in a custodian's place."""
    first, *rest = charter.keys
    a, b, c = first.custodians
    swapped = (a.replace(public_share=b.public_share), b.replace(public_share=a.public_share), c)
    return charter.replace(keys=(first.replace(custodians=swapped), *rest))


def renumbered(charter: Charter) -> Charter:
    """List a custodian under another index."""
    first, *rest = charter.keys
    a, b, c = first.custodians
    return charter.replace(
        keys=(first.replace(custodians=(a, b, c.replace(index=9)), next_index=10), *rest)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shift(federation_id=bytes(16)), "another federation"),
        (shift(version=3), "does not follow"),
        (shift(previous=bytes(32)), "follows another version"),
        (drop_statement, "without its statement"),
        (weaker, "otherwise than its custodians stated"),
        (renumbered, "otherwise than its custodians stated"),
        (lambda one: one.replace(keys=()), "backs no key"),
        (
            lambda one: one.replace(keys=tuple(k.replace(generation=2) for k in one.keys)),
            "backs no key",
        ),
        (
            lambda one: one.replace(
                members=tuple(m.replace(admitted=NOW - DAY) for m in one.members)
            ),
            "admission",
        ),
    ],
)
def test_refused_successors(
    base: Charter, second: Charter, change: Callable[[Charter], Charter], message: str
) -> None:
    """What may not follow is refused, however many have signed it."""
    with pytest.raises(MembershipError, match=message):
        verify_successor(base, charter_digest(base), signed(change(second), *NAMES))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"federation_id": bytes(16)}, "another federation"),
        ({"charter_digest": bytes(32)}, "another charter"),
        ({"charter_version": 2}, "another charter"),
        ({"proposed_at": NOW - 40 * DAY}, "too old"),
        ({"proposed_at": NOW + 9 * DAY}, "future"),
    ],
)
def test_statements_of_elsewhere(
    base: Charter, second: Charter, outcome: Any, changes: dict[str, Any], message: str
) -> None:
    """A statement of another federation, charter or time backs nothing."""
    other = second.replace(statements=(restated(outcome, **changes),))

    with pytest.raises(MembershipError, match=message):
        verify_successor(base, charter_digest(base), signed(other, *NAMES))


def test_statement_takes_all_participants(base: Charter, second: Charter, outcome: Any) -> None:
    """A statement that one participant did not sign backs nothing."""
    opened = KeyStatement.decode_envelope(outcome.statement)
    fewer = dsse.Envelope(opened.payload_type, opened.payload, opened.signatures[:2])
    other = second.replace(statements=(dsse.encode(fewer),))

    with pytest.raises(VerifyError):
        verify_successor(base, charter_digest(base), signed(other, *NAMES))


def test_statement_by_sock_puppets(base: Charter, second: Charter, outcome: Any) -> None:
    """Participants with other keys than the charter lists are refused."""
    statement = KeyStatement.from_envelope(outcome.statement)
    puppets = tuple(
        one.replace(signing_key=identity(f"x-{one.member}").signing.verify_key)
        for one in statement.participants
    )
    envelope = sign(statement.replace(participants=puppets), "amparo", identity("x-amparo").signing)
    for name in ("hope", "licht"):
        envelope = dsse.add_signature(envelope, name, identity(f"x-{name}").signing)
    other = second.replace(statements=(dsse.encode(envelope),))

    with pytest.raises(MembershipError, match="names a custodian"):
        verify_successor(base, charter_digest(base), signed(other, *NAMES))


def test_stated_shares_must_fit_the_key(base: Charter, second: Charter, outcome: Any) -> None:
    """Even all participants together cannot state shares that give no key."""
    statement = KeyStatement.from_envelope(outcome.statement)
    first, *rest = statement.keys
    odd = first.replace(public_shares=(*first.public_shares[1:], first.public_shares[0]))
    envelope = restated(outcome, keys=(odd, *rest))
    keys = KeyStatement.from_envelope(envelope).lane_keys()
    other = second.replace(statements=(envelope,), keys=keys)

    with pytest.raises(VerifyError, match="does not fit"):
        verify_successor(base, charter_digest(base), signed(other, *NAMES))


def test_statement_with_foreign_key_id(outcome: Any) -> None:
    """A key id that does not come from its ceremony and key is not read."""
    statement = KeyStatement.from_envelope(outcome.statement)
    first, *rest = statement.keys

    with pytest.raises(MalformedError, match="key id"):
        statement.replace(keys=(first.replace(key_id=bytes(16)), *rest))


def test_keys_do_not_change_later(second: Charter) -> None:
    """Threshold, generation and shares of a known key stay as they are."""
    digest = charter_digest(second)
    for changes, reason in (
        ({"threshold": 3}, "without a resharing"),
        ({"next_index": 5}, "without a resharing"),
        ({"generation": 2}, "without its statement"),
    ):
        first, *rest = second.keys
        other = next_version(second, digest, at=LATER, keys=(first.replace(**changes), *rest))
        with pytest.raises(MembershipError, match=reason):
            verify_successor(second, digest, signed(other, *NAMES))


def test_custodian_cannot_be_dropped_while_it_is_one(second: Charter) -> None:
    """Who still is a custodian keeps its place in every key."""
    digest = charter_digest(second)
    first, *rest = second.keys
    other = next_version(
        second, digest, at=LATER, keys=(first.replace(custodians=first.custodians[:2]), *rest)
    )

    with pytest.raises(MembershipError, match="still is one"):
        verify_successor(second, digest, signed(other, *NAMES))


def test_dropped_custodian_cannot_come_back(second: Charter) -> None:
    """A share that was struck is not listed again."""
    digest = charter_digest(second)
    third = without_member(second, digest, "licht", at=LATER)
    back = with_member(third, charter_digest(third), member("licht"), at=LATER)
    fourth = back.replace(keys=second.keys)

    with pytest.raises(MembershipError, match="nobody was dealt"):
        verify_successor(third, charter_digest(third), signed(fourth, *NAMES))


def test_removed_custodian_leaves_its_keys(second: Charter) -> None:
    """Removing a custodian strikes its shares, keeps the key, and warns."""
    digest = charter_digest(second)
    third = without_member(second, digest, "licht", at=LATER)

    verified = verify_successor(second, digest, signed(third, "amparo", "hope"))

    assert [len(key.custodians) for key in verified.keys] == [2, 2, 2, 2]
    assert [key.key_id for key in verified.keys] == [key.key_id for key in second.keys]
    assert any("former custodian" in warning for warning in verified.warnings())


def test_too_few_custodians_cannot_remain(second: Charter) -> None:
    """A key that could not be evaluated any more is not left behind."""
    third = without_member(second, charter_digest(second), "licht", at=LATER)

    with pytest.raises(MembershipError, match="too few custodians"):
        without_member(third, charter_digest(third), "hope", at=LATER)


def second_epoch(second: Charter) -> Any:
    """Return a second ceremony's outcome, under the charter that lists the first keys."""
    keys = [one.replace(epoch=2) for one in support.ALL_KEYS]
    proposal = propose_ceremony(
        identity("hope"),
        second,
        charter_digest(second),
        ceremony_id=bytes(16),
        participants=dict(enumerate(NAMES, start=1)),
        threshold=2,
        keys=keys,
        at=LATER,
    )
    everybody = {name: Ceremony.load(identity(name), second, [proposal], None) for name in NAMES}
    for one in everybody.values():
        one.accept(LATER)
    support.deliver(everybody)
    return everybody["hope"].outcome


def test_second_epoch_lives_beside_the_first(second: Charter, outcome: Any) -> None:
    """New keys join the old ones; an old statement cannot bring an old epoch back."""
    digest = charter_digest(second)
    third = with_keys(second, digest, second_epoch(second), at=LATER)

    verified = verify_successor(second, digest, signed(third, *NAMES))

    epochs = [key.epoch for key in verified.live_keys(support.Lane.NETWORK, verified.keys[0].cls)]
    assert epochs == [1, 2]
    newest = verified.replace(
        keys=tuple(key for key in verified.keys if key.epoch == 2),
        statements=tuple(one for one in verified.statements if one != outcome.statement),
    )
    replayed = next_version(
        newest,
        charter_digest(newest),
        at=LATER,
        keys=verified.keys,
        statements=verified.statements,
    )
    with pytest.raises(MembershipError, match="new epoch"):
        verify_successor(newest, charter_digest(newest), signed(replayed, *NAMES))


@pytest.mark.parametrize("key", ["signing_key", "agreement_key", "sealing_key"])
def test_a_member_with_other_keys_is_a_newcomer(second: Charter, key: str) -> None:
    """Stewards cannot hand a member's place, with its age and its budget, to somebody else."""
    changed = second.member("licht").replace(**{key: KEYS[key](identity("casa"))})
    third = with_member(second, charter_digest(second), changed, at=LATER + DAY)
    third = third.replace(keys=second.keys, statements=second.statements)
    known = (second, charter_digest(second))
    with pytest.raises(MembershipError, match="admission"):
        verify_successor(*known, signed(third, *NAMES))

    fresh = third.member("licht").replace(since_version=third.version, admitted=third.issued)
    others = tuple(one for one in third.members if one.id != "licht")
    third = third.replace(members=tuple(sorted((*others, fresh), key=lambda one: one.id)))
    assert verify_successor(*known, signed(third, *NAMES)) == third

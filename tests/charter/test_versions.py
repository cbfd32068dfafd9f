# SPDX-License-Identifier: Apache-2.0
"""Which charters are believed, and when."""

from datetime import timedelta

import pytest

from federation.charter import (
    Charter,
    Missing,
    check_usable,
    compare,
    found,
    merge_signatures,
    next_version,
    signatures_missing,
    verify_chain,
    verify_genesis,
    verify_successor,
    with_founder,
    with_member,
    without_member,
)
from federation.crypto import dsse
from federation.documents import sign
from federation.errors import (
    CharterConflictError,
    CharterExpiredError,
    MalformedError,
    MembershipError,
    VerifyError,
)
from tests.charter import support
from tests.charter.signing import LATER, NAMES, signed
from tests.charter.support import DAY, NOW, charter_digest, identity, member


def test_genesis_takes_all_stewards(base: Charter) -> None:
    """The first version is in force when all its stewards have signed, and not before."""
    assert verify_genesis(signed(base, *NAMES)) == base
    with pytest.raises(VerifyError):
        verify_genesis(signed(base, "amparo", "hope"))


def test_successor_takes_a_majority(base: Charter, second: Charter) -> None:
    """A later version takes a majority of the stewards before it, whoever they are."""
    digest = charter_digest(base)

    assert verify_successor(base, digest, signed(second, "hope", "licht")) == second
    with pytest.raises(VerifyError):
        verify_successor(base, digest, signed(second, "hope"))


def test_signatures_of_others_do_not_count(base: Charter, second: Charter) -> None:
    """Neither strangers nor one steward under two names make a majority."""
    stranger = signed(second, "hope", "stranger")
    twice = dsse.encode(
        dsse.add_signature(
            sign(second, "hope", identity("hope").signing), "licht", identity("hope").signing
        )
    )

    for envelope in (stranger, twice):
        with pytest.raises(VerifyError):
            verify_successor(base, charter_digest(base), envelope)


def test_new_stewards_do_not_vote_themselves_in(base: Charter) -> None:
    """Only the stewards of the version before decide about the next."""
    digest = charter_digest(base)
    packed = base
    for name in ("x-one", "x-two"):
        packed = with_member(base, digest, member(name), at=LATER)

    with pytest.raises(VerifyError):
        verify_successor(base, digest, signed(packed, "hope", "x-two"))


def test_missing_signatures_are_counted(base: Charter, second: Charter) -> None:
    """What is missing is told for the first version and for later ones."""
    assert signatures_missing(signed(base, "hope"), None) == Missing(
        2, frozenset({"amparo", "licht"})
    )
    assert signatures_missing(signed(second, "hope"), base) == Missing(
        1, frozenset({"amparo", "licht"})
    )
    assert signatures_missing(signed(second, "stranger"), base) == Missing(2, frozenset(NAMES))
    assert signatures_missing(signed(second, "hope", "licht"), base).count == 0


def test_signatures_merge(base: Charter, second: Charter) -> None:
    """Two stewards' copies of one proposal make one envelope, without foreign signatures."""
    merged = merge_signatures(signed(second, "hope", "stranger"), signed(second, "licht"), base)

    assert verify_successor(base, charter_digest(base), merged) == second
    assert b"stranger" not in merged
    with pytest.raises(MalformedError):
        merge_signatures(signed(base, "hope"), signed(second, "hope"), base)


def test_chain(base: Charter, second: Charter) -> None:
    """A chain is verified from the first version, or from the one that is known."""
    envelopes = [signed(base, *NAMES), signed(second, "hope", "licht")]
    whole = [(base, charter_digest(base)), (second, charter_digest(second))]

    assert verify_chain(envelopes) == whole
    assert verify_chain(envelopes, whole[0]) == whole[1:]
    assert verify_chain(envelopes[1:], whole[0]) == whole[1:]
    assert verify_chain(envelopes, whole[1]) == []
    with pytest.raises(MembershipError):
        verify_chain(envelopes[1:])


def test_conflict(base: Charter, second: Charter) -> None:
    """Two contents of one version are a conflict, in a chain and in a comparison."""
    other = second.replace(grace_days=3)
    known = (second, charter_digest(second))

    with pytest.raises(CharterConflictError):
        verify_chain([signed(other, *NAMES)], known)
    with pytest.raises(CharterConflictError):
        compare(2, bytes(32), 2, bytes([1]) * 32)
    assert compare(1, bytes(32), 2, bytes(32)) == -1
    assert compare(2, bytes(32), 2, bytes(32)) == 0
    assert compare(2, bytes(32), 1, bytes([1]) * 32) == 1


def test_expiry(base: Charter) -> None:
    """A charter is usable until its grace period is over, and not before it was issued."""
    check_usable(base, NOW)
    check_usable(base, base.expires + timedelta(days=base.grace_days))
    with pytest.raises(CharterExpiredError):
        check_usable(base, base.expires + timedelta(days=base.grace_days, seconds=1))
    with pytest.raises(MembershipError, match="future"):
        check_usable(base, NOW - timedelta(minutes=6))


def test_expired_on_arrival(base: Charter, second: Charter) -> None:
    """A charter that is over when it arrives is refused, if the time is asked for."""
    late = second.expires + 100 * DAY
    envelopes = [signed(base, *NAMES), signed(second, *NAMES)]

    with pytest.raises(CharterExpiredError):
        verify_genesis(envelopes[0], at=late)
    with pytest.raises(CharterExpiredError):
        verify_successor(base, charter_digest(base), envelopes[1], at=late)
    with pytest.raises(CharterExpiredError):
        verify_chain(envelopes, at=late)
    just_over = base.expires + timedelta(days=base.grace_days, hours=1)
    assert len(verify_chain(envelopes, at=just_over)) == 2


def test_suspended_steward_does_not_count(base: Charter) -> None:
    """Two of the remaining two must sign when the third is suspended."""
    digest = charter_digest(base)
    suspended = with_member(base, digest, member("licht", suspended=True), at=LATER)
    third = next_version(suspended, charter_digest(suspended), at=LATER)

    with pytest.raises(VerifyError):
        verify_successor(suspended, charter_digest(suspended), signed(third, "hope", "licht"))


def test_first_version_is_only_accepted_first(base: Charter, second: Charter) -> None:
    """A second version is no beginning, and a first one no successor."""
    with pytest.raises(MembershipError):
        verify_genesis(signed(second, *NAMES))
    with pytest.raises(MembershipError):
        verify_successor(base, charter_digest(base), signed(base, *NAMES))


def test_drafts_of_the_first_version(base: Charter) -> None:
    """Founders are added one by one until the first version is signed."""
    draft = found("Carnival", (member("hope"),), federation_id=support.FEDERATION, at=NOW)
    for name in ("licht", "amparo"):
        draft = with_founder(draft, member(name, since_version=1))

    assert draft == base
    with pytest.raises(MembershipError):
        with_founder(next_version(base, charter_digest(base), at=LATER), member("other"))


def test_removing_a_stranger(base: Charter) -> None:
    """Only members can be removed."""
    with pytest.raises(MembershipError):
        without_member(base, charter_digest(base), "stranger", at=LATER)


def test_time_does_not_run_backwards(base: Charter) -> None:
    """A charter is not issued before the one that it follows."""
    late = base.replace(issued=NOW + 2 * DAY)
    following = next_version(late, charter_digest(late), at=NOW + 3 * DAY)
    early = following.replace(issued=NOW + DAY)

    with pytest.raises(MembershipError, match="before its predecessor"):
        verify_successor(late, charter_digest(late), signed(early, *NAMES))

# SPDX-License-Identifier: Apache-2.0
"""A member's new endpoint or certificate, by a file that only it can have written."""

from typing import Any

import pytest

from federation.charter import Charter, Role, open_update, request_update, with_suspension
from federation.charter.identity import Identity
from federation.errors import MembershipError, VerifyError
from tests.charter.signing import LATER
from tests.charter.support import DAY, applicant, charter_digest, identity, secret


def test_endpoint_and_certificate_change(second: Charter) -> None:
    """The entry keeps its duties, and says the new things."""
    changed = applicant(
        "hope", endpoint="new.example:7443", certificates=(secret("old"), secret("new"))
    )

    entry = open_update(
        request_update(identity("hope"), changed, second, at=LATER), second, at=LATER
    )

    assert (entry.endpoint, entry.certificates) == (changed.endpoint, changed.certificates)
    before = second.member("hope")
    assert (entry.steward, entry.custodian, entry.admitted) == (
        before.steward,
        before.custodian,
        before.admitted,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"role": Role.AGENCY},
        {"legal_entity": "REG:other"},
        {"signing_key": identity("x-hope").signing.verify_key},
        {"sealing_key": identity("x-hope").sealing_key},
    ],
)
def test_nothing_else_changes(second: Charter, changes: dict[str, Any]) -> None:
    """Neither keys nor role nor legal entity, and not nothing."""
    with pytest.raises(MembershipError):
        request_update(identity("hope"), applicant("hope", **changes), second, at=LATER)


def test_only_the_member_itself(second: Charter) -> None:
    """A file by somebody else, or of another time, is refused."""
    changed = applicant("hope", endpoint="new.example:7443")
    forger = Identity("hope", identity("licht").signing, bytes(32), bytes(32))
    with pytest.raises(VerifyError):
        open_update(request_update(forger, changed, second, at=LATER), second, at=LATER)
    honest = request_update(identity("hope"), changed, second, at=LATER)
    for at in (LATER + 31 * DAY, LATER - DAY):
        with pytest.raises(MembershipError, match="old"):
            open_update(honest, second, at=at)


def test_suspension_is_drafted_and_lifted(second: Charter) -> None:
    """Who is suspended keeps place and shares; the same again is refused."""
    digest = charter_digest(second)
    third = with_suspension(second, digest, "hope", suspended=True, at=LATER)

    assert third.member("hope").suspended
    assert third.keys == second.keys
    with pytest.raises(MembershipError):
        with_suspension(second, digest, "hope", suspended=False, at=LATER)
    lifted = with_suspension(third, charter_digest(third), "hope", suspended=False, at=LATER)
    assert not lifted.member("hope").suspended

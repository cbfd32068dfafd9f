# SPDX-License-Identifier: Apache-2.0
"""What a charter may hold, whoever signs it; budgets; warnings; identities."""

import pickle
from datetime import timedelta
from typing import Any

import pytest

from federation.charter import Applicant, Charter, Identity, QuotaLimits, Role, Rules, with_keys
from federation.crypto import agree
from federation.errors import MalformedError, MembershipError
from federation.indicators import IndicatorClass, Lane
from tests.charter import support
from tests.charter.support import DAY, NOW, applicant, charter, charter_digest, identity, member


@pytest.fixture(scope="module")
def keyed() -> Charter:
    """Return a second version, with four keys."""
    everybody = support.ceremonies(keys=support.ALL_KEYS)
    support.run(everybody)
    outcome = everybody["hope"].outcome
    assert outcome is not None
    return with_keys(charter(), charter_digest(charter()), outcome, at=NOW)


def test_charter_round_trip(keyed: Charter) -> None:
    """A charter reads back from its bytes."""
    assert Charter.from_bytes(keyed.to_bytes()) == keyed


@pytest.mark.parametrize(
    "field", ["signing_key", "agreement_key", "sealing_key", "certificates", "endpoint"]
)
def test_nothing_is_shared_between_members(field: str) -> None:
    """One key, certificate or endpoint under two names is refused."""
    twin = member("hope").replace(**{field: getattr(member("amparo"), field)})

    with pytest.raises(MembershipError, match="share"):
        charter().replace(members=(member("amparo"), twin))


def test_a_key_does_not_serve_two_members_in_two_ways() -> None:
    """One member's agreement key as another's sealing key is refused as well."""
    twin = member("hope").replace(sealing_key=member("amparo").agreement_key)

    with pytest.raises(MembershipError, match="share a key"):
        charter().replace(members=(member("amparo"), twin))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ((member("hope"), member("amparo")), "ascending"),
        ((member("hope"), member("hope")), "ascending"),
        ((member("hope", steward=False),), "no steward"),
        ((member("hope", suspended=True),), "no steward"),
        ((member("hope", since_version=2),), "later version"),
        ((member("hope", admitted=NOW + DAY),), "after the charter"),
    ],
)
def test_refused_members(members: Any, message: str) -> None:
    """Members must be told apart, and somebody must be able to sign."""
    with pytest.raises(MembershipError, match=message):
        charter().replace(members=members)


@pytest.mark.parametrize("days", [0, -1, 1101])
def test_refused_lifetimes(days: int) -> None:
    """A charter neither ends before it begins nor lasts for ever."""
    with pytest.raises(MembershipError, match="lasts"):
        charter().replace(expires=NOW + timedelta(days=days))


def test_first_version_has_no_keys(keyed: Charter) -> None:
    """Nobody can have made keys before there was a charter."""
    with pytest.raises(MembershipError, match="before anybody"):
        keyed.replace(version=1, previous=None)
    with pytest.raises(MembershipError, match="predecessor"):
        charter().replace(previous=bytes(32))


def test_law_enforcement_holds_no_survivor_share(keyed: Charter) -> None:
    """A charter that gives law enforcement a survivor share is not read."""
    police = tuple(
        one.replace(role=Role.LAW_ENFORCEMENT) if one.id == "licht" else one
        for one in keyed.members
    )

    with pytest.raises(MembershipError, match="no survivor share"):
        keyed.replace(members=police)
    network = tuple(key for key in keyed.keys if key.lane is Lane.NETWORK)
    assert keyed.replace(members=police, keys=network).keys == network


def test_keys_are_held_by_custodians(keyed: Charter) -> None:
    """A share is held by a member that is a custodian."""
    demoted = tuple(
        one.replace(custodian=False) if one.id == "licht" else one for one in keyed.members
    )

    with pytest.raises(MembershipError, match="no custodian"):
        keyed.replace(members=demoted)
    with pytest.raises(MembershipError, match="no custodian"):
        keyed.replace(members=keyed.members[:2])


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": 1},
        {"threshold": 4},
        {"generation": 0},
        {"epoch": 0},
        {"custodians": ()},
    ],
)
def test_refused_figures(keyed: Charter, changes: dict[str, Any]) -> None:
    """Thresholds lie between two and the number of custodians; counters begin at one."""
    with pytest.raises(MalformedError):
        keyed.keys[0].replace(**changes)


def test_refused_custodian_lists(keyed: Charter) -> None:
    """Indices ascend, and no member holds two shares of one key."""
    key = keyed.keys[0]
    a, b, c = key.custodians
    for custodians in ((b, a, c), (a, a, c), (a, b, c.replace(member="hope"))):
        with pytest.raises(MalformedError):
            key.replace(custodians=custodians)
    for index in (0, 65536):
        with pytest.raises(MalformedError):
            a.replace(index=index)


def test_key_lists(keyed: Charter) -> None:
    """Keys are sorted, distinct, and at most two epochs of one live at once."""
    first, *rest = keyed.keys
    more = [first.replace(epoch=e, key_id=bytes([e]) * 16) for e in (2, 3)]
    for keys in ((*rest, first), (first, first, *rest), (first, *more, *rest)):
        with pytest.raises(MembershipError):
            keyed.replace(keys=keys)
    with pytest.raises(MembershipError, match="one id"):
        keyed.replace(keys=(first, first.replace(epoch=2), *rest))
    assert keyed.replace(keys=(first, more[0], *rest)).live_keys(first.lane, first.cls) == (
        first,
        more[0],
    )


def test_look_ups(keyed: Charter) -> None:
    """Members and keys are found by id, or the charter says that it does not know them."""
    key = keyed.keys[0]
    assert keyed.key(key.key_id) == key
    assert keyed.member("hope").id == "hope"
    assert key.custodian("hope") == key.custodians[1]
    assert key.custodian("stranger") is None
    assert {one.id for one in keyed.custodians} == {"amparo", "hope", "licht"}
    with pytest.raises(MembershipError):
        keyed.key(bytes(16))
    with pytest.raises(MembershipError):
        keyed.member("stranger")


def test_warnings(keyed: Charter) -> None:
    """What weakens a federation without being forbidden is said."""
    assert keyed.warnings() == []
    same = tuple(one.replace(legal_entity="reg: HOPE") for one in keyed.members[:2])
    told = " ".join(keyed.replace(members=(*same, keyed.members[2])).warnings())
    assert "two custodians are one legal entity" in told
    assert "fewer than three custodians" in told
    told = " ".join(charter("hope").warnings())
    assert "one steward alone" in told


def test_quota_of_founders_and_newcomers() -> None:
    """A newcomer has a tenth of the budget for 90 days; founders have all of it at once."""
    rules = Rules()
    newcomer = member("new", since_version=2)
    full = QuotaLimits(2_000, 20_000)

    def of(one: Any, days: int) -> QuotaLimits:
        return rules.quota(one, IndicatorClass.IDENTIFIER, NOW + days * DAY)

    assert of(member("hope"), 0) == full
    assert of(newcomer, 89) == QuotaLimits(200, 2_000)
    assert of(newcomer, 90) == full
    assert of(member("hope", suspended=True), 90) == QuotaLimits(0, 0)
    assert rules.quota(member("hope"), IndicatorClass.PERSON, NOW) == QuotaLimits(20_000, 200_000)


def test_refused_rules() -> None:
    """A day's budget within a month's, and no negative ones."""
    for changes in ({"identifier_daily": 30_000}, {"person_daily": -1}, {"bulk": 1}):
        with pytest.raises(MalformedError):
            Rules().replace(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "hope.example"},
        {"endpoint": "hope.example:0"},
        {"endpoint": "hope.example:65536"},
        {"endpoint": "hope example:80"},
        {"endpoint": "-hope:80"},
        {"endpoint": "user@hope:80"},
        {"endpoint": "hope:80/path"},
        {"id": "h"},
        {"id": "Hope"},
        {"id": "hope/../x"},
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"legal_entity": "--"},
        {"certificates": ()},
        {"certificates": (b"",)},
        {"certificates": (b"a", b"a")},
        {"certificates": (b"a", b"b", b"c", b"d")},
        {"certificates": (bytes(4097),)},
        {"agreement_key": bytes(32)},
        {"sealing_key": bytes([1]) + bytes(31)},
        {"sealing_key": identity("hope").agreement_key},
        {"role": "ngo"},
    ],
)
def test_refused_applicants(changes: dict[str, Any]) -> None:
    """What an organisation says about itself is checked before anybody signs it."""
    with pytest.raises(MalformedError):
        applicant("hope", **changes)


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:1", "[::1]:7443", "node.hope.example:65535", "localhost:80"]
)
def test_accepted_endpoints(endpoint: str) -> None:
    """Names and addresses of both families are endpoints."""
    assert applicant("hope", endpoint=endpoint).endpoint == endpoint


def test_identity_round_trip() -> None:
    """An identity comes back from the keystore with all its keys."""
    one = Identity.generate("hope")

    again = Identity.from_bytes(one.to_bytes())

    assert again.member_id == "hope"
    assert again.signing.verify_key == one.signing.verify_key
    assert (again.agreement_secret, again.sealing_secret) == (
        one.agreement_secret,
        one.sealing_secret,
    )
    assert one.agreement_key == agree.public(one.agreement_secret)


def test_identity_keeps_its_secrets() -> None:
    """Printing and pickling an identity give nothing away."""
    one = Identity.generate("hope")

    assert one.agreement_secret.hex() not in repr(one)
    assert "hope" not in repr(one)
    with pytest.raises(TypeError):
        pickle.dumps(one)


@pytest.mark.parametrize("cut", [0, 1, 50, 96, 100, -1])
def test_damaged_identity(cut: int) -> None:
    """A damaged keystore entry is refused."""
    raw = Identity.generate("hope").to_bytes()

    with pytest.raises(MalformedError):
        Identity.from_bytes(raw[cut:] if cut > 0 else raw[:cut] or b"x" * 96)


def test_applicant_shows_only_public_keys() -> None:
    """An applicant's data hold no secret."""
    one = Identity.generate("hope")
    shown = Applicant.of(
        one,
        name="Hope",
        legal_entity="REG:1",
        role=Role.NGO,
        endpoint="hope:1",
        certificates=(b"der",),
    ).model_dump_json()

    for secret in (one.agreement_secret, one.sealing_secret, one.signing.to_bytes()):
        assert secret.hex() not in shown

# SPDX-License-Identifier: Apache-2.0
"""What must hold inside one charter, whoever signed it; and what deserves a warning."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from federation.charter.keys import KeyStatement, LaneKey
from federation.charter.members import Member, Role, fold_entity
from federation.errors import MembershipError
from federation.indicators import Lane

if TYPE_CHECKING:
    from federation.charter.charter import Charter

__all__ = ["check_dates", "check_keys", "check_members", "warnings"]

_LONGEST = timedelta(days=1100)
_LIVE_EPOCHS = 2


def _unique(values: Iterable[object], what: str) -> None:
    if any(count > 1 for count in Counter(values).values()):
        raise MembershipError(f"two members share {what}")


def check_members(members: Sequence[Member], version: int, issued: datetime) -> None:
    """Refuse members that could not be told apart, or that come from the future.

    Raises:
        MembershipError: Says what is wrong.
    """
    ids = [member.id for member in members]
    if ids != sorted(set(ids)):
        raise MembershipError("members are not ascending by id")
    # One key under two names would count as two signatures, two custodians, two budgets.
    keys = [(one.signing_key, one.agreement_key, one.sealing_key) for one in members]
    _unique((key for three in keys for key in three), "a key")
    _unique((der for one in members for der in one.certificates), "a certificate")
    _unique((one.endpoint for one in members), "an endpoint")
    if any(member.since_version > version for member in members):
        raise MembershipError("a member joins in a later version")
    if any(member.admitted > issued for member in members):
        raise MembershipError("a member is admitted after the charter is issued")
    if not any(member.steward and not member.suspended for member in members):
        raise MembershipError("the charter has no steward")


def check_dates(issued: datetime, expires: datetime) -> None:
    """Refuse a charter that ends before it begins, or lasts for years.

    Raises:
        MembershipError: Says what is wrong.
    """
    if not issued < expires <= issued + _LONGEST:
        raise MembershipError("a charter lasts from a second to 1100 days")


def check_keys(keys: Sequence[LaneKey], members: Sequence[Member]) -> None:
    """Refuse keys that are ambiguous, or held by those who may not hold them.

    Raises:
        MembershipError: Says what is wrong.
    """
    order = [key.order for key in keys]
    if order != sorted(set(order)):
        raise MembershipError("keys are not ascending by lane, class and epoch")
    if len({key.key_id for key in keys}) != len(keys):
        raise MembershipError("two keys have one id")
    if any(n > _LIVE_EPOCHS for n in Counter((key.lane, key.cls) for key in keys).values()):
        raise MembershipError("more than two epochs of one key live at once")
    listed = {member.id: member for member in members}
    for key in keys:
        for custodian in key.custodians:
            holder = listed.get(custodian.member)
            if holder is None or not holder.custodian:
                raise MembershipError("a share is held by someone who is no custodian")
            if key.lane is Lane.SURVIVOR and holder.role is Role.LAW_ENFORCEMENT:
                raise MembershipError("law enforcement holds no survivor share")


def warnings(charter: "Charter") -> list[str]:
    """Return what is allowed in a charter and yet worth a thought."""
    found = []
    if len(charter.stewards) == 1:
        found.append("one steward alone decides over every new charter version")
    entities = Counter(fold_entity(member.legal_entity) for member in charter.members)
    if any(count > 1 for count in entities.values()):
        found.append("two members are one legal entity, and together have twice its budget")
    custodians = {fold_entity(member.legal_entity) for member in charter.custodians}
    if len(custodians) < len(charter.custodians):
        found.append("two custodians are one legal entity, and count as one against collusion")
    if len(custodians) < 3:
        found.append(
            "fewer than three custodians of distinct legal entities: if one fails, no new"
            " pseudonym can be made, and two that collude can guess every one"
        )
    found.extend(_key_warnings(charter))
    return found


def _key_warnings(charter: "Charter") -> list[str]:
    found = []
    made = {
        (key.key_id, key.generation): key
        for envelope in charter.statements
        for key in KeyStatement.from_envelope(envelope).lane_keys()
    }
    for key in charter.keys:
        name = f"{key.lane.value}/{key.cls.value}, epoch {key.epoch}"
        if 2 * key.threshold <= len(key.custodians):
            found.append(f"key {name}: two groups of custodians can evaluate without each other")
        if len(key.custodians) == key.threshold:
            found.append(f"key {name}: every custodian is needed for every evaluation")
        origin = made.get((key.key_id, key.generation))
        if origin is not None and len(key.custodians) < len(origin.custodians):
            found.append(
                f"key {name}: a former custodian may still hold its share; start a new epoch"
                " if it was removed for cause"
            )
    return found

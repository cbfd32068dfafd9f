# SPDX-License-Identifier: Apache-2.0
"""Which resharing of a key fits the key, and how its custodians are numbered."""

from collections.abc import Iterable, Sequence

from federation.charter.frame import Frame, KeySpec, OldKey, Resharing
from federation.charter.keys import LaneKey
from federation.errors import CeremonyError

__all__ = ["describe", "number_custodians", "resharing_fault"]


def number_custodians(keys: Sequence[LaneKey], receivers: Iterable[str]) -> dict[int, str]:
    """Give every new custodian its index, the same in all keys.

    Who holds a share keeps its index; everybody else gets one that no key ever had, so that
    an old share never passes for a new one.

    Args:
        keys: What is reshared together.
        receivers: Member ids of the new custodians.

    Returns:
        Member id by index.

    Raises:
        CeremonyError: A member has different indices in the keys.
    """
    free = max(key.next_index for key in keys)
    numbered: dict[int, str] = {}
    for member in sorted(receivers):
        places = [key.custodian(member) for key in keys]
        known = {place.index for place in places if place is not None}
        if not known:
            numbered[free] = member
            free += 1
            continue
        index = known.pop()
        fits = all(
            place is not None or index >= key.next_index
            for key, place in zip(keys, places, strict=True)
        )
        if known or not fits:
            raise CeremonyError("the keys number their custodians differently")
        numbered[index] = member
    return numbered


def describe(
    keys: Sequence[LaneKey], dealers: Iterable[int], receivers: Iterable[int]
) -> Resharing:
    """Write down how keys are shared before a resharing.

    Args:
        keys: What is reshared together, ascending by lane, class and epoch.
        dealers: Indices of old custodians.
        receivers: Indices of the new ones.

    Raises:
        CeremonyError: A dealer holds no share of one of the keys.
        MalformedError: There are too few of them.
    """
    dealing = tuple(sorted(dealers))
    try:
        old = tuple(
            OldKey(
                key_id=key.key_id,
                generation=key.generation,
                threshold=key.threshold,
                public_key=key.public_key,
                dealer_shares=tuple(key.group.public_shares[index] for index in dealing),
                next_index=key.next_index,
            )
            for key in keys
        )
    except KeyError:
        raise CeremonyError("a dealer holds no share of the key") from None
    return Resharing(dealers=dealing, receivers=tuple(sorted(receivers)), keys=old)


def resharing_fault(
    frame: Frame, specs: Sequence[KeySpec], listed: Iterable[LaneKey]
) -> str | None:
    """Say why a resharing does not fit the keys that a charter lists, or None.

    Args:
        frame: A proposal or a key statement that reshares.
        specs: Lane, class and epoch of its keys.
        listed: The keys of the charter before.
    """
    resharing = frame.resharing
    assert resharing is not None
    by_id = {key.key_id: key for key in listed}
    members = {one.index: one.member for one in frame.participants}
    for spec, old in zip(specs, resharing.keys, strict=True):
        key = by_id.get(old.key_id)
        if key is None or key.order != spec.order:
            return "a key to be reshared is not in force"
        if key.generation != old.generation:
            return "a key to be reshared has another generation"
        holders = {one.index: one.member for one in key.custodians}
        if any(holders.get(index) != members[index] for index in resharing.dealers):
            return "a dealer holds no share of the key"
        if describe([key], resharing.dealers, resharing.receivers).keys != (old,):
            return "a key to be reshared is described wrongly"
        present = {member: index for index, member in holders.items()}
        for index in resharing.receivers:
            keeps = present.get(members[index])
            if index != keeps and (keeps is not None or index < key.next_index):
                return "a custodian gets an index that the key has used"
    return None

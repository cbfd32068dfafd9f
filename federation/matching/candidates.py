# SPDX-License-Identifier: Apache-2.0
"""Who is asked about, and who is meant, before a partner opens anyone (spec page ``person-keys``).

- the receiver of flat slots: `is_candidate`, `prospect`, `to_return`
- their sender: `choose`
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from federation.errors import ExchangeError
from federation.indicators.person import GROUP_OF, Family
from federation.matching.scoring import compare

__all__ = ["DEFAULT_THRESHOLD", "RETURNED", "choose", "is_candidate", "prospect", "to_return"]

DEFAULT_THRESHOLD: Final = 3
"""Equal slots that make a candidate, where an agreement does not say otherwise."""
RETURNED: Final = 4
"""For each slot of the threshold, how many equal ones a partner is told of at most."""


def is_candidate(hits: Collection[str], threshold: int) -> bool:
    """Tell whether equal slots are enough to ask about a person.

    Args:
        hits: The names of the own person's slots that are among the partner's.
        threshold: How many the agreement asks for.

    Returns:
        Whether there are that many, from two of name, date and place. A rule is from two.

    Raises:
        ExchangeError: There is no slot of that name.
    """
    names = _known(hits)
    families = {GROUP_OF[name].family for name in names}
    return len(names) >= threshold and (Family.RULE in families or len(families) > 1)


def prospect(own: Collection[str], hits: Collection[str]) -> float:
    """Guess how well a question would end, from hits in what a partner sent flat.

    The hits may come from several people, and nothing says which slots the partner does not
    have; so this only orders questions, and leaves out those not worth the match budget.

    Args:
        own: The names of the own person's slots.
        hits: Those that are among the partner's.

    Returns:
        The score of a person who had all of these slots; below `POSSIBLE_SCORE` it is not
        worth asking.

    Raises:
        ExchangeError: A hit is no slot of the own person.
    """
    return compare(own, own, hits).score


def to_return(hits: Iterable[str], threshold: int) -> tuple[str, ...]:
    """Choose which equal slots to tell a partner about, so that it finds the person meant.

    Hits in flat tags come from several people, so exactly `threshold` of them would mostly
    not belong to one. One of each group is taken in turn, the least specific group first. What
    gives a birth year or date away is never told: a partner could send a name with every date.

    Args:
        hits: The names of the own person's slots that are among the partner's.
        threshold: How many the agreement asks for.

    Returns:
        From `threshold` to `RETURNED` times as many names; none if there are fewer that may be
        told, and then the partner is not asked.

    Raises:
        ExchangeError: There is no slot of that name.
    """
    told = _known(hits)
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, str]] = []
    for name, group in GROUP_OF.items():
        if name in told and not group.tells_birth:
            ranked.append((turns[group.name], name))
            turns[group.name] += 1
    # The sort is stable: within a turn the least specific group stays first.
    ranked.sort(key=lambda turn_and_name: turn_and_name[0])
    chosen = tuple(name for _, name in ranked[: RETURNED * threshold])
    return chosen if len(chosen) >= threshold else ()


def choose(
    returned: Collection[str], held: Mapping[str, Collection[str]], threshold: int
) -> str | None:
    """Choose which own person a partner means.

    Args:
        returned: The names of the slots that the partner returned for one of its people.
        held: For each own person, by an id, which of these it holds.
        threshold: How many the agreement asks for.

    Returns:
        The person who holds most of them, of equals the one with the least id; None if nobody
        holds `threshold` of them.

    Raises:
        ExchangeError: More slots were returned than a partner may, or fewer than the
            agreement's threshold, or one that gives a birth year or date away; or somebody
            holds one that was not returned.
    """
    names = _known(returned)
    if len(names) != len(returned) or not threshold <= len(names) <= RETURNED * threshold:
        raise ExchangeError("a partner returned too many slots of a person, or too few")
    if any(GROUP_OF[name].tells_birth for name in names):
        raise ExchangeError("a partner returned a slot that is never returned")
    if any(not names.issuperset(slots) for slots in held.values()):
        raise ExchangeError("a slot is held that was not returned")
    best = min(held, key=lambda person: (-len(set(held[person])), person), default=None)
    return best if best is not None and len(set(held[best])) >= threshold else None


def _known(names: Iterable[str]) -> set[str]:
    known = set(names)
    if not known <= GROUP_OF.keys():
        raise ExchangeError("there is no slot of that name")
    return known

# SPDX-License-Identifier: Apache-2.0
"""Evidence for tests of threads, written down as who holds what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from hypothesis import strategies as st

from federation.matching.threads import Evidence, Meeting, bond_of, facts_of

Observations = Sequence[Collection[int]]
"""Of one case: the values of each observation."""

VALUES = range(1, 9)
WEAK = frozenset({5, 6, 7, 8})


def case(name: str | int) -> bytes:
    """UUID of a case; in the order of the names."""
    return str(name).encode()


def match(value: int, member: str) -> bytes:
    """UUID of the match of a value with a member."""
    return f"{value}/{member}".encode()


def evidence(
    cases: Mapping[str, Observations],
    *,
    weak: Iterable[int] = WEAK,
    common: Iterable[int] = (),
    met: Mapping[int, Sequence[str]] | None = None,
    confirmed: Iterable[tuple[int, str, str]] = (),
    rejected: Iterable[tuple[int, str, str]] = (),
) -> Evidence:
    """Write evidence down.

    Args:
        cases: Observations by case.
        weak: Weak values.
        common: Values that too many hold.
        met: Members that hold a value too.
        confirmed: (value, member, case).
        rejected: Likewise.
    """
    found = Evidence(weak=set(weak), common=set(common))
    for name, observations in cases.items():
        links = [
            (f"{name}/{number}".encode(), value)
            for number, values in enumerate(observations)
            for value in values
        ]
        found.held[case(name)] = facts_of(links)
    for value, members in (met or {}).items():
        found.meetings[value] = tuple(Meeting(match(value, one), one) for one in members)
    for value, member, name in confirmed:
        if value in found.held[case(name)]:
            found.confirmed.setdefault(case(name), {})[match(value, member)] = value
    found.rejected = {(match(value, member), case(name)) for value, member, name in rejected}
    return found


def names(cases: Iterable[bytes]) -> str:
    """Names of cases with names of one letter."""
    return "".join(one.decode() for one in cases)


def connected(found: Evidence, cases: Sequence[bytes]) -> bool:
    """Whether cases hang together by bonds among themselves."""
    reached, todo = set(), [cases[0]]
    while todo:
        one = todo.pop()
        if one not in reached:
            reached.add(one)
            todo += [other for other in cases if other != one and bond_of(found, one, other)]
    return reached == set(cases)


@st.composite
def written(draw: st.DrawFn) -> Evidence:
    """Draw evidence with everything in it."""
    some = st.lists(st.sets(st.sampled_from(VALUES), min_size=1, max_size=3), max_size=3)
    cases = draw(st.dictionaries(st.sampled_from("abcdefg"), some, min_size=1, max_size=7))
    members = st.sampled_from(["amparo", "licht"])
    decided = st.sets(
        st.tuples(st.sampled_from(VALUES), members, st.sampled_from(sorted(cases))), max_size=5
    )
    return evidence(
        cases,
        common=draw(st.sets(st.sampled_from(VALUES), max_size=3)),
        met=draw(
            st.dictionaries(
                st.sampled_from(VALUES), st.lists(members, max_size=2, unique=True), max_size=6
            )
        ),
        confirmed=(yes := draw(decided)),
        rejected=draw(decided) - yes,
    )


def pairs_of(found: Evidence) -> st.SearchStrategy[set[tuple[bytes, bytes]]]:
    """Draw pairs of cases to keep apart."""
    pairs = list(combinations(sorted(found.held), 2))
    return st.sets(st.sampled_from(pairs), max_size=4) if pairs else st.just(set())

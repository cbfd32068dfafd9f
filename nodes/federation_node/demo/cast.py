# SPDX-License-Identifier: Apache-2.0
"""Casts the play: which recruiters exist, which organisations hear of them, how often."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, cycle, islice
from math import ceil

from federation_node.demo.people import Identity, Recruiter, World

FULL_SIZE = 220
"""Cases per organisation for which the numbers below are written."""

SHARED_BY_ALL = 5
SHARED_BY_PAIR = 3
SHARED_CALLERS_BY_PAIR = 2
DECOY_RATE = 0.5
ABOUT_SOMEBODY = 0.85
"""Share of the cases in which the caller knows anything about a recruiter."""

TRACES = {
    "place": 0.22, "url": 0.2, "bank-account": 0.12, "document": 0.1, "wallet": 0.1, "device": 0.1,
}  # fmt: skip
"""What else is known of a recruiter: kind -> how often. Shared recruiters are dealt these."""

HOME = {"MX": 34, "US": 18, "GT": 10, "RO": 13, "PL": 12, "DE": 13}
"""Where recruiters are from: country -> weight."""


@dataclass(slots=True)
class CasePlan:
    """What one case will say, before anything is spelled: slot of the sheet -> identity."""

    slots: dict[str, Identity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cast:
    """Case plans by organisation."""

    plans: dict[str, list[CasePlan]]


def cast(rng: random.Random, regions: Mapping[str, str], cases: int) -> Cast:
    """Draw everybody, and say in which case of which organisation each thing is told.

    Args:
        rng: the only source of chance.
        regions: organisation -> the country that it works in.
        cases: cases per organisation.

    Returns:
        The case plans, shuffled.
    """
    organisations = tuple(regions)
    world = World(rng)
    scale = cases / FULL_SIZE
    sharing = [holders for holders, number in _sharing(organisations, scale) for _ in range(number)]
    # Every kind is dealt to somebody, however few share: nothing is left to chance.
    deal, each = cycle(TRACES), ceil(len(TRACES) / len(sharing))
    shared = [_recruiter(rng, world, holders, tuple(islice(deal, each))) for holders in sharing]
    plans: dict[str, list[CasePlan]] = {name: [] for name in organisations}
    for recruiter in shared:
        for name in recruiter.organisations:
            plans[name].extend(_sightings(rng, recruiter))
    about = round(cases * ABOUT_SOMEBODY)
    for recruiter in _decoys(rng, world, shared, organisations):
        (name,) = recruiter.organisations
        if len(plans[name]) < about:
            plans[name].append(_plan(rng, recruiter.identities))
    for name in organisations:
        while len(plans[name]) < about:
            kinds = tuple(kind for kind, share in TRACES.items() if rng.random() < share)
            recruiter = _recruiter(rng, world, (name,), kinds)
            plans[name].extend(_sightings(rng, recruiter)[: about - len(plans[name])])
        plans[name].extend(CasePlan() for _ in range(cases - len(plans[name])))
        rng.shuffle(plans[name])
    _add_callers(rng, world, plans, regions, scale)
    return Cast(plans)


def _sharing(organisations: Sequence[str], scale: float) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield who shares recruiters, and how many."""
    yield tuple(organisations), max(1, round(SHARED_BY_ALL * scale))
    for pair in combinations(organisations, 2):
        yield pair, max(1, round(SHARED_BY_PAIR * scale))


def _recruiter(
    rng: random.Random, world: World, organisations: tuple[str, ...], kinds: Sequence[str]
) -> Recruiter:
    """Draw a recruiter with a phone, a trace of each of `kinds`, and perhaps more."""
    (home,) = rng.choices(tuple(HOME), tuple(HOME.values()))
    identities = [world.phone(home), *(world.trace(kind, home) for kind in kinds)]
    if rng.random() < 0.3:
        identities.append(world.phone(rng.choices(tuple(HOME), tuple(HOME.values()))[0]))
    if rng.random() < 0.6:
        identities.append(world.handle())
    if rng.random() < 0.45:
        identities.append(world.email())
    if rng.random() < 0.4:
        identities.append(world.plate(home))
    if rng.random() < 0.6:
        identities.append(world.office(home, registered=rng.random() < 0.45))
    return Recruiter(tuple(identities), organisations, sure=1 + len(kinds))


def _sightings(rng: random.Random, recruiter: Recruiter) -> list[CasePlan]:
    """Spread what one organisation knows of a recruiter over one to three of its cases."""
    sure, others = recruiter.identities[: recruiter.sure], recruiter.identities[recruiter.sure :]
    known = [*sure, *(identity for identity in others if rng.random() < 0.85)]
    told: list[list[Identity]] = [[] for _ in range(rng.choices((1, 2, 3), (50, 32, 18))[0])]
    for identity in known:
        times = rng.randint(1, len(told))
        for index in rng.sample(range(len(told)), times):
            told[index].append(identity)
    return [_plan(rng, identities) for identities in told if identities]


def _plan(rng: random.Random, identities: Iterable[Identity]) -> CasePlan:
    plan = CasePlan()
    phones: list[Identity] = []
    for identity in identities:
        if identity.kind == "phone":
            phones.append(identity)
        else:
            slot = {"vehicle": "plate", "company": "office"}.get(identity.kind, identity.kind)
            plan.slots[slot] = identity
    rng.shuffle(phones)
    plan.slots.update(zip(("phone1", "phone2"), phones, strict=False))
    return plan


def _decoys(
    rng: random.Random,
    world: World,
    shared: Sequence[Recruiter],
    organisations: Sequence[str],
) -> list[Recruiter]:
    """Draw things nearly equal to shared ones, each known to one organisation."""
    originals = [identity for recruiter in shared for identity in recruiter.identities]
    return [
        Recruiter((world.near(identity),), (rng.choice(organisations),))
        for identity in originals
        if rng.random() < DECOY_RATE
    ]


def _add_callers(
    rng: random.Random,
    world: World,
    plans: dict[str, list[CasePlan]],
    regions: Mapping[str, str],
    scale: float,
) -> None:
    """Give most cases a caller's own phone; a few callers called two organisations."""
    for pair in combinations(plans, 2):
        for _ in range(max(1, round(SHARED_CALLERS_BY_PAIR * scale))):
            caller = world.phone(rng.choice(("MX", "US", "DE", "RO")), lane="survivor")
            for name in pair:
                free = [plan for plan in plans[name] if "caller" not in plan.slots]
                rng.choice(free).slots["caller"] = caller
    for name, own in plans.items():
        earlier: list[Identity] = []
        for plan in own:
            if "caller" in plan.slots or rng.random() < 0.15:
                continue
            if earlier and rng.random() < 0.04:
                plan.slots["caller"] = rng.choice(earlier)
                continue
            away = rng.choice(("MX", "US", "DE", "PL", "RO", "GT", "HN"))
            country = regions[name] if rng.random() < 0.6 else away
            plan.slots["caller"] = world.phone(country, mobile=True, lane="survivor")
            earlier.append(plan.slots["caller"])

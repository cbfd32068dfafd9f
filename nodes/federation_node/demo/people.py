# SPDX-License-Identifier: Apache-2.0
"""Invented recruiters: their phones, handles, plates, offices, addresses, and what they leave.

Identities are drawn here before anything is spelled.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from federation_node.demo import names, traces
from federation_node.demo.ranges import RANGES
from federation_node.demo.traces import Trace


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone line.

    Attributes:
        country: ISO 3166 alpha-2 code.
        area: area code or mobile prefix, without a trunk prefix.
        subscriber: the rest of the national number.
        mobile: whether the range is a mobile one.
    """

    country: str
    area: str
    subscriber: str
    mobile: bool


@dataclass(frozen=True, slots=True)
class Handle:
    """An account on a platform; `numeric` accounts have no name, only a profile number."""

    platform: str
    name: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """A vehicle plate: the groups of characters that are printed apart."""

    country: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """A recruitment office; one with a register number always shows it."""

    country: str
    words: tuple[str, ...]
    form: str
    register: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Email:
    """A mail address."""

    local: str
    domain: str


Facts = Phone | Handle | Plate | Office | Email | Trace

KINDS: dict[type, str] = traces.KINDS | {
    Phone: "phone",
    Handle: "handle",
    Plate: "vehicle",
    Office: "company",
    Email: "email",
}
"""Kind of indicator that a fact is, in the words that a node reports."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One thing that exists once in the invented world, however it is spelled."""

    id: str
    facts: Facts
    lane: str = "network"

    @property
    def kind(self) -> str:
        """Kind of indicator, in the words that a node reports."""
        return KINDS[type(self.facts)]


@dataclass(frozen=True, slots=True)
class Recruiter:
    """One invented recruiter with everything that callers could know about them.

    Attributes:
        identities: what there is to know.
        organisations: who hears of the recruiter.
        sure: so many of the first identities, each of them hears of.
    """

    identities: tuple[Identity, ...]
    organisations: tuple[str, ...] = ()
    sure: int = 1


def _dull(digits: str) -> bool:
    """Whether digits look made up: long runs, long repeats, or too few different ones."""
    runs = any(digits[i : i + 4] in "01234567890" + "98765432109" for i in range(len(digits) - 3))
    repeats = any(digits[i] * 4 == digits[i : i + 4] for i in range(len(digits) - 3))
    return runs or repeats or len(set(digits)) < 4


class World:
    """Draws identities that are all different, also when letter case and dots are ignored."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[tuple[str, ...]] = set()
        self._count: dict[str, int] = {}

    def phone(self, country: str, *, mobile: bool | None = None, lane: str = "network") -> Identity:
        """Draw a telephone line in `country`; seven in ten are mobile unless said."""
        is_mobile = self._rng.random() < 0.7 if mobile is None else mobile
        return self._new(lambda: self._draw_phone(country, mobile=is_mobile), lane)

    def handle(self) -> Identity:
        """Draw an account on one of the platforms that recruiters use."""
        return self._new(self._draw_handle)

    def plate(self, country: str) -> Identity:
        """Draw a vehicle plate in the pattern of `country`."""
        return self._new(lambda: self._draw_plate(country))

    def office(self, country: str, *, registered: bool) -> Identity:
        """Draw a recruitment office, with a register number or without."""
        return self._new(lambda: self._draw_office(country, registered=registered))

    def email(self) -> Identity:
        """Draw a mail address at one of the large free providers."""
        return self._new(self._draw_email)

    def trace(self, kind: str, country: str) -> Identity:
        """Draw a page, account, wallet, document, place or handset of a recruiter."""
        return self._new(lambda: traces.draw(self._rng, kind, country))

    def near(self, identity: Identity) -> Identity:
        """Draw a decoy: nearly equal to `identity`, but another thing."""
        return self._new(lambda: self._alter(identity.facts), identity.lane)

    def _new(self, draw: Callable[[], Facts], lane: str = "network") -> Identity:
        while True:
            facts = draw()
            mark = _mark(facts)
            if mark not in self._taken:
                break
        self._taken.add(mark)
        kind = KINDS[type(facts)]
        self._count[kind] = self._count.get(kind, 0) + 1
        return Identity(f"{kind}-{self._count[kind]:04d}", facts, lane)

    def _digits(self, count: int) -> str:
        return "".join(self._rng.choice("0123456789") for _ in range(count))

    def _draw_phone(self, country: str, *, mobile: bool) -> Phone:
        plan = RANGES[country]
        area = self._rng.choice(plan.mobile if mobile else plan.fixed)
        if plan.national_digits is not None:
            count = plan.national_digits - len(area)
        else:
            count = plan.mobile_digits if mobile else plan.fixed_digits
        while True:
            subscriber = self._rng.choice("246789") + self._digits(count - 1)
            # N11 exchanges are services in North America, and all-equal ones are shunned.
            if not _dull(area + subscriber) and subscriber[1:3] not in {"11", "55"}:
                return Phone(country, area, subscriber, mobile)

    def _draw_handle(self) -> Handle:
        rng = self._rng
        platform = rng.choice(("instagram", "facebook", "facebook", "tiktok", "telegram", "x"))
        if platform == "facebook" and rng.random() < 0.25:
            number = "1000" + rng.choice("56789") + self._digits(10)
            return Handle("facebook", number, numeric=True)
        joint = "" if platform == "facebook" else rng.choice(("", "_"))
        name = rng.choice(names.FIRST) + joint + rng.choice(names.TRADE)
        return Handle(platform, f"{name[:12]}{rng.randrange(10, 99)}")

    def _draw_plate(self, country: str) -> Plate:
        rng = self._rng

        def letters(count: int) -> str:
            return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(count))

        patterns: dict[str, Callable[[], tuple[str, ...]]] = {
            "MX": lambda: (letters(3), self._digits(3), letters(1)),
            "US": lambda: (letters(3), self._digits(4)),
            "DE": lambda: (
                rng.choice(("B", "HH", "M", "K", "DD", "GR")),
                letters(2),
                str(rng.randrange(1000, 9999)),
            ),
            "PL": lambda: (rng.choice(("WA", "KR", "DW", "PO", "GD")), self._digits(5)),
            "RO": lambda: (rng.choice(("B", "CJ", "TM", "IS")), self._digits(2), letters(3)),
            "GT": lambda: ("P", self._digits(3) + letters(3)),
        }
        return Plate(country, patterns[country]())

    def _draw_office(self, country: str, *, registered: bool) -> Office:
        rng = self._rng
        words = (
            rng.choice(names.OFFICE_HEAD[country]),
            rng.choice(names.OFFICE_NAME),
            rng.choice(names.OFFICE_TAIL[country]),
        )
        form = rng.choice(names.LEGAL_FORM[country])
        return Office(country, words, form, self._register(country) if registered else None)

    def _register(self, country: str) -> tuple[str, ...]:
        head = names.REGISTER_HEAD[country]
        return (head, self._rng.choice("123456789") + self._digits(6))

    def _draw_email(self) -> Email:
        rng = self._rng
        local = f"{rng.choice(names.FIRST)}{rng.choice(('_', '-'))}{rng.choice(names.TRADE)}"
        return Email(f"{local}{rng.randrange(1000, 9999)}", rng.choice(names.MAIL_DOMAIN))

    def _alter(self, facts: Facts) -> Facts:
        rng = self._rng
        match facts:
            case Phone():
                last = rng.choice([d for d in "0123456789" if d != facts.subscriber[-1]])
                return Phone(facts.country, facts.area, facts.subscriber[:-1] + last, facts.mobile)
            case Handle() if facts.numeric or rng.random() < 0.5:
                other = rng.choice([d for d in "0123456789" if d != facts.name[-1]])
                return Handle(facts.platform, facts.name[:-1] + other, facts.numeric)
            case Handle():
                rest = [p for p in ("instagram", "tiktok", "telegram") if p != facts.platform]
                return Handle(rng.choice(rest), facts.name)
            case Plate():
                return Plate(
                    rng.choice([c for c in names.PLATE if c != facts.country]), facts.groups
                )
            case Office() if rng.random() < 0.5:
                country = rng.choice([c for c in names.LEGAL_FORM if c != facts.country])
                form = rng.choice(names.LEGAL_FORM[country])
                return Office(country, facts.words, form, facts.register)
            case Office():
                other = rng.choice([n for n in names.OFFICE_NAME if n not in facts.words])
                words = (facts.words[0], other, facts.words[2])
                register = None if facts.register is None else self._register(facts.country)
                return Office(facts.country, words, facts.form, register)
            case Email():
                domains = [d for d in names.MAIL_DOMAIN if d != facts.domain]
                return Email(facts.local, rng.choice(domains))
            case _:
                return traces.alter(rng, facts)


def _mark(facts: Facts) -> tuple[str, ...]:
    """What makes two facts too alike to be two: used only to avoid accidental doubles."""
    match facts:
        case Phone():
            return ("phone", facts.country, facts.area + facts.subscriber)
        case Handle():
            return ("handle", facts.platform, facts.name.lower())
        case Plate():
            return ("plate", facts.country, "".join(facts.groups))
        case Office(register=None):
            return ("office", facts.country, *sorted(facts.words))
        case Office():
            return ("register", facts.country, "".join(facts.register or ()))
        case Email():
            return ("email", facts.local.lower(), facts.domain)
        case _:
            return traces.mark(facts)

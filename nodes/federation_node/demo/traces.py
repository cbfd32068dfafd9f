# SPDX-License-Identifier: Apache-2.0
"""What recruiters leave behind besides phones and offices: pages, accounts, papers, places.

Check digits are computed here from their standards, so that what is drawn is of real form;
none was looked up.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from federation_node.demo import names


@dataclass(frozen=True, slots=True)
class Page:
    """A page on a site of the recruiter's own."""

    host: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advert:
    """An advert on a site where the number says which it is, whatever stands around it."""

    site: str
    number: str


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account: its IBAN, in Mexico its CLABE, without blanks."""

    country: str
    number: str


@dataclass(frozen=True, slots=True)
class Wallet:
    """An address on a chain; an `evm` address is lower-case hexadecimal."""

    chain: str
    address: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: who issued it, what it is, and its number in groups that are printed apart."""

    issuer: str
    type: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """Where people are put to work, in 1/2000 of a degree north and east.

    The unit is 1.8 seconds or 0.03 minutes, so every notation says the same point exactly.
    """

    north: int
    east: int


@dataclass(frozen=True, slots=True)
class Handset:
    """A telephone by its IMEI, with the check digit."""

    imei: str


Trace = Page | Advert | Account | Wallet | Paper | Site | Handset

KINDS: dict[type, str] = {
    Page: "url",
    Advert: "url",
    Account: "bank-account",
    Wallet: "wallet",
    Paper: "document",
    Site: "place",
    Handset: "device",
}
"""Kind of indicator that a trace is, in the words that a node reports."""

_BLOCK = 40
"""Sites are drawn one in a block of so many units; no two blocks' sites are near."""
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_IBAN_DIGITS = {"DE": 18, "PL": 24, "RO": 16, "GT": 20}
_IBAN_LETTERS = {"RO", "GT"}
"""Countries whose IBAN has four letters of the bank in front."""


def draw(rng: random.Random, kind: str, country: str) -> Trace:
    """Draw a trace of a kind.

    Args:
        rng: the only source of chance.
        kind: one of the values of `KINDS`.
        country: where the recruiter is from.
    """
    makers: dict[str, Callable[[], Trace]] = {
        "url": lambda: _draw_link(rng, country),
        "bank-account": lambda: _draw_account(rng, country),
        "wallet": lambda: _wallet(rng.choice(("bitcoin", "tron", "evm")), rng.randbytes(20)),
        "document": lambda: Paper(
            country,
            rng.choice(("passport", "identity-card", "driving-licence")),
            (rng.choice("ACEGHKLNPRT"), _digits(rng, 4), _digits(rng, 4)),
        ),
        "place": lambda: Site(
            *(
                _BLOCK * (at + rng.randrange(-9, 9)) + rng.randrange(0, 20, 2)
                for at in _town(country)
            )
        ),
        "device": lambda: _handset("35" + _digits(rng, 12)),
    }
    return makers[kind]()


def alter(rng: random.Random, trace: Trace) -> Trace:
    """Draw a decoy: nearly equal to a trace, but another one.

    Args:
        rng: the only source of chance.
        trace: what it resembles. Of a site it is the neighbour, 56 m away.
    """
    match trace:
        case Page():
            return replace(trace, path=(*trace.path[:-1], _other_end(rng, trace.path[-1])))
        case Advert():
            return replace(trace, number=_other_end(rng, trace.number))
        case Account(country="MX"):
            return Account("MX", _clabe(_other_end(rng, trace.number[:-1])))
        case Account():
            return Account(trace.country, _iban(trace.country, _other_end(rng, trace.number[4:])))
        case Wallet():
            return _wallet(trace.chain, rng.randbytes(20))
        case Paper() if rng.random() < 0.5:
            return replace(trace, issuer=rng.choice([c for c in names.PLATE if c != trace.issuer]))
        case Paper():
            return replace(trace, groups=(*trace.groups[:-1], _other_end(rng, trace.groups[-1])))
        case Site():
            return Site(trace.north + 1, trace.east)
        case Handset():
            return _handset(_other_end(rng, trace.imei[:14]))


def mark(trace: Trace) -> tuple[str, ...]:
    """Return what makes two traces too alike to be two.

    Args:
        trace: what was drawn.
    """
    match trace:
        case Site():
            # A neighbour has an odd latitude, and shares its block with what it is near to.
            north, east, odd = trace.north // _BLOCK, trace.east // _BLOCK, trace.north % 2
            return ("site", str(north), str(east), str(odd))
        case Paper():
            return ("paper", trace.issuer, trace.type, "".join(trace.groups))
        case Page():
            return ("page", trace.host, *trace.path)
        case Advert():
            return ("advert", trace.site, trace.number)
        case Account():
            return ("account", trace.number)
        case Wallet():
            return ("wallet", trace.chain, trace.address)
        case Handset():
            return ("handset", trace.imei[:14])


def _digits(rng: random.Random, count: int) -> str:
    return rng.choice("2346789") + "".join(rng.choice("0123456789") for _ in range(count - 1))


def _other_end(rng: random.Random, text: str) -> str:
    return text[:-1] + rng.choice([digit for digit in "0123456789" if digit != text[-1]])


def _town(country: str) -> tuple[int, int]:
    """Return the block of a large town."""
    north, east = names.TOWN[country]
    return round(north * 2000) // _BLOCK, round(east * 2000) // _BLOCK


def _draw_link(rng: random.Random, country: str) -> Page | Advert:
    if country in names.ADVERT_SITE and rng.random() < 0.5:
        return Advert(names.ADVERT_SITE[country], _digits(rng, 10))
    host = f"{rng.choice(names.FIRST)}-{rng.choice(names.TRADE)}{rng.randrange(100, 9999)}"
    path = (rng.choice(names.PAGE), f"{rng.choice(names.PAGE)}-{rng.randrange(100, 999)}")
    return Page(f"{host}.{rng.choice(('com', 'net', 'info'))}", path)


def _draw_account(rng: random.Random, country: str) -> Account:
    if country not in _IBAN_DIGITS:
        return Account("MX", _clabe(_digits(rng, 17)))
    letters = rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=4) if country in _IBAN_LETTERS else []
    bban = "".join(letters) + _digits(rng, _IBAN_DIGITS[country])
    return Account(country, _iban(country, bban))


def _iban(country: str, bban: str) -> str:
    """Put the check digits in front (ISO 7064, MOD 97-10)."""
    number = int("".join(str(int(c, 36)) for c in f"{bban}{country}00"))
    return f"{country}{98 - number % 97:02d}{bban}"


def _clabe(digits: str) -> str:
    """Add the check digit of a CLABE: weights 3, 7, 1, each product modulo 10."""
    total = sum(int(d) * (3, 7, 1)[i % 3] % 10 for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def _handset(identity: str) -> Handset:
    """Add the check digit of an IMEI (Luhn)."""
    doubled = (int(d) * (1 + i % 2) for i, d in enumerate(identity))
    total = sum(d // 10 + d % 10 for d in doubled)
    return Handset(f"{identity}{-total % 10}")


def _wallet(chain: str, key_hash: bytes) -> Wallet:
    """Write the hash of a key as an address of a chain (Base58Check but for `evm`)."""
    if chain == "evm":
        return Wallet(chain, f"0x{key_hash.hex()}")
    payload = {"bitcoin": b"\x00", "tron": b"\x41"}[chain] + key_hash
    check = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, written = int.from_bytes(payload + check), ""
    while number:
        number, rest = divmod(number, 58)
        written = _BASE58[rest] + written
    zeros = len(payload) - len(payload.lstrip(b"\x00"))
    return Wallet(chain, "1" * zeros + written)

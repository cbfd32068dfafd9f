# SPDX-License-Identifier: Apache-2.0
"""Writes links, accounts, wallets, documents, places and handsets the way people write them.

Like ``spell``, it writes only what a careful person would read as the same thing, and shares
no table with the reader.
"""

import random
from itertools import pairwise

from federation_node.demo import names
from federation_node.demo.traces import Account, Advert, Handset, Page, Paper, Site, Wallet

_COIN = {
    "bitcoin": ("Bitcoin", "BTC", "btc"),
    "tron": ("Tron", "TRC20", "USDT TRC20", "TRX"),
    "evm": ("Ethereum", "ETH", "ERC20"),
}
_DEGREE = 2000
"""Units of a `Site` in a degree."""


class TraceSpeller:
    """Spells traces; it uses ASCII and a few signs that every character set here has."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def link(self, link: Page | Advert) -> str:
        """Write a link as it is copied, typed or made harmless."""
        rng = self._rng
        scheme = rng.choice(("https://", "https://", "http://", ""))
        after = rng.choice(
            ("", "", "?utm_source=facebook&utm_medium=cpc", "?fbclid=IwAR0x7", "#top")
        )
        if isinstance(link, Advert):
            return f"{scheme}{self._advert(link)}{after}"
        host = rng.choice(("", "www.")) + link.host
        path = "/".join(link.path) + rng.choice(("", "/"))
        written = f"{scheme}{host.upper() if rng.random() < 0.15 else host}/{path}{after}"
        if scheme and rng.random() < 0.15:
            # So written that nobody opens it by accident.
            dots = host.replace(".", "[.]")
            written = f"{scheme.replace('tt', 'xx')}{dots}/{path}"
        return written

    def account(self, account: Account, row_country: str) -> str:
        """Write an IBAN, or a CLABE, which only Mexicans know without the word in front."""
        rng = self._rng
        if account.country == "MX":
            parts = (account.number[:3], account.number[3:6], account.number[6:17])
            written = rng.choice(("", "", " ", "-")).join((*parts, account.number[17:]))
            bare = row_country == "MX" and rng.random() < 0.5
            return written if bare else f"CLABE{rng.choice((' ', ': '))}{written}"
        written = rng.choice((" ", " ", "", "-", "\u00a0")).join(_in_fours(account.number))
        if rng.random() < 0.25:
            written = written.lower()
        return rng.choice(("", "", "IBAN ", "IBAN: ")) + written

    def wallet(self, wallet: Wallet, *, coin_apart: bool) -> tuple[str, str]:
        """Write an address.

        Args:
            wallet: the address.
            coin_apart: whether the sheet has a column of its own for the coin.

        Returns:
            The coin's cell ("" where there is none) and the address's cell.
        """
        rng = self._rng
        address = wallet.address
        if wallet.chain == "evm" and rng.random() < 0.3:
            address = "0x" + address[2:].upper()
        coin = rng.choice(_COIN[wallet.chain])
        if coin_apart:
            return coin, address
        return "", rng.choice((address, address, f"{coin}: {address}", f"{address} ({coin})"))

    def number(self, paper: Paper) -> str:
        """Write the number of a document."""
        written = self._rng.choice(("", "", " ", "-")).join(paper.groups)
        return written.lower() if self._rng.random() < 0.2 else written

    def place(self, site: Site) -> str:
        """Write both coordinates in one cell."""
        rng = self._rng
        north, east = (_decimal(units) for units in (site.north, site.east))
        style = rng.choice(("decimal", "decimal", "comma", "sides", "minutes", "seconds", "link"))
        match style:
            case "decimal":
                return f"{north}{rng.choice((', ', ',', ' '))}{east}"
            case "comma":
                return f"{north}; {east}".replace(".", ",")
            case "sides":
                sides = (_decimal(abs(site.north)), _side(site.north, "NS"))
                return " ".join((*sides, _decimal(abs(site.east)), _side(site.east, "EW")))
            case "minutes":
                return f"{_minutes(site.north, 'NS')}, {_minutes(site.east, 'EW')}"
            case "seconds":
                return f"{_seconds(site.north, 'NS')} {_seconds(site.east, 'EW')}"
            case _:
                return rng.choice(
                    (
                        f"geo:{north},{east}",
                        f"https://maps.google.com/?q={north},{east}",
                        f"https://www.google.com/maps/search/?api=1&query={north}%2C{east}",
                        f"https://www.openstreetmap.org/?mlat={north}&mlon={east}",
                    )
                )

    def place_apart(self, site: Site) -> tuple[str, str]:
        """Write latitude and longitude in a cell each."""
        north, east = (_decimal(units) for units in (site.north, site.east))
        return self._rng.choice(
            (
                (north, east),
                (north.replace(".", ","), east.replace(".", ",")),
                (_minutes(site.north, "NS"), _minutes(site.east, "EW")),
                (_seconds(site.north, "NS"), _seconds(site.east, "EW")),
            )
        )

    def handset(self, handset: Handset) -> str:
        """Write an IMEI as a telephone shows it, or with the version of its software."""
        rng = self._rng
        imei = handset.imei
        ends = (0, *rng.choice(((15,), (2, 8, 14, 15), (8, 14, 15))))
        parts = [imei[start:end] for start, end in pairwise(ends)]
        if rng.random() < 0.15:
            # The version stands in the place of the check digit.
            return f"IMEISV {imei[:14]}{rng.randrange(1, 99):02d}"
        return rng.choice(("", "", "IMEI ", "IMEI: ")) + rng.choice((" ", "-")).join(parts)

    def _advert(self, advert: Advert) -> str:
        """Write an advert's address: the words around its number change with where it was seen."""
        rng = self._rng
        title = "-".join(rng.sample(names.PAGE, 2))
        if advert.site == "kleinanzeigen":
            return (
                f"www.kleinanzeigen.de/s-anzeige/{title}/{advert.number}-107-{rng.randrange(9999)}"
            )
        town = rng.choice(("tampa", "houston", "dallas", "atlanta", "mexicocity"))
        middle = rng.choice(("", "lab/", f"lab/d/{title}/"))
        return f"{town}.craigslist.org/{middle}{advert.number}.html"


def _in_fours(text: str) -> list[str]:
    return [text[i : i + 4] for i in range(0, len(text), 4)]


def _decimal(units: int) -> str:
    """Write degrees with four decimals."""
    whole, rest = divmod(abs(units), _DEGREE)
    return f"{'-' if units < 0 else ''}{whole}.{rest * 5:04d}"


def _minutes(units: int, sides: str) -> str:
    """Write degrees and minutes with two decimals."""
    whole, rest = divmod(abs(units), _DEGREE)
    minutes, hundredths = divmod(rest * 3, 100)
    return f"{whole}° {minutes:02d}.{hundredths:02d}' {_side(units, sides)}"


def _seconds(units: int, sides: str) -> str:
    """Write degrees, minutes and seconds with one decimal."""
    whole, rest = divmod(abs(units), _DEGREE)
    minutes, tenths = divmod(rest * 18, 600)
    return f"{whole}°{minutes:02d}'{tenths // 10:02d}.{tenths % 10}\"{_side(units, sides)}"


def _side(units: int, sides: str) -> str:
    return sides[units < 0]

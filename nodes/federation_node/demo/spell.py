# SPDX-License-Identifier: Apache-2.0
"""Writes identities the way people write them in a spreadsheet.

Every spelling is one that a careful person, who also sees the row's country, would read
as the same thing. What the file's character set cannot hold is not used. The module
knows nothing of how a node normalises, and shares no table with it.
"""

import random
import unicodedata
from collections.abc import Callable

from federation_node.demo.people import Email, Handle, Office, Phone, Plate

CALLING_CODE = {
    "MX": "52", "US": "1", "DE": "49", "PL": "48", "RO": "40", "GT": "502", "HN": "504", "ES": "34",
}  # fmt: skip
"""Country calling codes of the countries in the demonstration."""

TRUNK = {"DE": "0", "RO": "0"}
"""What is dialled before a number within the country, where anything is."""

_ARABIC_INDIC = {ord("0") + i: 0x0660 + i for i in range(10)}
_FULL_WIDTH = {ord("0") + i: 0xFF10 + i for i in range(10)} | {ord("+"): 0xFF0B}
_UNDECOMPOSED = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss"})

_WRITTEN_PLATFORM = {
    "instagram": ("Instagram", "instagram", "IG", "insta"),
    "facebook": ("Facebook", "facebook", "FB"),
    "tiktok": ("TikTok", "tiktok", "Tik Tok"),
    "telegram": ("Telegram", "telegram", "TG"),
    "x": ("X", "Twitter", "twitter"),
}

_WRITTEN_FORM = {
    "S.A. de C.V.": ("S.A. de C.V.", "SA de CV", "S.A. DE C.V.", "S.A de C.V"),
    "S. de R.L. de C.V.": ("S. de R.L. de C.V.", "S de RL de CV"),
    "LLC": ("LLC", "L.L.C.", ", LLC"),
    "Inc.": ("Inc.", "Inc", ", Inc."),
    "GmbH": ("GmbH", "gmbh", "G.m.b.H."),
    "Sp. z o.o.": ("Sp. z o.o.", "sp. z o. o.", "SP. Z O.O."),
    "S.R.L.": ("S.R.L.", "SRL", "srl"),
    "S.A.": ("S.A.", "SA"),
}


class Speller:
    """Spells facts for one file, within the characters that its encoding can hold."""

    def __init__(self, rng: random.Random, encoding: str) -> None:
        self._rng = rng
        self._encoding = encoding

    def phone(self, phone: Phone, row_country: str) -> str:
        """Write a telephone number as somebody in `row_country` might."""
        return self._fitting(lambda: self._phone(phone, row_country))

    def handle(self, handle: Handle, *, platform_apart: bool) -> tuple[str, str]:
        """Write an account.

        Args:
            handle: the account.
            platform_apart: whether the sheet has a column of its own for the platform.

        Returns:
            The platform's cell ("" where there is none) and the account's cell.
        """
        rng = self._rng
        platform = rng.choice(_WRITTEN_PLATFORM[handle.platform]) if platform_apart else ""
        if handle.numeric or rng.random() < (0.3 if platform_apart else 0.65):
            return platform, self._profile_url(handle)
        name = rng.choice(("", "@")) + self._letter_case(handle.name)
        if platform_apart:
            return platform, self._padded(name)
        label = rng.choice(_WRITTEN_PLATFORM[handle.platform])
        return "", f"{label}{rng.choice((':', ': '))}{name}"

    def plate(self, plate: Plate) -> str:
        """Write a plate with the separators and the letter case that somebody noted."""
        written = self._rng.choice(("-", " ", "", " - ", ".")).join(plate.groups)
        return self._padded(written.lower() if self._rng.random() < 0.3 else written)

    def office(self, office: Office) -> tuple[str, str]:
        """Write an office's name and its register number ("" where it has none)."""
        return self._fitting_pair(lambda: self._office(office))

    def email(self, email: Email) -> str:
        """Write a mail address."""
        rng = self._rng
        written = rng.choice(
            (
                f"{email.local}@{email.domain}",
                f"{email.local}@{email.domain.upper()}",
                f"{email.local.capitalize()}@{email.domain}",
                f"{email.local}@{email.domain}".upper(),
            )
        )
        return f"mailto:{written}" if rng.random() < 0.08 else self._padded(written)

    # -- telephone numbers ---------------------------------------------------------------

    def _phone(self, phone: Phone, row_country: str) -> str:
        rng = self._rng
        code = CALLING_CODE[phone.country]
        # Mexican mobiles were dialled with a 1 after the country code until 2019, and
        # address books still hold them so.
        old_mobile = "1" if phone.country == "MX" and phone.mobile and rng.random() < 0.35 else ""
        at_home = phone.country == row_country
        style = rng.choices(
            ("plus", "zeros", "national", "tel", "wa.me"),
            (
                30,
                0 if at_home and phone.country == "US" else 14,
                40 if at_home else 0,
                6,
                8 if phone.mobile else 0,
            ),
        )[0]
        digits = old_mobile + phone.area + phone.subscriber
        match style:
            case "tel":
                return "tel:+" + "-".join((code, *self._groups(phone, old_mobile)))
            case "wa.me":
                return rng.choice(("https://wa.me/", "wa.me/")) + code + digits
            case "national":
                written = self._national(phone)
            case "zeros":
                # North Americans dial 011 to leave their country; nearly everybody else 00.
                out = "011" if row_country == "US" and rng.random() < 0.7 else "00"
                apart = rng.choice(("", " ", "-"))
                written = out + apart + self._international(phone, code, old_mobile)
            case _:
                written = "+" + self._international(phone, code, old_mobile)
        return self._decorated(written, extension=not phone.mobile)

    def _international(self, phone: Phone, code: str, old_mobile: str) -> str:
        rng = self._rng
        separator = rng.choice((" ", " ", "-", ".", "", "\u00a0"))
        trunk = TRUNK.get(phone.country, "")
        if trunk and rng.random() < 0.2:
            # "+49 (0)151 ...": the bracket says that the zero is for callers within.
            rest = separator.join(self._chunks(phone))
            return f"{code} ({trunk}){phone.area}{separator}{rest}"
        if rng.random() < 0.25:
            rest = separator.join(self._chunks(phone))
            middle = f"{old_mobile} " if old_mobile else ""
            return f"{code} {middle}({phone.area}) {rest}"
        return separator.join((code, *self._groups(phone, old_mobile)))

    def _national(self, phone: Phone) -> str:
        rng = self._rng
        area = TRUNK.get(phone.country, "") + phone.area
        separator = rng.choice((" ", "-", ".", ""))
        rest = separator.join(self._chunks(phone))
        if phone.country == "US" and rng.random() < 0.2:
            return f"1-{area}-{rest}"
        if phone.country == "MX" and rng.random() < 0.15:
            # What had to be dialled before a mobile, or a distant line, until 2019.
            return f"{'044' if phone.mobile else '01'} {area} {rest}"
        return rng.choice(
            (
                f"{area}{separator}{rest}",
                f"({area}) {rest}",
                f"{area} {rest}",
                f"{area} / {rest}" if phone.country == "DE" else f"{area}-{rest}",
            )
        )

    def _groups(self, phone: Phone, old_mobile: str) -> tuple[str, ...]:
        area = (old_mobile, phone.area) if old_mobile else (phone.area,)
        return (*area, *self._chunks(phone))

    def _chunks(self, phone: Phone) -> list[str]:
        rest = phone.subscriber
        if phone.country == "US":
            return [rest[:3], rest[3:]]
        size = self._rng.choice((2, 3, 4, len(rest)))
        return [rest[i : i + size] for i in range(0, len(rest), size)]

    def _decorated(self, written: str, *, extension: bool) -> str:
        rng = self._rng
        if extension and rng.random() < 0.25:
            written += rng.choice((" ext. ", " ext ", " x")) + str(rng.randrange(10, 999))
        chance = rng.random()
        if chance < 0.05:
            return written.translate(_ARABIC_INDIC)
        if chance < 0.10:
            return written.translate(_FULL_WIDTH)
        if chance < 0.13:
            # What an address book adds when a number is copied out of right-to-left text.
            return f"\u202a{written}\u202c"
        return self._padded(written)

    # -- the rest ------------------------------------------------------------------------

    def _profile_url(self, handle: Handle) -> str:
        rng = self._rng
        scheme = rng.choice(("https://", "http://", ""))
        name = self._letter_case(handle.name)
        match handle.platform:
            case "facebook" if handle.numeric:
                host = rng.choice(("www.facebook.com", "m.facebook.com", "facebook.com"))
                return f"{scheme}{host}/profile.php?id={handle.name}"
            case "facebook":
                host = rng.choice(("www.facebook.com", "m.facebook.com", "facebook.com"))
                return f"{scheme}{host}/{name}{rng.choice(('', '/', '?ref=bookmarks'))}"
            case "instagram":
                host = rng.choice(("www.instagram.com", "instagram.com"))
                return f"{scheme}{host}/{name}{rng.choice(('', '/', '?igshid=MzRlODBiNWFl'))}"
            case "tiktok":
                host = rng.choice(("www.tiktok.com", "tiktok.com"))
                return f"{scheme}{host}/@{name}{rng.choice(('', '?lang=es'))}"
            case "telegram":
                return f"{scheme}t.me/{name}"
            case _:
                host = rng.choice(("twitter.com", "x.com", "www.x.com"))
                return f"{scheme}{host}/{name}"

    def _office(self, office: Office) -> tuple[str, str]:
        rng = self._rng
        name = " ".join(office.words)
        if rng.random() < 0.85:
            form = rng.choice(_WRITTEN_FORM[office.form])
            name += form if form.startswith(",") else f" {form}"
        chance = rng.random()
        if chance < 0.25:
            name = name.upper()
        elif chance < 0.4:
            name = name.lower()
        if rng.random() < 0.35:
            name = _plain(name)
        if rng.random() < 0.1:
            name = name.replace(" ", "  ", 1)
        if office.register is None:
            return name, ""
        number = rng.choice((" ", "-", "", "/", " - ")).join(office.register)
        return name, number.lower() if rng.random() < 0.2 else number

    def _letter_case(self, name: str) -> str:
        return self._rng.choice((name, name, name.capitalize(), name.upper()))

    def _padded(self, text: str) -> str:
        return (
            self._rng.choice(("", "", "", "", " ", "  ")) + text + self._rng.choice(("", "", " "))
        )

    def _fits(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _fitting(self, write: Callable[[], str]) -> str:
        while not self._fits(text := write()):
            continue
        return text

    def _fitting_pair(self, write: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        while not self._fits("".join(pair := write())):
            continue
        return pair


def _plain(text: str) -> str:
    """Leave out the accents, as people do on a keyboard that has none."""
    decomposed = unicodedata.normalize("NFD", text.translate(_UNDECOMPOSED))
    return "".join(c for c in decomposed if not unicodedata.combining(c))

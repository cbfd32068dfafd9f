# SPDX-License-Identifier: Apache-2.0
"""What is kept from becoming a token."""

import re

import phonenumbers
import pytest

from federation.indicators import Indicator, Kind, Screen, Screening, Verdict, normalise
from federation.indicators.builtin_checks import _national as national
from federation.indicators.fold import fold
from federation.indicators.screening import ScreeningReason
from federation.indicators.screening_lists import built_in

PLACEHOLDER = "placeholder"
TOO_LITTLE = "too-little-information"

REFUSED = [
    (Kind.PHONE, "55 5555 5555", "MX", PLACEHOLDER),
    (Kind.PHONE, "(415) 222-2222", "US", PLACEHOLDER),
    (Kind.PHONE, "(234) 567-8901", "US", PLACEHOLDER),
    (Kind.PHONE, "+1 212 555 0123", None, "fictional"),
    (Kind.PHONE, "(415) 555-0100", "US", "fictional"),
    (Kind.PHONE, "020 7946 0958", "GB", "fictional"),
    (Kind.PHONE, "030 23125 123", "DE", "fictional"),
    (Kind.PHONE, "1-888-373-7888", "US", "helpline"),
    (Kind.PHONE, "800 5533 000", "MX", "helpline"),
    (Kind.PHONE, "08000 121 700", "GB", "helpline"),
    (Kind.EMAIL, "test@example.com", None, PLACEHOLDER),
    (Kind.EMAIL, "maria@mail.example.org", None, PLACEHOLDER),
    (Kind.EMAIL, "Unknown@gmail.com", None, PLACEHOLDER),
    (Kind.EMAIL, "sincorreo@correo.mx", None, PLACEHOLDER),
    (Kind.EMAIL, "aaaa@gmail.com", None, PLACEHOLDER),
    (Kind.HANDLE, "instagram: unknown", None, PLACEHOLDER),
    (Kind.HANDLE, "facebook: facebook", None, PLACEHOLDER),
    (Kind.HANDLE, "x: aaaa", None, PLACEHOLDER),
    (Kind.VEHICLE, "UNKNOWN", "MX", PLACEHOLDER),
    (Kind.VEHICLE, "n/a", "MX", PLACEHOLDER),
    (Kind.VEHICLE, "sin placas", "MX", PLACEHOLDER),
    (Kind.VEHICLE, "unbekannt", "DE", PLACEHOLDER),
    (Kind.VEHICLE, "0000", "MX", PLACEHOLDER),
    (Kind.VEHICLE, "XXXXXX", "MX", PLACEHOLDER),
    (Kind.VEHICLE, "123456", "MX", PLACEHOLDER),
    (Kind.VEHICLE, "11111111111111111", None, PLACEHOLDER),
    (Kind.VEHICLE, "AB1", "MX", TOO_LITTLE),
    (Kind.COMPANY, "n/a", "MX", PLACEHOLDER),
    (Kind.COMPANY, "N. A.", "MX", PLACEHOLDER),
    (Kind.COMPANY, "Desconocido", "MX", PLACEHOLDER),
    (Kind.COMPANY, "keine Angabe", "DE", PLACEHOLDER),
    (Kind.COMPANY, "Agencia de Empleos", "MX", TOO_LITTLE),
    (Kind.COMPANY, "Circus GmbH", "DE", TOO_LITTLE),
    (Kind.COMPANY, "Juegos", "MX", TOO_LITTLE),
    (Kind.COMPANY, "Al", "US", TOO_LITTLE),
    (Kind.COMPANY, {"register": "123456"}, "DE", PLACEHOLDER),
    (Kind.COMPANY, {"licence": "000000"}, "PH", PLACEHOLDER),
    (Kind.COMPANY, {"licence": "A1"}, "PH", TOO_LITTLE),
    (Kind.COMPANY, {"register": "123456", "name": "Circo Águila"}, "DE", PLACEHOLDER),
    (Kind.URL, "https://www.example.com/a", None, PLACEHOLDER),
    (Kind.URL, "http://192.168.1.1/login", None, PLACEHOLDER),
    (Kind.URL, "http://router.local/", None, PLACEHOLDER),
    (Kind.URL, "https://austin.craigslist.org/lab/1111111111.html", None, PLACEHOLDER),
    (Kind.URL, "https://www.facebook.com/", None, "common-value"),
    (Kind.BANK_ACCOUNT, "DE89 3704 0044 0532 0130 00", None, "fictional"),
    (Kind.BANK_ACCOUNT, "CLABE 032180000118359719", None, "fictional"),
    (Kind.BANK_ACCOUNT, {"bank": "BBVA", "account": "00000000"}, "MX", PLACEHOLDER),
    (Kind.BANK_ACCOUNT, {"bank": "BBVA", "account": "1234567890"}, "MX", PLACEHOLDER),
    (Kind.BANK_ACCOUNT, {"bank": "BBVA", "account": "4711"}, "MX", TOO_LITTLE),
    (Kind.WALLET, "0x0000000000000000000000000000000000000000", None, PLACEHOLDER),
    (Kind.WALLET, "0x000000000000000000000000000000000000dEaD", None, PLACEHOLDER),
    (Kind.WALLET, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", None, PLACEHOLDER),
    (Kind.DOCUMENT, "UTO:passport:L898902C3", None, "fictional"),
    (Kind.DOCUMENT, "DE:passport:C01X00T47", None, "fictional"),
    (Kind.DOCUMENT, "MX:passport:G00000000", None, PLACEHOLDER),
    (Kind.DOCUMENT, "MX:passport:123456789", None, PLACEHOLDER),
    (Kind.DOCUMENT, "MX:passport:G123", None, TOO_LITTLE),
    (Kind.PLACE, "0.0000, 0.0000", None, PLACEHOLDER),
    (Kind.PLACE, "37.09024, -95.712891", None, PLACEHOLDER),
    (Kind.PLACE, {"street": "Reforma", "city": "Puebla"}, "MX", TOO_LITTLE),
    (Kind.PLACE, {"street": "unknown", "city": "Puebla"}, "MX", PLACEHOLDER),
    (Kind.PLACE, {"street": "Reforma 12", "city": "desconocido"}, "MX", PLACEHOLDER),
    (Kind.DEVICE, "490154203237518", None, "fictional"),
    (Kind.DEVICE, "000000000000000", None, "fictional"),
    (Kind.DEVICE, "IMSI 001010123456789", None, "fictional"),
    (Kind.DEVICE, {"imeisv": "8681200000000001"}, None, PLACEHOLDER),
]
FLAGGED = [
    (Kind.EMAIL, "m@correo.mx", None, TOO_LITTLE),
    (Kind.HANDLE, "x: twitter", None, "common-value"),
    (Kind.HANDLE, "instagram: ab", None, TOO_LITTLE),
    (Kind.VEHICLE, "ILUVNY", "US", TOO_LITTLE),
    (Kind.COMPANY, "Western Union", "US", "common-value"),
    (Kind.COMPANY, "ACM S.A.", "MX", TOO_LITTLE),
    (Kind.WALLET, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", None, "common-value"),
]
PASSED = [
    (Kind.PHONE, "55 1234 5678", "MX"),
    (Kind.PHONE, "+1 415 555 2671", None),
    (Kind.PHONE, "0151 23456789", "DE"),
    (Kind.EMAIL, "info@carnavalesdelsol.mx", None),
    (Kind.HANDLE, "instagram: maria.l", None),
    (Kind.VEHICLE, "ABC-123-4", "MX"),
    (Kind.VEHICLE, "1HGCM82633A004352", None),
    (Kind.COMPANY, "Circo Águila", "MX"),
    (Kind.COMPANY, {"register": "HRB 86"}, "DE"),
    (Kind.COMPANY, {"register": "HRB 86", "name": "unknown"}, "DE"),
    (Kind.URL, "https://carnavalesdelsol.mx", None),
    (Kind.URL, "https://www.facebook.com/groups/123456789/", None),
    (Kind.BANK_ACCOUNT, {"bank": "BBVA", "account": "1598246703"}, "MX"),
    (Kind.PLACE, "19.4326, -99.1332", None),
    (Kind.PLACE, {"street": "Reforma 12", "city": "Puebla"}, "MX"),
    (Kind.DEVICE, {"imeisv": "8681201598246701"}, None),
]


@pytest.mark.parametrize(("kind", "raw", "region", "reason"), REFUSED)
def test_refused(kind: Kind, raw: str, region: str | None, reason: str) -> None:
    """Placeholders, published numbers and values with too little in them are refused."""
    indicator = normalise(kind, raw, region=region)

    assert Screening(Verdict.REFUSE, ScreeningReason(reason)) == Screen().check(indicator)


@pytest.mark.parametrize(("kind", "raw", "region", "reason"), FLAGGED)
def test_flagged(kind: Kind, raw: str, region: str | None, reason: str) -> None:
    """What may be real but ties little together waits for a person."""
    indicator = normalise(kind, raw, region=region)

    assert Screening(Verdict.FLAG, ScreeningReason(reason)) == Screen().check(indicator)


@pytest.mark.parametrize(("kind", "raw", "region"), PASSED)
def test_passed(kind: Kind, raw: str, region: str | None) -> None:
    """An ordinary value passes."""
    assert Screening(Verdict.PASS) == Screen().check(normalise(kind, raw, region=region))


def test_the_own_list_refuses_and_flags() -> None:
    """An organisation's own values are refused or flagged; others are not affected."""
    own = normalise(Kind.PHONE, "55 8765 4321", region="MX")
    shelter = normalise(Kind.COMPANY, "Casa Luz", region="MX")
    other = normalise(Kind.PHONE, "55 1234 5678", region="MX")
    screen = Screen.with_values([own], flagged=[shelter])

    assert Screening(Verdict.REFUSE, ScreeningReason.LOCAL) == screen.check(own)
    assert Screening(Verdict.FLAG, ScreeningReason.LOCAL) == screen.check(shelter)
    assert Screening(Verdict.PASS) == screen.check(other)


def test_an_own_flag_does_not_soften_a_refusal() -> None:
    """What the built-in lists refuse stays refused."""
    placeholder = normalise(Kind.COMPANY, "n/a", region="MX")
    screen = Screen.with_values(flagged=[placeholder])

    assert Verdict.REFUSE is screen.check(placeholder).verdict


def test_own_values_are_not_shown() -> None:
    """A screen's text holds none of its values."""
    own = normalise(Kind.PHONE, "55 8765 4321", region="MX")

    assert "8765" not in repr(Screen.with_values([own]))


def test_every_helpline_is_a_normal_form() -> None:
    """A listed helpline that is not a normal form could never be found."""
    helplines = built_in().helplines

    assert helplines == {normalise(Kind.PHONE, number).value for number in helplines}


def test_every_common_handle_is_a_normal_form() -> None:
    """A listed handle that is not a normal form could never be found."""
    common = built_in().common_handles

    assert common == {normalise(Kind.HANDLE, handle).value for handle in common}


def test_every_placeholder_of_a_name_is_folded() -> None:
    """A listed name that does not fold to itself could never be found."""
    lists = built_in()
    names = lists.placeholders | lists.generic | lists.common_companies

    assert names == {" ".join(fold(name)) for name in names}


@pytest.mark.parametrize("pattern", [p.pattern for p in built_in().fictional])
def test_every_fictional_range_has_the_length_of_its_country(pattern: str) -> None:
    """A range with a digit too few or too many could never be found."""
    alternative = re.sub(r"\(([^|)]*)[^)]*\)", r"\1", pattern).replace("[0-9]{", "{")
    digits = re.sub(r"\{(\d)\}", lambda m: "2" * int(m[1]), alternative)
    number = re.sub(r"\[(\d)[^\]]*\]", r"\1", digits).replace("\\", "")
    parsed = phonenumbers.parse(number, None)

    assert re.fullmatch(pattern, number)
    assert phonenumbers.is_possible_number(parsed)


def test_an_indicator_of_every_kind_is_screened() -> None:
    """No kind is without a check."""
    values = {
        Kind.PHONE: "+525512345678",
        Kind.EMAIL: "maria@correo.mx",
        Kind.HANDLE: "x:maria_x",
        Kind.VEHICLE: "MX:ABC1234",
        Kind.COMPANY: "name:MX:circo aguila",
        Kind.URL: "carnavalesdelsol.mx/empleos",
        Kind.BANK_ACCOUNT: "MX:BBVA:1598246703",
        Kind.WALLET: "evm:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
        Kind.DOCUMENT: "MX:passport:G15982467",
        Kind.PLACE: "addr:MX:72000:puebla:reforma 12",
        Kind.DEVICE: "imei:868120159824678",
    }
    verdicts = {kind: Screen().check(Indicator(kind, values[kind])).verdict for kind in Kind}

    assert dict.fromkeys(Kind, Verdict.PASS) == verdicts


def test_the_country_code_is_cut_off_as_the_numbering_plans_say() -> None:
    """A number that repeats is found behind a country code of any length, with leading zeros."""
    examples = [
        phonenumbers.example_number(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    ]

    for number in examples:
        assert number is not None
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert phonenumbers.national_significant_number(number) == national(e164)

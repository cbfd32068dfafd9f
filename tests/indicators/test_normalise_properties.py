# SPDX-License-Identifier: Apache-2.0
"""What every normaliser keeps for every text."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import InputError, NormalisationError
from federation.indicators import Indicator, Kind, Screen, Verdict, normalise
from federation.indicators.reasons import Reason
from federation.indicators.text import clean

REGIONS = st.sampled_from([None, "MX", "US", "DE", "GB", "BR", "HK", "RU", "IN", "EG", "RO", "ID"])
KINDS = st.sampled_from(list(Kind))
NUMBERS = st.text("0123456789+-() ./x٠١٢٣４５०१", min_size=5, max_size=24)
SPOKEN = (
    "instagram facebook.com/ x.com/ t.me/ @ : https:// / ? = gmail.com maria tel: wa.me/ MX DE VIN"
    " - S.A. de C.V. GmbH und & y e t s a ue ae Müller reg: name: lic: ext 12 ( ) . , + 0052 55 1234"
    " 5678 ABC ООО 株式会社 circo İ ß ﷺ Ⅷ profile.php?id= live: #"
    " https:// www. a.mx /x %2F %2e . .. ?a=1 &b= ... iban DE89370400440532013000 clabe imei imsi"
    " 490154203237518 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed btc usdt ton 1 P< UTO passport no."
    " MX:passport: G12345678 (MX) 19.4326 -99.1332 ° ' \" º W geo: cell:9g3w81t7 addr: str 12 b n Ж"
    " ad:craigslist: 7712345678 US:021000021:"
)
WORDS = st.sampled_from(SPOKEN.split())
PHRASES = st.lists(WORDS, min_size=1, max_size=8).flatmap(
    lambda words: st.sampled_from(["", " "]).map(lambda gap: gap.join(words))
)
FIELDS = (
    "platform handle country plate vin name register licence license number address url iban clabe"
    " bank account chain issuer type mrz lat lon street city postcode imei imeisv imsi"
)
TEXTS = st.one_of(st.text(max_size=60), NUMBERS, PHRASES)
INVISIBLE = [
    "\u200b",
    "\u200d",
    "\u200e",
    "\u202e",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\u00ad",
    "\ufe0f",
]


def attempt(kind: Kind, raw: object, region: str | None) -> Indicator | NormalisationError:
    """Return the indicator, or the one error that `normalise` may raise."""
    try:
        return normalise(kind, raw, region=region)  # type: ignore[arg-type]
    except NormalisationError as error:
        return error


def outcome(kind: Kind, raw: object, region: str | None) -> Indicator | str:
    """Return the indicator, or the reason for which there is none."""
    found = attempt(kind, raw, region)
    return found if isinstance(found, Indicator) else found.reason


ADDRESSES = st.fixed_dictionaries(
    {"street": TEXTS, "city": TEXTS},
    optional={"number": NUMBERS, "postcode": TEXTS},
)


@given(ADDRESSES, st.sampled_from(["MX", "US", "DE"]))
@settings(max_examples=300, deadline=None)
def test_a_folded_address_folds_to_itself(raw: dict[str, str], region: str) -> None:
    """Every step of folding is done when an address is in its normal form."""
    found = attempt(Kind.PLACE, raw, region)
    if isinstance(found, Indicator):
        assert found == normalise(Kind.PLACE, found.value)


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_link_is_its_own_normal_form(path: str, query: str) -> None:
    """Whatever stands behind a host survives a second reading unchanged."""
    found = attempt(Kind.URL, f"https://carnavalesdelsol.mx/{path}?{query}", None)
    if isinstance(found, Indicator):
        assert found == normalise(Kind.URL, found.value)


@given(KINDS, TEXTS, REGIONS)
@settings(max_examples=1500, deadline=None)
def test_a_normal_form_is_its_own_normal_form(kind: Kind, raw: str, region: str | None) -> None:
    """Any text gives an indicator or a listed reason; the indicator's value gives it again."""
    found = attempt(kind, raw, region)
    if not isinstance(found, Indicator):
        assert found.reason in list(Reason)
        return

    assert found == normalise(kind, found.value, region=region)
    assert found == normalise(kind, found.value)


@given(
    KINDS,
    st.dictionaries(
        st.sampled_from(FIELDS.split()),
        st.one_of(
            TEXTS, st.sampled_from(["MX", "DEU", "instagram", "19.43261", "Reforma 12 b", ""])
        ),
        max_size=4,
    ),
    REGIONS,
)
@settings(max_examples=600, deadline=None)
def test_a_mapping_gives_an_indicator_or_a_reason(
    kind: Kind, raw: dict[str, str], region: str | None
) -> None:
    """Any mapping of text to text is total too, and its value is a normal form."""
    found = attempt(kind, raw, region)
    if not isinstance(found, Indicator):
        assert found.reason in list(Reason)
        return

    assert found == normalise(kind, found.value)


@given(KINDS, TEXTS, REGIONS, st.data())
@settings(max_examples=600, deadline=None)
def test_what_cannot_be_seen_changes_nothing(
    kind: Kind, raw: str, region: str | None, data: st.DataObject
) -> None:
    """Composition, zero-width and direction characters do not change the outcome."""
    composed = unicodedata.normalize("NFC", raw)
    if any(unicodedata.combining(c) for c in composed):
        return  # a mark may move when something is put before it
    at = data.draw(st.integers(0, len(composed)))
    hidden = composed[:at] + data.draw(st.sampled_from(INVISIBLE)) + composed[at:]

    expected = outcome(kind, composed, region)

    assert expected == outcome(kind, unicodedata.normalize("NFD", composed), region)
    assert expected == outcome(kind, unicodedata.normalize("NFKC", composed), region)
    assert expected == outcome(kind, hidden, region)


@given(KINDS, TEXTS, REGIONS)
@settings(max_examples=300, deadline=None)
def test_an_error_does_not_hold_the_value(kind: Kind, raw: str, region: str | None) -> None:
    """Message and arguments are the kind, a field and a reason, and nothing is shown as a cause."""
    found = attempt(kind, raw, region)
    if isinstance(found, Indicator):
        assert f"Indicator(kind={kind!r}, version=1)" == repr(found)
        return

    assert f"{kind}: {found.field}: {found.reason}" == str(found)
    assert found.field in {"value", "region", "country"}
    assert found.__cause__ is None
    assert found.__suppress_context__ or found.__context__ is None


@given(KINDS, TEXTS, REGIONS)
@settings(max_examples=600, deadline=None)
def test_every_indicator_can_be_screened(kind: Kind, raw: str, region: str | None) -> None:
    """Screening answers for every normal form, with a reason unless it passes."""
    found = attempt(kind, raw, region)
    if isinstance(found, Indicator):
        screening = Screen().check(found)

        assert (screening.verdict is Verdict.PASS) == (not screening.reason)


@pytest.mark.parametrize("raw", [None, 5512345678, 5.5, b"x", ["x"], {"number": 5}, {5: "x"}])
def test_what_is_not_text_is_refused(raw: object) -> None:
    """A spreadsheet's number or nothing at all is a NormalisationError, not a crash."""
    with pytest.raises(NormalisationError):
        normalise(Kind.PHONE, raw, region="MX")  # type: ignore[arg-type]


def test_an_unknown_region_is_refused() -> None:
    """A region that is no country code is named as the field to correct."""
    with pytest.raises(NormalisationError) as caught:
        normalise(Kind.PHONE, "55 1234 5678", region="QQ")

    assert (caught.value.field, caught.value.reason) == ("region", Reason.UNKNOWN_COUNTRY)


def test_a_kind_is_a_kind() -> None:
    """A kind's name as plain text is not taken for the kind."""
    with pytest.raises(InputError):
        normalise("phone", "+525512345678")  # type: ignore[arg-type]


def test_half_a_character_is_refused() -> None:
    """A lone surrogate, as broken exports hold, is refused and not passed on."""
    with pytest.raises(NormalisationError) as caught:
        normalise(Kind.COMPANY, "Circo \ud800", region="MX")

    assert caught.value.reason == Reason.UNUSABLE_CHARACTER


def test_a_long_value_is_refused() -> None:
    """A page of text in a cell is refused before anything looks at it."""
    with pytest.raises(NormalisationError) as caught:
        normalise(Kind.COMPANY, "a" * 2000, region="MX")

    assert caught.value.reason == Reason.TOO_LONG


@given(text=st.text(st.characters(max_codepoint=127), max_size=60))
def test_ascii_text_is_cleaned_by_the_same_rules(text: str) -> None:
    """Plain text comes out as it does beside a letter that is looked at more closely."""
    plain = clean(Kind.EMAIL, "value", f"a{text}")

    assert f"{plain} é" == clean(Kind.EMAIL, "value", f"a{text} é")

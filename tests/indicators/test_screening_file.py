# SPDX-License-Identifier: Apache-2.0
"""An organisation's own screening list, as a file."""

import pytest

from federation.errors import InputError
from federation.indicators import Kind, Screen, Screening, Verdict, load_screen, normalise
from federation.indicators.screening_file import MAX_BYTES
from federation.indicators.verdicts import ScreeningReason

LIST = """
region = "MX"

[refuse]
phone = ["55 8765 4321"]
email = ["linea.ayuda@gmail.com"]
place = [{ lat = "19.43261", lon = "-99.13321" }, { street = "Reforma 12", city = "Puebla" }]

[flag]
company = ["Transportes del Sol", { register = "HRB 12345", name = "Licht", country = "DE" }]
"""
LOCAL = {verdict: Screening(verdict, ScreeningReason.LOCAL) for verdict in Verdict}


def check(screen: Screen, kind: Kind, raw: object, region: str | None = "MX") -> Screening:
    """Screen a raw value."""
    return screen.check(normalise(kind, raw, region=region))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "raw", "verdict"),
    [
        (Kind.PHONE, "+52 1 55 8765 4321", Verdict.REFUSE),
        (Kind.EMAIL, "lineaayuda+mx@googlemail.com", Verdict.REFUSE),
        (Kind.PLACE, "19.43261, -99.13321", Verdict.REFUSE),
        (Kind.PLACE, {"street": "Reforma No. 12", "city": "PUEBLA"}, Verdict.REFUSE),
        (Kind.PLACE, "19.43300, -99.13321", Verdict.FLAG),
        (Kind.COMPANY, "TRANSPORTES DEL SOL, S.A. de C.V.", Verdict.FLAG),
        (Kind.COMPANY, {"register": "HRB-12345", "country": "DE"}, Verdict.FLAG),
        (Kind.COMPANY, {"name": "Licht GmbH", "country": "DE"}, Verdict.FLAG),
    ],
)
def test_listed_values_are_found_in_any_spelling(kind: Kind, raw: object, verdict: Verdict) -> None:
    """An own value is found by its keys; what is only near a refused place waits for a person."""
    assert LOCAL[verdict] == check(load_screen(LIST.encode()), kind, raw)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.PHONE, "55 8765 4322"),
        (Kind.EMAIL, "lineaayuda@outlook.com"),
        (Kind.PLACE, "19.4526, -99.1332"),
        (Kind.PLACE, {"street": "Reforma 14", "city": "Puebla"}),
    ],
)
def test_other_values_pass(kind: Kind, raw: object) -> None:
    """A value that shares no key with the list is not affected."""
    assert Screening(Verdict.PASS) == check(load_screen(LIST.encode()), kind, raw)


@pytest.mark.parametrize("raw", [b"", b"\xef\xbb\xbf# nothing yet\n", b"[refuse]\n[flag]\n"])
def test_an_empty_list_is_the_built_in_one(raw: bytes) -> None:
    """A file without values changes nothing."""
    assert Screen() == load_screen(raw)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[refuse]\nphone = [", "is not TOML"),
        ("[refuse]\nphone = 'geheim'", "[refuse] phone in the screening list is not a list"),
        ("refuse = 3", "[refuse] in the screening list is not a table"),
        ("[refuse]\nphones = ['geheim']", "[refuse] in the screening list has an unknown kind"),
        ("[refused]\nphone = ['geheim']", "knows only region, [refuse] and [flag]"),
        ("region = 'geheim'", "not a country code"),
        ("region = 52", "not a country code"),
        (
            "[flag]\nphone = ['+525587654321', 'geheim']",
            "line 2 of the screening list ([flag] phone, value 2): value has no number in it",
        ),
        ("[flag]\nphone = [5587654321]", "([flag] phone, value 1): it is neither text nor fields"),
        (
            "[refuse]\nplace = [{ street = 'geheim' }]",
            "([refuse] place, value 1): street needs",
        ),
        (
            "[refuse]\nplace = [{ lat = 19.4, lon = 1.5 }]",
            "([refuse] place, value 1): lat is not text",
        ),
    ],
)
def test_a_mistake_is_named_by_its_place(text: str, message: str) -> None:
    """Table, kind and position are in the error; the value and the file's text are not."""
    with pytest.raises(InputError) as caught:
        load_screen(text.encode())

    assert message in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("wrong", [1, 2, 7, 100, 199])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_a_mistake_is_named(wrong: int, end: str) -> None:
    """However long the list, in whatever table, with comments and several values in a line."""
    values = [f"+49151235{number:05}" for number in range(200)]
    values[wrong] = "geheim"
    head = ["region = 'DE'", "[refuse]", "email = ['a_b_c@gmx.de']", "", "[flag]", "phone = ["]
    lines = [f'  "{value}", # [not a list' for value in values[:150]]
    lines.append("  " + ", ".join(f"'{value}'" for value in values[150:]))
    with pytest.raises(InputError) as caught:
        load_screen(end.join([*head, *lines, "]", ""]).encode())

    line = len(head) + min(wrong, 150) + 1
    where = f"line {line} of the screening list ([flag] phone, value {wrong + 1})"
    assert where in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_value_over_several_lines_is_named_by_its_first() -> None:
    """Long strings, and a table for each value."""
    text = """[refuse]
phone = [ "+525587654321",
'''
geheim
''' ]
[[refuse.place]]
lat = "19.43261"
lon = "-99.13321"

[[refuse.place]]
lat = "geheim"
"""
    with pytest.raises(InputError, match=r"line 3 of .*phone, value 2"):
        load_screen(text.encode())
    with pytest.raises(InputError, match=r"line 8 of .*place, value 2"):
        load_screen(text.replace("\ngeheim\n", "+525587654322", 1).encode())


def test_only_text_of_a_sane_size_is_read() -> None:
    """Other encodings and large files are refused before anything parses them."""
    with pytest.raises(InputError, match="UTF-8"):
        load_screen("region = 'MX' # ñ".encode("latin-1"))
    with pytest.raises(InputError, match="larger"):
        load_screen(b"#" * (MAX_BYTES + 1))

# SPDX-License-Identifier: Apache-2.0
"""Spelling changes how a thing is written, and never what it is."""

import ast
import random
import re
import unicodedata
from pathlib import Path

import pytest

from federation_node import demo
from federation_node.demo.people import RANGES, Handle, Office, Phone, Plate, World
from federation_node.demo.spell import CALLING_CODE, Speller

FORBIDDEN = ("federation.", "phonenumbers", "email_validator", "anyascii", "stdnum")
EXTENSION = re.compile(r" (ext\.? |x)\d{2,3}$")


def digits(text: str) -> str:
    """Return the digits of a text in any script, in ASCII."""
    return "".join(
        str(unicodedata.digit(c)) for c in text if unicodedata.digit(c, None) is not None
    )


def plain(text: str) -> str:
    """Return a spelling with ASCII digits and signs, without what cannot be seen."""
    bare = unicodedata.normalize("NFKC", text).strip("\u202a\u202c ")
    return "".join(c if unicodedata.digit(c, None) is None else digits(c) for c in bare)


def spelled(identity_of, spell, encoding: str = "utf-8", times: int = 400):
    """Yield (facts, spelling) of many draws."""
    rng = random.Random(11)
    world, speller = World(rng), Speller(rng, encoding)
    for _ in range(times):
        facts = identity_of(world, rng).facts
        yield facts, spell(speller, facts, rng)


def phones(encoding: str = "utf-8"):
    """Yield many spellings of many telephone numbers, with the row's country."""
    places = tuple(RANGES)
    return spelled(
        lambda world, rng: world.phone(rng.choice(places)),
        lambda speller, phone, rng: (
            country := rng.choice((phone.country, rng.choice(places))),
            speller.phone(phone, country),
        ),
        encoding,
        2000,
    )


def test_generator_shares_nothing_with_the_reader():
    """No module of the generator imports the normaliser, or a library that it uses."""
    imported = {}
    for path in sorted(Path(demo.__path__[0]).glob("*.py")):
        if path.stem not in {
            "__init__", "people", "names", "spell", "shapes", "cast", "generate", "truth", "judge",
        }:  # fmt: skip
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported.update({alias.name: path.name for alias in node.names})
            elif isinstance(node, ast.ImportFrom):
                imported[node.module or ""] = path.name

    assert {k: v for k, v in imported.items() if f"{k}.".startswith(FORBIDDEN)} == {}


def test_phone_keeps_its_digits():
    """Every spelling of a number ends with its national number, extension aside."""
    for phone, (_, text) in phones():
        assert digits(EXTENSION.sub("", plain(text))).endswith(phone.area + phone.subscriber)


def test_foreign_phone_shows_its_country():
    """A number from another country than the row's is written with its calling code."""
    for phone, (country, text) in phones():
        if phone.country != country:
            assert CALLING_CODE[phone.country] in digits(text)
            assert re.search(r"\+|^(00|011)|wa\.me", plain(text))


def test_phone_is_written_in_many_ways():
    """National, +, 00, tel:, wa.me, other digits and extensions all occur."""
    texts = [text.strip() for _, (_, text) in phones()]
    ways = (
        r"^\+52 1",
        r"^00",
        r"^011",
        r"^tel:",
        r"wa\.me/\d",
        r"[٠-٩]",
        r"[0-9]",
        r" x\d",
        r"^\(",
    )

    assert [way for way in ways if not any(re.search(way, text) for text in texts)] == []


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_spellings_fit_the_encoding(encoding):
    """A file in Windows-1252 gets only what Windows-1252 can hold."""
    for _, (_, text) in phones(encoding):
        assert text == text.encode(encoding).decode(encoding)


@pytest.mark.parametrize("apart", [True, False])
def test_handle_keeps_its_name(apart):
    """Every spelling of an account holds its name, and its platform beside or inside."""
    pairs = spelled(
        lambda world, _: world.handle(),
        lambda speller, handle, _: speller.handle(handle, platform_apart=apart),
    )
    for handle, (platform, text) in pairs:
        assert isinstance(handle, Handle)
        assert handle.name.lower() in text.lower()
        assert apart == bool(platform)


def test_plate_keeps_its_characters():
    """Only separators and letter case of a plate change."""
    pairs = spelled(
        lambda world, rng: world.plate(rng.choice(("MX", "US", "DE", "PL", "RO", "GT"))),
        lambda speller, plate, _: speller.plate(plate),
    )
    for plate, text in pairs:
        assert isinstance(plate, Plate)
        assert "".join(plate.groups) == re.sub(r"[^A-Z0-9]", "", text.upper())


def test_office_keeps_its_words_and_register():
    """Accents, letter case and legal form of an office change; words and number stay."""

    def bare(text: str) -> str:
        decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
        return "".join(c for c in decomposed if c.isalnum())

    pairs = spelled(
        lambda world, rng: world.office(rng.choice(("MX", "PL", "RO", "DE")), registered=True),
        lambda speller, office, _: speller.office(office),
        "cp1252",
    )
    for office, (name, register) in pairs:
        assert isinstance(office, Office)
        assert bare(name).startswith(bare("".join(office.words)))
        assert bare("".join(office.register or ())) == bare(register)


def test_email_keeps_its_address():
    """Only letter case, blanks and a leading "mailto:" of an address change."""
    pairs = spelled(lambda world, _: world.email(), lambda speller, email, _: speller.email(email))
    for email, text in pairs:
        written = text.strip().lower().removeprefix("mailto:")
        assert f"{email.local}@{email.domain}".lower() == written


def test_drawn_identities_are_all_different():
    """No two numbers are alike, however many are drawn; a near one is another one."""
    rng = random.Random(3)
    world = World(rng)
    drawn = [world.phone("GT") for _ in range(300)]
    near = [world.near(identity) for identity in drawn]

    numbers = {
        i.facts.area + i.facts.subscriber for i in drawn + near if isinstance(i.facts, Phone)
    }
    assert len(numbers) == 600

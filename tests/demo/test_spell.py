# SPDX-License-Identifier: Apache-2.0
"""Spelling changes how a thing is written, and never what it is."""

import ast
import random
import re
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest

from federation_node import demo
from federation_node.demo import names
from federation_node.demo.people import Handle, Office, Phone, Plate, World
from federation_node.demo.ranges import RANGES
from federation_node.demo.spell import CALLING_CODE, Speller
from federation_node.demo.spell_traces import TraceSpeller
from federation_node.demo.traces import Account, Advert, Handset, Page, Paper, Site, Trace, Wallet

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
            "__init__", "people", "ranges", "traces", "names", "spell", "spell_traces", "shapes",
            "cast", "generate", "truth", "judge",
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


def traces(kind, spell, times: int = 400):
    """Yield (trace, spelling) of many draws of a kind."""
    rng = random.Random(12)
    world, speller = World(rng), TraceSpeller(rng)
    for _ in range(times):
        trace = world.trace(kind, rng.choice(names.PLATE)).facts
        yield trace, spell(speller, trace, rng)


def degrees(text: str) -> Fraction:
    """Return what a coordinate says: degrees, minutes and seconds, with a sign or a side."""
    parts = re.findall(r"\d+(?:\.\d+)?", text.replace(",", "."))
    value = sum((Fraction(part) / 60**at for at, part in enumerate(parts)), Fraction(0))
    return -value if re.search(r"[-SW]", text) else value


def test_link_keeps_its_number_or_path():
    """Around a page's host and path, and around an advert's number, all else may change."""
    for link, text in traces("url", lambda speller, link, _: speller.link(link)):
        if isinstance(link, Advert):
            assert re.search(rf"/{link.number}[.-]", text)
            assert link.site in text
        else:
            assert isinstance(link, Page)
            assert f"{link.host}/{'/'.join(link.path)}".lower() in text.lower().replace("[.]", ".")


def test_account_keeps_its_characters():
    """Only blanks, dashes, letter case and the word in front of an account change."""
    pairs = traces("bank-account", lambda speller, account, _: speller.account(account, "US"))
    for account, text in pairs:
        assert isinstance(account, Account)
        assert account.number == re.sub(r"[^A-Z0-9]|^IBAN|^CLABE", "", text.upper())
        assert account.country != "MX" or text.startswith("CLABE")


@pytest.mark.parametrize("apart", [True, False])
def test_wallet_keeps_its_address(apart):
    """The address is whole, and only that of a chain without letter case changes its own."""
    pairs = traces("wallet", lambda speller, wallet, _: speller.wallet(wallet, coin_apart=apart))
    for wallet, (coin, text) in pairs:
        assert isinstance(wallet, Wallet)
        assert wallet.address in (text if wallet.chain != "evm" else text.lower())
        assert apart == bool(coin)


def test_document_keeps_its_number():
    """Only separators and letter case of a document's number change."""
    for paper, text in traces("document", lambda speller, paper, _: speller.number(paper)):
        assert isinstance(paper, Paper)
        assert "".join(paper.groups) == re.sub(r"[ -]", "", text.upper())


def test_place_keeps_its_point():
    """Every notation of a place says exactly the same degrees."""
    pairs = traces(
        "place", lambda speller, site, _: (speller.place(site), speller.place_apart(site))
    )
    for site, (whole, (north, east)) in pairs:
        assert isinstance(site, Site)
        expected = (Fraction(site.north, 2000), Fraction(site.east, 2000))

        assert expected == (degrees(north), degrees(east))
        bare = re.sub(r"^geo:|^https://.*?(query=|q=|mlat=)|&mlon=|%2C", " ", whole).strip()
        separators = (r"; ", r", ", r"(?<=[NS]) ", r",", r" ")
        between = next(one for one in separators if re.search(one, bare))
        first, second = re.split(between, bare)
        assert expected == (degrees(first), degrees(second))


def test_handset_keeps_its_identity():
    """Fourteen digits are in every spelling; the fifteenth may give way to a version."""
    for handset, text in traces("device", lambda speller, handset, _: speller.handset(handset)):
        assert isinstance(handset, Handset)
        written = digits(text)
        assert handset.imei == written or ("SV" in text and handset.imei[:14] == written[:14])


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_traces_fit_the_encoding(encoding):
    """No trace needs a character that one of the files cannot hold."""

    def written(speller: TraceSpeller, trace: Trace, _: random.Random) -> str:
        match trace:
            case Account():
                return speller.account(trace, "MX")
            case Site():
                return speller.place(trace) + "".join(speller.place_apart(trace))
            case _:
                return ""

    for kind in ("bank-account", "place"):
        for _, text in traces(kind, written):
            assert text == text.encode(encoding).decode(encoding)


@pytest.mark.parametrize("kind", ["url", "bank-account", "wallet", "document", "place", "device"])
def test_near_traces_are_others(kind):
    """Three hundred draws and their decoys are six hundred traces."""
    world = World(random.Random(5))
    drawn = [world.trace(kind, "MX") for _ in range(300)]

    assert len({identity.facts for identity in [*drawn, *map(world.near, drawn)]}) == 600


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

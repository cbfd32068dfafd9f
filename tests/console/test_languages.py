# SPDX-License-Identifier: Apache-2.0
"""Every message of the console, in every language."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import federation_node.console
from federation.agreements import Status
from federation.audit import PERSONAL_ROLES, StaffRole
from federation.charter import Role
from federation.indicators import Kind, Subject
from federation.member import MatchStatus
from federation_node.console.language import LANGUAGES, choose
from federation_node.console.words import name_of
from federation_node.doctor import Health
from tests.console.desk import Desk, desk, title_of

PACKAGE = Path(federation_node.console.__file__).parent
OTHERS = sorted(set(LANGUAGES) - {"en"})
PLACE = re.compile(r"%\((\w+)\)s")


def in_templates() -> Iterator[str]:
    """Yield the messages of the templates."""
    for path in sorted((PACKAGE / "templates").glob("*.html")):
        with path.open("rb") as file:
            for _, _, found, _ in babel_extract(file, ("_", "say"), [], {}):
                message = found if found is None or isinstance(found, str) else found[0]
                if message is not None:
                    yield message
        # Macros have no `_`; they call the language itself.
        yield from re.findall(r'language\.say\("([^"]*)"', path.read_text(encoding="utf-8"))


def in_modules() -> Iterator[str]:
    """Yield the messages of the modules, which are marked with N_."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if marked and node.func.id == "N_" and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


MESSAGES = sorted({*in_templates(), *in_modules()})


def catalogue(code: str) -> dict[str, str]:
    """Return what a catalogue says."""
    with (PACKAGE / "catalogues" / f"{code}.po").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, locale=code) if one.id}


def test_messages_are_found() -> None:
    """The search sees templates and modules; an empty list would prove nothing."""
    assert {"Sign in", "Matches: %(count)s", "Language", "phone number"} <= set(MESSAGES)


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated(code: str) -> None:
    """Nobody meets a word of English because it was forgotten; and nothing is left over."""
    said = catalogue(code)

    assert [] == [one for one in MESSAGES if not said.get(one)]
    assert [] == sorted(set(said) - set(MESSAGES))


@pytest.mark.parametrize("code", OTHERS)
def test_every_place_is_kept(code: str) -> None:
    """A translation has the places of the message, no other, and no markup."""
    for message, said in catalogue(code).items():
        assert sorted(PLACE.findall(message)) == sorted(PLACE.findall(said)), message
        assert "<" not in said
        assert said % dict.fromkeys(PLACE.findall(said), "x") if "%" in said else True


@pytest.mark.parametrize(
    "word",
    [*Kind, *Subject, *Role, *sorted(PERSONAL_ROLES), *MatchStatus, *Status, *Health],
    ids=lambda word: f"{type(word).__name__}-{word.value}",
)
def test_every_word_of_the_program_has_a_name(word: object) -> None:
    """What the node deals in is called something in every language."""
    assert name_of(word) in MESSAGES


def test_the_first_language_that_is_here_is_chosen() -> None:
    """The person's choice comes before the browser's, and an unknown one counts for nothing."""
    assert "es" == choose(None, "fr-FR, es-MX;q=0.9, en;q=0.8").code
    assert "ar" == choose("ar", "es").code
    assert "de" == choose("xx", "de").code
    assert "en" == choose(None, "").code


def test_dates_and_numbers_follow_the_language() -> None:
    """As people there write them."""
    at = datetime(2026, 3, 4, 15, 6, tzinfo=UTC)

    assert ("Mar 4, 2026", "1,234") == (choose("en", "").date(at), choose("en", "").count(1234))
    assert ("4 mar 2026", "12.345") == (choose("es", "").date(at), choose("es", "").count(12345))
    assert ("04.03.2026", "1.234") == (choose("de", "").date(at), choose("de", "").count(1234))


@pytest.fixture(scope="module")
def hope(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Hope's console."""
    with desk(tmp_path_factory.mktemp("console")) as made:
        yield made


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_a_page_in_each_language(hope: Desk, code: str) -> None:
    """The page says its language and direction, and is remembered in this browser."""
    browser = hope.browser()
    browser.sign_in("the-caseworker")
    browser.send("/language", {"language": code})
    answer = browser.get("/matches")
    direction = "rtl" if code == "ar" else "ltr"

    assert f'<html lang="{code}" dir="{direction}">' in answer.text
    assert choose(code, "").say("Matches") == title_of(answer)
    assert 200 == hope.at(StaffRole.CASEWORKER).get("/matches").status_code

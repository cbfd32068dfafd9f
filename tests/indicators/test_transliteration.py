# SPDX-License-Identifier: Apache-2.0
"""The table of letters is the one that the rules mean, or nothing is normalised."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from federation import Case, Kind, Subject
from federation.errors import ConfigurationError
from federation.indicators import NORMALISATION_VERSION, check_table, transliteration
from federation.testing import Federation

ROOT = Path(__file__).parents[2]
RELEASE, DIGEST = transliteration.TABLES[NORMALISATION_VERSION]


@pytest.fixture
def respell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Put a table in place of the installed one that spells one character otherwise."""
    check_table.cache_clear()
    installed = transliteration.anyascii

    def put(character: str, spelling: str) -> None:
        def other(text: str) -> str:
            return spelling.join(installed(part) for part in text.split(character))

        monkeypatch.setattr(transliteration, "anyascii", other)

    yield put
    monkeypatch.undo()
    check_table.cache_clear()


def test_the_installed_table_is_the_one_that_is_meant() -> None:
    """Nothing is raised with the release that is declared and locked."""
    check_table.cache_clear()

    assert check_table() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("character", "spelling"),
    [("ッ", "tsu"), ("Ж", "J"), ("\u0897", "a"), ("𠮷", ""), ("é", "e'"), ("ﬃ", "f fi")],
    ids=["kana", "cyrillic", "new letter", "rare ideograph", "accent", "ligature"],
)
def test_another_table_is_noticed(
    respell: Callable[[str, str], None], character: str, spelling: str
) -> None:
    """One letter that is spelled otherwise, in any script, is enough; the remedy is named."""
    assert spelling != transliteration.to_latin(character)
    respell(character, spelling)

    with pytest.raises(ConfigurationError) as caught:
        check_table()

    assert f"anyascii=={RELEASE}" in str(caught.value.next_step)


def test_a_member_with_another_table_takes_in_nothing(
    respell: Callable[[str, str], None],
) -> None:
    """No case is kept under a name that others would not have."""
    case = Case("H-1", region="JP").add(Kind.COMPANY, "サーカスカット", Subject.BUSINESS)
    with Federation("hope", "licht", keys=False) as fed:
        respell("ッ", "tsu")
        with pytest.raises(ConfigurationError, match="spells names differently"):
            fed["hope"].put_cases([case])

        with fed.seats["hope"].store.read() as tx:
            assert 0 == tx.cases.count()


def test_specification_and_dependency_say_the_same() -> None:
    """Who implements the rules elsewhere finds release and fingerprint in the specification."""
    page = (ROOT / "proto" / "spec" / "normalisation.md").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert DIGEST in page
    assert re.search(rf"anyascii {re.escape(RELEASE)}\b", page)
    assert f'"anyascii=={RELEASE}",' in project
    assert f"\nanyascii=={RELEASE} " in lock

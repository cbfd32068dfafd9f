# SPDX-License-Identifier: Apache-2.0
"""What is accepted as a password."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.charter.words import WORDS
from federation.errors import InputError
from federation.staff import (
    MINIMUM_PASSWORD,
    check_password,
    new_passphrase,
    prepare_password,
)

OWN = ("maria.lopez", "María López Ruiz", "Hope Line", "hope", "casethread")


@pytest.mark.parametrize(
    "good",
    [
        "otter lantern puzzle",
        "ontbijt zonder koffie",
        "солнце над озером",
        "مصباح نهر جبل قمر",
        "x7#kQ2!vLm9p",
        "correct horse battery staple",
        "maria likes otters a lot",
        "839201-k-48201",
    ],
)
def test_long_ones_are_taken(good: str) -> None:
    """In any script, with or without capitals, digits and signs."""
    check_password(good, OWN)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("", "1 to 1024"),
        ("short", "fewer than 12"),
        ("elevenchars", "fewer than 12"),
        ("x" * 1025, "1 to 1024"),
        ("otter lantern\npuzzle", "control"),
        ("aaaaaaaaaaaa", "run or a repetition"),
        ("abababababab", "run or a repetition"),
        ("otterotterotter", "run or a repetition"),
        ("123456789012", "run or a repetition"),
        ("098765432109", "run or a repetition"),
        ("abcdefghijkl", "run or a repetition"),
        ("password1234", "commonest"),
        ("Password!!!!!", "commonest"),
        ("P@ssw0rd2024!", "commonest"),
        ("!!!12sunshine2025", "commonest"),
        ("qwertyuiop12", "commonest"),
        ("mariaLOPEZ2024", "belongs to the account"),
        ("María-2024-2025", "belongs to the account"),
        ("maria.lopez!", "belongs to the account"),
        ("hope line 2025!", "belongs to the account"),
        ("Casethread2026", "belongs to the account"),
    ],
)
def test_what_is_tried_first_is_refused(bad: str, why: str) -> None:
    """With the reason, and without the password."""
    with pytest.raises(InputError, match=why) as caught:
        check_password(bad, (*OWN, "maria"))

    assert not bad or bad not in f"{caught.value}{caught.value.next_step}"


@given(st.text(min_size=1, max_size=60))
def test_no_password_crashes(text: str) -> None:
    """Every text is taken or refused; what is taken has the length."""
    try:
        check_password(text, OWN)
    except InputError:
        return

    assert len(prepare_password(text).decode()) >= MINIMUM_PASSWORD


def test_two_keyboards_give_the_same_password() -> None:
    """Composed or decomposed, narrow or wide spaces; but capitals differ."""
    assert prepare_password("café à deux") == prepare_password("cafe\u0301\u00a0a\u0300\u3000deux")
    assert prepare_password("Café") != prepare_password("café")


def test_the_nodes_own_passphrases() -> None:
    """Eight words of the list that is read out by telephone; no two alike, and all accepted."""
    made = {new_passphrase() for _ in range(50)}

    assert len(made) == 50
    for passphrase in made:
        assert set(passphrase.split()) <= set(WORDS)
        assert len(passphrase.split()) == 8
        check_password(passphrase, OWN)

# SPDX-License-Identifier: Apache-2.0
"""Passwords as Argon2id strings."""

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from federation.crypto import password
from federation.crypto.password import decoy, hash_password, is_current, verify_password
from federation.errors import VerifyError

WORDS = b"otter lantern puzzle"


def test_a_password_opens_its_own_string_only() -> None:
    """The same password twice gives two strings; each takes it, and nothing else."""
    first, second = hash_password(WORDS), hash_password(WORDS)
    verify_password(first, WORDS)
    verify_password(second, WORDS)

    assert first != second
    for wrong in (b"", WORDS + b" ", WORDS.upper()):
        with pytest.raises(VerifyError):
            verify_password(first, wrong)


def test_another_implementation_agrees() -> None:
    """OpenSSL's Argon2id makes strings that are taken, and takes those that are made."""
    made = Argon2id(
        salt=bytes(16), length=32, iterations=2, lanes=1, memory_cost=256
    ).derive_phc_encoded(WORDS)
    verify_password(made, WORDS)
    Argon2id.verify_phc_encoded(WORDS, hash_password(WORDS))

    with pytest.raises(VerifyError):
        verify_password(made, WORDS.upper())


def test_the_cost_is_what_the_string_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three passes over 64 MiB: RFC 9106's second recommended option."""
    hashed = hash_password(WORDS)

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert is_current(hashed)
    monkeypatch.setattr(password, "PASSES", 4)
    assert not is_current(hashed)


@pytest.mark.parametrize("damaged", ["", "plain", "$argon2id$v=19$m=65536,t=3,p=1$x$y", "é"])
def test_a_damaged_string_takes_nothing(damaged: str) -> None:
    """What cannot be read is a refusal, never a success or a crash."""
    with pytest.raises(VerifyError):
        verify_password(damaged, WORDS)


def test_a_decoy_costs_the_same_and_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the form and the cost of a real string, whatever the cost is."""
    assert len(decoy()) == len(hash_password(WORDS))
    monkeypatch.setattr(password, "MEMORY", 1 << 20)
    made, real = decoy(), hash_password(WORDS)

    assert made.rsplit("$", 2)[0] == real.rsplit("$", 2)[0]
    with pytest.raises(VerifyError):
        verify_password(made, WORDS)

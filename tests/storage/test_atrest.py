# SPDX-License-Identifier: Apache-2.0
import secrets

import pytest

from federation.errors import OpenError
from federation.storage import AtRest


def test_tokens_round_trip(at_rest: AtRest) -> None:
    """What was encrypted in bulk comes back in order."""
    tokens = secrets.token_bytes(32 * 100)

    assert at_rest.tokens.decrypt(at_rest.tokens.encrypt(tokens)) == tokens


def test_equal_tokens_have_equal_ciphertexts(at_rest: AtRest) -> None:
    """The unique index finds a token again."""
    token = secrets.token_bytes(32)

    assert at_rest.tokens.encrypt(token * 2)[32:] == at_rest.tokens.encrypt(token)


def test_a_thief_with_the_token_does_not_know_its_ciphertext(at_rest: AtRest) -> None:
    """Another root key gives another ciphertext."""
    token = secrets.token_bytes(32)

    assert AtRest(secrets.token_bytes(32)).tokens.encrypt(token) != at_rest.tokens.encrypt(token)


def test_half_a_token_is_refused(at_rest: AtRest) -> None:
    """A batch is made of whole tokens."""
    with pytest.raises(ValueError, match="32 bytes"):
        at_rest.tokens.encrypt(bytes(48))


def test_vault_round_trip(at_rest: AtRest) -> None:
    """What was sealed opens in its place."""
    sealed = at_rest.vault.seal("cases", "content", b"u" * 16, b"what was said")

    assert at_rest.vault.open("cases", "content", b"u" * 16, sealed) == b"what was said"


@pytest.mark.parametrize(
    ("table", "column", "row"),
    [
        ("observations", "content", b"u" * 16),
        ("cases", "normal", b"u" * 16),
        ("cases", "content", b"v" * 16),
        ("case", "scontent", b"u" * 16),
    ],
)
def test_a_moved_ciphertext_does_not_open(
    at_rest: AtRest, table: str, column: str, row: bytes
) -> None:
    """Somebody who can write to the database cannot swap contents."""
    sealed = at_rest.vault.seal("cases", "content", b"u" * 16, b"what was said")

    with pytest.raises(OpenError):
        at_rest.vault.open(table, column, row, sealed)


def test_sealing_twice_shows_nothing(at_rest: AtRest) -> None:
    """Equal contents do not look equal in the vault."""
    first, second = (at_rest.vault.seal("cases", "content", b"u" * 16, b"same") for _ in range(2))

    assert first != second


def test_wrapped_secrets_are_bound_to_their_context(at_rest: AtRest) -> None:
    """A wrapped share does not open as a share of another key."""
    wrapped = at_rest.wrap("shares|secret|aa|1", b"secret")

    assert at_rest.unwrap("shares|secret|aa|1", wrapped) == b"secret"
    with pytest.raises(OpenError):
        at_rest.unwrap("shares|secret|aa|2", wrapped)


def test_the_vault_and_the_wrap_key_differ(at_rest: AtRest) -> None:
    """Each use has its own key."""
    sealed = at_rest.vault.seal("t", "c", b"u" * 16, b"x")

    with pytest.raises(OpenError):
        at_rest.unwrap("t", sealed)


def test_fingerprints_find_equal_content_and_need_the_root_key(at_rest: AtRest) -> None:
    """A fingerprint is stable for its owner and useless to others."""
    other = AtRest(secrets.token_bytes(32))

    assert at_rest.fingerprint(b"H-17") == at_rest.fingerprint(b"H-17")
    assert other.fingerprint(b"H-17") != at_rest.fingerprint(b"H-17")
    assert len(at_rest.fingerprint(b"H-17")) == 16


def test_the_root_key_has_32_bytes() -> None:
    """A short root key is a bug, not a weaker store."""
    with pytest.raises(ValueError, match="32 bytes"):
        AtRest(b"short")

# SPDX-License-Identifier: Apache-2.0
"""Where the secret that opens the keystore comes from."""

from pathlib import Path

import pytest

from federation.errors import ConfigurationError
from federation_node.unlock import find_unlock

KEY = "00" * 31 + "ff"


def test_a_passphrase_from_the_environment() -> None:
    """The variable is taken as it is."""
    unlock = find_unlock({"CASETHREAD_PASSPHRASE": "four words are enough"}, None)

    assert (unlock.secret, unlock.is_key) == (b"four words are enough", False)


def test_a_passphrase_file(tmp_path: Path) -> None:
    """The first line counts, without its line end."""
    path = tmp_path / "secret"
    path.write_bytes(b"four words are enough\nsecond line\n")
    unlock = find_unlock({"CASETHREAD_PASSPHRASE_FILE": str(path)}, None)

    assert unlock.secret == b"four words are enough"


def test_a_key() -> None:
    """A key in hex is used without stretching."""
    unlock = find_unlock({"CASETHREAD_KEY": KEY}, None)

    assert (unlock.secret, unlock.is_key) == (bytes.fromhex(KEY), True)


def test_a_prompt_is_the_last_resort() -> None:
    """A person is asked only if nothing is set."""
    assert find_unlock({}, lambda: "typed at the terminal").secret == b"typed at the terminal"
    assert find_unlock({"CASETHREAD_PASSPHRASE": "given"}, lambda: "typed").secret == b"given"


def test_the_same_passphrase_from_another_keyboard() -> None:
    """Composed and decomposed letters are one passphrase."""
    composed = find_unlock({"CASETHREAD_PASSPHRASE": "contrase\u00f1a"}, None)
    decomposed = find_unlock({"CASETHREAD_PASSPHRASE": "contrasen\u0303a"}, None)

    assert composed.secret == decomposed.secret


@pytest.mark.parametrize("key", ["", "00", KEY + "00", "g" * 64, KEY + "\n"])
def test_a_malformed_key_is_refused(key: str) -> None:
    """A key is 64 hex digits; the message does not repeat it."""
    with pytest.raises(ConfigurationError) as refused:
        find_unlock({"CASETHREAD_KEY": key}, None)

    assert not key or key not in str(refused.value)


def test_two_secrets_are_refused() -> None:
    """Which one counts is never guessed."""
    with pytest.raises(ConfigurationError, match="both set"):
        find_unlock({"CASETHREAD_KEY": KEY, "CASETHREAD_PASSPHRASE": "four words"}, None)


def test_a_new_passphrase_must_not_be_short() -> None:
    """A short one opens an old keystore but makes no new one."""
    environ = {"CASETHREAD_PASSPHRASE": "short"}

    assert find_unlock(environ, None).secret == b"short"
    with pytest.raises(ConfigurationError, match="fewer than 12"):
        find_unlock(environ, None, new=True)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe secret", b"x" * 5000])
def test_an_unusable_passphrase_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, not UTF-8, or too large to be a passphrase."""
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        find_unlock({"CASETHREAD_PASSPHRASE_FILE": str(path)}, None)


def test_nobody_to_ask() -> None:
    """Without a terminal the error names the variables."""
    with pytest.raises(ConfigurationError) as refused:
        find_unlock({}, None)

    assert refused.value.next_step is not None
    assert "CASETHREAD_PASSPHRASE" in refused.value.next_step

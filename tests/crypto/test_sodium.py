# SPDX-License-Identifier: Apache-2.0
"""libsodium is found or fetched, and checked before it is trusted."""

import importlib
import sys
from pathlib import Path

import pytest

from federation.crypto import _sodium
from federation.errors import SodiumError


def test_the_bundled_library_leaves_no_file_behind() -> None:
    """Rbcl's temporary library is loaded, works and is deleted."""
    library = _sodium._bundled_library()
    path = Path(sys.modules["rbcl._sodium"].lib_path)

    assert hasattr(library, "crypto_scalarmult_ristretto255")
    assert not path.exists()


def test_a_missing_function_is_an_error() -> None:
    """A library without a function is refused with the reason."""
    with pytest.raises(SodiumError, match="crypto_no_such_function"):
        _sodium._bind("crypto_no_such_function", 1)


def test_without_any_library_there_is_a_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the system nor rbcl has it: the error says what to install."""
    monkeypatch.setattr(_sodium, "_SYSTEM_NAMES", ("libnothing-of-the-kind.so.0",))
    monkeypatch.setitem(sys.modules, "rbcl", None)

    assert _sodium._system_library() is None
    with pytest.raises(SodiumError) as caught:
        _sodium._bundled_library()
    assert "install libsodium" in str(caught.value.next_step)


def test_a_library_that_may_not_be_run_has_a_next_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rbcl unpacks its own into a directory from which nothing can be loaded."""
    (tmp_path / "rbcl").mkdir()
    fails = "raise OSError('failed to map segment from shared object')"
    (tmp_path / "rbcl" / "__init__.py").write_text(fails)
    monkeypatch.delitem(sys.modules, "rbcl", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SodiumError) as caught:
        _sodium._bundled_library()

    assert "TMPDIR" in str(caught.value.next_step)


def test_a_wrong_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that computes something else does not pass."""
    monkeypatch.setattr(_sodium, "_TWO_G", bytes(32))
    with pytest.raises(SodiumError):
        _sodium._known_answers()


def test_nothing_of_the_ed25519_group_is_bound() -> None:
    """Only ristretto255 and its scalars are taken from this library."""
    source = Path(importlib.util.find_spec("federation.crypto._sodium").origin).read_text()

    assert "crypto_core_ed25519" not in source
    assert "crypto_scalarmult_ed25519" not in source

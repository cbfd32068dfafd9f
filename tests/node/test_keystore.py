# SPDX-License-Identifier: Apache-2.0
"""The encrypted file with the node's keys."""

import json
from pathlib import Path

import pytest

from federation.charter import Identity
from federation.client import TlsIdentity
from federation.errors import ConfigurationError
from federation_node.keystore import STANDARD_STRETCHING, Keystore, Stretching
from federation_node.unlock import Unlock

PASSPHRASE = Unlock(b"correct horse battery staple", is_key=False)
KEY = Unlock(bytes(range(32)), is_key=True)
CHEAP = Stretching(passes=1, memory_kib=8)
TLS = TlsIdentity(b"-----PEM-----\n", b"DER")


def make(path: Path, unlock: Unlock = PASSPHRASE) -> Keystore:
    """A keystore that is cheap to open."""
    identity = Identity.generate("hope")
    return Keystore.create(path, unlock, identity, TLS, stretching=CHEAP)


@pytest.mark.parametrize("unlock", [PASSPHRASE, KEY])
def test_what_was_put_in_comes_out(tmp_path: Path, unlock: Unlock) -> None:
    """With a passphrase and with a key."""
    made = make(tmp_path / "keystore.json", unlock)
    opened = Keystore.open(tmp_path / "keystore.json", unlock)

    assert opened.root == made.root
    assert opened.identity.to_bytes() == made.identity.to_bytes()
    assert [(one.key, one.certificate) for one in opened.tls] == [(TLS.key, TLS.certificate)]


def test_the_file_is_private_and_alone(tmp_path: Path) -> None:
    """Mode 0600, and no temporary file stays behind."""
    make(tmp_path / "keystore.json")

    assert [path.name for path in tmp_path.iterdir()] == ["keystore.json"]
    assert (tmp_path / "keystore.json").stat().st_mode & 0o777 == 0o600


def test_nothing_secret_is_readable(tmp_path: Path) -> None:
    """Neither the root key nor the identity nor the TLS key stands in the file."""
    made = make(tmp_path / "keystore.json")
    raw = (tmp_path / "keystore.json").read_bytes()

    for secret in (made.root, made.identity.to_bytes(), TLS.key):
        assert secret not in raw
        assert secret.hex().encode() not in raw


def test_two_keystores_have_different_roots(tmp_path: Path) -> None:
    """The root key is drawn fresh."""
    assert make(tmp_path / "a").root != make(tmp_path / "b").root


def test_a_keystore_is_never_overwritten(tmp_path: Path) -> None:
    """Making another one in its place is refused."""
    make(tmp_path / "keystore.json")
    before = (tmp_path / "keystore.json").read_bytes()
    with pytest.raises(ConfigurationError, match="never overwritten"):
        make(tmp_path / "keystore.json")

    assert (tmp_path / "keystore.json").read_bytes() == before


@pytest.mark.parametrize(
    ("made_with", "opened_with", "says"),
    [
        (PASSPHRASE, Unlock(b"correct horse battery stable", is_key=False), "passphrase does not"),
        (KEY, Unlock(bytes(32), is_key=True), "key does not"),
        (PASSPHRASE, KEY, "opens with a passphrase"),
        (KEY, PASSPHRASE, "opens with a key"),
    ],
)
def test_a_wrong_secret_says_so(
    tmp_path: Path, made_with: Unlock, opened_with: Unlock, says: str
) -> None:
    """Wrong, or of the wrong sort: one clear sentence and a next step."""
    make(tmp_path / "keystore.json", made_with)
    with pytest.raises(ConfigurationError, match=says) as refused:
        Keystore.open(tmp_path / "keystore.json", opened_with)

    assert refused.value.next_step is not None


@pytest.mark.parametrize(("name", "value"), [("passes", 2), ("memory_kib", 16), ("salt", "0" * 32)])
def test_a_changed_header_does_not_open(tmp_path: Path, name: str, value: object) -> None:
    """How the key is derived is bound to the ciphertext."""
    path = tmp_path / "keystore.json"
    make(path)
    document = json.loads(path.read_text())
    document["kdf"][name] = value
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigurationError, match="does not open"):
        Keystore.open(path, PASSPHRASE)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "casethread/keystore/v2"},
        {"sealed": "not base64!"},
        {"unknown": 1},
        {"kdf": {"name": "argon2id", "passes": 1, "memory_kib": 2**40, "salt": "0" * 32}},
        {"kdf": {"name": "none"}},
    ],
)
def test_another_document_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """Another version, an unknown field, or a cost that would exhaust the machine."""
    path = tmp_path / "keystore.json"
    make(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigurationError, match="not a keystore of this version"):
        Keystore.open(path, PASSPHRASE)


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"x" * 100_000])
def test_another_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    """Whatever it is, it is an error of configuration."""
    (tmp_path / "keystore.json").write_bytes(raw)
    with pytest.raises(ConfigurationError):
        Keystore.open(tmp_path / "keystore.json", PASSPHRASE)


def test_a_new_keystore_costs_what_guessing_should_cost() -> None:
    """The standard is not below RFC 9106's second recommendation."""
    assert STANDARD_STRETCHING.memory_kib >= 64 * 1024
    assert STANDARD_STRETCHING.passes >= 3


def test_printing_shows_nothing(tmp_path: Path) -> None:
    """Neither the keystore nor the secret that opens it has a telling repr."""
    made = make(tmp_path / "keystore.json")

    assert made.root.hex() not in repr(made)
    assert "horse" not in repr(PASSPHRASE)

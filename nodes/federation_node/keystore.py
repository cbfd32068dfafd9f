# SPDX-License-Identifier: Apache-2.0
"""The keystore: one encrypted file with everything that must not be in the database.

The file is JSON. Its header (how the key is derived) is the associated data of
the ciphertext, so that nobody can change one without the other::

    {
      "format": "casethread/keystore/v1",
      "kdf": {"memory_kib": 131072, "name": "argon2id", "passes": 3, "salt": "..."},
      "sealed": "..."
    }

Inside: the root key of the database's encryption, the member's identity keys and
the TLS key with its certificate; two of them while one is replaced. Pair keys and key
shares are database rows, wrapped under the root key, because they change within
transactions.
"""

import base64
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.charter import Identity
from federation.client import TlsIdentity
from federation.crypto import aead, kdf
from federation.errors import ConfigurationError, OpenError
from federation_node.files import read_limited, write_private
from federation_node.unlock import Unlock

__all__ = ["STANDARD_STRETCHING", "Keystore", "Stretching"]

FORMAT = "casethread/keystore/v1"

_KEY_SIZE = 32
_SALT_SIZE = 16
_SIZE_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stretching:
    """Cost of deriving a key from a passphrase (Argon2id, RFC 9106, one lane)."""

    passes: int
    """Passes over the memory."""
    memory_kib: int
    """Memory in KiB."""


STANDARD_STRETCHING = Stretching(passes=3, memory_kib=128 * 1024)
"""About a fifth of a second on a small machine, and more memory than RFC 9106's second choice."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class _Argon2id(_Strict):
    name: Literal["argon2id"]
    # The ceilings stop a changed file from exhausting the machine before it is refused.
    passes: Annotated[int, Field(ge=1, le=64)]
    memory_kib: Annotated[int, Field(ge=8, le=4 * 1024 * 1024)]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _PlainKey(_Strict):
    name: Literal["key"]


class _File(_Strict):
    format: Literal["casethread/keystore/v1"]
    kdf: Annotated[_Argon2id | _PlainKey, Field(discriminator="name")]
    sealed: str


class _Contents(_Strict):
    root: str
    identity: str
    tls_key: str
    certificate: str
    # Left out while nothing is replaced: the file is then one that every release reads.
    next_tls_key: str | None = None
    next_certificate: str | None = None


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class _Lock:
    """How the file is encrypted."""

    header: _Argon2id | _PlainKey
    key: bytes
    """32 bytes; kept, so that the file can be written again without asking anybody."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Keystore:
    """What the keystore holds, opened."""

    path: Path
    """The file."""
    root: bytes
    """Root key of the encryption at rest, 32 bytes."""
    identity: Identity
    """The member's signing, agreement and sealing keys."""
    tls: tuple[TlsIdentity, ...]
    """The TLS key with its certificate; behind it the one that is to replace it, if there is."""
    lock: _Lock

    @classmethod
    def create(
        cls,
        path: Path,
        unlock: Unlock,
        identity: Identity,
        tls: TlsIdentity,
        *,
        stretching: Stretching = STANDARD_STRETCHING,
    ) -> "Keystore":
        """Make a keystore with a fresh root key and write it, mode 0600.

        Args:
            path: the file; must not exist.
            unlock: what will open it.
            identity: the member's keys.
            tls: its TLS key and certificate.
            stretching: cost of the derivation; ignored for a key.

        Returns:
            The opened keystore.

        Raises:
            ConfigurationError: if the file exists.
        """
        if path.exists():
            raise ConfigurationError(
                f"{path} exists; a keystore is never overwritten",
                next_step="choose another --home",
            )
        header: _Argon2id | _PlainKey
        if unlock.is_key:
            header = _PlainKey(name="key")
        else:
            header = _Argon2id(
                name="argon2id",
                passes=stretching.passes,
                memory_kib=stretching.memory_kib,
                salt=os.urandom(_SALT_SIZE).hex(),
            )
        lock = _Lock(header, _derive(header, unlock))
        keystore = cls(path, os.urandom(_KEY_SIZE), identity, (tls,), lock)
        keystore.write()
        return keystore

    @classmethod
    def open(cls, path: Path, unlock: Unlock) -> "Keystore":
        """Read and decrypt a keystore.

        Args:
            path: the file.
            unlock: passphrase or key.

        Returns:
            The opened keystore.

        Raises:
            ConfigurationError: if the file is not a keystore, or this does not open it.
        """
        file, sealed = _read(path)
        _check_sort(file.kdf, unlock)
        what = "key" if unlock.is_key else "passphrase"
        return cls._opened(path, _Lock(file.kdf, _derive(file.kdf, unlock)), sealed, what)

    def reopened(self) -> "Keystore":
        """Read the file again, after another process of this node has written it.

        Raises:
            ConfigurationError: if it is another keystore, or none any more.
        """
        file, sealed = _read(self.path)
        if file.kdf != self.lock.header:
            raise ConfigurationError(
                f"{self.path} opens with another passphrase by now",
                next_step="start the node again with the new one",
            )
        return self._opened(self.path, self.lock, sealed, "passphrase")

    def with_tls(self, *tls: TlsIdentity) -> "Keystore":
        """Write the file anew with other TLS keys.

        Args:
            tls: one, or two while the first is replaced.

        Returns:
            The keystore as it is now.
        """
        changed = replace(self, tls=tls)
        changed.write()
        return changed

    def write(self) -> None:
        """Write the file, mode 0600, in place of the one that is there."""
        write_private(self.path, self._sealed())

    def _sealed(self) -> bytes:
        """Encrypt it for the file."""
        header = self.lock.header
        sealed = aead.encrypt(self.lock.key, self._to_bytes(), _associated_data(header))
        document = {
            "format": FORMAT,
            "kdf": header.model_dump(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        return json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"

    @classmethod
    def _opened(cls, path: Path, lock: _Lock, sealed: bytes, what: str) -> "Keystore":
        try:
            plain = aead.decrypt(lock.key, sealed, _associated_data(lock.header))
        except OpenError as error:
            raise ConfigurationError(
                f"the {what} does not open the keystore",
                next_step=f"give the {what} that 'casethread init' was run with",
            ) from error
        return cls._from_bytes(path, lock, plain)

    def _to_bytes(self) -> bytes:
        first, *following = self.tls
        names = {
            "tls_key": first.key.decode("ascii"),
            "certificate": first.certificate.hex(),
        }
        for coming in following:
            names |= {
                "next_tls_key": coming.key.decode("ascii"),
                "next_certificate": coming.certificate.hex(),
            }
        contents = _Contents(root=self.root.hex(), identity=self.identity.to_bytes().hex(), **names)
        return contents.model_dump_json(exclude_none=True).encode()

    @classmethod
    def _from_bytes(cls, path: Path, lock: _Lock, plain: bytes) -> "Keystore":
        try:
            contents = _Contents.model_validate_json(plain)
        except ValidationError as error:
            raise ConfigurationError(
                "the keystore was made by another version",
                next_step="use the version that made it, then upgrade",
            ) from error
        pairs = [
            (contents.tls_key, contents.certificate),
            (contents.next_tls_key, contents.next_certificate),
        ]
        return cls(
            path,
            bytes.fromhex(contents.root),
            Identity.from_bytes(bytes.fromhex(contents.identity)),
            tuple(
                TlsIdentity(key.encode("ascii"), bytes.fromhex(certificate))
                for key, certificate in pairs
                if key is not None and certificate is not None
            ),
            lock,
        )


def _read(path: Path) -> tuple[_File, bytes]:
    """Read the file as far as that goes without a secret: its header, its ciphertext."""
    raw = read_limited(path, _SIZE_LIMIT)
    try:
        file = _File.model_validate_json(raw)
        return file, base64.b64decode(file.sealed, validate=True)
    except ValueError as error:
        raise ConfigurationError(
            f"{path} is not a keystore of this version",
            next_step="restore the keystore from your own copy",
        ) from error


def _check_sort(header: _Argon2id | _PlainKey, unlock: Unlock) -> None:
    """Say so when a passphrase is given for a key, or the other way round."""
    if isinstance(header, _PlainKey) == unlock.is_key:
        return
    wanted = "a key" if isinstance(header, _PlainKey) else "a passphrase"
    variable = "CASETHREAD_KEY" if isinstance(header, _PlainKey) else "CASETHREAD_PASSPHRASE"
    raise ConfigurationError(f"this keystore opens with {wanted}", next_step=f"set {variable}")


def _derive(header: _Argon2id | _PlainKey, unlock: Unlock) -> bytes:
    """Derive the 32-byte key that encrypts the file."""
    if isinstance(header, _PlainKey):
        return unlock.secret
    return kdf.argon2id(
        unlock.secret, bytes.fromhex(header.salt), header.passes, header.memory_kib * 1024
    )


def _associated_data(header: _Argon2id | _PlainKey) -> bytes:
    """Bind the ciphertext to the format and to how its key is derived."""
    bound = {"format": FORMAT, "kdf": header.model_dump()}
    return json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()

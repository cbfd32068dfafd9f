# SPDX-License-Identifier: Apache-2.0
"""What the root key protects in the database.

Four keys come from the 32-byte root key of the keystore:

=====================  ============================================================
``ct/v1/token-db``     AES-256-ECB over both 16-byte blocks of a token. The blocks are
                       uniformly random, so equal tokens give equal ciphertexts (which
                       the unique index needs) and nothing else shows.
``ct/v1/vault``        XChaCha20-Poly1305; bound to table, column and row UUID, so that
                       a ciphertext does not open in another place.
``ct/v1/wrap``         XChaCha20-Poly1305 for keys and shares; bound to a context.
``ct/v1/fingerprint``  keyed BLAKE2b-128, to find a row again without reading it.
=====================  ============================================================
"""

from functools import cache
from typing import Final

from federation.crypto import aead, kdf
from federation.crypto.encoding import LP

ROOT_BYTES: Final = 32
TOKEN_BYTES: Final = 32


class TokenCipher:
    """Encrypts tokens in bulk; the same token always gives the same ciphertext."""

    __slots__ = ("_key",)

    def __init__(self, root: bytes) -> None:
        self._key = _derive(root, b"ct/v1/token-db")

    def encrypt(self, tokens: bytes) -> bytes:
        """Encrypt concatenated 32-byte tokens into ciphertexts of the same length."""
        return aead.aes_blocks(self._key, _whole(tokens))

    def decrypt(self, ciphertexts: bytes) -> bytes:
        """Decrypt concatenated 32-byte ciphertexts."""
        return aead.aes_blocks(self._key, _whole(ciphertexts), decrypt=True)

    def decrypt_halves(self, ciphertexts: bytes) -> bytes:
        """Decrypt concatenated 16-byte halves of ciphertexts, each of which stands alone."""
        return aead.aes_blocks(self._key, ciphertexts, decrypt=True)


class Vault:
    """Seals content of rows; what is sealed opens only in its own place."""

    __slots__ = ("_key",)

    def __init__(self, root: bytes) -> None:
        self._key = _derive(root, b"ct/v1/vault")

    def seal(self, table: str, column: str, row: bytes, content: bytes) -> bytes:
        """Seal the content of one column of one row.

        Args:
            table: Name of the table.
            column: Name of the column.
            row: UUID of the row (16 bytes), made before the insert.
            content: What to seal.

        Returns:
            Nonce and ciphertext.
        """
        return aead.encrypt(self._key, content, _place(table, column, row))

    def open(self, table: str, column: str, row: bytes, sealed: bytes) -> bytes:
        """Open what `seal` made for this table, column and row.

        Raises:
            OpenError: Another root key, another place, or altered bytes.
        """
        return aead.decrypt(self._key, sealed, _place(table, column, row))


class AtRest:
    """The ciphers of one node's database."""

    __slots__ = ("_fingerprint_key", "_wrap_key", "tokens", "vault")

    def __init__(self, root: bytes) -> None:
        """Derive the ciphers.

        Args:
            root: The root key of the keystore, 32 bytes.
        """
        if len(root) != ROOT_BYTES:
            raise ValueError("the root key has 32 bytes")
        self.tokens = TokenCipher(root)
        self.vault = Vault(root)
        self._wrap_key = _derive(root, b"ct/v1/wrap")
        self._fingerprint_key = _derive(root, b"ct/v1/fingerprint")

    def wrap(self, context: str, secret: bytes) -> bytes:
        """Encrypt a key or another secret.

        Args:
            context: Where it belongs (table, column and row key); the same is needed to unwrap.
            secret: What to protect.

        Returns:
            Nonce and ciphertext.
        """
        return aead.encrypt(self._wrap_key, secret, context.encode())

    def unwrap(self, context: str, wrapped: bytes) -> bytes:
        """Decrypt what `wrap` made for this context.

        Raises:
            OpenError: Another root key, another context, or altered bytes.
        """
        return aead.decrypt(self._wrap_key, wrapped, context.encode())

    def fingerprint(self, content: bytes) -> bytes:
        """16 bytes that find equal content again, and tell nothing without the root key."""
        return kdf.blake2b_128(b"ct/v1/find", content, self._fingerprint_key)


def _derive(root: bytes, label: bytes) -> bytes:
    return kdf.hkdf(root, info=label)


def _place(table: str, column: str, row: bytes) -> bytes:
    # Length prefixes: no two places may spell the same bytes.
    return _column(table, column) + LP(row)


@cache
def _column(table: str, column: str) -> bytes:
    return LP(table.encode()) + LP(column.encode())


def _whole(tokens: bytes) -> bytes:
    if len(tokens) % TOKEN_BYTES:
        raise ValueError("a token has 32 bytes")
    return tokens

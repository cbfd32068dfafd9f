# SPDX-License-Identifier: Apache-2.0
"""Seals, records, blocks, derived keys, commitments, encodings."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.crypto import aead, agree, commit, encoding, kdf, seal
from federation.errors import (
    DeserializeError,
    InvalidInputError,
    MalformedError,
    OpenError,
    VerifyError,
)

SECRET = agree.generate()
PUBLIC = agree.public(SECRET)
KEY = bytes(range(32))


def flipped(data: bytes, position: int) -> bytes:
    """Change one bit."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=40))
def test_a_seal_opens_with_its_key_and_context(message: bytes, context: bytes) -> None:
    """Sealing and opening give the message back, at the stated overhead."""
    sealed = seal.seal(PUBLIC, message, context)

    assert len(message) + seal.OVERHEAD == len(sealed)
    assert message == seal.open_sealed(SECRET, sealed, context)


def test_a_seal_opens_with_nothing_else() -> None:
    """Another key, another context, any altered octet, too short: one error."""
    sealed = seal.seal(PUBLIC, b"share", b"context")
    attempts = [
        (agree.generate(), sealed, b"context"),
        (SECRET, sealed, b"contexu"),
        (SECRET, sealed, b""),
        (SECRET, sealed[:47], b"context"),
        (SECRET, b"", b"context"),
        (SECRET, bytes(len(sealed)), b"context"),
        *((SECRET, flipped(sealed, at), b"context") for at in range(len(sealed))),
    ]
    for secret, ciphertext, context in attempts:
        with pytest.raises(OpenError):
            seal.open_sealed(secret, ciphertext, context)


def test_seals_are_randomised() -> None:
    """The same message twice gives two ciphertexts."""
    assert seal.seal(PUBLIC, b"a", b"") != seal.seal(PUBLIC, b"a", b"")


def test_unusable_keys() -> None:
    """Keys of a wrong length or of small order are refused."""
    with pytest.raises(DeserializeError):
        seal.seal(PUBLIC[:-1], b"", b"")
    with pytest.raises(DeserializeError):
        seal.open_sealed(SECRET[:-1], bytes(100), b"")
    with pytest.raises(InvalidInputError):
        seal.seal(bytes(32), b"", b"")


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=40))
def test_records_open_at_their_place(message: bytes, place: bytes) -> None:
    """Encrypting and decrypting give the record back; never the same ciphertext twice."""
    ciphertext = aead.encrypt(KEY, message, place)

    assert message == aead.decrypt(KEY, ciphertext, place)
    assert ciphertext != aead.encrypt(KEY, message, place)


def test_records_open_nowhere_else() -> None:
    """Another key, another place, altered, short: one error."""
    ciphertext = aead.encrypt(KEY, b"record", b"place")
    attempts = [
        (bytes(32), ciphertext, b"place"),
        (KEY, ciphertext, b"elsewhere"),
        (KEY, ciphertext[:39], b"place"),
        (KEY, b"", b"place"),
        *((KEY, flipped(ciphertext, at), b"place") for at in range(len(ciphertext))),
    ]
    for key, data, place in attempts:
        with pytest.raises(OpenError):
            aead.decrypt(key, data, place)
    for call in (
        lambda: aead.encrypt(KEY[:-1], b"", b""),
        lambda: aead.decrypt(KEY + b"x", ciphertext, b""),
        lambda: aead.aes_blocks(b"", bytes(16)),
    ):
        with pytest.raises(InvalidInputError):
            call()


def test_aes_vector() -> None:
    """FIPS 197, appendix C.3, in several blocks and back."""
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    expected = bytes.fromhex("8ea2b7ca516745bfeafc49904b496089")

    assert expected * 3 == aead.aes_blocks(KEY, block * 3)
    assert block * 3 == aead.aes_blocks(KEY, expected * 3, decrypt=True)
    assert aead.aes_blocks(KEY, b"") == b""
    with pytest.raises(InvalidInputError):
        aead.aes_blocks(KEY, block[:-1])


def test_blocks_are_independent() -> None:
    """Each block is encrypted for itself, as CTR mode with one block shows."""
    counter = bytes(15) + b"\x01"
    stream = Cipher(algorithms.AES256(KEY), modes.CTR(counter)).encryptor().update(bytes(16))

    assert stream == aead.aes_blocks(KEY, bytes(16) + counter)[16:]


def test_hkdf_vector() -> None:
    """HKDF-SHA-512 is extract and expand of RFC 5869, written out with HMAC."""
    key, salt, info = b"\x0b" * 22, bytes(range(13)), b"info"
    extracted = hmac.digest(salt, key, "sha512")
    first = hmac.digest(extracted, info + b"\x01", "sha512")
    second = hmac.digest(extracted, first + info + b"\x02", "sha512")

    assert (first + second)[:82] == kdf.hkdf(key, salt=salt, info=info, length=82)
    assert kdf.hkdf(key, info=info) == kdf.hkdf(key, info=info, salt=bytes(64))
    assert len(kdf.hkdf(key, info=b"other")) == 32


def test_argon2id() -> None:
    """Passphrase, salt and cost all matter; a wrong salt is refused."""
    salt = bytes(kdf.ARGON2_SALT_LENGTH)
    keys = {
        kdf.argon2id(passphrase, used, ops, mem)
        for passphrase, used, ops, mem in (
            (b"one", salt, 1, 8192),
            (b"two", salt, 1, 8192),
            (b"one", salt[:-1] + b"\x01", 1, 8192),
            (b"one", salt, 2, 8192),
            (b"one", salt, 1, 16384),
        )
    }

    assert len(keys) == 5
    for used, ops, mem in ((b"short", 1, 8192), (salt, 0, 8192), (salt, 1, 1)):
        with pytest.raises(InvalidInputError):
            kdf.argon2id(b"one", used, ops, mem)


def test_blake2b() -> None:
    """Label and key separate digests."""
    assert hashlib.blake2b(b"data", digest_size=16, person=b"ct/v1/x").digest() == (
        kdf.blake2b_128(b"ct/v1/x", b"data")
    )
    assert (
        len(
            {
                kdf.blake2b_128(b"ct/v1/x", b"data"),
                kdf.blake2b_128(b"ct/v1/y", b"data"),
                kdf.blake2b_128(b"ct/v1/x", b"data", key=b"k"),
            }
        )
        == 3
    )


def test_commitments() -> None:
    """A commitment opens to its value with its salt, and to nothing else."""
    salt = commit.new_salt()
    committed = commit.commitment(salt, b"value")

    commit.verify_commitment(committed, salt, b"value")
    for bad in ((commit.new_salt(), b"value"), (salt, b"other"), (salt, b"")):
        with pytest.raises(VerifyError):
            commit.verify_commitment(committed, *bad)
    with pytest.raises(InvalidInputError):
        commit.commitment(salt[:-1], b"value")
    assert commit.new_salt() != salt


def test_length_prefixes() -> None:
    """Big-endian, and refused rather than truncated when too long."""
    assert encoding.LP(b"abc") == b"\x00\x03abc"
    assert encoding.U16(258) == b"\x01\x02"
    assert encoding.U32(258) == b"\x00\x00\x01\x02"
    for call in (
        lambda: encoding.LP(bytes(65536)),
        lambda: encoding.U16(65536),
        lambda: encoding.U32(2**32),
        lambda: encoding.i2osp(-1, 4),
    ):
        with pytest.raises(MalformedError):
            call()

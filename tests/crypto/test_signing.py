# SPDX-License-Identifier: Apache-2.0
"""Signatures and key agreement: published vectors, and what is refused."""

import copy
import pickle

import pytest

from federation.crypto import agree, signing
from federation.errors import DeserializeError, InvalidInputError, VerifyError

# RFC 8032, section 7.1, TEST 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)

# RFC 7748, section 5.2, first vector, and Bob's key of section 6.1.
SCALAR = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
POINT = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
PRODUCT = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
BOB = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"


def test_rfc_8032_vector() -> None:
    """Key, signature and verification are the RFC's."""
    key = signing.SigningKey.from_bytes(SEED)

    assert key.verify_key == PUBLIC
    assert key.sign(b"\x72") == SIGNATURE
    assert key.to_bytes() == SEED
    signing.verify(PUBLIC, b"\x72", SIGNATURE)


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (PUBLIC, b"\x73", SIGNATURE),
        (PUBLIC, b"\x72", SIGNATURE[:-1]),
        (PUBLIC, b"\x72", b""),
        (PUBLIC, b"\x72", bytes(64)),
        (PUBLIC[:-1], b"\x72", SIGNATURE),
        (bytes(32), b"\x72", SIGNATURE),
        (b"\x01" + bytes(31), b"", b"\x01" + bytes(63)),
    ],
    ids=["message", "short", "empty", "zeros", "short key", "zero key", "small-order key"],
)
def test_what_does_not_verify(public: bytes, message: bytes, signature: bytes) -> None:
    """One error for everything that does not hold, keys of small order included."""
    with pytest.raises(VerifyError):
        signing.verify(public, message, signature)


def test_a_signing_key_stays_secret() -> None:
    """Neither repr nor pickle nor copy lets a key out."""
    key = signing.SigningKey.generate()

    assert key.to_bytes().hex() not in repr(key)
    assert repr(key.to_bytes()) not in repr(key)
    for leak in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            leak(key)
    with pytest.raises(DeserializeError):
        signing.SigningKey.from_bytes(bytes(31))


def test_rfc_7748_vectors() -> None:
    """The product and the public key are the RFC's."""
    assert agree.exchange(SCALAR, POINT).hex() == PRODUCT
    assert agree.public(BOB).hex() == BOB_PUBLIC


def test_exchange_agrees() -> None:
    """Both sides compute the same secret."""
    one, two = agree.generate(), agree.generate()

    assert agree.exchange(one, agree.public(two)) == agree.exchange(two, agree.public(one))


@pytest.mark.parametrize("point", [bytes(32), b"\x01" + bytes(31)])
def test_exchange_refuses_small_order(point: bytes) -> None:
    """A result that everybody knows is no secret."""
    with pytest.raises(InvalidInputError):
        agree.exchange(agree.generate(), point)


def test_exchange_refuses_wrong_lengths() -> None:
    """Keys have 32 octets."""
    for call in (
        lambda: agree.exchange(bytes(31), bytes(32)),
        lambda: agree.exchange(agree.generate(), bytes(31)),
        lambda: agree.public(b""),
    ):
        with pytest.raises(DeserializeError):
            call()

# SPDX-License-Identifier: Apache-2.0
"""ristretto255 and its scalars behave as RFC 9496 says, one by one and in batches."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.crypto import expand, group, scalars
from federation.errors import DeserializeError, InvalidInputError, InverseError

# RFC 9496, appendix A.1: multiples of the generator from 0.
MULTIPLES = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
]

# RFC 9380, appendix K.3 (SHA-512).
EXPANDER_DST = b"QUUX-V01-CS02-with-expander-SHA512-256"
EXPANDED = [
    (b"", 32, "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba"),
    (b"abc", 32, "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc"),
    (b"abcdef0123456789", 32, "087e45a86e2939ee8b91100af1583c4938e0f5fc6c9db4b107b83346bc967f58"),
    (
        b"q128_" + b"q" * 128,
        32,
        "7336234ee9983902440f6bc35b348352013becd88938d2afec44311caf8356b3",
    ),
    (
        b"a512_" + b"a" * 512,
        32,
        "57b5f7e766d5be68a6bfe1768e3c2b7f1228b3e4b3134956dd73a59b954c66f4",
    ),
    (
        b"",
        128,
        (
            "41b037d1734a5f8df225dd8c7de38f851efdb45c372887be655212d07251b921"
            "b052b62eaed99b46f72f2ef4cc96bfaf254ebbbec091e1a3b9e4fb5e5b619d2e"
            "0c5414800a1d882b62bb5cd1778f098b8eb6cb399d5d9d18f5d5842cf5d13d7e"
            "b00a7cff859b605da678b318bd0e65ebff70bec88c753b159a805d2c89c55961"
        ),
    ),
]

few_scalars = st.integers(1, scalars.ORDER - 1).map(scalars.scalar_from_int)


@pytest.mark.parametrize(("message", "length", "expected"), EXPANDED)
def test_expand_message_xmd(message: bytes, length: int, expected: str) -> None:
    """The vectors of RFC 9380, K.3."""
    assert expected == expand.expand_message_xmd(message, EXPANDER_DST, length).hex()


@pytest.mark.parametrize(("dst", "length"), [(b"", 32), (b"x" * 256, 32), (b"x", 0), (b"x", 16321)])
def test_expand_message_xmd_refuses(dst: bytes, length: int) -> None:
    """Tags and lengths out of range are refused, never shortened."""
    with pytest.raises(InvalidInputError):
        expand.expand_message_xmd(b"", dst, length)


def test_multiples_of_the_generator() -> None:
    """Adding the generator gives the multiples of RFC 9496, A.1; subtracting goes back."""
    element = group.IDENTITY
    for number, expected in enumerate(MULTIPLES):
        assert expected == element.hex()
        if number:
            assert expected == group.scalarmult_base(scalars.scalar_from_int(number)).hex()
        following = group.add(element, group.GENERATOR)
        assert element == group.subtract(following, group.GENERATOR)
        element = following


def test_multiplication_never_gives_the_identity() -> None:
    """Zero is refused as a factor, and the identity as an element."""
    with pytest.raises(InvalidInputError):
        group.scalarmult(scalars.ZERO, group.GENERATOR)
    with pytest.raises(InvalidInputError):
        group.scalarmult_base(scalars.ZERO)
    with pytest.raises(InvalidInputError):
        group.scalarmult_batch(scalars.ZERO, group.GENERATOR)
    with pytest.raises(DeserializeError):
        group.scalarmult(scalars.ONE, group.IDENTITY)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_lengths_are_checked_before_libsodium_reads(length: int) -> None:
    """No function hands a short buffer to libsodium."""
    short, good = bytes(length), group.GENERATOR
    for call in (
        lambda: group.add(short, good),
        lambda: group.add(good, short),
        lambda: group.subtract(short, good),
        lambda: group.subtract(good, short),
        lambda: group.scalarmult(short, good),
        lambda: group.scalarmult(scalars.ONE, short),
        lambda: group.scalarmult_base(short),
        lambda: group.scalarmult_batch(short, good),
        lambda: group.scalarmult_each(short, good),
        lambda: group.add_each(good, short),
        lambda: scalars.add_scalars(short, good),
        lambda: scalars.add_scalars(good, short),
        lambda: scalars.sub_scalars(short, good),
        lambda: scalars.mul_scalars(good, short),
        lambda: scalars.negate(short),
        lambda: scalars.invert(short),
        lambda: scalars.reduce_scalar(short),
    ):
        with pytest.raises(DeserializeError):
            call()
    if length:
        for batch in (
            lambda: group.split_elements(short),
            lambda: group.validate_elements(short),
            lambda: scalars.invert_batch(short),
        ):
            with pytest.raises(DeserializeError):
                batch()


def test_the_highest_bit_is_refused_everywhere() -> None:
    """Setting the bit that libsodium 1.0.18 ignores is no second spelling of an element."""
    bad = group.GENERATOR[:31] + bytes([group.GENERATOR[31] | 0x80])
    two = group.GENERATOR + bad
    for call in (
        lambda: group.add(bad, group.GENERATOR),
        lambda: group.subtract(group.GENERATOR, bad),
        lambda: group.scalarmult(scalars.ONE, bad),
        lambda: group.validate_element(bad),
    ):
        with pytest.raises(DeserializeError):
            call()
    for batch in (
        lambda: group.scalarmult_batch(scalars.ONE, two),
        lambda: group.scalarmult_each(scalars.ONE * 2, two),
        lambda: group.add_each(two, two),
        lambda: group.add_each(group.GENERATOR * 2, two),
        lambda: group.validate_elements(two),
    ):
        with pytest.raises(DeserializeError, match="element 1"):
            batch()


def test_batches_agree_with_single_calls() -> None:
    """A batch is what the single calls give, in order."""
    elements = group.random_elements(5)
    factors = b"".join(scalars.random_scalar() for _ in range(5))
    each = list(
        zip(
            [factors[at : at + 32] for at in range(0, 160, 32)],
            group.split_elements(elements),
            strict=True,
        )
    )
    one = scalars.random_scalar()

    assert [group.scalarmult(f, e) for f, e in each] == group.split_elements(
        group.scalarmult_each(factors, elements)
    )
    assert [group.scalarmult(one, e) for _, e in each] == group.split_elements(
        group.scalarmult_batch(one, elements)
    )
    assert [group.add(e, e) for _, e in each] == group.split_elements(
        group.add_each(elements, elements)
    )
    assert [scalars.invert(f) for f, _ in each] == group.split_elements(
        scalars.invert_batch(factors)
    )
    assert group.validate_elements(elements) == 5
    assert b"" == group.scalarmult_batch(one, b"") == scalars.invert_batch(b"")


def test_a_bad_element_in_a_batch_is_located() -> None:
    """The error of a batch names the position."""
    batch = group.random_elements(3)
    for bad in (group.IDENTITY, b"\xff" * 32):
        broken = batch[:64] + bad
        for call in (
            lambda given=broken: group.scalarmult_batch(scalars.ONE, given),
            lambda given=broken: group.scalarmult_each(scalars.ONE * 3, given),
            lambda given=broken: group.validate_elements(given),
        ):
            with pytest.raises(DeserializeError, match="element 2"):
                call()


def test_a_zero_scalar_in_a_batch() -> None:
    """A zero among many is refused: no product, no inverse."""
    many = scalars.ONE + scalars.ZERO + scalars.ONE
    with pytest.raises(InverseError):
        scalars.invert_batch(many)
    with pytest.raises(InverseError):
        scalars.invert(scalars.ZERO)
    with pytest.raises(InvalidInputError):
        group.scalarmult_each(many, group.random_elements(3))


@settings(max_examples=25, deadline=None)
@given(few_scalars, few_scalars)
def test_scalar_arithmetic_is_modulo_the_order(left: bytes, right: bytes) -> None:
    """Libsodium's scalars are the integers modulo the order."""
    a, b = int.from_bytes(left, "little"), int.from_bytes(right, "little")

    assert scalars.scalar_from_int(a + b) == scalars.add_scalars(left, right)
    assert scalars.scalar_from_int(a - b) == scalars.sub_scalars(left, right)
    assert scalars.scalar_from_int(a * b) == scalars.mul_scalars(left, right)
    assert scalars.scalar_from_int(-a) == scalars.negate(left)
    assert scalars.scalar_from_int(pow(a, -1, scalars.ORDER)) == scalars.invert(left)
    assert left == scalars.validate_scalar(left)


@settings(max_examples=25, deadline=None)
@given(few_scalars, few_scalars)
def test_multiplication_is_linear(left: bytes, right: bytes) -> None:
    """Sums of scalars and sums of elements correspond."""
    if left == scalars.negate(right):
        return

    assert group.add(
        group.scalarmult_base(left), group.scalarmult_base(right)
    ) == group.scalarmult_base(scalars.add_scalars(left, right))
    assert group.scalarmult(left, group.scalarmult_base(right)) == group.scalarmult_base(
        scalars.mul_scalars(left, right)
    )


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_decoding_has_one_spelling(octets: bytes) -> None:
    """Whatever validates as an element survives a trip through the group unchanged."""
    try:
        element = group.validate_element(octets)
    except DeserializeError:
        return

    assert octets == group.scalarmult(scalars.ONE, element) == group.add(element, group.IDENTITY)


def test_hash_to_group_depends_on_message_and_tag() -> None:
    """Different messages and different tags give different elements and scalars."""
    hashed = {
        group.hash_to_group(message, dst) for message in (b"", b"a") for dst in (b"one", b"two")
    }
    reduced = {
        group.hash_to_scalar(message, dst) for message in (b"", b"a") for dst in (b"one", b"two")
    }

    assert (len(hashed), len(reduced)) == (4, 4)
    assert all(element == group.validate_element(element) for element in hashed)


def test_reduce_is_little_endian() -> None:
    """64 octets are reduced as a little-endian integer."""
    wide = hashlib.sha512(b"wide").digest()

    assert scalars.scalar_from_int(int.from_bytes(wide, "little")) == scalars.reduce_scalar(wide)

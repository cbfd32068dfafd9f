# SPDX-License-Identifier: Apache-2.0
"""Shamir sharing of a scalar, with commitments to the polynomial (Feldman).

A key k is the constant of a polynomial f of degree t-1; custodian i holds ``f(i)``. The
commitments ``C[j] = a[j]*G`` let everybody compute ``Y_i = f(i)*G``. Indices and Lagrange
coefficients are public, so those are computed as Python integers; shares never are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from federation.crypto.group import (
    IDENTITY,
    Element,
    add,
    scalarmult,
    scalarmult_base,
    validate_element,
)
from federation.crypto.scalars import (
    ORDER,
    ZERO,
    Scalar,
    add_scalars,
    mul_scalars,
    random_scalar,
    scalar_from_int,
)
from federation.errors import InvalidInputError, VerifyError

__all__ = [
    "MAX_INDEX",
    "GroupKey",
    "KeyShare",
    "Polynomial",
    "check_group_key",
    "check_indices",
    "combine_shares",
    "commit",
    "evaluate_commitments",
    "evaluate_polynomial",
    "interpolate",
    "lagrange",
    "random_polynomial",
]

MAX_INDEX = 0xFFFF
"""Custodian indices run from 1; 0 is where the key itself lies."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class KeyShare:
    """One custodian's share of a key."""

    index: int
    """The custodian's index, 1..65535."""
    secret: Scalar
    """Held by one organisation; never logged, never on the wire."""
    key_id: bytes
    """Which key, 16 octets."""
    generation: int
    """Which sharing of that key; shares of two generations do not combine."""
    threshold: int
    """How many shares an evaluation takes."""


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What everybody knows about a shared key."""

    key_id: bytes
    """16 octets."""
    generation: int
    """Which sharing, from 1."""
    threshold: int
    """How many shares an evaluation takes."""
    public_key: Element
    """Y = k*G."""
    public_shares: Mapping[int, Element]
    """Y_i = k_i*G by custodian index, without any Lagrange coefficient."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Polynomial:
    """A secret polynomial; its constant is what is shared."""

    coefficients: tuple[Scalar, ...]
    """From the constant upwards, exactly t of them."""


def check_indices(indices: Sequence[int]) -> tuple[int, ...]:
    """Accept a set of custodian indices in its one spelling: ascending, distinct, 1..65535.

    Raises:
        InvalidInputError: Empty, zero, out of range, repeated or not ascending.
    """
    listed = tuple(indices)
    if not listed:
        raise InvalidInputError("no custodian is named")
    if listed[0] < 1 or listed[-1] > MAX_INDEX:
        raise InvalidInputError("custodian indices run from 1 to 65535")
    if any(left >= right for left, right in pairwise(listed)):
        raise InvalidInputError("custodian indices must be distinct and ascending")
    return listed


def lagrange(index: int, quorum: Sequence[int], at: int = 0) -> Scalar:
    """Return the Lagrange coefficient of one index among a quorum.

    Args:
        index: A member of the quorum.
        quorum: Distinct indices, ascending.
        at: Where the polynomial is wanted; 0 is the key.

    Raises:
        InvalidInputError: The quorum is malformed, or does not hold the index.
    """
    listed = check_indices(quorum)
    if index not in listed:
        raise InvalidInputError("the custodian is not in the quorum")
    numerator = denominator = 1
    for other in listed:
        if other != index:
            numerator = numerator * (other - at) % ORDER
            denominator = denominator * (other - index) % ORDER
    return scalar_from_int(numerator * pow(denominator, -1, ORDER))


def random_polynomial(threshold: int, constant: Scalar | None = None) -> Polynomial:
    """Draw a polynomial of `threshold` non-zero coefficients.

    Args:
        threshold: t; the degree is one less.
        constant: The secret to share, or None to draw that, too.

    Raises:
        InvalidInputError: The threshold is below 1 or above 65535.
    """
    if not 1 <= threshold <= MAX_INDEX:
        raise InvalidInputError("a threshold lies between 1 and 65535")
    first = random_scalar() if constant is None else constant
    return Polynomial((first, *(random_scalar() for _ in range(threshold - 1))))


def evaluate_polynomial(polynomial: Polynomial, index: int) -> Scalar:
    """Return the share of one index: f(index), by Horner's rule."""
    (point,) = check_indices([index])
    x, value = scalar_from_int(point), ZERO
    for coefficient in reversed(polynomial.coefficients):
        value = add_scalars(mul_scalars(value, x), coefficient)
    return value


def commit(polynomial: Polynomial) -> tuple[Element, ...]:
    """Commit to every coefficient.

    Raises:
        InvalidInputError: A coefficient is zero.
    """
    return tuple(scalarmult_base(coefficient) for coefficient in polynomial.coefficients)


def evaluate_commitments(commitments: Sequence[Element], index: int) -> Element:
    """Return f(index)*G from commitments to f.

    Computed by powers of the index, not by Horner's rule, whose partial sums a dealer could
    make the identity for one index.

    Args:
        commitments: None of them the identity.
        index: A custodian's index.

    Raises:
        DeserializeError: A commitment is the identity or not canonical.
    """
    (point,) = check_indices([index])
    total, power = IDENTITY, 1
    for commitment in commitments:
        total = add(total, scalarmult(scalar_from_int(power), commitment))
        power = power * point % ORDER
    return total


def interpolate(points: Mapping[int, Element], at: int = 0) -> Element:
    """Combine f(i)*G, or f(i)*B, of a quorum to the value at one place: 0 is the key.

    Args:
        points: Element by custodian index; the quorum is all of them.
        at: The place.

    Raises:
        DeserializeError: An element is the identity or not canonical.
    """
    quorum, total = sorted(points), IDENTITY
    for index in quorum:
        total = add(total, scalarmult(lagrange(index, quorum, at), points[index]))
    return total


def combine_shares(shares: Mapping[int, Scalar]) -> Scalar:
    """Return f(0) from shares of a quorum. Recreates the secret: for resharing and tests."""
    quorum, total = sorted(shares), ZERO
    for index in quorum:
        total = add_scalars(total, mul_scalars(lagrange(index, quorum), shares[index]))
    return total


def check_group_key(key: GroupKey) -> None:
    """Check that all public shares lie on one polynomial of degree t-1 through Y.

    Raises:
        VerifyError: They do not.
        DeserializeError: A share is the identity or not canonical.
        InvalidInputError: There are fewer shares than the threshold.
    """
    indices = check_indices(sorted(key.public_shares))
    if not 1 <= key.threshold <= len(indices):
        raise InvalidInputError("there are fewer custodians than the threshold")
    for index in indices:
        validate_element(key.public_shares[index])
    base = {index: key.public_shares[index] for index in indices[: key.threshold]}
    if interpolate(base) != validate_element(key.public_key):
        raise VerifyError("the public shares do not give the public key")
    for index in indices[key.threshold :]:
        if interpolate(base, index) != key.public_shares[index]:
            raise VerifyError("the public shares do not lie on one polynomial")

# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of key generation without a dealer, of refresh and of resharing.

The rounds are FROST's (key generation of the FROST paper, figure 1), with a hash-commit
round in front, so that nobody can choose a contribution after seeing the others':

1. `deal`; publish `commitment_hash` of the public part.
2. Publish the public part; everybody runs `verify_dealing`.
3. Send `share_for` to each participant, sealed; `verify_share_against` on receipt.
4. `assemble` the own share and the public key; `group_key` gives the latter to anyone.

A resharing runs the same rounds: a dealer shares the share that it holds, and the
constant commitment must be its old public share, so that the key stays what it is.
These functions hold no state; order, signatures and transcript are the caller's.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from federation.crypto.encoding import LP, U16
from federation.crypto.group import (
    IDENTITY,
    Element,
    add,
    hash_to_scalar,
    scalarmult,
    scalarmult_base,
    subtract,
    validate_element,
)
from federation.crypto.scalars import (
    ONE,
    ZERO,
    Scalar,
    add_scalars,
    mul_scalars,
    random_scalar,
    validate_scalar,
)
from federation.crypto.setting import Setting, compute_key_id
from federation.crypto.shares import (
    GroupKey,
    KeyShare,
    Polynomial,
    commit,
    evaluate_commitments,
    evaluate_polynomial,
    lagrange,
    random_polynomial,
)
from federation.errors import (
    CryptoError,
    GenerationError,
    InvalidInputError,
    ShareVerifyError,
    VerifyError,
)

__all__ = [
    "PROOF_LENGTH",
    "Dealing",
    "PublicDealing",
    "assemble",
    "commitment_hash",
    "deal",
    "group_key",
    "share_for",
    "verify_dealing",
    "verify_share_against",
]

PROOF_LENGTH = 64
"""A Schnorr proof: the nonce commitment R, then the scalar."""

_POSSESSION = b"ct/v1/dkg-possession"
_COMMITMENT = b"ct/v1/dkg-commitment"


@dataclass(frozen=True, slots=True)
class PublicDealing:
    """What a dealer shows to all."""

    index: int
    """The dealer."""
    commitments: tuple[Element, ...]
    """To its coefficients from the constant upwards: exactly t."""
    proof: bytes
    """That it knows the constant, 64 octets."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Dealing:
    """A dealer's secret polynomial, with what it shows of it."""

    polynomial: Polynomial
    """Erased when the ceremony is over."""
    public: PublicDealing
    """For all."""


def deal(setting: Setting, index: int, share: KeyShare | None = None) -> Dealing:
    """Draw a polynomial, commit to it, and prove knowledge of its constant.

    Args:
        setting: The agreed frame.
        index: The dealer.
        share: The dealer's present share, for a resharing; None to generate a key.

    Raises:
        InvalidInputError: The index does not deal here, or the share is missing or too much.
        GenerationError: The share is not of the key and generation that is reshared.
    """
    if index not in setting.dealers:
        raise InvalidInputError("this custodian is not a dealer of the ceremony")
    if (share is None) != (setting.previous is None):
        raise InvalidInputError("a resharing, and nothing else, starts from a share")
    constant = None
    if share is not None and setting.previous is not None:
        held = (share.key_id, share.generation, share.index)
        if held != (setting.previous.key_id, setting.previous.generation, index):
            raise GenerationError("the share is of another key, generation or custodian")
        constant = share.secret
    polynomial = random_polynomial(setting.threshold, constant)
    commitments = commit(polynomial)
    nonce = random_scalar()
    point = scalarmult_base(nonce)
    challenge = _challenge(setting, index, commitments, point)
    answer = add_scalars(nonce, mul_scalars(polynomial.coefficients[0], challenge))
    return Dealing(polynomial, PublicDealing(index, commitments, point + answer))


def _challenge(
    setting: Setting, index: int, commitments: Sequence[Element], point: Element
) -> Scalar:
    message = LP(setting.digest()) + U16(index) + LP(b"".join(commitments)) + LP(point)
    return hash_to_scalar(message, _POSSESSION)


def commitment_hash(setting: Setting, dealing: PublicDealing) -> bytes:
    """Return what a dealer publishes in the first round, 32 octets.

    The commitments are uniformly random, so the hash hides them without a salt.
    """
    fields = (_COMMITMENT, setting.digest(), b"".join(dealing.commitments), dealing.proof)
    message = b"".join(LP(field) for field in fields) + U16(dealing.index)
    return hashlib.sha256(message).digest()


def verify_dealing(setting: Setting, dealing: PublicDealing, announced: bytes) -> None:
    """Check what a dealer shows in the second round.

    Args:
        setting: The agreed frame.
        dealing: What the dealer shows.
        announced: The hash that it published in the first round.

    Raises:
        ShareVerifyError: The dealer is to blame; the message says for what.
        InvalidInputError: The dealer is not one of this ceremony.
    """
    if dealing.index not in setting.dealers:
        raise InvalidInputError("this custodian is not a dealer of the ceremony")
    culprit = [dealing.index]
    # A longer vector is a polynomial of higher degree: every dealt share would verify, and
    # yet no t custodians could evaluate.
    if len(dealing.commitments) != setting.threshold:
        raise ShareVerifyError(culprit, "a dealer commits to another number of coefficients")
    if not hmac.compare_digest(commitment_hash(setting, dealing), announced):
        raise ShareVerifyError(culprit, "a dealer shows something else than it announced")
    try:
        for commitment in dealing.commitments:
            validate_element(commitment)
        _verify_possession(setting, dealing)
    except CryptoError as error:
        raise ShareVerifyError(culprit, "a dealer does not prove what it commits to") from error
    if setting.previous is not None:
        held = setting.previous.public_shares[dealing.index]
        if dealing.commitments[0] != held:
            raise ShareVerifyError(culprit, "a dealer reshares something else than its share")


def _verify_possession(setting: Setting, dealing: PublicDealing) -> None:
    if len(dealing.proof) != PROOF_LENGTH:
        raise VerifyError("a proof of possession is 64 octets long")
    point, answer = validate_element(dealing.proof[:32]), validate_scalar(dealing.proof[32:])
    challenge = _challenge(setting, dealing.index, dealing.commitments, point)
    expected = subtract(scalarmult_base(answer), scalarmult(challenge, dealing.commitments[0]))
    if expected != point:
        raise VerifyError("the proof of possession does not hold")


def share_for(setting: Setting, dealing: Dealing, index: int) -> Scalar:
    """Return the share that a dealer sends to one participant, sealed and signed inside.

    Raises:
        InvalidInputError: The index gets no share in this ceremony.
    """
    if index not in setting.participants:
        raise InvalidInputError("this custodian gets no share in the ceremony")
    return evaluate_polynomial(dealing.polynomial, index)


def verify_share_against(dealing: PublicDealing, index: int, share: Scalar) -> None:
    """Check a dealt share against its dealer's commitments.

    Args:
        dealing: What the dealer showed, already verified.
        index: Who received the share.
        share: The share. Shown to others, together with the dealer's signature over it, a
            bad one proves itself to them by this same function.

    Raises:
        ShareVerifyError: The share is not what the dealer committed to.
    """
    try:
        # A share of zero is left to the element comparison: its element is the identity.
        point = IDENTITY if validate_scalar(share) == ZERO else scalarmult_base(share)
        good = point == evaluate_commitments(dealing.commitments, index)
    except CryptoError as error:
        raise ShareVerifyError([dealing.index], "a dealt share is malformed") from error
    if not good:
        raise ShareVerifyError([dealing.index], "a dealt share does not fit its commitments")


def group_key(setting: Setting, dealings: Mapping[int, PublicDealing]) -> GroupKey:
    """Compute the public key and all public shares from verified dealings.

    Args:
        setting: The agreed frame.
        dealings: What each dealer showed, by index; all dealers.

    Raises:
        InvalidInputError: A dealing is missing or too much.
        VerifyError: The sum is no key (never by chance), or a resharing changes the key.
    """
    weights = _weights(setting, dealings)
    totals = [IDENTITY] * setting.threshold
    for index, weight in weights.items():
        for power, commitment in enumerate(dealings[index].commitments):
            totals[power] = add(totals[power], scalarmult(weight, commitment))
    try:
        shares = {index: evaluate_commitments(totals, index) for index in setting.participants}
        for element in (totals[0], *shares.values()):
            validate_element(element)
    except CryptoError as error:
        raise VerifyError("the dealings add up to a key that cannot be used") from error
    previous = setting.previous
    if previous is None:
        origin = (setting.ceremony_id, setting.lane, setting.key_class, setting.epoch)
        key_id = compute_key_id(*origin, totals[0])
    elif totals[0] == previous.public_key:
        key_id = previous.key_id
    else:
        raise VerifyError("the resharing would change the key")
    return GroupKey(key_id, setting.generation, setting.threshold, totals[0], shares)


def _weights(setting: Setting, given: Mapping[int, object]) -> dict[int, Scalar]:
    # A new key is the sum of all contributions; an old one is interpolated from its shares.
    dealers = setting.dealers
    if set(given) != set(dealers):
        raise InvalidInputError("a contribution is missing, or comes from a stranger")
    if setting.previous is None:
        return dict.fromkeys(dealers, ONE)
    return {index: lagrange(index, dealers) for index in dealers}


def assemble(
    setting: Setting,
    index: int,
    dealings: Mapping[int, PublicDealing],
    received: Mapping[int, Scalar],
) -> tuple[KeyShare, GroupKey]:
    """Add up what a participant received to its share of the key.

    Args:
        setting: The agreed frame.
        index: The participant.
        dealings: What each dealer showed, already verified, by index.
        received: The share from each dealer, its own included, by dealer.

    Returns:
        The participant's share, and the public key.

    Raises:
        ShareVerifyError: A dealt share does not fit; names the dealers of all that do not.
        InvalidInputError: A contribution is missing, or the index gets no share.
        VerifyError: The sum is no key.
    """
    if index not in setting.participants:
        raise InvalidInputError("this custodian gets no share in the ceremony")
    weights = _weights(setting, received)
    key = group_key(setting, dealings)
    culprits: set[int] = set()
    secret = ZERO
    for dealer, weight in weights.items():
        try:
            verify_share_against(dealings[dealer], index, received[dealer])
        except ShareVerifyError as error:
            culprits |= error.culprits
            continue
        secret = add_scalars(secret, mul_scalars(weight, received[dealer]))
    if culprits:
        raise ShareVerifyError(culprits, "a dealt share does not fit its commitments")
    if scalarmult_base(secret) != key.public_shares[index]:
        raise VerifyError("the share does not fit its public share")
    return KeyShare(index, secret, key.key_id, key.generation, key.threshold), key

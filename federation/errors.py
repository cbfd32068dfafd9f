# SPDX-License-Identifier: Apache-2.0
"""Every error of the library, in one tree.

A type exists for each decision that a caller can make. No message, argument or
attribute ever holds the value of an indicator.

::

    CasethreadError
    ├── InputError                   what was given cannot be used
    │   ├── NormalisationError       one indicator cannot be brought into its normal form
    │   └── MalformedError           bytes from outside are not what they should be
    ├── CryptoError                  RFC 9497 section 5.3 names, and ours
    │   ├── DeserializeError
    │   ├── InvalidInputError
    │   ├── InverseError
    │   ├── DeriveKeyPairError
    │   ├── GenerationError          a share of another key or generation; nobody's fault
    │   ├── VerifyError              a proof or a signature does not hold
    │   │   └── ShareVerifyError     ... and these custodians are to blame
    │   ├── OpenError                a sealed or wrapped secret does not open
    │   └── SodiumError              libsodium is missing or answers wrongly
    ├── CeremonyError                a key ceremony cannot go on; names its culprits
    ├── MembershipError              the charter does not allow it
    │   ├── CharterStaleError        the other side knows a newer charter
    │   ├── CharterExpiredError
    │   └── CharterConflictError     two charters claim the same version
    ├── AuthenticationError          who asks is not who it says
    ├── PolicyError                  an agreement, a lane or a role forbids it
    │   ├── AgreementError           no agreement in force covers it
    │   └── QuotaError               the budget is spent; says when to come back
    ├── ExchangeError                a step of an exchange is out of order or untrue
    ├── PeerError                    another node cannot be used now
    │   ├── PeerUnreachableError
    │   └── QuorumError              not enough custodians answered honestly
    ├── NodeUnavailableError         the own node does not answer
    ├── StoreError                   the own database refuses
    └── ConfigurationError           the own node is not set up; says the next step
"""

from collections.abc import Iterable

__all__ = [
    "AgreementError",
    "AuthenticationError",
    "CasethreadError",
    "CeremonyError",
    "CharterConflictError",
    "CharterExpiredError",
    "CharterStaleError",
    "ConfigurationError",
    "CryptoError",
    "DeriveKeyPairError",
    "DeserializeError",
    "ExchangeError",
    "GenerationError",
    "InputError",
    "InvalidInputError",
    "InverseError",
    "MalformedError",
    "MembershipError",
    "NodeUnavailableError",
    "NormalisationError",
    "OpenError",
    "PeerError",
    "PeerUnreachableError",
    "PolicyError",
    "QuorumError",
    "QuotaError",
    "ShareVerifyError",
    "SodiumError",
    "StoreError",
    "VerifyError",
]


class CasethreadError(Exception):
    """Anything that this library raises on purpose."""

    next_step: str | None = None
    """What the operator can do about it, one sentence, or None."""

    def __init__(self, message: str = "", *, next_step: str | None = None) -> None:
        super().__init__(message)
        if next_step is not None:
            self.next_step = next_step


class InputError(CasethreadError):
    """What was given cannot be used."""


class NormalisationError(InputError):
    """One indicator cannot be brought into its normal form.

    Carries the kind, the field and the reason, never the value.
    """

    def __init__(self, kind: str, field: str, reason: str) -> None:
        super().__init__(f"{kind}: {field}: {reason}")
        self.kind = kind
        self.field = field
        self.reason = reason


class MalformedError(InputError):
    """Bytes from outside are not the one accepted spelling of what they should be."""


class CryptoError(CasethreadError):
    """A cryptographic operation failed."""


class DeserializeError(CryptoError):
    """Bytes are not a canonical group element or scalar, or are the identity (RFC 9497 5.3)."""


class InvalidInputError(CryptoError):
    """The input cannot be used: it maps to the identity (RFC 9497 5.3), or contradicts itself."""


class InverseError(CryptoError):
    """The tweaked key has no inverse (RFC 9497 5.3)."""


class DeriveKeyPairError(CryptoError):
    """No key pair could be derived from the seed (RFC 9497 5.3)."""


class GenerationError(CryptoError):
    """A share is of another key or generation: the work is discarded, nobody is accused."""


class VerifyError(CryptoError):
    """A proof or a signature does not hold (RFC 9497 5.3)."""


class ShareVerifyError(VerifyError):
    """What custodians sent does not verify against what is public about them."""

    def __init__(self, culprits: Iterable[int], message: str = "") -> None:
        self.culprits = frozenset(culprits)
        """Custodian indices whose answer is wrong."""
        listed = ", ".join(str(index) for index in sorted(self.culprits))
        super().__init__(message or f"evaluation does not verify for custodian(s) {listed}")


class OpenError(CryptoError):
    """A sealed or wrapped secret does not open with this key and context."""


class SodiumError(CryptoError):
    """Libsodium is missing, too old, or fails its known-answer test."""


class CeremonyError(CasethreadError):
    """A key ceremony cannot go on."""

    def __init__(
        self, message: str, culprits: Iterable[str] = (), *, next_step: str | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.culprits = frozenset(culprits)
        """Member ids to blame; a pair where it cannot be told which of the two."""


class MembershipError(CasethreadError):
    """The charter does not allow it."""


class CharterStaleError(MembershipError):
    """The other side knows a newer charter, which it attaches."""

    def __init__(self, message: str = "charter is stale", envelopes: Iterable[bytes] = ()) -> None:
        super().__init__(message)
        self.envelopes = tuple(envelopes)
        """The newer charter versions, oldest first, as DSSE envelopes."""


class CharterExpiredError(MembershipError):
    """The charter and its grace period are over."""

    next_step = (
        "a steward runs 'casethread federation renew', the others 'casethread federation sign'; "
        "then run 'casethread sync'"
    )


class CharterConflictError(MembershipError):
    """Two different charters claim the same version; evidence is kept."""


class AuthenticationError(CasethreadError):
    """Who asks is not who it says it is."""


class PolicyError(CasethreadError):
    """An agreement, a lane or a role forbids it."""

    def __init__(
        self, message: str = "", *, clause: str | None = None, next_step: str | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.clause = clause
        """The clause that decides, a word of this program fit for a log; None without one."""


class AgreementError(PolicyError):
    """No agreement in force covers it."""


class QuotaError(PolicyError):
    """The evaluation budget is spent."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until a retry can succeed."""


class ExchangeError(CasethreadError):
    """A step of an exchange is out of order, unknown or untrue."""


class PeerError(CasethreadError):
    """Another node cannot be used now."""


class PeerUnreachableError(PeerError):
    """The peer did not answer; trying again later is safe."""


class QuorumError(PeerError):
    """Not enough custodians answered honestly to finish the job."""

    def __init__(self, message: str, culprits: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.culprits = frozenset(culprits)
        """Member ids that answered wrongly."""


class NodeUnavailableError(CasethreadError):
    """The own node does not answer its organisation's programs; trying again later is safe."""

    next_step = "is 'casethread serve' running? Start it, then try again"


class StoreError(CasethreadError):
    """The own database refuses."""


class ConfigurationError(CasethreadError):
    """The own node is not set up for this; `next_step` says what to do."""

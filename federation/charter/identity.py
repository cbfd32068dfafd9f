# SPDX-License-Identifier: Apache-2.0
"""The secret half of a member: what its keystore holds."""

from dataclasses import dataclass

from federation.crypto import agree
from federation.crypto.encoding import LP
from federation.crypto.signing import SigningKey
from federation.errors import MalformedError

__all__ = ["Identity"]

_LABEL = b"ct/v1/identity"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Identity:
    """A member's secret keys. The public halves stand in the charter."""

    member_id: str
    """The member."""
    signing: SigningKey
    """Ed25519: signs documents and requests."""
    agreement_secret: bytes
    """X25519, the S of pair keys, 32 bytes."""
    sealing_secret: bytes
    """X25519: opens what is sealed to this member, 32 bytes."""

    @classmethod
    def generate(cls, member_id: str) -> "Identity":
        """Make new keys for a member."""
        return cls(member_id, SigningKey.generate(), agree.generate(), agree.generate())

    @property
    def agreement_key(self) -> bytes:
        """The public half of `agreement_secret`, 32 bytes."""
        return agree.public(self.agreement_secret)

    @property
    def sealing_key(self) -> bytes:
        """The public half of `sealing_secret`, 32 bytes."""
        return agree.public(self.sealing_secret)

    def to_bytes(self) -> bytes:
        """Return the keys in the clear, for the encrypted keystore only."""
        name = LP(_LABEL) + LP(self.member_id.encode())
        return name + self.signing.to_bytes() + self.agreement_secret + self.sealing_secret

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Identity":
        """Restore what `to_bytes` gave.

        Raises:
            MalformedError: It is something else.
        """
        head, keys = raw[:-96], raw[-96:]
        prefix = LP(_LABEL)
        name = head[len(prefix) + 2 :]
        if head != prefix + LP(name) or not name.isascii():
            raise MalformedError("not an identity")
        signing = SigningKey.from_bytes(keys[:32])
        return cls(name.decode(), signing, keys[32:64], keys[64:])

    def __reduce__(self) -> str | tuple[object, ...]:
        # Secrets that travel through pickle end up in files and core dumps.
        raise TypeError("an identity is not pickled; use to_bytes")

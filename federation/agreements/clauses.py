# SPDX-License-Identifier: Apache-2.0
"""One reason why something is allowed or not."""

from dataclasses import dataclass

from federation.errors import AgreementError, PolicyError

__all__ = ["Clause"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One reason why an agreement covers something, or does not."""

    name: str
    """The field of the terms, or the rule, that decides; a word fit for a log."""
    allows: bool
    reason: str
    """One sentence."""
    agreed: bool = True
    """Whether another agreement could change it; else it is the survivor's will, or a rule."""

    def error(self) -> PolicyError:
        """Return the refusal: an `AgreementError`, or a `PolicyError` if it is no clause of it."""
        kind = AgreementError if self.agreed else PolicyError
        return kind(f"clause '{self.name}': {self.reason}", clause=self.name)

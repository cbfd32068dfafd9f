# SPDX-License-Identifier: Apache-2.0
"""What a person of the giver lets go, out of what was asked."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from federation.agreements import Detail
from federation.documents import Part
from federation.indicators import Kind

__all__ = ["Choice", "Grade", "Lines", "SafetyFlag", "check_ascending"]

Grade = Annotated[str, Field(pattern=r"^[A-E][1-5]$")]
"""How good it is, as police write it (5x5x5, UK College of Policing): the source from A, always
reliable, to E, untested; the information from 1, known to be true, to 5, suspected to be false."""

Lines = Annotated[
    str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$")
]
"""A few lines for people to read."""


class SafetyFlag(StrEnum):
    """What to know before anything is done. Shown first."""

    DANGER = "danger"
    """A person concerned is in danger now."""
    MINOR = "minor"
    """A minor is concerned."""
    NO_CONTACT = "no-contact"
    """Do not get in touch with the person concerned."""


class Choice(Part):
    """What leaves. What is not named here stays."""

    kinds: tuple[Kind, ...] = ()
    """Of the indicators; ascending."""
    contact: Lines | None = None
    """Whom to call at the giver."""
    note: Lines | None = None
    """What happened."""
    safety: Lines | None = None
    """How the person concerned can be reached without danger."""
    flags: tuple[SafetyFlag, ...] = ()
    """Ascending."""
    grade: Grade | None = None

    @model_validator(mode="after")
    def _check(self) -> "Choice":
        check_ascending(self.kinds, "kinds")
        check_ascending(self.flags, "flags")
        return self

    @property
    def details(self) -> tuple[Detail, ...]:
        """The details that it says something of; ascending."""
        said = {
            Detail.CONTACT: self.contact,
            Detail.NOTE: self.note,
            Detail.SAFETY: self.safety,
        }
        return tuple(detail for detail, text in sorted(said.items()) if text is not None)


def check_ascending(values: Sequence[StrEnum] | Sequence[bytes], name: str) -> None:
    """Refuse a list that is not ascending, or holds something twice.

    Raises:
        ValueError: As pydantic wants it.
    """
    listed: list[Any] = list(values)
    if listed != sorted(set(listed)):
        raise ValueError(f"{name} are not ascending")

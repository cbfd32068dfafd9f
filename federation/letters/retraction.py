# SPDX-License-Identifier: Apache-2.0
"""The letter that takes matches back (spec page ``letters``)."""

from datetime import timedelta
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from federation.documents import Hex16
from federation.letters.letter import Letter

__all__ = ["MOST_RETRACTED", "RETRACTION_LIFETIME", "Retraction"]

MOST_RETRACTED: Final = 1000
"""Matches of one letter."""
RETRACTION_LIFETIME: Final = timedelta(days=365)
"""How long delivery is tried; then another letter takes its place."""


class Retraction(Letter):
    """Matches that the sender does not stand by any more. It does not say why."""

    TYPE: ClassVar[str] = "ct/v1/retraction"
    LIMIT: ClassVar[int] = 64 * 1024
    PRIVATE: ClassVar[bool] = False

    matches: Annotated[tuple[Hex16, ...], Field(min_length=1, max_length=MOST_RETRACTED)]
    """Ids of matches as both sides know them; ascending, and each once. The sender also names
    ids of which it does not know whether the recipient has such a match."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.agreement is None:
            raise ValueError("a retraction names its agreement")
        if list(self.matches) != sorted(set(self.matches)):
            raise ValueError("matches are not ascending")
        return self

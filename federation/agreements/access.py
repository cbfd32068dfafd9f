# SPDX-License-Identifier: Apache-2.0
"""What somebody wants to do with something about somebody: the question that `authorise` answers.

Every act between two members has a giver, about whose case something becomes known, and a
receiver, who learns it. Comparing has one in each direction: who sends tags gives, and who
answers them gives too.
"""

from dataclasses import dataclass
from enum import StrEnum

from federation.agreements.handling import Marking
from federation.agreements.purposes import Purpose
from federation.agreements.terms import Detail
from federation.indicators import Kind, Lane, Subject

__all__ = ["AccessRequest", "Action"]


class Action(StrEnum):
    """What happens."""

    COMPARE = "compare"
    """The giver lets the receiver compare a token of its own."""
    RELEASE = "release"
    """A person of the giver lets the receiver see a match that was held back."""
    QUERY = "query"
    """The receiver asks whether the giver holds something that it names itself."""
    DISCLOSE = "disclose"
    """A person of the giver lets the receiver read something."""
    REFER = "refer"
    """The giver hands a survivor over to the receiver, on the survivor's wish."""

    @property
    def compares(self) -> bool:
        """Whether it is about tokens alone."""
        return self in {Action.COMPARE, Action.RELEASE}


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One thing that may happen or not."""

    action: Action
    giver: str
    """Member id of who lets something be known."""
    receiver: str
    """Member id of who learns it."""
    lane: Lane
    kind: Kind | Detail
    """What it is."""
    subject: Subject
    """Whom it is about."""
    purpose: Purpose
    """For what the receiver may use it."""
    received: Marking | None = None
    """The codes under which the giver was itself given it; None for what is its own."""

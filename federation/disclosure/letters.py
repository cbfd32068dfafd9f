# SPDX-License-Identifier: Apache-2.0
"""The request and the answer (spec page ``disclosure``)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self, TypeAlias

from pydantic import Field, model_validator

from federation.agreements import Detail, EuropolCode, Handling, Marking, Purpose
from federation.disclosure.choice import Grade, Lines, SafetyFlag, check_ascending
from federation.documents import Hex16, Instant, Part, digest
from federation.errors import InputError
from federation.indicators import Kind, Lane, Subject
from federation.letters import Letter

__all__ = [
    "LONGEST_WAIT",
    "AnswerOutcome",
    "DisclosedCase",
    "DisclosedValue",
    "DisclosureAnswer",
    "DisclosureRequest",
    "Item",
    "items_of",
]

Item: TypeAlias = Kind | Detail
"""What can be asked for: exactly what an agreement can list."""

LONGEST_WAIT: Final = timedelta(days=90)
"""A request that waits longer is asked again."""

_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EVER: Final = datetime(2100, 1, 1, tzinfo=UTC)

Note = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
Value = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f]+$")]


class AnswerOutcome(StrEnum):
    """What became of a request."""

    APPROVED = "approved"
    """All that was asked, as far as it is held."""
    NARROWED = "narrowed"
    """Some of it."""
    DENIED = "denied"
    """Nothing; it is not said why."""
    EXPIRED = "expired"
    """Nobody decided in time; it is not said why."""

    @property
    def gives(self) -> bool:
        """Whether something comes with it."""
        return self in {AnswerOutcome.APPROVED, AnswerOutcome.NARROWED}


class DisclosureRequest(Letter):
    """The receiver asks the giver what it holds on matches. Its answer is due by `expires`."""

    TYPE: ClassVar[str] = "ct/v1/disclosure-request"
    LIMIT: ClassVar[int] = 8 * 1024

    matches: Annotated[tuple[Hex16, ...], Field(min_length=1, max_length=32)]
    """Ids of matches as both sides know them; ascending."""
    lane: Lane
    """Of the matches: nothing about anybody of the other lane is asked or answered."""
    kinds: tuple[Kind, ...] = ()
    """Asked for; ascending."""
    details: tuple[Detail, ...] = ()
    """Asked for; ascending."""
    purpose: Purpose
    note: Note | None = None
    """Why, for the people who decide."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_ascending(self.matches, "matches")
        check_ascending(self.kinds, "kinds")
        check_ascending(self.details, "details")
        if self.agreement is None:
            raise ValueError("a request names its agreement")
        if not self.items:
            raise ValueError("a request asks for something")
        if self.expires > self.issued + LONGEST_WAIT:
            raise ValueError("a request waits for 90 days at most")
        return self

    @property
    def items(self) -> frozenset[Item]:
        """Everything that is asked for."""
        return frozenset[Item](self.kinds) | frozenset[Item](self.details)


class DisclosedValue(Part):
    """One indicator."""

    kind: Kind
    subject: Subject
    value: Value
    """Its normal form (spec page ``normalisation``)."""


class DisclosedCase(Part):
    """What is told of one case. It has no name: `matches` says which it is."""

    matches: Annotated[tuple[Hex16, ...], Field(min_length=1, max_length=32)]
    """Those of the request that it is about; ascending."""
    values: Annotated[tuple[DisclosedValue, ...], Field(max_length=200)] = ()
    """Ascending, and each once."""


class DisclosureAnswer(Letter):
    """What the giver says to a request."""

    TYPE: ClassVar[str] = "ct/v1/disclosure-answer"
    LIMIT: ClassVar[int] = 128 * 1024

    request: Hex16
    """Id of the request."""
    outcome: AnswerOutcome
    flags: tuple[SafetyFlag, ...] = ()
    """Shown first; ascending."""
    handling: Handling | None = None
    europol: tuple[EuropolCode, ...] = ()
    keep_until: Instant | None = None
    """The receiver's node deletes it then."""
    grade: Grade | None = None
    contact: Lines | None = None
    note: Lines | None = None
    safety: Lines | None = None
    cases: Annotated[tuple[DisclosedCase, ...], Field(max_length=64)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_ascending(self.flags, "flags")
        check_ascending(self.europol, "europol")
        if self.agreement is None:
            raise ValueError("an answer names its agreement")
        marked = self.handling is not None and self.keep_until is not None
        content = (self.contact, self.note, self.safety, *self.cases)
        given = any(one is not None for one in content)
        besides = self.flags or self.europol or self.grade or self.handling or self.keep_until
        if self.outcome.gives and not (marked and given):
            raise ValueError("what is given says how it is to be handled and how long it is kept")
        if not self.outcome.gives and (given or besides):
            raise ValueError("a refusal says nothing else")
        return self

    @property
    def marking(self) -> Marking | None:
        """The codes that it carries; None if nothing is given."""
        return None if self.handling is None else Marking(self.handling, self.europol)

    @property
    def kept_back(self) -> bool:
        """Whether its codes keep it out of evidence, unless the giver permits it."""
        marking = self.marking
        return marking is not None and (marking.handling is Handling.RED or not marking.in_court)

    @property
    def fields(self) -> int:
        """How many single things it tells."""
        texts = (self.contact, self.note, self.safety)
        return sum(len(case.values) for case in self.cases) + sum(map(bool, texts))

    def seen(self) -> bytes:
        """Return a hash of all that a person decides about: the same however often it is made.

        Returns:
            32 bytes. Letter id and times are left out.
        """
        fixed = {"id": bytes(16), "issued": _NEVER, "expires": _EVER}
        kept = None if self.keep_until is None else _EVER
        return digest(self.replace(**fixed, keep_until=kept).to_bytes())


def items_of(names: Iterable[str]) -> frozenset[Item]:
    """Read the names of items, such as ``phone`` and ``contact``.

    Raises:
        InputError: One is none.
    """
    known: dict[str, Item] = {one.value: one for one in (*Kind, *Detail)}
    found = set()
    for name in names:
        if name not in known:
            raise InputError(
                "this is nothing that can be asked for",
                next_step="take one of: " + ", ".join(known),
            )
        found.add(known[name])
    return frozenset(found)

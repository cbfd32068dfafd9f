# SPDX-License-Identifier: Apache-2.0
"""What organisations agree to compare and to disclose: typed, signed, denying by default."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.agreements.clauses import Clause
from federation.agreements.handling import EuropolCode, Handling, Marking
from federation.agreements.purposes import Purpose
from federation.charter import Charter, Role
from federation.documents import Document, Hex16, Hex32, Instant, MemberId, Part, Text, since
from federation.errors import PolicyError
from federation.indicators import Kind, Lane, Subject

__all__ = ["Detail", "Flow", "MatchBudget", "QueryTerms", "Terms"]

_LONGEST = timedelta(days=5 * 366)
_LISTS = ("parties", "lanes", "kinds", "subjects", "purposes", "details", "europol")


class Detail(StrEnum):
    """What a case holds that is no indicator, and can be disclosed all the same."""

    CONTACT = "contact"
    """Whom to call at the organisation that discloses."""
    NOTE = "note"
    """Circumstances in a person's own words: what happened, when and where."""
    SAFETY = "safety"
    """How the person concerned can be reached without danger."""


class Flow(Part):
    """One direction between two parties."""

    giver: MemberId
    receiver: MemberId


class MatchBudget(Part):
    """How many matches a party answers by itself, per partner; more wait for a person."""

    daily_base: Annotated[int, Field(ge=0, le=100_000)] = 20
    daily_percent: Annotated[int, Field(ge=0, le=100)] = 1
    """Of the answering party's own cases, on top of the base."""
    first: Annotated[int, Field(ge=0, le=1_000_000)] = 200
    """Once, for the first exchange, on top of the daily budget."""

    def daily(self, cases: int) -> int:
        """Return how many matches a day a party with so many cases answers."""
        return self.daily_base + self.daily_percent * cases // 100


class QueryTerms(Part):
    """How questions are asked and answered, for those who may (`Terms.query`)."""

    daily: Annotated[int, Field(ge=1, le=1000)] = 20
    """Queries a day that one party takes from one other."""
    window_hours: Annotated[int, Field(ge=1, le=14 * 24)] = 72
    """How long people have to decide; the answer comes then, and never before."""


class Terms(Document):
    """The terms that every party signs, byte for byte. Their hash names the agreement."""

    TYPE: ClassVar[str] = "ct/v1/agreement"
    LIMIT: ClassVar[int] = 64 * 1024

    federation_id: Hex16
    title: Text
    parties: Annotated[tuple[MemberId, ...], Field(min_length=2, max_length=32)]
    """Ascending. Each two of them compare; what one pair finds no third learns."""
    lanes: Annotated[tuple[Lane, ...], Field(min_length=1)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1)]
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1)]
    disclosure: tuple[Flow, ...] = ()
    """Who may disclose fields to whom. Comparing needs no entry here."""
    query: tuple[Flow, ...] = ()
    """Whose holdings (giver) may be asked about by whom (receiver)."""
    match_budget: MatchBudget = MatchBudget()
    retention_days: Annotated[int, Field(ge=1, le=3650)]
    """How long a match may be kept; and what was disclosed, unless `disclosed_days` says else."""
    legal_basis: Text
    valid_from: Instant
    valid_until: Instant
    handling: Handling = Handling.AMBER_STRICT
    approvers: Annotated[int, Field(ge=1, le=2)] = 1
    """How many people approve a disclosure."""
    paper_sha256: Hex32 | None = None
    """SHA-256 of the signed paper, if there is one."""
    nonce: Hex16
    """Random: two agreements with the same words are still two."""
    purpose_note: Text | None = since("0.2", default=None)
    """What the purposes mean between these parties. It narrows for people; no program reads it."""
    details: tuple[Detail, ...] = since("0.2", default=())
    """What may be disclosed besides indicators of the kinds."""
    disclosed_days: Annotated[int, Field(ge=1, le=3650)] | None = since("0.2", default=None)
    """How long what was disclosed may be kept; as long as a match without."""
    europol: tuple[EuropolCode, ...] = since("0.2", default=())
    """Codes that what is disclosed carries besides `handling`."""
    queries: QueryTerms = since("0.2", default=QueryTerms())
    supersedes: Hex32 | None = since("0.2", default=None)
    """SHA-256 of the terms that these replace: when these come into force, those end for all."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in _LISTS:
            _check_sorted(getattr(self, name), name)
        for name in ("disclosure", "query"):
            flows: tuple[Flow, ...] = getattr(self, name)
            pairs = [(flow.giver, flow.receiver) for flow in flows]
            _check_sorted(pairs, name)
            for pair in pairs:
                if pair[0] == pair[1] or not set(pair) <= set(self.parties):
                    raise ValueError(f"{name} is not between two parties")
        if {subject.lane for subject in self.subjects} != set(self.lanes):
            raise ValueError("lanes and subjects do not belong together")
        if not self.valid_from < self.valid_until <= self.valid_from + _LONGEST:
            raise ValueError("an agreement lasts at most five years")
        return self

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every two parties, each pair ascending."""
        ids = self.parties
        return tuple((low, high) for low in ids for high in ids if low < high)

    @property
    def marking(self) -> Marking:
        """The codes that what is disclosed under these terms carries."""
        return Marking(self.handling, self.europol)

    @property
    def days_disclosed(self) -> int:
        """How many days what was disclosed may be kept."""
        return self.retention_days if self.disclosed_days is None else self.disclosed_days

    def check_against(self, charter: Charter) -> None:
        """Refuse terms under which the federation does not let anybody act.

        A party that is suspended ends nothing: the agreement waits for it.

        Args:
            charter: The charter in force.

        Raises:
            AgreementError: Another federation, law enforcement in the survivor lane, or
                oversight as a party.
            MembershipError: A party is not a member.
        """
        if self.federation_id != charter.federation_id:
            raise _refusal("federation_id", "the agreement is of another federation")
        for party in self.parties:
            member = charter.member(party)
            if member.role is Role.OVERSIGHT:
                raise _refusal("parties", "oversight holds no cases to compare")
            if member.role is Role.LAW_ENFORCEMENT and Lane.SURVIVOR in self.lanes:
                raise _refusal("lanes", "law enforcement never compares survivors")

    def check_new(self, charter: Charter) -> None:
        """Refuse terms that nobody should sign any more, though older ones of the kind stand.

        Args:
            charter: The charter in force.

        Raises:
            AgreementError: As `check_against`; or a suspended party, law enforcement without a
                handling code, code H3 without the paper that states it, or an investigation
                without law enforcement.
            MembershipError: A party is not a member.
        """
        self.check_against(charter)
        if any(charter.member(party).suspended for party in self.parties):
            raise _refusal("parties", "a party is suspended")
        police = any(charter.member(one).role is Role.LAW_ENFORCEMENT for one in self.parties)
        if police and not self.europol:
            raise _refusal("europol", "an agreement with law enforcement names a handling code")
        if EuropolCode.H3 in self.europol and self.paper_sha256 is None:
            raise _refusal("paper_sha256", "code h3 takes a signed paper that says what it means")
        if Purpose.INVESTIGATION in self.purposes and not police:
            raise _refusal("purposes", "an investigation takes law enforcement as a party")


def _refusal(clause: str, reason: str) -> PolicyError:
    return Clause(clause, allows=False, reason=reason).error()


def _check_sorted(values: Sequence[object], name: str) -> None:
    listed = [value.value if isinstance(value, StrEnum) else value for value in values]
    if listed != sorted(set(listed)):  # type: ignore[type-var] # each list holds one type
        raise ValueError(f"{name} are not ascending")

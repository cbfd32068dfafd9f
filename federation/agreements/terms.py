# SPDX-License-Identifier: Apache-2.0
"""What organisations agree to compare and to disclose: typed, signed, denying by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter import Charter, Role
from federation.documents import Document, Hex16, Hex32, Instant, MemberId, Part, Text
from federation.errors import AgreementError
from federation.indicators import Kind, Lane, Subject

__all__ = ["Clause", "Flow", "Handling", "MatchBudget", "Purpose", "Terms"]

_LONGEST = timedelta(days=5 * 366)


class Purpose(StrEnum):
    """What a comparison may be for. Immigration control is not here on purpose."""

    SUPPORT = "support"
    """Helping and protecting the persons who were trafficked."""
    NETWORK = "network"
    """Finding out that several organisations meet the same recruiter, business or place."""
    PREVENTION = "prevention"
    """Warning those who may be recruited next."""
    REFERRAL = "referral"
    """Handing a person over to a service, on that person's wish."""
    INVESTIGATION = "investigation"
    """A criminal investigation of trafficking, not of those who were trafficked."""


class Handling(StrEnum):
    """How far what is disclosed may travel: TLP 2.0."""

    RED = "tlp:red"
    AMBER_STRICT = "tlp:amber+strict"
    AMBER = "tlp:amber"
    GREEN = "tlp:green"
    CLEAR = "tlp:clear"


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


@dataclass(frozen=True, slots=True)
class Clause:
    """One reason why an agreement covers something, or does not."""

    name: str
    """The field of the terms that decides."""
    allows: bool
    reason: str
    """One sentence."""


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
    """How long a match and what was disclosed may be kept."""
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

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("parties", "lanes", "kinds", "subjects", "purposes"):
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

    def explain(self, kind: Kind, subject: Subject, lane: Lane) -> list[Clause]:
        """Say clause by clause whether an indicator may be compared.

        Args:
            kind: The indicator's kind.
            subject: Whom it is about.
            lane: The lane in which it would be compared.

        Returns:
            All clauses that bear on it; it may be compared if every one allows it.
        """
        own_lane = subject.lane is lane
        return [
            _clause("lanes", lane in self.lanes, f"lane {lane.value}"),
            _clause("subjects", subject in self.subjects, f"subject {subject.value}"),
            _clause("kinds", kind in self.kinds, f"kind {kind.value}"),
            Clause(
                "lanes",
                own_lane,
                f"subject {subject.value} {'belongs' if own_lane else 'does not belong'}"
                f" to lane {lane.value}",
            ),
        ]

    def allows(self, kind: Kind, subject: Subject, lane: Lane) -> None:
        """Refuse to compare what no clause covers.

        Args:
            kind: The indicator's kind.
            subject: Whom it is about.
            lane: The lane in which it would be compared.

        Raises:
            AgreementError: Names the clause.
        """
        for clause in self.explain(kind, subject, lane):
            if not clause.allows:
                raise AgreementError(f"clause '{clause.name}': {clause.reason}")

    def covers_time(self, at: datetime) -> None:
        """Refuse to act before or after the agreement is valid.

        Raises:
            AgreementError: Names the clause.
        """
        if at < self.valid_from:
            raise AgreementError("clause 'valid_from': the agreement is not valid yet")
        if at >= self.valid_until:
            raise AgreementError("clause 'valid_until': the agreement is over")

    def check_against(self, charter: Charter) -> None:
        """Refuse terms that the federation does not allow.

        A party that is suspended ends nothing: the agreement waits for it.

        Args:
            charter: The charter in force.

        Raises:
            AgreementError: Another federation, law enforcement in the survivor lane, or
                oversight as a party.
            MembershipError: A party is not a member.
        """
        if self.federation_id != charter.federation_id:
            raise AgreementError("clause 'federation_id': the agreement is of another federation")
        for party in self.parties:
            member = charter.member(party)
            if member.role is Role.OVERSIGHT:
                raise AgreementError("clause 'parties': oversight holds no cases to compare")
            if member.role is Role.LAW_ENFORCEMENT and Lane.SURVIVOR in self.lanes:
                raise AgreementError("clause 'lanes': law enforcement never compares survivors")

    def check_signable(self, charter: Charter) -> None:
        """Refuse to propose or sign terms that the federation does not allow, or not now.

        Args:
            charter: The charter in force.

        Raises:
            AgreementError: As `check_against`; or a party is suspended.
            MembershipError: A party is not a member.
        """
        self.check_against(charter)
        if any(charter.member(party).suspended for party in self.parties):
            raise AgreementError("clause 'parties': a party is suspended")


def _clause(name: str, allows: bool, what: str) -> Clause:
    return Clause(name, allows, f"{what} is {'listed' if allows else 'not listed'}")


def _check_sorted(values: Sequence[object], name: str) -> None:
    listed = [value.value if isinstance(value, StrEnum) else value for value in values]
    if listed != sorted(set(listed)):  # type: ignore[type-var] # each list holds one type
        raise ValueError(f"{name} are not ascending")

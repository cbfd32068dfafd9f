# SPDX-License-Identifier: Apache-2.0
"""An agreement as people write it down: a TOML file with a comment for every decision.

::

    draft = Draft.parse(Path("agreement.toml").read_text())
    terms = draft.terms(member.require_charter(), at)
"""

import json
import secrets
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.agreements.handling import EuropolCode, Handling
from federation.agreements.purposes import Purpose
from federation.agreements.terms import Detail, Flow, MatchBudget, QueryTerms, Terms
from federation.charter import Charter
from federation.documents import findings
from federation.errors import InputError, MalformedError
from federation.indicators import Kind, Lane, Subject

__all__ = ["EVERYBODY", "Draft"]

EVERYBODY: Final = "everybody"
"""Stands for each party in a direction, such as ``everybody to hope``."""

_NONCE_SIZE: Final = 16
_BUDGET: Final = MatchBudget()
_QUERIES: Final = QueryTerms()


class Draft(BaseModel):
    """The terms before they are a signed document. Each field is a line of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: str
    parties: tuple[str, ...]
    """Member ids, in any order."""
    replaces: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Hash of the agreement that this one amends."""
    legal_basis: str
    paper: str | None = None
    """File with the signed paper, beside the draft."""
    purposes: tuple[Purpose, ...] = (Purpose.NETWORK,)
    purpose_note: str | None = None
    subjects: tuple[Subject, ...] = tuple(
        subject for subject in Subject if subject.lane is Lane.NETWORK
    )
    kinds: tuple[Kind, ...] = tuple(Kind)
    disclosure: tuple[str, ...] = ()
    """Directions, such as ``hope to amparo``."""
    details: tuple[Detail, ...] = ()
    approvers: int = 1
    query: tuple[str, ...] = ()
    """Directions: whose holdings are asked about, ``to`` who asks."""
    queries_daily: int = _QUERIES.daily
    query_window_hours: int = _QUERIES.window_hours
    handling: Handling = Handling.AMBER_STRICT
    europol: tuple[EuropolCode, ...] = ()
    retention_days: int = 365
    disclosed_days: int | None = None
    begins: date | None = None
    """First day, UTC; the moment of the proposal without."""
    valid_days: Annotated[int, Field(ge=1, le=5 * 365)] = 365
    daily_matches: int = _BUDGET.daily_base
    daily_percent: int = _BUDGET.daily_percent
    first_matches: int = _BUDGET.first

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a draft.

        Args:
            text: TOML.

        Raises:
            InputError: It is not one; says every line that is wrong.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"the draft is not TOML: {error}") from error
        except ValidationError as error:
            raise InputError(f"the draft: {findings(error)}") from error

    @classmethod
    def amending(cls, agreement: bytes, terms: Terms) -> Self:
        """Write down the terms of an agreement, to be changed and to replace it.

        Args:
            agreement: The hash of its terms.
            terms: Its terms.
        """
        return cls(
            title=terms.title,
            parties=terms.parties,
            replaces=agreement.hex(),
            legal_basis=terms.legal_basis,
            purposes=terms.purposes,
            purpose_note=terms.purpose_note,
            subjects=terms.subjects,
            kinds=terms.kinds,
            disclosure=tuple(f"{flow.giver} to {flow.receiver}" for flow in terms.disclosure),
            details=terms.details,
            approvers=terms.approvers,
            query=tuple(f"{flow.giver} to {flow.receiver}" for flow in terms.query),
            queries_daily=terms.queries.daily,
            query_window_hours=terms.queries.window_hours,
            handling=terms.handling,
            europol=terms.europol,
            retention_days=terms.retention_days,
            disclosed_days=terms.disclosed_days,
            valid_days=max(1, (terms.valid_until - terms.valid_from).days),
            daily_matches=terms.match_budget.daily_base,
            daily_percent=terms.match_budget.daily_percent,
            first_matches=terms.match_budget.first,
        )

    def terms(self, charter: Charter, at: datetime, paper: bytes | None = None) -> Terms:
        """Make the terms that the parties sign.

        Args:
            charter: The federation.
            at: Now, UTC, whole seconds.
            paper: SHA-256 of the signed paper, if there is one.

        Returns:
            The terms, allowed by the charter.

        Raises:
            InputError: Something cannot stand in an agreement.
            PolicyError: The federation does not allow it.
            MembershipError: A party is not a member.
        """
        try:
            terms = self._terms(charter, at, paper)
        except MalformedError as error:
            raise InputError(f"the draft: {error}") from error
        terms.check_new(charter)
        return terms

    def _terms(self, charter: Charter, at: datetime, paper: bytes | None) -> Terms:
        begins = at
        if self.begins is not None:
            begins = max(at, datetime.combine(self.begins, time(), UTC))
        return Terms(
            federation_id=charter.federation_id,
            title=self.title,
            parties=_ascending(self.parties),
            lanes=_ascending({subject.lane for subject in self.subjects}),
            kinds=_ascending(self.kinds),
            subjects=_ascending(self.subjects),
            purposes=_ascending(self.purposes),
            disclosure=self._flows("disclosure"),
            query=self._flows("query"),
            match_budget=MatchBudget(
                daily_base=self.daily_matches,
                daily_percent=self.daily_percent,
                first=self.first_matches,
            ),
            retention_days=self.retention_days,
            legal_basis=self.legal_basis,
            valid_from=begins,
            valid_until=begins + timedelta(days=self.valid_days),
            handling=self.handling,
            approvers=self.approvers,
            paper_sha256=paper,
            nonce=secrets.token_bytes(_NONCE_SIZE),
            purpose_note=self.purpose_note,
            details=_ascending(self.details),
            disclosed_days=self.disclosed_days,
            europol=_ascending(self.europol),
            queries=QueryTerms(daily=self.queries_daily, window_hours=self.query_window_hours),
            supersedes=None if self.replaces is None else bytes.fromhex(self.replaces),
        )

    def to_toml(self) -> str:
        """Write the draft with every line there is, and what each means."""
        lines = ["# Draft of a data-sharing agreement. What is not listed is not allowed."]
        for name, value in self.model_dump(mode="json").items():
            note = NOTES[name]
            if value is None:
                lines.append(f"# {name} = {EXAMPLES[name]}  # {note}")
            else:
                lines.append(f"{name} = {_toml(value)}  # {note}")
        return "\n".join(lines) + "\n"

    def _flows(self, name: str) -> tuple[Flow, ...]:
        """Read directions: every giver with every receiver, but nobody with itself."""
        pairs: set[tuple[str, str]] = set()
        for direction in getattr(self, name):
            giver, word, receiver = direction.partition(" to ")
            sides = [self.parties if one == EVERYBODY else (one,) for one in (giver, receiver)]
            if not word or not {one for side in sides for one in side} <= set(self.parties):
                raise InputError(
                    f"the draft: {name}: a direction is two parties, such as 'hope to amparo'"
                )
            pairs |= {(one, other) for one in sides[0] for other in sides[1] if one != other}
        return tuple(Flow(giver=giver, receiver=receiver) for giver, receiver in sorted(pairs))


NOTES: Final = {
    "title": "what the agreement is called",
    "parties": "member ids; each two of them compare",
    "replaces": "the agreement that ends when this one comes into force",
    "legal_basis": "on what it rests, for the lawyers",
    "paper": "file with the signed paper; its SHA-256 goes into the terms",
    "purposes": f"of: {', '.join(Purpose)}",
    "purpose_note": "what the purposes mean between you; one line",
    "subjects": f"about whom, of: {', '.join(Subject)}; 'survivor' also takes each one's consent",
    "kinds": f"of: {', '.join(Kind)}",
    "disclosure": "who may tell whom: 'hope to amparo', 'everybody to hope', ...; empty: nobody",
    "details": f"what else may be told, of: {', '.join(Detail)}",
    "approvers": "different people who must approve what is told: 1 or 2",
    "query": "whose cases may be asked about, by whom: 'hope to police'; empty: nobody's",
    "queries_daily": "questions a day that one party takes from one other",
    "query_window_hours": "hours that people have to decide; every answer comes after them",
    "handling": f"how far it may travel, of: {', '.join(Handling)}",
    "europol": f"of: {', '.join(EuropolCode)}; needed with law enforcement",
    "retention_days": "how long a match may be kept",
    "disclosed_days": "how long what was told may be kept; as long as a match without",
    "begins": "first day; the day of the proposal without",
    "valid_days": "counted from the first day",
    "daily_matches": "answered by itself, per partner and day; more wait for a person",
    "daily_percent": "of the own cases, on top",
    "first_matches": "once, on top, for the first exchange",
}
"""What each line means; a test sees to it that none is missing."""

EXAMPLES: Final = {
    "replaces": '"0123…"',
    "paper": '"agreement.pdf"',
    "purpose_note": '"only for workers in travelling carnivals"',
    "disclosed_days": "90",
    "begins": "2026-03-01",
}
"""For lines that may be absent."""


def _ascending(values: Any) -> tuple[Any, ...]:
    """Sort names and drop repetitions, as signed documents need it."""
    return tuple(sorted(set(values)))


def _toml(value: Any) -> str:
    """Write text, numbers and lists of text as TOML."""
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, str):
        # JSON's strings are TOML's, but for the one control character that JSON leaves.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)

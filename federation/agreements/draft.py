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


def _line(note: str, example: str | None = None) -> Any:
    """Describe a line of the file; one that may be absent shows an example."""
    return Field(description=note, examples=None if example is None else [example])


class Draft(BaseModel):
    """The terms before they are a signed document. Each field is a line of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: Annotated[str, _line("what the agreement is called")]
    parties: Annotated[tuple[str, ...], _line("member ids; each two of them compare")]
    replaces: Annotated[
        Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None,
        _line("the agreement that ends when this one comes into force", '"0123…"'),
    ] = None
    legal_basis: Annotated[str, _line("on what it rests, for the lawyers")]
    paper: Annotated[
        str | None,
        _line("file with the signed paper; its SHA-256 goes into the terms", '"agreement.pdf"'),
    ] = None
    purposes: Annotated[tuple[Purpose, ...], _line(f"of: {', '.join(Purpose)}")] = (
        Purpose.NETWORK,
    )
    purpose_note: Annotated[
        str | None,
        _line("what the purposes mean between you; one line", '"only for travelling carnivals"'),
    ] = None
    subjects: Annotated[
        tuple[Subject, ...],
        _line(f"about whom, of: {', '.join(Subject)}; 'survivor' also takes each one's consent"),
    ] = tuple(subject for subject in Subject if subject.lane is Lane.NETWORK)
    kinds: Annotated[tuple[Kind, ...], _line(f"of: {', '.join(Kind)}")] = tuple(Kind)
    disclosure: Annotated[
        tuple[str, ...],
        _line("who may tell whom: 'hope to amparo', 'everybody to hope', ...; empty: nobody"),
    ] = ()
    details: Annotated[
        tuple[Detail, ...], _line(f"what else may be told, of: {', '.join(Detail)}")
    ] = ()
    approvers: Annotated[int, _line("different people who must approve what is told: 1 or 2")] = 1
    query: Annotated[
        tuple[str, ...],
        _line("whose cases may be asked about, by whom: 'hope to police'; empty: nobody's"),
    ] = ()
    queries_daily: Annotated[int, _line("questions a day that one party takes from one other")] = (
        _QUERIES.daily
    )
    query_window_hours: Annotated[
        int, _line("hours that people have to decide; every answer comes after them")
    ] = _QUERIES.window_hours
    handling: Annotated[Handling, _line(f"how far it may travel, of: {', '.join(Handling)}")] = (
        Handling.AMBER_STRICT
    )
    europol: Annotated[
        tuple[EuropolCode, ...],
        _line(f"of: {', '.join(EuropolCode)}; needed with law enforcement"),
    ] = ()
    retention_days: Annotated[int, _line("how long a match may be kept")] = 365
    disclosed_days: Annotated[
        int | None, _line("how long what was told may be kept; as long as a match without", "90")
    ] = None
    begins: Annotated[
        date | None, _line("first day, UTC; the moment of the proposal without", "2026-03-01")
    ] = None
    valid_days: Annotated[int, Field(ge=1, le=5 * 365), _line("counted from the first day")] = 365
    daily_matches: Annotated[
        int, _line("answered by itself, per partner and day; more wait for a person")
    ] = _BUDGET.daily_base
    daily_percent: Annotated[int, _line("of the own cases, on top")] = _BUDGET.daily_percent
    first_matches: Annotated[int, _line("once, on top, for the first exchange")] = _BUDGET.first

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
            about = type(self).model_fields[name]
            if value is None:
                example = (about.examples or [""])[0]
                lines.append(f"# {name} = {example}  # {about.description}")
            else:
                lines.append(f"{name} = {_toml(value)}  # {about.description}")
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

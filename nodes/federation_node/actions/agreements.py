# SPDX-License-Identifier: Apache-2.0
"""Data-sharing agreements: drafting, proposing, signing, explaining, ending."""

import hashlib
import os
import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.agreements import (
    Clause,
    Handling,
    MatchBudget,
    Purpose,
    Status,
    Terms,
)
from federation.charter import Charter
from federation.errors import AgreementError, InputError
from federation.indicators import Kind, Lane, Subject
from federation.member import AgreementView
from federation_node.actions.prefixes import beginning_with
from federation_node.config import describe
from federation_node.context import NodeContext, now
from federation_node.files import read_limited

__all__ = [
    "Draft",
    "document",
    "explain",
    "find",
    "listed",
    "propose",
    "read_draft",
    "revoke",
    "sign",
    "write_draft",
]

_DRAFT_LIMIT = 64 * 1024
_PAPER_LIMIT = 256 * 1024 * 1024
_NONCE_SIZE = 16


class Draft(BaseModel):
    """An agreement as people write it down, before it becomes a signed document."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: str
    parties: tuple[str, ...]
    """Member ids, in any order."""
    kinds: tuple[Kind, ...] = tuple(Kind)
    subjects: tuple[Subject, ...] = tuple(
        subject for subject in Subject if subject.lane is Lane.NETWORK
    )
    purposes: tuple[Purpose, ...] = (Purpose.NETWORK,)
    legal_basis: str
    retention_days: int = 365
    valid_days: Annotated[int, Field(ge=1, le=5 * 365)] = 365
    handling: Handling = Handling.AMBER_STRICT
    approvers: int = 1
    daily_matches: int = MatchBudget().daily_base
    """Matches answered without a person, per partner and day."""
    daily_percent: int = MatchBudget().daily_percent
    """Of the own cases, on top."""
    first_matches: int = MatchBudget().first
    """Once, on top, for the first exchange."""
    paper: Path | None = None
    """The signed paper; its hash goes into the terms."""

    def terms(self, charter: Charter, at: datetime) -> Terms:
        """Make the terms that the parties sign.

        Args:
            charter: the federation.
            at: when the agreement begins.

        Returns:
            The terms, allowed by the charter.

        Raises:
            MalformedError: something cannot stand in an agreement.
            PolicyError: the federation does not allow it.
        """
        terms = Terms(
            federation_id=charter.federation_id,
            title=self.title,
            parties=_ascending(self.parties),
            lanes=_ascending({subject.lane for subject in self.subjects}),
            kinds=_ascending(self.kinds),
            subjects=_ascending(self.subjects),
            purposes=_ascending(self.purposes),
            match_budget=MatchBudget(
                daily_base=self.daily_matches,
                daily_percent=self.daily_percent,
                first=self.first_matches,
            ),
            retention_days=self.retention_days,
            legal_basis=self.legal_basis,
            valid_from=at,
            valid_until=at + timedelta(days=self.valid_days),
            handling=self.handling,
            approvers=self.approvers,
            paper_sha256=None if self.paper is None else _hash(self.paper),
            nonce=os.urandom(_NONCE_SIZE),
        )
        terms.check_signable(charter)
        return terms


def write_draft(context: NodeContext, title: str, partners: Sequence[str], legal_basis: str) -> str:
    """Write a draft with the defaults, to be edited.

    Args:
        context: the node.
        title: what the agreement is called.
        partners: the other parties.
        legal_basis: on what it rests.

    Returns:
        A TOML document with a comment for every line that needs a decision.

    Raises:
        MembershipError: a partner is not a member.
    """
    charter = context.member.require_charter()
    parties = sorted({context.member.id, *partners})
    for party in parties:
        charter.member(party)
    draft = Draft(title=title, parties=tuple(parties), legal_basis=legal_basis)
    notes = {
        "kinds": f"of: {', '.join(Kind)}",
        "subjects": "about whom; 'survivor' also needs each survivor's own consent",
        "purposes": f"of: {', '.join(Purpose)}",
        "retention_days": "how long a match may be kept",
        "valid_days": "counted from the day it is proposed",
        "handling": f"of: {', '.join(Handling)}",
        "approvers": "people who must approve a disclosure: 1 or 2",
        "daily_matches": "answered by itself, per partner and day; more wait for a person",
        "daily_percent": "of the own cases, on top",
        "first_matches": "once, on top, for the first exchange",
    }
    lines = [
        "# Draft of a data-sharing agreement. Edit it, then: casethread agreement propose FILE"
    ]
    for name, value in draft.model_dump(mode="json", exclude_none=True).items():
        note = f"  # {notes[name]}" if name in notes else ""
        lines.append(f"{name} = {_toml(value)}{note}")
    lines.append('# paper = "agreement.pdf"  # its SHA-256 goes into the terms')
    return "\n".join(lines) + "\n"


def read_draft(path: Path) -> Draft:
    """Read a draft.

    Args:
        path: the TOML file.

    Returns:
        The draft.

    Raises:
        InputError: it is not one.
        ConfigurationError: the file cannot be read.
    """
    raw = read_limited(path, _DRAFT_LIMIT)
    try:
        draft = Draft.model_validate(tomllib.loads(raw.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"the draft is not TOML: {error}") from error
    except ValidationError as error:
        raise InputError(f"the draft: {describe(error)}") from error
    if draft.paper is not None:
        draft = draft.model_copy(update={"paper": path.parent / draft.paper})
    return draft


def propose(context: NodeContext, draft: Draft) -> bytes:
    """Sign an agreement as its first party and offer it to the others.

    Args:
        context: the node.
        draft: what is agreed.

    Returns:
        The agreement's hash.

    Raises:
        PolicyError: the federation does not allow it.
    """
    terms = draft.terms(context.member.require_charter(), now())
    return context.member.propose_agreement(terms)


def sign(context: NodeContext, agreement: bytes) -> None:
    """Sign an agreement that another party proposed.

    Args:
        context: the node.
        agreement: its hash; its terms have been shown to the person who signs.

    Raises:
        PolicyError: there is none, or it may not be signed.
    """
    context.member.sign_agreement(agreement)


def revoke(context: NodeContext, agreement: bytes, reason: str) -> None:
    """End an agreement: keys erased, exchange refused, matches retracted.

    Args:
        context: the node.
        agreement: its hash.
        reason: for the other parties, without case content.
    """
    context.member.revoke_agreement(agreement, reason)


def listed(context: NodeContext) -> list[AgreementView]:
    """List all agreements that this node knows.

    Args:
        context: the node.

    Returns:
        Where each stands.
    """
    return context.member.agreements()


def find(context: NodeContext, prefix: str) -> AgreementView:
    """Find an agreement by the beginning of its hash.

    Args:
        context: the node.
        prefix: at least 8 hex digits.

    Returns:
        The agreement.

    Raises:
        AgreementError: none begins so, or several do.
    """
    found = beginning_with(prefix, ((view.hash.hex(), view) for view in listed(context)))
    if not found:
        raise AgreementError("no single agreement begins with these digits")
    return found[0]


def explain(view: AgreementView, kind: Kind, subject: Subject) -> list[Clause]:
    """Say clause by clause whether an agreement covers an indicator.

    Args:
        view: the agreement.
        kind: the indicator's kind.
        subject: whom it is about.

    Returns:
        All clauses that bear on it; it is covered if every one allows it.
    """
    reason = {
        Status.PROPOSED: f"waits for {', '.join(sorted(view.missing)) or 'its first day'}",
        Status.IN_FORCE: "the agreement is in force",
        Status.EXPIRED: "the agreement is over",
        Status.REVOKED: "a party has revoked it",
    }[view.status]
    standing = Clause("status", view.status is Status.IN_FORCE, reason)
    return [standing, *view.terms.explain(kind, subject, subject.lane)]


def document(view: AgreementView) -> dict[str, Any]:
    """Put an agreement into one object for programs.

    Args:
        view: the agreement.

    Returns:
        The terms, the status and who has signed.
    """
    return {
        "agreement": view.hash.hex(),
        "status": view.status.value,
        "proposer": view.proposer,
        "signed": sorted(view.signers),
        "missing": sorted(view.missing),
        "ready_with": sorted(view.ready_with),
        "revoked_by": dict(view.revoked_by),
        "terms": view.terms.model_dump(mode="json"),
    }


def _ascending(values: Any) -> tuple[Any, ...]:
    """Sort names and drop repetitions, as signed documents need it."""
    return tuple(sorted(set(values)))


def _hash(paper: Path) -> bytes:
    return hashlib.sha256(read_limited(paper, _PAPER_LIMIT)).digest()


def _toml(value: Any) -> str:
    """Write text, numbers and lists of text as TOML."""
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)

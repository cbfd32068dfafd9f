# SPDX-License-Identifier: Apache-2.0
"""Data-sharing agreements: drafting, proposing, signing, reading, ending."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from federation.agreements import Draft, Page, Status, summarise
from federation.errors import AgreementError, InputError
from federation.member import AgreementView, StaffAction
from federation_node.actions.prefixes import beginning_with
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now
from federation_node.files import read_limited

__all__ = [
    "amend",
    "document",
    "find",
    "listed",
    "page",
    "propose",
    "read_draft",
    "revoke",
    "sign",
    "write_draft",
]

_DRAFT_LIMIT = 64 * 1024
_PAPER_LIMIT = 256 * 1024 * 1024

_STANDING = {
    Status.PROPOSED: "It is not in force yet.",
    Status.IN_FORCE: "It is in force.",
    Status.EXPIRED: "It is over.",
    Status.REVOKED: "It has ended: a party revoked it, or has left the federation.",
    Status.REPLACED: "It has ended: a later agreement stands in its place.",
}


@action(StaffAction.AGREEMENT_DRAFT)
def write_draft(context: NodeContext, title: str, partners: Sequence[str], legal_basis: str) -> str:
    """Write a draft with careful defaults, to be edited.

    Args:
        context: the node.
        title: what the agreement is called.
        partners: the other parties.
        legal_basis: on what it rests.

    Returns:
        A TOML document with a comment for every line.

    Raises:
        MembershipError: a partner is not a member.
    """
    charter = context.member.require_charter()
    parties = sorted({context.member.id, *partners})
    for party in parties:
        charter.member(party)
    return Draft(title=title, parties=tuple(parties), legal_basis=legal_basis).to_toml()


def amend(view: AgreementView) -> str:
    """Write down an agreement as a draft of what is to replace it.

    Args:
        view: the agreement.

    Returns:
        A TOML document with a comment for every line.
    """
    return Draft.amending(view.hash, view.terms).to_toml()


def read_draft(path: Path) -> Draft:
    """Read a draft.

    Args:
        path: the TOML file; the signed paper that it names is found beside it.

    Returns:
        The draft.

    Raises:
        InputError: it is not one.
        ConfigurationError: the file cannot be read.
    """
    raw = read_limited(path, _DRAFT_LIMIT)
    try:
        draft = Draft.parse(raw.decode())
    except UnicodeDecodeError as error:
        raise InputError("the draft is not text in UTF-8") from error
    if draft.paper is not None:
        draft = draft.model_copy(update={"paper": str(path.parent / draft.paper)})
    return draft


@action(StaffAction.AGREEMENT_PROPOSE)
def propose(context: NodeContext, draft: Draft) -> bytes:
    """Sign an agreement as its first party and offer it to the others.

    Args:
        context: the node.
        draft: what is agreed.

    Returns:
        The agreement's hash.

    Raises:
        PolicyError: the federation does not allow it.
        ConfigurationError: the signed paper cannot be read.
    """
    paper = None if draft.paper is None else _hash(Path(draft.paper))
    return context.member.propose_agreement(
        draft.terms(context.member.require_charter(), now(), paper), by=context.by
    )


@action(StaffAction.AGREEMENT_SIGN)
def sign(context: NodeContext, agreement: bytes) -> None:
    """Sign an agreement that another party proposed.

    Args:
        context: the node.
        agreement: its hash; its terms have been shown to the person who signs.

    Raises:
        PolicyError: there is none, or it may not be signed.
    """
    context.member.sign_agreement(agreement, by=context.by)


@action(StaffAction.AGREEMENT_REVOKE)
def revoke(context: NodeContext, agreement: bytes, reason: str) -> None:
    """End an agreement: keys erased, exchange refused.

    Args:
        context: the node.
        agreement: its hash.
        reason: for the other parties, without case content.
    """
    context.member.revoke_agreement(agreement, reason, by=context.by)


@action(StaffAction.AGREEMENT_LIST)
def listed(context: NodeContext) -> list[AgreementView]:
    """List all agreements that this node knows.

    Args:
        context: the node.

    Returns:
        Where each stands.
    """
    return context.member.agreements()


@action(StaffAction.AGREEMENT_SHOW)
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


@action(StaffAction.AGREEMENT_SHOW)
def page(context: NodeContext, view: AgreementView) -> Page:
    """Put an agreement into plain words.

    Args:
        context: the node.
        view: the agreement.

    Returns:
        What a person reads before signing.
    """
    return summarise(
        view.hash,
        view.terms,
        context.member.require_charter(),
        standing=_STANDING[view.status],
        signers=sorted(view.signers),
        ended_by=view.revoked_by,
    )


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
        "successors": [one.hex() for one in view.successors],
        "terms": view.terms.model_dump(mode="json"),
    }


def _hash(paper: Path) -> bytes:
    return hashlib.sha256(read_limited(paper, _PAPER_LIMIT)).digest()

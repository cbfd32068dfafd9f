# SPDX-License-Identifier: Apache-2.0
"""Creating, joining and governing a federation."""

import os
from dataclasses import dataclass
from typing import Any

from federation.charter import (
    Applicant,
    Charter,
    Invitation,
    JoinRequest,
    Role,
    Rules,
    found,
    open_invitation,
    open_request,
    request_to_join,
    with_founder,
    with_member,
    words_for,
)
from federation.charter import invite as write_invitation
from federation.charter.words import eight_words
from federation.documents import digest as digest_of
from federation.errors import ConfigurationError, MembershipError
from federation.member import InForce, Proposal, StaffAction
from federation_node.actions.roles import action
from federation_node.actions.setup import applicant
from federation_node.context import NodeContext, now
from federation_node.tls import check_certificates

__all__ = [
    "Admission",
    "Joining",
    "admit",
    "create",
    "document",
    "find_proposal",
    "in_force",
    "invite",
    "join",
    "own_entry",
    "read_request",
    "sign",
    "to_sign",
    "words",
]

_RANDOM = 16
_NO_DUTIES = frozenset({Role.LAW_ENFORCEMENT, Role.OVERSIGHT})
"""Roles that do not offer to hold shares unless they say so."""


@dataclass(frozen=True, slots=True)
class Joining:
    """A request to join, on the side that asks."""

    federation: str
    """Name of the federation."""
    inviter: str
    request: bytes
    """The content of the file for the inviter."""
    words: tuple[str, ...]
    """To be compared by voice."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A request to join, on the side that admits."""

    member: str
    name: str
    role: Role
    words: tuple[str, ...]
    """To be compared by voice."""
    warnings: tuple[str, ...]
    """What the charter would allow and is yet worth a thought."""


@action(StaffAction.FEDERATION_CREATE)
def create(context: NodeContext, name: str, *, rules: Rules | None = None) -> Charter:
    """Begin a federation with this organisation as its first founder.

    Args:
        context: the node.
        name: the federation's name.
        rules: budgets; the defaults without.

    Returns:
        The draft of its first charter.

    Raises:
        ConfigurationError: this node belongs to one, or has begun one.
    """
    if context.member.draft() is not None:
        raise ConfigurationError(
            "this node has begun a federation already",
            next_step="run 'casethread federation show'",
        )
    at = now()
    founder = own_entry(context).as_member(
        steward=True,
        custodian=context.config.organisation.role not in _NO_DUTIES,
        since_version=1,
        admitted=at,
    )
    draft = found(name, (founder,), federation_id=os.urandom(_RANDOM), at=at, rules=rules)
    context.member.put_draft(draft)
    return draft


@action(StaffAction.FEDERATION_SHOW)
def own_entry(context: NodeContext) -> Applicant:
    """Say what a charter lists about this organisation.

    Args:
        context: the node.

    Returns:
        The public half of everything; the newest certificate first, which will be in use
        longest.
    """
    return applicant(
        context.keystore.identity,
        tuple(one.certificate for one in reversed(context.credentials.held())),
        context.config.organisation,
        context.config.node,
    )


@action(StaffAction.FEDERATION_INVITE)
def invite(context: NodeContext) -> bytes:
    """Write an invitation for one organisation, and remember it.

    Args:
        context: the node.

    Returns:
        The content of the file.

    Raises:
        ConfigurationError: this node belongs to no federation, and has begun none.
    """
    current = context.member.in_force
    charter = _charter_or_draft(context)
    envelope = write_invitation(
        context.keystore.identity,
        own_entry(context),
        federation_id=charter.federation_id,
        federation=charter.name,
        charter=None if current is None else (charter.version, current.digest),
        nonce=os.urandom(_RANDOM),
        at=now(),
    )
    payload = Invitation.decode_envelope(envelope).payload
    with context.store.write() as tx:
        tx.settings.put(_invitation_name(digest_of(payload)), envelope)
    return envelope


@action(StaffAction.FEDERATION_JOIN)
def join(
    context: NodeContext, invitation: bytes, *, steward: bool = True, custodian: bool | None = None
) -> Joining:
    """Answer an invitation.

    Args:
        context: the node.
        invitation: the content of the file.
        steward: willing to sign charters.
        custodian: willing to hold shares of the keys; None decides by role.

    Returns:
        The request, and the words to compare by voice.

    Raises:
        MembershipError: the invitation is over.
        VerifyError: it was changed on its way.
        ConfigurationError: this node belongs to a federation.
    """
    opened = open_invitation(invitation, at=now())
    if custodian is None:
        custodian = context.config.organisation.role not in _NO_DUTIES
    request = request_to_join(
        context.keystore.identity,
        own_entry(context),
        invitation,
        steward=steward,
        custodian=custodian,
        nonce=os.urandom(_RANDOM),
        at=now(),
    )
    pinned = None
    if opened.charter_digest is not None:
        pinned = (opened.charter_version, opened.charter_digest)
    context.member.await_charter(opened.inviter, pinned)
    return Joining(
        opened.federation, opened.inviter.id, request, tuple(words_for(invitation, request))
    )


@action(StaffAction.FEDERATION_ADMIT)
def read_request(context: NodeContext, request: bytes) -> Admission:
    """Look at a request to join, before it is admitted.

    Args:
        context: the node.
        request: the content of the file.

    Returns:
        Who asks, and the words to compare by voice.

    Raises:
        MembershipError: it answers no invitation of this node.
        VerifyError: it was changed on its way.
        MalformedError: it lists a certificate that no node would accept.
    """
    invitation = _invitation_of(context, request)
    opened = open_request(request, invitation, at=now())
    check_certificates(opened.applicant.certificates)
    return Admission(
        opened.applicant.id,
        opened.applicant.name,
        opened.applicant.role,
        tuple(words_for(invitation, request)),
        (),
    )


@action(StaffAction.FEDERATION_ADMIT)
def admit(
    context: NodeContext,
    request: bytes,
    *,
    steward: bool | None = None,
    custodian: bool | None = None,
) -> Admission:
    """Admit an organisation: into the draft of the first charter, or by a new version.

    Args:
        context: the node.
        request: the content of the file; its words have been compared.
        steward: its signature counts; None means as it offered for founders, else no.
        custodian: it may hold shares; None likewise.

    Returns:
        Who was admitted. A new version takes effect when enough stewards have signed.

    Raises:
        MembershipError: it answers no invitation of this node, or this member is no steward.
    """
    seen = read_request(context, request)
    opened = open_request(request, _invitation_of(context, request), at=now())
    current = context.member.in_force
    founding = current is None
    entry = opened.admitted(
        version=1 if current is None else current.charter.version + 1,
        at=now(),
        steward=(founding and opened.steward) if steward is None else steward,
        custodian=(founding and opened.custodian) if custodian is None else custodian,
    )
    if current is None:
        charter = with_founder(_charter_or_draft(context), entry)
        context.member.put_draft(charter)
    else:
        if entry.id in {member.id for member in current.charter.members}:
            raise MembershipError("the federation has a member of this name already")
        charter = with_member(current.charter, current.digest, entry, at=now())
        context.member.propose_charter(charter, context.by)
    with context.store.write() as tx:
        # One invitation admits one organisation.
        tx.settings.delete(_invitation_name(opened.invitation))
    return Admission(seen.member, seen.name, seen.role, seen.words, tuple(charter.warnings()))


@action(StaffAction.FEDERATION_SIGN)
def to_sign(context: NodeContext) -> list[Proposal]:
    """List the proposed charters that wait for this member's signature.

    Args:
        context: the node.

    Returns:
        The proposals.
    """
    return [
        proposal
        for proposal in context.member.proposals()
        if context.member.id in proposal.missing.members
    ]


@action(StaffAction.FEDERATION_SIGN)
def find_proposal(context: NodeContext, prefix: str | None) -> Charter:
    """Find the charter that this member is to sign: its own draft, or a proposal.

    Args:
        context: the node.
        prefix: beginning of the proposal's hash; None if there is only one.

    Returns:
        The charter, to be shown to the person who signs.

    Raises:
        MembershipError: none, or several.
    """
    draft = context.member.draft()
    if draft is not None and prefix is None:
        return draft
    waiting = [one for one in to_sign(context) if one.digest.hex().startswith(prefix or "")]
    if not waiting:
        raise MembershipError(
            "no charter waits for your signature",
            next_step="run 'casethread sync' to fetch what others proposed",
        )
    if len(waiting) > 1:
        listed = ", ".join(one.digest.hex()[:_RANDOM] for one in waiting)
        raise MembershipError(
            "several charters wait for your signature",
            next_step=f"name one: casethread federation sign {listed}",
        )
    return waiting[0].charter


@action(StaffAction.FEDERATION_SIGN)
def sign(context: NodeContext, charter: Charter | None = None) -> Charter:
    """Sign a charter as a steward.

    The founder's own draft becomes the first proposal by its signature.

    Args:
        context: the node.
        charter: what `find_proposal` found and a person saw; None finds it.

    Returns:
        The charter that was signed.

    Raises:
        MembershipError: nothing waits, or this member's signature does not count.
    """
    chosen = find_proposal(context, None) if charter is None else charter
    draft = context.member.draft()
    if draft is not None and draft == chosen:
        context.member.propose_charter(draft, context.by)
    else:
        context.member.sign_charter(digest_of(chosen.to_bytes()), context.by)
    return chosen


def words(charter: Charter) -> tuple[str, ...]:
    """Return the eight words of a charter, to be compared by voice.

    Args:
        charter: the charter.

    Returns:
        The same words wherever the same charter is held.
    """
    return tuple(eight_words(charter.to_bytes()))


def document(charter: Charter) -> dict[str, Any]:
    """Put a charter into one object for programs.

    Args:
        charter: in force, proposed or drafted.

    Returns:
        Its content without certificates and signatures.
    """
    return {
        "federation": charter.name,
        "federation_id": charter.federation_id.hex(),
        "version": charter.version,
        "digest": digest_of(charter.to_bytes()).hex(),
        "words": list(words(charter)),
        "issued": charter.issued.isoformat(),
        "expires": charter.expires.isoformat(),
        "members": [
            {
                "id": member.id,
                "name": member.name,
                "legal_entity": member.legal_entity,
                "role": member.role.value,
                "endpoint": member.endpoint,
                "steward": member.steward,
                "custodian": member.custodian,
                "suspended": member.suspended,
                "since_version": member.since_version,
            }
            for member in charter.members
        ],
        "keys": [
            {
                "key_id": key.key_id.hex(),
                "lane": key.lane.value,
                "class": key.cls.value,
                "epoch": key.epoch,
                "threshold": key.threshold,
                "custodians": [custodian.member for custodian in key.custodians],
            }
            for key in charter.keys
        ],
        "rules": charter.rules.model_dump(mode="json"),
        "warnings": charter.warnings(),
    }


@action(StaffAction.FEDERATION_SHOW)
def in_force(context: NodeContext) -> InForce:
    """Return the charter in force with its hash.

    Args:
        context: the node.

    Returns:
        Both.

    Raises:
        ConfigurationError: this node belongs to no federation yet.
        CharterExpiredError: the charter and its grace period are over.
    """
    context.member.require_charter()
    current = context.member.in_force
    if current is None:
        raise ConfigurationError("this node belongs to no federation yet")
    return current


def _charter_or_draft(context: NodeContext) -> Charter:
    """Return the charter in force, or the draft of the first one."""
    current = context.member.in_force
    if current is not None:
        return current.charter
    draft = context.member.draft()
    if draft is None:
        raise ConfigurationError(
            "this node has neither joined a federation nor begun one",
            next_step="run 'casethread federation create NAME'",
        )
    return draft


def _invitation_of(context: NodeContext, request: bytes) -> bytes:
    """Find the own invitation that a request answers."""
    claimed = JoinRequest.from_envelope(request)
    with context.store.read() as tx:
        envelope = tx.settings.get(_invitation_name(claimed.invitation))
    if envelope is None:
        raise MembershipError(
            "the request answers no open invitation of this node",
            next_step="admit it where the invitation was written, or invite again",
        )
    return envelope


def _invitation_name(digest: bytes) -> str:
    return f"invitation/{digest.hex()}"

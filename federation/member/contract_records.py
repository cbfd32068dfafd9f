# SPDX-License-Identifier: Apache-2.0
"""What the record says of agreements when others sign, revoke, or time passes."""

from datetime import datetime

from federation.agreements import AgreementState, Status
from federation.audit import NODE, Actor, Event, Outcome, peer
from federation.member.deeds import record
from federation.storage import Tx

__all__ = ["record_news", "record_status"]

_ENDS = {Status.EXPIRED: Outcome.EXPIRED, Status.REVOKED: Outcome.REVOKED}


def record_news(
    tx: Tx, at: datetime, me: str, known: AgreementState | None, state: AgreementState, sender: str
) -> None:
    """Record who else has signed an agreement.

    Args:
        tx: The transaction that stores it.
        at: Now.
        me: The own member id; the own signature is recorded with the deed.
        known: What was known before, or None.
        state: What is known now.
        sender: Who brought it; empty for the own deeds.
    """
    seen = {me} if known is None else {me, *known.signers}
    if known is None and sender not in {"", me}:
        record(
            tx,
            Event.AGREEMENT_PROPOSED,
            at,
            by=peer(sender),
            member=sender,
            agreement=state.hash,
        )
        seen.add(sender)
    for signer in sorted(state.signers - seen):
        record(tx, Event.AGREEMENT_SIGNED, at, by=peer(signer), member=signer, agreement=state.hash)


def record_status(
    tx: Tx, at: datetime, agreement: bytes, before: str, now: Status, by: Actor = NODE
) -> None:
    """Record that an agreement came into force or ended.

    Args:
        tx: The transaction that notices it.
        at: Now.
        agreement: Hash of its terms.
        before: Its status until now.
        now: Its status now.
        by: Who caused it.
    """
    if now.value == before or now is Status.PROPOSED:
        return
    if now is Status.IN_FORCE:
        record(tx, Event.AGREEMENT_IN_FORCE, at, by=by, agreement=agreement)
    else:
        record(tx, Event.AGREEMENT_ENDED, at, by=by, agreement=agreement, outcome=_ENDS[now])

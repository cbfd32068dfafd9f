# SPDX-License-Identifier: Apache-2.0
"""Examines a node and says, for each finding, what to do about it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography import x509

from federation.audit import Word
from federation.charter import Charter, Member
from federation.errors import CasethreadError, PeerError
from federation.indicators import IndicatorClass, Lane, check_table
from federation.member import InForce, MatchStatus, StaffAction, open_conflicts
from federation.member.witnessing import witnesses_of
from federation.messages import SyncCharter
from federation.storage import ObservationStatus
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now
from federation_node.tls import expiry_of

__all__ = ["Finding", "Health", "examine", "examine_home"]

_SOON = timedelta(days=30)
_PEER_SECONDS = 5.0
_NEARLY_SPENT = 0.8


class Health(StrEnum):
    """How grave a finding is."""

    GOOD = "good"
    LOOK = "look"
    """Works, but a person should look at it."""
    BAD = "bad"
    """Does not work, or will not be safe."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined."""

    about: str
    health: Health
    says: str
    next_step: str = ""

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {
            "about": self.about,
            "health": self.health.value,
            "says": self.says,
            "next_step": self.next_step,
        }


def examine_home(context: NodeContext) -> list[Finding]:
    """Say that what was needed to open the node is in order.

    Args:
        context: the node, which would not have opened otherwise.

    Returns:
        One finding for each part.
    """
    return [
        Finding("home", Health.GOOD, f"{context.home.path} is its owner's alone"),
        Finding("configuration", Health.GOOD, "every setting is known and possible"),
        Finding("keystore", Health.GOOD, "opens"),
        Finding("database", Health.GOOD, "is at this version and opens with the root key"),
    ]


@action(StaffAction.DOCTOR)
def examine(context: NodeContext, *, call: bool = True) -> Iterator[Finding]:
    """Examine an opened node, the fast parts first.

    Args:
        context: the node.
        call: also call every other member, which takes seconds for each that does not answer.

    Yields:
        Findings, good ones too.
    """
    yield from examine_home(context)
    yield from _rules()
    yield from _own_list(context)
    at = now()
    yield from _own_certificate(context, at)
    yield _people(context, at)
    current = context.member.in_force
    if current is None:
        yield Finding(
            "federation",
            Health.LOOK,
            "this node belongs to no federation yet",
            "run 'casethread federation create NAME', or join one by invitation",
        )
        return
    yield from _charter(current.charter, at)
    yield from _proposals(context)
    yield from _conflicts(context)
    yield from _listing(context, current.charter)
    yield from _keys(context, current.charter)
    yield from _quotas(context, current.charter, at)
    yield from _cases(context)
    yield from _matches(context)
    yield from _retractions(context, current.charter)
    yield from _record(context, current.charter, at)
    if call:
        yield from _peers(context, current, at)


def _rules() -> Iterator[Finding]:
    try:
        check_table()
    except CasethreadError as error:
        yield Finding("rules", Health.BAD, str(error), error.next_step or "")
    else:
        yield Finding("rules", Health.GOOD, "names are spelled as the rules say")


def _own_list(context: NodeContext) -> Iterator[Finding]:
    """Say what is on the own screening list, and what it has yet to be applied to."""
    screen = context.own_list()
    if not screen.has_own_values:
        yield Finding("screening", Health.GOOD, "the built-in lists alone; there is no own list")
    else:
        yield Finding(
            "screening",
            Health.GOOD,
            f"{len(screen.refused)} values refused and {len(screen.flagged)} flagged "
            f"in {context.own_list.path.name}",
        )
    outlook = context.member.screening.outlook()
    if outlook.kept_out:
        yield Finding(
            "screening",
            Health.LOOK,
            f"the lists have changed: {outlook.kept_out} observations that are compared now "
            "will be kept out",
            "run 'casethread sync', or wait for the next one; partners keep what they were told",
        )
    if outlook.freed:
        yield Finding(
            "screening",
            Health.LOOK,
            f"the lists have changed: {outlook.freed} observations will be compared from now on",
            "run 'casethread sync', or wait for the next one",
        )


def _own_certificate(context: NodeContext, at: datetime) -> Iterator[Finding]:
    """Examine the own TLS certificate, which also shows a clock that is far off."""
    shown = context.credentials.shown().certificate
    if at < x509.load_der_x509_certificate(shown).not_valid_before_utc:
        yield Finding(
            "clock",
            Health.BAD,
            "the clock is before the day on which this node was made",
            "set the clock; use a time service",
        )
        return
    replacement = context.credentials.replacement()
    remedy = _REPLACE if replacement is None else _SEND
    yield _until("certificate", "the TLS certificate", expiry_of(shown), at, remedy)
    if replacement is None:
        return
    listed = replacement.coming.certificate in context.member.admission.own_certificates()
    yield Finding(
        "certificate",
        Health.LOOK,
        "a new TLS certificate waits for "
        + ("members that have not heard of it yet" if listed else "the charter to list it"),
        "nothing to do; keep 'casethread serve' running" if listed else _SEND,
    )


def _people(context: NodeContext, at: datetime) -> Finding:
    """Say who can sign in, without names."""
    people = [one for one in context.member.staff.people() if one.disabled is None]
    if not people:
        return Finding(
            "people",
            Health.LOOK,
            "nobody has an account: who opens the node may do everything, and the record cannot "
            "say who it was",
            "give each person an account: 'casethread staff add NAME'",
        )
    waiting = sum(one.locked_until is not None and at < one.locked_until for one in people)
    if waiting:
        return Finding(
            "people",
            Health.LOOK,
            f"{waiting} of {len(people)} accounts wait after failed attempts to sign in",
            "ask their owners whether it was them; 'casethread staff list' says which",
        )
    bare = sum(not one.second_factor for one in people)
    return Finding(
        "people",
        Health.GOOD,
        f"{len(people)} people have an account, {bare} of them without a second factor",
    )


_REPLACE = (
    "run 'casethread federation update --new-certificate --out FILE', and send FILE to a steward"
)
_SEND = "run 'casethread federation update --out FILE' if you have not, and send FILE to a steward"


def _charter(charter: Charter, at: datetime) -> Iterator[Finding]:
    if at < charter.issued - timedelta(seconds=300):
        yield Finding(
            "clock",
            Health.BAD,
            "the clock is before the day on which the charter was issued",
            "set the clock; use a time service",
        )
    over = charter.expires + timedelta(days=charter.grace_days)
    if charter.expires <= at <= over:
        yield Finding(
            "charter",
            Health.BAD,
            f"charter version {charter.version} expired on {charter.expires:%Y-%m-%d}; "
            f"nodes go on until {over:%Y-%m-%d}, then refuse everything",
            _RENEW,
        )
    else:
        what = f"charter version {charter.version}"
        yield _until("charter", what, charter.expires, at, _RENEW)
    for warning in charter.warnings():
        yield Finding("charter", Health.LOOK, warning, "talk about it among the stewards")


_RENEW = "a steward runs 'casethread federation renew', the others 'casethread federation sign'"


def _until(about: str, what: str, end: datetime, at: datetime, remedy: str) -> Finding:
    """Say how long something is still valid."""
    if at >= end:
        return Finding(about, Health.BAD, f"{what} expired on {end:%Y-%m-%d}", remedy)
    if end - at < _SOON:
        return Finding(about, Health.LOOK, f"{what} expires on {end:%Y-%m-%d}", remedy)
    return Finding(about, Health.GOOD, f"{what} is valid until {end:%Y-%m-%d}")


def _proposals(context: NodeContext) -> Iterator[Finding]:
    """Notice proposals that wait: until then nothing else of that version can be signed."""
    for one in context.member.proposals():
        waits = ", ".join(sorted(one.missing.members))
        yield Finding(
            "charter",
            Health.LOOK,
            f"a proposed version {one.charter.version} lacks {one.missing.count} signatures;"
            f" not signed by {waits}",
            "they run 'casethread federation sign'; if nobody wants it, all stewards run "
            "'casethread federation withdraw'",
        )


def _conflicts(context: NodeContext) -> Iterator[Finding]:
    with context.store.read() as tx:
        conflicts = open_conflicts(tx)
    for conflict in conflicts:
        if conflict.signed_both:
            proof = f"{', '.join(sorted(conflict.signed_both))} signed both"
        elif conflict.proven:
            proof = "both are signed as they must be"
        else:
            proof = "it has not shown that one yet"
        yield Finding(
            "charter",
            Health.BAD,
            f"{conflict.member} goes by another charter version {conflict.version} than this "
            f"node; {proof}",
            "sign nothing, compare 'casethread federation show' by voice with the other stewards, "
            "and see 'Two charters conflict' in the documentation",
        )


def _listing(context: NodeContext, charter: Charter) -> Iterator[Finding]:
    """Compare what the charter says about this node with what the node is."""
    own = next((one for one in charter.members if one.id == context.member.id), None)
    if own is None:
        yield Finding(
            "membership", Health.BAD, "the charter does not list this node", "ask a steward"
        )
        return
    if own.suspended:
        yield Finding("membership", Health.BAD, "this member is suspended", "ask a steward")
    if not {one.certificate for one in context.credentials.held()} & set(own.certificates):
        yield Finding("membership", Health.BAD, "the charter lists another certificate", _SEND)
    if own.endpoint != context.config.node.endpoint:
        yield Finding(
            "membership",
            Health.LOOK,
            "the charter lists another endpoint than casethread.toml",
            "correct casethread.toml, or run 'casethread federation update --out FILE' and send "
            "FILE to a steward",
        )


def _keys(context: NodeContext, charter: Charter) -> Iterator[Finding]:
    if not charter.keys:
        yield Finding(
            "keys",
            Health.LOOK,
            "the federation has no keys yet, so nothing can be compared",
            "a custodian runs 'casethread custodian ceremony start'",
        )
    missing = 0
    with context.store.read() as tx:
        for key in charter.keys:
            own = key.custodian(context.member.id)
            if own is not None:
                missing += tx.shares.get(key.key_id, own.public_share) is None
    if missing:
        yield Finding(
            "keys",
            Health.BAD,
            f"this custodian lacks its share of {missing} keys",
            "ask another custodian to run 'casethread custodian ceremony start --reshare'",
        )
    elif charter.keys:
        yield Finding("keys", Health.GOOD, f"{len(charter.keys)} keys are in force")


def _quotas(context: NodeContext, charter: Charter, at: datetime) -> Iterator[Finding]:
    """Look for members that have nearly spent their budget at this custodian."""
    for member in charter.members:
        for lane in Lane:
            for cls in IndicatorClass:
                with context.store.read() as tx:
                    day, month = tx.quota.used(member.id, lane.value, cls.value, at)
                limits = charter.rules.quota(member, cls, at)
                used, limit = max((day, limits.daily), (month, limits.monthly), key=_part)
                if _part((used, limit)) >= _NEARLY_SPENT:
                    yield Finding(
                        "quota",
                        Health.LOOK,
                        f"{member.id} used {used} of {limit} look-ups "
                        f"({lane.value}, {cls.value}) at this custodian",
                        "ask the member what it is importing",
                    )


def _part(pair: tuple[int, int]) -> float:
    used, limit = pair
    return used / limit if limit else float(used > 0)


def _cases(context: NodeContext) -> Iterator[Finding]:
    with context.store.read() as tx:
        counts = tx.cases.counts()
    yield Finding("cases", Health.GOOD, f"{counts.cases} cases, {counts.observations} observations")
    reasons = Counter((seen.status, seen.reason) for seen in context.member.not_tokenised())
    for (status, reason), count in reasons.most_common():
        waits = status is ObservationStatus.WAITING_DECISION
        yield Finding(
            "not compared",
            Health.LOOK,
            f"{count} observations: {', '.join(filter(None, (status.value, reason)))}",
            f"see 'casethread {'screen list' if waits else 'case list --not-tokenised'}'",
        )


def _matches(context: NodeContext) -> Iterator[Finding]:
    with context.store.read() as tx:
        counts = tx.matches.counts()
    if counts[MatchStatus.PENDING]:
        yield Finding(
            "matches",
            Health.LOOK,
            f"{counts[MatchStatus.PENDING]} matches wait for the partner's proof",
            "nothing to do; they are dropped after 7 days",
        )
    if counts[MatchStatus.HELD]:
        yield Finding(
            "matches",
            Health.LOOK,
            f"{counts[MatchStatus.HELD]} matches wait for a person",
            "see 'casethread match list --status held'",
        )


def _retractions(context: NodeContext, charter: Charter) -> Iterator[Finding]:
    """Say who does not know yet that matches ended."""
    members = {member.id for member in charter.members}
    with context.store.read() as tx:
        owed = tx.retractions.owed_to()
    for member, count in owed.items():
        here = member in members
        yield Finding(
            "retractions",
            Health.LOOK,
            f"{member} has not acknowledged that {count} matches ended",
            "nothing to do; it is told when it can be reached"
            if here
            else "it is no member any more; tell it by other means",
        )


def _record(context: NodeContext, charter: Charter, at: datetime) -> Iterator[Finding]:
    """Say whether the record is witnessed, and what is wrong with the records of others."""
    own = context.member.id
    late = at - timedelta(hours=2 * context.config.audit.checkpoint_hours)
    with context.store.read() as tx:
        size, latest = tx.audit.size(), tx.checkpoints.latest()
        seen = {} if latest is None else tx.checkpoints.seen_by(latest.generation)
        evidence = tx.witnessed.evidence()
    unseen = [
        one.id
        for one in witnesses_of(charter, own)
        if latest is not None and seen.get(one.id, (0, latest.slot))[1] < late
    ]
    if any(one.member == own for one in evidence):
        yield Finding(
            "record",
            Health.BAD,
            "others have seen entries of this node's record that are not in its database",
            "was an old copy restored? Then run 'casethread audit begin-anew'; if not, somebody "
            "else has this node's key: tell the stewards",
        )
    elif unseen:
        yield Finding(
            "record",
            Health.LOOK,
            f"{', '.join(unseen)} have not seen this node's record lately",
            "see 'casethread audit witnesses'; call them if it stays so",
        )
    else:
        yield Finding("record", Health.GOOD, f"{size} entries")
    for member in sorted({one.member for one in evidence} - {own}):
        found = [one.finding for one in evidence if one.member == member]
        worst = min(found, key=list(_FINDINGS).index)
        health, says = _FINDINGS[worst]
        yield Finding(
            "record of others",
            health,
            f"{member} {says}",
            "call them; the evidence is in 'casethread audit witnesses --json'",
        )


_FINDINGS = {
    Word.FORKED: (Health.BAD, "has signed two different records of one size"),
    Word.UNPROVEN: (Health.BAD, "has signed a record that does not begin with what was seen"),
    Word.SHRUNK: (Health.LOOK, "showed a record that is shorter than what was seen"),
    Word.BEGUN: (Health.LOOK, "began a new record: it lost entries, or has a new key"),
}
"""What a witness found, the worst first."""


def _their_certificate(member: Member, at: datetime) -> Iterator[Finding]:
    """Notice what a partner may not have looked at."""
    end = max(map(expiry_of, member.certificates))
    if end - at < _SOON:
        yield Finding(
            "peer",
            Health.LOOK,
            f"the TLS certificate of {member.id} expires on {end:%Y-%m-%d}",
            "tell them; 'casethread doctor' on their side says what to do",
        )


def _peers(context: NodeContext, current: InForce, at: datetime) -> Iterator[Finding]:
    question = SyncCharter(version=current.charter.version, digest=current.digest)
    for member in current.charter.members:
        if member.id == context.member.id or member.suspended:
            continue
        try:
            context.peers.connect(member).call(question, timeout=_PEER_SECONDS)
        except PeerError as error:
            yield Finding(
                "peer",
                Health.LOOK,
                f"{member.id} cannot be reached: {error}",
                "check the own network, then call the other organisation",
            )
        except CasethreadError as error:
            yield Finding(
                "peer",
                Health.BAD,
                f"{member.id} refuses: {error}",
                error.next_step or "compare 'casethread federation show' by voice",
            )
        else:
            yield Finding("peer", Health.GOOD, f"{member.id} answers")
            yield from _their_certificate(member, at)

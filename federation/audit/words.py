# SPDX-License-Identifier: Apache-2.0
"""Entries of the record in plain words."""

from collections.abc import Callable, Mapping
from typing import Final

from federation.agreements.plain_words import plural
from federation.audit.record import Count, Event, Outcome, Record

__all__ = ["EVENTS", "describe", "who"]

EVENTS: Final[Mapping[Event, str]] = {
    Event.PADDING: "nothing happened; the entry fills the log up",
    Event.LOG_BEGUN: "began the log",
    Event.CHARTER_SIGNED: "signed a version of the charter",
    Event.CHARTER_ADOPTED: "put a version of the charter into force",
    Event.CHARTER_CONFLICT: "showed another charter under a number that is taken",
    Event.CEREMONY_JOINED: "said yes to a key ceremony",
    Event.GRANT_SIGNED: "signed a bulk grant",
    Event.GRANT_OPENED: "took note of a bulk grant that enough custodians signed",
    Event.LOG_REFUSED: "showed a log that does not fit what was seen of it before",
    Event.LOG_RENEWED: "began a new log after a loss, or with a new key",
    Event.REFUSALS: "refused calls",
    Event.EVALUATIONS: "evaluated blinded elements",
    Event.AGREEMENT_PROPOSED: "proposed an agreement",
    Event.AGREEMENT_SIGNED: "signed an agreement",
    Event.AGREEMENT_IN_FORCE: "took note that an agreement is in force",
    Event.AGREEMENT_ENDED: "ended an agreement, or took note of its end",
    Event.CASES_PUT: "brought cases in",
    Event.CASES_REMOVED: "removed cases that their source has no more, or took an import back",
    Event.CASE_READ: "read a case, or a list of cases",
    Event.CASE_ACCESSED: "put together all that is held on a case",
    Event.CASE_CORRECTED: "corrected a case",
    Event.CASE_ERASED: "erased a case",
    Event.CASE_RESTRICTED: "restricted the use of a case",
    Event.RETENTION_ENFORCED: "deleted what was kept for long enough",
    Event.SCREENING_DECIDED: "decided about a value that screening had held back",
    Event.CONSENT_GIVEN: "recorded a consent",
    Event.CONSENT_WITHDRAWN: "recorded that a consent was withdrawn",
    Event.CONSENT_EXPIRED: "took note that a consent ran out",
    Event.TOKENS_MADE: "made pseudonyms",
    Event.TAGS_SENT: "sent tags of pseudonyms",
    Event.TAGS_ANSWERED: "asked, and was told, which tags are held here",
    Event.MATCHES_FOUND: "found matches that both sides proved",
    Event.MATCHES_HELD: "held matches back until a person looks at them",
    Event.MATCH_DECIDED: "decided about a match",
    Event.MATCH_RELEASED: "let a held match go",
    Event.MATCH_READ: "looked at matches",
    Event.THREAD_READ: "looked at what belongs together across organisations",
    Event.THREAD_SPLIT: "put two cases of one thread apart",
    Event.THREAD_REJOINED: "put two cases of one thread together again",
    Event.RETRACTION_SENT: "told a partner that a match is withdrawn",
    Event.RETRACTION_RECEIVED: "said that a match is withdrawn",
    Event.DISPUTE_FILED: "filed a dispute",
    Event.DISPUTE_RECEIVED: "sent a dispute",
    Event.DISCLOSURE_ASKED: "asked for a disclosure",
    Event.DISCLOSURE_RECEIVED: "asked for a disclosure",
    Event.DISCLOSURE_DECIDED: "decided about a disclosure",
    Event.DISCLOSURE_ANSWERED: "answered a request for disclosure",
    Event.DISCLOSURE_ARRIVED: "answered the own request for disclosure",
    Event.DISCLOSURE_READ: "read what was disclosed",
    Event.REFERRAL_SENT: "referred a person",
    Event.REFERRAL_RECEIVED: "referred a person to this organisation",
    Event.REFERRAL_DECIDED: "decided about a referral",
    Event.REFERRAL_ARRIVED: "answered the own referral",
    Event.QUERY_ASKED: "asked a question as law enforcement",
    Event.QUERY_RECEIVED: "asked a question as law enforcement",
    Event.QUERY_DECIDED: "decided about a question of law enforcement",
    Event.QUERY_ANSWERED: "answered a question of law enforcement",
    Event.QUERY_ARRIVED: "answered the own question",
    Event.LETTER_DELIVERED: "delivered a letter, and has the receipt",
    Event.LETTER_UNDELIVERED: "gave up delivering a letter",
    Event.STAFF_CHANGED: "changed an account of the staff",
    Event.SIGNED_IN: "signed in",
    Event.SIGN_IN_REFUSED: "refused a sign-in",
    Event.BACKUP_MADE: "made a backup",
    Event.BACKUP_RESTORED: "restored a backup",
    Event.RECORD_EXPORTED: "exported entries of this record",
    Event.STATISTICS_SENT: "sent statistics",
    Event.STATISTICS_RECEIVED: "sent statistics",
}
"""What the actor of an entry did."""

_OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.WITHHELD: "withheld by a rule",
    Outcome.UNDECIDED: "nobody decided in time",
    Outcome.NO_MATCH: "no match that can be released",
}

_OTHERS: Final = {"node": "the node", "operator": "the operator", "program": "a program"}
"""Who has no name of its own."""

_COUNTS: Final[Mapping[Count, tuple[str, str]]] = {
    Count.CASES: ("case", "cases"),
    Count.OBSERVATIONS: ("observation", "observations"),
    Count.TOKENS: ("pseudonym", "pseudonyms"),
    Count.TAGS: ("tag", "tags"),
    Count.MATCHES: ("match", "matches"),
    Count.HELD: ("held back", "held back"),
    Count.FIELDS: ("field", "fields"),
    Count.CALLS: ("call", "calls"),
    Count.ENTRIES: ("entry kept of the log before", "entries kept of the log before"),
    Count.ELEMENTS: ("blinded element", "blinded elements, padding included"),
}


def who(actor: str, member: str, name_of: Callable[[str], str] = str) -> str:
    """Say who acted.

    Args:
        actor: As the entry names them.
        member: Whose record it is.
        name_of: Returns a member's name for people.
    """
    kind, _, rest = actor.partition(":")
    if kind == "staff":
        return f"staff account {rest} of {name_of(member)}"
    if kind == "member":
        return name_of(rest)
    return f"{_OTHERS[kind]} of {name_of(member)}"


def describe(
    record: Record,
    member: str,
    *,
    name_of: Callable[[str], str] = str,
    agreement_of: Callable[[bytes], str] = lambda one: one.hex()[:12],
) -> str:
    """Put an entry into one sentence.

    Args:
        record: The entry.
        member: Whose record it is.
        name_of: Returns a member's name for people.
        agreement_of: Returns an agreement's title, or what else names it.
    """
    if record.event is Event.PADDING:
        return EVENTS[Event.PADDING]
    actors = [record.actor] if record.second_actor is None else [record.actor, record.second_actor]
    acting = " and ".join(who(one, member, name_of) for one in actors)
    other = record.member if record.actor != f"member:{record.member}" else None
    details = (
        ("with {}", other and name_of(other)),
        ("outcome: {}", record.outcome and _OUTCOMES.get(record.outcome, record.outcome.value)),
        ("reason: {}", record.reason and record.reason.replace("_", " ")),
        ("under agreement {}", record.agreement and agreement_of(record.agreement)),
        ("purpose: {}", record.purpose and record.purpose.value.replace("_", " ")),
        ("roles from now on: {}", ", ".join(role.value for role in record.roles)),
        ("kinds: {}", ", ".join(kind.value for kind in record.kinds)),
        ("lane: {}", record.lane and record.lane.value),
        ("{}", ", ".join(_counted(*one) for one in sorted(record.counts.items()))),
        ("since {} UTC", record.since and f"{record.since:%Y-%m-%d %H:%M}"),
    )
    said = [words.format(value) for words, value in details if value]
    return "; ".join([f"{acting} {EVENTS[record.event]}", *said])


def _counted(what: Count, amount: int) -> str:
    if what is Count.VERSION:
        return f"version {amount}"
    return plural(amount, *_COUNTS[what])

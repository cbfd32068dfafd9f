# SPDX-License-Identifier: Apache-2.0
"""What the demonstration says at its end: a table for caseworkers, or one JSON object."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from federation_node.demo.judge import FoundMatch, NotTokenised, Verdict
from federation_node.demo.people import Email, Facts, Handle, Identity, Office, Phone, Plate
from federation_node.demo.traces import (
    Account,
    Advert,
    Handset,
    Page,
    Paper,
    Site,
    Trace,
    Wallet,
)
from federation_node.demo.truth import Cell, Truth

__all__ = ["Result", "Shared", "document", "shared", "show"]

_CASES_SHOWN = 3

_KINDS = {
    "phone": "phone",
    "handle": "profile",
    "vehicle": "vehicle",
    "company": "office",
    "email": "e-mail",
    "url": "link",
    "bank-account": "account",
    "wallet": "wallet",
    "document": "document",
    "place": "place",
    "device": "handset",
}

_STATUSES = {
    "waiting-consent": "callers' own details: they stay at home until the caller consents",
    "screened": "placeholders, or too little to mean anyone",
    "refused": "not readable as what the column says",
    "waiting-decision": "too common or too uncertain: they wait for a person",
    "pending": "not turned into a pseudonym yet",
}


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that the demonstration found out."""

    seed: int
    truth: Truth
    cases: Mapping[str, int]
    """Cases imported, by organisation."""
    indicators: int
    """Observations imported, in all organisations."""
    found: Mapping[str, Sequence[FoundMatch]]
    """The match list of each organisation, without mere namesakes."""
    namesakes: int
    """Rows of the match lists that only say "namesake" or "nearby"."""
    not_tokenised: Sequence[NotTokenised]
    """Observations that took no part, with the reason."""
    verdict: Verdict
    seconds: Mapping[str, float]
    """By stage."""
    quotas: Mapping[str, int]
    """The evaluation budget that the demonstration set."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One thing that several organisations hold."""

    identity: Identity
    cases: Mapping[str, tuple[str, ...]]
    """Case ids by organisation."""


def document(result: Result) -> dict[str, Any]:
    """Put the result into one object for programs.

    Args:
        result: what was found out.

    Returns:
        Numbers and reasons; no value of an indicator.
    """
    verdict = result.verdict
    return {
        "ok": verdict.ok,
        "seed": result.seed,
        "organisations": len(result.cases),
        "cases": sum(result.cases.values()),
        "indicators": result.indicators,
        "expected_matches": len(verdict.expected),
        "found_matches": len(verdict.found),
        "missed": len(verdict.missed),
        "missed_by_reason": verdict.missed_by_reason(),
        "false_matches": len(verdict.false),
        "namesakes": result.namesakes,
        "not_tokenised_by_reason": dict(_reasons(result.not_tokenised)),
        "quotas": dict(result.quotas),
        "seconds": {stage: round(seconds, 2) for stage, seconds in result.seconds.items()},
    }


def shared(result: Result) -> list[Shared]:
    """Bring together what was found: by identity, the cases of each organisation.

    Args:
        result: what was found out.

    Returns:
        Most widely shared first.
    """
    cases: dict[str, dict[str, set[str]]] = {}
    found = {(match.identity, *match.organisations) for match in result.verdict.found}
    for organisation, matches in result.found.items():
        for match in matches:
            identity = result.truth.cells.get(Cell(organisation, match.case, match.field))
            first, second = sorted((organisation, match.partner))
            if identity is not None and (identity, first, second) in found:
                cases.setdefault(identity, {}).setdefault(organisation, set()).add(match.case)
    rows = [
        Shared(
            result.truth.identities[identity],
            {name: tuple(sorted(ids)) for name, ids in by_organisation.items()},
        )
        for identity, by_organisation in cases.items()
    ]
    return sorted(rows, key=lambda row: (-len(row.cases), row.identity.kind, row.identity.id))


def show(result: Result, console: Console) -> None:
    """Print the end of the demonstration for a caseworker.

    Args:
        result: what was found out.
        console: where to print.
    """
    rows = shared(result)
    table = Table(title="What they share", title_justify="left", box=None, pad_edge=False)
    table.add_column("kind")
    table.add_column("what it is", overflow="fold")
    for name in result.cases:
        table.add_column(f"cases at {name}", overflow="fold")
    for row in rows:
        table.add_row(
            _KINDS.get(row.identity.kind, row.identity.kind),
            label(row.identity.facts),
            *(_listed(row.cases.get(name, ())) for name in result.cases),
        )
    console.print()
    console.print(table, markup=False)
    console.print(
        "\n'What it is' comes from the generator, for you to check. The nodes told each"
        "\nother only that they hold the same thing; each knows its own cases alone.",
        markup=False,
        soft_wrap=True,
    )
    _show_left_out(result, console)
    _show_verdict(result, console)


def label(facts: Facts) -> str:
    """Say what an invented identity is.

    Args:
        facts: from the generator.

    Returns:
        A few words.
    """
    match facts:
        case Phone():
            return f"{facts.area} {facts.subscriber} ({facts.country})"
        case Handle():
            return f"{facts.name} on {facts.platform}"
        case Plate():
            return f"{' '.join(facts.groups)} ({facts.country})"
        case Office():
            return f"{' '.join(facts.words)} {facts.form} ({facts.country})"
        case Email():
            return f"{facts.local}@{facts.domain}"
        case _:
            return _trace_label(facts)


def _trace_label(trace: Trace) -> str:
    match trace:
        case Page():
            return "/".join((trace.host, *trace.path))
        case Advert():
            return f"advert {trace.number} on {trace.site}"
        case Account():
            return trace.number
        case Wallet():
            return f"{trace.address[:6]}...{trace.address[-6:]} ({trace.chain})"
        case Paper():
            return f"{trace.type} {' '.join(trace.groups)} ({trace.issuer})"
        case Site():
            return f"{trace.north / 2000:.4f}, {trace.east / 2000:.4f}"
        case Handset():
            return f"IMEI {trace.imei}"


def _show_left_out(result: Result, console: Console) -> None:
    """List what took no part in the comparison."""
    if not result.not_tokenised:
        return
    console.print("\nWhat took no part, and why:", markup=False)
    statuses = Counter(entry.reason.split(":")[0] for entry in result.not_tokenised)
    for status, count in statuses.most_common():
        console.print(
            f"  {count:5d}  {_STATUSES.get(status, status)}", markup=False, soft_wrap=True
        )


def _show_verdict(result: Result, console: Console) -> None:
    """Say how the outcome compares with what was planted."""
    verdict = result.verdict
    if result.namesakes:
        console.print(
            f"\n{result.namesakes} more lines of the match lists are marked as weak: an office of"
            " the same name or a place nearby, and no more than that.",
            markup=False,
        )
    console.print(
        f"\n{len(verdict.found)} of {len(verdict.expected)} planted matches found, "
        f"{len(verdict.missed)} missed, {len(verdict.false)} false, "
        f"in {sum(result.seconds.values()):.0f} seconds.",
        markup=False,
    )
    for reason, count in verdict.missed_by_reason().items():
        console.print(f"  missed {count}: {reason}", markup=False)
    for reason, count in Counter(match.reason for match in verdict.false).items():
        console.print(f"  false {count}: {reason}", markup=False)


def _reasons(not_tokenised: Sequence[NotTokenised]) -> list[tuple[str, int]]:
    """Count observations by the reason that kept them out."""
    return Counter(entry.reason for entry in not_tokenised).most_common()


def _listed(cases: Sequence[str]) -> str:
    """List a few case ids."""
    more = len(cases) - _CASES_SHOWN
    text = ", ".join(cases[:_CASES_SHOWN])
    return f"{text} and {more} more" if more > 0 else text

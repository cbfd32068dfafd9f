# SPDX-License-Identifier: Apache-2.0
"""An agreement in plain words, for whoever has to sign it, keep it or check it.

A page has sections; a section has sentences. It can be printed as text, or as HTML that
holds no script and loads nothing.
"""

import html
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from federation.agreements.plain_words import days, enumerate_words, in_words, plural
from federation.agreements.terms import Flow, Terms
from federation.charter import Charter, Role
from federation.indicators import Lane, Subject

__all__ = ["Page", "Section", "summarise"]

_WIDTH = 88
_STYLE = (
    "body{font:16px/1.5 serif;max-width:42em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.5em}h2{font-size:1.1em;margin:1.5em 0 .3em}ul{margin:0;padding-left:1.2em}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}}"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What people read of a signed document."""

    title: str
    sections: tuple[Section, ...]

    def text(self) -> str:
        """Return it as plain text, at most 88 letters a line."""
        parts = [f"{self.title}\n{'=' * min(len(self.title), _WIDTH)}\n"]
        for section in self.sections:
            lines = [
                textwrap.fill(
                    sentence,
                    _WIDTH,
                    initial_indent="- ",
                    subsequent_indent="  ",
                    break_on_hyphens=False,
                )
                for sentence in section.sentences
            ]
            parts.append("\n".join([section.heading, *lines]) + "\n")
        return "\n".join(parts)

    def html(self) -> str:
        """Return it as a page to be printed: no script, nothing from elsewhere."""
        title = html.escape(self.title)
        body = "".join(
            f"<h2>{html.escape(section.heading)}</h2>\n<ul>\n"
            + "".join(f"<li>{html.escape(one)}</li>\n" for one in section.sentences)
            + "</ul>\n"
            for section in self.sections
        )
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">\n"
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{title}</h1>\n{body}</body>\n</html>\n"
        )


def summarise(
    agreement: bytes,
    terms: Terms,
    charter: Charter,
    *,
    standing: str = "",
    signers: Sequence[str] = (),
    ended_by: Mapping[str, str] | None = None,
) -> Page:
    """Put an agreement into plain words.

    Args:
        agreement: The hash of its terms.
        terms: Its terms.
        charter: The charter in force, for names and roles.
        standing: Where it stands, a sentence.
        signers: Member ids of who has signed.
        ended_by: Reasons of those who revoked it, by member id.
    """
    parties = _Parties(terms, charter)
    sections = {
        "Who": parties.introduced(),
        "What for": list(_purposes(terms)),
        "What the nodes compare by themselves": list(_compared(terms, parties)),
        "What people may tell each other": list(_told(terms, parties)),
        "What may be asked": list(_asked(terms)),
        "How far it may travel": list(_travel(terms)),
        "How long": list(_time(terms)),
        "How it ends": list(_end(terms)),
        "What no agreement can promise": [
            "Who is sent pseudonyms learns silently which of its own are among them.",
            "A dishonest partner keeps what it has learned, also after the end.",
            "Whether all this is enough under the law of each party is for lawyers to say.",
        ],
        "Signed": list(_signed(agreement, terms, standing, signers, ended_by or {})),
    }
    return Page(
        terms.title, tuple(Section(heading, tuple(said)) for heading, said in sections.items())
    )


class _Parties:
    """The parties by name and role, as far as the charter still lists them."""

    def __init__(self, terms: Terms, charter: Charter) -> None:
        self._listed = {one.id: one for one in charter.members if one.id in terms.parties}
        self._ids = terms.parties

    @property
    def police(self) -> list[str]:
        """Ids of parties that are law enforcement."""
        return [one for one in self._ids if self.role(one) is Role.LAW_ENFORCEMENT]

    def role(self, party: str) -> Role | None:
        """The role of a party; None if it is no member any more."""
        return self._listed[party].role if party in self._listed else None

    def introduced(self) -> list[str]:
        """A sentence for each party."""
        said = []
        for party in self._ids:
            member = self._listed.get(party)
            if member is None:
                said.append(f"{party}: not a member of the federation any more.")
            else:
                legal, role = member.legal_entity, in_words(member.role)
                said.append(f"{member.name} ({party}), {role}, registered as {legal}.")
        return said

    def directions(self, flows: Sequence[Flow]) -> list[str]:
        """One phrase for each giver: to whom."""
        givers = dict.fromkeys(flow.giver for flow in flows)
        return [
            f"{giver} to {enumerate_words(one.receiver for one in flows if one.giver == giver)}"
            for giver in givers
        ]


def _purposes(terms: Terms) -> Iterator[str]:
    for purpose in terms.purposes:
        yield f"{in_words(purpose).capitalize()} ({purpose.value})."
    yield "Nothing else. Immigration control is never a purpose."
    if terms.purpose_note is not None:
        yield f"The parties add: {terms.purpose_note}"
    yield f"It rests on: {terms.legal_basis}"
    if terms.paper_sha256 is not None:
        yield f"The signed paper has the SHA-256 {terms.paper_sha256.hex()}."


def _compared(terms: Terms, parties: _Parties) -> Iterator[str]:
    serving = [one for one in terms.purposes if one.compared]
    others = len(terms.parties) - len(parties.police)
    if not serving or others < 2:
        yield "Nothing."
        return
    network = [one for one in terms.subjects if one.lane is Lane.NETWORK]
    kinds = enumerate_words(in_words(kind) for kind in terms.kinds)
    who = "Each two of them" if not parties.police else "Each two of them but law enforcement"
    if network:
        about = enumerate_words(in_words(subject) for subject in network)
        yield f"{who} find out where both hold the same: {kinds}, about {about}."
    if Subject.SURVIVOR in terms.subjects:
        purposes = enumerate_words(one.value for one in serving)
        yield (
            f"About survivors too, but only of those whose own dated consent names {purposes} and"
            " the other organisation's role; and a person releases each match."
        )
    else:
        yield "Nothing about survivors."
    yield "Pseudonyms leave a node for this, and no values."
    budget = terms.match_budget
    yield (
        f"A node answers {plural(budget.daily_base, 'match', 'matches')} a day to each partner by"
        f" itself, plus {budget.daily_percent} % of its own cases, and {budget.first} more once."
        " The rest waits for a person."
    )
    yield "A match is a question. People confirm it, and nothing acts on its own."


def _told(terms: Terms, parties: _Parties) -> Iterator[str]:
    if not terms.disclosure:
        yield "Nothing."
        return
    for direction in parties.directions(terms.disclosure):
        yield f"{direction}."
    kinds = [in_words(kind) for kind in terms.kinds] + [in_words(one) for one in terms.details]
    yield f"Of a case: {enumerate_words(kinds)}. Field by field, each for a purpose."
    yield f"{_people(terms.approvers)} at the organisation that tells must approve each time."
    if Subject.SURVIVOR in terms.subjects:
        yield "About a survivor only what the survivor's own consent covers at that moment."


def _asked(terms: Terms) -> Iterator[str]:
    if not terms.query:
        yield "Nothing."
        return
    for flow in terms.query:
        yield f"{flow.receiver} may ask whether {flow.giver} holds something that it names itself."
    rules = terms.queries
    yield (
        f"At most {plural(rules.daily, 'question', 'questions')} a day, each with a case"
        " reference, a legal basis and a purpose. Never about survivors."
    )
    yield (
        f"The answer comes after {plural(rules.window_hours, 'hour', 'hours')}, never before, and"
        " looks the same whether nothing is held or nothing is released."
    )
    yield f"{_people(terms.approvers)} at the organisation that is asked must approve each release."


def _travel(terms: Terms) -> Iterator[str]:
    handling = terms.handling
    yield f"What is told is {handling.value.upper()}: {handling.meaning}."
    for code in terms.europol:
        yield f"It carries the Europol handling code {code.value.upper()}: {code.meaning}."


def _time(terms: Terms) -> Iterator[str]:
    yield (
        f"In force from {terms.valid_from:%Y-%m-%d %H:%M} to {terms.valid_until:%Y-%m-%d %H:%M}"
        " UTC, once every party has signed."
    )
    yield f"A match may be kept {days(terms.retention_days)}."
    yield f"What was told may be kept {days(terms.days_disclosed)}."


def _end(terms: Terms) -> Iterator[str]:
    yield "Each party may end it at any time, alone, for all."
    yield "Then keys are erased, and honest nodes compare and tell nothing more under it."
    yield "It cannot be changed. An amendment is another agreement, which all parties sign."
    if terms.supersedes is not None:
        yield f"It takes the place of agreement {terms.supersedes.hex()}, which ends then."


def _signed(
    agreement: bytes,
    terms: Terms,
    standing: str,
    signers: Sequence[str],
    ended_by: Mapping[str, str],
) -> Iterator[str]:
    missing = [party for party in terms.parties if party not in signers]
    if signers:
        yield f"By {enumerate_words(sorted(signers))}."
    if missing:
        yield f"Not yet by {enumerate_words(missing)}."
    for member, reason in sorted(ended_by.items()):
        yield f"{member} ended it: {reason}"
    if standing:
        yield standing
    yield f"Agreement {agreement.hex()}: the SHA-256 of the terms, byte for byte."


def _people(number: int) -> str:
    return "One person" if number == 1 else "Two different people"

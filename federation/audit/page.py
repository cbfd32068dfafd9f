# SPDX-License-Identifier: Apache-2.0
"""A bundle as a page for people: plain text, and HTML without scripts or anything from elsewhere.

It answers what a data-protection officer asks: who asked what of whom, under which agreement
and which consent, who approved, what kinds of fields left, and how to check all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from federation.audit.bundle import About
from federation.audit.checked import Checked, CheckedEntry
from federation.audit.record import Event
from federation.audit.words import describe

__all__ = ["html_page", "text_page"]

_TITLES: Final = {
    About.MATCH: "Evidence about one match",
    About.LETTER: "Evidence about one letter",
    About.PERIOD: "Evidence about a period",
}

_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    "dt{font-weight:bold}dd{margin:0 0 .5em 1.5em}code{overflow-wrap:anywhere}"
)


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading and what stands under it."""

    title: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    """(line, further lines that belong to it)."""


def text_page(checked: Checked) -> str:
    """Write the page as plain text.

    Args:
        checked: A bundle that holds.
    """
    title = _title(checked)
    parts = [title, "=" * len(title), ""]
    for section in _sections(checked):
        parts += [section.title, "-" * len(section.title)]
        for line, details in section.lines:
            parts += [line, *(f"    {one}" for one in details)]
        parts.append("")
    return "\n".join(parts)


def html_page(checked: Checked) -> str:
    """Write the page as one HTML file that loads nothing and runs nothing.

    Args:
        checked: A bundle that holds.
    """
    title = escape(_title(checked))
    body = [f"<h1>{title}</h1>"]
    for section in _sections(checked):
        body.append(f"<h2>{escape(section.title)}</h2>\n<dl>")
        for line, details in section.lines:
            body.append(f"<dt>{escape(line)}</dt>")
            body += [f"<dd>{escape(one)}</dd>" for one in details]
        body.append("</dl>")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _title(checked: Checked) -> str:
    bundle = checked.bundle
    return f"{_TITLES[bundle.about]} from the record of {checked.name_of(bundle.member)}"


def _sections(checked: Checked) -> Iterator[_Section]:
    bundle = checked.bundle
    since = "" if bundle.since is None else f", from {bundle.since:%Y-%m-%d %H:%M} UTC on"
    shown = [one for one in checked.entries if one.record.event is not Event.PADDING]
    yield _Section(
        "What this is",
        (
            (f"{len(shown)} entries that say something{since}", ()),
            (f"put together on {bundle.made:%Y-%m-%d %H:%M} UTC by {bundle.member}", ()),
            (f"federation: {checked.charter.name}", ()),
            ("It holds no case content: entries name cases and matches by commitments.", ()),
        ),
    )
    yield _Section("Who did what", tuple(_entry(checked, one) for one in shown))
    yield _Section("Under which agreements", tuple(_agreements(checked)))
    yield _Section("Which signed documents belong to it", tuple(_documents(checked)))
    yield _Section(
        "What was checked",
        tuple((f"({step.number}) {step.says}", ()) for step in checked.steps),
    )
    yield _Section("How to check it yourself", tuple((line, ()) for line in _how(checked)))


def _entry(checked: Checked, one: CheckedEntry) -> tuple[str, tuple[str, ...]]:
    def agreement(hashed: bytes) -> str:
        known = checked.agreements.get(hashed)
        short = hashed.hex()[:12]
        return short if known is None else f"{known[0].title!r} ({short})"

    record = one.record
    sentence = describe(
        record, checked.bundle.member, name_of=checked.name_of, agreement_of=agreement
    )
    details = [f"entry {one.index} of log {one.generation}"]
    details += [f"signed document: {_document(checked, hashed)}" for hashed in record.documents]
    for position, reference in enumerate(record.references):
        meaning = one.opened.get(position)
        said = "not opened" if meaning is None else _readable(meaning)
        details.append(f"{reference.name}: {said}")
    return f"{record.at:%Y-%m-%d %H:%M} UTC: {sentence}", tuple(details)


def _document(checked: Checked, hashed: bytes) -> str:
    known = checked.enclosed.get(hashed)
    return hashed.hex()[:12] if known is None else f"{known.type} {hashed.hex()[:12]}"


def _agreements(checked: Checked) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not checked.agreements:
        yield "none is enclosed", ()
    for hashed, (terms, signers) in checked.agreements.items():
        yield (
            f"{terms.title} ({hashed.hex()[:12]})",
            (
                f"between {', '.join(map(checked.name_of, terms.parties))}",
                f"signed by {', '.join(sorted(signers))}",
                f"valid from {terms.valid_from:%Y-%m-%d} to {terms.valid_until:%Y-%m-%d}",
                f"legal basis: {terms.legal_basis}",
                f"purposes: {', '.join(one.value.replace('_', ' ') for one in terms.purposes)}",
                f"lanes: {', '.join(lane.value for lane in terms.lanes)}",
                f"kinds of indicators: {', '.join(kind.value for kind in terms.kinds)}",
            ),
        )


def _documents(checked: Checked) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not checked.enclosed:
        yield "none is enclosed", ()
    for hashed, one in checked.enclosed.items():
        details = [f"hash {hashed.hex()}"]
        if one.signers:
            details.append(f"signed by {', '.join(map(checked.name_of, one.signers))}")
        if one.receipt is not None:
            details.append(
                f"from {checked.name_of(one.receipt.sender)} to "
                f"{checked.name_of(one.receipt.recipient)}, who signed for it on "
                f"{one.receipt.received:%Y-%m-%d %H:%M} UTC"
            )
        if one.content is None:
            details.append("its content is not shown here")
        else:
            # Names of fields, not what stands in them: that is in the file for who needs it.
            details.append(f"says: {', '.join(sorted(one.content))}")
        yield one.type, tuple(details)


def _how(checked: Checked) -> Iterator[str]:
    yield "Install casethread on any machine; it needs no node, no key and no network for this."
    yield "Then: casethread audit verify FILE.json"
    yield (
        "Ask a member whom you trust for the hash of its charter; it should be "
        f"{checked.charter_digest.hex()}"
    )
    yield "The format is written down (proto/spec/audit-log.md); other programs can check it too."
    yield "What is here is proved. That nothing else happened is not, unless it is a whole period."


def _readable(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()

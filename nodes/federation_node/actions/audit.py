# SPDX-License-Identifier: Apache-2.0
"""The record: reading it, checking it, taking evidence out of it, and who watches over it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from federation.agreements import Terms
from federation.audit import Event
from federation.audit.bundle import Bundle
from federation.audit.checked import Checked
from federation.audit.page import html_page, text_page
from federation.audit.verify import verify_bundle
from federation.audit.words import describe
from federation.charter.words import eight_words
from federation.errors import InputError
from federation.member import StaffAction
from federation.member.evidence import Selection
from federation.member.witnessing import witnesses_of
from federation.storage import Entry
from federation_node.actions import matches
from federation_node.actions.roles import action
from federation_node.context import NodeContext
from federation_node.files import read_limited, write_new

__all__ = [
    "Line",
    "begin_anew",
    "document",
    "export",
    "listed",
    "members",
    "verify_file",
    "verify_own",
    "watched",
    "words_of",
]

_ID_SIZE = 16
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, for people."""

    index: int
    at: datetime
    event: Event
    says: str
    fields: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {"index": self.index, "says": self.says, "record": self.fields}


@action(StaffAction.AUDIT_LIST)
def listed(
    context: NodeContext,
    *,
    events: Iterable[Event] = (),
    member: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> list[Line]:
    """List entries in words, the newest last; padding is left out unless it is asked for.

    Args:
        context: the node.
        events: only these; all without.
        member: only those with or by this member.
        since: only those from a time on.
        limit: at most so many, the newest ones.

    Returns:
        The entries.
    """
    wanted = tuple(events) or tuple(event for event in Event if event is not Event.PADDING)
    found: list[Line] = []
    names = context.member_names
    with context.store.read() as tx:
        titles = {one.hash: Terms.from_envelope(one.terms).title for one in tx.agreements.list()}
        before = tx.audit.size()
        while before > 0 and len(found) < limit:
            start = max(0, before - _PAGE)
            page = tx.audit.entries(start, before - start, wanted)
            for entry in reversed([one for one in page if one.index < before]):
                line = _line(context.member.id, entry, names, titles)
                if _fits(line, member, since) and len(found) < limit:
                    found.append(line)
            over = since is not None and page and page[-1].record.at < since
            before = 0 if over else start
    return found[::-1]


@action(StaffAction.AUDIT_LIST)
def members(context: NodeContext) -> dict[str, str]:
    """Return the members that entries may be about.

    Args:
        context: the node.

    Returns:
        Name by member id.
    """
    return context.member_names


@action(StaffAction.AUDIT_VERIFY)
def verify_own(context: NodeContext, progress: Callable[[int], None] | None = None) -> int:
    """Check every entry of the own record against the checkpoints.

    Args:
        context: the node.
        progress: told how many entries are checked.

    Returns:
        How many entries there are.

    Raises:
        VerifyError: something was changed, removed, moved or cut off; says what and where.
    """
    return context.member.record.check(progress)


def verify_file(path: Path, *, charter: str | None = None, witnesses: int = 0) -> Checked:
    """Check an evidence bundle; it takes no node, no key and no network.

    Args:
        path: the file.
        charter: hash of a charter that the reader trusts, 64 hex digits.
        witnesses: how many members must have cosigned.

    Returns:
        What it proves.

    Raises:
        VerifyError: something does not hold; says what and where.
        MalformedError: it is no bundle.
        ConfigurationError: the file cannot be read.
    """
    trusted = None if charter is None else _hash(charter)
    return verify_bundle(read_limited(path, Bundle.LIMIT), trusted=trusted, witnesses=witnesses)


@action(StaffAction.AUDIT_EXPORT)
def export(
    context: NodeContext,
    out: Path,
    *,
    match: str | None = None,
    letter: str | None = None,
    since: datetime | None = None,
    reveal: bool = False,
) -> dict[str, Any]:
    """Write an evidence bundle, and the page about it beside it as text and as HTML.

    Args:
        context: the node.
        out: the file to write; the pages have its name with ``.txt`` and ``.html``.
        match: the beginning of a match's id.
        letter: a letter's id.
        since: every entry from a time on.
        reveal: say what references mean, and show letters with content.

    Returns:
        What was written.

    Raises:
        InputError: there is no such thing, or no checkpoint covers it yet.
        ConfigurationError: a file exists or cannot be written.
    """
    files = (out, out.with_suffix(".txt"), out.with_suffix(".html"))
    if len(set(files)) < len(files) or any(path.exists() for path in files):
        raise InputError(
            "one of the files exists, or has no name of its own",
            next_step=f"name a new file, such as --out {out.stem}-2.json",
        )
    chosen = Selection(
        match=None if match is None else _match(context, match),
        letter=None if letter is None else _id(letter),
        since=since,
    )
    exported = context.member.record.export(chosen, reveal=reveal, by=context.by)
    checked = verify_bundle(exported.bundle)
    pages = text_page(checked).encode(), html_page(checked).encode()
    for path, content in zip(files, (exported.bundle, *pages), strict=True):
        write_new(path, content)
    return {
        "files": [str(path) for path in files],
        "entries": exported.entries,
        "left_out": exported.left_out,
        "next_checkpoint": context.member.record.next_checkpoint().isoformat(),
    }


@action(StaffAction.AUDIT_WITNESSES)
def watched(context: NodeContext) -> dict[str, Any]:
    """Say who watches over the own record, and what was seen of the records of others.

    Args:
        context: the node.

    Returns:
        One object; nothing in it identifies a case.
    """
    charter = context.member.require_charter()
    with context.store.read() as tx:
        logs, latest = tx.audit.logs(), tx.checkpoints.latest()
        seen = {} if latest is None else tx.checkpoints.seen_by(latest.generation)
        others = tx.witnessed.list()
        evidence = tx.witnessed.evidence()
    return {
        "entries": logs[-1].end if logs else 0,
        "generation": logs[-1].generation if logs else 0,
        "checkpoint": None
        if latest is None
        else {
            "generation": latest.generation,
            "size": latest.size,
            "due": latest.slot.isoformat(),
        },
        "next_checkpoint": context.member.record.next_checkpoint().isoformat(),
        "witnesses": [
            {
                "member": one.id,
                "size": seen[one.id][0] if one.id in seen else None,
                "time": seen[one.id][1].isoformat() if one.id in seen else None,
                "current": latest is not None and seen.get(one.id, (0,))[0] == latest.size,
            }
            for one in witnesses_of(charter, context.member.id)
        ],
        "watching": [
            {
                "member": one.member,
                "generation": one.checkpoint.origin.generation,
                "size": one.checkpoint.size,
                "time": one.time.isoformat(),
            }
            for one in others
        ],
        "evidence": [
            {
                "member": one.member,
                "finding": one.finding.value,
                "time": one.time.isoformat(),
                "held": one.held.decode(),
                "shown": one.shown.decode(),
            }
            for one in evidence
        ],
    }


@action(StaffAction.AUDIT_BEGIN_ANEW)
def begin_anew(context: NodeContext) -> int:
    """Begin a new log after entries were lost; witnesses are told by the next checkpoint.

    Args:
        context: the node.

    Returns:
        Its generation.
    """
    return context.member.record.begin_anew(context.by)


def words_of(checked: Checked) -> tuple[str, ...]:
    """Return the eight words of the newest charter in a bundle, as 'federation show' has them.

    Args:
        checked: a bundle that holds.
    """
    return tuple(eight_words(checked.charter.to_bytes()))


def document(checked: Checked) -> dict[str, Any]:
    """Put what a bundle proves into one object for programs.

    Args:
        checked: a bundle that holds.
    """
    return {
        "member": checked.bundle.member,
        "about": checked.bundle.about.value,
        "charter": {
            "federation": checked.charter.name,
            "version": checked.charter.version,
            "digest": checked.charter_digest.hex(),
            "words": list(words_of(checked)),
        },
        "witnesses": {
            str(log.checkpoint.origin.generation): sorted(log.witnesses) for log in checked.logs
        },
        "steps": [{"step": step.number, "says": step.says} for step in checked.steps],
        "entries": [
            {
                "log": one.generation,
                "index": one.index,
                "says": describe(one.record, checked.bundle.member, name_of=checked.name_of),
                "record": one.record.model_dump(mode="json", exclude_defaults=True),
            }
            for one in checked.entries
        ],
    }


def _line(member: str, entry: Entry, names: dict[str, str], titles: dict[bytes, str]) -> Line:
    record = entry.record

    def agreement(hashed: bytes) -> str:
        short = hashed.hex()[:12]
        return f"{titles[hashed]!r} ({short})" if hashed in titles else short

    says = describe(record, member, name_of=lambda one: names.get(one, one), agreement_of=agreement)
    fields = record.model_dump(mode="json", exclude_defaults=True, exclude={"nonce"})
    return Line(entry.index, record.at, record.event, says, fields)


def _fits(line: Line, member: str | None, since: datetime | None) -> bool:
    with_member = member in {
        None,
        line.fields.get("member"),
        line.fields["actor"].removeprefix("member:"),
    }
    return with_member and (since is None or line.at >= since)


def _match(context: NodeContext, prefix: str) -> bytes:
    """Find a match by the beginning of its id; one that is gone by all of it."""
    if len(prefix) == 2 * _ID_SIZE:
        return _id(prefix)
    return bytes.fromhex(matches.find(context, prefix)[0].id)


def _id(text: str) -> bytes:
    return _hex(text, _ID_SIZE, "an id", "see 'casethread match list --json'")


def _hash(text: str) -> bytes:
    step = "'casethread federation show --json' prints it as digest"
    return _hex(text, 32, "the hash of a charter", step)


def _hex(text: str, size: int, what: str, next_step: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != size:
        raise InputError(f"{what} has {2 * size} hex digits", next_step=next_step)
    return raw

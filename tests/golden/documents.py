# SPDX-License-Identifier: Apache-2.0
"""The documents that stand in the published vectors."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from federation.crypto import dsse
from federation.documents import Document
from federation.errors import MalformedError

__all__ = ["DOCUMENTS", "Found", "at", "find", "payload_of"]

VECTORS: Final = Path(__file__).parent.parent / "vectors"
_FILES: Final = ("agreement.json", "charter.json", "evaluation.json")
_LIMIT: Final = 8 * 1024 * 1024


def _below(cls: type[Document]) -> Iterator[type[Document]]:
    for child in cls.__subclasses__():
        yield child
        yield from _below(child)


DOCUMENTS: Final = {
    cls.TYPE: cls
    for cls in _below(Document)
    if cls.__module__.startswith("federation.") and hasattr(cls, "TYPE")
}
"""Every kind of document, by payload type."""


@dataclass(frozen=True)
class Found:
    """One document in a file of vectors."""

    type: str
    file: str
    at: str
    """A JSON pointer (RFC 6901)."""
    text: str
    """An envelope, or a bare payload."""


def find() -> list[Found]:
    """Find every envelope, and every payload that stands beside its type; none that is refused."""
    return [
        found
        for name in _FILES
        for found in _walk(json.loads((VECTORS / name).read_text(encoding="utf-8")), name, "")
    ]


def at(file: str, pointer: str) -> str:
    """Return the text at a JSON pointer of a file of vectors."""
    value = json.loads((VECTORS / file).read_text(encoding="utf-8"))
    for step in pointer.split("/")[1:]:
        value = value[int(step) if isinstance(value, list) else step]
    assert isinstance(value, str)
    return value


def payload_of(text: str) -> bytes:
    """Return the payload of an envelope, or the bare payload."""
    try:
        return dsse.decode(text.encode(), _LIMIT).payload
    except MalformedError:
        return text.encode()


def _walk(value: Any, file: str, place: str) -> Iterator[Found]:
    if isinstance(value, dict):
        if set(value) >= {"type", "payload"}:
            yield Found(value["type"], file, f"{place}/payload", value["payload"])
        for name, one in value.items():
            if not name.startswith("refused"):
                yield from _walk(one, file, f"{place}/{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _walk(one, file, f"{place}/{number}")
    elif isinstance(value, str):
        try:
            opened = dsse.decode(value.encode(), _LIMIT)
        except MalformedError:
            return
        yield Found(opened.payload_type, file, place, value)

# SPDX-License-Identifier: Apache-2.0
"""The documents, and the signed headers of messages, that stand in the published vectors."""

import json
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import federation
from federation.crypto import dsse
from federation.documents import Document
from federation.errors import MalformedError

__all__ = ["DOCUMENTS", "HEADERS", "Found", "at", "find", "payload_of"]

VECTORS: Final = Path(__file__).parent.parent / "vectors"
_FILES: Final = (
    "agreement.json",
    "audit.json",
    "charter.json",
    "disclosure.json",
    "evaluation.json",
    "letters.json",
    "referral.json",
)
_LIMIT: Final = 8 * 1024 * 1024

HEADERS: Final = {"ct/v1/request": "requests", "ct/v1/reply": "replies"}
"""What is signed as protobuf: where `transport.json` has it, by what it is signed as."""


# A document is known once its module is loaded. Migrations run inside Alembic only.
for _module in pkgutil.walk_packages(federation.__path__, "federation."):
    if not _module.name.startswith(("federation.v1.", "federation.storage.migrations.")):
        import_module(_module.name)


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
    """An envelope, a bare payload, or a header in hexadecimal."""


def find() -> list[Found]:
    """Find every envelope, every payload that stands beside its type, and every valid header."""
    headers = _read("transport.json")
    return [
        *(found for name in _FILES for found in _walk(_read(name), name, "")),
        *(
            Found(kind, "transport.json", f"/{place}/{number}/signed", vector["signed"])
            for kind, place in HEADERS.items()
            for number, vector in enumerate(headers[place])
            if vector["result"] == "valid"
        ),
    ]


def at(file: str, pointer: str) -> str:
    """Return the text at a JSON pointer of a file of vectors."""
    value = _read(file)
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


def _read(file: str) -> Any:
    return json.loads((VECTORS / file).read_text(encoding="utf-8"))


def _walk(value: Any, file: str, place: str) -> Iterator[Found]:
    if isinstance(value, dict):
        if set(value) >= {"type", "payload"}:
            yield Found(value["type"], file, f"{place}/payload", value["payload"])
        for name, one in value.items():
            # What must be refused is nothing that a release wrote.
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

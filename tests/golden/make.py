# SPDX-License-Identifier: Apache-2.0
"""Write what this version puts on the wire and signs, for later versions to go on reading.

::

    messages.json     every message of the contract: its bytes, and what they mean
    errors.json       every error as it travels, and what it arrives as
    documents.json    where in `tests/vectors` the signed documents stand, with their SHA-256
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from federation.errors import CasethreadError
from federation.local import failures
from federation.wire import catalogue
from tests.golden.codecs import CODECS, Codec
from tests.golden.documents import DOCUMENTS, find
from tests.golden.samples import SAMPLES
from tests.golden.spelling import spell
from tests.local.test_failures import make as make_error
from tests.local.test_failures import tree

__all__ = ["write"]


def messages() -> list[dict[str, Any]]:
    """Encode the samples."""
    return [
        {"message": name, "bytes": _settled(CODECS[name], value).hex(), "says": spell(value)}
        for name, values in SAMPLES.items()
        for value in values
    ]


def _settled(codec: Codec, value: Any) -> bytes:
    """Encode, with the entries of maps in one order: protobuf writes them in any."""
    return codec.proto.FromString(codec.encode(value)).SerializeToString(deterministic=True)


def errors() -> list[dict[str, Any]]:
    """Encode every error, between members and to the own programs."""
    made = []
    for kind in tree():
        error: CasethreadError = make_error(kind)
        error.next_step = "do this"
        member = catalogue.to_status(error).SerializeToString()
        own = failures.to_status(error).SerializeToString()
        made.append(
            {
                "error": kind.__name__,
                "to_members": member.hex(),
                "arrives": type(catalogue.from_status(member, "hope")).__name__,
                "to_own_programs": own.hex(),
                "arrives_there": type(failures.from_status(own)).__name__,
            }
        )
    return made


def documents() -> list[dict[str, str]]:
    """Pin every document of the vectors; each class must have one."""
    pinned = [
        {
            "type": found.type,
            "file": found.file,
            "at": found.at,
            "sha256": hashlib.sha256(found.text.encode()).hexdigest(),
        }
        for found in find()
    ]
    if lacking := set(DOCUMENTS) - {one["type"] for one in pinned}:
        raise SystemExit(f"tests/vectors has none of: {', '.join(sorted(lacking))}")
    return pinned


def write(folder: Path) -> None:
    """Write the golden files of this version.

    Args:
        folder: Where; it is made.
    """
    folder.mkdir(parents=True)
    for name, entries in (
        ("messages", messages()),
        ("errors", errors()),
        ("documents", documents()),
    ):
        text = json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")

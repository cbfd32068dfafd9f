# SPDX-License-Identifier: Apache-2.0
"""Finds out how a text file is encoded."""

import codecs
from collections.abc import Callable
from typing import BinaryIO

from federation.errors import InputError

_CHUNK = 1 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(open_file: Callable[[], BinaryIO]) -> str:
    """Find the encoding of a text file: its byte order mark, else UTF-8, else Windows-1252.

    UTF-8 is decided over the whole file, because the first accent may stand in the last
    row. Text in another encoding is hardly ever valid UTF-8 by accident.

    Args:
        open_file: opens the file at its beginning.

    Returns:
        A Python codec name.

    Raises:
        InputError: it is none of these.
    """
    with open_file() as file:
        start = file.read(4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            check_encoding(open_file, name)
            return name
    for name in ("utf-8", "cp1252"):
        if _decodes(open_file, name):
            return name
    raise InputError(
        "the file is neither UTF-8 nor Windows-1252 text",
        next_step="save it again as 'CSV UTF-8', or name the encoding in the mapping",
    )


def has_mark(open_file: Callable[[], BinaryIO]) -> bool:
    """Whether a file begins with a byte order mark.

    Args:
        open_file: opens the file at its beginning.
    """
    with open_file() as file:
        start = file.read(4)
    return any(start.startswith(mark) for mark, _ in _MARKS)


def check_encoding(open_file: Callable[[], BinaryIO], name: str) -> None:
    """Check that a whole file decodes.

    Args:
        open_file: opens the file at its beginning.
        name: Python codec name.

    Raises:
        InputError: the codec is unknown, or the file is not in it.
    """
    try:
        # Codecs such as "rot13" or "zip" do not decode text from bytes.
        known = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 # the only way to ask
    except LookupError:
        known = False
    if not known:
        raise InputError("the mapping names an unknown encoding")
    if not _decodes(open_file, name):
        raise InputError(
            f"the file is not {name} text throughout",
            next_step="save it again as 'CSV UTF-8', or correct the encoding in the mapping",
        )


def _decodes(open_file: Callable[[], BinaryIO], name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with open_file() as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True

# SPDX-License-Identifier: Apache-2.0
"""What stands in the cells of a workbook, as text."""

import re
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from federation.errors import InputError
from federation_node.intake.rows import Limits, fault_of
from federation_node.intake.xlsx_package import Attributes, Package

EXACT_DIGITS: Final = 15
"""Spreadsheet programs keep so many digits of a number; the rest become zeros."""

FORMULA_FAULT: Final = "a formula without a result; replace it by its value"
ERROR_FAULT: Final = "an error of the spreadsheet program, such as #REF!"
DATE_FAULT: Final = "a date or time; if it should be text, format the column as text first"
DIGITS_FAULT: Final = f"a number of more than {EXACT_DIGITS} digits, whose end is lost; enter text"
BROKEN_FAULT: Final = "not readable"

_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LONGEST_NUMBER: Final = 40
_LAST_DAY: Final = 2_958_466
_LOTUS: Final = (1899, 12, 30)
"""The day before the first, so that days after February 1900 count right: Excel inherited a 29
February 1900 from Lotus."""
_MACINTOSH: Final = (1904, 1, 1)


class Texts:
    """The table of texts, packed: a million small strings would take ten times the room."""

    def __init__(self, package: Package, part: str | None, limits: Limits) -> None:
        """Read the table.

        Args:
            package: the workbook.
            part: where it is; None for an empty table.
            limits: what the import accepts.

        Raises:
            InputError: it is too large, or damaged.
        """
        self._bytes = bytearray()
        self._ends = array("Q", [0])
        if part is not None:
            for text in _read(package, part, limits):
                self._bytes += text.encode("utf-8", "surrogatepass")
                self._ends.append(len(self._bytes))
                if len(self._bytes) > limits.max_texts:
                    raise InputError(
                        "the workbook holds too much text", next_step="import it in parts"
                    )

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(number)
        start, end = self._ends[number], self._ends[number + 1]
        return self._bytes[start:end].decode("utf-8", "surrogatepass")


def _read(package: Package, part: str, limits: Limits) -> Iterator[str]:
    done: list[str] = []
    collect = Collector(limits.max_cell)

    def end(tag: str) -> None:
        if tag == "si":
            done.append(collect.take())
        collect.end(tag)

    for _ in package.parse(part, collect.start, end, collect.text):
        yield from done
        done.clear()


class Collector:
    """Collects the text of an element: all ``t`` in it but for readings (``rPh``)."""

    __slots__ = ("_inside", "_length", "_longest", "_pieces", "_reading")

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._pieces: list[str] = []
        self._length = 0
        self._inside = False
        self._reading = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Note a start tag."""
        del attributes
        if tag == "rPh":
            self._reading = True
        self._inside = tag in {"t", "v"} and not self._reading

    def end(self, tag: str) -> None:
        """Note an end tag."""
        if tag == "rPh":
            self._reading = False
        self._inside = False

    def text(self, piece: str) -> None:
        """Take a piece of text, up to one character more than is accepted."""
        if self._inside and self._length <= self._longest:
            self._pieces.append(piece[: self._longest + 1 - self._length])
            self._length += len(self._pieces[-1])

    def take(self) -> str:
        """Return what was collected, and begin anew."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return _ESCAPE.sub(_unescaped, text) if "_x" in text else text


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    # Half a surrogate pair is no character.
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


class CellReader:
    """Turns what stands in a cell into text, with a fault where it cannot be trusted."""

    def __init__(self, package: Package, limits: Limits) -> None:
        """Read the table of texts.

        Args:
            package: the workbook.
            limits: what the import accepts.
        """
        parts = package.parts
        self._limits = limits
        self._texts = Texts(package, parts.texts, limits)
        self._dates = parts.date_styles
        self._day_zero = datetime(*(_MACINTOSH if parts.from_1904 else _LOTUS), tzinfo=UTC)

    def read(
        self, kind: str, style: str, content: str, *, formula: bool, value: bool
    ) -> tuple[str, str | None]:
        """Return the text of a cell, and why it cannot be trusted or None.

        A formula is never calculated: what its program found the last time is taken.

        Args:
            kind: the cell's type (ECMA-376-1, 18.18.11).
            style: the number of its style, or "".
            content: its value as it stands in the file.
            formula: it has a formula.
            value: it has a value, perhaps an empty one.
        """
        if formula and not (content or (value and kind == "str")):
            return "", FORMULA_FAULT
        if not content:
            return "", None
        match kind:
            case "inlineStr" | "str":
                return content, fault_of(content, self._limits)
            case "s":
                return self._shared(content)
            case "b":
                return ("TRUE" if content == "1" else "FALSE"), None
            case "e":
                return "", ERROR_FAULT
            case "d":
                return content, DATE_FAULT
            case "n":
                return self._number(content, style)
        return "", BROKEN_FAULT

    def _shared(self, content: str) -> tuple[str, str | None]:
        try:
            text = self._texts[int(content)]
        except (ValueError, IndexError):
            return "", BROKEN_FAULT
        return text, fault_of(text, self._limits)

    def _number(self, content: str, style: str) -> tuple[str, str | None]:
        try:
            if len(content) > _LONGEST_NUMBER:
                return "", BROKEN_FAULT
            number = float(content)
            dated = style.isdigit() and int(style) in self._dates
        except ValueError:
            return "", BROKEN_FAULT
        if dated:
            return self._date(number), DATE_FAULT
        if number.is_integer():
            # Written as "5.2155E+11" or "521.0" it is the same whole number.
            text = str(int(content)) if content.isdigit() else str(int(number))
            return text, DIGITS_FAULT if abs(number) >= 10**EXACT_DIGITS else None
        if number - number != 0:
            return "", BROKEN_FAULT
        return repr(number), None

    def _date(self, days: float) -> str:
        if not 0 <= days < _LAST_DAY:
            return ""
        at = self._day_zero + timedelta(seconds=round(days * 86_400))
        return f"{at:%Y-%m-%d}" if days.is_integer() else f"{at:%Y-%m-%d %H:%M:%S}"

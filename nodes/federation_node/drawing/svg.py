# SPDX-License-Identifier: Apache-2.0
"""The drawing of a thread as SVG."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from federation.member import Edge, Share, Thread
from federation_node.drawing.plan import MARGIN, PADDING, ROW, Box, Line, Plan, plan
from federation_node.drawing.text import EM, attribute, isolated, printable, width

__all__ = ["draw"]

_DASHES: Final = ' stroke-dasharray="5 4"'
_STYLES: Final = {
    "case": 'fill="#eaf2fb" stroke="#22507a"',
    "edge": 'fill="#ffffff" stroke="#444444"',
    "member": 'fill="#fdf1dc" stroke="#7a4d0b"',
}
_HEAD: Final = 30.0
_LEGEND: Final = (
    ("solid", "ties cases alone"),
    ("dashed", "weak: counts only together with something else"),
)


def draw(
    thread: Thread,
    *,
    title: str,
    notes: Sequence[str],
    word: Callable[[Edge], str],
    share: Callable[[Share], list[str]],
) -> str:
    """Draw a thread.

    Args:
        thread: the thread.
        title: stands above it.
        notes: lines below it.
        word: says what an edge is.
        share: says who a member is and how much it has in common, line by line.

    Returns:
        An SVG document.
    """
    made = plan(thread, word, share)
    below = [printable(note) for note in notes]
    title = printable(title)
    across = max([made.width, width(title) * 1.2, *map(width, below), 460.0]) + 2 * MARGIN
    top = MARGIN + _HEAD
    foot = top + made.height + MARGIN
    told = foot + ROW * (len(_LEGEND) + 0.5)
    down = told + ROW * len(below) + MARGIN
    shift = (across - made.width) / 2
    size = f"{across:.0f}", f"{down:.0f}"
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}" role="img" aria-label={attribute(title)} '
        f'font-family="sans-serif" font-size="{EM:.0f}" fill="#111111">'
    )
    heading = f'<text x="{MARGIN:.1f}" y="{MARGIN + EM:.1f}" font-size="16" font-weight="bold">'
    parts = [
        opening,
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f"{heading}{escape(title)}</text>",
        f'<g transform="translate({shift:.1f} {top:.1f})">',
        *_lines(made),
        *_boxes(made),
        "</g>",
        *_legend(foot),
        *(_text(MARGIN, told + ROW * number + EM, note) for number, note in enumerate(below)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines(made: Plan) -> Iterator[str]:
    yield '<g fill="none" stroke="#777777" stroke-width="1.5">'
    yield from map(_line, made.lines)
    yield "</g>"


def _line(line: Line) -> str:
    x1, x2 = line.start.x + line.start.width, line.end.x
    bend = (x1 + x2) / 2
    dashes = _DASHES if line.weak else ""
    return (
        f'<path d="M{x1:.1f} {line.start.middle:.1f}C{bend:.1f} {line.start.middle:.1f} '
        f'{bend:.1f} {line.end.middle:.1f} {x2:.1f} {line.end.middle:.1f}"{dashes}/>'
    )


def _boxes(made: Plan) -> Iterator[str]:
    for name, column in zip(_STYLES, made.columns, strict=True):
        for box in column:
            yield from _box(box, name)


def _box(box: Box, name: str) -> Iterator[str]:
    rounded = box.height / 2 if name == "edge" else 4
    dashes = _DASHES if box.weak else ""
    yield f'<g class="{name}"><title>{escape(box.full)}</title>'
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="{rounded:.1f}" {_STYLES[name]}{dashes}/>'
    )
    for number, row in enumerate(box.rows):
        y = box.y + PADDING + number * ROW + ROW / 2 + EM * 0.35
        for place, cell in enumerate(row):
            # In the middle of its cell, so that the direction of the text does not matter.
            x = box.x + PADDING + (place + 0.5) * box.cell
            bold = ' font-weight="bold"' if name == "member" and number == 0 else ""
            yield (
                f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle"{bold}>'
                f"{escape(isolated(cell))}</text>"
            )
    yield "</g>"


def _legend(top: float) -> Iterator[str]:
    for number, (name, meaning) in enumerate(_LEGEND):
        y = top + number * ROW + ROW / 2
        dashes = _DASHES if name == "dashed" else ""
        yield (f'<path d="M{MARGIN:.1f} {y:.1f}h34" stroke="#777777" stroke-width="1.5"{dashes}/>')
        yield _text(MARGIN + 44, y + EM * 0.35, meaning)


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'

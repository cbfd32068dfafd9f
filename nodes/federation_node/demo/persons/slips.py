# SPDX-License-Identifier: Apache-2.0
"""How a name is misheard and mistyped: by a listener's language, and by anybody's fingers.

The changes are written down from how speakers of a language spell foreign names by ear. They
share nothing with how a node folds names: some of them a node undoes, others it cannot.
"""

import random

HEARD: dict[str, tuple[tuple[str, str], ...]] = {
    "english": (
        ("ie", "y"), ("i", "ee"), ("u", "oo"), ("c", "k"), ("k", "c"), ("ai", "ay"), ("ei", "ay"),
        ("y", "i"), ("ou", "ow"), ("f", "ph"), ("z", "s"), ("a", "ah"), ("e", "a"), ("ll", "l"),
        ("n", "nn"), ("kh", "h"), ("o", "oh"), ("s", "ss"),
    ),
    "spanish": (
        ("v", "b"), ("b", "v"), ("z", "s"), ("ph", "f"), ("sh", "ch"), ("y", "ll"), ("k", "qu"),
        ("j", "y"), ("w", "gu"), ("th", "t"), ("kh", "j"), ("h", "j"), ("oo", "u"), ("ee", "i"),
        ("x", "j"), ("ss", "s"), ("tt", "t"), ("nn", "n"), ("m", "n"), ("e", "i"), ("o", "u"),
    ),
    "german": (
        ("sh", "sch"), ("ch", "tsch"), ("v", "w"), ("w", "v"), ("y", "j"), ("j", "dsch"),
        ("z", "s"), ("c", "k"), ("u", "uh"), ("ee", "ie"), ("oo", "u"), ("ei", "ai"), ("d", "t"),
        ("g", "k"), ("b", "p"), ("kh", "ch"), ("e", "ä"),
    ),
}  # fmt: skip
"""What a listener writes for what was said, by the listener's language."""

_NEIGHBOURS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def mishear(rng: random.Random, name: str, listener: str) -> str:
    """Replace one sound of a Latin name by what a listener writes for it."""
    fitting = [(old, new) for old, new in HEARD[listener] if old in name.lower()]
    if not fitting:
        return name
    old, new = rng.choice(fitting)
    at = rng.choice([i for i in range(len(name)) if name.lower().startswith(old, i)])
    written = name[:at] + new + name[at + len(old) :]
    return written.capitalize() if name[:1].isupper() else written


def mistype(rng: random.Random, text: str) -> str:
    """Leave out, double, exchange or miss one character."""
    if len(text) < 3:
        return text
    at = rng.randrange(1, len(text) - 1)
    match rng.randrange(4):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + text[at] + text[at:]
        case 2:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        case _:
            return text[:at] + _beside(rng, text[at]) + text[at + 1 :]


def _beside(rng: random.Random, character: str) -> str:
    """Return a key beside the one that was meant; a sign of another script stays."""
    for row in _NEIGHBOURS:
        at = row.find(character.lower())
        if at >= 0:
            return rng.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
    return character

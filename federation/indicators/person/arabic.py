# SPDX-License-Identifier: Apache-2.0
"""Names in Arabic script, which leaves out short vowels and joins the article.

The letters follow the Latin ones that BGN/PCGN 1956 and common use share, without marks. What
is not written cannot be restored: names meet their Latin spellings by their consonants.
"""

import re
from typing import Final

_LETTERS: Final = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ى": "a", "ء": "", "ئ": "", "ؤ": "",
    "ب": "b", "پ": "p", "ت": "t", "ة": "a", "ث": "th", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh",
    "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "d",
    "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ڤ": "v", "ق": "q", "ک": "k", "ك": "k",
    "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ھ": "h", "ہ": "h", "و": "u", "ي": "i",
    "ی": "i", "ے": "e", "ں": "n", "ٹ": "t", "ڈ": "d", "ڑ": "r", "ڭ": "ng",
}  # fmt: skip
_MARKS: Final = re.compile("[\u0640\u064b-\u065f\u0670]")  # stretching, short vowels, doubling
_WORD: Final = re.compile("[\u0620-\u063f\u0641-\u064a\u0671-\u06d5]+")
_INITIAL: Final = {"و": "w", "ي": "y", "ی": "y"}
_SERVANT: Final = "عبدال"  # the servant of; what follows is a name of its own
_ARTICLE: Final = "ال"
_WHOLE: Final = {"الله": "allah", "عبدالله": "abdallah"}


def romanise_arabic(text: str) -> str:
    """Return a text with its words in Arabic script in Latin letters.

    The article at the beginning of a word is dropped; `abd al-` becomes a word of its own.

    Args:
        text: Any text, NFKC.

    Returns:
        The text; other scripts are left as they are.
    """
    return _WORD.sub(_romanise_word, _MARKS.sub("", text))


def _romanise_word(found: re.Match[str]) -> str:
    word = found[0]
    if word in _WHOLE:
        return _WHOLE[word]
    if word.startswith(_SERVANT) and len(word) > len(_SERVANT) + 1:
        return "abd " + _spell(word.removeprefix(_SERVANT))
    if word.startswith(_ARTICLE) and len(word) > len(_ARTICLE) + 1:
        word = word.removeprefix(_ARTICLE)
    return _spell(word)


def _spell(word: str) -> str:
    first = _INITIAL.get(word[0], _LETTERS.get(word[0], ""))
    return first + "".join(_LETTERS.get(letter, "") for letter in word[1:])

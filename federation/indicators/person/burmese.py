# SPDX-License-Identifier: Apache-2.0
"""Names in Burmese script, syllable by syllable.

Consonants, medials and rhymes after BGN/PCGN 1970 (the agreement on Burmese), in the plain
letters that Burmese people use for their own names: Aung, Kyaw, Myint, Thein.
"""

import re
from typing import Final

_CONSONANTS: Final = {
    "က": "k", "ခ": "kh", "ဂ": "g", "ဃ": "g", "င": "ng", "စ": "s", "ဆ": "hs", "ဇ": "z", "ဈ": "z",
    "ဉ": "ny", "ည": "ny", "ဋ": "t", "ဌ": "ht", "ဍ": "d", "ဎ": "d", "ဏ": "n", "တ": "t", "ထ": "ht",
    "ဒ": "d", "ဓ": "d", "န": "n", "ပ": "p", "ဖ": "ph", "ဗ": "b", "ဘ": "b", "မ": "m", "ယ": "y",
    "ရ": "y", "လ": "l", "ဝ": "w", "သ": "th", "ဟ": "h", "ဠ": "l", "အ": "", "ဿ": "th",
    "ဥ": "u", "ဦ": "u", "ဧ": "e", "ဩ": "aw", "ဪ": "aw", "ဤ": "i", "ဣ": "i",
}  # fmt: skip
_VOWELS: Final = frozenset("ဥဦဧဩဪဤဣ")
_MEDIALS: Final = {"ျ": "y", "ြ": "y", "ွ": "w", "ှ": "h"}
# The vowel signs of a syllable, then the consonant that is killed at its end, and the rhyme.
_RHYMES: Final = {
    "": "a", "ာ": "a", "ါ": "a", "ိ": "i", "ီ": "i", "ု": "u", "ူ": "u", "ေ": "ay", "ဲ": "e",
    "ော": "aw", "ေါ": "aw", "ော်": "aw", "ေါ်": "aw", "ို": "o", "ံ": "an", "ုံ": "on", "ိံ": "ein",
    "က်": "et", "င်": "in", "စ်": "it", "ည်": "i", "ဉ်": "in", "ဋ်": "at", "ဏ်": "an", "တ်": "at",
    "န်": "an", "ပ်": "at", "မ်": "an", "ယ်": "e", "ိတ်": "eik", "ိန်": "ein", "ိပ်": "eik",
    "ိမ်": "ein", "ုတ်": "ok", "ုန်": "on", "ုပ်": "ok", "ုမ်": "on", "ောက်": "auk", "ေါက်": "auk",
    "ောင်": "aung", "ေါင်": "aung", "ိုက်": "aik", "ိုင်": "aing", "ဋ္ဌ်": "at", "ဒ်": "at",
    "ုဋ်": "ut", "သ်": "at", "လ်": "e", "ရ်": "a", "ဂ်": "et", "ွတ်": "ut", "ွန်": "un", "ွမ်": "un",
}  # fmt: skip
_TONES: Final = re.compile("[\u1037\u1038]")
_SYLLABLE: Final = re.compile(
    "(?P<initial>[\u1000-\u102a\u103f])(?P<medials>[\u103b-\u103e]*)"
    "(?P<rhyme>[\u102b-\u1036]*(?:\u103a|(?:[\u1000-\u1021]\u1039?\u103a))?)"
)
_RUN: Final = re.compile("[\u1000-\u109f]+")
_STACKED: Final = "\u1039"


def romanise_burmese(text: str) -> str:
    """Return a text with its Burmese syllables in Latin letters, one word each.

    Args:
        text: Any text, NFKC.

    Returns:
        The text; other scripts are left as they are.
    """
    return _RUN.sub(lambda found: f" {_romanise(found[0])} ", text)


def _romanise(run: str) -> str:
    # A consonant that stands on another closes the syllable before it.
    plain = _TONES.sub("", run).replace(_STACKED, "\u103a")
    syllables = (_spell(found) for found in _SYLLABLE.finditer(plain))
    return " ".join(syllable for syllable in syllables if syllable)


def _spell(found: re.Match[str]) -> str:
    initial = _CONSONANTS.get(found["initial"], "")
    if found["initial"] in _VOWELS:
        return initial
    medials, rhyme = found["medials"], found["rhyme"]
    if "ွ" in medials and "ွ" + rhyme in _RHYMES:
        medials, rhyme = medials.replace("ွ", ""), "ွ" + rhyme
    spelled = [_MEDIALS[medial] for medial in medials]
    if "h" in spelled:
        spelled.remove("h")
        initial = "sh" if initial == "y" else "h" + initial
    if initial in {"y", "sh"} and "y" in spelled:
        spelled.remove("y")
    vowel = _RHYMES.get(rhyme)
    if vowel is None:
        vowel = _RHYMES.get(rhyme[:-2], "a")
    return initial + "".join(spelled) + vowel

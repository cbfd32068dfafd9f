# SPDX-License-Identifier: Apache-2.0
"""Distinctive values that are planted at intake, and a search for them in whatever came out."""

import base64
from collections.abc import Iterable, Iterator, Mapping

PHONES = ("+52 55 8137 9264", "(55) 8137-9264", "0052 5581379264", "55.81.37.92.64")
CANARIES: Mapping[str, tuple[str, ...]] = {
    "phone": ("81379264", "8137 9264", "8137-9264", "81.37.92.64"),
    "handle": ("canary_finch77",),
    "plate": ("KNR-84-19", "KNR8419"),
    "company": ("canario", "amarillo"),
    "email": ("kanarek.piotr", "zielonylas"),
    "survivor": ("23987461", "2398 7461"),
    "case id": ("kanarie-0042",),
    "api case id": ("kanarie-0043",),
    "source": ("vogelwarte",),
    "field": ("zeisigspalte",),
    "notes": ("serinus",),
    "file name": ("dupont",),
    "refused": ("xyzzy",),
    "on the own list": ("61942873", "6194 2873", "gelbewiese"),
}
"""Texts that betray each planted value, whatever form it is in; found in any case of letters."""

IN_THE_VAULT = CANARIES.keys() - {"notes", "file name"}
"""What is kept, encrypted. Notes and file names are nobody's business."""

SHEET = f"""\
Case ID,Recruiter phone,Recruiter Instagram,Recruiter plate,Recruitment office,Recruiter email,\
Caller phone,Notes
Kanarie-0042,{PHONES[1]},@Canary_Finch77,KNR-84-19,Canario Amarillo Servicios SA de CV,\
Kanarek.Piotr@zielonylas.pl,+49 1512 3987461,Serinus serinus sings at dawn
Kanarie-0044,{PHONES[0]},,,,,,serinus again
Kanarie-0045,xyzzy 81379264,@xyzzy!!,,,xyzzy@,,
Kanarie-0046,+52 55 6194 2873,,,,Czyzyk.Blau@GelbeWiese.de,,
,{PHONES[2]},,,,,,serinus without a case
"""

OWN_LIST = """\
[refuse]
phone = ["+52 55 6194 2873"]
[flag]
email = ["czyzyk.blau@gelbewiese.de"]
"""


def search(haystacks: Mapping[str, bytes], tokens: Iterable[bytes] = ()) -> set[tuple[str, str]]:
    """Look for every canary in every form.

    Args:
        haystacks: What came out, by name.
        tokens: Raw tokens, of which neither half may show.

    Returns:
        (haystack, canary) for every find.
    """
    needles = [(name, form) for name, texts in CANARIES.items() for form in _forms(texts)]
    needles += [("token", half) for token in tokens for half in (token[:16], token[16:])]
    found = set()
    for place, content in haystacks.items():
        folded = content.lower()
        found |= {(place, name) for name, form in needles if form in content or form in folded}
    return found


def _forms(texts: Iterable[str]) -> Iterator[bytes]:
    for text in texts:
        for spelled in {text, text.lower(), text.upper(), text.title()}:
            for turned in (spelled, spelled[::-1]):
                for raw in (turned.encode(), turned.encode("utf-16-le")):
                    yield raw
                    yield raw.hex().encode()
                    yield from _base64(raw)


def _base64(raw: bytes) -> Iterator[bytes]:
    """Yield what stays the same in base64, whatever stands before and behind."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw)
        first = -(-shift * 8 // 6)
        yield encoded[first : (shift + len(raw)) * 8 // 6]

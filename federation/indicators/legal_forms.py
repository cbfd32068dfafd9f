# SPDX-License-Identifier: Apache-2.0
"""Legal forms that are not a part of a company's name, folded and without spaces.

They are written in every way (`S.A. de C.V.`, `SA DE CV`, `S A de C V`), so a form is compared
with the joined last, or first, words of a folded name. The lists are a part of the
normalisation version: a change to them is a new version.
"""

from collections.abc import Mapping
from typing import Final

from federation.indicators.fold import fold_umlauts


def _forms(text: str) -> frozenset[str]:
    return frozenset(fold_umlauts(form) for form in text.split())


TRAILING: Final = _forms(
    # English
    "inc incorporated corp corporation co company llc lc llp lp plc ltd limited pllc pty ptyltd"
    " pvtltd pvt privatelimited coltd"
    # Spanish and Portuguese
    " sa sadecv sacv sapi sapidecv sab sabdecv sarl srl srldecv sderldecv sderl sdrldecv sas"
    " sasdecv sl slu sau eirl ltda limitada cia sociedadanonima sociedadlimitada eireli epp"
    " sociedadanonimadecapitalvariable sociedaddecapitalvariable ac"
    # German
    " gmbh ggmbh mbh ag kg ohg gbr ug ughaftungsbeschrankt haftungsbeschrankt kgaa ek eg ev gesmbh"
    " gmbhcokg gmbhcoohg gesellschaftmitbeschrankterhaftung aktiengesellschaft"
    # French, Italian, Dutch
    " sasu eurl snc spa srls sapa sas bv nv vof cv bvba"
    # Polish, Czech, Slovak, Romanian, Hungarian, Baltic, Balkan
    " spzoo spzook spk spj sro spolsro as doo dooel dd kft zrt nyrt bt uab sia ou oo ood eood"
    " ead ad spolkazoo spolkazograniczonaodpowiedzialnoscia pfa"
    # Nordic
    " ab oy oyj aps ivs asa hf ehf"
    # Turkish, Arabic-speaking, South and South-East Asia, Japan
    " ltdsti anonimsirketi fzc fze fzco dmcc wll tbk sdnbhd bhd pte pteltd kk opc"
)
"""At the end of a name, in any country."""

TRAILING_BY_COUNTRY: Final[Mapping[str, frozenset[str]]] = {
    "RU": _forms("ooo oao zao pao ao ip"),
    "BY": _forms("ooo oao zao chup ip"),
    "KZ": _forms("too ao ip"),
    "UA": _forms("tov tzov pat prat pp fop"),
}
"""At the end of a name, in one country."""

LEADING: Final[Mapping[str, frozenset[str]]] = {
    "ID": _forms("pt cv ud"),
    "RU": _forms("ooo oao zao pao ao ip"),
    "BY": _forms("ooo oao zao chup ip"),
    "KZ": _forms("too ao ip"),
    "UA": _forms("tov tzov pat prat pp fop"),
    "LT": _forms("uab"),
    "LV": _forms("sia"),
    "EE": _forms("ou as"),
    "RO": _forms("sc"),
    "MD": _forms("sc ics srl"),
    "VN": _forms("congty congtytnhh congtycophan"),
}
"""In front of a name, where the country writes it there."""

UNSPACED: Final = (
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "合同会社",
    "(株)",
    "주식회사",
    "(주)",
    "유한회사",
)
"""In scripts without spaces; longest first, anywhere in the name, before transliteration."""

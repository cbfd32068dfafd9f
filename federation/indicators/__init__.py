# SPDX-License-Identifier: Apache-2.0
"""Indicators: what a case holds, brought into one spelling before it is blinded.

* `kinds`: `Kind`, `Subject`, `Lane`, `IndicatorClass`
* `case`: `Case` and `Observation`, what an organisation hands to its node
* `normalise`: the one way from a raw value to an `Indicator`; a module per kind beside it
* `keys`: `keys_of`, what is evaluated for an indicator; most have one key, some have more
* `assessment`: `assess`, normal form and built-in screening of a value in one result
* `screening`: `Screen`, which keeps placeholders and published numbers from becoming tokens
* `screening_file`: `load_screen`, which reads an organisation's own list
* `transliteration`: `check_table`, which refuses to work with another table of letters

The rules stand in `proto/spec/normalisation.md`, with vectors for other languages.
"""

from federation.indicators.assessment import Assessment, Written, assess
from federation.indicators.case import Case, Observation
from federation.indicators.keys import Key, keys_of
from federation.indicators.kinds import (
    NORMALISATION_VERSION,
    IndicatorClass,
    Kind,
    Lane,
    Subject,
)
from federation.indicators.normalise import Indicator, Raw, normalise
from federation.indicators.screening import Screen
from federation.indicators.screening_file import load_screen
from federation.indicators.transliteration import check_table
from federation.indicators.verdicts import Screening, Verdict

__all__ = [
    "NORMALISATION_VERSION",
    "Assessment",
    "Case",
    "Indicator",
    "IndicatorClass",
    "Key",
    "Kind",
    "Lane",
    "Observation",
    "Raw",
    "Screen",
    "Screening",
    "Subject",
    "Verdict",
    "Written",
    "assess",
    "check_table",
    "keys_of",
    "load_screen",
    "normalise",
]

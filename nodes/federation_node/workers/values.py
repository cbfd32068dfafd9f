# SPDX-License-Identifier: Apache-2.0
"""Values, and what the rules make of them, as they go to a worker and come back.

As JSON with every character escaped, which also carries the halves of pairs that a broken
export may hold.
"""

import json
from collections.abc import Sequence

from federation.indicators import Assessment, Kind, Screening, Verdict, Written, assess
from federation.indicators.screening import ScreeningReason

__all__ = ["assess_packed", "pack_values", "unpack_assessments"]


def pack_values(values: Sequence[Written]) -> bytes:
    """Spell values for a worker."""
    plain = [
        (kind, raw if isinstance(raw, str) else dict(raw), where) for kind, raw, where in values
    ]
    return json.dumps(plain).encode()


def assess_packed(packed: bytes) -> bytes:
    """Do a worker's job: assess what `pack_values` made, for `unpack_assessments`."""
    found = (assess((Kind(kind), raw, where)) for kind, raw, where in json.loads(packed))
    return json.dumps(
        [
            (one.value, one.reason, None)
            if one.screening is None
            else (one.value, one.reason, (one.screening.verdict, one.screening.reason))
            for one in found
        ]
    ).encode()


def unpack_assessments(packed: bytes) -> list[Assessment]:
    """Read a worker's answer."""
    return [
        Assessment(
            value,
            reason,
            None
            if screening is None
            else Screening(Verdict(screening[0]), ScreeningReason(screening[1])),
        )
        for value, reason, screening in json.loads(packed)
    ]

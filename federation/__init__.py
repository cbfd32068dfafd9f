# SPDX-License-Identifier: Apache-2.0
"""Casethread: find that organisations hold the same recruiter, without pooling case data.

The packages, in the order in which the data flows::

    raw ──normalise──▶ Indicator ──blind─▶ custodians ─▶ combine/finalise──▶ Token
        ──tag(pair, direction, session)──▶ Tag ──exchange──▶ Match

- `indicators`: what a case holds, brought into one spelling
- `crypto`: the suite ``casethread/v1``; bytes in, bytes out
- `documents`: what organisations sign
- `charter`: who belongs to the federation, under which keys
- `tokens`: from an indicator to its token, with a quorum of custodians
- `agreements`: who may compare what with whom
- `matching`: tags, proofs, sessions
- `messages`, `wire`: what one node asks another, and how it travels
- `storage`: the database of one node
- `member`: one organisation's protocol runs
- `client`: peers over gRPC
- `local`: the own node, for the programs of its organisation
- `testing`: a whole federation in memory
- `errors`: every error, in one tree

The names below are loaded when they are first used, so that importing
`federation.crypto` brings in neither gRPC nor a database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from federation.errors import CasethreadError
    from federation.indicators import Case, Indicator, Kind, Lane, Observation, Subject, normalise
    from federation.local.node import LocalNode, connect
    from federation.member import Match, Member

__version__: Final = "0.1.0"

__all__ = [
    "Case",
    "CasethreadError",
    "Indicator",
    "Kind",
    "Lane",
    "LocalNode",
    "Match",
    "Member",
    "Observation",
    "Subject",
    "__version__",
    "connect",
    "normalise",
]

_HOME: Final = {
    "Case": "federation.indicators",
    "CasethreadError": "federation.errors",
    "Indicator": "federation.indicators",
    "Kind": "federation.indicators",
    "Lane": "federation.indicators",
    "LocalNode": "federation.local.node",
    "Match": "federation.member",
    "Member": "federation.member",
    "Observation": "federation.indicators",
    "Subject": "federation.indicators",
    "connect": "federation.local.node",
    "normalise": "federation.indicators",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'federation' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)

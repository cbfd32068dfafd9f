# SPDX-License-Identifier: Apache-2.0
"""How every command shows which partners were told that matches ended."""

from collections.abc import Sequence

from federation.storage import Owed
from federation_node.cli.output import show_table

__all__ = ["show_told"]

_SHOWN = 12


def show_told(found: Sequence[Owed], *, empty: str) -> None:
    """Show who has acknowledged it, and who is still owed.

    Args:
        found: From `federation_node.actions.retractions`.
        empty: What to say if there is nothing.
    """
    show_table(
        ("partner", "agreement", "matches", "acknowledged"),
        [
            (
                one.partner,
                one.agreement.hex()[:_SHOWN],
                one.matches,
                "not yet" if one.acknowledged is None else f"{one.acknowledged:%Y-%m-%d %H:%M}",
            )
            for one in found
        ],
        empty=empty,
    )

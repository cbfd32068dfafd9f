# SPDX-License-Identifier: Apache-2.0
"""Lets an action be done only by who may: the roles are in `federation.member.roles`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from federation.member import StaffAction
from federation_node.context import NodeContext

__all__ = ["GUARDED", "action"]

P = ParamSpec("P")
R = TypeVar("R")

GUARDED: Final[dict[str, StaffAction]] = {}
"""Which action each guarded function is, by module and name."""


def action(
    which: StaffAction,
) -> Callable[[Callable[Concatenate[NodeContext, P], R]], Callable[Concatenate[NodeContext, P], R]]:
    """Guard a function whose first argument is an opened node.

    Who acts is the node's `by`. Inside, `by` has the roles of now; whatever it changes is
    checked once more in the transaction that changes it.

    Args:
        which: What the function does.

    Returns:
        A decorator. The function then raises PolicyError or AuthenticationError for who may
        not, before anything else happens.
    """

    def guard(
        function: Callable[Concatenate[NodeContext, P], R],
    ) -> Callable[Concatenate[NodeContext, P], R]:
        GUARDED[f"{function.__module__}.{function.__qualname__}"] = which

        @wraps(function)
        def guarded(context: NodeContext, /, *args: P.args, **kwargs: P.kwargs) -> R:
            acting = context.member.staff.admit(context.by, which)
            return function(context.acting(acting), *args, **kwargs)

        return guarded

    return guard

# SPDX-License-Identifier: Apache-2.0
"""Alembic's way in; runs on the connection that `federation.storage.migrate` passes."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

import federation.storage.transaction  # noqa: F401 - declares every table
from federation.storage.registry import METADATA


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as the plain ones beneath, so that old migrations keep working."""
    if kind == "type" and isinstance(item, TypeDecorator):
        autogen.imports.add("import sqlalchemy as sa")
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()

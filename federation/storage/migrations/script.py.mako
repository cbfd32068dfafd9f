# SPDX-License-Identifier: Apache-2.0
"""${message}.

Version ${up_revision}, after ${down_revision or "nothing"}.
"""

# ruff: noqa: PLR0915 - a schema version is as long as it is
import sqlalchemy as sa
import sqlmodel  # noqa: F401 - column types of SQLModel may be named below
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this version."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Undo this version."""
    ${downgrades if downgrades else "pass"}

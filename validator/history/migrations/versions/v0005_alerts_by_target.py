"""What a target was told is found without reading what all the others were."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("alert_outbox_told", "alert_outbox", ["tenant", "channel", "run"])


def downgrade() -> None:
    """Remove the index."""
    op.drop_index("alert_outbox_told", "alert_outbox")

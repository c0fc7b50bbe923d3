"""Whether a takedown erased something of the history, whose file alone is written anew then."""

import sqlalchemy as sa
from alembic import op


revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state. Of earlier takedowns nobody knows it: they may have."""
    op.add_column(
        'takedown', sa.Column('is_in_history', sa.Boolean(), nullable=False, server_default=sa.true())
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_column('takedown', 'is_in_history')

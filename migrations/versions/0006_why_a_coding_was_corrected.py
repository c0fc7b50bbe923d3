"""Why a coding was corrected."""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    # Not in a batch: that would copy the table and lose the triggers that keep it append-only.
    op.add_column('coding', sa.Column('reason', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    """Take it back."""
    op.drop_column('coding', 'reason')

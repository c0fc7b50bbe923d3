"""The codebook version a member has opened."""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.add_column(sa.Column('codebook_opened', sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table('member', schema=None) as batch_op:
        batch_op.drop_column('codebook_opened')

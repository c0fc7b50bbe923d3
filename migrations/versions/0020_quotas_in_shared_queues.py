"""The most codings of one annotator in a shared queue."""

import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('round_annotator', sa.Column('quota', sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column('round_annotator', 'quota')

"""Indexes from which the progress of a round's posts, its pace and its doubts are read."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_index('ix_assignment_by_post', 'assignment', ['round_id', 'state', 'post_id'])
    op.create_index('ix_assignment_by_moment', 'assignment', ['round_id', 'state', 'changed_at'])
    op.create_index(
        'ix_coding_unsure',
        'coding',
        ['assignment_id'],
        sqlite_where=sa.text('is_unsure = 1'),
        postgresql_where=sa.text('is_unsure'),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index('ix_coding_unsure', 'coding')
    op.drop_index('ix_assignment_by_moment', 'assignment')
    op.drop_index('ix_assignment_by_post', 'assignment')

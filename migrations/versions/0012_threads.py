"""The thread of a post, and the post it answers."""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('post', sa.Column('thread_key', sa.String(), nullable=True))
    op.add_column('post', sa.Column('parent_key', sa.String(), nullable=True))
    condition = sa.text('thread_key IS NOT NULL')
    op.create_index(
        'ix_post_thread', 'post', ['project_id', 'thread_key'], sqlite_where=condition, postgresql_where=condition
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index('ix_post_thread', 'post')
    op.drop_column('post', 'parent_key')
    op.drop_column('post', 'thread_key')

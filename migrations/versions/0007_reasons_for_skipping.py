"""Reasons for skipping that the lead can change."""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('skip_reason',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_skip_reason_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_skip_reason')),
    sa.UniqueConstraint('project_id', 'key', name=op.f('uq_skip_reason_project_id_key'))
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table('skip_reason')

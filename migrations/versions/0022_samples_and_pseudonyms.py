"""The chance that a post had to be drawn at its import, and the key of a project's pseudonyms."""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('post', sa.Column('sampling_fraction', sa.Float(), nullable=True))
    op.create_table('pseudonym_key',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_pseudonym_key_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_pseudonym_key'))
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('pseudonym_key')
    op.drop_column('post', 'sampling_fraction')

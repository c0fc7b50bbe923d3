"""Variables that are asked only after certain answers to others."""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('variable_condition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('on_variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_variable_condition_code_id_code')),
    sa.ForeignKeyConstraint(['on_variable_id'], ['variable.id'], name=op.f('fk_variable_condition_on_variable_id_variable')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_variable_condition_variable_id_variable')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_variable_condition_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variable_condition')),
    sa.UniqueConstraint('version_id', 'variable_id', 'on_variable_id', 'code_id', name=op.f('uq_variable_condition_version_id_variable_id_on_variable_id_code_id'))
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table('variable_condition')

"""What became of codes from version to version, and whether a change is one of wording or of meaning."""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('code_origin',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=False),
    sa.Column('origin_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_code_origin_code_id_code')),
    sa.ForeignKeyConstraint(['origin_id'], ['code.id'], name=op.f('fk_code_origin_origin_id_code')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_code_origin_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_code_origin')),
    sa.UniqueConstraint('version_id', 'code_id', 'origin_id', name=op.f('uq_code_origin_version_id_code_id_origin_id'))
    )
    op.create_table('entry_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('is_semantic', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_entry_change_code_id_code')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_entry_change_variable_id_variable')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_entry_change_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry_change')),
    sa.UniqueConstraint('version_id', 'variable_id', 'code_id', name=op.f('uq_entry_change_version_id_variable_id_code_id'))
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table('entry_change')
    op.drop_table('code_origin')

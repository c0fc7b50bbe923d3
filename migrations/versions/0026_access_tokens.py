"""Access tokens of programs, and what was answered to those that may ask twice."""

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('access_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('handle', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_access_token_account_id_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_access_token_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_token')),
    sa.UniqueConstraint('handle', name=op.f('uq_access_token_handle')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_access_token_token_hash'))
    )
    with op.batch_alter_table('access_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_token_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_access_token_project_id'), ['project_id'], unique=False)
    op.create_table('access_token_bar',
    sa.Column('token_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('barred_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_access_token_bar_project_id_project')),
    sa.ForeignKeyConstraint(['token_id'], ['access_token.id'], name=op.f('fk_access_token_bar_token_id_access_token')),
    sa.PrimaryKeyConstraint('token_id', 'project_id', name=op.f('pk_access_token_bar'))
    )
    op.create_table('access_token_guess',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_token_guess'))
    )
    with op.batch_alter_table('access_token_guess', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_token_guess_address'), ['address'], unique=False)
    op.create_table('api_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('body_hash', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_api_answer_account_id_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_api_answer_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_answer')),
    sa.UniqueConstraint('project_id', 'account_id', 'key', name=op.f('uq_api_answer_project_id_account_id_key'))
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table('api_answer')
    op.drop_table('access_token_guess')
    op.drop_table('access_token_bar')
    op.drop_table('access_token')

"""Questions of annotators to the lead about a post."""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('post_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('asked', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.String(), nullable=False),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['account.id'], name=op.f('fk_post_question_answered_by_account')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_post_question_member_id_member')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_question_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_post_question_project_id_project')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_post_question_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post_question')),
    sa.UniqueConstraint('key', name=op.f('uq_post_question_key'))
    )
    op.create_index('ix_post_question_of_member', 'post_question', ['round_id', 'member_id', 'post_id'])
    op.create_index('ix_post_question_project_id', 'post_question', ['project_id'])


def downgrade() -> None:
    """Take it back."""
    op.drop_table('post_question')

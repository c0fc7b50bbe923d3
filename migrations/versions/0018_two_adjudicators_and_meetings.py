"""Rules by question, two adjudicators, and meetings that settle by consensus."""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('decision_batch', sa.Column('rules', sa.JSON(none_as_null=True), nullable=True))
    for column in (
        sa.Column('adjudicators', sa.JSON(), nullable=False, server_default='[]'),
        sa.Column('splits', sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column('double_percent', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('seed', sa.String(), nullable=False, server_default='1'),
    ):
        op.add_column('desk_settings', column)
    op.create_table('post_taken',
    sa.Column('post_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_post_taken_member_id_member')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_taken_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_post_taken_project_id_project')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_post_taken'))
    )
    op.create_index(op.f('ix_post_taken_project_id'), 'post_taken', ['project_id'])
    op.create_table('second_decision',
    sa.Column('decision_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('is_alike', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_second_decision_decision_id_decision')),
    sa.ForeignKeyConstraint(['first_id'], ['decision.id'], name=op.f('fk_second_decision_first_id_decision')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_second_decision_post_id_post')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_second_decision_project_id_project')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_second_decision_variable_id_variable')),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_second_decision'))
    )
    for column in ('first_id', 'project_id', 'post_id'):
        op.create_index(op.f(f'ix_second_decision_{column}'), 'second_decision', [column])
    op.create_table('meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('begun_by', sa.Integer(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['begun_by'], ['account.id'], name=op.f('fk_meeting_begun_by_account')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_meeting_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting')),
    sa.UniqueConstraint('project_id', 'number', name=op.f('uq_meeting_project_id_number'))
    )
    op.create_table('meeting_member',
    sa.Column('meeting_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('member_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_meeting_member_meeting_id_meeting')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_meeting_member_member_id_member')),
    sa.PrimaryKeyConstraint('meeting_id', 'member_id', name=op.f('pk_meeting_member'))
    )
    op.create_table('meeting_decision',
    sa.Column('decision_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_meeting_decision_decision_id_decision')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_meeting_decision_meeting_id_meeting')),
    sa.PrimaryKeyConstraint('decision_id', name=op.f('pk_meeting_decision'))
    )
    op.create_index(op.f('ix_meeting_decision_meeting_id'), 'meeting_decision', ['meeting_id'])


def downgrade() -> None:
    """Take it back."""
    for table in ('meeting_decision', 'meeting_member', 'meeting', 'second_decision'):
        op.drop_table(table)
    op.drop_table('post_taken')
    with op.batch_alter_table('desk_settings') as batch_op:
        for column in ('seed', 'double_percent', 'splits', 'adjudicators'):
            batch_op.drop_column(column)
    with op.batch_alter_table('decision_batch') as batch_op:
        batch_op.drop_column('rules')

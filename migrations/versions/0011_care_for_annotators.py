"""Content warnings, topics to opt out of, hidden posts, pauses, and when a round ends."""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_MOMENTS = ('stretch_began_at', 'done_before_at', 'done_latest_at')


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('project_care',
    sa.Column('project_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('warning', sa.String(), nullable=False),
    sa.Column('notice_mark', sa.String(), nullable=False),
    sa.Column('topic_field', sa.String(), nullable=True),
    sa.Column('hides', sa.String(), nullable=False),
    sa.Column('pause_minutes', sa.Integer(), nullable=False),
    sa.Column('shows_author', sa.Boolean(), nullable=False),
    sa.Column('timed_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_care_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_project_care'))
    )
    op.create_table('member_care',
    sa.Column('member_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('accepted_mark', sa.String(), nullable=False),
    sa.Column('always_hides', sa.Boolean(), nullable=False),
    sa.Column('pause_minutes', sa.Integer(), nullable=True),
    sa.Column('avoids_topics', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_member_care_member_id_member')),
    sa.PrimaryKeyConstraint('member_id', name=op.f('pk_member_care'))
    )
    op.create_table('warning_topic',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_warning_topic_project_id_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_warning_topic')),
    sa.UniqueConstraint('project_id', 'value', name=op.f('uq_warning_topic_project_id_value'))
    )
    op.create_table('topic_opt_out',
    sa.Column('member_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('topic_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_topic_opt_out_member_id_member')),
    sa.ForeignKeyConstraint(['topic_id'], ['warning_topic.id'], name=op.f('fk_topic_opt_out_topic_id_warning_topic')),
    sa.PrimaryKeyConstraint('member_id', 'topic_id', name=op.f('pk_topic_opt_out'))
    )
    op.create_index(op.f('ix_topic_opt_out_topic_id'), 'topic_opt_out', ['topic_id'])
    op.add_column('round', sa.Column('ends_on', sa.Date(), nullable=True))
    for name in _MOMENTS:
        op.add_column('round_annotator', sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    for name in reversed(_MOMENTS):
        op.drop_column('round_annotator', name)
    op.drop_column('round', 'ends_on')
    op.drop_table('topic_opt_out')
    op.drop_table('warning_topic')
    op.drop_table('member_care')
    op.drop_table('project_care')

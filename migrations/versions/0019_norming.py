"""Comments on the posts of a revealed round, and second codings after discussion."""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

KEPT = ('second_coding', 'second_answer')


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('post_comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_post_comment_member_id_member')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_comment_post_id_post')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_post_comment_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post_comment')),
    sa.UniqueConstraint('round_id', 'post_id', 'number', name=op.f('uq_post_comment_round_id_post_id_number'))
    )
    op.create_index(op.f('ix_post_comment_post_id'), 'post_comment', ['post_id'])
    op.create_table('seconds_asked',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['account.id'], name=op.f('fk_seconds_asked_changed_by_account')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_seconds_asked_round_id_round')),
    sa.PrimaryKeyConstraint('round_id', name=op.f('pk_seconds_asked'))
    )
    op.create_table('second_coding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_second_coding_member_id_member')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_second_coding_post_id_post')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_second_coding_round_id_round')),
    sa.ForeignKeyConstraint(['version_id'], ['codebook_version.id'], name=op.f('fk_second_coding_version_id_codebook_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_coding'))
    )
    op.create_index('ix_second_coding_of_member', 'second_coding', ['round_id', 'post_id', 'member_id'])
    op.create_table('second_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('second_coding_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Float(), nullable=True),
    sa.Column('text', sa.String(), nullable=True),
    sa.Column('nothing_applies', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_second_answer_code_id_code')),
    sa.ForeignKeyConstraint(['second_coding_id'], ['second_coding.id'], name=op.f('fk_second_answer_second_coding_id_second_coding')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_second_answer_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_answer'))
    )
    op.create_index(op.f('ix_second_answer_second_coding_id'), 'second_answer', ['second_coding_id'])
    for table in KEPT:
        _forbid_changes(table)


def _forbid_changes(table: str) -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take it back."""
    for table in ('second_answer', 'second_coding', 'seconds_asked', 'post_comment'):
        op.drop_table(table)

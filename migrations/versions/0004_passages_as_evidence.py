"""Passages of a post as evidence for a code."""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def protect() -> None:
    """Let the database itself refuse to change or delete a passage, as it does with codings."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER coding_span_no_{verb.lower()} BEFORE {verb} ON coding_span "
                "BEGIN SELECT RAISE(ABORT, 'coding_span is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER coding_span_append_only BEFORE UPDATE OR DELETE ON coding_span "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('coding_span',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('coding_id', sa.Integer(), nullable=False),
    sa.Column('variable_id', sa.Integer(), nullable=False),
    sa.Column('code_id', sa.Integer(), nullable=False),
    sa.Column('start', sa.Integer(), nullable=False),
    sa.Column('end', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['code_id'], ['code.id'], name=op.f('fk_coding_span_code_id_code')),
    sa.ForeignKeyConstraint(['coding_id'], ['coding.id'], name=op.f('fk_coding_span_coding_id_coding')),
    sa.ForeignKeyConstraint(['variable_id'], ['variable.id'], name=op.f('fk_coding_span_variable_id_variable')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coding_span'))
    )
    with op.batch_alter_table('coding_span', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coding_span_coding_id'), ['coding_id'], unique=False)

    protect()


def downgrade() -> None:
    """Take it back."""
    op.drop_table('coding_span')

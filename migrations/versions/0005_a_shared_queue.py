"""Shared queues: posts that are handed to whoever is free, for a time."""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the database to this state."""
    op.create_table('round_queue',
    sa.Column('round_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('lease_minutes', sa.Integer(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=True),
    sa.Column('seed', sa.BigInteger(), nullable=True),
    sa.Column('n_slots', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_queue_round_id_round')),
    sa.PrimaryKeyConstraint('round_id', name=op.f('pk_round_queue'))
    )
    op.create_table('queue_slot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_queue_slot_member_id_member')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_queue_slot_post_id_post')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_queue_slot_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queue_slot')),
    sa.UniqueConstraint('round_id', 'post_id', 'n', name=op.f('uq_queue_slot_round_id_post_id_n'))
    )
    _partial_index('ix_queue_slot_open', ['round_id', 'rank'], "state = 'open'")
    _partial_index('ix_queue_slot_leased', ['round_id', 'lease_until'], "state = 'leased'")
    _partial_index('uq_queue_slot_member', ['round_id', 'post_id', 'member_id'], 'member_id IS NOT NULL', unique=True)
    op.add_column('assignment', sa.Column('is_extra', sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ('n_extra', 'cursor'):
        op.add_column('round_annotator', sa.Column(name, sa.Integer(), nullable=False, server_default='0'))
    op.add_column(
        'round_annotator', sa.Column('is_withdrawn', sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Until now this was read from the assignments.
    op.execute(
        "UPDATE round_annotator SET is_withdrawn = true WHERE EXISTS (SELECT 1 FROM assignment "
        "WHERE assignment.round_id = round_annotator.round_id "
        "AND assignment.member_id = round_annotator.member_id AND assignment.state = 'withdrawn')"
    )
    if op.get_bind().dialect.name == "postgresql":
        # Slots that are done lie dead at the head of both indexes; searches pass them until they are swept.
        op.execute(
            "ALTER TABLE queue_slot SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)"
        )
        # Assignments of a shared queue come one by one: a round must not be taken for an empty one for long.
        op.execute(
            "ALTER TABLE assignment SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000)"
        )


def _partial_index(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name, 'queue_slot', columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def downgrade() -> None:
    """Take it back. The rounds with a shared queue keep what was coded in them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE assignment RESET (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)")
    for name in ('is_withdrawn', 'cursor', 'n_extra'):
        op.drop_column('round_annotator', name)
    op.drop_column('assignment', 'is_extra')
    op.drop_table('queue_slot')
    op.drop_table('round_queue')

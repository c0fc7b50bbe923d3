"""What an event of the history holds of the rows it stored, which a takedown alone may change."""

import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

FIXED = 'id, chain, sequence, at, actor_id, "action", subject, details, previous_hash, hash'
HAS_ERASURE = 'EXISTS (SELECT 1 FROM erasure)'


def upgrade() -> None:
    """Bring the database to this state."""
    op.add_column('history_event', sa.Column('contents', sa.String(), nullable=True))
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER history_event_no_update')
        _refuse_update('history_event_no_update', FIXED, '')
        _refuse_update('history_event_keeps_contents', 'contents', f'WHEN NOT {HAS_ERASURE} ')
    else:
        op.execute(
            'CREATE FUNCTION refuse_change_of_event() RETURNS trigger AS $$ '
            f"BEGIN IF TG_OP = 'UPDATE' AND {HAS_ERASURE} THEN "
            "IF to_jsonb(NEW) - 'contents' = to_jsonb(OLD) - 'contents' THEN RETURN NEW; END IF; END IF; "
            "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
        )
        _run_on_change('refuse_change_of_event')


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER history_event_keeps_contents')
        op.execute('DROP TRIGGER history_event_no_update')
        op.execute(
            'CREATE TRIGGER history_event_no_update BEFORE UPDATE ON history_event '
            "BEGIN SELECT RAISE(ABORT, 'history_event is append-only'); END"
        )
    else:
        _run_on_change('refuse_change')
        op.execute('DROP FUNCTION refuse_change_of_event()')
    op.drop_column('history_event', 'contents')


def _refuse_update(name: str, columns: str, unless: str) -> None:
    op.execute(
        f'CREATE TRIGGER {name} BEFORE UPDATE OF {columns} ON history_event {unless}'
        "BEGIN SELECT RAISE(ABORT, 'history_event is append-only'); END"
    )


def _run_on_change(function: str) -> None:
    op.execute('DROP TRIGGER history_event_append_only ON history_event')
    op.execute(
        'CREATE TRIGGER history_event_append_only BEFORE UPDATE OR DELETE ON history_event '
        f'FOR EACH ROW EXECUTE FUNCTION {function}()'
    )

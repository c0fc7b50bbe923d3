"""The role of docs/operate.md works, and cannot change the history."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from server.db.engine import Database
from server.history.actions import record
from tests.cast import Cast

PAGE = (Path(__file__).parents[2] / "docs" / "operate.md").read_text()
[BLOCK] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_a_role_that_cannot_change_the_history(database: Database, cast: Cast) -> None:
    refused = {
        "DELETE FROM history_event": "permission denied",
        "UPDATE history_event SET subject = 'another'": "permission denied",
        "UPDATE history_event SET contents = NULL": "append-only",
    }
    with database.writing() as db:
        for statement in BLOCK.strip().split("\n"):
            db.execute(text(statement))
        db.execute(text("SET LOCAL ROLE intercoder_server"))
        record(db, project_id=cast.project.id, actor_id=None, action="export", subject="project")
        for statement, said in refused.items():
            with pytest.raises(DatabaseError, match=said), db.begin_nested():
                db.execute(text(statement))
        db.rollback()

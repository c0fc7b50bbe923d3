"""That a takedown knows every table in which something stands about a post, and every text people type."""

from sqlmodel import AutoString, SQLModel

from server.takedown.places import ENTRIES, REMOVED, TEXTS, UNSENT

# What is changed otherwise: the post itself, who has it, and the places in queues.
OTHERWISE = {"post", "assignment", "queue_slot", "erasure"}
# Texts that nobody types freely, or that are about no post: names, keys, addresses, words of a study's lead.
NO_WORDS = {
    "assignment": {"state"},
    "coding": {"form_token", "body_hash"},
    "decision": {"basis"},
    "post_question": {"key"},
    "variable_entry": {"kind", "label"},
    "code_entry": {"label"},
}


def test_every_table_about_posts_is_known() -> None:
    known = {table.__tablename__ for table in (*REMOVED, *UNSENT)} | OTHERWISE
    leads = {"post_id", "assignment_id", "coding_id", "decision_id", "gold_id", "second_coding_id"}
    about = {name for name, table in SQLModel.metadata.tables.items() if leads & set(table.c.keys())}
    assert about - known == set()


def test_every_text_about_posts_is_known() -> None:
    known = {table.__tablename__: set(names) for table, names in (*TEXTS, *ENTRIES)}
    for name in {table.__tablename__ for table in REMOVED} | set(known):
        table = SQLModel.metadata.tables[str(name)]
        texts = {column.name for column in table.c if isinstance(column.type, AutoString)}
        assert texts - known.get(str(name), set()) - NO_WORDS.get(str(name), set()) == set(), name

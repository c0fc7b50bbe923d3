"""Merging and splitting codes of the draft. What a published code meant goes on in those that take it up."""

from collections.abc import Sequence

from sqlmodel import Session

from server.codebooks import queries
from server.codebooks.drafting import code_of, variable_of
from server.codebooks.editing import code_subject, opened, origins_of_draft, write_edit
from server.codebooks.joining import with_code_merged, with_code_split
from server.codebooks.lineage import passed_on
from server.projects.access import Access


def merge_code(
    db: Session,
    access: Access,
    edition: int,
    variable_key: str,
    key: str,
    into: str,
    *,
    takes_examples: bool = True,
) -> None:
    """Let the code `into` of the same variable take up the code `key`, which leaves the draft."""
    before = opened(db, access, edition)
    code_of(variable_of(before, variable_key), key)
    after = with_code_merged(before, variable_key, key, into, takes_examples=takes_examples)
    origins = passed_on(origins_of_draft(db, access), variable_key, key, [into])
    subject = code_subject(variable_key, key)
    write_edit(db, access, before, after, "codebook.merge_code", subject, origins=origins)


def split_code(
    db: Session, access: Access, edition: int, variable_key: str, key: str, labels: Sequence[str]
) -> tuple[str, ...]:
    """Let new codes with these labels take the place of the code `key`; returns their keys."""
    before = opened(db, access, edition)
    used = [code for owner, code in queries.past(db, access.project_id).places if owner == variable_key]
    after, keys = with_code_split(before, variable_key, key, labels, used)
    origins = passed_on(origins_of_draft(db, access), variable_key, key, keys)
    subject = code_subject(variable_key, key)
    write_edit(db, access, before, after, "codebook.split_code", subject, origins=origins)
    return keys

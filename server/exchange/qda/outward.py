"""A project of the server as a REFI-QDA project."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.codebooks.queries import Codebook, latest_published, published_numbered, sheet_of
from server.codebooks.refi import codes_element
from server.codebooks.sheet import CodebookSheet
from server.corpora.extra import extra_fields
from server.corpora.mapping import PostDraft
from server.corpora.masking import masked, masked_place, shown_as, shown_fields
from server.corpora.models import Post
from server.errors import Refusal
from server.exchange.author_numbers import author_numbers
from server.exchange.downloads.coding_tables import coding_rows, long_columns
from server.exchange.qda.pieces import CodingRow
from server.exchange.qda.writing import ProjectWriter
from server.exchange.spreadsheets import Cell
from server.language import gettext as _
from server.projects.access import Access
from server.web.words import number

MOST_POSTS = 100_000
_AT_ONCE = 1_000
_WORDS = {"memo", "correction_reason", "evidence"}
_IN_MEMORY = 4 << 20


@dataclass(frozen=True)
class People:
    """How a project tells of people: annotators by names, authors by numbers, nobody by an @-mention."""

    with_names: bool = False
    with_pseudonyms: bool = False
    masks_mentions: bool = False

    @property
    def told(self) -> dict[str, bool]:
        """What the history is told of it."""
        how = {"authors_as_pseudonyms": self.with_pseudonyms, "mentions": self.masks_mentions}
        done = {name: True for name, is_so in how.items() if is_so}
        return {"names": self.with_names, "texts": True, **done}


def project_file(db: Session, access: Access, people: People) -> IO[bytes]:
    """The whole project as `.qdpx`, built before the first byte is sent.

    Its codings are those of the download of codings, so that a reader gets no others; posts that were taken
    down are left out with theirs. People are called as there.

    Raises:
        Refusal: there are more posts than the programs for it could open, or none.
    """
    _refuse_size(db, access)
    with ExitStack() as on_failure:
        file = on_failure.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY))
        with ExitStack() as opened:
            _write(db, access, cast(IO[bytes], file), opened, people)
        file.seek(0)
        on_failure.pop_all()
    return cast(IO[bytes], file)


def _refuse_size(db: Session, access: Access) -> None:
    is_there = (col(Post.project_id) == access.project_id, col(Post.takedown_id).is_(None))
    count = db.scalar(select(func.count()).select_from(Post).where(*is_there)) or 0
    if count > MOST_POSTS:
        words = _("A REFI-QDA project has a file for each post. More than {n} are not written.")
        raise Refusal(words.format(n=number(MOST_POSTS)))
    if not count:
        raise Refusal(_("The project has no posts yet."))


def _write(db: Session, access: Access, file: IO[bytes], opened: ExitStack, people: People) -> None:
    books = _published(db, access.project_id)
    kinds = {variable.key: variable.kind for book in reversed(books) for variable in book.variables}
    extra = shown_fields(
        extra_fields(db, access.project_id),
        hides_people=people.with_pseudonyms,
        masks_mentions=people.masks_mentions,
    )
    writer = ProjectWriter(file, access.project_key, kinds, extra, opened)
    for post, rows in _posts_with_codings(db, access, people):
        writer.add(post, rows)
    sheet = _whole_sheet(books, writer.used)
    writer.finish(access.project_title, codes_element(sheet, access.project_key, with_none=True))


def _published(db: Session, project_id: int) -> list[Codebook]:
    """All published versions, the newest first."""
    newest = latest_published(db, project_id)
    numbers = range(newest.number if newest else 0, 0, -1)
    return [published_numbered(db, project_id, each) for each in numbers]


def _whole_sheet(books: list[Codebook], used: Collection[tuple[str, str]]) -> CodebookSheet:
    """The newest version, and of older ones what codings name that it has no more."""
    if not books:
        return CodebookSheet()
    newest, *older = books
    variables = {variable.key: variable for variable in newest.variables}
    for book in older:
        for variable in book.variables:
            codes = tuple(code for code in variable.codes if (variable.key, code.key) in used)
            used_of_it = replace(variable, codes=codes, when=frozenset())
            if variable.key in variables:
                variables[variable.key] = variables[variable.key].with_codes_of(used_of_it)
            elif codes or (variable.key, "") in used:
                variables[variable.key] = used_of_it
    return sheet_of(replace(newest, variables=tuple(variables.values())))


def _posts_with_codings(
    db: Session, access: Access, people: People
) -> Iterator[tuple[PostDraft, list[CodingRow]]]:
    groups = groupby(said_codings(db, access, with_names=people.with_names), key=lambda row: row["post_id"])
    numbers = author_numbers(db, access) if people.with_pseudonyms else None
    coded = next(groups, None)
    for post in _posts(db, access):
        rows: list[CodingRow] = []
        if coded is not None and coded[0] == post.external_id:
            rows, coded = list(coded[1]), next(groups, None)
        if post.takedown_id is None:
            source = _source(post)
            if people.masks_mentions:
                source, rows = _with_masked_mentions(source, rows)
            yield source if numbers is None else shown_as(source, numbers.get(source.author or "")), rows


def _with_masked_mentions(post: PostDraft, rows: list[CodingRow]) -> tuple[PostDraft, list[CodingRow]]:
    """The post with @user for every @-mention, and its codings with their passages where these stand then."""
    shown = masked(post)
    if shown.text == post.text:
        return shown, rows
    return shown, [{**row, "evidence": _moved(str(row["evidence"]), post.text)} for row in rows]


def _moved(passages: str, text: str) -> str:
    """The passages in the masked text; those within one mention are one."""
    ends = (map(int, passage.split("-")) for passage in passages.split())
    moved = (f"{masked_place(text, start)}-{masked_place(text, end, is_end=True)}" for start, end in ends)
    return " ".join(dict.fromkeys(moved))


def said_codings(db: Session, access: Access, *, with_names: bool) -> Iterator[CodingRow]:
    """The download of codings in long form, by the names of its columns, as words and numbers."""
    names = [column.key for column in long_columns([])]
    for row in coding_rows(db, access, with_names=with_names):
        yield {name: _said(name, cell) for name, cell in zip(names, row, strict=True)}


def _said(name: str, cell: Any) -> Cell:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return "" if cell is None and name in _WORDS else cell


def _posts(db: Session, access: Access) -> Iterator[Any]:
    columns = (
        Post.number, Post.external_id, Post.text, Post.author, Post.posted_at, Post.posted_at_text, Post.link,
        Post.thread_key, Post.parent_key, Post.extra, Post.takedown_id,
    )  # fmt: skip
    statement = select(*map(col, columns)).where(col(Post.project_id) == access.project_id)
    yield from db.execute(statement.order_by(col(Post.number))).yield_per(_AT_ONCE)


def _source(post: Any) -> PostDraft:
    *said, _takedown = post
    return PostDraft(*said)

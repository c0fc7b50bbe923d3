"""The page of the methods text, and the text as a file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response

from server.methods.document import Written, as_docx, as_markdown, as_text, write_up
from server.methods.forms import FileQuery, Kind, MethodsQuery
from server.methods.gaps import not_known
from server.methods.queries import facts_of
from server.methods.reviewers import will_ask
from server.methods.text import Paragraph, paragraphs, plain_text
from server.methods.wording import Segment, Sentence
from server.projects.access import Access, SeesResults
from server.projects.files import file_stem
from server.rounds.queries import Sight
from server.web.languages import language_offered, names_of_languages, speaking
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()
_PATH = "/projects/{project_key}/methods"
_WAYS: dict[Kind, tuple[Callable[[Written], bytes], str]] = {
    Kind.TEXT: (as_text, "text/plain; charset=utf-8"),
    Kind.MARKDOWN: (as_markdown, "text/markdown; charset=utf-8"),
    Kind.DOCUMENT: (as_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@dataclass(frozen=True)
class MethodsPage:
    """The text in the language `spoken`, with what it cannot say and what will be asked about the study.

    `hidden` are the rounds that are left out, because this reader may not see figures of them.
    """

    spoken: str
    languages: tuple[tuple[str, str], ...]
    paragraphs: tuple[Paragraph, ...]
    plain: str
    missing: tuple[str, ...]
    asked: tuple[Sentence, ...]
    hidden: tuple[Sight, ...]
    n_posts: int
    kinds: tuple[str, ...]


@router.get(_PATH, name="methods.show")
def show(request: Request, db: Db, access: SeesResults, query: Annotated[MethodsQuery, Query()]) -> Response:
    """The methods text in one of the languages there are."""
    facts, spoken = facts_of(db, access), language_offered(query.language)
    with speaking(spoken):
        text = tuple(_linked(access, each) for each in paragraphs(facts))
    page = MethodsPage(
        spoken=spoken,
        languages=names_of_languages(),
        paragraphs=text,
        plain=plain_text(text),
        missing=not_known(facts),
        asked=tuple(_followed(access, each) for each in will_ask(facts)),
        hidden=facts.results.hidden,
        n_posts=facts.corpus.n_posts,
        kinds=tuple(kind.value for kind in Kind),
    )
    return render(request, "methods/show.html", page)


@router.get(_PATH + "/file", name="methods.download")
def download(
    request: Request,  # noqa: ARG001 - every page takes it
    db: Db,
    access: SeesResults,
    query: Annotated[FileQuery, Query()],
) -> Response:
    """The methods text as a file."""
    spoken = language_offered(query.language)
    write, media_type = _WAYS[query.kind]
    with speaking(spoken):
        content = write(write_up(access.project_title, facts_of(db, access)))
    name = f"{file_stem(access)}-methods-{spoken}.{query.kind.value}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _linked(access: Access, paragraph: Paragraph) -> Paragraph:
    return Paragraph(paragraph.heading, _followed(access, paragraph.text))


def _followed(access: Access, of: Sentence) -> Sentence:
    """The same with those links alone that this reader can follow."""
    return tuple(
        each if each.source is None or access.may(each.source.needs) else Segment(each.text) for each in of
    )

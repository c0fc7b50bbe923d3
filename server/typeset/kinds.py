"""The kinds of files a table can become."""

from enum import StrEnum
from importlib import import_module

from server.typeset.latex import latex
from server.typeset.markdown import markdown
from server.typeset.tables import ApaTable
from server.typeset.webpage import webpage


class Kind(StrEnum):
    """The kinds, by the endings of their names."""

    MARKDOWN = "md"
    LATEX = "tex"
    WORD = "docx"
    HTML = "html"


def typeset(table: ApaTable, kind: Kind) -> bytes:
    """The file of a table; texts are in UTF-8."""
    if kind is Kind.WORD:
        # Only here, as the library takes 10 MB of every server, most of which never write a Word file.
        file: bytes = import_module("server.typeset.word").word(table)
        return file
    write = {Kind.MARKDOWN: markdown, Kind.LATEX: latex, Kind.HTML: webpage}[kind]
    return write(table).encode()

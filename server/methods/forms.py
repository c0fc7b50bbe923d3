"""What a browser may ask of the methods text."""

from enum import StrEnum

from pydantic import BaseModel


class Kind(StrEnum):
    """The kinds of file."""

    TEXT = "txt"
    MARKDOWN = "md"
    DOCUMENT = "docx"


class MethodsQuery(BaseModel):
    """In which language; the reader's own where it is empty, or where there is no such."""

    language: str = ""


class FileQuery(MethodsQuery):
    """And as which kind of file."""

    kind: Kind = Kind.TEXT

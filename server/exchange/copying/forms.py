"""What a browser may send about copies."""

from pydantic import BaseModel

from server.accounts.forms import Line, Paragraphs
from server.exchange.copying.actions import Book


class CopyForm(BaseModel):
    """A new project that begins as a copy. The token makes a double click one project."""

    title: Line
    description: Paragraphs = ""
    book: Book = Book.PUBLISHED
    form_token: str = ""

"""What a browser may send about files."""

from pydantic import BaseModel

from server.accounts.forms import Line, Paragraphs
from server.datasets.table import Format
from server.errors import Refusal
from server.exchange.copying import Book
from server.exchange.wanted import SHAPES, Shape, Wanted, What
from server.language import gettext as _
from server.results.outcomes import Rule


class RatingsForm(BaseModel):
    """The file itself does not come as text."""


class GoldFileForm(BaseModel):
    """The file itself does not come as text."""


class QdpxForm(BaseModel):
    """The file itself does not come as text."""


class QdpxFileForm(BaseModel):
    """How a project for other programs is wanted. It is made of the texts, so it does not go without."""

    names: str = ""
    texts: str = ""

    def has_names(self) -> bool:
        """Whether annotators are called by their names; `Refusal` where the texts may not go out."""
        if not self.texts:
            words = _("A REFI-QDA project is made of the texts. Tick the box if they may go out.")
            raise Refusal(words, {"texts": words})
        return bool(self.names)


class ImportForm(BaseModel):
    """The lead's word that what was shown shall be done."""

    fingerprint: str = ""


class DownloadForm(BaseModel):
    """How a file is wanted; a box that is not ticked is not sent."""

    format: Format = Format.CSV
    shape: Shape | None = None
    bom: str = ""
    names: str = ""
    rule: Rule = Rule.PLURALITY
    plain: str = ""
    texts: str = ""
    pseudonyms: str = ""
    bare: str = ""

    def wanted(self, what: What) -> Wanted:
        """The file that is meant; `Refusal` where its data have no such shape."""
        if self.shape not in {None, *SHAPES[what]}:
            raise Refusal("", {"shape": _("These data do not come in this shape.")})
        return Wanted(
            what,
            with_bom=bool(self.bom),
            with_names=bool(self.names),
            rule=self.rule,
            is_plain=bool(self.plain),
            with_texts=bool(self.texts),
            format=self.format,
            asked_shape=self.shape,
            with_pseudonyms=bool(self.pseudonyms),
            is_bare=bool(self.bare),
        )


class CopyForm(BaseModel):
    """A new project that begins as a copy. The token makes a double click one project."""

    title: Line
    description: Paragraphs = ""
    book: Book = Book.PUBLISHED
    form_token: str = ""

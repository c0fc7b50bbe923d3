"""What a browser may send about files."""

from pydantic import BaseModel

from server.accounts.forms import Line, Paragraphs
from server.errors import Refusal
from server.exchange.copying import Book
from server.exchange.downloads import Wanted, What
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

    bom: str = ""
    names: str = ""
    rule: Rule = Rule.PLURALITY
    plain: str = ""
    texts: str = ""

    def wanted(self, what: What) -> Wanted:
        """The file that is meant."""
        return Wanted(what, bool(self.bom), bool(self.names), self.rule, bool(self.plain), bool(self.texts))


class CopyForm(BaseModel):
    """A new project that begins as a copy. The token makes a double click one project."""

    title: Line
    description: Paragraphs = ""
    book: Book = Book.PUBLISHED
    form_token: str = ""

"""What a browser may send about projects of other programs."""

from pydantic import BaseModel

from server.errors import Refusal
from server.exchange.qda.outward import People
from server.language import gettext as _


class QdpxForm(BaseModel):
    """The file itself does not come as text."""


class QdpxFileForm(BaseModel):
    """How a project for other programs is wanted. It is made of the texts, so it does not go without."""

    names: str = ""
    pseudonyms: str = ""
    mentions: str = ""
    texts: str = ""

    @property
    def people(self) -> People:
        """How people are called; `Refusal` where the texts may not go out."""
        if not self.texts:
            words = _("A REFI-QDA project is made of the texts. Tick the box if they may go out.")
            raise Refusal(words, {"texts": words})
        return People(bool(self.names), bool(self.pseudonyms), bool(self.mentions))

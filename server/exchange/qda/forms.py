"""What a browser may send about projects of other programs."""

from pydantic import BaseModel

from server.errors import Refusal
from server.language import gettext as _


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

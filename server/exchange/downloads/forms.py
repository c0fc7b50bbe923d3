"""What a browser may send about downloads."""

from pydantic import BaseModel

from server.datasets.table import Format
from server.errors import Refusal
from server.exchange.downloads.wanted import SHAPES, Shape, Wanted, What
from server.language import gettext as _
from server.results.outcomes import Rule


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
    mentions: str = ""
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
            masks_mentions=bool(self.mentions),
        )

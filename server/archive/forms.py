"""What a browser may ask of an archive."""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class Options:
    """With the texts of posts and whatever people wrote, with names instead of numbers, and with figures.

    `masks_mentions` puts @user for every @-mention in the texts of posts and their further columns.
    """

    with_texts: bool = False
    with_names: bool = False
    with_figures: bool = True
    masks_mentions: bool = False

    @property
    def told(self) -> dict[str, bool]:
        """What the history is told of them."""
        masked = {"mentions": True} if self.masks_mentions and self.with_texts else {}
        return {"names": self.with_names, "texts": self.with_texts, **masked}


class ArchiveForm(BaseModel):
    """The boxes of the form; one that is not ticked is not sent."""

    texts: str = ""
    names: str = ""
    mentions: str = ""

    @property
    def options(self) -> Options:
        """The same for the archive."""
        return Options(bool(self.texts), bool(self.names), masks_mentions=bool(self.mentions))

"""What a browser may ask of an archive."""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class Options:
    """With the texts of posts and whatever people wrote, with names instead of numbers, and with figures."""

    with_texts: bool = False
    with_names: bool = False
    with_figures: bool = True


class ArchiveForm(BaseModel):
    """The boxes of the form; one that is not ticked is not sent."""

    texts: str = ""
    names: str = ""

    @property
    def options(self) -> Options:
        """The same for the archive."""
        return Options(bool(self.texts), bool(self.names))

"""Which file is wanted, and how."""

from dataclasses import dataclass
from enum import StrEnum

from server.datasets.table import Format
from server.results.outcomes import Rule


class What(StrEnum):
    """The data there are; AGREEMENT are codings in the shape of a program that computes agreement."""

    FINAL = "final"
    CODINGS = "codings"
    AGREEMENT = "agreement"


class Shape(StrEnum):
    """How rows and columns are laid out."""

    WIDE = "wide"
    LONG = "long"
    TIDYCOMM = "tidycomm"
    RECAL = "recal"


SHAPES = {
    What.FINAL: (Shape.WIDE, Shape.LONG),
    What.CODINGS: (Shape.LONG, Shape.WIDE),
    What.AGREEMENT: (Shape.TIDYCOMM, Shape.RECAL),
}
"""The shapes of each, the usual one first."""


@dataclass(frozen=True)
class Wanted:
    """Which file, and how: with the mark Excel needs, with names instead of pseudonyms, by which rule.

    `is_plain` leaves out the guard against formulas in CSV. `with_texts` adds to the final dataset in wide
    form each post's text and the further columns it came with; `masks_mentions` puts @user for every
    @-mention in these. `with_pseudonyms` puts numbers in the place of the posts' authors, and leaves out what
    else would tell their names, but for the texts. `is_bare` leaves ids and codes alone: no author, date,
    link, text, memo or free answer, and no names.
    """

    what: What
    with_bom: bool = False
    with_names: bool = False
    rule: Rule = Rule.PLURALITY
    is_plain: bool = False
    with_texts: bool = False
    format: Format = Format.CSV
    asked_shape: Shape | None = None
    with_pseudonyms: bool = False
    is_bare: bool = False
    masks_mentions: bool = False

    @property
    def shape(self) -> Shape:
        """The shape, the usual one where none was asked for."""
        return self.asked_shape or SHAPES[self.what][0]

    @property
    def names_annotators(self) -> bool:
        """Whether annotators are called by their names."""
        return self.with_names and not self.is_bare

    @property
    def kind(self) -> str:
        """The kind of file in a word: ReCal's matrices come in an archive of their own."""
        return "zip" if self.shape is Shape.RECAL else self.format.value

    @property
    def told(self) -> dict[str, str | bool]:
        """What the history is told of it."""
        said = {
            "texts": self.with_texts and not self.is_bare,
            "mentions": self.masks_mentions and self.with_texts and not self.is_bare,
            "authors_as_pseudonyms": self.with_pseudonyms,
            "ids_and_codes_only": self.is_bare,
        }
        how = {name: True for name, is_so in said.items() if is_so}
        about: dict[str, str | bool] = {"names": self.names_annotators}
        if self.what is What.FINAL:
            about = {"rule": self.rule.value}
        return {**about, **how, "format": self.kind, "shape": self.shape.value}

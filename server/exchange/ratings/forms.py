"""What a browser may send about files of ratings."""

from pydantic import BaseModel, field_validator

from server.exchange.forms import ImportForm
from server.exchange.ratings.wishes import Wishes
from server.language import gettext as _
from server.web.numbers import whole_number


class RatingsForm(BaseModel):
    """The file itself does not come as text."""


class WishesForm(BaseModel):
    """What the lead adds to a file. `who` holds `3=anna` where the coder anna is the member number 3."""

    question: str = ""
    says_none: bool = False
    who: tuple[str, ...] = ()

    @field_validator("who")
    @classmethod
    def _each_is_one(cls, who: tuple[str, ...]) -> tuple[str, ...]:
        numbers = [each.partition("=")[0] for each in who]
        if len(set(numbers)) < len(numbers):
            raise ValueError(_("Two annotators of a file cannot be the same member."))
        return who

    @property
    def wishes(self) -> Wishes:
        """The same, read; what is no number of a member is passed over."""
        told = [each.partition("=") for each in self.who]
        numbers = {coder: number for said, _, coder in told if (number := whole_number(said))}
        return Wishes(self.question, numbers, says_none=self.says_none)


class ImportRatingsForm(WishesForm, ImportForm):
    """The lead's word that what was shown with these wishes shall be done."""

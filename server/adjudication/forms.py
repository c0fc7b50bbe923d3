"""What a browser may send from the pages of disagreements."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from server.adjudication.actions import Sent
from server.adjudication.rules import Rule
from server.coding.answers import Typed
from server.rounds.forms import MemberNumber
from server.web.forms import Form

MAX_REASON = 2_000
STANDS = "stands-"
_ANSWERS = ("v-", "none-")


class DecideForm(BaseModel):
    """What a decision says besides its answers, which are named after the codebook's variables."""

    reason: str = Field(default="", max_length=MAX_REASON)
    unclear: bool = False


class WithdrawForm(BaseModel):
    """Which decision shall be withdrawn, and why."""

    variable: str = Field(max_length=200)
    stands: str = Field(default="", max_length=64)
    why: str = Field(default="", max_length=MAX_REASON)


class ProblemForm(BaseModel):
    """What is unclear in the codebook, and where: a variable, or `variable:code`."""

    where: str = Field(default="", max_length=400)
    what: str = Field(default="", max_length=MAX_REASON)


class BackForm(BaseModel):
    """To whom a post is sent back, by their letters (none: to all), and what they shall look at."""

    to: tuple[str, ...] = ()
    note: str = Field(default="", max_length=MAX_REASON)


class SettingsForm(BaseModel):
    """What the lead settles about deciding."""

    reasons: Literal["optional", "overruling", "always"]
    adjudicators: tuple[MemberNumber, ...] = ()
    splits: bool = False
    double_percent: int = Field(default=0, ge=0, le=100)
    seed: str = Field(default="1", max_length=100)


class DealForm(BaseModel):
    """In which version of the codebook a problem is dealt with; 0: in none yet."""

    version: int = Field(ge=0, le=1_000_000)


class BulkForm(BaseModel):
    """A rule for many decisions at once; `fingerprint` is of the preview that was read."""

    rule: Literal["unanimous", "majority", "single"]
    minimum: int = Field(default=2, ge=2, le=1_000)
    variable: str = Field(default="", max_length=200)
    fingerprint: str = Field(default="", max_length=64)

    @property
    def meant(self) -> Rule:
        """The rule. Unanimous are two annotators or more, whatever the minimum of a majority."""
        minimum = self.minimum if self.rule == "majority" else 2
        return Rule(self.rule, minimum, self.variable)


class PresentForm(BaseModel):
    """Who is present at a meeting, by their numbers."""

    present: tuple[MemberNumber, ...] = ()


class MeetForm(BaseModel):
    """What a meeting agreed on says besides its answers."""

    reason: str = Field(default="", max_length=MAX_REASON)


class EachForm(BaseModel):
    """A rule for each question, in fields named after their keys; `fingerprint` is of the preview."""

    fingerprint: str = Field(default="", max_length=64)


def typed_answers(form: Form[Any]) -> Typed:
    """The answers as they were typed, without characters no database takes."""
    return {
        name: tuple(value.replace("\0", "") for value in values)
        for name, values in form.typed.items()
        if name.startswith(_ANSWERS)
    }


def sent_tokens(form: Form[Any]) -> dict[str, str]:
    """Which decisions a form was made from, by the keys of the questions."""
    return {
        name.removeprefix(STANDS): values[-1]
        for name, values in form.typed.items()
        if name.startswith(STANDS) and values
    }


def sent(form: Form[DecideForm]) -> Sent:
    """The decision; `Refusal` where its reason cannot be taken."""
    value = form.checked()
    return Sent(typed_answers(form), sent_tokens(form), value.reason.replace("\0", ""), value.unclear)

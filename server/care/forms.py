"""What a browser may send about care."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from server.care.actions import WantedCare, WantedTopic
from server.care.pauses import LONGEST
from server.errors import Refusal
from server.language import gettext as _
from server.web.forms import Form
from server.web.numbers import MAX_NUMBER, whole_number

SHORTEST = 5
MAX_WARNING = 5_000
Minutes = Annotated[int, Field(ge=SHORTEST, le=LONGEST)]


class CareForm(BaseModel):
    """What the lead settles; its other fields are named after the topics' ids."""

    warning: str = Field(default="", max_length=MAX_WARNING)
    topic_field: str = Field(default="", max_length=200)
    added: str = Field(default="", max_length=5_000, description="One topic a line")
    hides: Literal["none", "topics", "all"] = "none"
    pause_minutes: Minutes | None = None
    is_timed: bool = False
    shows_author: bool = False


def wanted_care(form: Form[CareForm]) -> WantedCare:
    """What is asked for; `Refusal` where it cannot be."""
    value = form.checked()
    if not value.topic_field and (value.hides == "topics" or value.added):
        message = _("Choose the field in which the posts name their topics.")
        raise Refusal(_("Nothing was saved yet."), {"topic_field": message})
    return WantedCare(
        warning=value.warning,
        topic_field=value.topic_field or None,
        hides="" if value.hides == "none" else value.hides,
        pause_minutes=value.pause_minutes or 0,
        shows_author=value.shows_author,
        is_timed=value.is_timed,
        topics=_topics(form),
        added=tuple(said for line in value.added.split("\n") if (said := " ".join(line.split()))),
    )


def _topics(form: Form[Any]) -> tuple[WantedTopic, ...]:
    names = [name.removeprefix("label-") for name in form.typed if name.startswith("label-")]
    return tuple(
        WantedTopic(
            whole_number(name) or 0, " ".join(form.text(f"label-{name}").split()), form.has(f"offered-{name}")
        )
        for name in names
    )


class AcceptForm(BaseModel):
    """The annotator's word that they have read what is to be read. `mark` is that of the text they saw."""

    mark: str = Field(default="", max_length=64)


class OwnCareForm(BaseModel):
    """What an annotator settles for themselves."""

    refused: tuple[Annotated[int, Field(ge=1, le=MAX_NUMBER)], ...] = ()
    always_hides: bool = False
    pause: Literal["usual", "own", "never"] = "usual"
    minutes: Minutes | None = None

    def pause_minutes(self) -> int | None:
        """After how many minutes a pause is suggested, as `MemberCare` keeps it."""
        if self.pause == "own" and self.minutes is None:
            raise Refusal(_("Nothing was saved yet."), {"minutes": _("Please fill this in.")})
        return {"usual": None, "own": self.minutes, "never": 0}[self.pause]

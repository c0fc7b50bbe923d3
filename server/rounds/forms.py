"""What a browser may send about rounds."""

import secrets
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from server.errors import Refusal
from server.language import gettext as _
from server.projects.forms import Day
from server.rounds.actions import SeenPreview
from server.rounds.design import Order, Purpose, RoundDesign, Sharing
from server.rounds.pass_rules import PassRule
from server.rounds.picks import Crew, Picks
from server.web.numbers import MAX_NUMBER

MAX_SEED = 2**53
NO_CREW = Crew()
# Per cent of a round: where every second post checks, the round is a training.
MOST_GOLD = 50
# Less than a few minutes is no time to read a post in; after a day nobody is at it any more.
SHORTEST_LEASE, LONGEST_LEASE, USUAL_LEASE = 5, 1440, 60


def _plain_number(value: object) -> object:
    """A percentage as people write it: `12,5 %`."""
    return value.replace("%", "").replace(",", ".").strip() if isinstance(value, str) else value


def _writable(value: object) -> object:
    """Text without the one character that no database takes."""
    return value.replace("\0", "") if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_writable)]
Percent = Annotated[float, BeforeValidator(_plain_number), Field(ge=0, le=100, allow_inf_nan=False)]
PartOfOne = Annotated[float, BeforeValidator(_plain_number), Field(ge=0, le=1, allow_inf_nan=False)]
MemberNumber = Annotated[int, Field(ge=1, le=MAX_NUMBER)]


class RoundForm(BaseModel):
    """A round to be previewed."""

    title: Words = Field(min_length=1, max_length=200)
    purpose: Purpose
    filter_field: Words = ""
    filter_values: Words = Field(default="", description="One value a line")
    unused: Literal["", "any", "main", "uncoded"] = ""
    since: Day | None = None
    until: Day | None = None
    disputed: Literal["", "open", "decided", "any"] = ""
    disputed_on: Words = ""
    flagged: tuple[Literal["unsure", "question", "skipped"], ...] = ()
    posts: Literal["all", "sample", "strata", "gold"] = "all"
    strata_field: Words = ""
    strata_by: Literal["share", "each"] = "share"
    per_stratum: int | None = Field(default=None, ge=1, le=MAX_NUMBER)
    size: int | None = Field(default=None, ge=1, le=MAX_NUMBER)
    annotators: tuple[MemberNumber, ...] = ()
    coders: Literal["several", "share"] = "several"
    k: int | None = Field(default=None, ge=1, le=1000)
    double_share: Percent | None = None
    double_field: Words = ""
    language_field: Words = ""
    handing: Literal["plan", "queue"] = "plan"
    lease: int | None = Field(default=None, ge=SHORTEST_LEASE, le=LONGEST_LEASE)
    cap: int | None = Field(default=None, ge=1, le=MAX_NUMBER)
    order: Order = Order.RANDOM
    ends_on: Day | None = None
    seed: int | None = Field(default=None, ge=0, le=MAX_SEED)
    passing_rule: Literal["none", "right", "alpha"] = "none"
    pass_right: int | None = Field(default=None, ge=1, le=MAX_NUMBER)
    pass_alpha: PartOfOne | None = None
    pass_posts: int | None = Field(default=None, ge=2, le=MAX_NUMBER)
    pass_variable: Words = ""
    passing: Literal["opens", "asks"] = "opens"
    gold_share: Percent | None = None
    requires: int | None = Field(default=None, ge=1, le=MAX_NUMBER)

    def design(self, crew: Crew = NO_CREW) -> RoundDesign:
        """The design this asks for; where no seed is given, one is drawn.

        Raises:
            Refusal: a number that the choices ask for is missing.
        """
        self._refuse_missing()
        self._refuse_gold_elsewhere()
        self._refuse_crossed(crew)
        asked = RoundDesign(
            title=self.title,
            purpose=self.purpose,
            annotators=self.annotators,
            seed=secrets.randbelow(1_000_000) if self.seed is None else self.seed,
            order=self.order,
            ends_on=self.ends_on,
            requires=self.requires,
        )
        if self.posts == "gold":
            return self._training(asked)
        return replace(self._counting(asked), picks=self._picks(), crew=self._crew(crew))

    def _counting(self, asked: RoundDesign) -> RoundDesign:
        double_share = self.double_share if self.coders == "share" else None
        return replace(
            asked,
            k=self.k if self.coders == "several" and self.k else 1,
            double_share=None if double_share is None else double_share / 100,
            sample_size=self.size if self.posts == "sample" or self._is_in_proportion else None,
            filter_field=self.filter_field,
            filter_values=tuple(dict.fromkeys(self._values())) if self.filter_field else (),
            unused=self.unused,
            double_field=self.double_field if double_share is not None else "",
            sharing=Sharing(self.lease, self.cap) if self.handing == "queue" and self.lease else None,
            gold_share=self.gold_share / 100 if self.gold_share else None,
        )

    @property
    def _is_in_proportion(self) -> bool:
        return self.posts == "strata" and self.strata_by == "share"

    def _picks(self) -> Picks:
        is_stratified = self.posts == "strata"
        return Picks(
            since=self.since,
            until=self.until,
            disputed=self.disputed,
            disputed_on=self.disputed_on if self.disputed else "",
            flagged=tuple(dict.fromkeys(self.flagged)),
            strata_field=self.strata_field if is_stratified else "",
            per_stratum=self.per_stratum if is_stratified and self.strata_by == "each" else None,
        )

    def _crew(self, crew: Crew) -> Crew:
        """What was said of those who were chosen; of the others it stands in the form only."""
        chosen = set(self.annotators)
        return Crew(
            quotas=tuple(pair for pair in crew.quotas if pair[0] in chosen),
            language_field=self.language_field,
            languages=tuple(pair for pair in crew.languages if pair[0] in chosen),
        )

    def _refuse_crossed(self, crew: Crew) -> None:
        """What contradicts itself."""
        errors = {}
        if self.since and self.until and self.until < self.since:
            errors["until"] = _("The last day comes before the first one.")
        is_read = self.posts != "gold" and self.language_field and self._crew(crew).languages
        if is_read and self.handing == "queue":
            errors["language_field"] = _(
                "In a shared queue whoever is free takes the next post, whatever its language. "
                "Choose a fixed plan, or leave the languages empty; quotas are kept in both."
            )
        if self.posts != "gold" and crew.languages and not self.language_field:
            errors["language_field"] = _("Choose the field in which the language of a post stands.")
        if errors:
            raise Refusal(_("Some answers need another look."), errors)

    def _training(self, asked: RoundDesign) -> RoundDesign:
        """A round that shows gold: everybody codes all of its posts."""
        return replace(
            asked,
            k=len(set(self.annotators)),
            sample_size=self.size,
            shows_gold=True,
            pass_rule=self._rule(),
        )

    def _rule(self) -> PassRule | None:
        opens = self.passing == "opens"
        if self.passing_rule == "right" and self.pass_right:
            return PassRule("right", self.pass_right, opens=opens)
        if self.passing_rule == "alpha" and self.pass_alpha is not None:
            return PassRule("alpha", self.pass_alpha, self.pass_posts, self.pass_variable, opens)
        return None

    def _refuse_gold_elsewhere(self) -> None:
        """Gold answers are shown in training only, and checked silently in no training."""
        errors = {}
        if self.posts == "gold" and self.purpose != Purpose.TRAINING:
            errors["posts"] = _(
                "Gold answers are shown in training only. Choose that purpose, or other posts."
            )
        if self.gold_share and self.purpose == Purpose.TRAINING:
            errors["gold_share"] = _("Silent gold is for rounds that count. Leave this empty in a training.")
        elif self.gold_share and self.gold_share > MOST_GOLD:
            errors["gold_share"] = _("This must be at most {le}.").format(le=MOST_GOLD)
        if errors:
            raise Refusal(_("Some answers need another look."), errors)

    def _values(self) -> list[str]:
        return [value.strip() for value in self.filter_values.split("\n") if value.strip()]

    def _refuse_missing(self) -> None:
        missing = {
            "filter_values": bool(self.filter_field) and not self._values(),
            "filter_field": bool(self._values()) and not self.filter_field,
            "size": (self.posts == "sample" or self._is_in_proportion) and self.size is None,
            "strata_field": self.posts == "strata" and not self.strata_field,
            "per_stratum": self.posts == "strata" and self.strata_by == "each" and self.per_stratum is None,
            "annotators": not self.annotators,
            "k": self.posts != "gold" and self.coders == "several" and self.k is None,
            "double_share": self.posts != "gold" and self.coders == "share" and self.double_share is None,
            "lease": self.handing == "queue" and self.lease is None,
            "pass_right": self.passing_rule == "right" and self.pass_right is None,
            "pass_alpha": self.passing_rule == "alpha" and self.pass_alpha is None,
            "pass_posts": self.passing_rule == "alpha" and self.pass_posts is None,
        }
        words = {
            "filter_values": _("Write at least one value that the posts should have."),
            "filter_field": _("Choose the field in which the posts should have these values."),
            "size": _("Write how many posts the sample should have."),
            "strata_field": _("Choose the field whose values are the strata."),
            "per_stratum": _("Write how many posts each value should get."),
            "annotators": _("Choose at least one annotator."),
            "k": _("Write how many annotators each post should have."),
            "double_share": _("Write which share of the posts two annotators should code."),
            "pass_right": _("Write how many posts have to be entirely right."),
            "pass_alpha": _("Write how large alpha has to be, such as 0.80."),
            "pass_posts": _("Write over how many posts, at least 2."),
            "lease": _("Write for how many minutes a post is kept for whoever took it."),
        }
        errors = {name: words[name] for name, is_missing in missing.items() if is_missing}
        if errors:
            raise Refusal(_("Some answers need another look."), errors)


class PreviewForm(RoundForm):
    """A round to be previewed, as the address of a preview says it."""

    token: Words = Field(default="", max_length=100)


class OpenForm(RoundForm):
    """A round to be opened, as its preview sends it back."""

    token: Words = Field(max_length=100)
    fingerprint: Words = Field(max_length=100)

    def seen(self) -> SeenPreview:
        """The preview this comes from."""
        return SeenPreview(self.token, self.fingerprint)


class RevealForm(BaseModel):
    """The lead's word that the round shall stop being blind."""

    reveal_confirmed: bool = False

    def confirm(self) -> None:
        """`Refusal` where the box was not ticked."""
        _refuse_unconfirmed("reveal_confirmed", self.reveal_confirmed)


class EndForm(BaseModel):
    """The day on which a round ends, or none."""

    ends_on: Day | None = None


class WithdrawForm(BaseModel):
    """The annotator who shall not code any further in a round."""

    annotator: MemberNumber
    withdraw_confirmed: bool = False

    def confirm(self) -> None:
        """`Refusal` where the box was not ticked."""
        _refuse_unconfirmed("withdraw_confirmed", self.withdraw_confirmed)


def _refuse_unconfirmed(field: str, is_confirmed: bool) -> None:
    if not is_confirmed:
        message = _("This cannot be taken back. Tick the box if you are sure.")
        raise Refusal(message, {field: message})

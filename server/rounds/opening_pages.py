"""Planning a round: the form, the preview with its live numbers, and the opening."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access, ManagesRounds
from server.rounds import actions, queries
from server.rounds.crew_form import crew_fields, crew_of
from server.rounds.design import Order, Purpose, RoundDesign, described, purpose_label
from server.rounds.eligible import DisputedPosts
from server.rounds.forms import (
    LONGEST_LEASE,
    SHORTEST_LEASE,
    USUAL_LEASE,
    OpenForm,
    PreviewForm,
    RoundForm,
)
from server.rounds.gates import Candidate
from server.rounds.picks import DISPUTED, FLAGS, UNUSED, disputed_label, flag_label, shortfalls, unused_label
from server.rounds.plan import PlanSummary
from server.rounds.precision import Precision, precision
from server.rounds.proposal import Offer, Proposal, offer, propose
from server.rounds.ranks import QueueSummary
from server.web.forms import Form, blank, form_of, parse
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NewRoundPage:
    """The form for a round, with what there is to choose from."""

    form: Form[RoundForm]
    offer: Offer
    labels: dict[str, str]
    purposes: Choices
    fields: Choices
    unused: Choices
    disputed: Choices
    flags: Choices
    variables: Choices
    trainings: Choices
    shortest_lease: int = SHORTEST_LEASE
    longest_lease: int = LONGEST_LEASE


@dataclass(frozen=True)
class Figures:
    """The numbers of a plan: who gets how much, how sure alpha will be, and what cannot be met."""

    annotators: tuple[Candidate, ...]
    plan: PlanSummary | None
    queue: QueueSummary | None
    precision: Precision | None
    unmet: tuple[str, ...]


@dataclass(frozen=True)
class PreviewPage(Figures):
    """What opening the round would do. `kept` is the form, to be sent again.

    `opened_as` is the number of the round that was opened from this preview already.
    """

    message: str
    title: str
    purpose: str
    codebook_number: int
    facts: Choices
    ends_on: date | None
    kept: Choices
    token: str
    fingerprint: str
    opened_as: int | None


@dataclass(frozen=True)
class RefusedFigures:
    """Why a plan has no numbers, while it is still being made."""

    message: str
    sentences: tuple[str, ...]


@router.get("/projects/{project_key}/rounds/new", name="rounds.new")
def new(request: Request, db: Db, access: ManagesRounds) -> Response:
    """The form for a round; filled in from the address when a preview is to be changed."""
    offered, sent = offer(db, access), request.query_params
    if "title" not in sent:
        return _render_new(request, offered, _suggested(offered))
    typed = {name: tuple(sent.getlist(name)) for name in sent}
    known = {*RoundForm.model_fields, *crew_fields(typed)}
    return _render_new(request, offered, Form({name: typed[name] for name in typed if name in known}))


@router.get("/projects/{project_key}/rounds/new/preview", name="rounds.preview")
def preview(request: Request, db: Db, access: ManagesRounds) -> Response:
    """What opening the round would do; nothing is written.

    The design stands in the address, so that one can come back to it. So do the seed, which draws the same
    plan again, and the token, with which a round is opened once. With `part=figures` only the numbers are
    answered, for the form that is still being filled in.
    """
    form = parse(PreviewForm, FormData([*request.query_params.multi_items()]))
    is_part = request.query_params.get("part") == "figures"
    try:
        asked = form.checked()
        proposal = propose(db, access, _design(form), _disputed(request))
    except Refusal as refusal:
        if is_part:
            return _refuse_figures(request, form.refused(refusal))
        return _render_new(request, offer(db, access), form.refused(refusal), status=422)
    if is_part:
        return render(request, "rounds/figures.html", _figures(proposal))
    if asked.seed is None or not asked.token:
        return _to_preview(request, form, proposal.design.seed)
    opened = queries.number_opened_with(db, access, asked.token)
    return _render_preview(request, form, proposal, asked.token, opened_as=opened)


def _design(form: Form[Any]) -> RoundDesign:
    design: RoundDesign = form.checked().design(crew_of(form.typed))
    return design


def _disputed(request: Request) -> DisputedPosts:
    found: DisputedPosts = request.app.state.disputed_posts
    return found


def _to_preview(request: Request, form: Form[Any], seed: int) -> Response:
    query = [*_kept(form, seed), ("token", actions.new_token())]
    return see_other(request, "rounds.preview", query=_many(query))


def _many(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Pairs of which several may have one name, as an address takes them."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@router.post("/projects/{project_key}/rounds", name="rounds.open")
def open_(
    request: Request, db: Db, access: ManagesRounds, form: Annotated[Form[OpenForm], form_of(OpenForm)]
) -> Response:
    """Open the round that was previewed, or show what has become of the preview."""
    try:
        seen = form.checked().seen()
        number = actions.open_round(db, access, _design(form), seen, _disputed(request))
    except Conflict as conflict:
        return _render_changed_preview(request, db, access, form, conflict)
    except Refusal as refusal:
        return _render_new(request, offer(db, access), form.refused(refusal), status=422)
    return see_other(request, "rounds.show", number=number, notice=_("The round is open."))


def _suggested(offered: Offer) -> Form[RoundForm]:
    annotators = [candidate.number for candidate in offered.candidates if not candidate.is_reviewer]
    return blank(
        title=_("Round {number}").format(number=offered.next_number),
        purpose=Purpose.MAIN.value,
        posts="all",
        strata_by="share",
        annotators=annotators,
        coders="several",
        k=max(1, min(2, len(annotators))),
        double_share=15,
        handing="plan",
        lease=USUAL_LEASE,
        passing_rule="none",
        passing="opens",
        order=Order.RANDOM.value,
        language_field=offered.language_field,
        **{f"reads-{of}": ", ".join(read) for of, read in offered.languages},
    )


def _render_new(request: Request, offered: Offer, form: Form[Any], status: int = 200) -> Response:
    page = NewRoundPage(
        form=form,
        offer=offered,
        labels=_labels(offered),
        purposes=tuple((purpose.value, purpose_label(purpose)) for purpose in Purpose),
        fields=tuple((name, name) for name in offered.extra_fields),
        unused=(("", _("All posts")), *((each, unused_label(each)) for each in UNUSED)),
        disputed=(("", _("All posts")), *((each, disputed_label(each)) for each in DISPUTED)),
        flags=tuple((each, flag_label(each)) for each in FLAGS),
        variables=offered.variables,
        trainings=(("", _("no training: open at once")), *_named(offered.trainings)),
    )
    return render(request, "rounds/new.html", page, status)


def _labels(offered: Offer) -> dict[str, str]:
    """The fields by the names they have on the page."""
    quotas = {
        f"quota-{one.number}": _("Most posts of {name}").format(name=one.name) for one in offered.candidates
    }
    read = {
        f"reads-{one.number}": _("Languages of {name}").format(name=one.name) for one in offered.candidates
    }
    return _labels_of_posts() | _labels_of_annotators() | quotas | read


def _labels_of_posts() -> dict[str, str]:
    return {
        "title": _("Title"),
        "purpose": _("Purpose"),
        "posts": _("How many"),
        "size": _("Posts in the sample"),
        "per_stratum": _("Posts for each value"),
        "strata_field": _("Strata"),
        "filter_field": _("Field"),
        "filter_values": _("Values"),
        "unused": _("Posts of earlier rounds"),
        "since": _("First day"),
        "until": _("Last day of the posts"),
        "disputed": _("Disagreement"),
        "disputed_on": _("Disagreement on"),
        "flagged": _("Flags"),
        "order": _("Order"),
        "ends_on": _("Last day"),
        "seed": _("Seed"),
    }


def _labels_of_annotators() -> dict[str, str]:
    return {
        "annotators": _("Annotators"),
        "quotas": _("Most posts of each"),
        "language_field": _("Field of the language"),
        "k": _("Annotators for each post"),
        "double_share": _("Double-coded share"),
        "double_field": _("Double-coded share by"),
        "handing": _("How posts are handed out"),
        "lease": _("Minutes for a post"),
        "cap": _("Most codings of one annotator"),
        "pass_right": _("Posts right on every question"),
        "pass_alpha": _("Alpha of at least"),
        "pass_posts": _("Over so many posts"),
        "pass_variable": _("Alpha of"),
        "gold_share": _("Share of silent gold, in per cent"),
        "requires": _("Opens after"),
    }


def _named(trainings: tuple[tuple[int, str], ...]) -> Choices:
    named = _("Round {number}: {title}")
    return tuple((str(number), named.format(number=number, title=title)) for number, title in trainings)


def _refuse_figures(request: Request, form: Form[Any]) -> Response:
    labels = _labels_of_posts() | _labels_of_annotators()
    sentences = tuple(
        f"{labels[name]}{_(':')} {sentence}" if name in labels else sentence
        for name, sentence in form.errors.items()
        if sentence != form.message
    )
    return render(request, "rounds/no_figures.html", RefusedFigures(form.message, sentences), 422)


def _render_changed_preview(
    request: Request, db: Db, access: Access, form: Form[OpenForm], conflict: Conflict
) -> Response:
    try:
        proposal = propose(db, access, _design(form), _disputed(request))
    except Refusal as refusal:
        return _render_new(request, offer(db, access), form.refused(refusal), status=409)
    message = _("{reason} Nothing was opened. This is the plan now.").format(reason=conflict.message)
    return _render_preview(request, form, proposal, actions.new_token(), message=message)


def _figures(proposal: Proposal) -> Figures:
    summary, design = proposal.summary(), proposal.design
    thin = proposal.outcome.thin or design.double_share is not None
    return Figures(
        annotators=proposal.annotators,
        plan=summary if isinstance(summary, PlanSummary) else None,
        queue=summary if isinstance(summary, QueueSummary) else None,
        precision=precision(summary.double_coded, 2 if thin else design.k),
        unmet=shortfalls(proposal.outcome.stored()),
    )


def _render_preview(
    request: Request,
    form: Form[Any],
    proposal: Proposal,
    token: str,
    *,
    message: str = "",
    opened_as: int | None = None,
) -> Response:
    found = _figures(proposal)
    page = PreviewPage(
        annotators=found.annotators,
        plan=found.plan,
        queue=found.queue,
        precision=found.precision,
        unmet=found.unmet,
        message=message,
        title=proposal.design.title,
        purpose=purpose_label(proposal.design.purpose),
        codebook_number=proposal.codebook_number,
        facts=described(proposal.stored(), names={str(one.number): one.name for one in found.annotators}),
        ends_on=proposal.design.ends_on,
        kept=_kept(form, proposal.design.seed),
        token=token,
        opened_as=opened_as,
        fingerprint=proposal.fingerprint,
    )
    return render(request, "rounds/preview.html", page, status=409 if message else 200)


def _kept(form: Form[Any], seed: int) -> Choices:
    """The fields of the form as they were typed, with the seed that was drawn."""
    typed = {**form.typed, "seed": (str(seed),)}
    names = (*RoundForm.model_fields, *crew_fields(form.typed))
    return tuple((name, value) for name in names for value in typed.get(name, ()))

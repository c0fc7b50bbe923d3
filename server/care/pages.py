"""The pages of care: what the lead settles, what each annotator does, and what is read before coding."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response

from server.care import actions, queries
from server.care.forms import SHORTEST, AcceptForm, CareForm, OwnCareForm, wanted_care
from server.care.pauses import LONGEST
from server.care.topics import values_in
from server.corpora.extra import extra_fields, field_values
from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access, Codes, ManagesRounds
from server.web.forms import Form, blank, form_of
from server.web.numbers import whole_number
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
SETTINGS = "/projects/{project_key}/settings/care"
OWN = "/projects/{project_key}/care"
BEFORE = OWN + "/before"
MOST_NAMED = 20


@dataclass(frozen=True)
class SettingsPage:
    """What the lead settles. `unlisted`: topics that posts name and nobody can opt out of yet."""

    form: Form[Any]
    topics: tuple[queries.Topic, ...]
    n_refusing: Mapping[int, int]
    fields: tuple[tuple[str, str], ...]
    unlisted: tuple[str, ...]
    shortest: int = SHORTEST
    longest: int = LONGEST


@dataclass(frozen=True)
class OwnPage:
    """What an annotator settles for themselves. `show_key` opens a hidden post; empty where no key does."""

    form: Form[Any]
    show_key: str
    care: queries.Care
    topics: tuple[queries.Topic, ...]
    shortest: int = SHORTEST
    longest: int = LONGEST


@dataclass(frozen=True)
class BeforePage:
    """What is read before the first post, and where one goes on from there."""

    form: Form[Any]
    care: queries.Care
    has_topics: bool
    search: Mapping[str, str]


@router.get(SETTINGS, name="care.settings")
def settings(request: Request, db: Db, access: ManagesRounds) -> Response:
    """Offer to change what is settled in the project."""
    return render(request, "care/settings.html", _settings(db, access))


@router.post(SETTINGS, name="care.save_settings")
def save_settings(
    request: Request, db: Db, access: ManagesRounds, form: Annotated[Form[CareForm], form_of(CareForm)]
) -> Response:
    """Change it."""
    try:
        actions.settle(db, access, wanted_care(form))
    except Refusal as refusal:
        page = _settings(db, access, form.refused(refusal))
        return render(request, "care/settings.html", page, status=422)
    return see_other(request, "care.settings", notice=_("Saved."))


def _settings(db: Db, access: Access, form: Form[Any] | None = None) -> SettingsPage:
    care = queries.care_of(db, access.project_id)
    topics = queries.topics(db.connection(), access.project_id, access.member_id)
    form = _with_all(form, _fields(care, topics)) if form else blank(**_fields(care, topics))
    names = (*extra_fields(db, access.project_id), *([care.topic_field] if care.topic_field else []))
    return SettingsPage(
        form=form,
        topics=topics,
        n_refusing=queries.n_refusing(db, access),
        fields=(("", _("None")), *((name, name) for name in dict.fromkeys(names))),
        unlisted=_unlisted(db, access, care, topics),
    )


def _with_all(form: Form[Any], stored: dict[str, object]) -> Form[Any]:
    """The form as it was sent, with the topics that somebody has added meanwhile."""
    missing = {name for name in stored if name.startswith("label-") and name not in form.typed}
    also = missing | {name.replace("label-", "offered-") for name in missing}
    added = blank(**{name: value for name, value in stored.items() if name in also})
    return replace(form, typed={**form.typed, **added.typed})


def _fields(care: queries.Care, topics: tuple[queries.Topic, ...]) -> dict[str, object]:
    fields: dict[str, object] = {
        "warning": care.warning,
        "topic_field": care.topic_field or "",
        "hides": care.hides or "none",
        "pause_minutes": care.pause_minutes or "",
        "is_timed": care.timed_since is not None,
        "shows_author": care.shows_author,
    }
    for topic in topics:
        fields |= {f"label-{topic.id}": topic.label, f"offered-{topic.id}": topic.is_offered}
    return fields


def _unlisted(
    db: Db, access: Access, care: queries.Care, topics: tuple[queries.Topic, ...]
) -> tuple[str, ...]:
    if not care.topic_field:
        return ()
    said = field_values(db, access.project_id, care.topic_field)
    named = dict.fromkeys(value for each in said for value in values_in(each))
    known = {topic.value for topic in topics}
    return tuple(value for value in named if value not in known)[:MOST_NAMED]


@router.get(OWN, name="care.own")
def own(request: Request, db: Db, access: Codes) -> Response:
    """Offer to opt out of topics, to hide posts, and to be reminded of pauses."""
    return render(request, "care/own.html", _own(request, db, access))


@router.post(OWN, name="care.save_own")
def save_own(
    request: Request, db: Db, access: Codes, form: Annotated[Form[OwnCareForm], form_of(OwnCareForm)]
) -> Response:
    """Change it."""
    try:
        value = form.checked()
        minutes = value.pause_minutes()
    except Refusal as refusal:
        page = _own(request, db, access, form.refused(refusal))
        return render(request, "care/own.html", page, status=422)
    actions.settle_own(
        db, access, refused=value.refused, always_hides=value.always_hides, pause_minutes=minutes
    )
    return see_other(request, "care.own", notice=_("Saved. It holds from the next post on."))


def _own(request: Request, db: Db, access: Access, form: Form[Any] | None = None) -> OwnPage:
    mine = queries.own_care(db, access)
    topics = queries.topics(db.connection(), access.project_id, access.member_id)
    pause = "usual" if mine.pause_minutes is None else "own" if mine.pause_minutes else "never"
    return OwnPage(
        form=form
        or blank(
            refused=[topic.id for topic in topics if topic.is_refused],
            always_hides=mine.always_hides,
            pause=pause,
            minutes=mine.pause_minutes or None,
        ),
        # Keys are settled in `server.coding`, a feature above.
        show_key=request.app.state.key_that_shows(db, access),
        care=queries.care_of(db, access.project_id),
        topics=tuple(topic for topic in topics if topic.is_offered or topic.is_refused),
    )


@router.get(BEFORE, name="care.before")
def before(request: Request, db: Db, access: Codes) -> Response:
    """What is read before the first post."""
    return render(request, "care/before.html", _before(request, db, access, blank()))


@router.post(BEFORE, name="care.accept")
def accept(
    request: Request, db: Db, access: Codes, form: Annotated[Form[AcceptForm], form_of(AcceptForm)]
) -> Response:
    """Remember that it was read, and go on to the post."""
    try:
        actions.accept(db, access, form.checked().mark)
    except (Conflict, Refusal) as refused:
        page = _before(request, db, access, form.refused(Refusal(refused.message)))
        return render(request, "care/before.html", page, status=409)
    number, position = (whole_number(request.query_params.get(name, "")) for name in ("round", "position"))
    if number and position:
        return see_other(request, "coding.annotate", number=number, position=position)
    if number:
        return see_other(request, "coding.next", number=number)
    return see_other(request, "coding.start")


def _before(request: Request, db: Db, access: Access, form: Form[Any]) -> BeforePage:
    asked = request.query_params
    search = {name: asked[name][:12] for name in ("round", "position") if asked.get(name)}
    topics = queries.topics(db.connection(), access.project_id, access.member_id)
    has_topics = any(topic.is_offered for topic in topics)
    return BeforePage(form, queries.care_of(db, access.project_id), has_topics, search)

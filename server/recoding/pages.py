"""Publishing the draft, and the page that asks what becomes of codings made so far."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response

from server.codebooks import queries
from server.codebooks.checks import Incomplete
from server.codebooks.pages.draft import draft_page
from server.codebooks.pages.routes import DRAFT, kept
from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import EditsCodebook
from server.recoding import actions
from server.recoding.actions import Published, Undecided, Wish
from server.recoding.fates import Choice
from server.recoding.forms import FatedForm
from server.recoding.open_rounds import OpenRound, open_rounds
from server.web.forms import Form, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class FatesPage:
    """What has to be decided before version `number` is published. `open_rounds` go on under an older one."""

    number: int
    choices: tuple[Choice, ...]
    open_rounds: tuple[OpenRound, ...]
    form: Form[Any]


@router.post(DRAFT + "/publish", name="codebooks.publish")
def publish(
    request: Request, db: Db, access: EditsCodebook, form: Annotated[Form[FatedForm], form_of(FatedForm)]
) -> Response:
    """Make the draft a version, once it is said what becomes of codings that it gives another meaning."""
    try:
        published = actions.publish(db, access, _wish(form))
    except Undecided as problem:
        asked = form.has("was_asked")
        form = form.refused(problem) if asked else replace(form, message="", errors={})
        number = queries.being_written(db, access.project_id).number
        page = FatesPage(number, problem.choices, open_rounds(db, access), form)
        return render(request, "recoding/fates.html", page, 422 if asked else 200)
    except Incomplete as problem:
        # Each sentence leads to its place, in the list that the page has of them.
        return draft_page(request, db, access, replace(form, message=problem.short), 422)
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept(form, problem))
    if published.rounds:
        return see_other(request, "rounds.show", notice=_notice(published), number=published.rounds[0])
    return see_other(request, "codebooks.show", notice=_notice(published))


def _wish(form: Form[FatedForm]) -> Wish:
    sent = form.checked()
    fates = {name: values[-1] for name, values in form.typed.items() if name.startswith("fate-") and values}
    return Wish(sent.edition, sent.note, sent.said(), fates, sent.shows_earlier)


def _notice(published: Published) -> str:
    said = _("Version {number} is published. New rounds use it.").format(number=published.number)
    if not published.rounds:
        return said
    n = len(published.rounds)
    again = ngettext(
        "Round {numbers} is open: what changed is coded again there.",
        "Rounds {numbers} are open: what changed is coded again there.",
        n,
    )
    return f"{said} {again.format(numbers=', '.join(map(str, published.rounds)))}"

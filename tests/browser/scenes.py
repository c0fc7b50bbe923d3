"""Every page as somebody may meet it: what is shown, and what is said to a form that is refused.

They follow from the routes and the access table: a new route is a new scene, and one that cannot be
reached as it stands needs a word in the tables below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi.routing import APIRoute

from server.app import ROUTERS
from server.codebooks.sheet import CodebookSheet
from server.codebooks.writing import write_codebook_csv
from server.sample.codebook import CODEBOOK
from tests.access_table import ROUTES
from tests.browser.furnished import Furnished


@dataclass(frozen=True)
class Scene:
    """A page, who asks for it and how; `fields` are those of a form that is sent, None where none is."""

    name: str
    person: str
    path: str
    status: int = 200
    fields: Mapping[str, str] | None = None
    file: str = ""


# Routes that answer with something else than a page: files, and ways to other pages.
NO_PAGES = {
    "exchange.final",
    "exchange.codings",
    "exchange.judgements",
    "exchange.qdpx_file",
    "exchange.history",
    "exchange.agreement",
    "exchange.results",
    "exchange.groups",
    "exchange.together",
    "exchange.corrected",
    "exchange.result_paper",
    "exchange.agreement_paper",
    "exchange.plan",
    "exchange.gold_template",
    "methods.download",
    "archive.download",
    "codebooks.download",
    "codebooks.markdown",
    "codebooks.docx",
    "codebooks.refi",
    "codebooks.download_draft",
    "corpora.remarks_file",
    "coding.next",
    "coding.skipping",
    "coding.signing_in",
    "adjudication.names",
    "adjudication.withdrawal",
    "adjudication.models_address",
    "adjudication.problem_mark",
    "adjudication.back_address",
    "adjudication.take_address",
    "adjudication.take_over_address",
    "adjudication.meeting",
    "adjudication.problem_address",
    "norming.comments",
    "norming.again_address",
    "exchange.before_after",
    "exchange.codebook_problems",
}
# The page of an empty server has a test of its own.
ON_AN_EMPTY_SERVER = {"accounts.set_up"}
# Pages of who is half way in, and the way to an identity provider: `test_sign_in` goes it.
HALF_WAY = {
    "accounts.second_step",
    "accounts.owed_second_step",
    "accounts.newcomer",
    "accounts.new_second_step",
    "accounts.recovery_codes",
    "accounts.provider",
    "accounts.provider_back",
}
# Whoever is not the lead.
PERSONS = {
    "accounts.sign_in": "anonymous",
    "accounts.start_session": "anonymous",
    "accounts.reset": "anonymous",
    "accounts.index": "admin",
    "accounts.create": "admin",
    "accounts.make_link": "admin",
    "accounts.take_second_step_off": "admin",
    "accounts.change_rights": "admin",
    "accounts.deactivate": "admin",
    "accounts.activate": "admin",
    "coding.sign_in_again": "anonymous",
    "projects.accept_invitation": "anonymous",
    "projects.new": "admin",
    "projects.create": "admin",
    "coding": "annotator",
    "coding.times": "lead",
    "coding.waiting": "waiter",
    "coding.questions_to_lead": "lead",
    "coding.question_to_lead": "lead",
    "coding.answer_question": "lead",
    "training.feedback": "annotator",
    "training.standing": "annotator",
    "coding.start": "lead",  # An annotator of a single round is sent on.
}
# What stands elsewhere in the address than `Furnished.parts` says.
PARTS = {
    "accounts.reset": {"token": "{reset_token}"},
    "accounts.set_password": {"token": "{reset_token}"},
    "norming.posts": {"number": "1"},
    "norming.post": {"number": "1"},
    "norming.ask_again": {"number": "1"},
    "norming.change": {"number": "1"},
    "adjudication.post": {"number": "19"},
    "adjudication.decide": {"number": "19"},
    "adjudication.show_names": {"number": "19"},
    "adjudication.show_models": {"number": "19"},
    "adjudication.mark_problem": {"number": "19"},
    "adjudication.send_back": {"number": "19"},
    "adjudication.take_over": {"number": "22"},
    "adjudication.meeting_post": {"number": "1", "post": "19"},
    "adjudication.agree": {"number": "1", "post": "19"},
    "adjudication.withdraw": {"number": "1"},
    "codebooks.changes": {"number": "2", "earlier": "1"},
    "coding.waiting": {"project_key": "{shared_key}", "number": "1"},
    "projects.deactivate_member": {"number": "1"},  # The only lead.
    "training.feedback": {"number": "4", "position": "2"},
    "training.standing": {"number": "4"},
    "training.trainees": {"number": "4"},
    "training.decide": {"number": "4"},
    "training.gold_post": {"number": "31"},
    "training.write_gold": {"number": "31"},
    "corpora.progress": {"upload_key": "{refused_key}"},
    "exchange.preview_gold": {"upload_key": "{gold_key}"},
    "exchange.preview_ratings": {"upload_key": "{ratings_key}"},
    "exchange.preview_qdpx": {"upload_key": "{qdpx_key}"},
}
QUERIES = {
    "reliability.posts": {"round": "1", "variable": "stance", "row": "0", "column": "1"},
    "reliability.show": {"round": "1", "variable": "expression"},
    "rounds.preview": {
        "title": "Next",
        "purpose": "main",
        "annotators": "3",
        "k": "1",
        "posts": "sample",
        "size": "4",
    },
}


def scenes(furnished: Furnished, feature: str) -> list[Scene]:
    """All scenes of a feature."""
    routes = {name: route for name, route in routes_by_name().items() if name.partition(".")[0] == feature}
    shown = [_scene(furnished, route) for name, route in routes.items() if _is_scene(name, route)]
    return [*shown, *_more(furnished, feature)]


def routes_by_name() -> dict[str, APIRoute]:
    """The routes of all pages."""
    found = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {route.name: route for route in found}


def _is_scene(name: str, route: APIRoute) -> bool:
    """Whether it shows a page: what is only looked at, and forms that are refused or answered at once."""
    if name in NO_PAGES | ON_AN_EMPTY_SERVER | HALF_WAY:
        return False
    return _is_looked_at(route) or bool({200, 422} & set(ROUTES[name].statuses))


def _is_looked_at(route: APIRoute) -> bool:
    return "GET" in (route.methods or ())


def _scene(furnished: Furnished, route: APIRoute) -> Scene:
    person, path = person_of(route.name), address(furnished, route.name)
    if _is_looked_at(route):
        return Scene(route.name, person, path)
    status = 422 if 422 in ROUTES[route.name].statuses else 200
    return Scene(f"{route.name}, empty", person, path, status, {})


def person_of(name: str) -> str:
    """Who asks for the page `name`."""
    return PERSONS.get(name) or PERSONS.get(name.partition(".")[0], "lead")


def address(furnished: Furnished, name: str, query: Mapping[str, str] | None = None, **parts: str) -> str:
    """The address of the page `name` in the furnished study."""
    own = {key: value.format(**furnished.parts) for key, value in PARTS.get(name, {}).items()}
    path = routes_by_name()[name].path_format.format(**furnished.parts | own | parts)
    asked = QUERIES.get(name, {}) if query is None else query
    return f"{path}?{urlencode(asked)}" if asked else path


EMPTY = {
    "adjudication": ("queue", "bulk", "bulk_each"),
    "codebooks": ("show", "draft", "new_variable"),
    "coding": ("start",),
    "corpora": ("index", "batches", "upload"),
    "exchange": ("show", "gold_file"),
    "methods": ("show",),
    "projects": ("home", "show", "members", "history"),
    "reliability": ("show",),
    "results": ("show", "groups", "together", "corrected"),
    "rounds": ("index", "new"),
    "training": ("gold",),
}


def _more(furnished: Furnished, feature: str) -> Iterator[Scene]:
    """What a study that begins shows, and the states that an empty form does not lead to."""
    for page in EMPTY.get(feature, ()):
        path = address(furnished, f"{feature}.{page}", {}, project_key=furnished.parts["empty_key"])
        yield Scene(f"{feature}.{page} of a study that begins", "beginner", path)
    for name, person, query, parts in LOOKED_AT.get(feature, ()):
        yield Scene(f"{name} {query or parts}", person, address(furnished, name, query, **parts))
    for name, person, status, fields, parts in SENT.get(feature, ()):
        yield Scene(f"{name}: {status}", person, address(furnished, name, {}, **parts), status, fields)
    if feature == "codebooks":
        path = address(furnished, "codebooks.preview")
        file = write_codebook_csv(CodebookSheet(CODEBOOK.variables[:1]))
        yield Scene("codebooks.preview, a codebook", "lead", path, 200, {}, file)
        yield Scene("codebooks.preview, another file", "lead", path, 422, {}, "variable,code\nstance,a b\n")
    if feature == "exchange":
        path = address(furnished, "exchange.preview_gold", upload_key=furnished.parts["faulty_gold_key"])
        yield Scene("exchange.preview_gold, a faulty file", "lead", path)
    if feature == "projects":
        yield Scene("not found", "anonymous", "/nothing-here", 404)
        yield Scene("forbidden", "annotator", address(furnished, "projects.members"), 403)
        yield Scene("a used link", "anonymous", "/reset/used", 404)


Parts = dict[str, str]
LOOKED_AT: dict[str, tuple[tuple[str, str, dict[str, str], Parts], ...]] = {
    "training": (("training.feedback", "annotator", {}, {"position": "1"}),),
    "adjudication": (
        ("adjudication.bulk", "adjudicator", {"rule": "majority", "minimum": "2"}, {}),
        ("adjudication.bulk", "adjudicator", {"rule": "single"}, {}),
        (
            "adjudication.bulk_each",
            "adjudicator",
            {"rule-stance": "model", "threshold-stance": "0.6", "rule-emotion": "majority"},
            {},
        ),
        ("adjudication.queue", "adjudicator", {"state": "all", "variable": "stance"}, {}),
        ("adjudication.queue", "adjudicator", {"entropy": "none", "sample": "-1", "flagged": "any"}, {}),
        ("adjudication.problems", "lead", {"state": "all"}, {}),
        ("adjudication.post", "adjudicator", {}, {"number": "1"}),
        ("adjudication.post", "lead", {"share": "all"}, {"number": "28"}),
        ("adjudication.post", "adjudicator", {"share": "all"}, {"number": "22"}),
        ("adjudication.queue", "lead", {"share": "mine", "flagged": "apart"}, {}),
    ),
    "coding": (
        ("coding.annotate", "annotator", {}, {"position": "1"}),
        ("coding.annotate", "annotator", {}, {"position": "5"}),
        ("coding.annotate", "annotator", {}, {"number": "1", "position": "2"}),
        ("coding.mine", "annotator", {"words": "nowhere"}, {}),
    ),
    "corpora": (("corpora.show", "lead", {}, {"number": "3"}),),
    "codebooks": (
        ("codebooks.version", "annotator", {}, {"number": "1"}),
        ("codebooks.show", "annotator", {"q": "model"}, {}),
        ("codebooks.show", "annotator", {"q": "nowhere at all"}, {}),
        ("codebooks.new_code", "lead", {}, {"variable_key": "emotion"}),
    ),
    "norming": (
        ("norming.posts", "annotator", {"show": "commented"}, {}),
        ("norming.post", "annotator", {}, {}),
        ("norming.post", "annotator", {}, {"post": "3"}),
    ),
    "projects": (("projects.show", "annotator", {}, {}), ("projects.home", "admin", {}, {})),
    "reliability": (
        ("reliability.drift", "lead", {"variable": "stance"}, {"number": "3"}),
        ("reliability.show", "lead", {"round": "1", "variable": "emotion"}, {}),
    ),
    "results": (
        ("results.show", "lead", {"interval": "goodman", "denominator": "all"}, {}),
        ("results.groups", "lead", {"code": "stance:against", "by": "author"}, {}),
        ("results.groups", "lead", {"by": "code:stance:against", "clusters": "none"}, {}),
        ("results.together", "lead", {"measure": "jaccard"}, {}),
        ("results.corrected", "lead", {"code": "stance:against"}, {}),
    ),
    "rounds": (
        ("rounds.show", "lead", {}, {"number": "1"}),
        ("rounds.show", "lead", {}, {"number": "3"}),
        ("rounds.change", "lead", {"source": "3", "to": "4"}, {}),
        ("rounds.change", "lead", {"more_posts": "1"}, {}),
        (
            "rounds.new",
            "lead",
            {"title": "Next", "posts": "strata", "since": "2025-08-01", "quota-3": "2"},
            {},
        ),
    ),
}
SENT: dict[str, tuple[tuple[str, str, int, dict[str, str], Parts], ...]] = {
    "takedown": (
        ("takedown.look", "lead", 200, {"posts": "#1\n#2\nno-such-post", "with_copies": "on"}, {}),
        ("takedown.take_down", "lead", 422, {"posts": "#1\n#2"}, {}),
    ),
    "care": (
        ("care.save_own", "annotator", 422, {"pause": "own", "minutes": "1"}, {}),
        ("care.accept", "annotator", 409, {"mark": "of another text"}, {}),
        ("care.save_settings", "lead", 422, {"hides": "topics", "pause_minutes": "1"}, {}),
    ),
    "accounts": (("accounts.set_password", "anonymous", 422, {}, {}),),
    "adjudication": (
        (
            "adjudication.decide",
            "lead",
            409,
            {"v-stance": "unclear", "stands-stance": "1", "reason": "Read again."},
            {},
        ),
    ),
    "coding": (
        (
            "coding.submit",
            "annotator",
            409,
            {
                "form_token": "as-in-another-tab",
                "revision": "0",
                "codebook": "2",
                "v-stance": "unclear",
                "v-emotion": "mild",
                "none-expression": "on",
            },
            {"position": "1"},
        ),
        ("coding.save_keys", "annotator", 422, {"k-stance.against": "m", "k-stance.unclear": "ab"}, {}),
    ),
    "exchange": (("exchange.make_copy", "lead", 422, {}, {}),),
    "norming": (
        ("norming.ask_again", "lead", 422, {}, {"number": "1"}),
        ("norming.comment", "annotator", 422, {"text": " "}, {"number": "1"}),
        ("norming.code_again", "annotator", 422, {"v-emotion": "mild"}, {"number": "1"}),
    ),
    "tokens": (
        ("tokens.make", "lead", 200, {"name": "A script", "scopes": "projects:read", "days": "30"}, {}),
    ),
    "projects": (
        ("projects.invite", "lead", 200, {"role": "viewer", "days": "7", "note": "for Ada"}, {}),
        ("projects.join", "anonymous", 422, {}, {}),
        ("projects.save", "lead", 200, {"title": "When a model is retired"}, {}),
    ),
}

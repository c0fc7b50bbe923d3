"""A rule for each question as its page shows it: what can be chosen, what was typed, what it would do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from server.adjudication.bulk_screen import Preview, preview_of
from server.adjudication.modelled import askable
from server.adjudication.rules import LEAST_THRESHOLD, MAJORITY, MODEL, SINGLE, UNANIMOUS, Rule, Rules
from server.adjudication.scope import Scope, scope_of
from server.codebooks.queries import VariableInfo
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.rounds.queries import Sight
from server.web.forms import Form

_MOST = 1_000
_USUAL = {"minimum": "2", "threshold": "0.95"}


@dataclass(frozen=True)
class EachPage:
    """The questions, those that a model can be asked, and a preview where rules were chosen.

    `typed` are the names and values of the form, to be sent again with what is accepted.
    """

    form: Form[Any]
    variables: tuple[VariableInfo, ...]
    modelled: frozenset[int]
    preview: Preview | None
    typed: tuple[tuple[str, str], ...]
    hidden: tuple[Sight, ...]


def each_page(db: Session, access: Access, form: Form[Any]) -> EachPage:
    """The page, with a preview where the form holds rules that can be used."""
    scope = scope_of(db, access)
    preview = None
    if any(_chosen(form, each) for each in scope.variables):
        try:
            preview = preview_of(db, access, scope, rules_in(db, access, scope, form))
        except Refusal as refusal:
            form = form.refused(refusal)
    form = Form({**_offered(scope), **form.typed}, errors=form.errors, message=form.message)
    names = _offered(scope)
    return EachPage(
        form,
        scope.variables,
        _modelled(db, access),
        preview,
        tuple((name, form.text(name)) for name in names),
        scope.hidden,
    )


def rules_in(db: Session, access: Access, scope: Scope, form: Form[Any]) -> Rules:
    """The rules that a form holds; `Refusal` with a sentence at each field that needs another look."""
    errors: dict[str, str] = {}
    form = Form({**_offered(scope), **form.typed})
    modelled = _modelled(db, access)
    found = tuple(
        Rule(name, _minimum(form, each, name, errors), each.key, _threshold(form, each, name, errors))
        for each in scope.variables
        if (name := _checked(form, each, modelled, errors))
    )
    if errors:
        raise Refusal(_("Some answers need another look. Nothing was decided yet."), errors)
    if not found:
        raise Refusal(_("Nothing was decided yet. Choose a rule for at least one question."))
    return Rules(found)


def _modelled(db: Session, access: Access) -> frozenset[int]:
    return frozenset(each.question.id for each in askable(db, access))


def _offered(scope: Scope) -> dict[str, tuple[str, ...]]:
    return dict(_fields(scope))


def _fields(scope: Scope) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in scope.variables:
        yield f"rule-{each.key}", ("",)
        for name, usual in _USUAL.items():
            yield f"{name}-{each.key}", (usual,)


def _chosen(form: Form[Any], of: VariableInfo) -> str:
    return form.text(f"rule-{of.key}")


def _checked(form: Form[Any], of: VariableInfo, modelled: frozenset[int], errors: dict[str, str]) -> str:
    name = _chosen(form, of)
    if name not in ("", UNANIMOUS, MAJORITY, MODEL, SINGLE):
        errors[f"rule-{of.key}"] = _("Please choose one of the answers offered.")
    elif name == MODEL and of.id not in modelled:
        errors[f"rule-{of.key}"] = _(
            "The model is about choices between codes that were made independently. Choose another rule."
        )
    return name


def _minimum(form: Form[Any], of: VariableInfo, rule: str, errors: dict[str, str]) -> int:
    if rule != MAJORITY:
        return 2
    typed = form.text(f"minimum-{of.key}").strip()
    if typed.isascii() and typed.isdigit() and 2 <= int(typed[:9]) <= _MOST:
        return int(typed)
    errors[f"minimum-{of.key}"] = _("The smallest majority is a whole number from 2 on.")
    return 2


def _threshold(form: Form[Any], of: VariableInfo, rule: str, errors: dict[str, str]) -> float:
    if rule != MODEL:
        return 0.0
    try:
        value = float(form.text(f"threshold-{of.key}").strip().replace(",", "."))
    except ValueError:
        value = -1.0
    if LEAST_THRESHOLD < value <= 1:
        return value
    errors[f"threshold-{of.key}"] = _("A probability is a number above 0.5 and up to 1, such as 0.95.")
    return 1.0

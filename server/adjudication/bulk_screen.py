"""Many decisions at once as their page shows them: the rule, its preview, and what was done so far."""

from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.bases import basis_word
from server.adjudication.batches import BatchLine, batches
from server.adjudication.believing import model_of, notes_on
from server.adjudication.bulk import Example, examples
from server.adjudication.decision_questions import words
from server.adjudication.forms import BulkForm
from server.adjudication.memory import remembered_proposal
from server.adjudication.rules import MAJORITY, MODEL, SINGLE, UNANIMOUS, Rule, Rules
from server.adjudication.scope import Scope, scope_of
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.rounds.queries import Sight
from server.web.forms import Form
from server.web.words import number, percent

_SHOWN = (UNANIMOUS, MAJORITY, MODEL, SINGLE)


@dataclass(frozen=True)
class ExampleLine:
    """An answer that the rule would accept."""

    number: int
    start: str
    is_cut: bool
    label: str
    said: str
    basis: str


@dataclass(frozen=True)
class Preview:
    """What a rule would decide. `columns`: bases in words; `rows`: question, its rule, how many on each.

    `notes` say why a model is to be read with care.
    """

    n_decisions: int
    n_posts: int
    n_waiting: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[int, ...]], ...]
    notes: tuple[str, ...]
    examples: tuple[ExampleLine, ...]
    fingerprint: str


@dataclass(frozen=True)
class BulkPage:
    """Rules for many decisions at once, what the chosen one would do, and what was done so far."""

    form: Form[BulkForm]
    variables: tuple[tuple[str, str], ...]
    preview: Preview | None
    batches: tuple[tuple[BatchLine, str], ...]
    labels: dict[str, str]
    hidden: tuple[Sight, ...]


def bulk_page(db: Session, access: Access, form: Form[BulkForm]) -> BulkPage:
    """The page, with a preview where the form holds a rule that can be used."""
    scope = scope_of(db, access)
    preview = None
    if form.value is not None:
        try:
            preview = preview_of(db, access, scope, checked(scope, form).meant)
        except Refusal as refusal:
            form = form.refused(refusal)
    return BulkPage(
        form=form,
        variables=tuple((variable.key, variable.label) for variable in scope.variables),
        preview=preview,
        batches=tuple((each, _rules_words(scope, each.rule)) for each in batches(db, access)),
        labels={variable.key: variable.label for variable in scope.variables},
        hidden=scope.hidden,
    )


def checked(scope: Scope, form: Form[BulkForm]) -> BulkForm:
    """The rule; `Refusal` where it names a question that is not in the codebook."""
    value = form.checked()
    if value.variable and value.variable not in scope.variable_by_key:
        sentence = _("This question is not in the codebook. Choose one of those offered.")
        raise Refusal(_("Some answers need another look."), {"variable": sentence})
    return value


def _rules_words(scope: Scope, rule: Rule | Rules) -> str:
    if isinstance(rule, Rule):
        return rule_words(rule)
    labels = {variable.key: variable.label for variable in scope.variables}
    said = [
        labels.get(each.variable_key, each.variable_key) + _(":") + " " + rule_words(each) for each in rule.of
    ]
    return "; ".join(said)


def preview_of(db: Session, access: Access, scope: Scope, rule: Rule | Rules) -> Preview:
    """What a rule, or a rule for each question, would decide now."""
    proposal = remembered_proposal(db, scope, rule, model_of(db, access))
    counts = proposal.by_variable
    bases = [basis for basis in _SHOWN if any(basis in each for each in counts.values())]
    rules = {each.variable_key: each for each in rule.of} if isinstance(rule, Rules) else {}
    listed = [each for each in scope.variables if each.id in counts or each.key in rules]
    asked = [each for each in listed if each.key in rules and rules[each.key].name == MODEL]
    return Preview(
        n_decisions=len(proposal.accepted),
        n_posts=proposal.n_posts,
        n_waiting=proposal.n_waiting,
        columns=tuple(basis_word(basis) for basis in bases),
        rows=tuple(
            (
                each.label,
                rule_words(rules[each.key]) if each.key in rules else "",
                tuple(counts.get(each.id, {}).get(basis, 0) for basis in bases),
            )
            for each in listed
        ),
        notes=tuple(dict.fromkeys(note for each in asked for note in notes_on(db, access, each))),
        examples=tuple(_example(scope, each) for each in examples(db, proposal)),
        fingerprint=proposal.fingerprint,
    )


def rule_words(rule: Rule) -> str:
    """A rule as the list of bulk decisions says it."""
    if rule.name == MAJORITY:
        return _("majority of at least {least}").format(least=number(rule.minimum))
    if rule.name == MODEL:
        least = percent(rule.threshold, 1)
        return _("Dawid–Skene model, probability at least {least}").format(least=least)
    return basis_word(rule.name)


def _example(scope: Scope, example: Example) -> ExampleLine:
    accepted = example.accepted
    variable = scope.variable_by_id[accepted.variable_id]
    said = ", ".join(words(accepted.answers, variable))
    return ExampleLine(
        example.number, example.start, example.is_cut, variable.label, said, basis_word(accepted.basis)
    )

"""Many decisions at once as their page shows them: the rule, its preview, and what was done so far."""

from dataclasses import dataclass

from sqlmodel import Session

from server.adjudication.asking import words
from server.adjudication.batches import BatchLine, batches
from server.adjudication.bulk import Example, Proposal, examples
from server.adjudication.forms import BulkForm
from server.adjudication.memory import remembered_proposal
from server.adjudication.scope import Scope, scope_of
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.rounds.queries import Sight
from server.web.forms import Form


@dataclass(frozen=True)
class ExampleLine:
    """An answer that the rule would accept."""

    number: int
    start: str
    is_cut: bool
    label: str
    said: str
    is_unanimous: bool


@dataclass(frozen=True)
class Preview:
    """What a rule would decide. `rows`: question, how many unanimous, how many by majority."""

    rule: str
    minimum: int
    n_decisions: int
    n_posts: int
    n_waiting: int
    rows: tuple[tuple[str, int, int], ...]
    examples: tuple[ExampleLine, ...]
    fingerprint: str


@dataclass(frozen=True)
class BulkPage:
    """Rules for many decisions at once, what the chosen one would do, and what was done so far."""

    form: Form[BulkForm]
    variables: tuple[tuple[str, str], ...]
    preview: Preview | None
    batches: tuple[BatchLine, ...]
    labels: dict[str, str]
    hidden: tuple[Sight, ...]


def bulk_page(db: Session, access: Access, form: Form[BulkForm]) -> BulkPage:
    """The page, with a preview where the form holds a rule that can be used."""
    scope = scope_of(db, access)
    preview = None
    if form.value is not None:
        try:
            preview = _preview(db, scope, remembered_proposal(db, scope, checked(scope, form).meant))
        except Refusal as refusal:
            form = form.refused(refusal)
    return BulkPage(
        form=form,
        variables=tuple((variable.key, variable.label) for variable in scope.variables),
        preview=preview,
        batches=batches(db, access),
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


def _preview(db: Session, scope: Scope, proposal: Proposal) -> Preview:
    counts = proposal.by_variable
    return Preview(
        rule=proposal.rule.name,
        minimum=proposal.rule.minimum,
        n_decisions=len(proposal.accepted),
        n_posts=proposal.n_posts,
        n_waiting=proposal.n_waiting,
        rows=tuple(
            (variable.label, *counts[variable.id]) for variable in scope.variables if variable.id in counts
        ),
        examples=tuple(_example(scope, each) for each in examples(db, proposal)),
        fingerprint=proposal.fingerprint,
    )


def _example(scope: Scope, example: Example) -> ExampleLine:
    accepted = example.accepted
    variable = scope.variable_by_id[accepted.variable_id]
    said = ", ".join(words(accepted.answers, variable))
    return ExampleLine(
        example.number, example.start, example.is_cut, variable.label, said, accepted.is_unanimous
    )

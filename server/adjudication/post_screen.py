"""One disputed post as its page shows it, and the page of two decisions at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.adjudication.answers import PostShown, Question, Table, Voice, table_of
from server.adjudication.bases import basis_word
from server.adjudication.beside import Beside, Sent, beside
from server.adjudication.deciding import book_of
from server.adjudication.decision_questions import Asked, asked, prefilled, said_by, words
from server.adjudication.filters import Filters, Person
from server.adjudication.forms import DecideForm, WithdrawForm, typed_answers
from server.adjudication.meetings import Presence, present_at
from server.adjudication.queries import number_of, selected
from server.adjudication.queue_screen import Counts, counts
from server.adjudication.scope import QUEUED, SKIPPED, Scope, scope_of
from server.adjudication.standing import Past, token
from server.coding.answers import in_words
from server.coding.questions import COMMANDS
from server.language import gettext as _
from server.projects.access import Access
from server.web.forms import Form, blank


@dataclass(frozen=True)
class Card:
    """What one annotator answered to the disputed questions."""

    letter: str
    name: str
    is_unsure: bool
    memos: tuple[str, ...]
    corrections: tuple[str, ...]
    said: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class PastLine:
    """One decision in the history of the post. `after` is empty where one was withdrawn."""

    label: str
    before: str
    after: str
    basis: str
    reason: str
    is_codebook_unclear: bool
    by: str
    at: datetime
    batch_number: int | None
    presence: Presence | None


@dataclass(frozen=True)
class Withdrawable:
    """A decision that stands."""

    key: str
    label: str
    said: str
    token: str


@dataclass(frozen=True)
class PostPage:
    """One post with its answers and the form to decide it."""

    filters: Filters
    counts: Counts
    previous: int | None
    next: int | None
    post: PostShown
    cards: tuple[Card, ...]
    waiting: tuple[str, ...]
    skipped: tuple[str, ...]
    names_shown: bool
    beside: Beside
    pair: tuple[Person, ...]
    disputed: tuple[Asked, ...]
    agreed: tuple[Asked, ...]
    form: Form[DecideForm]
    past: tuple[PastLine, ...]
    withdrawable: tuple[Withdrawable, ...]
    withdraw_form: Form[WithdrawForm]
    commands: str


@dataclass(frozen=True)
class ConflictPage:
    """What stands beside what was typed. `rows`: question, who decided it, what stands, what was typed."""

    filters: Filters
    post: PostShown
    message: str
    rows: tuple[tuple[str, str, str, str], ...]
    typed: tuple[tuple[str, str], ...]


_NOTHING = Sent()


def post_page(db: Session, access: Access, number: int, filters: Filters, sent: Sent = _NOTHING) -> PostPage:
    """The page of one post."""
    scope = scope_of(db, access)
    table = table_of(db, access, scope, number)
    found = selected(db, access, scope, filters)
    before, behind = found.queue.around(table.post.id)
    disputed, agreed = asked(access, scope, table)
    present = present_at(db, [past.id for past in table.past])
    return PostPage(
        filters=found.choice.filters,
        counts=counts(found.queue),
        previous=number_of(db, access, before),
        next=number_of(db, access, behind),
        post=table.post,
        cards=tuple(_card(scope, voice, table) for voice in table.voices if voice.answers),
        waiting=tuple(voice.letter for voice in table.voices if voice.state == QUEUED),
        skipped=tuple(voice.letter for voice in table.voices if voice.state == SKIPPED),
        names_shown=sent.names_shown,
        beside=beside(db, access, scope, table, sent),
        pair=found.pair,
        disputed=disputed,
        agreed=agreed,
        form=sent.decide or Form(typed=prefilled(table)),
        past=tuple(_past_line(past, scope, present) for past in reversed(table.past)),
        withdrawable=tuple(_withdrawable(access, each) for each in table.questions if each.standing.in_force),
        withdraw_form=sent.withdraw or blank(),
        commands=", ".join(sorted(COMMANDS.values())),
    )


def _card(scope: Scope, voice: Voice, table: Table) -> Card:
    said = tuple(
        (question.variable.label, answers) for question, answers in said_by(scope, voice, table.disputed)
    )
    return Card(voice.letter, voice.name, voice.is_unsure, voice.memos, voice.corrections, said)


def _past_line(past: Past, scope: Scope, present: dict[int, Presence]) -> PastLine:
    variable = scope.variable_by_id[past.variable_id]
    return PastLine(
        label=variable.label,
        before=", ".join(words(past.before, variable)),
        after=", ".join(words(past.answers, variable)),
        basis=basis_word(past.basis),
        reason=past.reason,
        is_codebook_unclear=past.is_codebook_unclear,
        by=past.decided_by,
        at=past.decided_at,
        batch_number=past.batch_number,
        presence=present.get(past.id),
    )


def _withdrawable(access: Access, question: Question) -> Withdrawable:
    standing = question.standing
    said = words(standing.in_force.answers if standing.in_force else None, question.variable)
    variable = question.variable
    return Withdrawable(variable.key, variable.label, ", ".join(said), token(access, standing))


def conflict_page(
    db: Session, access: Access, number: int, filters: Filters, form: Form[DecideForm], message: str
) -> ConflictPage:
    """What was decided meanwhile beside what the form says; sent again, the form knows of it."""
    scope = scope_of(db, access)
    table = table_of(db, access, scope, number)
    typed = typed_answers(form)
    said = dict(zip(book_of(table).variable_by_key, in_words(book_of(table), typed), strict=False))
    rows = tuple(
        (question.variable.label, _decider(question), _stands(question), said[question.variable.key][1])
        for question in (*table.disputed, *table.agreed)
    )
    kept = [(name, value) for name, values in typed.items() for value in values]
    tokens = [
        (f"stands-{question.variable.key}", token(access, question.standing)) for question in table.questions
    ]
    reason = [("reason", form.text("reason")), *([("unclear", "on")] if form.has("unclear") else [])]
    return ConflictPage(filters, table.post, message, rows, (*kept, *tokens, *reason))


def _decider(question: Question) -> str:
    standing = question.standing.in_force
    return standing.decided_by if standing else ""


def _stands(question: Question) -> str:
    standing = question.standing.in_force
    return ", ".join(words(standing.answers, question.variable)) if standing else _("nothing decided")

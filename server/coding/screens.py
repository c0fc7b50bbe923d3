"""What the annotator's pages show: their frozen contexts, and how the coding form is filled."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request
from markupsafe import Markup
from sqlmodel import Session

from server.codebooks.queries import Codebook
from server.coding.answers import WHY, Coded, Typed, in_words, text_in, typed_of
from server.coding.caring import CareFacts, CareWords, care_facts, care_words, is_refused
from server.coding.desk import Desk, PostShown, Progress
from server.coding.earlier import earlier_answers
from server.coding.filling import asked_questions, why_closed
from server.coding.forms import CodingForm
from server.coding.keymap import (
    USUAL_COMMANDS,
    Commands,
    commands_of,
    keys_in,
    merged,
    usual,
)
from server.coding.opening import OPENED, Opening, comes_open, was_opened
from server.coding.own_questions import QUESTION, questions_about
from server.coding.queries import codebook_known
from server.coding.questions import answer_name, questions
from server.coding.sent_back import notes_with
from server.coding.stored import answers_of, spans_stored
from server.coding.tables import SUBMITTED
from server.corpora.threads import Thread
from server.language import gettext as _
from server.rounds.reasons import labels, offered, reasons
from server.rounds.round_codebook import codebook_of
from server.rounds.skipping import Offered, said_reason, usual_reasons
from server.rounds.slots import QUEUED, RETURNED
from server.web.came import came_from
from server.web.forms import Form
from server.web.frames import changing
from server.web.rendering import address, fragment

HIDDEN = ("form_token", "revision", "codebook", OPENED, "reason", "reason_words")


@dataclass(frozen=True)
class Addresses:
    """Where the links and forms of a post lead. With them goes the search that one came from."""

    request: Request
    number: int
    position: int
    came: Mapping[str, str]

    def _of_post(self, name: str, shift: int = 0) -> str:
        at = self.position + shift
        return address(self.request, f"coding.{name}", self.came, number=self.number, position=at)

    submit = property(lambda self: self._of_post("submit"))
    skip = property(lambda self: self._of_post("skip"))
    discard = property(lambda self: self._of_post("discard"))
    thread = property(lambda self: self._of_post("thread"))
    next = property(lambda self: self._of_post("annotate", 1))
    back = property(lambda self: self._of_post("annotate", -1))

    @property
    def draft(self) -> str:
        """Where the script saves; the same wherever one came from."""
        return address(self.request, "coding.save_draft", number=self.number, position=self.position)

    ask = property(lambda self: self._of_post("ask"))

    @property
    def questions(self) -> str:
        """What one asked in the round, with the answers."""
        return address(self.request, "coding.questions", number=self.number)

    @property
    def way_back(self) -> str:
        """What a page of the codebook is asked with, so that it leads back to the post."""
        return urlencode({"round": self.number, "position": self.position, **self.came})

    @property
    def mine(self) -> str:
        """One's own codings, with the search one came from."""
        return address(self.request, "coding.mine", self.came, number=self.number)

    @property
    def keys(self) -> str:
        """Where the keys of the desk are changed."""
        return address(self.request, "coding.keys", number=self.number)

    @property
    def queue(self) -> str:
        """The first post that is still to be coded."""
        return address(self.request, "coding.next", number=self.number)


@dataclass(frozen=True)
class BookFacts:
    """The round's codebook: `has_conditions`: some questions are asked only after certain answers.

    `has_required`: some have to be answered. `known`: the older version that the annotator knows; 0 where
    that is this one or none.
    """

    number: int
    has_conditions: bool
    has_required: bool
    known: int


@dataclass(frozen=True)
class PostFacts:
    """`dated` says how the moment of the post is known: as a `moment`, as a `text`, or not at all.

    A shared queue keeps the post for so many minutes; `is_late` when they are over.
    """

    dated: str
    has_link: bool
    has_thread: bool
    kept_minutes: int | None
    is_late: bool


@dataclass(frozen=True)
class Asking:
    """Questions to the lead. `has_news`: an answer is not read yet; `is_begun`: one is being written."""

    has_news: bool
    is_begun: bool
    error: str


@dataclass(frozen=True)
class AnnotatePage:
    """One post and the questions about it. `closed` says why nothing can be submitted.

    `problems` is the form that was refused, `labels` what its fields are called. `asked_lead` is what was
    asked about the post, `question` what is being written.
    """

    problems: Form[CodingForm] | None
    book: BookFacts
    n_assigned: int
    is_shared: bool
    about: PostFacts
    care: CareFacts
    closed: str
    is_locked: bool
    is_submitted: bool
    is_skipped: bool
    has_draft: bool
    has_next: bool
    has_back: bool
    skip_reasons: tuple[tuple[str, str], ...]
    commands: Commands
    has_own_keys: bool
    asking: Asking
    said: CareWords = changing()
    round_title: str = changing()
    progress: Progress = changing()
    position: int = changing()
    post: PostShown = changing()
    form_token: str = changing()
    revision: int = changing()
    coder: str = changing()
    browser_key: str = changing()
    stored_as: str = changing()
    asked: Markup = changing()
    submitted_at: datetime | None = changing()
    skipped: str = changing()
    draft_saved_at: datetime | None = changing()
    at: Addresses = changing()
    labels: Mapping[str, str] = changing()
    question: str = changing()
    asked_lead: Markup = changing()


@dataclass(frozen=True)
class ThreadPage:
    """The thread around a post, for whoever has no script to read it beside the post."""

    number: int
    position: int
    thread: Thread
    is_veiled: bool
    came: Mapping[str, str]


@dataclass(frozen=True)
class ConflictPage:
    """What is stored beside what was typed. `rows`: question, stored, typed.

    `reason`: why it is corrected, as far as that was typed.
    """

    round_number: int
    round_title: str
    position: int
    post: PostShown
    message: str
    rows: tuple[tuple[str, str, str], ...]
    reason: str
    typed: tuple[tuple[str, str], ...]
    form_token: str
    revision: int
    coder: str
    codebook_number: int
    came: Mapping[str, str]


def new_token() -> str:
    """A token no other form has."""
    return secrets.token_urlsafe(16)


def desk_form(db: Session, here: Desk) -> Form[CodingForm]:
    """The form as it is offered: the draft, else the coding as it stands, else empty."""
    if _draft_counts(here) and here.draft is not None:
        return Form(typed={name: tuple(values) for name, values in here.draft.items()})
    return Form(typed=stored_typed(db, here))


def with_answers(db: Session, here: Desk, form: Form[CodingForm]) -> Form[CodingForm]:
    """The form as it was sent; with what is kept of the answers, where it was sent without them."""
    if "codebook" in form.typed:
        return form
    return replace(form, typed={**desk_form(db, here).typed, **form.typed})


def _draft_counts(here: Desk) -> bool:
    """Whether the draft was typed on top of what is stored now."""
    return here.draft is not None and here.draft.get("revision") == [str(here.revision)]


def stored_typed(db: Session, here: Desk) -> Typed:
    """What is stored, as the fields of a form."""
    if here.coding_id is None:
        return {}
    connection = db.connection()
    answers, spans = answers_of(connection, here.coding_id), spans_stored(connection, here.coding_id)
    typed = typed_of(
        codebook_of(db, here.round_id, here.version_id), Coded(answers, here.memo, here.is_unsure, spans)
    )
    return {name: tuple(values) for name, values in typed.items()}


def desk_page(
    request: Request, db: Session, here: Desk, form: Form[CodingForm], revision: int | None = None
) -> AnnotatePage:
    """The page of one post. `revision` is what the form builds on, where it is not the current one."""
    book = codebook_of(db, here.round_id, here.version_id)
    said = care_words(here)
    closed = why_closed(here)
    care = care_facts(here, said, _opening(request, here, form), is_closed=closed != "")
    is_submitted, is_skipped = here.state == SUBMITTED, bool(here.skip_reason)
    is_done = is_submitted or is_skipped or bool(closed)
    has_draft, is_shared = _draft_counts(here), here.lease_minutes is not None
    own = keys_in(here.keys)
    return AnnotatePage(
        problems=form if form.message or form.errors else None,
        book=_book_facts(db, here, book, known_matters=not closed),
        n_assigned=0 if is_shared else here.progress.n_assigned,
        is_shared=is_shared,
        about=_post_facts(here, is_closed=closed != ""),
        care=care,
        closed=closed,
        is_locked=here.is_locked,
        is_submitted=is_submitted,
        is_skipped=is_skipped,
        has_draft=has_draft,
        has_next=is_done and here.position < here.progress.n_assigned,
        has_back=here.position > 1,
        skip_reasons=() if is_submitted or closed else _skip_reasons(db, here),
        commands=USUAL_COMMANDS if own.is_usual else commands_of(merged(usual(questions(book)), own)),
        has_own_keys=not own.is_usual,
        said=said,
        round_title=here.round_title,
        progress=here.progress,
        position=here.position,
        post=here.post,
        form_token=new_token(),
        revision=here.revision if revision is None else revision,
        coder=here.coder,
        browser_key=here.browser_key,
        stored_as=here.stored_as,
        asked=earlier_answers(request, db, here, book) + asked_questions(request, db, book, here, form),
        submitted_at=here.submitted_at,
        skipped=said_reason(here.skip_reason, labels(db, here.project_id)) if is_skipped else "",
        draft_saved_at=here.draft_saved_at if has_draft else None,
        at=Addresses(request, here.round_number, here.position, came_from(request)),
        labels=_labels(book) if form.errors else {},
        asking=Asking(here.has_news, form.text(QUESTION) != "", form.error(QUESTION)),
        question=form.text(QUESTION),
        asked_lead=_asked_lead(request, db, here),
    )


def _skip_reasons(db: Session, here: Desk) -> Offered:
    return offered(reasons(db, here.project_id)) if here.has_own_reasons else usual_reasons()


def _opening(request: Request, here: Desk, form: Form[CodingForm]) -> Opening:
    """What is refused comes back with its post open where it was; who corrects a coding has read it."""
    comes_back, was = bool(form.message or form.errors), was_opened(form.typed)
    is_open = comes_open(request) or (comes_back and (was or here.state == SUBMITTED))
    return Opening(is_open, was or is_open, form.error(OPENED))


def _book_facts(db: Session, here: Desk, book: Codebook, *, known_matters: bool) -> BookFacts:
    return BookFacts(
        book.number,
        has_conditions=any(variable.when for variable in book.variables),
        has_required=any(variable.is_required for variable in book.variables),
        known=codebook_known(db, here, book.number) if known_matters else 0,
    )


def _post_facts(here: Desk, *, is_closed: bool) -> PostFacts:
    post, is_shown = here.post, not is_refused(here)
    return PostFacts(
        dated="moment" if post.posted_at else "text" if post.posted_at_text else "",
        has_link=is_shown and (post.link or "").startswith(("https://", "http://")),
        has_thread=is_shown and here.has_thread,
        kept_minutes=here.lease_minutes if here.state == QUEUED and not is_closed else None,
        is_late=here.state == RETURNED and not is_closed,
    )


def _asked_lead(request: Request, db: Session, here: Desk) -> Markup:
    found, notes = questions_about(db, here), notes_with(db, here)
    if not found and not notes:
        return Markup()
    return fragment(request, "coding/_asked_lead.html", questions=found, notes=notes)


def _labels(book: Codebook) -> Mapping[str, str]:
    own = {"memo": _("Memo"), WHY: _("Why do you correct it?"), QUESTION: _("Question to the lead")}
    return {answer_name(variable.key): variable.label for variable in book.variables} | own


def conflict_page(
    db: Session, here: Desk, typed: Typed, message: str, came: Mapping[str, str]
) -> ConflictPage:
    """Both versions of a coding, side by side."""
    book = codebook_of(db, here.round_id, here.version_id)
    stored, sent = (in_words(book, each, here.post.text) for each in (stored_typed(db, here), typed))
    return ConflictPage(
        here.round_number,
        here.round_title,
        here.position,
        here.post,
        message,
        tuple((label, now, then) for (label, now), (_label, then) in zip(stored, sent, strict=True)),
        text_in(typed, WHY),
        tuple(
            (name, value) for name, values in typed.items() if name not in {*HIDDEN, WHY} for value in values
        ),
        new_token(),
        here.revision,
        here.coder,
        book.number,
        came,
    )

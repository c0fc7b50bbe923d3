"""What figure 6 sends twice: a form of every address that changes something, or why it needs none here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.browser.furnished import GOLD_FILE, POSTS_FILE, PROJECT_FILE

WORK = {"none-expression": "on", "v-emotion": "mild", "v-stance": "unclear"}
FATES = {f"fate-{of}": "keep" for of in ("expression=", "stance=", "stance=mixed", "stance=against")}
ROUND = {"title": "Next", "purpose": "main", "annotators": "3", "k": "1", "posts": "sample", "size": "4"}
RATINGS = "post_id,coder,question,code\n1955550000000000001,anna,stance,against\n"

ALIKE, LISTED, TOLD = "alike", "listed", "told"


@dataclass(frozen=True)
class Form:
    """A form of the furnished study: the page it stands on, where that is, and what is typed into it.

    Sent three times it makes `n` rows in the table `makes`, as if it had been sent once, unless `n_each` is
    how many it makes each time. It is answered `again` as at first (ALIKE), led to where what it made is
    listed (LISTED), or comes upon what it has done itself and says so (TOLD). `at` and `query` are parts of
    the address of its page; words in braces are `Furnished.parts`. `file` is the name and the content of a
    file that it sends.
    """

    page: str = ""
    typed: Mapping[str, Any] = field(default_factory=dict)
    makes: str = "history_event"
    n: int = 1
    again: str = ALIKE
    at: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    who: str = ""
    n_each: int = 0
    file: tuple[str, str] | None = None

    @property
    def n_made(self) -> int:
        """The rows that three sendings make."""
        return 3 * self.n_each or self.n


def _once(page: str = "", typed: Mapping[str, Any] | None = None, **more: Any) -> Form:
    """A form that is refused in words when what it asks for was done."""
    return Form(page, typed or {}, again=TOLD, **more)


def _waits(name: str, content: str) -> Form:
    """A file: each sending of it waits to be looked at, and nothing is imported."""
    return Form(makes="upload", n_each=1, again=LISTED, file=(name, content))


# In the order in which they are sent: what closes or removes something comes last.
FORMS: dict[str, Form] = {
    "coding.save_draft": Form("coding.annotate", {"memo": "Half of it"}, "draft", at={"position": "4"}),
    "coding.discard": Form("coding.annotate", makes="draft", n=-1, at={"position": "4"}),
    "coding.submit": Form("coding.annotate", WORK, "coding"),
    "coding.ask": Form("coding.annotate", {"question": "Irony?"}, "post_question", at={"position": "5"}),
    "coding.skip": Form("coding.annotate", {"reason": "distressing"}, at={"position": "6"}),
    "coding.save_keys": Form("coding.keys", n=0),
    "coding.answers_read": Form("coding.questions", n=0),
    "coding.answer_question": Form("coding.question_to_lead", {"answer": "It is."}),
    "care.save_own": Form("care.own", {"pause": "never"}, who="annotator"),
    "care.accept": Form("care.before", n=0, who="annotator"),
    "care.save_settings": Form("care.settings", {"warning": "It is sad."}),
    "norming.comment": Form("norming.post", {"text": "I see."}, at={"number": "1"}),
    "norming.take_back": Form("norming.post", at={"number": "1"}),
    "norming.code_again": Form(
        "norming.post", {"v-emotion": "overwhelming"}, at={"number": "1", "post": "3"}, who="annotator"
    ),
    "norming.ask_again": Form("norming.posts", {"seconds": "closed"}, at={"number": "1"}),
    "adjudication.decide": Form("adjudication.post", WORK, "decision", at={"number": "19"}, n=3),
    "adjudication.withdraw": _once(
        "adjudication.post", {"variable": "stance", "why": "Hm."}, at={"number": "1"}
    ),
    "adjudication.mark_problem": Form(
        "adjudication.post", {"where": "stance", "what": "Vague."}, "codebook_problem", at={"number": "19"}
    ),
    "adjudication.deal_with_problem": Form("adjudication.problems", {"version": "2"}),
    "adjudication.send_back": _once(
        "adjudication.post", {"to": ["A", "B"], "note": "Look."}, at={"number": "13"}
    ),
    "adjudication.take_over": Form("adjudication.post", at={"number": "28"}),
    "adjudication.show_names": Form("adjudication.post", n_each=1, at={"number": "22"}),
    "adjudication.show_models": Form("adjudication.post", n_each=1, at={"number": "22"}),
    "adjudication.begin_meeting": Form("adjudication.meetings", {"present": ["1", "3"]}, "meeting"),
    "adjudication.agree": Form(
        "adjudication.meeting_post", {"none-expression": "on"}, "decision", at={"post": "28"}
    ),
    "adjudication.save_settings": Form("adjudication.settings", {"reasons": "always"}),
    "adjudication.undo": _once("adjudication.bulk"),
    "adjudication.accept_each": Form(
        "adjudication.bulk_each", makes="decision_batch", query={"rule-stance": "unanimous"}
    ),
    "adjudication.accept": Form("adjudication.bulk", makes="decision_batch", query={"rule": "unanimous"}),
    "training.decide": Form("training.trainees", {"annotator": "3", "ending": "let_in"}),
    "training.write_gold": Form("training.gold_post", {"v-stance": "unclear"}, "gold"),
    "training.retire_gold": Form("training.gold_post"),
    "corpora.receive": _waits("posts.csv", POSTS_FILE),
    "exchange.receive_gold": _waits("gold.csv", GOLD_FILE),
    "exchange.receive_ratings": _waits("ratings.csv", RATINGS),
    "exchange.receive_qdpx": _waits("study.qde", PROJECT_FILE),
    "corpora.import_": Form("corpora.preview", makes="import_batch", at={"upload_key": "{good_posts}"}),
    "exchange.import_gold": Form("exchange.preview_gold", makes="gold", n=2),
    "exchange.import_ratings": Form("exchange.preview_ratings", makes="round", again=LISTED),
    "exchange.import_qdpx": Form("exchange.preview_qdpx", makes="round", again=LISTED),
    "projects.create": Form("projects.new", {"title": "Another"}, "project"),
    "exchange.make_copy": Form("exchange.copy", makes="project"),
    "projects.save": Form("projects.edit", {"title": "Renamed"}),
    "projects.invite": Form("projects.members", {"note": "for Ada"}, "invitation"),
    "projects.change_role": Form("projects.members", {"role": "annotator"}),
    "projects.join": Form("projects.accept_invitation", who="waiter", makes="member"),
    "projects.revoke_invitation": _once("projects.members"),
    "tokens.make": Form("tokens.index", {"name": "A script", "scopes": "projects:read"}, "access_token"),
    "tokens.revoke": Form("tokens.index"),
    "tokens.revoke_here": Form("tokens.reaching"),
    "rounds.open": Form("rounds.preview", query=ROUND, makes="round"),
    "rounds.set_end": Form("rounds.show", {"ends_on": "2030-01-01"}),
    "rounds.save_skip_reasons": _once("rounds.skip_reasons", {"added": "Not for me"}),
    "rounds.add_annotator": _once("rounds.change", {"newcomer": "{newcomer}"}),
    "rounds.reassign": _once("rounds.change", query={"source": "4", "to": "{newcomer}"}),
    "rounds.extend": _once("rounds.change", {"more_posts": "1"}, query={"more_posts": "1"}),
    "rounds.add_codings": _once("rounds.change", {"of": "all", "coder": "{newcomer}"}),
    "accounts.create": _once("accounts.index", {"name": "ada", "display_name": "Ada"}, makes="account"),
    "accounts.make_link": Form("accounts.index", makes="one_time_link"),
    "accounts.change_rights": Form("accounts.index", {"may_create_projects": "on"}),
    "accounts.edit_me": Form("accounts.me", {"display_name": "Renamed"}),
    "accounts.end_session": Form("accounts.me", makes="sign_in_session", n=-1),
    "accounts.end_other_sessions": Form("accounts.me", makes="sign_in_session", n=-1),
    "codebooks.add_variable": _once(
        "codebooks.new_variable", {"label": "Mood", "key": "mood", "kind": "text"}, makes="variable"
    ),
    "codebooks.edit_variable": _once("codebooks.variable", {"label": "Where?"}),
    "codebooks.move_variable": _once("codebooks.draft", {"direction": "down"}),
    "codebooks.restore_variable": _once("codebooks.draft", at={"variable_key": "summary"}),
    "codebooks.add_code": _once("codebooks.new_code", {"label": "Mixed", "key": "mixed"}, makes="code"),
    "codebooks.edit_code": _once("codebooks.code", {"label": "Against it"}),
    "codebooks.move_code": _once("codebooks.draft", {"direction": "down"}),
    "codebooks.split_code": _once("codebooks.code", {"labels": "One\nOther"}, makes="code", n=2),
    "codebooks.merge_code": _once("codebooks.code", {"into": "unclear"}, at={"code_key": "ambivalent"}),
    "codebooks.remove_code": _once("codebooks.code", at={"code_key": "in_favour"}),
    "codebooks.restore_code": _once("codebooks.draft", at={"code_key": "in_favour"}),
    "codebooks.remove_variable": _once("codebooks.variable", at={"variable_key": "year"}),
    "codebooks.publish": _once("codebooks.draft", {"was_asked": "on"} | FATES, n=2),
    "adjudication.use_example": _once(
        "adjudication.example", {"code": "stance=unclear", "kind": "counter_example", "passage": "https"}
    ),
    "adjudication.take_example": _once("adjudication.example", {"take": "example stance=unclear"}),
    "adjudication.undo_example": _once("adjudication.example", {"code": "stance=unclear", "kind": "example"}),
    "codebooks.discard": _once("codebooks.draft"),
    "corpora.discard": _once(makes="upload", n=-1, at={"upload_key": "{spare_posts}"}),
    "exchange.discard_gold": Form(makes="upload", n=-1, at={"upload_key": "{spare_gold}"}),
    "exchange.discard_ratings": Form(makes="upload", n=-1, at={"upload_key": "{spare_ratings}"}),
    "exchange.discard_qdpx": Form(makes="upload", n=-1, at={"upload_key": "{spare_qdpx}"}),
    "takedown.take_down": Form(typed={"posts": "#1", "is_meant": "on"}, makes="takedown"),
    "rounds.withdraw": Form("rounds.show", {"annotator": "3", "withdraw_confirmed": "on"}),
    "rounds.lock": Form("rounds.show"),
    "rounds.reopen": Form("rounds.show"),
    "rounds.reveal": Form("rounds.show", {"reveal_confirmed": "on"}, at={"number": "3"}),
    "projects.deactivate_member": Form("projects.members", at={"number": "4"}),
    "projects.reactivate_member": Form("projects.members", at={"number": "4"}),
    "projects.archive": Form("projects.edit"),
    "projects.restore": Form("projects.edit"),
    "projects.give_away": _once("projects.hand_over", {"number": "2"}, n=2),
    "accounts.take_second_step_off": _once("accounts.index"),
    "accounts.deactivate": Form("accounts.index"),
    "accounts.activate": Form("accounts.index"),
    "accounts.sign_out": Form("coding.annotate", makes="sign_in_session", n=-1, who="viewer"),
}

_DOWNLOAD = "A file to download: nothing is changed by it."
_LINK = "tests/trust/test_tokens_once.py: one of fifty at once."
_HALF = (
    "Half a sign-in is used up by the first, as tests/accounts/test_provider.py and test_second_step.py show."
)
_PREVIEW = "It shows what would be, and changes nothing."
# What is not sent here, and why.
ELSEWHERE = {
    **dict.fromkeys(
        (
            *("archive.download", "exchange.final", "exchange.codings", "exchange.judgements"),
            *("exchange.qdpx_file", "exchange.history"),
        ),
        _DOWNLOAD,
    ),
    **dict.fromkeys(("accounts.make_first_admin", "accounts.set_password"), _LINK),
    **dict.fromkeys(("accounts.make_newcomer", "accounts.tie_by_link", "projects.join_known"), _HALF),
    **dict.fromkeys(
        ("accounts.tie", "accounts.untie"), "tests/accounts/test_provider.py: one of many is tied."
    ),
    **dict.fromkeys(("codebooks.preview", "takedown.look", "corpora.choose_sheet"), _PREVIEW),
    "codebooks.save": "It carries the edition of the draft, as the forms of the draft above do.",
    "corpora.cancel": "tests/corpora/test_cancelling.py: an import ends once.",
    **dict.fromkeys(
        (
            *("accounts.start_session", "coding.sign_in_again", "accounts.pass_second_step"),
            *("accounts.add_owed_second_step", "accounts.add_second_step", "accounts.renew_codes"),
            *("accounts.remove_second_step", "accounts.change_password"),
        ),
        "tests/accounts/test_twice.py: a password or a code is sent with it.",
    ),
}

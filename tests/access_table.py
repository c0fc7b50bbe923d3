"""The access table: for each route, the status each person gets when they send it an empty form.

401 stands for "sent to the sign-in page". What a permitted person gets is the status of the page itself:
200, 303 for a form that was accepted, 422 for one that needs values, 404 or 409 where the thing asked
for is not there.
"""

from dataclasses import dataclass

PERSONS = (
    "anonymous",
    "outsider",
    "viewer",
    "annotator",
    "other annotator",
    "adjudicator",
    "lead",
    "admin",
    "deactivated",
)


@dataclass(frozen=True)
class Route:
    """The statuses of a route, in the order of `PERSONS`."""

    statuses: tuple[int, ...]


def public(status: int) -> Route:
    """Anybody."""
    return Route((status,) * len(PERSONS))


def signed_in(status: int) -> Route:
    """Whoever has an account."""
    return Route((401, *((status,) * (len(PERSONS) - 1))))


def admin(status: int) -> Route:
    """Admins of the server; the rest are told that they may not."""
    return Route((401, 403, 403, 403, 403, 403, 403, status, 403))


def may_create_projects(status: int) -> Route:
    """Those to whom an admin gave it, here the admin."""
    return Route((401, 403, 403, 403, 403, 403, 403, status, 403))


def members(status: int) -> Route:
    """Every active member."""
    return Route((401, 404, status, status, status, status, status, 404, 404))


def readers(status: int) -> Route:
    """Viewer, adjudicator and lead."""
    return Route((401, 404, status, 403, 403, status, status, 404, 404))


def reviewers(status: int) -> Route:
    """Adjudicator and lead."""
    return Route((401, 404, 403, 403, 403, status, status, 404, 404))


def lead(status: int) -> Route:
    """The lead alone."""
    return Route((401, 404, 403, 403, 403, 403, status, 404, 404))


def coders(own: int, others: int) -> Route:
    """Who may code; `own` for the annotator of the round, `others` for those who have no part in it."""
    return Route((401, 404, 403, own, others, others, others, 404, 404))


# In the order in which the test asks for them: what closes or removes something comes last.
ROUTES: dict[str, Route] = {
    # Public
    "accounts.sign_in": Route((200, 303, 303, 303, 303, 303, 303, 303, 303)),
    "accounts.start_session": public(422),
    # Who is signed in with nobody known half way in is sent to the door; and there is no provider here.
    "accounts.second_step": public(303),
    "accounts.pass_second_step": public(303),
    "accounts.owed_second_step": public(303),
    "accounts.add_owed_second_step": public(303),
    "accounts.newcomer": public(303),
    "accounts.make_newcomer": public(303),
    "accounts.provider": public(404),
    "accounts.provider_back": public(404),
    "accounts.tie_by_link": public(404),
    "accounts.set_up": public(404),
    "accounts.make_first_admin": public(404),
    "accounts.reset": public(404),
    "accounts.set_password": public(404),
    "projects.accept_invitation": public(404),
    "projects.join": public(404),
    "projects.join_known": public(404),
    "api.reference": public(200),
    # Whoever has an account
    "projects.home": signed_in(200),
    "projects.new": may_create_projects(200),
    "projects.create": may_create_projects(422),
    "accounts.me": signed_in(200),
    "accounts.edit_me": signed_in(422),
    "accounts.change_password": signed_in(422),
    "accounts.end_session": signed_in(303),
    "accounts.end_other_sessions": signed_in(303),
    "tokens.index": signed_in(200),
    "tokens.make": signed_in(422),
    "tokens.revoke": signed_in(404),  # There is no such token.
    # Admins of the server
    "accounts.own_ways": signed_in(200),
    "accounts.new_second_step": signed_in(303),
    "accounts.add_second_step": signed_in(422),
    "accounts.renew_codes": signed_in(422),
    "accounts.remove_second_step": signed_in(422),
    "accounts.tie": signed_in(422),
    "accounts.untie": signed_in(422),
    "accounts.index": admin(200),
    "accounts.create": admin(422),
    "accounts.make_link": admin(200),
    "accounts.change_rights": admin(303),
    # Members
    "projects.show": members(200),
    "codebooks.show": members(200),
    "codebooks.version": members(200),
    "codebooks.changes": members(200),
    "codebooks.download": members(200),
    "codebooks.markdown": members(200),
    "codebooks.docx": members(200),
    "codebooks.refi": members(200),
    # The annotator of the round, and others who may code
    "coding.start": coders(303, 200),
    "coding.next": coders(303, 404),
    "coding.finished": coders(200, 404),
    "coding.waiting": coders(303, 404),  # This round has a plan.
    "coding.annotate": coders(200, 404),
    "coding.submit": coders(422, 404),
    "coding.save_draft": coders(204, 404),
    "coding.skip": coders(422, 404),
    "coding.skipping": coders(303, 303),
    "coding.thread": coders(200, 404),
    "coding.signing_in": coders(303, 303),
    "coding.sign_in_again": public(422),
    "coding.discard": coders(303, 404),
    "coding.mine": coders(200, 404),
    "coding.keys": coders(200, 404),
    "coding.save_keys": coders(303, 404),
    "coding.ask": coders(422, 404),
    "coding.questions": coders(200, 404),
    "coding.answers_read": coders(303, 404),
    "coding.questions_to_lead": lead(200),
    "coding.question_to_lead": lead(404),  # Nothing was asked.
    "coding.answer_question": lead(404),
    "care.own": coders(200, 200),
    "care.save_own": coders(303, 303),
    "care.before": coders(200, 200),
    "care.accept": coders(303, 303),
    # The round of this table is no training.
    "training.feedback": coders(404, 404),
    "training.standing": coders(404, 404),
    # A round that is not revealed is laid side by side for nobody
    "norming.posts": members(403),
    "norming.post": members(403),
    "norming.comment": members(403),
    "norming.comments": members(303),
    "norming.take_back": members(403),
    "norming.code_again": members(403),
    "norming.again_address": members(303),
    "norming.change": members(403),
    "exchange.before_after": members(403),
    # Viewer, adjudicator, lead
    "corpora.index": readers(200),
    "corpora.show": readers(200),
    "corpora.batches": readers(200),
    "takedown.index": lead(200),
    "takedown.look": lead(422),
    "takedown.take_down": lead(422),
    "rounds.index": readers(200),
    "rounds.show": readers(200),
    "reliability.show": readers(200),
    "reliability.plan": readers(200),
    "reliability.drift": readers(200),
    "exchange.agreement": readers(200),
    "exchange.plan": readers(404),  # No table is named.
    "results.show": readers(200),
    "results.groups": readers(200),
    "results.together": readers(200),
    "results.corrected": readers(200),
    "methods.show": readers(200),
    "methods.download": readers(200),
    "exchange.results": readers(200),
    "exchange.groups": readers(200),
    "exchange.together": readers(200),
    "exchange.corrected": readers(200),
    "exchange.result_paper": readers(404),
    "exchange.agreement_paper": readers(404),
    # Adjudicator and lead
    "reliability.posts": reviewers(403),  # The round is still open.
    "adjudication.queue": reviewers(200),
    "adjudication.bulk": reviewers(200),
    "adjudication.modelled": reviewers(200),
    "adjudication.accept": reviewers(422),
    "adjudication.bulk_each": reviewers(200),
    "adjudication.accept_each": reviewers(422),
    "adjudication.undo": reviewers(404),
    "adjudication.post": reviewers(200),
    "adjudication.decide": reviewers(422),
    "adjudication.withdraw": reviewers(422),
    "adjudication.show_names": reviewers(200),
    "adjudication.names": reviewers(303),
    "adjudication.withdrawal": reviewers(303),
    "adjudication.show_models": reviewers(200),
    "adjudication.models_address": reviewers(303),
    "adjudication.problem_mark": reviewers(303),
    "adjudication.back_address": reviewers(303),
    "adjudication.mark_problem": reviewers(422),
    "adjudication.send_back": reviewers(422),
    "adjudication.problems": reviewers(200),
    "adjudication.problem_address": reviewers(303),
    "exchange.codebook_problems": reviewers(200),
    # The lead
    "corpora.upload": lead(200),
    "corpora.receive": lead(422),
    "corpora.preview": lead(200),
    "corpora.remarks_file": lead(422),
    "corpora.import_": lead(422),
    "corpora.choose_sheet": lead(422),
    "corpora.progress": lead(303),
    "corpora.cancel": lead(303),
    "adjudication.adjudicators": reviewers(200),
    "adjudication.meetings": reviewers(200),
    "adjudication.begin_meeting": reviewers(422),
    "adjudication.meeting": reviewers(404),
    "adjudication.meeting_post": reviewers(404),
    "adjudication.agree": reviewers(404),
    "adjudication.take_over": reviewers(422),
    "adjudication.take_over_address": reviewers(303),
    "adjudication.settings": lead(200),
    "adjudication.save_settings": lead(422),
    "adjudication.deal_with_problem": lead(422),
    "exchange.show": lead(200),
    "exchange.final": lead(200),
    "exchange.codings": lead(200),
    "exchange.judgements": lead(200),
    "archive.download": lead(200),
    "exchange.history": lead(200),
    "exchange.gold_file": lead(200),
    "exchange.gold_template": lead(200),
    "exchange.receive_gold": lead(422),
    "exchange.preview_gold": lead(404),
    "exchange.import_gold": lead(303),
    "exchange.discard_gold": lead(303),
    "exchange.qdpx_file": lead(422),
    "exchange.qdpx": lead(200),
    "exchange.receive_qdpx": lead(422),
    "exchange.preview_qdpx": lead(404),
    "exchange.import_qdpx": lead(303),
    "exchange.discard_qdpx": lead(303),
    "exchange.ratings": lead(200),
    "exchange.receive_ratings": lead(422),
    "exchange.preview_ratings": lead(404),
    "exchange.import_ratings": lead(303),
    "exchange.discard_ratings": lead(303),
    "codebooks.draft": lead(200),
    "codebooks.download_draft": lead(200),
    "codebooks.upload": lead(200),
    "codebooks.preview": lead(422),
    "codebooks.save": lead(422),
    "codebooks.new_variable": lead(200),
    "codebooks.add_variable": lead(422),
    "codebooks.variable": lead(200),
    "codebooks.edit_variable": lead(422),
    "codebooks.move_variable": lead(422),
    "codebooks.restore_variable": lead(422),
    "codebooks.new_code": lead(200),
    "codebooks.add_code": lead(422),
    "codebooks.code": lead(200),
    "codebooks.edit_code": lead(422),
    "codebooks.move_code": lead(422),
    "codebooks.restore_code": lead(422),
    "codebooks.remove_code": lead(422),
    "adjudication.example": lead(200),
    "adjudication.use_example": lead(422),
    "adjudication.take_example": lead(422),
    "adjudication.take_address": lead(303),
    "adjudication.undo_example": lead(422),
    "codebooks.merge_code": lead(422),
    "codebooks.split_code": lead(422),
    "codebooks.remove_variable": lead(422),
    "codebooks.publish": lead(422),
    "codebooks.discard": lead(422),
    "projects.edit": lead(200),
    "exchange.copy": lead(200),
    "exchange.make_copy": lead(403),  # This lead may not create projects.
    "projects.save": lead(422),
    "projects.history": lead(200),
    "rebuilding.check_history": lead(200),
    "projects.members": lead(200),
    "projects.hand_over": lead(200),
    "tokens.reaching": lead(200),
    "tokens.revoke_here": lead(404),
    "projects.give_away": lead(422),
    "projects.invite": lead(422),
    "projects.revoke_invitation": lead(404),
    "projects.change_role": lead(422),
    "rounds.new": lead(200),
    "rounds.preview": lead(422),
    "rounds.open": lead(422),
    "rounds.watch": lead(200),
    "rounds.change": lead(200),
    "rounds.add_annotator": lead(422),
    "rounds.reassign": lead(422),
    "rounds.extend": lead(422),
    "rounds.add_codings": lead(422),
    "rounds.skip_reasons": lead(200),
    "rounds.save_skip_reasons": lead(422),
    "care.settings": lead(200),
    "care.save_settings": lead(303),
    "rounds.set_end": lead(303),
    "coding.times": lead(404),  # Time is not measured here.
    "norming.ask_again": lead(403),
    "rounds.withdraw": lead(422),
    "training.trainees": lead(404),
    "training.decide": lead(404),
    "training.silent": lead(404),
    "training.gold": lead(200),
    "training.gold_post": lead(200),
    "training.write_gold": lead(422),
    "training.retire_gold": lead(404),
    # What closes or removes something
    "corpora.discard": lead(303),
    "rounds.lock": lead(303),
    "rounds.reopen": lead(303),
    "rounds.reveal": lead(422),
    "projects.deactivate_member": lead(422),
    "projects.reactivate_member": lead(303),
    "projects.archive": lead(303),
    "projects.restore": lead(303),
    "accounts.deactivate": admin(303),
    "accounts.take_second_step_off": admin(422),
    "accounts.activate": admin(303),
    "accounts.sign_out": public(303),
}

# The same of the interface for programs, asked with a token of each person for everything there is.
API: dict[str, Route] = {
    "api.list_projects": signed_in(200),
    "api.get_project": members(200),
    "api.get_codebook": members(200),
    "api.list_posts": readers(200),
    "api.add_posts": lead(422),  # An empty body.
    "api.list_own_codings": Route((401, 404, 403, 200, 200, 200, 200, 404, 404)),
    "api.list_codings": lead(200),
    "api.list_decisions": reviewers(200),
    "api.get_agreement": readers(200),
    "api.get_results": readers(200),
    "api.get_final": lead(200),
}

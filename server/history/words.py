"""What was done, in words a reader understands."""

from server.language import gettext as _


def _sentences() -> dict[str, str]:
    return _about_people() | _about_the_codebook() | _about_codings()


def _about_people() -> dict[str, str]:
    return {
        "account.create": _("made an account"),
        "account.set_password": _("set a password"),
        "account.rename": _("changed a name"),
        "account.make_link": _("made a link for a new password"),
        "account.change_rights": _("changed the rights of an account"),
        "account.deactivate": _("deactivated an account"),
        "account.activate": _("activated an account again"),
        "account.tie_identity": _("tied a sign-in to an account"),
        "account.untie_identity": _("untied a sign-in from an account"),
        "account.add_second_step": _("added a second step to the sign-in"),
        "account.remove_second_step": _("took the second step off the sign-in"),
        "account.make_recovery_codes": _("made new recovery codes"),
        "account.use_recovery_code": _("signed in with a recovery code"),
        "post.take_down": _("took posts down"),
        "project.create": _("created the project"),
        "project.edit": _("changed the title or the description"),
        "project.edit_skip_reasons": _("changed the reasons for skipping"),
        "project.edit_care": _("changed how annotators are cared for"),
        "project.copy": _("copied the project as a template"),
        "project.begin_as_copy": _("began the project as a copy of another one"),
        "project.hand_over": _("handed over the project"),
        "project.import_qdpx": _("imported a project of another program"),
        "project.archive": _("archived the project"),
        "project.restore": _("restored the project"),
        "care.accept": _("read what is to be read before the first post"),
        "care.settle_own": _("changed their own warnings and pauses"),
        "member.add": _("added a member"),
        "member.join": _("joined by invitation"),
        "member.change_role": _("changed a role"),
        "member.deactivate": _("deactivated a member"),
        "member.reactivate": _("reactivated a member"),
        "invitation.create": _("made an invitation"),
        "invitation.revoke": _("withdrew an invitation"),
        "token.create": _("made an access token for programs"),
        "token.revoke": _("revoked an access token"),
        "token.shut_out": _("shut an access token out of the project"),
    }


def _about_the_codebook() -> dict[str, str]:
    return {
        "codebook.publish": _("published the codebook"),
        "codebook.discard_draft": _("discarded the draft of the codebook"),
        "codebook.begin_as_copy": _("began the codebook as a copy"),
        "codebook.upload": _("replaced the draft by a file"),
        "codebook.add_variable": _("added a variable"),
        "codebook.edit_variable": _("changed a variable"),
        "codebook.remove_variable": _("removed a variable"),
        "codebook.move_variable": _("moved a variable"),
        "codebook.restore_variable": _("brought a variable back"),
        "codebook.add_code": _("added a code"),
        "codebook.edit_code": _("changed a code"),
        "codebook.remove_code": _("removed a code"),
        "codebook.move_code": _("moved a code"),
        "codebook.restore_code": _("brought a code back"),
        "codebook.retire_variable": _("retired a variable"),
        "codebook.retire_code": _("retired a code"),
        "codebook.add_example": _("took a post as an example"),
        "codebook.take_back_example": _("took an example from a post back"),
        "codebook.merge_code": _("merged a code into another"),
        "codebook.split_code": _("split a code"),
        "codebook.decide_on_codings": _("decided what becomes of older codings"),
    }


def _about_codings() -> dict[str, str]:
    return {
        "posts.import": _("imported posts"),
        "round.open": _("opened a round"),
        "round.open_again": _("had a question coded again"),
        "round.lock": _("locked a round"),
        "round.reopen": _("opened a round again"),
        "round.reveal": _("revealed a round"),
        "round.set_end": _("changed when a round ends"),
        "round.withdraw": _("withdrew an annotator"),
        "round.add_annotator": _("added an annotator to a round"),
        "round.reassign": _("gave what was left of an annotator to others"),
        "round.extend": _("added posts to a round"),
        "round.add_codings": _("asked for more codings in a round"),
        "gold.write": _("wrote gold answers"),
        "gold.retire": _("retired gold answers"),
        "training.end": _("finished a training"),
        "training.let_in": _("let a trainee in"),
        "training.again": _("asked a trainee for another try"),
        "coding.submit": _("submitted a coding"),
        "coding.correct": _("corrected a coding"),
        "coding.pass_over": _("was not shown posts on topics they opted out of"),
        "coding.skip": _("skipped a post"),
        "coding.ask": _("asked the lead about a post"),
        "coding.answer": _("answered a question about a post"),
        "coding.send_back": _("sent a post back to its annotators"),
        "adjudication.settings": _("changed how disagreements are decided"),
        "adjudication.mark_problem": _("noted a problem of the codebook"),
        "adjudication.deal_with_problem": _("said in which version a problem of the codebook is dealt with"),
        "adjudication.decide": _("decided a post"),
        "adjudication.begin_meeting": _("began a consensus meeting"),
        "adjudication.take_over": _("took over a post from another adjudicator"),
        "adjudication.withdraw": _("withdrew a decision"),
        "adjudication.show_names": _("looked at who gave which answer"),
        "adjudication.show_models": _("looked at what the models believe of a post"),
        "adjudication.compare_pair": _("looked at where two people differ, by their names"),
        "adjudication.accept": _("decided many posts by a rule"),
        "adjudication.undo": _("undid a decision by a rule"),
        "norming.comment": _("commented on a post of a revealed round"),
        "norming.take_back_comment": _("took back a comment on a post"),
        "norming.ask_again": _("asked for second codings after discussion"),
        "norming.close": _("closed second codings after discussion"),
        "norming.code_again": _("gave a second coding after discussion"),
        "ratings.import": _("imported codings"),
        "shell.import": _("imported files through the server's shell"),
        "export": _("downloaded data"),
        "sample.fill": _("filled the project with synthetic data"),
    }


def action_words(action: str) -> str:
    """The action in words; one that has none yet is shown as it is."""
    return _sentences().get(action, action)


# What comes before the dot of an action → the part of the study it belongs to.
_AREAS = {
    "project": "project",
    "sample": "project",
    "member": "members",
    "invitation": "members",
    "account": "members",
    "token": "members",
    "codebook": "codebook",
    "posts": "posts",
    "round": "rounds",
    "gold": "training",
    "training": "training",
    "coding": "coding",
    "care": "coding",
    "adjudication": "decisions",
    "norming": "rounds",
}
_FILES = "files"


def area_of(action: str) -> str:
    """The part of the study that an action belongs to; files where it is none of the others."""
    return _AREAS.get(action.partition(".")[0], _FILES)


def area_words(area: str) -> str:
    """The name of a part of the study."""
    return {
        "project": _("Project"),
        "members": _("Members"),
        "codebook": _("Codebook"),
        "posts": _("Posts"),
        "rounds": _("Rounds"),
        "training": _("Training and gold"),
        "coding": _("Coding"),
        "decisions": _("Disagreements"),
        _FILES: _("Files"),
    }[area]


def tells_answers(action: str) -> bool:
    """Whether the details of such an event say what somebody answered, or what was decided."""
    return action.startswith(("coding.", "adjudication.", "norming."))

"""What the lead settles about deciding, and whether a decision keeps to it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlmodel import Session

from server.adjudication.deciding import Change
from server.adjudication.models import DeskSettings
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access

OPTIONAL, OVERRULING, ALWAYS = "optional", "overruling", "always"


@dataclass(frozen=True)
class Settings:
    """`reasons`: when a decision has to say why."""

    reasons: str = OPTIONAL


def settings_of(db: Session, project_id: int) -> Settings:
    """What holds in a project."""
    row = db.get(DeskSettings, project_id)
    return Settings() if row is None else Settings(row.reasons)


def save_settings(db: Session, access: Access, wanted: Settings) -> None:
    """Let these settings hold from now on; decisions that stand stay as they are."""
    before = settings_of(db, access.project_id)
    if wanted == before:
        return
    db.merge(DeskSettings(project_id=access.project_id, **asdict(wanted)))
    db.flush()
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="adjudication.settings",
        subject="disagreements",
        details={"before": asdict(before), "after": asdict(wanted)},
    )


def refuse_without_reason(settings: Settings, found: Iterable[Change], reason: str) -> None:
    """Raise `Refusal` at the reason where one is asked for and none is given."""
    if reason.strip() or settings.reasons == OPTIONAL:
        return
    if settings.reasons == ALWAYS:
        raise _refusal(_("In this project each decision says why. Write a reason."))
    overruled = [change.question.variable.label for change in found if change.overrules_majority]
    if overruled:
        sentence = _("You decide otherwise than most annotators on “{questions}”. Write why.")
        raise _refusal(sentence.format(questions="”, “".join(overruled)))


def refuse_silent_withdrawal(settings: Settings, why: str) -> None:
    """Raise `Refusal` where each decision says why, and this withdrawal does not."""
    if settings.reasons == ALWAYS and not why.strip():
        sentence = _("In this project each decision says why. Write a reason.")
        raise Refusal(_("Nothing was withdrawn yet."), {"why": sentence})


def _refusal(sentence: str) -> Refusal:
    return Refusal(_("Nothing was decided yet."), {"reason": sentence})

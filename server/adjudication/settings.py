"""What the lead settles about deciding, and whether a decision keeps to it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from sqlmodel import Session

from server.adjudication.deciding import Change
from server.adjudication.models import DeskSettings
from server.adjudication.sharing import reviewing
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import hold_project

OPTIONAL, OVERRULING, ALWAYS = "optional", "overruling", "always"


@dataclass(frozen=True)
class Settings:
    """`reasons`: when a decision has to say why. `adjudicators`: the numbers of those who share the queue.

    Whether each post belongs to one of them, how many percent two of them decide, and the seed of both.
    """

    reasons: str = OPTIONAL
    adjudicators: tuple[int, ...] = ()
    splits: bool = False
    double_percent: int = 0
    seed: str = "1"


def settings_of(db: Session, project_id: int) -> Settings:
    """What holds in a project."""
    row = db.get(DeskSettings, project_id)
    if row is None:
        return Settings()
    numbers = tuple(each.number for each in reviewing(db, project_id) if each.id in row.adjudicators)
    return Settings(row.reasons, numbers, row.splits, row.double_percent, row.seed)


def save_settings(db: Session, access: Access, wanted: Settings) -> None:
    """Let these settings hold from now on; decisions that stand stay as they are.

    Raises:
        Refusal: Too few adjudicators are chosen, or somebody who may not decide.
    """
    hold_project(db, access.project_id)
    members = {each.number: each.id or 0 for each in reviewing(db, access.project_id)}
    _refuse_too_few(wanted, members)
    before = settings_of(db, access.project_id)
    if wanted == before:
        return
    ids = {members[number] for number in wanted.adjudicators}
    row = DeskSettings(project_id=access.project_id, **asdict(wanted) | {"adjudicators": sorted(ids)})
    db.merge(row)
    db.flush()
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="adjudication.settings",
        subject="disagreements",
        details={"before": _recorded(before), "after": _recorded(wanted)},
    )


def _recorded(settings: Settings) -> dict[str, object]:
    return {**asdict(settings), "adjudicators": list(settings.adjudicators)}


def _refuse_too_few(wanted: Settings, members: Mapping[int, int]) -> None:
    n_chosen = len(set(wanted.adjudicators))
    if not set(wanted.adjudicators) <= set(members):
        sentence = _("Somebody chosen may not decide in this project any more. Choose among those offered.")
    elif wanted.splits and n_chosen < 2:
        sentence = _("To split the queue, choose two adjudicators or more.")
    elif wanted.double_percent and n_chosen < 2:
        sentence = _("To have posts decided twice, choose two adjudicators or more.")
    else:
        return
    raise Refusal(_("Nothing was saved yet."), {"adjudicators": sentence})


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

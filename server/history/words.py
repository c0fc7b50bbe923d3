"""What was done, in words a reader understands."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.language import gettext as _


def _sentences() -> dict[str, str]:
    return {
        "project.create": _("created the project"),
        "project.edit": _("changed the title or the description"),
        "project.archive": _("archived the project"),
        "project.restore": _("restored the project"),
        "member.add": _("added a member"),
        "member.join": _("joined by invitation"),
        "member.change_role": _("changed a role"),
        "member.deactivate": _("deactivated a member"),
        "member.reactivate": _("reactivated a member"),
        "invitation.create": _("made an invitation"),
        "invitation.revoke": _("withdrew an invitation"),
        "posts.import": _("imported posts"),
        "codebook.publish": _("published the codebook"),
        "codebook.start_draft": _("began a draft of the codebook"),
        "codebook.discard_draft": _("discarded the draft of the codebook"),
        "codebook.save_sheet": _("replaced the draft by a file"),
        "codebook.add_variable": _("added a variable"),
        "codebook.edit_variable": _("changed a variable"),
        "codebook.remove_variable": _("removed a variable"),
        "codebook.move_variable": _("moved a variable"),
        "codebook.add_code": _("added a code"),
        "codebook.edit_code": _("changed a code"),
        "codebook.remove_code": _("removed a code"),
        "codebook.move_code": _("moved a code"),
        "round.open": _("opened a round"),
        "round.lock": _("locked a round"),
        "round.reopen": _("opened a round again"),
        "round.reveal": _("revealed a round"),
        "round.withdraw": _("withdrew an annotator"),
        "coding.submit": _("submitted a coding"),
        "coding.correct": _("corrected a coding"),
        "coding.skip": _("skipped a post"),
    }


def action_words(action: str) -> str:
    """The action in words; one that has none yet is shown as it is."""
    return _sentences().get(action, action)


def detail_words(details: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What an event says besides its subject, as pairs of a name and a text; changes as `old → new`."""
    return tuple(_pairs(details, ""))


def _pairs(details: Mapping[str, Any], within: str) -> Iterator[tuple[str, str]]:
    for key, value in details.items():
        name = f"{within}{key}".replace("_", " ")
        if isinstance(value, Mapping) and not _is_change(value):
            yield from _pairs(value, f"{name} / ")
        else:
            yield name, _text(value)


def _is_change(value: Mapping[str, Any]) -> bool:
    return set(value) == {"before", "after"} and not any(isinstance(end, Mapping) for end in value.values())


def _text(value: Any) -> str:
    if isinstance(value, Mapping) and _is_change(value):
        return f"{_text(value['before'])} → {_text(value['after'])}"
    if isinstance(value, Mapping):  # Inside a list, such as the codes of an uploaded codebook.
        return "; ".join(f"{name}: {said}" for name, said in _pairs(value, ""))
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)

"""What annotators said in the exports of Label Studio, Potato and doccano, record by record. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.errors import Refusal
from server.exchange.ratings.one_question import DOCCANO
from server.language import gettext as _

Record = Mapping[str, Any]
Records = Sequence[tuple[int, Record]]

_POST_IDS = ("post_id", "external_id", "tweet_id", "id")
LABEL_STUDIO, POTATO = "Label Studio", "Potato"


@dataclass(frozen=True)
class Said:
    """What an annotator said of a post and submitted: question, code and value of each answer, or none."""

    post: str
    coder: str
    at: str
    answers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Program:
    """A program and its records: how they are known, read, and refused as a whole."""

    name: str
    knows: Callable[[Record], bool]
    read: Callable[[Record, str], Iterator[Said]]
    check: Callable[[Iterable[Record]], None] = lambda _records: None


def program_of(record: Record) -> Program | None:
    """The program that wrote such records."""
    return next((one for one in _PROGRAMS if one.knows(record)), None)


def _objects(said: Any) -> list[Record]:
    """The objects of a list; none where it is something else."""
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _plain(said: Any) -> str:
    """A text or a number as text; nothing where it is something else."""
    return str(said) if isinstance(said, str | int | float) and not isinstance(said, bool) else ""


def _post_id(record: Record) -> str:
    return next((named for name in _POST_IDS if (named := _plain(record.get(name)))), "")


# Label Studio: a task has annotations, an annotation the results of several controls.


def _is_label_studio(one: Record) -> bool:
    return isinstance(one.get("annotations"), list) and isinstance(one.get("data"), dict)


def _label_studio(task: Record, _stem: str) -> Iterator[Said]:
    named = _post_id(task["data"]) or _plain(task.get("id"))
    for annotation in _objects(task["annotations"]):
        if not annotation.get("was_cancelled"):
            at = _plain(annotation.get("updated_at")) or _plain(annotation.get("created_at"))
            answers = tuple(_results(annotation))
            yield Said(named, _person(annotation.get("completed_by")), at, answers)


def _results(annotation: Record) -> Iterator[tuple[str, str, str]]:
    for result in _objects(annotation.get("result")):
        kind, value = _plain(result.get("type")), result.get("value")
        for code in _chosen(kind, value) if isinstance(value, dict) else ():
            yield (_plain(result.get("from_name")), code, "")


def _person(said: Any) -> str:
    """An annotator, who is a number or a record of the person."""
    if isinstance(said, dict):
        return next((name for key in ("email", "username", "id") if (name := _plain(said.get(key)))), "")
    return _plain(said)


def _chosen(kind: str, value: Record) -> list[str]:
    """The answers of a control; of a taxonomy the last code of each path. Passages alone are no answer."""
    said = value.get(kind)
    if kind == "taxonomy" and isinstance(said, list):
        return [str(path[-1]) for path in said if isinstance(path, list) and path]
    if kind == "textarea":
        said = value.get("text")
        return ["\n".join(map(str, said))] if isinstance(said, list) else [_plain(said)]
    if kind in {"choices", "rating", "number"} and said is not None:
        return [str(one) for one in said] if isinstance(said, list) else [str(said)]
    return []


# Potato: a line is what one annotator said of an item; a schema holds labels with what stands beside them:
# the label again, "true", or the key that chooses it. Only some labels are none themselves.

# Those of menus, text boxes, sliders, numbers and free answers: the answer stands beside them.
_OF_VALUES = re.compile(r"select-one|text_?box|slider|number|free_response.*", re.IGNORECASE)
_SCALE = re.compile(r"scale_(\d+)")
# What stands beside a label that was chosen and says no more; 0 is the key of the tenth.
_BARE = frozenset({"true", "on", "yes", "1", "0"})
_PART = ":::"
_SPANS = "span_annotation"


def _is_potato(one: Record) -> bool:
    return bool({"instance_id", "id"} & one.keys()) and isinstance(one.get("label_annotations"), dict)


def _potato(one: Record, stem: str) -> Iterator[Said]:
    found = ((str(name), labels) for name, labels in one["label_annotations"].items())
    answers = tuple(
        _potato_answer(question, str(label), value)
        for question, labels in found
        for label, value in (labels.items() if isinstance(labels, dict) else ())
        if _is_chosen(value)
    )
    yield Said(_potato_post(one), _potato_coder(one) or stem, "", answers)


def _potato_post(one: Record) -> str:
    return _plain(one.get("instance_id")) or _plain(one.get("id"))


def _potato_coder(one: Record) -> str:
    return _plain(one.get("user_id")) or _plain(one.get("user"))


def _is_chosen(value: Any) -> bool:
    return value is not None and str(value).strip().casefold() not in {"false", ""}


def _potato_answer(question: str, label: str, value: Any) -> tuple[str, str, str]:
    said = str(value).strip()
    if of_scale := _SCALE.fullmatch(label):
        return (question, of_scale[1], "")
    if _OF_VALUES.fullmatch(label) or (label == question and said.casefold() not in {"true", "on"}):
        return (question, said, "")
    # A text box of several is called by the lead; what stands in it is an answer where the question is open.
    return (question, label, "" if said.casefold() in _BARE or said == label else said)


def _refuse_lines_of_nobody(records: Iterable[Record]) -> None:
    """Potato's file of everybody names nobody: several people's answers would become one person's."""
    seen: set[str] = set()
    words = _(
        "The lines do not say who annotated, and several are about “{post}”. Import the file in "
        "the folder of each annotator, called after them, or Potato’s output as TSV."
    )
    for named in (_potato_post(record) for record in records if not _potato_coder(record)):
        if named in seen:
            raise Refusal(words.format(post=named))
        seen.add(named)


def potato_columns(columns: Sequence[str]) -> bool:
    """Whether a table has the columns of Potato's output as CSV or TSV."""
    return "instance_id" in columns and any(_PART in name for name in columns)


def potato_row(columns: Sequence[str], cells: Sequence[str], stem: str) -> Iterator[Said]:
    """What a row of such a table says."""
    labels: dict[str, dict[str, str]] = {}
    for name, cell in zip(columns, cells, strict=True):
        question, is_part, label = name.partition(_PART)
        if is_part and question != _SPANS:
            labels.setdefault(question, {})[label] = cell
    yield from _potato({**dict(zip(columns, cells, strict=True)), "label_annotations": labels}, stem)


# doccano: a record is an item with the labels of one annotator, after whom the file is called.


def _is_doccano(one: Record) -> bool:
    return isinstance(one.get("label"), list) and ("text" in one or "data" in one)


def _doccano(one: Record, stem: str) -> Iterator[Said]:
    answers = tuple(("", label, "") for label in one["label"] if isinstance(label, str))
    # Labels of passages are no answers, and say nothing about whether one was given.
    if answers or not one["label"]:
        yield Said(_post_id(one), _plain(one.get("annotator")) or stem, "", answers)


_PROGRAMS = (
    Program(LABEL_STUDIO, _is_label_studio, _label_studio),
    Program(POTATO, _is_potato, _potato, _refuse_lines_of_nobody),
    Program(DOCCANO, _is_doccano, _doccano),
)

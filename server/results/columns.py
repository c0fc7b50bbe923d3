"""The columns of the final dataset, wide and long, with what they say in words."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from server.codebooks.queries import CodeInfo, VariableInfo
from server.datasets.table import Code, Column, Kind, numbered
from server.datasets.words import yes_and_no
from server.language import gettext as _
from server.results.outcomes import REPORTED, Basis
from server.results.tables import basis_label


def post_columns() -> tuple[Column, ...]:
    """What is said of the post itself."""
    return (
        Column("post_id", _("Id of the post in the imported file")),
        Column("number", _("Number of the post in the project"), Kind.INTEGER),
        Column("author", _("Author"), tells=True),
        Column("posted_at", _("When it was posted, in UTC"), Kind.MOMENT, tells=True),
        Column("link", _("Link"), tells=True),
        Column("thread_id", _("Id of the thread")),
        Column("parent_id", _("Id of the post that it answers")),
        Column(
            "posted_at_text",
            _("When it was posted, as the file said it, where that could not be read"),
            tells=True,
        ),
    )


def columns_of(of: VariableInfo) -> Iterator[Column]:
    """What is said of one question: values, what each rests on, and how many codings count."""
    if of.kind == "multiple":
        for code in of.codes:
            key, label = f"{of.key}_{code.key}", f"{of.label}: {code.label}"
            yield from (yes_no_column(key, label), _basis_column(key, label))
    else:
        yield from (*value_columns(of), _basis_column(of.key, of.label))
    says = _("{what}: how many annotators coded it").format(what=of.label)
    yield Column(f"{of.key}_codings", says, Kind.INTEGER)


def value_columns(of: VariableInfo) -> Iterator[Column]:
    """The value of a question of any kind but multiple choice."""
    if of.kind in {"single", "ordinal"}:
        yield coded_column(of.key, of.label, of.kind, of.codes)
    else:
        is_text = of.kind == "text"
        yield Column(of.key, of.label, Kind.TEXT if is_text else Kind.NUMBER, tells=is_text)
    if of.kind == "ordinal":
        yield Column(f"{of.key}_value", _("{what}: as a number").format(what=of.label), Kind.NUMBER)


def yes_no_column(key: str, label: str) -> Column:
    """One code of a multiple choice."""
    return Column(key, label, Kind.YES_NO, yes_and_no())


def coded_column(key: str, label: str, kind: str, codes: Sequence[CodeInfo]) -> Column:
    """A question that takes one code; of a scale the lowest step stands first, by the steps' numbers."""
    is_scale = kind == "ordinal"
    order = [code.value for code in codes if is_scale and code.value is not None]
    steps = sorted(codes, key=lambda code: code.value or 0.0) if len(order) == len(codes) else codes
    found = numbered([(code.key, code.label, code.value) for code in steps])
    rises = all(lower.number < higher.number for lower, higher in pairwise(found))
    return Column(key, label, Kind.CODED, found, is_ordered=is_scale and rises)


def keys_of_variables(of: Sequence[VariableInfo]) -> tuple[Code, ...]:
    """The questions themselves, as what stands in a column."""
    return numbered([(one.key, one.label, None) for one in of])


def version_column() -> Column:
    """Under which versions of the codebook a post was coded."""
    return Column("codebook_versions", _("Versions of the codebook under which it was coded"))


def draw_columns() -> tuple[Column, ...]:
    """How a post was drawn, and what it weighs."""
    return (
        Column("sampling_fraction", _("The chance that the post had to be drawn at its import"), Kind.NUMBER),
        Column("stratum", _("Number of the group of posts that rounds drew from"), Kind.INTEGER),
        Column(
            "weight",
            _("What it counts in weighted shares of questions that all coded posts are coded on"),
            Kind.NUMBER,
        ),
    )


def long_columns(of: Sequence[VariableInfo]) -> tuple[Column, ...]:
    """The columns of the long form."""
    return (
        Column("post_id", _("Id of the post in the imported file")),
        Column("number", _("Number of the post in the project"), Kind.INTEGER),
        Column("variable", _("Question"), Kind.CODED, keys_of_variables(of)),
        Column("code", _("Key of the final code; of a multiple choice of each code")),
        Column(
            "value",
            _("1 or 0 of a code, number of a step, or the number"),
            Kind.NUMBER,
        ),
        Column("text", _("Free text"), tells=True),
        _basis_column("", ""),
        Column("codings", _("How many annotators coded it"), Kind.INTEGER),
        version_column(),
    )


def _basis_column(key: str, label: str) -> Column:
    says = _("{what}: what it rests on").format(what=label) if label else _("What it rests on")
    return Column(f"{key}_basis" if key else "basis", says, Kind.CODED, _bases())


def _bases() -> tuple[Code, ...]:
    of_values = [Code(each.word, basis_label(each), each.value) for each in REPORTED]
    return (*of_values, Code(Basis.NOT_ASKED.word, _("not asked"), Basis.NOT_ASKED.value))

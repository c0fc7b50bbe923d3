"""What a trainee reads of one question: both answers in words, and the definitions that decide."""

from dataclasses import dataclass

from server.codebooks.queries import CodeInfo
from server.training.comparing import Verdict, said


@dataclass(frozen=True)
class Deciding:
    """A code whose definition decides. `code` is what `components/codes.html` shows the help of."""

    code: CodeInfo
    is_gold: bool


@dataclass(frozen=True)
class Compared:
    """One question. `deciding`: the codes of the gold first, then those wrongly given."""

    label: str
    own: str
    gold: str
    is_judged: bool
    is_right: bool
    deciding: tuple[Deciding, ...]


def compared(verdict: Verdict) -> Compared:
    """A verdict in words."""
    variable = verdict.variable
    of_gold = {answer.code_id for answer in verdict.gold}
    return Compared(
        variable.label,
        said(variable, verdict.own),
        said(variable, verdict.gold),
        verdict.is_judged,
        verdict.is_right,
        tuple(Deciding(code, code.id in of_gold) for code in verdict.deciding),
    )

"""Which codes of a question stand folded away under their parents. Pure.

A code is shown when it is chosen or one below it is, and when each code above it is chosen or has a chosen
one below. The desk's script goes by the same rule, and by what is opened by hand.
"""

from collections.abc import Collection, Iterator, Mapping

from server.coding.questions import Choice, Question


def folded(question: Question, chosen: Collection[str]) -> frozenset[str]:
    """The values of the codes that are not shown where these are chosen."""
    by_value = {choice.value: choice for choice in question.choices}
    lit = set(chosen)
    for value in chosen:
        if value in by_value:
            lit.update(_above(by_value, value))
    return frozenset(
        value for value in by_value if value not in lit and not lit.issuperset(_above(by_value, value))
    )


def _above(by_value: Mapping[str, Choice], value: str) -> Iterator[str]:
    """The codes above one, the nearest first."""
    while value := by_value[value].parent:
        yield value

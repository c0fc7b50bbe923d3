"""Rules by which many posts are decided at once: one for all questions, or one for each. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNANIMOUS, MAJORITY, SINGLE, MODEL = "unanimous", "majority", "single", "model"
EACH = "each"
# The place of a basis in a row of a proposal. Contested answers come first, since they are looked at first.
BASES = (MAJORITY, UNANIMOUS, SINGLE, MODEL)
LEAST_THRESHOLD = 0.5


@dataclass(frozen=True)
class Rule:
    """What is accepted: unanimous answers, or those of a majority of at least `minimum` annotators.

    Or, by rules of their own, those of the only annotator of a post, and those of which the model of
    Dawid & Skene is sure: with a probability of `threshold` or more.
    """

    name: str
    minimum: int = 2
    variable_key: str = ""
    threshold: float = 0.95

    @property
    def is_single(self) -> bool:
        """Whether posts are accepted that one annotator coded, and no others."""
        return self.name == SINGLE

    @property
    def kept(self) -> dict[str, Any]:
        """The rule as a batch and the history keep it."""
        own: dict[str, dict[str, Any]] = {
            MAJORITY: {"minimum": self.minimum},
            MODEL: {"model": "dawid_skene", "threshold": self.threshold},
        }
        return {"rule": self.name, **own.get(self.name, {})}


@dataclass(frozen=True)
class Rules:
    """A rule for each question; those without one are left alone."""

    of: tuple[Rule, ...]

    @property
    def kept(self) -> dict[str, dict[str, Any]]:
        """The rules as a batch and the history keep them, by the keys of the questions."""
        return {rule.variable_key: rule.kept for rule in self.of}


def rules_kept(kept: Mapping[str, Mapping[str, Any]]) -> Rules:
    """The rules that a batch was made by."""
    return Rules(
        tuple(
            Rule(of["rule"], of.get("minimum", 2), key, of.get("threshold", LEAST_THRESHOLD))
            for key, of in kept.items()
        )
    )

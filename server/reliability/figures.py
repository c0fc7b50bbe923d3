"""What is said of agreement: the plain shapes that the report, its page and other features share."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.agreement import Coefficient, Level
from server.reliability.queries import Annotator, RoundInfo


def named(coefficients: Sequence[Coefficient], name: str) -> Coefficient | None:
    """The coefficient with this name, if it is among them."""
    return next((one for one in coefficients if one.name == name), None)


@dataclass(frozen=True)
class CodeAgreement:
    """One code as a yes/no question over the posts that were coded on its variable.

    `n_chosen` of `n_codings` codings chose the code; `prevalence` is that share.
    """

    key: str
    label: str
    n_units: int
    n_pairable: int
    n_codings: int
    n_chosen: int
    prevalence: float | None
    coefficients: tuple[Coefficient, ...]

    @property
    def alpha(self) -> Coefficient:
        """Krippendorff's alpha of the code, chosen or not."""
        return next(one for one in self.coefficients if one.name == "krippendorff_alpha")


@dataclass(frozen=True)
class PairAgreement:
    """Two annotators over the posts that both coded: percent agreement, Cohen's kappa, of numbers alpha.

    `code` is the key of the code that is the yes/no question, None for a variable with one answer;
    `table[a][b]` (n_codes × n_codes, or no and yes) on how many posts the first said a and the second b;
    it is empty of numbers.
    """

    first: Annotator
    second: Annotator
    code: str | None
    n_posts: int
    coefficients: tuple[Coefficient, ...]
    table: tuple[tuple[int, ...], ...]

    @property
    def beyond_chance(self) -> Coefficient:
        """Cohen's kappa, or Krippendorff's alpha of numbers."""
        return next(one for one in self.coefficients if one.name in {"cohen_kappa", "krippendorff_alpha"})


@dataclass(frozen=True)
class VariableAgreement:
    """Agreement on one variable.

    `coefficients` speak of whole answers (of a multiple choice: of its sets), `codes` of each code against
    the rest, and `note` says why there are none. Intervals draw `n_authors` authors, or posts where it is
    None. `n_repeats` codings are left out because their annotator coded the post in an earlier round, too.
    `n_pairs` pairs of annotators share posts; `confusion` counts over all of them, both ways round.
    """

    key: str
    kind: str
    label: str
    level: Level
    n_units: int
    n_pairable: int
    n_codings: int
    n_annotators: int
    n_authors: int | None
    n_repeats: int
    coefficients: tuple[Coefficient, ...]
    codes: tuple[CodeAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    n_pairs: int
    confusion: tuple[tuple[int, ...], ...]
    note: str

    @property
    def alpha(self) -> Coefficient | None:
        """Krippendorff's alpha of whole answers; None for a multiple choice and for text."""
        return named(self.coefficients, "krippendorff_alpha")


@dataclass(frozen=True)
class AgreementReport:
    """Agreement on the rounds that count, and what was left out of it.

    `hidden` are the rounds the reader may not have figures of, `why_no_pairs` says why pairs of annotators
    are not told apart.
    """

    variables: tuple[VariableAgreement, ...]
    rounds: tuple[RoundInfo, ...]
    hidden: tuple[RoundInfo, ...]
    group: str | None
    seed: int
    resamples: int
    why_no_pairs: str

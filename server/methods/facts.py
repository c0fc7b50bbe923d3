"""What happened in a study, as far as a reader may know it: what the methods text is made of. Pure.

Nothing here is in words of any language: what is said of it is said in the language of the text.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.codebooks.queries import VariableInfo
from server.reliability.figures import VariableAgreement
from server.results.report import ResultsReport


@dataclass(frozen=True)
class ImportFact:
    """One import. `sample` is how posts were drawn from the file, `n_undrawn` how many were not; or empty.

    `n_same_id` rows had the id of another, `n_unreadable` were refused, `n_nothing` held nothing to
    code, and `n_repeats` posts had the text of another and were dropped.
    """

    number: int
    at: datetime
    n_new: int
    n_same_id: int
    n_unreadable: int
    n_nothing: int = 0
    n_repeats: int = 0
    n_undrawn: int = 0
    sample: str = ""
    size: int = 0
    field: str = ""
    seed: int = 0
    pseudonyms: bool = False
    masks_mentions: bool = False
    export: str = ""

    @property
    def is_unequal(self) -> bool:
        """Whether its posts were drawn with unequal chances, which unweighted shares do not make good."""
        return self.sample in {"field", "day", "author"}


@dataclass(frozen=True)
class CorpusFact:
    """The posts of the project now. `first` and `last` are None where no post has a date that can be read.

    `n_taken_down` posts were taken down, and of `n_erased` of them the codings, too.
    """

    n_posts: int
    n_accounts: int
    n_undated: int
    first: datetime | None
    last: datetime | None
    n_taken_down: int = 0
    n_erased: int = 0


class Chosen(StrEnum):
    """How a round took its posts."""

    ALL = "all"
    RANDOM = "random"
    STRATA = "strata"
    CRITERIA = "criteria"
    AGAIN = "again"
    FILE = "file"


@dataclass(frozen=True)
class RoundFact:
    """One round. `first` and `last`: when what is coded was coded; None where nothing is or no file says.

    `n_posts` were its posts, `n_coded` of them have a coding and `n_double` two or more. `depth` annotators
    were planned for each post, or with a `double_share` two for that share and one for the rest. `n_passed`
    of the annotators passed a training.
    """

    number: int
    title: str
    purpose: str
    version: int
    chosen: Chosen
    field: str
    seed: int | None
    n_posts: int
    n_coded: int
    n_double: int
    n_annotators: int
    n_codings: int
    first: datetime | None
    last: datetime | None
    is_open: bool
    depth: int | None = None
    double_share: float | None = None
    has_gold: bool = False
    n_passed: int = 0


@dataclass(frozen=True)
class DecisionFact:
    """What people decided: `n` standing decisions on questions of `n_posts` posts, `n_reasons` with a reason.

    Adjudicators took `n_seconds` of them twice without seeing the first decision, `n_alike` times alike.
    """

    n: int = 0
    n_posts: int = 0
    n_consensus: int = 0
    n_reasons: int = 0
    n_seconds: int = 0
    n_alike: int = 0


@dataclass(frozen=True)
class Facts:
    """All of it. `n_late` codings were made after a reveal and are in no coefficient.

    `weighed` are the results by how posts were drawn, where they had unequal chances that are known.

    `rounds` are those this reader may have figures of, by number; `book` the variables of the newest
    codebook among them.
    """

    imports: tuple[ImportFact, ...]
    corpus: CorpusFact
    book: tuple[VariableInfo, ...]
    rounds: tuple[RoundFact, ...]
    n_late: int
    agreement: tuple[VariableAgreement, ...]
    decisions: DecisionFact
    results: ResultsReport
    weighed: ResultsReport | None = None

    @property
    def trainings(self) -> tuple[RoundFact, ...]:
        """The rounds of practice in which somebody coded."""
        return tuple(one for one in self.rounds if one.purpose == "training" and one.n_codings)

    @property
    def codings(self) -> tuple[RoundFact, ...]:
        """The rounds that count, in which somebody coded."""
        return tuple(one for one in self.rounds if one.purpose != "training" and one.n_codings)

    @property
    def n_pairable(self) -> int:
        """The posts that agreement rests on: of the question with most of them."""
        return max((one.n_pairable for one in self.agreement), default=0)

    @property
    def n_repeated(self) -> int:
        """Codings left out, as their annotator had coded the post before: of the question with most."""
        return max((one.n_repeats for one in self.agreement), default=0)

"""The script of the archive against the program, on codings made up by chance."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from server.agreement import Coefficient
from server.archive.recompute import CLOSE, same
from server.archive.recomputing.agreement import agreement
from server.archive.recomputing.over_time import time_of
from server.archive.recomputing.reading import Answer, Answers, Code, Question
from server.codebooks.queries import CodeInfo
from server.reliability.codings import Codings
from server.reliability.grouping import grouped
from server.reliability.inquiry import OnceRead, Study
from server.reliability.measuring import LEVEL_OF_KIND, Measuring
from server.reliability.queries import Question as Asked
from server.results.fields import TIMES, by_time

ROUND, SEED, RESAMPLES = 1, 7, 200


@dataclass
class MadeUp:
    """Codings of one question as both read them."""

    kind: str
    n_codes: int
    author: list[int]
    rows: list[tuple[int, int, float]] = field(default_factory=list)
    answers: Answers = field(default_factory=dict)

    def add(self, post: int, annotator: int, said: int, others: list[int]) -> None:
        """One answer; `others` are the further codes of a multiple choice."""
        codes = frozenset(f"c{each}" for each in ([said, *others] if self.kind == "multiple" else [said]))
        number = said / 2 if self.kind == "number" else None
        one = Answer(annotator, ROUND, frozenset() if self.kind == "number" else codes, number)
        self.answers.setdefault(str(post), []).append(one)
        bits = sum(1 << int(code[1:]) for code in codes)
        self.rows.append((post, annotator, {"multiple": bits, "number": said / 2}.get(self.kind, 10 + said)))

    @property
    def codes(self) -> tuple[CodeInfo, ...]:
        """The codes of the question."""
        values = [float(at) if self.kind == "ordinal" else None for at in range(self.n_codes)]
        texts = ("",) * 5
        found = [
            CodeInfo(10 + at, f"c{at}", f"c{at}", value, *texts, None) for at, value in enumerate(values)
        ]
        return () if self.kind == "number" else tuple(found)

    def by_program(self) -> Iterator[tuple[tuple[str, str], Coefficient]]:
        """The coefficients of the program."""
        codes = self.codes
        asked = Asked(1, "q", self.kind, "q", codes, (ROUND,), {code.id: (ROUND,) for code in codes})
        table = np.array(self.rows)
        post, member = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        answer = table[:, 2:] if self.kind == "number" else table[:, 2:].astype(np.int64)
        ids = np.arange(1, len(self.author) + 1)
        found = grouped(asked, Codings(post, member, answer), ids, np.array(self.author))
        study = Study(OnceRead(lambda _question, _rounds: found), Measuring(None, SEED, RESAMPLES), None)
        report = study.agreement(asked)
        yield from ((("", one.name), one) for one in report.coefficients)
        yield from (((code.key, one.name), one) for code in report.codes for one in code.coefficients)

    def by_script(self) -> dict[tuple[str, str], dict[str, float | int | None]]:
        """The same by the script."""
        rounds = frozenset({ROUND})
        codes = tuple(Code(code.key, code.value, "", "", rounds) for code in self.codes)
        question = Question("q", self.kind, LEVEL_OF_KIND[self.kind], "", "", rounds, (), codes)
        authors = {str(at): author for at, author in enumerate(self.author, start=1)}
        found = agreement(question, self.answers, authors, SEED, RESAMPLES)
        return {(code, name): numbers for code, name, numbers in found}


def made_up(seed: int) -> MadeUp:
    """Few or many posts of few or many authors, by annotators who agree more often than not."""
    dice = np.random.default_rng(seed)
    kind = ("single", "multiple", "ordinal", "number")[seed % 4]
    n_posts, n_codes = int(dice.integers(3, 80)), int(dice.integers(2, 6))
    found = MadeUp(kind, n_codes, dice.integers(0, int(dice.integers(2, 60)), n_posts).tolist())
    for post in range(1, n_posts + 1):
        truth = int(dice.integers(n_codes))
        for annotator in range(1, int(dice.integers(1, 5)) + 1):
            said = truth if dice.random() < 0.7 else int(dice.integers(n_codes))
            others = [code for code in range(n_codes) if code != said and dice.random() < 0.2]
            found.add(post, annotator, said, others)
    return found


@pytest.mark.parametrize("step", TIMES)
def test_the_script_knows_when_a_time_begins(step: str) -> None:
    moments = [datetime(2024, 12, 25, 23, 59, tzinfo=UTC) + timedelta(hours=17 * at) for at in range(60)]
    grouping = by_time(moments, step)
    assert [grouping.keys[place] for place in grouping.of] == [
        time_of(step, each.isoformat()) for each in moments
    ]
    assert time_of(step, "") == ""


@pytest.mark.parametrize("seed", range(24))
def test_the_script_measures_agreement_as_the_program_does(seed: int) -> None:
    study = made_up(seed)
    again = study.by_script()
    for key, one in study.by_program():
        low, high = one.interval or (None, None)
        published = {"estimate": one.estimate, "low": low, "high": high, "standard_error": one.standard_error}
        for name, value in published.items():
            assert same(value, again[key][name], CLOSE), (key, name, value, again[key][name])

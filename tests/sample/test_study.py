"""The sample study has the shape that its pages promise, and comes out the same every time."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from server.rounds.plan import make_plan
from server.sample.annotators import ANNOTATORS
from server.sample.codebook import CODEBOOK, EMOTION_KEYS, EXPRESSION_KEYS, STANCE_KEYS
from server.sample.study import SampleCoding, SampleStudy, sample_study
from server.sample.truth import QUOTAS, draw_truth

Difference = Callable[[int, int], float]


@pytest.fixture(scope="module")
def study() -> SampleStudy:
    return sample_study()


@pytest.fixture(scope="module")
def by_post(study: SampleStudy) -> dict[str, list[SampleCoding]]:
    found: dict[str, list[SampleCoding]] = defaultdict(list)
    for coding in study.codings:
        if coding.skip_reason is None:
            found[coding.external_id].append(coding)
    return found


def krippendorff_alpha(units: Iterable[list[int]], difference: Difference) -> float:
    """Alpha by its definition, over all pairs of values: slow and independent of the product."""
    pairable = [unit for unit in units if len(unit) > 1]
    counts = Counter(value for unit in pairable for value in unit)
    n = counts.total()
    observed = (
        sum(sum(difference(a, b) for a in unit for b in unit) / (len(unit) - 1) for unit in pairable) / n
    )
    expected = sum(counts[a] * counts[b] * difference(a, b) for a in counts for b in counts) / (n * (n - 1))
    return 1 - observed / expected


def nominal(one: int, other: int) -> float:
    return float(one != other)


def given(codings: list[SampleCoding], key: str) -> list[int]:
    return [int(key in coding.answers["expression"]) for coding in codings]


def majority_share(by_post: dict[str, list[SampleCoding]], key: str) -> float:
    votes = [given(codings, key) for codings in by_post.values()]
    settled = [sum(vote) * 2 > len(vote) for vote in votes if sum(vote) * 2 != len(vote)]
    return sum(settled) / len(settled)


def test_posts_authors_and_days(study: SampleStudy) -> None:
    days = Counter(post.posted_at.date() for post in study.posts)
    per_author = Counter(post.author for post in study.posts)
    assert len(study.posts) == 1482
    assert len(per_author) == 381
    assert sorted(days) == [date(2025, 8, day) for day in range(6, 15)]
    assert {post.posted_at.tzinfo for post in study.posts} == {UTC}
    assert min(per_author.values()) == 1
    assert 20 <= max(per_author.values()) <= 25
    assert all(re.fullmatch(r"user_[0-9a-f]{4}", author) for author in per_author)


def test_ids_are_distinct_text_of_19_digits_in_order_of_time(study: SampleStudy) -> None:
    ids = [post.external_id for post in study.posts]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"9\d{18}", external_id) for external_id in ids)
    assert ids == sorted(ids)


def test_texts_are_distinct_complete_and_of_a_posts_length(study: SampleStudy) -> None:
    texts = [post.text for post in study.posts]
    assert len(set(texts)) == len(texts)
    assert all(8 <= len(text.split()) <= 60 for text in texts)
    assert not any(set(text) & set("{}[]|") for text in texts)
    assert all(link.startswith("example.org/") for text in texts for link in re.findall(r"\S+\.org\S*", text))


def test_texts_vary_like_posts(study: SampleStudy) -> None:
    texts = [post.text for post in study.posts]
    assert sum("\n" in text for text in texts) > 300
    assert sum("?" in text for text in texts) > 80
    assert sum("example.org" in text for text in texts) > 30
    assert sum(not text.isascii() for text in texts) > 200
    assert sum(bool(re.search(r"#keep4o", text, re.IGNORECASE)) for text in texts) > 900
    starts = Counter(" ".join(text.lower().split()[:5]) for text in texts)
    assert starts.most_common(1)[0][1] <= 14


def test_replies_answer_earlier_posts_of_their_thread(study: SampleStudy) -> None:
    posts = {post.external_id: post for post in study.posts}
    replies = [post for post in study.posts if post.parent_key]
    assert 100 < len(replies) < 300
    for reply in replies:
        parent = posts[reply.parent_key or ""]
        assert parent.posted_at < reply.posted_at
        assert parent.thread_key == reply.thread_key
    assert all(post.thread_key == post.external_id for post in study.posts if not post.parent_key)


def test_what_is_true_of_the_posts_has_exact_shares(study: SampleStudy) -> None:
    truth = draw_truth(study.seed)
    assert Counter(key for post in truth for key in post.codes) == QUOTAS
    assert (QUOTAS["relational_attachment"], QUOTAS["instrumental_dependency"]) == (400, 193)
    assert 0.25 <= sum(not post.codes for post in truth) / len(truth) <= 0.30


@pytest.mark.parametrize("key", EXPRESSION_KEYS)
def test_posts_of_one_author_resemble_each_other(study: SampleStudy, key: str) -> None:
    groups: dict[int, list[int]] = defaultdict(list)
    for post in draw_truth(study.seed):
        groups[post.author].append(int(key in post.codes))
    assert 0.05 < intra_class_correlation(list(groups.values())) < 0.25


def intra_class_correlation(groups: list[list[int]]) -> float:
    """The one-way analysis of variance estimate for groups of unequal size."""
    n = sum(map(len, groups))
    mean = sum(map(sum, groups)) / n
    means = [sum(group) / len(group) for group in groups]
    between = sum(len(g) * (m - mean) ** 2 for g, m in zip(groups, means, strict=True)) / (len(groups) - 1)
    within = sum((v - m) ** 2 for g, m in zip(groups, means, strict=True) for v in g) / (n - len(groups))
    size = (n - sum(len(group) ** 2 for group in groups) / n) / (len(groups) - 1)
    return (between - within) / (between + (size - 1) * within)


@pytest.mark.parametrize("key", EXPRESSION_KEYS)
def test_annotators_agree_on_each_code_as_people_do(by_post: dict[str, list[SampleCoding]], key: str) -> None:
    alpha = krippendorff_alpha([given(codings, key) for codings in by_post.values()], nominal)
    assert 0.58 <= alpha <= 0.92


def test_agreement_differs_between_codes(by_post: dict[str, list[SampleCoding]]) -> None:
    units = by_post.values()
    alphas = [krippendorff_alpha([given(unit, key) for unit in units], nominal) for key in EXPRESSION_KEYS]
    assert max(alphas) - min(alphas) > 0.08


def test_annotators_agree_on_emotion_and_stance_as_people_do(by_post: dict[str, list[SampleCoding]]) -> None:
    steps = [[EMOTION_KEYS.index(c.answers["emotion"][0]) for c in unit] for unit in by_post.values()]
    stances = [[STANCE_KEYS.index(c.answers["stance"][0]) for c in unit] for unit in by_post.values()]
    assert 0.6 <= krippendorff_alpha(steps, lambda a, b: (a - b) ** 2) <= 0.9
    assert 0.6 <= krippendorff_alpha(stances, nominal) <= 0.9


def test_the_majority_reads_like_the_table_of_the_study(by_post: dict[str, list[SampleCoding]]) -> None:
    assert 0.26 <= majority_share(by_post, "relational_attachment") <= 0.28
    assert 0.12 <= majority_share(by_post, "instrumental_dependency") <= 0.14
    others = [majority_share(by_post, key) for key in EXPRESSION_KEYS[2:]]
    assert all(0.08 <= share <= 0.25 for share in others)


def test_decided_values_read_like_the_table_of_the_study(
    study: SampleStudy, by_post: dict[str, list[SampleCoding]]
) -> None:
    decided = {d.external_id: d.codes for d in study.decisions if d.variable == "expression"}
    for key, low, high in (("relational_attachment", 0.26, 0.28), ("instrumental_dependency", 0.12, 0.14)):
        votes = {post: given(codings, key) for post, codings in by_post.items()}
        settled = {post: sum(v) * 2 > len(v) for post, v in votes.items() if sum(v) * 2 != len(v)}
        settled |= {post: key in codes for post, codes in decided.items()}
        assert low <= sum(settled.values()) / len(settled) <= high


def test_each_annotator_has_posts_left_at_the_end_of_the_own_order(study: SampleStudy) -> None:
    plan = make_plan(len(study.posts), range(3), k=3, seed=study.plan_seed)
    for index, name in enumerate(ANNOTATORS):
        codings = [coding for coding in study.codings if coding.annotator == name]
        queue = [study.posts[post].external_id for post in plan.post_index[plan.annotator_index == index]]
        assert 25 <= len(queue) - len(codings) <= 40
        assert [coding.external_id for coding in codings] == queue[: len(codings)]


def test_answers_are_of_the_codebook(study: SampleStudy) -> None:
    codes = {variable.key: {code.key for code in variable.codes} for variable in CODEBOOK.variables}
    for coding in study.codings:
        if coding.skip_reason is None:
            assert coding.answers.keys() == codes.keys()
            assert all(set(keys) <= codes[variable] for variable, keys in coding.answers.items())
            assert len(coding.answers["emotion"]) == len(coding.answers["stance"]) == 1
        else:
            assert not coding.answers


def test_there_are_some_skips_memos_and_doubts(study: SampleStudy) -> None:
    skipped = [coding for coding in study.codings if coding.skip_reason]
    assert 8 <= len(skipped) <= 40
    assert 80 <= sum(bool(coding.memo) for coding in study.codings) <= 300
    assert 0.04 <= sum(coding.unsure for coding in study.codings) / len(study.codings) <= 0.15


def test_annotators_work_in_september_one_post_after_another(study: SampleStudy) -> None:
    for name in ANNOTATORS:
        moments = [coding.submitted_at for coding in study.codings if coding.annotator == name]
        assert all(one < other for one, other in pairwise(moments))
        assert moments[0] >= datetime(2025, 9, 1, tzinfo=UTC)
        assert moments[-1] < datetime(2025, 9, 15, tzinfo=UTC)
    assert all(5 <= coding.seconds <= 300 for coding in study.codings)


def test_some_disputes_are_decided_with_reasons_and_some_are_left(
    study: SampleStudy, by_post: dict[str, list[SampleCoding]]
) -> None:
    disputed = {
        (post, variable.key)
        for post, codings in by_post.items()
        for variable in CODEBOOK.variables
        if len({coding.answers[variable.key] for coding in codings}) > 1
    }
    decided = [(decision.external_id, decision.variable) for decision in study.decisions]
    assert len(set(decided)) == len(decided)
    assert set(decided) < disputed
    assert 0.58 <= len(decided) / len(disputed) <= 0.62
    assert all(decision.reason.endswith(".") for decision in study.decisions)
    assert min(d.decided_at for d in study.decisions) > max(c.submitted_at for c in study.codings)


def test_every_code_is_explained(study: SampleStudy) -> None:
    assert [variable.kind for variable in study.codebook.variables] == ["multiple", "ordinal", "single"]
    for variable in study.codebook.variables:
        for code in variable.codes:
            parts = (code.definition, code.use_when, code.avoid_when, code.example, code.counter_example)
            assert all(len(part) > 10 for part in parts)
    assert [code.value for code in study.codebook.variables[1].codes] == [0, 1, 2, 3]


def test_the_same_seed_gives_the_same_study(study: SampleStudy) -> None:
    assert sample_study() == study


def test_another_seed_gives_another_study_of_the_same_shape(study: SampleStudy) -> None:
    other = sample_study(seed=7)
    assert len(other.posts) == 1482
    assert len({post.author for post in other.posts}) == 381
    assert {post.text for post in other.posts} != {post.text for post in study.posts}


def test_the_study_says_that_it_is_synthetic(study: SampleStudy) -> None:
    # The flag of the project puts it on every page; its description says it in words.
    assert "made up" in study.about

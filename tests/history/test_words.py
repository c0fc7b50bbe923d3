from server.history.details import detail_words, subject_words
from server.history.words import action_words
from server.web.languages import use_language


def test_changes_are_said_as_old_and_new() -> None:
    assert detail_words({"label": {"before": "Quality", "after": ""}}) == (("label", "Quality → none"),)


def test_changes_within_changes_are_named_after_what_they_are_in() -> None:
    details = {"code": {"label": {"before": "a", "after": "b"}}}
    assert detail_words(details) == (("code / label", "a → b"),)


def test_lists_of_things_are_said_one_after_the_other() -> None:
    details = {"variables": [{"what": "added", "codes": [{"key": "a"}, {"key": "b"}]}, {"what": "removed"}]}
    assert detail_words(details) == (("variables", "added (codes: a, b), removed"),)


def test_a_changed_code_is_named_by_its_key_with_what_changed() -> None:
    code = {"key": "a", "what": "changed", "label": "A", "fields": {"label": {"before": "B", "after": "A"}}}
    assert detail_words({"codes": [code]}) == (("codes", "changed a (fields / label: B → A)"),)


def test_fingerprints_and_what_was_left_empty_are_not_said() -> None:
    details = {"fingerprint": "f00d", "n_posts": 0, "k": None, "note": "", "codes": [], "names": False}
    assert detail_words(details) == (("posts", "0"), ("names", "no"))


def test_choices_are_said_in_words() -> None:
    assert detail_words({"what": "final", "rule": "plurality"}) == (
        ("file", "the final dataset"),
        ("rule", "the most frequent answer"),
    )
    assert detail_words({"variables": {"stance": 2, "emotion": 1}}) == (("decisions", "stance 2, emotion 1"),)


def test_an_unknown_action_is_shown_as_it_is() -> None:
    assert action_words("something.new") == "something.new"


def test_subjects_are_said_in_words_and_unknown_ones_as_they_are() -> None:
    said = ("project", "round 2", "round 2 post 7", "code stance.for", "members 1, 3", "something new")
    assert tuple(subject_words(each) for each in said) == said
    use_language("fr")
    french = tuple(subject_words(each) for each in said[:3])
    use_language("en")
    assert french == ("projet", "phase 2", "phase 2, publication 7")

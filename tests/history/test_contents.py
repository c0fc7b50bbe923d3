"""What goes of that which the history tells readers: words of people, and no names of codes."""

import pytest

from server.history.contents import erased, told_line, without_told

FROM_TO = {"before": ["quality"], "after": ["attachment"]}


@pytest.mark.parametrize(
    ("told", "is_going"),
    [
        ({"decided": {"expression": FROM_TO}, "reason": "By its last line."}, False),
        ({"withdrawn": {"expression": FROM_TO}, "reason": "As in “attachment”."}, True),
        (
            {
                "variables": [
                    {"codes": [{"key": "attachment", "label": "Attachment", "into": ["attachment"]}]}
                ]
            },
            False,
        ),
        ({"variables": [{"key": "expression", "fields": {"definition": {"after": "Attachment"}}}]}, True),
    ],
)
def test_a_post_that_says_no_more_than_a_code_is_quoted_by_words_alone(
    told: dict[str, object], *, is_going: bool
) -> None:
    line = told_line(1, told)
    left = without_told(line, lambda _post, words: "attachment" in words.lower())
    assert left == (erased(line) if is_going else line)

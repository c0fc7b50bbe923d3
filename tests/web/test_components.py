"""What the components promise to the pages: the parts of forms, charts and texts."""

import re
from typing import Any

from server.errors import Refusal
from server.web.forms import Form, blank
from server.web.rendering import make_templates

TEMPLATES = make_templates()


def macro(call: str, library: str, **values: Any) -> str:
    name = call.partition("(")[0]
    source = f'{{% from "components/{library}.html" import {name} with context %}}{{{{ {call} }}}}'
    return TEMPLATES.from_string(source).render(values)


def refused() -> Form[Any]:
    return blank(title="A <b>", who=["2"], posts="all", is_open=True).refused(
        Refusal("Some answers need another look.", {"title": "Please fill this in.", "posts": "Choose one."})
    )


def tag(html: str, name: str) -> str:
    found = re.search(rf"<{name}\b[^>]*>", html)
    assert found is not None, html
    return found[0]


def test_a_field_keeps_what_was_typed_and_names_its_label() -> None:
    html = macro('field(form, "title", "Title")', "forms", form=blank(title='A "study"'))
    assert '<label for="f-title">Title' in html
    assert 'id="f-title"' in tag(html, "input")
    assert 'value="A &#34;study&#34;"' in html
    assert "required" not in html
    assert "aria-" not in html


def test_a_refused_field_says_why_where_it_was_made() -> None:
    html = macro('field(form, "title", "Title", hint="As shown.", required=true)', "forms", form=refused())
    box = tag(html, "input")
    assert 'aria-describedby="f-title-hint f-title-error"' in box
    assert 'aria-invalid="true"' in box
    assert " required" in box
    assert '<span class="required">required</span>' in html
    assert '<p class="error" id="f-title-error">Please fill this in.</p>' in html


def test_a_password_is_never_sent_back() -> None:
    html = macro('field(form, "word", "Password", type="password")', "forms", form=blank(word="hunter2"))
    assert "hunter2" not in html


def test_a_number_has_its_limits() -> None:
    html = macro('field(form, "k", "Coders", type="number", min=0, max=9, step=1)', "forms", form=blank(k=3))
    assert {'min="0"', 'max="9"', 'step="1"', 'value="3"'} <= set(tag(html, "input").rstrip(">").split())


def test_a_long_text_keeps_what_was_typed() -> None:
    html = macro('textarea(form, "memo", "Memo", rows=5)', "forms", form=blank(memo="one\ntwo <i>"))
    assert ">one\ntwo &lt;i&gt;</textarea>" in html
    assert 'rows="5"' in html


def test_a_selection_keeps_what_was_chosen() -> None:
    options = [("pilot", "Pilot"), ("main", "Main")]
    html = macro('select(form, "purpose", "Purpose", o)', "forms", form=blank(purpose="main"), o=options)
    assert '<option value="main" selected>Main</option>' in html
    assert '<option value="pilot">Pilot</option>' in html


def test_boxes_of_one_name_are_told_apart() -> None:
    first = macro('checkbox(form, "who", "Ada", value="1")', "forms", form=refused())
    second = macro('checkbox(form, "who", "Ben", value="2", hint="Away.")', "forms", form=refused())
    assert " checked" not in tag(first, "input")
    assert " checked" in tag(second, "input")
    assert '<label for="f-who-2">Ben</label>' in second
    assert 'aria-describedby="f-who-2-hint"' in second
    assert " checked" in tag(macro('checkbox(form, "is_open", "Open")', "forms", form=refused()), "input")


def test_fields_of_one_name_in_two_forms_are_told_apart() -> None:
    macros = [
        macro(f'checkbox(form, "bom", "For Excel"{more})', "forms", form=blank())
        for more in ("", ', within="codings"')
    ]
    for html, name in zip(macros, ("f-bom", "f-codings-bom"), strict=True):
        assert f'id="{name}" name="bom"' in html
        assert f'for="{name}"' in html


def test_a_refused_box_says_why() -> None:
    form = blank().refused(Refusal("Look again.", {"agreed": "Please agree."}))
    html = macro('checkbox(form, "agreed", "I agree")', "forms", form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="f-agreed-error"' in html
    assert '<p class="error" id="f-agreed-error">Please agree.</p>' in html


def test_a_question_of_one_answer_is_a_group_with_its_error() -> None:
    html = macro(
        'radios(form, "posts", "Posts", [("all", "All"), ("some", "Some")])', "forms", form=refused()
    )
    assert 'id="f-posts" aria-describedby="f-posts-error"' in tag(html, "fieldset")
    assert "<legend>Posts</legend>" in html
    assert 'id="f-posts-all" name="posts" value="all" checked' in html
    assert 'id="f-posts-some" name="posts" value="some">' in html


def test_a_file_says_what_it_takes() -> None:
    html = macro('file(form, "upload", "Posts", accept=".csv,.tsv")', "forms", form=blank())
    assert 'accept=".csv,.tsv"' in tag(html, "input")


def test_problems_lead_to_their_fields() -> None:
    html = macro('problems(form, {"title": "Title"})', "forms", form=refused())
    assert 'role="alert"' in html
    assert "Some answers need another look." in html
    assert '<a href="#f-title">Title: Please fill this in.</a>' in html
    assert '<a href="#f-posts">Choose one.</a>' in html
    assert macro("problems(form)", "forms", form=blank()).strip() == ""


def test_a_question_takes_no_colon() -> None:
    form = blank().refused(Refusal("No.", {"expression": "Choose an answer."}))
    html = macro('problems(form, {"expression": "What does it express?"})', "forms", form=form)
    assert ">What does it express? Choose an answer.<" in html


def test_an_interval_is_drawn_to_scale() -> None:
    html = macro('interval_plot(0.2, 0.1, 0.3, 0, 0.4, "20 percent", reference=0.1)', "charts")
    assert 'aria-label="20 percent"' in html
    assert 'class="dot" d="M500.0 ' in html
    assert 'class="ci" d="M250.0 13H750.0' in html
    assert 'class="ref" d="M250.0 ' in html


def test_what_is_undefined_is_not_drawn_and_what_lies_outside_stays_inside() -> None:
    undefined = macro('interval_plot(none, none, none, 0, 1, "undefined")', "charts")
    assert 'class="dot"' not in undefined
    assert 'class="ci"' not in undefined
    assert 'class="ci" d="M0.0 13H1000.0' in macro('interval_plot(0.5, -3, 3, -1, 1, "wide")', "charts")


def test_shares_lie_side_by_side() -> None:
    html = macro('basis_bar([("unanimous", 0.6), ("single", 0), ("unresolved", 0.4)], "how")', "charts")
    assert re.findall(r'class="(\w+)" x="([\d.]+)" width="([\d.]+)"', html) == [
        ("unanimous", "0.0", "600.0"),
        ("unresolved", "600.0", "400.0"),
    ]


def test_progress_is_words_and_a_bar() -> None:
    html = macro('progress(1212, 1482, "Coded")', "charts")
    assert "1,212 of 1,482" in html
    assert '<progress value="1212" max="1482" aria-label="Coded">' in html
    assert 'max="1"' in macro('progress(0, 0, "Coded")', "charts")


def test_an_empty_page_says_what_to_do_first() -> None:
    html = macro('empty("No rounds", "Open one.", "Open a round", "/new")', "words")
    assert '<a class="button first" href="/new">Open a round</a>' in html
    assert "<a" not in macro('empty("No rounds", "Wait for the lead.")', "words")


def test_facts_are_a_list_of_terms() -> None:
    assert "<dt>Posts</dt><dd>3</dd>" in macro('facts([("Posts", 3)])', "words")


def test_steps_say_where_one_is() -> None:
    html = macro('steps(["File", "Columns", "Done"], 2)', "words")
    assert re.findall(r"<li([^>]*)>", html) == [' class="done"', ' aria-current="step"', ""]


def test_a_pager_offers_only_pages_there_are() -> None:
    html = macro('pager("Page 1 of 2", next="?page=2")', "words")
    assert 'rel="next" href="?page=2"' in html
    assert 'rel="prev"' not in html


def test_what_stands_at_a_field_is_listed_once() -> None:
    said = "All of these posts are in a round already."
    html = macro("problems(form)", "forms", form=blank().refused(Refusal(said, {"used": said})))
    assert html.count(said) == 1
    assert 'href="#f-used"' in html


def test_a_round_is_named_once() -> None:
    assert macro("round_name(2, 'Round 2')", "words").strip() == "Round 2"
    assert macro("round_name(2, 'Pilot <1>')", "words").strip() == "Round 2: <bdi>Pilot &lt;1&gt;</bdi>"

import pytest
from server.projects.roles import Role
from tests import make
from tests.browser.test_desk import Desk
from tests.browser.test_desk_conditions import VARIABLES, WHEN, choose
pytestmark = pytest.mark.browser

def test_shots(live, new_page):
    with live.database.writing() as db:
        project = make.project(db)
        annotator = make.member(db, project, Role.ANNOTATOR, "annotator")
        lead = make.member(db, project, Role.LEAD, "lead")
        book = make.published(db, project, VARIABLES, WHEN)
        make.round_(db, project, book, make.posts(db, project, 3), [annotator])
    desk = Desk(live, annotator, f"/projects/{annotator.project_key}/rounds/1/code")
    ed = Desk(live, lead, f"/projects/{annotator.project_key}/codebook")
    opts = dict(viewport=dict(width=375, height=800), color_scheme="dark")
    page = ed.signed_in(new_page(**opts), "draft/variables/why")
    page.screenshot(path="/tmp/shot_form_phone.png", full_page=True)
    page = desk.signed_in(new_page(**opts))
    page.screenshot(path="/tmp/shot_desk0_phone.png")
    for value in ("v-expression-attachment", "v-stance-against"):
        page.locator(f"label[for=f-{value}]").scroll_into_view_if_needed()
        page.locator(f"#f-{value}").dispatch_event("click")
    page.screenshot(path="/tmp/shot_desk_phone.png", full_page=True)

"""A study in which every page has something to show: long words, Arabic, several rounds and versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from sqlmodel import Session, col, select

from server.accounts.actions import make_reset_link
from server.accounts.models import Account
from server.accounts.queries import hash_token
from server.adjudication.actions import Sent, decide
from server.adjudication.answers import table_of
from server.adjudication.batches import accept
from server.adjudication.bulk import propose
from server.adjudication.decision_questions import settled_typed
from server.adjudication.meetings import begin
from server.adjudication.problems import mark
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.adjudication.settings import Settings, save_settings
from server.adjudication.sharing import Sharing
from server.adjudication.standing import token
from server.care.models import ProjectCare, WarningTopic
from server.codebooks.actions import publish_sheet, save_sheet
from server.codebooks.queries import Codebook, codebook, latest_published
from server.codebooks.sheet import CodebookSheet, VariableSheet
from server.coding.actions import take
from server.coding.models import GoldShown, PostQuestion
from server.coding.own_questions import ask
from server.coding.questions_to_lead import answer
from server.coding.spans import Span
from server.corpora import jobs
from server.corpora.actions import keep_upload, receive_file
from server.corpora.mapping import Mapping
from server.corpora.models import ImportJob, Post
from server.corpora.treatment import Treatment
from server.corpora.uploads import packed
from server.gold.models import StandingGold
from server.history.actions import record
from server.norming import second_codings
from server.norming.comments import comment, take_back
from server.norming.compared import revealed_round
from server.norming.second_codings import code_again
from server.projects.access import Access
from server.projects.actions import invite
from server.projects.queries import HANDLE_LENGTH
from server.projects.roles import Role
from server.rounds.models import Round, SilentGold
from server.sample.codebook import CODEBOOK
from server.tokens.actions import make_token
from server.tokens.scopes import Scope
from tests import make
from tests.cast import Cast, make_cast

TEXTS = (
    "I miss talking to it every evening \N{BROKEN HEART} it was the only one who listened #Keep4o",
    "https://example.org/" + "a-very-long-address-without-any-place-to-break-it-" * 5,
    "مرحبا، أشتاق إلى النموذج القديم وأتمنى أن يعود قريبا",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "It was a friend to me.\n\nThe new one is fine, but my reports take twice as long now. " * 6,
)
POSTS_FILE = (
    "post_id,text,author,created_at,topic\n1,hello,ann,2025-08-08,x\n,no id,ben,yesterday,y\n1,again,,,\n"
)
_CODED = [
    f'<PlainTextSelection guid="{place}" name="Round 1" startPosition="0" endPosition="{end}">'
    f'<Coding guid="7{place}" creatingUser="1"><CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'
    for place, (code, end) in enumerate(((3, 4), (3, 99), (4, 9), (3, 5), (8, 5)))
]
PROJECT_FILE = f"""<Project xmlns="urn:QDA-XML:project:1.0" name="Breakfast" origin="Intercoder"><Users>
<User guid="1" name="Ann"/></Users><CodeBook><Codes><Code guid="2" name="Stance"><Description>Key: stance
Kind: single</Description><Code guid="3" name="Against"><Description>Key: against</Description></Code>
<Code guid="4" name="Unclear"><Description>Key: unclear</Description></Code></Code></Codes></CodeBook>
<Sources><TextSource guid="5" name="morning"><PlainTextContent>Granola with milk</PlainTextContent>{_CODED[0]}
</TextSource><TextSource guid="6" name="noon"><PlainTextContent>Granola</PlainTextContent>{"".join(_CODED)}
</TextSource><PDFSource guid="9" name="menu"/></Sources></Project>"""
GOLD_FILE = (
    "post,expression,emotion,stance,note\n"
    "5,relational_attachment,mild,against,Read it.\n31,none,mild,unclear,\n"
)
EXTRA = (
    VariableSheet(key="year", kind="number", label="Since which year?", required=False, minimum=2000.0),
    VariableSheet(key="summary", kind="text", label="What is the post about?", required=False),
)


@dataclass(frozen=True)
class Furnished:
    """Who looks, and what stands in addresses; `edition` is of the codebook's draft."""

    people: dict[str, Access | None]
    parts: dict[str, str]


def furnish(db: Session, mark: str = "") -> Furnished:
    """Fill a database that holds no other such study with the same mark."""
    cast = make_cast(db)
    lead = cast.lead
    db.get_one(Account, lead.account_id).may_create_projects = True
    # Somebody to whom the project can be handed over.
    db.get_one(Account, cast.adjudicator.account_id).password_hash = "none that fits"
    admin = make.account(db, f"server_admin_with_a_name_that_is_quite_long{mark}", is_admin=True)
    make.member(db, cast.project, Role.ANNOTATOR, "left", is_active=False)
    beginner = make.member(db, make.project(db, "A study that begins"), Role.LEAD, "beginner")
    first, newest = _codebooks(db, lead)
    posts = make.posts(db, cast.project, 30, authors=9)
    for number, post in enumerate(posts):
        post.text = f"{TEXTS[number % len(TEXTS)]} {number}"
        post.thread_key = posts[number - number % 6].external_id
        post.parent_key = posts[number - 1].external_id if number % 6 else None
    cast.project.description = "What people write when a model is retired.\n\n" + TEXTS[1]
    _rounds(db, cast, first, newest, posts)
    _care(db, cast, posts[16])
    _decide(db, lead, newest, posts)
    _decide_twice(db, cast, newest, posts)
    _train(db, cast, newest, posts)
    _record_something(db, lead)
    for person, key in ((lead, ""), (cast.annotator, lead.project_key)):
        make_token(db, person.account_id, "A script with quite a long name", tuple(Scope), 9, key)
    question_key = _ask(db, cast)
    _discuss(db, cast, posts)
    waiter = _queue(db)
    return Furnished(
        people={
            "anonymous": None,
            "lead": lead,
            "adjudicator": cast.adjudicator,
            "annotator": cast.annotator,
            "viewer": cast.viewer,
            "admin": replace(lead, account_id=make.id_of(admin)),
            "beginner": beginner,
            "waiter": waiter,
        },
        parts=_parts(db, cast, beginner, posts, f"invitation-token{mark}")
        | {"shared_key": waiter.project_key, "question_key": question_key},
    )


def _ask(db: Session, cast: Cast) -> str:
    """An answered question about the post of the desk and one that waits; returns the key of the latter."""
    ask(db, cast.annotator, 2, 1, TEXTS[1])
    answer(db, cast.lead, _newest_question(db), "It does, as long as the writer means it. " * 9)
    ask(db, cast.annotator, 2, 1, "Is this irony?")
    return _newest_question(db)


def _discuss(db: Session, cast: Cast, posts: Sequence[Post]) -> None:
    """Comments on the pilot, one taken back; two posts coded again by both, otherwise than before."""
    of = revealed_round(db, cast.lead, 1)
    second_codings.ask(db, cast.lead, of, is_open=True)
    stances = ("against", "unclear")
    for place, (annotator, post) in enumerate(
        (annotator, post) for post in posts[:2] for annotator in (cast.annotator, cast.other_annotator)
    ):
        own = revealed_round(db, annotator, 1)
        table = table_of(db, annotator, own.scope, post.number)
        comment(db, annotator, own, table, f"I read it otherwise. {TEXTS[place]}")
        answers = {"v-expression": ("loss_of_quality",), "v-emotion": ("mild",)}
        code_again(db, annotator, own, table, {**answers, "v-stance": (stances[place // 3],)})
    reviewed = table_of(db, cast.lead, of.scope, posts[0].number)
    comment(db, cast.lead, of, reviewed, "Both readings are in the codebook.")
    take_back(db, cast.annotator, of, reviewed, 1)
    db.flush()


def _newest_question(db: Session) -> str:
    return db.scalars(select(PostQuestion.key).order_by(col(PostQuestion.id).desc())).first() or ""


def _care(db: Session, cast: Cast, of: Post) -> None:
    """Something to be warned of, which nobody has to read first here; a hidden post, and time measured."""
    project_id = cast.lead.project_id
    labels = ("violence", TEXTS[3])
    topics = [WarningTopic(project_id=project_id, value=each, label=each, position=0) for each in labels]
    care = ProjectCare(project_id=project_id, warning=TEXTS[4], topic_field="topic", hides="topics")
    care.timed_since, care.shows_author = make.MOMENT, True
    of.extra = {"topic": "violence; grief"}
    db.add_all([*topics, care, of])
    db.flush()


def _queue(db: Session) -> Access:
    """Who waits in a study whose only post is with somebody else."""
    project = make.project(db, "A study with a shared queue")
    waiter, other = (make.member(db, project, Role.ANNOTATOR, name) for name in ("waiter", "faster"))
    make.shared_round(db, project, make.published(db, project), make.posts(db, project, 1), [waiter, other])
    take(db, other, 1)
    return waiter


def _codebooks(db: Session, lead: Access) -> tuple[Codebook, Codebook]:
    """Two versions, and a draft of the next."""
    first = publish_sheet(db, lead, CODEBOOK, note="As we began.")
    more = CodebookSheet(variables=(*CODEBOOK.variables, *EXTRA))
    publish_sheet(db, lead, more, note="Two more questions.")
    newest = latest_published(db, lead.project_id)
    assert newest is not None
    renamed = replace(more.variables[0], label="What does the writer express, all in all?")
    save_sheet(db, lead, CodebookSheet(variables=(renamed, *more.variables[1:-1])))
    assert first == 1
    return codebook(db, newest.version_id - 1), newest


def _rounds(db: Session, cast: Cast, first: Codebook, newest: Codebook, posts: Sequence[Post]) -> None:
    """A revealed one, one in which is coded, and a locked one whose annotators differ."""
    annotators = [cast.annotator, cast.other_annotator]
    late = {"locked_at": make.MOMENT}
    pilot = make.round_(
        db, cast.project, first, posts[:12], annotators, title="Pilot", revealed_at=make.MOMENT, **late
    )
    _code(db, first, pilot, posts[:12], annotators)
    main = make.round_(db, cast.project, newest, posts[12:18], annotators)
    _code(db, newest, main, posts[12:14], [cast.annotator])
    check = make.round_(db, cast.project, newest, posts[18:], annotators, purpose="reliability", **late)
    _code(db, newest, check, posts[18:], annotators)


def _code(db: Session, book: Codebook, of: Round, posts: Sequence[Post], by: Sequence[Access]) -> None:
    stances = ("against", "in_favour", "unclear")
    for place, post in enumerate(posts):
        for who, annotator in enumerate(by):
            differs = who * (place % 3 == 0)
            answers = {
                "expression": ["relational_attachment", "loss_of_quality"][differs : 1 + place % 2 + differs],
                "emotion": ["no_emotion", "mild", "strong", "overwhelming"][(place + differs) % 4],
                "stance": stances[(place + differs) % 3],
            }
            more = {"memo": "Is it irony?", "is_unsure": True} if place == 1 else {}
            if place == 0:
                emotion = book.variable_by_key["emotion"]
                code = emotion.code_by_key[str(answers["emotion"])]
                more["spans"] = [Span(emotion.id, code.id, 2 * who, 6 + who)]
            make.coding(db, book, of, post, annotator, answers, **more)  # type: ignore[arg-type]


def _train(db: Session, cast: Cast, book: Codebook, posts: Sequence[Post]) -> None:
    """A training with gold, two thirds done, one of them wrong; and silent gold in the main round."""
    answers = {"expression": ["relational_attachment"], "emotion": "mild", "stance": "against"}
    trained = make.posts(db, cast.project, 3)
    for post in (*trained, *posts[12:14]):
        note = "Missing it “every evening” is attachment, and not a report of use. " * 3
        make.gold(db, book, post, answers, cast.lead, note=note)
    rule = {"measure": "right", "least": 2, "n_posts": None, "variable": "", "opens": True}
    design = {"shows_gold": True, "pass_rule": rule}
    fields = {"title": "Training", "purpose": "training", "shows_gold": True, "design": design}
    training = make.round_(db, cast.project, book, trained, [cast.annotator], **fields)
    for post, stance in zip(trained[:2], ("against", "unclear"), strict=True):
        coding = make.coding(db, book, training, post, cast.annotator, answers | {"stance": stance})
        gold = select(StandingGold.gold_id).where(StandingGold.post_id == post.id)
        db.add(GoldShown(assignment_id=coding.assignment_id, gold_id=db.exec(gold).one()))
    main = db.exec(select(Round).where(Round.project_id == cast.lead.project_id, Round.number == 2)).one()
    db.add_all(SilentGold(round_id=make.id_of(main), post_id=make.id_of(post)) for post in posts[12:14])
    db.flush()


def _decide(db: Session, lead: Access, book: Codebook, posts: Sequence[Post]) -> None:
    scope, rule = scope_of(db, lead), Rule("unanimous", 2)
    accept(db, lead, scope, rule, propose(db, scope, rule).fingerprint)
    mark(db, lead, scope, posts[18].number, "stance:unclear", "Is irony unclear, or against? " * 4)
    begin(db, lead, (1, 2))
    make.decision(db, book, posts[0], "stance", "against", lead, reason="The writer says so. " * 5)


def _decide_twice(db: Session, cast: Cast, book: Codebook, posts: Sequence[Post]) -> None:
    """Two adjudicators share the queue. They differ on one post, and one waits for the second of them."""
    ids, members = [make.id_of(posts[at]) for at in (21, 24, 27)], (cast.lead, cast.adjudicator)
    seed = next(str(each) for each in range(9999) if _fits(Sharing(_ids(members), True, 50, str(each)), ids))
    save_settings(db, cast.lead, Settings("optional", (1, 2), splits=True, double_percent=50, seed=seed))
    for at in (21, 24):
        make.decision(db, book, posts[at], "stance", "unclear", cast.lead, reason="It may be irony. " * 5)
    scope = scope_of(db, cast.adjudicator)
    table = table_of(db, cast.adjudicator, scope, posts[21].number)
    seen = {each.variable.key: token(cast.adjudicator, each.standing) for each in table.questions}
    typed = {"none-expression": ("on",), "v-emotion": ("mild",), "v-stance": ("against",)}
    sent = Sent({**settled_typed(table), **typed}, seen, "It is not.", is_codebook_unclear=False)
    decide(db, cast.adjudicator, scope, posts[21].number, sent)


def _fits(sharing: Sharing, ids: Sequence[int]) -> bool:
    """Two posts are decided twice, the third once; the first and the third are the second adjudicator's."""
    doubles = [sharing.is_double(each) for each in ids]
    owners = {sharing.owner(each) for each in (ids[0], ids[2])}
    return doubles == [True, True, False] and owners == {sharing.member_ids[1]}


def _ids(members: Sequence[Access]) -> tuple[int, ...]:
    return tuple(sorted(each.member_id for each in members))


def _record_something(db: Session, lead: Access) -> None:
    for number in (1, 2, 3):
        record(
            db,
            project_id=lead.project_id,
            actor_id=lead.account_id,
            action="round.open",
            subject=f"round {number}",
            details={"posts": 12, "seed": 2025},
        )


def _parts(
    db: Session, cast: Cast, beginner: Access, posts: Sequence[Post], invitation: str
) -> dict[str, str]:
    lead = cast.lead
    invite(db, lead, Role.ANNOTATOR, "for the one from the seminar", 7, invitation)
    annotator = db.get_one(Account, cast.annotator.account_id)
    other = db.get_one(Account, cast.other_annotator.account_id)
    answers = "".join(f"{post.external_id},anna,stance,against,,,\n" for post in posts[:3])
    ratings = f"post_id,coder,question,code,value,coder_group,rated_at\n{answers}nowhere,anna,stance,no,,,\n"
    return {
        "project_key": lead.project_key,
        "empty_key": beginner.project_key,
        "number": "2",
        "post": "1",
        "position": "3",
        "comment": "1",
        "earlier": "1",
        "sort": "figures",
        "of": "shares",
        "ending": "svg",
        "variable_key": "stance",
        "code_key": "against",
        "account_name": annotator.name,
        "member_number": "2",
        "name": "stance",
        "handle": hash_token(invitation)[:HANDLE_LENGTH],
        "token": invitation,
        "reset_token": make_reset_link(db, None, other.name),
        "upload_key": receive_file(db, lead, "posts.csv", packed(BytesIO(POSTS_FILE.encode()))),
        "gold_key": keep_upload(db, lead, "gold", "gold.csv", packed(BytesIO(GOLD_FILE.encode()))),
        "faulty_gold_key": keep_upload(db, lead, "gold", "gold.csv", packed(BytesIO(b"post,stanse\n1,x\n"))),
        "ratings_key": keep_upload(db, lead, "ratings", "ratings.csv", packed(BytesIO(ratings.encode()))),
        "refused_key": _refused_import(db, lead),
        "qdpx_key": keep_upload(db, lead, "qdpx", "study.qde", packed(BytesIO(PROJECT_FILE.encode()))),
    }


def _refused_import(db: Session, lead: Access) -> str:
    """A large import that came to nothing; one that goes on would be looked at again and again by itself."""
    key = receive_file(db, lead, "large.csv", packed(BytesIO(POSTS_FILE.encode())))
    wish = jobs.Wish(key, Mapping(id="post_id", text="text"), Treatment(), "", {})
    job = db.get_one(ImportJob, jobs.begin(db, lead, wish, 3, "nobody"))
    job.phase, job.problem, job.finished_at = "refused", "The file has changed since.", make.MOMENT
    db.flush()
    return key

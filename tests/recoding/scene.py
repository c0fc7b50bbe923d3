"""A study whose first version had a code too many: `longing` was merged into `attachment` in the second."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from server.codebooks.models import Code, CodeOrigin, EntryChange, Fate, Variable
from server.codebooks.queries import Codebook
from server.corpora.models import Post
from server.rounds.models import Round
from tests import make
from tests.cast import Cast

FIRST = {
    "expression": ("multiple", ("attachment", "longing", "quality")),
    "stance": ("single", ("against", "wary", "favour")),
}
SECOND = {
    "expression": ("multiple", ("attachment", "quality")),
    "stance": ("single", ("against", "favour")),
}
SAID = (
    {"annotator": (["longing"], "wary"), "other_annotator": (["attachment"], "against")},
    {"annotator": (["longing", "attachment"], "favour"), "other_annotator": (["quality"], "favour")},
    {"annotator": ([], "wary"), "other_annotator": (["quality"], "wary")},
)


@dataclass(frozen=True)
class Scene:
    """The study after its second version: who is in it, both versions, its posts, its coded round."""

    cast: Cast
    first: Codebook
    second: Codebook
    posts: list[Post]
    round: Round

    def code(self, db: Session, variable: str, key: str) -> int:
        """The id of a code of any version."""
        return make.id_of(
            db.exec(
                select(Code)
                .join(Variable, col(Variable.id) == col(Code.variable_id))
                .where(Variable.project_id == self.cast.project.id, Variable.key == variable, Code.key == key)
            ).one()
        )


def coded_study(db: Session, cast: Cast, *, locked: bool = True) -> Scene:
    """Three posts coded by two annotators under the first version; the second is published."""
    first = make.published(db, cast.project, FIRST)
    posts = make.posts(db, cast.project, len(SAID))
    coders = [cast.annotator, cast.other_annotator]
    when = make.MOMENT if locked else None
    round_ = make.round_(db, cast.project, first, posts, coders, locked_at=when)
    for post, said in zip(posts, SAID, strict=True):
        for coder in coders:
            name = "annotator" if coder is cast.annotator else "other_annotator"
            expression, stance = said[name]
            make.coding(db, first, round_, post, coder, {"expression": expression, "stance": stance})
    return Scene(cast, first, make.published(db, cast.project, SECOND), posts, round_)


def merged(db: Session, scene: Scene, fate: Fate = Fate.MAP) -> None:
    """`longing` became `attachment`, and `wary` became `against`, in the second version."""
    for variable, origin, heir in (("expression", "longing", "attachment"), ("stance", "wary", "against")):
        old, new = scene.code(db, variable, origin), scene.code(db, variable, heir)
        of = {"version_id": scene.second.version_id}
        asked = scene.second.variable_by_key[variable].id
        db.add(CodeOrigin(**of, code_id=new, origin_id=old))
        db.add(EntryChange(**of, variable_id=asked, code_id=old, is_semantic=True, fate=fate.value))
    db.flush()

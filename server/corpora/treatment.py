"""What the lead wishes to become of the posts of a file before they are stored, in the order of the steps.

Entities are read first, then repeats are looked for, then a sample is drawn, and names are masked last: who
wrote a post may decide whether it is drawn.
"""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256

from server.corpora.alike import near_texts, said_before, same_texts
from server.corpora.compact import Lazy
from server.corpora.drawing import Drawn, draw
from server.corpora.mapping import DraftedPosts, PostDraft, RowNotice
from server.corpora.masking import link_without_name, masked, pseudonymised, with_characters, without_mentions
from server.language import _, ngettext, number

LINK, DROP = "link", "drop"
REPEATS = "repeats"
_STRATA_SAID = 20
_LINKS_COUNTED = 20_000


@dataclass(frozen=True)
class Treatment:
    """What to do. `exact` and `near` are `keep`, `link` or `drop`, or empty where nobody looks.

    `sample` is empty, `random`, `field`, `day` or `author`; `size` counts for each group, and `field` is a
    column of the file.
    """

    entities: bool = False
    exact: str = ""
    near: str = ""
    sample: str = ""
    size: int = 0
    field: str = ""
    seed: int = 1
    pseudonyms: bool = False
    mentions: bool = False

    @property
    def told(self) -> dict[str, str | int | bool]:
        """What differs from storing the posts as they are, for the history."""
        plain = asdict(Treatment())
        told = {name: value for name, value in asdict(self).items() if value != plain[name]}
        return told | {"seed": self.seed} if self.sample else told


def treated(
    posts: DraftedPosts, wanted: Treatment, key: bytes, stored: Iterable[tuple[int, str, str]] = ()
) -> DraftedPosts:
    """The posts as they are to be stored, and what is said of those that are not.

    `stored` are number, id and text of the posts that the project has; they are read if repeats are wanted.
    """
    return _Course(posts, wanted, key, stored).outcome() if wanted.told else posts


class _Course:
    """One treatment of all posts. Places count in the order of the file."""

    def __init__(
        self,
        posts: DraftedPosts,
        wanted: Treatment,
        key: bytes,
        stored: Iterable[tuple[int, str, str]],
    ) -> None:
        self._posts, self._wanted, self._key = posts, wanted, key
        self._drafts: Sequence[PostDraft] = Lazy(range(len(posts.drafts)), self._read)
        texts = Lazy(range(len(posts.drafts)), lambda place: self._drafts[place].text)
        looks = wanted.exact or wanted.near
        self._same = same_texts(texts) if looks else range(len(texts))
        self._first = near_texts(texts, self._same) if wanted.near else self._same
        self._before = self._said_before(stored) if looks else {}

    def _said_before(self, stored: Iterable[tuple[int, str, str]]) -> dict[int, tuple[int, str]]:
        ids, texts = (draft.external_id for draft in self._drafts), (draft.text for draft in self._drafts)
        # The posts of the project were masked when they came.
        return said_before(ids, map(without_mentions, texts) if self._wanted.mentions else texts, stored)

    def _read(self, place: int) -> PostDraft:
        draft = self._posts.drafts[place]
        return with_characters(draft) if self._wanted.entities else draft

    def outcome(self) -> DraftedPosts:
        """The posts that are left, and what is said of the others."""
        repeats = (
            place for place, first in enumerate(self._first) if place != first or place in self._before
        )
        repeated = array("q", repeats)
        dropped = {place for place in repeated if self._fate(place) == DROP}
        kept = array("q", (place for place in range(len(self._drafts)) if place not in dropped))
        drawn = self._drawn(kept)
        places = kept if drawn is None else array("q", (kept[at] for at in drawn.places))
        fractions = None if drawn is None else drawn.fractions

        def final(at: int) -> PostDraft:
            return self._final(places[at], None if fractions is None else fractions[at])

        said = f"{self._posts.digest}{asdict(self._wanted)}{list(self._before.items())}"
        seal = sha256(said.encode() + places.tobytes())
        return replace(
            self._posts,
            drafts=Lazy(range(len(places)), final),
            digest=seal.hexdigest(),
            alike=Lazy(repeated, self._notice),
            n_dropped=len(dropped),
            n_undrawn=len(kept) - len(places),
            said=(
                *self._posts.said,
                *(() if drawn is None else self._said(drawn)),
                *(self._about_links(places) if self._wanted.pseudonyms else ()),
            ),
        )

    def _about_links(self, places: Sequence[int]) -> Iterator[str]:
        """What becomes of links that say who wrote a post; counted where that takes no time."""
        if len(places) > _LINKS_COUNTED:
            yield _(
                "Links that name an account are kept in a form without it, or left out where none exists."
            )
            return
        drafts = (self._drafts[place] for place in places)
        links = [(draft.link, link_without_name(draft.link, draft.author)) for draft in drafts if draft.link]
        if n := sum(shown is not None and shown != link for link, shown in links):
            yield ngettext(
                "{n} link is kept in a form without the name of an account.",
                "{n} links are kept in a form without the name of an account.",
                n,
            ).format(n=number(n))
        if n := sum(shown is None for _link, shown in links):
            yield ngettext(
                "{n} link names an account and is left out, since its platform has no form without it.",
                "{n} links name an account and are left out, since their platforms have no form without it.",
                n,
            ).format(n=number(n))

    def _fate(self, place: int) -> str:
        is_exact = self._same[place] != place or place in self._before
        return (self._wanted.exact or self._wanted.near) if is_exact else self._wanted.near

    def _notice(self, place: int) -> RowNotice:
        said = self._likeness(place)
        fates = {
            LINK: _("It is kept with the id of that post."),
            DROP: _("It is not imported."),
        }
        fate = fates.get(self._fate(place), _("It is kept."))
        return RowNotice(self._drafts[place].row_number, f"{said} {fate}")

    def _likeness(self, place: int) -> str:
        if place in self._before:
            said = _("The text is that of post {number} of the project, but for case, white space and links.")
            return said.format(number=self._before[place][0])
        said = _("The text is nearly that of row {row}.")
        if self._same[place] != place:
            said = _("The text is that of row {row}, but for case, white space and links.")
        return said.format(row=self._repeated[self._first[place]][0])

    def _final(self, place: int, fraction: float | None) -> PostDraft:
        draft = self._drafts[place]
        is_repeated = self._first[place] != place or place in self._before
        if is_repeated and self._fate(place) == LINK:
            draft = draft._replace(extra=draft.extra | {REPEATS: self._id_of_first(place)})
        if self._wanted.pseudonyms:
            draft = pseudonymised(draft, self._key)
        if self._wanted.mentions:
            draft = masked(draft)
        return draft._replace(sampling_fraction=fraction)

    def _id_of_first(self, place: int) -> str:
        """The id of the post that one repeats, in the project or else in the file."""
        first = self._first[place]
        before = self._before.get(place) or self._before.get(first)
        return before[1] if before else self._repeated[first][1]

    @cached_property
    def _repeated(self) -> dict[int, tuple[int, str]]:
        """Row number and id of each post that others repeat: found on one way, not by going back for each."""
        wanted = {first for place, first in enumerate(self._first) if place != first}
        return {
            place: (draft.row_number, draft.external_id)
            for place, draft in enumerate(self._posts.drafts)
            if place in wanted
        }

    def _drawn(self, kept: Sequence[int]) -> Drawn | None:
        if not self._wanted.sample:
            return None
        groups = [self._group(place) for place in kept]
        return draw(groups, 1 if self._wanted.sample == "author" else self._wanted.size, self._wanted.seed)

    def _group(self, place: int) -> Hashable:
        draft, sample = self._drafts[place], self._wanted.sample
        if sample == "day":
            return draft.posted_at.date().isoformat() if draft.posted_at else ""
        if sample == "author":
            # A post without an author is nobody else's.
            return draft.author or place
        return draft.extra.get(self._wanted.field, "") if sample == "field" else ""

    def _said(self, drawn: Drawn) -> tuple[str, ...]:
        n_all = sum(total for _taken, total in drawn.strata.values())
        whole = _("Drawn by chance: {n} of {all} posts, with the seed {seed}.").format(
            n=number(len(drawn.places)), all=number(n_all), seed=self._wanted.seed
        )
        if self._wanted.sample not in {"day", "field"}:
            return (whole,)
        strata = sorted(drawn.strata.items(), key=lambda item: str(item[0]))
        shown = [
            _("{group}: {n} of {all}").format(group=group or _("none"), n=number(taken), all=number(total))
            for group, (taken, total) in strata[:_STRATA_SAID]
        ]
        more = ["…"] if len(strata) > _STRATA_SAID else []
        return (whole, "; ".join([*shown, *more]))

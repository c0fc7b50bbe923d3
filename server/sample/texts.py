"""The words of the invented posts: hand-written lines, put together to show what is true of each."""

from dataclasses import dataclass, field
from datetime import timedelta

from server.sample.codebook import EXPRESSION_KEYS
from server.sample.dice import Dice
from server.sample.lines import Decks, Line, filled
from server.sample.truth import FIRST_DAY, TruePost
from server.sample.voices import Voice, draw_voice, spoken

FEWEST_WORDS, MOST_WORDS = 8, 60

_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SLUGS = ("keep4o", "open-letter", "notes", "thread", "4o-list", "petition-4o", "how-to", "week", "compare")
_REPLY_SHARE, _OWN_THREAD_SHARE = 0.13, 0.35
_THREAD_REACH = 40
_HINTED = {"unclear": 0.35, "ambivalent": 0.3, "against": 0.1, "in_favour": 0.0}


@dataclass(frozen=True)
class Draft:
    """A post in words, and how hard its words make it to code.

    `faint` holds the codes that are shown only faintly, `hinted` those that a hasty reader may see.
    `parent` is the index of the post that it answers.
    """

    text: str
    faint: frozenset[str]
    hinted: frozenset[str]
    parent: int | None


@dataclass
class _Pieces:
    """What a post will say, in order, before it is said in the author's voice."""

    core: list[Line] = field(default_factory=list)
    before: list[Line] = field(default_factory=list)
    after: list[Line] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """All lines in the order in which they are said."""
        return [*self.before, *self.core, *self.after]

    def emotion(self) -> int:
        """The strongest emotion that has been put into words."""
        return max((line.emotion for line in self.lines()), default=0)

    def length(self) -> int:
        """The number of words, before mistakes."""
        return sum(len(line.text.split()) for line in self.lines())


class Writer:
    """Writes posts one after another, and never the same text twice."""

    def __init__(self, seed: int, posts: list[TruePost]) -> None:
        self._seed = seed
        self._posts = posts
        self._decks = Decks()
        self._texts: set[str] = set()
        self._voices: dict[int, Voice] = {}

    def write(self, index: int) -> Draft:
        """The words of one post."""
        for attempt in range(100):
            draft = self._attempt(index, Dice(self._seed, "text", index, attempt))
            if draft.text not in self._texts and _fits(draft.text):
                self._texts.add(draft.text)
                return draft
        raise ValueError(index)

    def _attempt(self, index: int, dice: Dice) -> Draft:
        """One way to put the post into words."""
        post = self._posts[index]
        parent = self._parent(index, dice)
        pieces, hinted = self._pieces(post, dice)
        self._frame(pieces, post, parent, dice)
        voice = self._voice(post.author)
        words = voice.words | _moment(post, dice)
        said = [filled(line.text, words, dice) for line in pieces.lines()]
        text = self._tagged(spoken(said, post.emotion, voice, dice), voice, dice)
        faint = frozenset(line.topic for line in pieces.core if line.faint)
        return Draft(text, faint, hinted, parent)

    def _voice(self, author: int) -> Voice:
        """How this author writes, always the same."""
        if author not in self._voices:
            self._voices[author] = draw_voice(Dice(self._seed, "voice", author))
        return self._voices[author]

    def _parent(self, index: int, dice: Dice) -> int | None:
        """The recent post that this one answers, if it answers one: sometimes the author's own."""
        if not dice.chance(_REPLY_SHARE):
            return None
        recent = range(max(0, index - _THREAD_REACH), index)
        author = self._posts[index].author
        own = [earlier for earlier in recent if self._posts[earlier].author == author]
        others = [earlier for earlier in recent if self._posts[earlier].author != author]
        candidates = own if own and dice.chance(_OWN_THREAD_SHARE) else others
        return dice.pick(candidates) if candidates else None

    def _pieces(self, post: TruePost, dice: Dice) -> tuple[_Pieces, frozenset[str]]:
        """The lines that carry the codes, the stance and the emotion, and the codes only hinted at."""
        pieces = _Pieces()
        if post.codes:
            self._say_codes(pieces, post, dice)
            hinted = self._hint(pieces, post, dice, 0.06 if len(post.codes) == 1 else 0.0)
        else:
            hinted = self._hint(pieces, post, dice, _HINTED[post.stance])
            if not hinted or post.stance != "unclear":
                self._say(pieces.core, f"{post.stance}_alone", post, dice, peak=True)
        if pieces.emotion() < post.emotion:
            self._say(pieces.after, "feelings", post, dice, exactly=True)
        return pieces, hinted

    def _say_codes(self, pieces: _Pieces, post: TruePost, dice: Dice) -> None:
        """A line for each code, the first as emotional as the post, and a word on the stance."""
        for number, key in enumerate(dice.shuffled([key for key in EXPRESSION_KEYS if key in post.codes])):
            self._say(pieces.core, key, post, dice, peak=number == 0)
        if post.stance == "ambivalent":
            self._say(pieces.after, "ambivalent", post, dice)
        elif dice.chance(0.5 if post.emotion == 0 else 0.12):
            self._say(pieces.after, "against", post, dice)

    def _hint(self, pieces: _Pieces, post: TruePost, dice: Dice, share: float) -> frozenset[str]:
        """Perhaps a line that sounds like a code without meeting its definition."""
        if not dice.chance(share):
            return frozenset()
        line = self._decks.draw(
            "hints",
            str(post.author),
            dice,
            lambda line: line.emotion <= post.emotion and line.topic not in post.codes,
        )
        if line is None:
            return frozenset()
        pieces.after.append(line)
        return frozenset({line.topic})

    def _say(
        self,
        said: list[Line],
        name: str,
        post: TruePost,
        dice: Dice,
        *,
        peak: bool = False,
        exactly: bool = False,
    ) -> None:
        """Add a line of the bank that is not more emotional than the post; at its peak if possible."""
        author = str(post.author)
        line = None
        if exactly or (peak and dice.chance(0.5)):
            line = self._decks.draw(name, author, dice, lambda line: line.emotion == post.emotion)
        line = line or self._decks.draw(name, author, dice, lambda line: line.emotion <= post.emotion)
        if line is not None:
            said.append(line)

    def _frame(self, pieces: _Pieces, post: TruePost, parent: int | None, dice: Dice) -> None:
        """Openings and endings, more of them the shorter the post is."""
        author = str(post.author)
        if parent is not None and self._posts[parent].author != post.author:
            agrees = self._posts[parent].stance == post.stance
            opening = self._decks.draw("replies", author, dice, lambda line: agrees or line.emotion == 0)
            pieces.before.extend([opening] if opening else [])
        elif dice.chance(0.24):
            opening = self._decks.draw("openers", author, dice, lambda _: True)
            pieces.before.extend([opening] if opening else [])
        short = pieces.length() < FEWEST_WORDS + 1
        if short or (dice.chance(0.15) and pieces.length() < 40):
            ending = self._decks.draw("closers", author, dice, lambda _: True)
            pieces.after.extend([ending] if ending else [])

    def _tagged(self, text: str, voice: Voice, dice: Dice) -> str:
        """The text with its hashtag, at the end, on a line of its own or in front."""
        if not dice.chance(voice.tags):
            return text
        tag = self._decks.draw("tags", "", dice, lambda _: True)
        label = tag.text if tag else ""
        if dice.chance(0.06):
            return f"{label} {text}"
        return text + ("\n\n" if dice.chance(voice.breaks) else " ") + label


def write_all(seed: int, posts: list[TruePost]) -> list[Draft]:
    """The words of all posts in order."""
    writer = Writer(seed, posts)
    return [writer.write(index) for index in range(len(posts))]


def _fits(text: str) -> bool:
    """Whether the text is neither too short nor too long."""
    return FEWEST_WORDS <= len(text.split()) <= MOST_WORDS


def _moment(post: TruePost, dice: Dice) -> dict[str, str]:
    """Words that depend on when the post was written; the switch came the day before the first post."""
    number = (post.posted_at - FIRST_DAY) // timedelta(days=1) + 1
    count = f"{_COUNTED[number]} day{'' if number == 1 else 's'}"
    since = (
        "the switch",
        "the update",
        "yesterday" if number == 1 else "last week" if number > 6 else "the switch",
    )
    return {
        "n": str(number),
        "day": f"day {_COUNTED[number]}",
        "day2": count,
        "since": dice.pick(since),
        "slug": dice.pick(_SLUGS),
        "weekday": post.posted_at.strftime("%A").lower(),
    }

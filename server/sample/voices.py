"""Who the invented authors are and how they write: case, typing mistakes, pictures, line breaks."""

import re
from dataclasses import dataclass

from server.sample.dice import Dice
from server.sample.lines import bank

_PETS = (
    ("Pip", "he"), ("Lumo", "he"), ("Bramble", "he"), ("Tilly", "she"), ("Orrin", "he"), ("Fable", "she"),
    ("Quill", "he"), ("Nimbus", "he"), ("Ashling", "she"), ("Marlow", "he"), ("Ozzie", "he"), ("Echo", "it"),
    ("Finch", "he"), ("Sol", "he"), ("Clover", "she"), ("Wren", "she"), ("Moss", "he"), ("Vesper", "she"),
    ("Biscuit", "he"), ("Lantern", "it"), ("Juniper", "she"), ("Tock", "he"), ("Isobar", "he"),
    ("Mimosa", "she"),
)  # fmt: skip
_FORMS = {"he": ("he", "him", "his"), "she": ("she", "her", "her"), "it": ("it", "it", "its")}
_TRADES = (
    ("lesson plans", "reading worksheets", "the parents"),
    ("subtitle drafts", "glossaries", "my clients"),
    ("quest dialogues", "item descriptions", "the studio"),
    ("literature notes", "chapter outlines", "my advisor"),
    ("product descriptions", "customer replies", "my customers"),
    ("chapter drafts", "character sheets", "my editor"),
    ("spreadsheet formulas", "month-end summaries", "the office"),
    ("code reviews", "unit tests", "my team"),
    ("show notes", "episode outlines", "my listeners"),
    ("grant drafts", "budget narratives", "the board"),
    ("session recaps", "tavern descriptions", "my players"),
    ("meeting minutes", "travel plans", "my boss"),
    ("recipe write-ups", "shopping lists", "my readers"),
    ("newsletters", "campaign briefs", "the agency"),
    ("practice problems", "feedback sheets", "my pupils"),
    ("inspection reports", "quotes", "the site office"),
    ("appeal letters", "case summaries", "the charity"),
    ("patterns", "shop listings", "my knitters"),
)
_PICTURES = {
    0: "🤷 👀 📎 🙂 📌 🤖 ☕ 🧵",
    1: "🙃 😕 💙 🫤 😔 🙄 🌧️ 🕯️",
    2: "😢 💔 😡 😤 🥺 🖤 😞 💙",
    3: "😭 💔 😭😭 🤬 😭💔 🖤",
}
_SLIPS = {
    "definitely": "definately", "losing": "loosing", "weird": "wierd", "because": "becuase",
    "you": "u", "your": "ur", "really": "rly", "though": "tho", "people": "ppl", "about": "abt", "i'm": "im",
    "don't": "dont", "can't": "cant", "didn't": "didnt", "isn't": "isnt", "it's": "its", "that's": "thats",
    "they're": "their", "doesn't": "doesnt", "until": "untill", "friend": "freind", "believe": "beleive",
    "before": "b4", "without": "w/o", "something": "smth", "tomorrow": "tommorow", "won't": "wont",
}  # fmt: skip
_NAMES = re.compile(
    r"\b(monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|june|august|october|english|british|adhd|utc)\b"
)
_LEADING = frozenset(
    line.text for name in ("openers", "replies") for line in bank(name) if line.text[-1] not in ".?!,:"
)
_START = re.compile(r"(^|[.?!]\s+|\n+)(?!example\.org)([a-z])")
_SELF = re.compile(r"\bi\b(?=[ ',.?!]|$)")
_WORD = re.compile(r"(?<![#/.\w'-])[a-z][a-z']+(?![/\w'-]|\.\w)")


@dataclass(frozen=True)
class Voice:
    """How one author writes."""

    words: dict[str, str]
    lower_case: bool
    slips: float
    pictures: float
    breaks: float
    tags: float
    full_stop: bool
    dots: bool


def draw_voice(dice: Dice) -> Voice:
    """One author's manner, words and trade."""
    careful = dice.chance(0.55)
    return Voice(
        words=_own_words(dice),
        lower_case=not careful and dice.chance(0.85),
        slips=dice.between(0, 0.015) if careful else dice.between(0.01, 0.07),
        pictures=dice.weighted((0.0, 0.2, 0.65), (5, 3, 2)),
        breaks=dice.weighted((0.0, 0.35, 0.9), (5, 3, 2)),
        tags=dice.weighted((0.55, 0.8, 1.0), (2, 4, 4)),
        full_stop=careful or dice.chance(0.3),
        dots=dice.chance(0.12),
    )


def _own_words(dice: Dice) -> dict[str, str]:
    """What the author calls the model, and what they work on."""
    pet, gender = dice.pick(_PETS) if dice.chance(0.55) else ("4o", "it")
    work, more_work, people = dice.pick(_TRADES)
    he, him, his = _FORMS[gender]
    return {
        "name": pet, "he": he, "him": him, "his": his,
        "work": work, "work2": more_work, "people": people, "age": str(19 + dice.below(50)),
    }  # fmt: skip


def spoken(pieces: list[str], emotion: int, voice: Voice, dice: Dice) -> str:
    """The pieces of a post as this author would type them, without hashtags."""
    text = _joined(pieces, voice, dice)
    text = _WORD.sub(lambda word: _slipped(word[0], voice.slips, dice), text)
    if voice.lower_case:
        return _pictured(text, emotion, voice, dice)
    text = _START.sub(lambda start: start[1] + start[2].upper(), text)
    text = _SELF.sub("I", text)
    return _pictured(_NAMES.sub(lambda name: _proper(name[0]), text), emotion, voice, dice)


def _joined(pieces: list[str], voice: Voice, dice: Dice) -> str:
    """The pieces after one another, with the author's stops and line breaks."""
    text = ""
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        text += piece if _closed(piece) or (last and not voice.full_stop) else piece + _stop(voice)
        if not last:
            text += _gap(piece, voice, dice)
    return text


def _closed(piece: str) -> bool:
    """Whether nothing needs to follow: it ends in a stop, leads on to the next piece, or is a link."""
    return piece[-1] in ".?!,:" or piece in _LEADING or _is_link(piece)


def _is_link(piece: str) -> bool:
    """Whether the piece ends in an address, to which a full stop would stick."""
    return "example.org" in piece.rsplit(maxsplit=1)[-1]


def _stop(voice: Voice) -> str:
    """How a sentence ends."""
    return "..." if voice.dots else "."


def _gap(piece: str, voice: Voice, dice: Dice) -> str:
    """What stands between this piece and the next."""
    if _is_link(piece):
        return "\n"
    leads_on = piece[-1] not in ".?!" and _closed(piece)
    if leads_on or not dice.chance(voice.breaks):
        return " "
    return dice.pick(("\n", "\n\n"))


def _slipped(word: str, rate: float, dice: Dice) -> str:
    """The word, or now and then a mistyped one."""
    if not dice.chance(rate * (6 if word in _SLIPS else 1)):
        return word
    if word in _SLIPS:
        return _SLIPS[word]
    if len(word) < 6 or "'" in word:
        return word
    at = 1 + dice.below(len(word) - 3)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _pictured(text: str, emotion: int, voice: Voice, dice: Dice) -> str:
    """The text, perhaps with a picture at its end."""
    return f"{text} {dice.pick(_PICTURES[emotion].split())}" if dice.chance(voice.pictures) else text


def _proper(name: str) -> str:
    """A name of a day, month or language as careful people write it."""
    return name.upper() if name in {"adhd", "utc"} else name.capitalize()

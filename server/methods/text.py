"""The whole methods text, paragraph by paragraph, in the language that is in use. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.language import gettext as _
from server.methods.facts import Facts
from server.methods.on_agreement import about_agreement
from server.methods.on_coding import about_coding
from server.methods.on_posts import about_posts
from server.methods.on_results import about_decisions, about_results
from server.methods.wording import Sentence, joined, plain


@dataclass(frozen=True)
class Paragraph:
    """A heading and the sentences below it, one after the other."""

    heading: str
    text: Sentence

    @property
    def plain(self) -> str:
        """Its words without their sources."""
        return plain(self.text)


def paragraphs(facts: Facts) -> tuple[Paragraph, ...]:
    """What can be said, in the order of a paper; a part of which nothing is known is left out."""
    return tuple(_kept(facts))


def _kept(facts: Facts) -> Iterator[Paragraph]:
    parts: tuple[tuple[str, Iterable[Sentence]], ...] = (
        (_("Data"), about_posts(facts)),
        (_("Coding"), about_coding(facts)),
        (_("Reliability"), about_agreement(facts)),
        (_("Disagreements"), about_decisions(facts)),
        (_("Final shares"), about_results(facts)),
    )
    for heading, sentences in parts:
        text = joined(sentences)
        if text:
            yield Paragraph(heading, text)


def plain_text(of: Iterable[Paragraph]) -> str:
    """The text to be copied: a paragraph a line, without headings."""
    return "\n\n".join(each.plain for each in of)

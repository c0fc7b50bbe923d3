"""Figures as files: what is in them, how large they are, and that nothing of theirs is left to chance."""

import re
import struct
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from server.figures import (
    Cell,
    Course,
    Estimate,
    Format,
    Group,
    Intervals,
    Matrix,
    Moment,
    Scale,
    Subject,
    Width,
    drawn,
)
from server.figures.letters import BODY, width_of, with_room, wrapped

SCALE = Scale(0.0, 0.4, "Share of posts", ((0.0, "0 %"), (0.2, "20 %"), (0.4, "40 %")), ((0.3, ".300"),))
ROWS = (
    Estimate("Attachment", 0.27, 0.24, 0.3, "27 % (24 to 30)", (0.35,)),
    Estimate("Nothing can be said of this", None, None, None, "undefined", (None,)),
)
INTERVALS = Intervals(
    "What is expressed?", "N = 1,482 posts.", SCALE, (Group("First", ROWS),), ("share", "at most")
)
COURSE = Course(
    "By day", "N = 9 posts.", SCALE, "Day", tuple(Moment(at, ROWS[0]) for at in (1, 2, 4)), ("share",)
)
CELLS = (("A", (Cell("3", 0.9), Cell("–"))), ("B", (Cell("0"), Cell("7"))))
MATRIX = Matrix("Together", "N = 3.", "Rows: one", "Columns: other", ("A", "B"), CELLS)
# What a codebook may hold: other directions, letters that the font lacks, mathematics, what is no letter.
STRANGE = "مرحبا תמיכה 漢字 देवनागरी 😀 $x^2$ <b>&amp; \x00\ufffe \ud800"


def words(svg: bytes) -> list[str]:
    return [
        "".join(node.itertext())
        for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (INTERVALS, ["What is expressed?", "First", "Attachment", "27 % (24 to 30)", "undefined", ".300"]),
        (INTERVALS, ["Nothing can be said of this", "20 %", "share", "at most", "N = 1,482 posts."]),
        (COURSE, ["By day", "Day", "Attachment", "Share of posts", "40 %", ".300", "share", "N = 9 posts."]),
        (MATRIX, ["Together", "→ Columns: other", "↓ Rows: one", "A", "3", "7", "–", "N = 3."]),
    ],
)  # fmt: skip
def test_an_svg_holds_every_word_as_text(subject: Subject, said: list[str]) -> None:
    found = words(drawn(subject, Format.SVG))
    assert set(said) <= set(found)


def test_an_svg_is_as_wide_as_a_column_and_the_same_each_time() -> None:
    file = drawn(INTERVALS, Format.SVG, Width.COLUMN)
    width = ElementTree.fromstring(file).attrib["width"]
    assert float(width.removesuffix("pt")) == pytest.approx(85 / 25.4 * 72, abs=0.01)
    assert drawn(INTERVALS, Format.SVG, Width.COLUMN) == file
    assert b"dc:date" not in file
    assert drawn(replace(INTERVALS, title="Another"), Format.SVG, Width.COLUMN) != file


def test_marks_stand_where_the_scale_has_them() -> None:
    """The end of an interval at 0.3 and the dashed line at 0.3 are at the same place."""
    file = drawn(INTERVALS, Format.SVG).decode()
    dashed = re.search(r'd="M ([\d.]+) [\d.]+ \nL [^"]*"[^>]*dasharray: 1', file)
    strokes = re.findall(r'd="M ([\d.]+) ([\d.]+) \nL ([\d.]+) \2 \n"[^>]*stroke: #00508c', file)
    assert dashed
    assert [float(to) for _from, _at, to in strokes] == pytest.approx([float(dashed[1])], abs=0.001)


def test_a_png_has_300_dots_an_inch() -> None:
    file = drawn(MATRIX, Format.PNG)
    assert file.startswith(b"\x89PNG")
    assert struct.unpack(">I", file[16:20])[0] == int(180 / 25.4 * 300)
    at = file.index(b"pHYs") + 4
    assert struct.unpack(">IIB", file[at : at + 9]) == (11811, 11811, 1)


def test_a_pdf_is_one_page_without_a_date() -> None:
    file = drawn(COURSE, Format.PDF, Width.COLUMN)
    assert file.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", file)) == 1
    assert b"CreationDate" not in file
    assert b"/Type /Font" in file


@pytest.mark.parametrize("kind", Format)
def test_no_label_is_too_strange(kind: Format) -> None:
    strange = Estimate(STRANGE, 0.1, 0.0, 0.2, "")
    subject = Intervals(STRANGE, STRANGE, SCALE, (Group(STRANGE, (strange,)),))
    file = drawn(subject, kind, Width.COLUMN)
    if kind is Format.SVG:
        found = " ".join(words(file))
        assert "漢字 देवनागरी 😀 $x^2$" in found
        assert "<b>&amp;" in found


def test_nothing_known_is_a_figure_too() -> None:
    nothing = Estimate("Nothing", None, None, None, "undefined")
    for subject in (
        Intervals("", "", SCALE, (Group("", (nothing,)),)),
        Course("", "", SCALE, "", (Moment(1, nothing),)),
        Matrix("", "", "", "", ("",), (("", (Cell(""),)),)),
    ):
        assert drawn(subject, Format.SVG, Width.COLUMN)


def test_lines_end_where_there_is_no_room() -> None:
    said = "A sentence of many words and one Donaudampfschifffahrtsgesellschaftskapitän"
    lines = wrapped(said, 30, BODY)
    assert len(lines) > 3
    assert all(width_of(line, BODY) <= 30 for line in lines)
    assert "".join("".join(lines).split()) == "".join(said.split())
    assert wrapped("", 30, BODY) == [""]
    assert wrapped("27\N{NO-BREAK SPACE}% of", width_of("27 %", BODY) * 1.05, BODY) == [
        "27\N{NO-BREAK SPACE}%",
        "of",
    ]


def test_ticks_are_thinned_where_there_is_no_room() -> None:
    ticks = [(float(place), "10 August 2025") for place in range(9)]
    assert with_room(ticks, 400) == ticks
    assert [at for at, _words in with_room(ticks, 80)] == [0, 3, 6]


def test_what_cannot_be_read_does_not_fit() -> None:
    wide = replace(MATRIX, columns=("A",) * 14)
    assert not wide.fits(Width.COLUMN.millimetres)
    assert not Width.COLUMN.holds(14)
    assert wide.fits(Width.PAGE.millimetres)
    assert INTERVALS.fits(Width.COLUMN.millimetres)
    long = replace(INTERVALS, groups=(Group("", ROWS * 31),))
    assert not long.fits(Width.PAGE.millimetres)
    assert not replace(COURSE, moments=COURSE.moments * 30).fits(Width.COLUMN.millimetres)
